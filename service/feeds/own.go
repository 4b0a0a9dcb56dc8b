package feeds

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/storage"
)

// A Draft is a feed that somebody here wants to keep.
type Draft struct {
	Name    string
	Title   string
	Summary string // Markdown
}

// A Change says what becomes of a feed; nil leaves a field as it is.
type Change struct {
	Title   *string
	Summary *string
}

// Create makes a feed of this server, kept by the person who asks. A name that
// is taken, by a person or group too, is a Conflict.
func (s *Service) Create(ctx context.Context, by *community.Actor, draft Draft) (_ *community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Create(%s)", draft.Name)
	if err := community.CheckName(draft.Name); err != nil {
		return nil, err
	}
	if err := community.CheckProfile(draft.Title, draft.Summary); err != nil {
		return nil, err
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	private, public, err := s.NewKey()
	if err != nil {
		return nil, err
	}
	feed := s.newFeed(draft, public)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := mayKeepAnother(ctx, tx, by); err != nil {
			return err
		}
		return addFeed(ctx, tx, by, feed, private)
	})
	if err != nil {
		return nil, err
	}
	return &community.Feed{Actor: feed, Kept: true, Owners: []*community.Actor{by}}, nil
}

// mayKeepAnother reports why by keeps enough feeds, and has others who make
// one for the same person wait.
func mayKeepAnother(ctx context.Context, tx *storage.DB, by *community.Actor) error {
	if err := tx.HoldKeeper(ctx, by.ID); err != nil {
		return err
	}
	kept, err := tx.FeedsBy(ctx, by.IRI)
	if err != nil {
		return err
	}
	if len(kept) >= community.MostKept {
		return fault.New(fault.Forbidden, "You keep %d feeds, which is as many as one person can. Delete one that you do not need first.", len(kept))
	}
	return nil
}

func addFeed(ctx context.Context, tx *storage.DB, by, feed *community.Actor, private string) error {
	if err := tx.AddActor(ctx, feed); err != nil {
		return err
	}
	if err := checkFace(ctx, tx, by, feed); err != nil {
		return err
	}
	if err := tx.AddKey(ctx, feed.ID, private); err != nil {
		return err
	}
	source := &community.FeedSource{ActorID: feed.ID, Following: feed.IRI + "/following", Attributed: by.IRI, Owners: by.IRI}
	if err := tx.SaveFeedSource(ctx, source); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.FeedCreated, ActorID: by.ID, GroupID: feed.ID, At: feed.CreatedAt})
}

// checkFace reports that a feed would be taken for somebody who looks after the
// server.
func checkFace(ctx context.Context, tx *storage.DB, by, feed *community.Actor) error {
	staff, err := tx.Staff(ctx)
	if err != nil {
		return err
	}
	return staff.CheckFace(by, feed)
}

func (s *Service) newFeed(draft Draft, publicPEM string) *community.Actor {
	iri := s.Origin + "/f/" + draft.Name
	now := s.now()
	return &community.Actor{
		Kind: community.FeedKind, Name: draft.Name, IRI: iri, URL: iri, Title: draft.Title,
		Summary: draft.Summary, SummaryHTML: markup.Render(draft.Summary),
		Inbox: iri + "/inbox", SharedInbox: s.Origin + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers",
		KeyID: iri + "#main-key", PublicKey: publicPEM, Discoverable: true, Indexable: true,
		CreatedAt: now, UpdatedAt: now,
	}
}

// Edit changes what a feed says of itself.
func (s *Service) Edit(ctx context.Context, by *community.Actor, h community.Handle, change Change) (_ *community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Edit(%s)", h)
	err = s.change(ctx, by, h, func(tx *storage.DB, feed *community.Actor) error {
		title := feed.Title
		if change.Title != nil {
			feed.Title = *change.Title
		}
		if change.Summary != nil {
			feed.Summary = *change.Summary
		}
		if err := community.CheckProfile(feed.Title, feed.Summary); err != nil {
			return err
		}
		if feed.Title != title {
			if err := checkFace(ctx, tx, by, feed); err != nil {
				return err
			}
		}
		feed.SummaryHTML, feed.UpdatedAt = markup.Render(feed.Summary), s.now()
		if err := tx.EditActor(ctx, feed); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.FeedEdited, ActorID: by.ID, GroupID: feed.ID, At: s.now()})
	})
	if err != nil {
		return nil, err
	}
	return s.Find(ctx, by, h)
}

// Add puts a group, of here or elsewhere, into a feed of this server. One that
// is in it already stays, and nobody is told again.
func (s *Service) Add(ctx context.Context, by *community.Actor, h, group community.Handle) (err error) {
	defer fault.Wrap(&err, "feeds.Add(%s, %s)", h, group)
	return s.change(ctx, by, h, func(tx *storage.DB, feed *community.Actor) error {
		g, err := knownGroup(ctx, tx, by, group)
		if err != nil {
			return err
		}
		if err := g.MayList(); err != nil {
			return err
		}
		listed, err := tx.FeedGroups(ctx, feed.ID)
		if err != nil || contains(listed, g) {
			return err
		}
		if len(listed) >= community.MostFed {
			return fault.New(fault.Forbidden, "%s lists %d groups already, which is as many as a feed can.", feed.DisplayName(), len(listed))
		}
		if err := tx.AddFeedGroup(ctx, &community.FeedGroup{FeedID: feed.ID, GroupID: g.ID, CreatedAt: s.now()}); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.FeedGrew, ActorID: by.ID, GroupID: feed.ID, TargetID: g.ID, At: s.now()})
	})
}

