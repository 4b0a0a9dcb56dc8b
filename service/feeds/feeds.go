// Package feeds is what people here do with feeds, the lists of groups that
// somebody on another server keeps, and what their keepers do with them.
//
// How a feed is read from its server, and who speaks for it, is federation's.
// A feed only points at groups: who follows it joins none of them by that.
package feeds

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Find returns the feed that handle names, as reader (nil: signed out) sees
// it.
func (s *Service) Find(ctx context.Context, reader *community.Actor, h community.Handle) (_ *community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Find(%s)", h)
	actor, err := s.DB.ActorByHandle(ctx, h, community.FeedKind)
	if fault.Is(err, fault.NotFound) || err == nil && actor.Gone() {
		return nil, fault.Because(err, fault.NotFound, "There is no feed called %s here.", h)
	}
	if err != nil {
		return nil, err
	}
	feed := &community.Feed{Actor: actor}
	if feed.Owners, err = s.owners(ctx, actor); err != nil {
		return nil, err
	}
	groups, err := s.DB.FeedGroups(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(g *community.Actor) bool { return !g.KnownTo(reader) })
	if feed.Groups, err = s.DB.GroupViews(ctx, reader, groups); err != nil {
		return nil, err
	}
	if reader != nil {
		feed.Follow, err = s.DB.Follow(ctx, reader.ID, actor.ID)
	}
	return feed, err
}

// owners are those who keep a feed and are known here.
func (s *Service) owners(ctx context.Context, feed *community.Actor) (list []*community.Actor, err error) {
	source, err := s.DB.FeedSource(ctx, feed.ID)
	if err != nil {
		return nil, err
	}
	for _, iri := range source.Keepers() {
		who, err := s.DB.ActorByIRI(ctx, iri)
		if err == nil && who.IsPerson() && !who.Gone() {
			list = append(list, who)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return list, nil
}

// Followed lists the feeds that reader follows, or asked to.
func (s *Service) Followed(ctx context.Context, reader *community.Actor) (_ []*community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Followed(%s)", reader.Handle())
	actors, err := s.DB.FeedsOf(ctx, reader.ID)
	if err != nil {
		return nil, err
	}
	list := make([]*community.Feed, len(actors))
	for i, a := range actors {
		list[i] = &community.Feed{Actor: a}
		if list[i].Follow, err = s.DB.Follow(ctx, reader.ID, a.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Follow asks a feed for word of its changes; the follow is pending until it
// answers. Asking again changes nothing.
func (s *Service) Follow(ctx context.Context, by, feed *community.Actor) (_ *community.Follow, err error) {
	defer fault.Wrap(&err, "feeds.Follow(%s, %s)", by.Handle(), feed.Handle())
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	if !by.Local() || !by.IsPerson() || !feed.IsFeed() || feed.Local() {
		return nil, fault.New(fault.Forbidden, "Only people of this server follow feeds here, and only those of other servers.")
	}
	var follow *community.Follow
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if follow, err = tx.HoldFollow(ctx, by.ID, feed.ID); err != nil || follow != nil {
			return err
		}
		now := s.now()
		follow = &community.Follow{
			FollowerID: by.ID, TargetID: feed.ID, State: community.Pending, CreatedAt: now,
			IRI: s.Origin + "/activities/follow/" + uuid.NewString(),
		}
		if err := tx.SaveFollow(ctx, follow); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.FeedFollowed, ActorID: by.ID, GroupID: feed.ID, IRI: follow.IRI, At: now,
		})
	})
	return follow, err
}

// Unfollow ends that.
func (s *Service) Unfollow(ctx context.Context, by, feed *community.Actor) (err error) {
	defer fault.Wrap(&err, "feeds.Unfollow(%s, %s)", by.Handle(), feed.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		follow, err := tx.HoldFollow(ctx, by.ID, feed.ID)
		if err != nil || follow == nil {
			return err
		}
		if err := tx.DeleteFollow(ctx, by.ID, feed.ID); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.FeedLeft, ActorID: by.ID, GroupID: feed.ID, IRI: follow.IRI, At: s.now(),
		})
	})
}

// Answered notes what a feed said to somebody here who follows it; it may say
// no later, too.
func (s *Service) Answered(ctx context.Context, feed, by *community.Actor, accepted bool) (err error) {
	defer fault.Wrap(&err, "feeds.Answered(%s, %s)", feed.Handle(), by.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		follow, err := tx.HoldFollow(ctx, by.ID, feed.ID)
		switch {
		case err != nil:
			return err
		case follow == nil:
			return fault.New(fault.NotFound, "%s did not ask to follow %s.", by.Handle(), feed.Handle())
		case !accepted:
			return tx.DeleteFollow(ctx, by.ID, feed.ID)
		}
		follow.State = community.Accepted
		return tx.SaveFollow(ctx, follow)
	})
}
