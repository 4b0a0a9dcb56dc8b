package federation

import (
	"context"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/feeds"
	"drystone/storage"
)

// A Feed is a list of groups that somebody keeps: Lemmy's multi-community and
// PieFed's feed. Its groups are its collection "following"; who keeps it is in
// attributedTo, a person (Lemmy) or a collection of people (PieFed). It says
// nothing but what becomes of itself (FEDERATION.md, section 3).

const (
	jobFeed = "feed"

	mostFeedStrangers = 50 // groups that are fetched for one reading of a feed
	mostKeepers       = 20 // of one feed
)

// feedService works where s does, which may be in a transaction.
func (s *Server) feedService() *feeds.Service {
	return &feeds.Service{DB: s.DB, Origin: s.Origin, Now: s.Now}
}

// parseFeed reads what a feed says of itself beside what every actor does.
func parseFeed(doc as.Doc, a *community.Actor) (*community.FeedSource, error) {
	source := &community.FeedSource{ActorID: a.ID, Following: sameHost(a.IRI, doc.Ref("following"))}
	if source.Following == "" {
		return nil, fault.New(fault.Invalid, "%s does not say where its groups are.", a.IRI)
	}
	var keepers []string
	for _, iri := range doc.Refs("attributedTo") {
		if as.SameHost(iri, a.IRI) && len(keepers) < mostKeepers {
			keepers = append(keepers, iri)
		}
	}
	if len(keepers) == 0 {
		keepers = strings.Fields(sameHost(a.IRI, doc.Ref("moderators")))
	}
	source.Attributed = firstOf(append(keepers, "")...)
	source.Owners = strings.Join(keepers, "\n")
	return source, nil
}

// saveFeed stores what makes an actor a feed, if it is one.
func saveFeed(ctx context.Context, tx *storage.DB, doc as.Doc, actor *community.Actor) error {
	if !actor.IsFeed() {
		return nil
	}
	source, err := parseFeed(doc, actor)
	if err != nil {
		return err
	}
	return tx.SaveFeedSource(ctx, source)
}

// feedKey takes the key that a feed's document has. Lemmy lends its feeds the
// key of the server: that is what the server says of its own feed, and they
// sign with it under a name of their own.
func feedKey(doc as.Doc, a *community.Actor) {
	for _, key := range doc.Embeddeds("publicKey") {
		if owner := key.Ref("owner"); !as.SameHost(owner, a.IRI) || !as.SameHost(key.ID(), a.IRI) || key.Text("publicKeyPem") == "" {
			continue
		} else if a.KeyID = key.ID(); owner != a.IRI {
			a.KeyID = a.IRI + "#main-key"
		}
		a.PublicKey = key.Text("publicKeyPem")
		return
	}
}

// feedCalled returns the feed whose id is iri; nil if none is known.
func (s *Server) feedCalled(ctx context.Context, iri string) (*community.Actor, error) {
	actor, err := s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil || !actor.IsFeed() {
		return nil, err
	}
	return actor, nil
}

// FreshenFeed has a feed read again if that was long ago, since somebody who
// is signed in looks at it.
func (s *Server) FreshenFeed(ctx context.Context, reader, feed *community.Actor) (_ *community.Backfill, err error) {
	defer fault.Wrap(&err, "federation.FreshenFeed(%s)", feed.Handle())
	if reader == nil || feed.Local() || feed.Gone() {
		return s.DB.Backfill(ctx, feed.IRI)
	}
	return s.askToRead(ctx, jobFeed, feed.IRI, groupStale)
}

// readFeed is the job that reads which groups a feed lists, and who keeps it.
func (s *Server) readFeed(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.readFeed(%s)", job.Sender)
	iri := string(job.Body)
	b, err := s.DB.Backfill(ctx, iri)
	if err != nil || b == nil {
		return err
	}
	feed, err := s.feedCalled(ctx, iri)
	if err == nil && feed == nil {
		err = fault.New(fault.NotFound, "%s is no feed that is known here.", iri)
	}
	if err == nil {
		b.Fetched, err = s.mirrorFeed(ctx, feed)
	}
	return s.endReading(ctx, job, b, err)
}

