package federation

import (
	"context"
	"slices"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

const (
	jobBackfill = "backfill"
	jobThread   = "thread"

	mostBackfill  = 50 // posts of an outbox: as many as Lemmy and PieFed list
	mostFeatured  = 20
	mostLookers   = 20 // moderators of a group
	progressAfter = 5  // posts or comments, how far it has come is stored

	// groupStale is how old what is known of a group may be that nobody here
	// has joined, and followedStale of one whose server sends us what is new.
	groupStale    = 6 * time.Hour
	followedStale = 24 * time.Hour
)

// FreshenGroup has a group of another server read again if that was long ago,
// since somebody who is signed in looks at it. Who is not signed in makes us
// ask nobody. It returns how far that has come, nil if nobody ever asked.
func (s *Server) FreshenGroup(ctx context.Context, reader, group *community.Actor) (_ *community.Backfill, err error) {
	defer fault.Wrap(&err, "federation.FreshenGroup(%s)", group.Handle())
	if reader == nil || group.Local() || group.Gone() {
		return s.DB.Backfill(ctx, group.IRI)
	}
	stale, err := s.staleness(ctx, group.ID, groupStale)
	if err != nil {
		return nil, err
	}
	return s.askToRead(ctx, jobBackfill, group.IRI, stale)
}

// staleness is how old what is known may be: otherwise, unless a group sends
// us by itself what happens in it.
func (s *Server) staleness(ctx context.Context, group community.ActorID, otherwise time.Duration) (time.Duration, error) {
	followed, err := s.DB.FollowedHere(ctx, group)
	if err == nil && followed {
		return followedStale, nil
	}
	return otherwise, err
}

// askToRead has something read from its server, unless that was asked for a
// while ago.
func (s *Server) askToRead(ctx context.Context, kind, iri string, stale time.Duration) (*community.Backfill, error) {
	now := s.now()
	known, err := s.DB.Backfill(ctx, iri)
	if err != nil || known != nil && now.Sub(known.AskedAt) < stale {
		return known, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		asked := &community.Backfill{IRI: iri, Host: as.Host(iri), State: community.BackfillAsked, AskedAt: now}
		news, err := tx.AskBackfill(ctx, asked, now.Add(-stale))
		if err != nil || !news {
			return err
		}
		return addReading(ctx, tx, kind, iri, now)
	})
	if err != nil {
		return nil, err
	}
	return s.DB.Backfill(ctx, iri)
}

func addReading(ctx context.Context, db *storage.DB, kind, iri string, now time.Time) error {
	_, err := db.AddJobs(ctx, []*community.Job{{
		Kind: kind, Lane: laneOf(as.Host(iri)), Sender: iri, Body: []byte(iri), RunAt: now, CreatedAt: now,
	}})
	return err
}

// backfill is the job that reads what a group's server shows of it, so that
// whoever finds the group sees what is in it: its newest posts, what is on top
// and who looks after it. What one of these lacks is no reason to do without
// the others: Mbin's outbox is empty, NodeBB has no featured posts
// (FEDERATION.md, section 5).
func (s *Server) backfill(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.backfill(%s)", job.Sender)
	iri := string(job.Body)
	b, err := s.DB.Backfill(ctx, iri)
	if err != nil || b == nil {
		return err
	}
	group, err := s.actor(ctx, iri)
	if err == nil {
		b.State, b.Trouble = community.BackfillActive, ""
		if err := s.DB.SaveBackfill(ctx, b); err != nil {
			return err
		}
		err = s.readOutbox(ctx, group, b)
	}
	if err == nil || !fault.Is(err, fault.Internal) && group != nil {
		featured := s.readFeatured(ctx, group)
		moderators := s.readModerators(ctx, group)
		for _, other := range []error{featured, moderators} {
			if fault.Is(other, fault.Internal) {
				return other
			}
		}
	}
	return s.endReading(ctx, job, b, err)
}

