package community

import (
	"slices"
	"time"

	"drystone/fault"
)

// Purpose is what is done with what is known of somebody, and what they can
// agree or object to. The words are stored.
type Purpose string

// The purposes.
const (
	Listed        Purpose = "listed"        // what others call discoverable
	Searched      Purpose = "searched"      // what others call indexable
	CheckIns      Purpose = "check_ins"     // noticing that somebody fell silent
	Bridging      Purpose = "bridging"      // between whom somebody connects
	Benchmarks    Purpose = "benchmarks"    // comparing groups, by figures about many
	Visits        Purpose = "visits"        // counting who reads
	Curation      Purpose = "curation"      // carrying posts into digests and collections
	Expertise     Purpose = "expertise"     // being asked about what one knows
	Introductions Purpose = "introductions" // being introduced to others
	Attestations  Purpose = "attestations"  // stating what somebody did
)

// Basis is why something is done with what is known of people of this server.
// Nothing is done with what is known of those elsewhere unless they agreed.
type Basis string

// The bases.
const (
	Objection Basis = "objection" // it is done, with notice, until they object
	OptIn     Basis = "opt_in"    // it is done once they agree
)

// An Aim is a purpose with what belongs to it.
type Aim struct {
	Purpose Purpose
	Basis   Basis
	Used    bool // something asks for it today
}

var aims = []Aim{
	{Listed, OptIn, true},
	{Searched, OptIn, true},
	{CheckIns, Objection, false},
	{Bridging, Objection, false},
	{Benchmarks, Objection, false},
	{Visits, Objection, false},
	{Curation, Objection, false},
	{Expertise, OptIn, false},
	{Introductions, OptIn, false},
	{Attestations, OptIn, false},
}

// Aims are all purposes that there are, in the order in which they are shown.
func Aims() []Aim { return slices.Clone(aims) }

// AimOf finds a purpose by its word.
func AimOf(p Purpose) (Aim, error) {
	i := slices.IndexFunc(aims, func(a Aim) bool { return a.Purpose == p })
	if i < 0 {
		return Aim{}, fault.Field("purpose", "There is no such purpose.")
	}
	return aims[i], nil
}

// Source is where somebody said what they agree to. The words are stored.
type Source string

// The sources.
const (
	FromSettings Source = "settings" // their own page of consents
	FromProfile  Source = "profile"  // their profile, by a program or page
	FromJoining  Source = "joining"  // the door, when they made their account
)

// ConsentID names a consent.
type ConsentID int64

// A Consent is that somebody agreed to something, or objected to it, at a time.
// None is ever changed: the newest about a purpose is what holds.
type Consent struct {
	ID      ConsentID `bun:",pk,autoincrement"`
	ActorID ActorID
	Purpose Purpose
	Value   bool // agreed
	Source  Source
	At      time.Time
}

// Fact is what is recorded when somebody says it.
func (c *Consent) Fact() Fact {
	kind := ConsentWithdrawn
	if c.Value {
		kind = ConsentGiven
	}
	return Fact{Kind: kind, ActorID: c.ActorID, Reason: string(c.Purpose), At: c.At}
}

// TakenBack are the consents that after does not say any more and before did:
// a server says of its people whether they may be listed and found, and no more.
func TakenBack(before, after *Actor) (list []*Consent) {
	if before == nil || !after.IsPerson() {
		return nil
	}
	if before.Discoverable && !after.Discoverable {
		list = append(list, &Consent{ActorID: before.ID, Purpose: Listed, At: after.UpdatedAt})
	}
	if before.Indexable && !after.Indexable {
		list = append(list, &Consent{ActorID: before.ID, Purpose: Searched, At: after.UpdatedAt})
	}
	return list
}

// Consents are what one person said, by purpose: the newest of each.
type Consents map[Purpose]*Consent

// Allows is the one rule for whether something may be done with what is known
// of who for a purpose. Whatever computes, lists or shows something about one
// person asks it, each time.
//
// What a server says of its people, that they may be listed and found, is
// necessary for more, and not enough: it is often no more than a default.
func (c Consents) Allows(p Purpose, who *Actor) bool {
	aim, err := AimOf(p)
	switch {
	case err != nil, who == nil, who.Gone(), !who.IsPerson():
		return false
	case p == Listed:
		return who.Discoverable
	case p == Searched:
		return who.Indexable
	case !who.Local() && (!who.Discoverable || !who.Indexable):
		return false
	}
	if said := c[p]; said != nil {
		return said.Value
	}
	return who.Local() && aim.Basis == Objection
}

// A Computation is something that the server makes of what it knows of a
// person, beyond what they wrote and said themselves. A feature that makes
// something new adds it here, with the purpose by which it is allowed, or
// people are not told of it.
type Computation struct {
	Key     string
	Purpose Purpose // empty: it is only a count of what everybody sees
	Value   func(*Actor, *Account) any
}

// Computations are all that there are.
func Computations() []Computation {
	return []Computation{
		{"posts", "", func(a *Actor, _ *Account) any { return a.PostCount }},
		{"comments", "", func(a *Actor, _ *Account) any { return a.CommentCount }},
		{"followers", "", func(a *Actor, _ *Account) any { return a.MemberCount }},
		{"active", "", func(_ *Actor, account *Account) any {
			if account.ActiveAt.IsZero() {
				return nil
			}
			return account.ActiveAt.UTC().Format(time.DateOnly)
		}},
	}
}

// Screen is a page, or an answer of the API, that shows single people to those
// who look after a group or the server. The words are stored.
type Screen string

// The screens.
const (
	MembersScreen  Screen = "members"
	RequestsScreen Screen = "requests" // to join
	BansScreen     Screen = "bans"
	ReportScreen   Screen = "report"
	WarningsScreen Screen = "warnings"
	PeopleScreen   Screen = "people" // of the server's administration
)

// Screens are all that there are.
func Screens() []Screen {
	return []Screen{MembersScreen, RequestsScreen, BansScreen, ReportScreen, WarningsScreen, PeopleScreen}
}

// KeepViews is for how long it is kept who looked at whom.
const KeepViews = 400 * 24 * time.Hour

// The roles in which somebody looks at others, beside those of members.
const (
	ViewedByTrusted = "trusted" // by a role that they were given
	ViewedByAdmin   = "admin"
)

// A PersonView is that somebody looked at one person in particular, as those
// may who look after a group or the server: on a screen, on a day.
type PersonView struct {
	ActorID  ActorID `bun:",pk"` // who was looked at
	Day      int     `bun:",pk"` // since 1970
	ViewerID ActorID `bun:",pk"`
	Screen   Screen  `bun:",pk"`
	GroupID  ActorID `bun:",pk"` // 0: the server's own screens
	Role     string  // of the viewer, then
	At       time.Time
}

// DayOf is the day of a PersonView.
func DayOf(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

// A SeenView is a PersonView as who was looked at reads it.
type SeenView struct {
	*PersonView
	Viewer *Actor // only for those whom the log of the group would tell
	Group  *Actor
}

// A Standing is what one group knows of somebody, as far as they may know.
type Standing struct {
	*Membership
	Group     *Actor
	Decisions int // in its log, about them or what they wrote
	Warnings  int
	Grants    []*RoleGrant // that hold, or will
}

// Insights are what is known of a person, for themselves.
type Insights struct {
	Groups    []*Standing
	Decisions int // of the server's own log
	Warnings  int // in the name of the server
	Grants    []*RoleGrant
	Computed  map[string]any
}