// mirrorFeed makes what is known of a feed what its server says now, and
// returns how many groups it lists.
func (s *Server) mirrorFeed(ctx context.Context, feed *community.Actor) (int64, error) {
	source, err := s.DB.FeedSource(ctx, feed.ID)
	if err != nil {
		return 0, err
	}
	got, err := s.getIf(ctx, source.Following, "")
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.pages(ctx, got, func(it item) bool {
		ids = append(ids, it.id)
		return len(ids) < community.MostFed
	})
	if err != nil {
		return 0, err // half a list would throw the other half out
	}
	if err := s.readKeepers(ctx, feed, source); err != nil {
		return 0, err
	}
	groups, err := s.listedGroups(ctx, ids)
	if err != nil {
		return 0, err
	}
	return int64(len(groups)), s.feedService().Mirror(ctx, feed, source, groups)
}

// readKeepers finds out who keeps a feed: of its own server alone, which is
// the one that can say what they do.
func (s *Server) readKeepers(ctx context.Context, feed *community.Actor, source *community.FeedSource) error {
	if source.Attributed == "" {
		return nil
	}
	got, err := s.getIf(ctx, source.Attributed, "")
	if fault.Is(err, fault.Internal) {
		return err
	}
	if err != nil {
		s.Log.Info("federation: who keeps a feed is not known", "feed", feed.IRI, "reason", err)
		return nil
	}
	if !isCollection(got.doc) {
		_, err := s.anybody(ctx, source.Attributed) // so that people see who it is
		if fault.Is(err, fault.Internal) {
			return err
		}
		return nil
	}
	var keepers []string
	err = s.pages(ctx, got, func(it item) bool {
		if as.SameHost(it.id, feed.IRI) && !slices.Contains(keepers, it.id) {
			keepers = append(keepers, it.id)
		}
		return len(keepers) < mostKeepers
	})
	if err != nil {
		return err
	}
	source.Owners = strings.Join(keepers, "\n")
	for _, iri := range keepers {
		if _, err := s.anybody(ctx, iri); fault.Is(err, fault.Internal) {
			return err
		}
	}
	return nil
}

// listedGroups are the groups with ids, those that nobody here knew fetched
// until that is too much. What cannot be read is left out.
func (s *Server) listedGroups(ctx context.Context, ids []string) (groups []*community.Actor, err error) {
	strangers := 0
	for _, id := range ids {
		group, err := s.DB.ActorByIRI(ctx, id)
		if fault.Is(err, fault.NotFound) && !s.ours(id) && strangers < mostFeedStrangers {
			strangers++
			group, err = s.anybody(ctx, id)
		}
		if fault.Is(err, fault.Internal) {
			return nil, err
		}
		if err == nil && group.MayFeed() == nil {
			groups = append(groups, group)
			continue
		}
		s.Log.Debug("federation: a feed lists what is no group", "id", id, "reason", err)
	}
	return groups, nil
}

// updateFeed takes over what a feed or its keeper says has changed: it is read
// again from its server, with the groups that it lists.
func (s *Server) updateFeed(ctx context.Context, r *received, iri string) error {
	feed, err := s.keptBy(ctx, r, iri)
	if err != nil {
		return err
	}
	if feed, err = s.fetchActor(ctx, feed.IRI); err != nil {
		return err
	}
	if !feed.IsFeed() {
		return fault.New(fault.Invalid, "%s is no feed any more.", feed.IRI)
	}
	_, err = s.askToRead(ctx, jobFeed, feed.IRI, 0)
	return err
}