// endReading stores how a reading ended. A server that does not answer is
// asked again twice; meanwhile whoever waits is told.
func (s *Server) endReading(ctx context.Context, job *community.Job, b *community.Backfill, why error) error {
	const tries = 2
	if fault.Is(why, fault.Internal) {
		return why
	}
	again := fault.Is(why, fault.Unavailable) && job.Attempts < tries
	b.ReadAt, b.State, b.Trouble = s.now(), community.BackfillDone, ""
	if why != nil {
		b.State, b.Trouble = community.BackfillFailed, clip(reasonOf(why), 200)
		s.Log.Info("federation: not read", "iri", b.IRI, "again", again, "reason", why)
	}
	if again {
		b.State = community.BackfillActive
	}
	if err := s.DB.SaveBackfill(ctx, b); err != nil || !again {
		return err
	}
	return why
}

// readOutbox takes over the newest posts that a group's outbox lists, the
// oldest first.
func (s *Server) readOutbox(ctx context.Context, group *community.Actor, b *community.Backfill) error {
	if group.Outbox == "" {
		return nil
	}
	items, err := s.collect(ctx, group.Outbox, mostBackfill)
	if err != nil {
		return err
	}
	for i, it := range slices.Backward(items) {
		err := s.takeItem(ctx, group, it)
		if err == nil {
			b.Fetched++
		} else if err := s.settle(ctx, err, it.doc, true); err != nil {
			return err
		}
		if i%progressAfter == 0 {
			if err := s.DB.SaveBackfill(ctx, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeItem acts on what a group's own collection lists, as if the group had
// announced it.
func (s *Server) takeItem(ctx context.Context, group *community.Actor, it item) error {
	switch {
	case it.doc.IsZero():
		return s.unwrapID(ctx, group, it.id)
	case it.doc.Kind() == as.KindAnnounce && it.doc.Actor() == group.IRI:
		return s.unwrapAll(ctx, group, it.doc)
	case slices.Contains(announceable, it.doc.Kind()):
		return s.unwrap(ctx, group, it.doc)
	}
	return s.unwrapID(ctx, group, it.doc.ID())
}

// readFeatured puts the posts on top that the group's server has there: Lemmy
// and PieFed list them whole, Mbin by their ids.
func (s *Server) readFeatured(ctx context.Context, group *community.Actor) error {
	if group.Featured == "" {
		return nil
	}
	items, err := s.collect(ctx, group.Featured, mostFeatured)
	if err != nil {
		return err
	}
	var ids []community.PostID
	for _, it := range items {
		found, err := s.takeObject(ctx, &received{via: group}, it)
		if fault.Is(err, fault.Internal) {
			return err
		}
		if err == nil && found.comment == nil && found.group() == group.ID {
			ids = append(ids, found.post.ID)
		}
	}
	return s.DB.MirrorFeatured(ctx, group.ID, ids, s.now())
}

// takeObject returns the post or comment that a collection lists, stored now
// if it was not known.
func (s *Server) takeObject(ctx context.Context, r *received, it item) (thing, error) {
	if it.doc.IsZero() {
		return s.obtain(ctx, r, it.id, maxAncestors)
	}
	return s.adopt(ctx, r, it.doc, maxAncestors)
}

// readModerators notes who moderates a group of another server: they may
// remove what is in it. Who is not listed any more moderates it no more; and
// they are listed in the order of their seniority, the owner first.
func (s *Server) readModerators(ctx context.Context, group *community.Actor) error {
	if group.Moderators == "" {
		return nil
	}
	asked := s.now()
	items, err := s.collect(ctx, group.Moderators, mostLookers)
	if err != nil {
		return err
	}
	var listed []community.ActorID
	for _, it := range items {
		actor, err := s.actor(ctx, it.id)
		if fault.Is(err, fault.Internal) {
			return err
		}
		if err == nil && !actor.IsGroup() && !slices.Contains(listed, actor.ID) {
			listed = append(listed, actor.ID)
		}
	}
	if len(items) > 0 && len(listed) == 0 {
		return nil // none of them can be asked just now
	}
	return s.Groups.Mirror(ctx, group, listed, asked)
}