// Remove takes a group out of a feed of this server. One that is not in it
// changes nothing.
func (s *Service) Remove(ctx context.Context, by *community.Actor, h, group community.Handle) (err error) {
	defer fault.Wrap(&err, "feeds.Remove(%s, %s)", h, group)
	return s.change(ctx, by, h, func(tx *storage.DB, feed *community.Actor) error {
		g, err := knownGroup(ctx, tx, by, group)
		if err != nil {
			return err
		}
		listed, err := tx.FeedGroups(ctx, feed.ID)
		if err != nil || !contains(listed, g) {
			return err
		}
		if err := tx.DropFeedGroup(ctx, feed.ID, g.ID); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.FeedShrank, ActorID: by.ID, GroupID: feed.ID, TargetID: g.ID, At: s.now()})
	})
}

// Delete ends a feed of this server; who keeps it may, also while they are
// banned, and who administers the server. Its name stays taken.
func (s *Service) Delete(ctx context.Context, by *community.Actor, h community.Handle) (err error) {
	defer fault.Wrap(&err, "feeds.Delete(%s)", h)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		feed, source, err := holdFeed(ctx, tx, h)
		if err != nil {
			return err
		}
		if err := mayEnd(ctx, tx, by, feed, source, s.now()); err != nil {
			return err
		}
		if err := tx.EndFeed(ctx, feed.ID, s.now()); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.FeedEnded, ActorID: by.ID, GroupID: feed.ID, At: s.now()})
	})
}

func mayEnd(ctx context.Context, tx *storage.DB, by, feed *community.Actor, source *community.FeedSource, now time.Time) error {
	if !feed.Local() {
		return fault.New(fault.Forbidden, "%s is kept on another server, and is ended there.", feed.Handle())
	}
	if source.KeptBy(by) {
		return nil
	}
	may, err := tx.MayHere(ctx, by, community.SiteFeeds, now)
	if err == nil && !may {
		err = fault.New(fault.Forbidden, "Only who keeps %s may delete it.", feed.DisplayName())
	}
	return err
}

// Kept lists the feeds that by keeps, and says which of them list group, if
// one is asked about.
func (s *Service) Kept(ctx context.Context, by *community.Actor, group *community.Handle) (_ []*community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Kept(%s)", by.Handle())
	actors, err := s.DB.FeedsBy(ctx, by.IRI)
	if err != nil {
		return nil, err
	}
	list := make([]*community.Feed, len(actors))
	for i, a := range actors {
		list[i] = &community.Feed{Actor: a, Kept: true}
	}
	if err := s.measure(ctx, list); err != nil || group == nil {
		return list, err
	}
	g, err := knownGroup(ctx, s.DB, by, *group)
	if err != nil {
		return nil, err
	}
	with, err := s.DB.FeedsWith(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range list {
		for _, id := range with {
			f.Has = f.Has || id == f.ID
		}
	}
	return list, nil
}

// measure counts what is in feeds.
func (s *Service) measure(ctx context.Context, list []*community.Feed) error {
	ids := make([]community.ActorID, len(list))
	for i, f := range list {
		ids[i] = f.ID
	}
	sizes, err := s.DB.FeedSizes(ctx, ids)
	for _, f := range list {
		f.Size = sizes[f.ID]
	}
	return err
}

// change changes a feed of this server in the name of by, who has to keep it.
func (s *Service) change(ctx context.Context, by *community.Actor, h community.Handle, f func(*storage.DB, *community.Actor) error) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		feed, source, err := holdFeed(ctx, tx, h)
		if err != nil {
			return err
		}
		if err := source.MayEdit(by, feed, s.now()); err != nil {
			return err
		}
		return f(tx, feed)
	})
}

// holdFeed loads a feed as it stays until the end of tx.
func holdFeed(ctx context.Context, tx *storage.DB, h community.Handle) (*community.Actor, *community.FeedSource, error) {
	feed, err := tx.ActorByHandle(ctx, h, community.FeedKind)
	if err != nil {
		return nil, nil, noFeed(err, h)
	}
	if err := tx.HoldFeed(ctx, feed.ID); err != nil {
		return nil, nil, err
	}
	if feed, err = tx.ActorByHandle(ctx, h, community.FeedKind); err != nil || feed.Gone() {
		return nil, nil, noFeed(err, h)
	}
	source, err := tx.FeedSource(ctx, feed.ID)
	return feed, source, err
}

// noFeed is the error for a feed that is not there.
func noFeed(err error, h community.Handle) error {
	if err == nil || fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.NotFound, "There is no feed called %s here.", h)
	}
	return err
}

// knownGroup loads a group that by may know of, closed or not.
func knownGroup(ctx context.Context, db *storage.DB, by *community.Actor, h community.Handle) (*community.Actor, error) {
	g, err := db.ActorByHandle(ctx, h, community.GroupKind)
	if fault.Is(err, fault.NotFound) || err == nil && !g.KnownTo(by) {
		return nil, fault.Because(err, fault.NotFound, "There is no group called %s here. One of another server is looked up first, by name@host or its address.", strings.TrimPrefix(h.String(), "!"))
	}
	return g, err
}

func contains(list []*community.Actor, who *community.Actor) bool {
	for _, a := range list {
		if a.ID == who.ID {
			return true
		}
	}
	return false
}
