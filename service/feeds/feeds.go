// Package feeds is what people do with feeds, the lists of groups that somebody
// keeps: on another server (keep.go) or here (own.go).
//
// How a feed is read from its server or told to others, and who speaks for it,
// is federation's. A feed only points at groups: who follows it joins none of
// them by that.
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
	NewKey func() (privatePEM, publicPEM string, err error)
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Find returns the feed that handle names, as reader (nil: signed out) sees
// it.
func (s *Service) Find(ctx context.Context, reader *community.Actor, h community.Handle) (_ *community.Feed, err error) {
	defer fault.Wrap(&err, "feeds.Find(%s)", h)
	actor, err := s.DB.ActorByHandle(ctx, h, community.FeedKind)
	if err != nil || actor.Gone() {
		return nil, noFeed(err, h)
	}
	source, err := s.DB.FeedSource(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	feed := &community.Feed{Actor: actor, Kept: actor.Local() && source.KeptBy(reader)}
	if feed.Owners, err = s.owners(ctx, source); err != nil {
		return nil, err
	}
	groups, err := s.groups(ctx, actor)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(g *community.Actor) bool { return !g.KnownTo(reader) })
	feed.Size = len(groups)
	if feed.Groups, err = s.DB.GroupViews(ctx, reader, groups); err != nil {
		return nil, err
	}
	if reader != nil {
		feed.Follow, err = s.DB.Follow(ctx, reader.ID, actor.ID)
	}
	return feed, err
}

// groups are what a feed lists. One that is kept here shows, to everybody, none
// that became for some people only.
func (s *Service) groups(ctx context.Context, feed *community.Actor) ([]*community.Actor, error) {
	groups, err := s.DB.FeedGroups(ctx, feed.ID)
	if feed.Local() {
		groups = slices.DeleteFunc(groups, (*community.Actor).Closed)
	}
	return groups, err
}

// Listed are the groups that a feed of this server tells others of.
func (s *Service) Listed(ctx context.Context, feed *community.Actor) (_ []*community.Actor, err error) {
	defer fault.Wrap(&err, "feeds.Listed(%s)", feed.Handle())
	return s.groups(ctx, feed)
}

// owners are those who keep a feed and are known here.
func (s *Service) owners(ctx context.Context, source *community.FeedSource) (list []*community.Actor, err error) {
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
	list, err := s.DB.FeedsOf(ctx, reader.ID)
	if err != nil {
		return nil, err
	}
	return list, s.measure(ctx, list)
}

// Follow has by hear of a feed's changes. One of this server is followed at
// once; that of another is asked, and the follow is pending until it answers.
// Asking again changes nothing, except that somebody elsewhere who asks again
// is answered again: their server may have lost the first answer.
func (s *Service) Follow(ctx context.Context, by, feed *community.Actor, from community.Origin) (_ *community.Follow, err error) {
	defer fault.Wrap(&err, "feeds.Follow(%s, %s)", by.Handle(), feed.Handle())
	if err := s.mayFollow(by, feed); err != nil {
		if fault.Is(err, fault.Forbidden) && feed.Local() && !by.Local() {
			err = s.DB.Record(ctx, about(community.MemberRefused, by, feed, from, s.now()))
		}
		return nil, err
	}
	var follow *community.Follow
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := tx.HoldFollow(ctx, by.ID, feed.ID)
		if follow = known; err != nil || known != nil && by.Local() {
			return err
		}
		now := s.now()
		fact := about(community.FeedFollowed, by, feed, from, now)
		follow = &community.Follow{FollowerID: by.ID, TargetID: feed.ID, State: community.Accepted, CreatedAt: now, IRI: from.IRI}
		switch {
		case !by.Local():
			fact.Kind = community.FollowerJoined
		case !feed.Local():
			follow.State, follow.IRI = community.Pending, s.Origin+"/activities/follow/"+uuid.NewString()
			fact.IRI = follow.IRI
		}
		if err := tx.SaveFollow(ctx, follow); err != nil {
			return err
		}
		if known == nil && follow.State == community.Accepted {
			if err := count(ctx, tx, by, feed, 1); err != nil {
				return err
			}
		}
		return tx.Record(ctx, fact)
	})
	return follow, err
}

func (s *Service) mayFollow(by, feed *community.Actor) error {
	switch {
	case !feed.IsFeed():
		return fault.New(fault.Invalid, "%s is no feed.", feed.Handle())
	case feed.Gone():
		return fault.New(fault.NotFound, "%s is gone.", feed.Handle())
	case !by.IsPerson():
		return fault.New(fault.Forbidden, "Only people follow feeds.")
	case !by.Local() && !feed.Local():
		return fault.New(fault.Forbidden, "Neither %s nor %s lives here.", by.Handle(), feed.Handle())
	}
	return by.MaySpeak(s.now())
}

// count counts one follower more or less, and whether their server hears of
// what a feed of this one does.
func count(ctx context.Context, tx *storage.DB, by, feed *community.Actor, change int64) error {
	if err := tx.CountMember(ctx, feed.ID, change); err != nil || by.Local() || !feed.Local() {
		return err
	}
	if change > 0 {
		return tx.AddAudience(ctx, feed.ID, by.PeerID)
	}
	return tx.DropAudience(ctx, feed.ID, by.PeerID)
}

func about(kind community.FactKind, by, feed *community.Actor, from community.Origin, at time.Time) community.Fact {
	return community.Fact{Kind: kind, ActorID: by.ID, GroupID: feed.ID, IRI: from.IRI, Raw: from.Activity, At: at}
}

// Unfollow ends that.
func (s *Service) Unfollow(ctx context.Context, by, feed *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "feeds.Unfollow(%s, %s)", by.Handle(), feed.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		follow, err := tx.HoldFollow(ctx, by.ID, feed.ID)
		if err != nil || follow == nil {
			return err
		}
		if err := tx.DeleteFollow(ctx, by.ID, feed.ID); err != nil {
			return err
		}
		if follow.State == community.Accepted {
			if err := count(ctx, tx, by, feed, -1); err != nil {
				return err
			}
		}
		fact := about(community.FollowerLeft, by, feed, from, s.now())
		if by.Local() {
			fact.Kind, fact.IRI = community.FeedLeft, follow.IRI
		}
		return tx.Record(ctx, fact)
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
		}
		was := follow.State == community.Accepted
		if accepted {
			follow.State = community.Accepted
			err = tx.SaveFollow(ctx, follow)
		} else {
			err = tx.DeleteFollow(ctx, by.ID, feed.ID)
		}
		switch {
		case err != nil || was == accepted:
			return err
		case accepted:
			return count(ctx, tx, by, feed, 1)
		}
		return count(ctx, tx, by, feed, -1)
	})
}