// keptBy returns the feed called iri, if whoever says r may say what becomes
// of it.
func (s *Server) keptBy(ctx context.Context, r *received, iri string) (*community.Actor, error) {
	feed, err := s.feedCalled(ctx, iri)
	if err != nil {
		return nil, err
	}
	if feed == nil {
		return nil, fault.New(fault.NotFound, "%.200q is no feed that is known here.", iri)
	}
	if feed.Gone() {
		return nil, gone(feed)
	}
	if feed.Local() {
		return nil, fault.New(fault.Forbidden, "%s is of this server and is changed here.", feed.Handle())
	}
	if r.via != nil {
		return nil, fault.New(fault.Forbidden, "What becomes of a feed is not for the group %s to announce.", r.via.Handle())
	}
	source, err := s.DB.FeedSource(ctx, feed.ID)
	if err != nil {
		return nil, err
	}
	return feed, source.MayKeep(feed, r.actor)
}

// deleteFeed handles Delete of a feed by itself or its keeper; yes reports
// whether r is that.
func (s *Server) deleteFeed(ctx context.Context, r *received, iri string) (yes bool, err error) {
	feed, err := s.feedCalled(ctx, iri)
	if feed == nil || err != nil {
		return err != nil, err
	}
	if feed, err = s.keptBy(ctx, r, iri); err != nil {
		return true, err
	}
	s.keyring.forget(feed.IRI)
	return true, s.feedService().Close(ctx, r.actor, feed)
}

// fed handles Add or Remove of a group in a feed; yes reports whether r is
// that.
func (s *Server) fed(ctx context.Context, r *received, target string, add bool) (yes bool, err error) {
	source, err := s.DB.FeedByFollowing(ctx, target)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	feed, err := s.DB.Actor(ctx, source.ActorID)
	if err != nil {
		return true, err
	}
	if feed, err = s.keptBy(ctx, r, feed.IRI); err != nil {
		return true, err
	}
	iri := r.doc.Ref("object")
	group, err := s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) && add && !s.ours(iri) {
		group, err = s.anybody(ctx, iri)
	}
	if err != nil {
		return true, err
	}
	if add {
		return true, s.feedService().Put(ctx, r.actor, feed, group)
	}
	return true, s.feedService().Take(ctx, r.actor, feed, group)
}

// feedAnnounces handles what a feed announces, which is how PieFed tells that
// a group was added or removed: its own word about itself and nothing else.
func (s *Server) feedAnnounces(ctx context.Context, r *received) error {
	inner, ok := r.doc.Embedded("object")
	if !ok || inner.Kind() != as.KindAdd && inner.Kind() != as.KindRemove {
		return fault.New(fault.Invalid, "%s is a feed, and announces nothing but which groups it lists.", r.actor)
	}
	if !as.SameHost(inner.Actor(), r.actor) {
		return fault.New(fault.Forbidden, "%s announces what %.200q did, who is not of its server.", r.actor, inner.Actor())
	}
	yes, err := s.fed(ctx, &received{doc: inner, actor: inner.Actor()}, inner.Ref("target"), inner.Kind() == as.KindAdd)
	if !yes && err == nil {
		err = fault.New(fault.NotFound, "%.200q is not the list of a feed that is known here.", inner.Ref("target"))
	}
	return err
}

// lookupFeed finds a feed of another server by its handle. PieFed knows it by
// the name with a tilde. Lemmy's WebFinger knows none: its feeds are found by
// their address.
func (s *Server) lookupFeed(ctx context.Context, handle community.Handle) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "federation.lookupFeed(%s)", handle)
	missing := fault.New(fault.NotFound, "%s knows no feed called %s.", handle.Host, handle.Name)
	for _, name := range []string{"~" + handle.Name, handle.Name} {
		answer, err := s.webFinger(ctx, community.Handle{Name: name, Host: handle.Host})
		if fault.Is(err, fault.Unavailable) {
			return nil, err
		}
		for _, iri := range answer.actors(false) {
			feed, err := s.anybody(ctx, iri)
			if err == nil && feed.IsFeed() && sameHandle(community.Handle{Name: feed.Name, Host: feed.Host}, handle) {
				return feed, nil
			}
			missing.Err = err
		}
	}
	return nil, missing
}
