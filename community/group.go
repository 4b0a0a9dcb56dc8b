package community

// A Group is an actor with what a reader of its page needs beside it.
type Group struct {
	*Actor
	Membership *Membership  // the reader's; nil when they have none
	Moderators []*Actor     // only where the page shows them
	Helpers    []*GrantView // who has a role that holds, likewise; their notes are not for everybody
	Backfill   *Backfill    // of one that lives elsewhere, where its page is shown; nil if nobody asked its server
	Veiled     bool         // the reader may not read what is said in it, nor learn who is there
	Asking     int          // who waits to be let in, for moderators; up to 100
	NoPolls    bool         // lives with software that refuses them; only where one group is asked for
	NoEvents   bool         // likewise
}

// Veil takes away what reader may not learn of the group.
func (g *Group) Veil(reader *Actor) {
	if g.ShownTo(reader, g.Membership) {
		return
	}
	veiled := *g.Actor
	veiled.MemberCount, veiled.PostCount, veiled.CommentCount, veiled.Posted = 0, 0, 0, 0
	g.Actor, g.Moderators, g.Helpers, g.Veiled = &veiled, nil, nil, true
}

// A Belonging is what somebody is to a group, with who they are.
type Belonging struct {
	*Membership
	Actor *Actor
}

// GroupSort orders a list of groups.
type GroupSort string

// The orders of groups.
const (
	GroupsByMembers GroupSort = "members"
	GroupsByNew     GroupSort = "new"
	GroupsByName    GroupSort = "name"
	GroupsByActive  GroupSort = "active" // most recently posted in
)
