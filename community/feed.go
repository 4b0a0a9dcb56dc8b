package community

import (
	"slices"
	"strings"
	"time"

	"drystone/fault"
)

// Bounds of feeds.
const (
	MostFed  = 200 // groups of a feed that are read, and that one here can list
	MostKept = 20  // feeds that one person keeps here
)

// A Feed is a list of groups that somebody keeps, as a reader sees it. Lemmy
// calls it a multi-community.
type Feed struct {
	*Actor
	Kept     bool      // the reader keeps it, here
	Size     int       // how many groups it lists, where only that is told
	Has      bool      // it lists the group that was asked about
	Groups   []*Group  // that it lists and the reader may know of, by name
	Owners   []*Actor  // who keep it, as far as they are known here
	Follow   *Follow   // the reader's; nil for none
	Backfill *Backfill // what was read of it
}

// A FeedSource is what is known of a feed beside what every actor has.
type FeedSource struct {
	ActorID    ActorID `bun:",pk"`
	Following  string  // the collection of its groups
	Attributed string  // whoever keeps it, or the collection of those who do
	Owners     string  // ids of who keep it, one a line; see Keepers
}

// Keepers are the ids of those who keep the feed.
func (f *FeedSource) Keepers() []string { return strings.Fields(f.Owners) }

// MayKeep reports why the actor called iri may not change the feed: only the
// feed itself may, and who keeps it.
func (f *FeedSource) MayKeep(feed *Actor, iri string) error {
	if iri == feed.IRI || slices.Contains(f.Keepers(), iri) {
		return nil
	}
	return fault.New(fault.Forbidden, "%s does not keep the feed %s.", iri, feed.Handle())
}

// A FeedGroup is one group in a feed.
type FeedGroup struct {
	FeedID    ActorID `bun:",pk"`
	GroupID   ActorID `bun:",pk"`
	CreatedAt time.Time
}

// KeptBy reports whether who keeps the feed.
func (f *FeedSource) KeptBy(who *Actor) bool {
	return who != nil && slices.Contains(f.Keepers(), who.IRI)
}

// MayEdit reports why by may not change a feed of this server: only who keeps
// it may, and while they may speak.
func (f *FeedSource) MayEdit(by, feed *Actor, now time.Time) error {
	switch {
	case !feed.Local():
		return fault.New(fault.Forbidden, "%s is kept on another server and changed there.", feed.Handle())
	case !f.KeptBy(by):
		return fault.New(fault.Forbidden, "Only who keeps %s may change it.", feed.DisplayName())
	}
	return by.MaySpeak(now)
}

// MayFeed reports why group cannot be in a feed: what is said in it has to be
// there for everybody who reads the feed, wherever they are.
func (a *Actor) MayFeed() error {
	switch {
	case !a.IsGroup():
		return fault.New(fault.Invalid, "%s is no group, and feeds list groups.", a.IRI)
	case a.Gone(), !a.KnownTo(nil):
		return fault.New(fault.NotFound, "There is no group at %s.", a.IRI)
	}
	return nil
}

// MayList is MayFeed for a feed that is kept here: nobody puts on show what is
// for some people only.
func (a *Actor) MayList() error {
	switch {
	case !a.IsGroup() || a.Gone() || a.Visibility == Open && !a.Moved():
		return a.MayFeed()
	case a.Visibility == Private:
		return fault.New(fault.Forbidden, "%s is for its members only. A feed lists groups that everybody can read.", a.DisplayName())
	case a.Visibility == LocalOnly:
		return fault.New(fault.Forbidden, "%s is for people of this server only. A feed lists groups that everybody can read.", a.DisplayName())
	}
	return fault.New(fault.Forbidden, "%s moved to %s. Add it from there.", a.DisplayName(), a.MovedTo)
}
