package community

import (
	"slices"
	"strings"
	"time"

	"drystone/fault"
)

// MostFed is how many groups of a feed are read.
const MostFed = 200

// A Feed is a list of groups that somebody keeps, as a reader sees it. Lemmy
// calls it a multi-community.
type Feed struct {
	*Actor
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
