package community

// A Group is an actor with what a reader of its page needs beside it.
type Group struct {
	*Actor
	Membership *Membership // the reader's; nil when they have none
	Moderators []*Actor    // only where the page shows them
	Backfill   *Backfill   // of one that lives elsewhere, where its page is shown; nil if nobody asked its server
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
