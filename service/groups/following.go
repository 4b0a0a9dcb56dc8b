package groups

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// FollowPerson has by, who lives here, follow a person, wherever they live.
// Here that is done at once, unless the person approves followers by hand; a
// person elsewhere is asked, and the follow is pending until they answer.
// Asking again changes nothing, except that what nobody answered for a day is
// sent again. What is brought along, in a list or by a move, is not held to the
// bounds of a day.
func (s *Service) FollowPerson(ctx context.Context, by, person *community.Actor, brought bool) (_ *community.Follow, err error) {
	defer fault.Wrap(&err, "groups.FollowPerson(%s, %s)", by.Handle(), person.Handle())
	if err := by.MayFollow(person, s.now()); err != nil {
		return nil, err
	}
	var follow *community.Follow
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldFollowing(ctx, by.ID); err != nil {
			return err
		}
		known, err := tx.HoldFollow(ctx, by.ID, person.ID)
		if err != nil {
			return err
		}
		now := s.now()
		between, err := tx.Between(ctx, by, person, now)
		if err != nil {
			return err
		}
		if err := between.Bars("follow", person); err != nil {
			return err
		}
		again, err := known.AsksAgain(person, now)
		if follow = known; err != nil || !again {
			return err
		}
		if known == nil {
			if err := mayFollowMore(ctx, tx, by, brought, now); err != nil {
				return err
			}
		}
		follow, err = s.followPerson(ctx, tx, by, person, known)
		return err
	})
	return follow, err
}

func mayFollowMore(ctx context.Context, tx *storage.DB, by *community.Actor, brought bool, now time.Time) error {
	all, today, err := tx.CountFollowing(ctx, by.ID, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if brought {
		today = 0
	}
	return community.MayFollowMore(all, today)
}

// followPerson stores a follow that is new, or asked for anew.
func (s *Service) followPerson(ctx context.Context, tx *storage.DB, by, person *community.Actor, known *community.Follow) (*community.Follow, error) {
	now := s.now()
	f := &community.Follow{FollowerID: by.ID, TargetID: person.ID, State: community.Pending, CreatedAt: now, ChangedAt: now}
	if known != nil {
		f.CreatedAt = known.CreatedAt
	}
	fact := community.Fact{Kind: community.FollowerAsked, ActorID: by.ID, GroupID: person.ID, At: now}
	switch {
	case !person.Local():
		f.IRI, fact.Kind = s.mint("follow"), community.PersonFollowed
		fact.IRI = f.IRI
	case !person.Locked:
		f.State, fact.Kind, fact.Value = community.Accepted, community.FollowerJoined, 1
	}
	if err := tx.SaveFollow(ctx, f); err != nil {
		return nil, err
	}
	if f.State == community.Accepted {
		if err := s.enter(ctx, tx, by, person); err != nil {
			return nil, err
		}
	}
	return f, tx.Record(ctx, fact)
}

// Following lists the people whom by follows, asked to follow, or who do not
// want that.
func (s *Service) Following(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.Follower, next string, err error) {
	defer fault.Wrap(&err, "groups.Following(%s)", by.Handle())
	return s.DB.FollowingOf(ctx, by.ID, page)
}

// HowFollowed returns how reader, nil for nobody in particular, follows each of
// some people.
func (s *Service) HowFollowed(ctx context.Context, reader *community.Actor, people ...*community.Actor) (_ map[community.ActorID]*community.Follow, err error) {
	defer fault.Wrap(&err, "groups.HowFollowed(%d)", len(people))
	if reader == nil {
		return map[community.ActorID]*community.Follow{}, nil
	}
	ids := make([]community.ActorID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return s.DB.FollowsAmong(ctx, reader.ID, ids)
}

// FollowAnswered notes what a person elsewhere said to somebody here who
// follows them, or asked to; they may say no later, too. An answer that nobody
// waits for changes nothing.
func (s *Service) FollowAnswered(ctx context.Context, person, by *community.Actor, accepted bool) (err error) {
	defer fault.Wrap(&err, "groups.FollowAnswered(%s, %s)", person.Handle(), by.Handle())
	if person.Local() || !by.Local() {
		return fault.New(fault.Forbidden, "%s does not answer %s from elsewhere.", person.Handle(), by.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		f, err := tx.HoldFollow(ctx, by.ID, person.ID)
		if err != nil {
			return err
		}
		if f == nil {
			return fault.New(fault.NotFound, "%s did not ask to follow %s.", by.Handle(), person.Handle())
		}
		was := f.State
		if f.State = community.TurnedDown; accepted {
			f.State = community.Accepted
		}
		if f.State == was {
			return nil
		}
		f.ChangedAt = s.now()
		if err := tx.SaveFollow(ctx, f); err != nil {
			return err
		}
		switch {
		case accepted:
			if err := s.enter(ctx, tx, by, person); err != nil {
				return err
			}
			return tx.Record(ctx, community.Fact{
				Kind: community.FollowGranted, ActorID: person.ID, GroupID: person.ID, TargetID: by.ID, At: f.ChangedAt,
			})
		case was == community.Accepted:
			return s.exit(ctx, tx, by, person)
		}
		return nil
	})
}

// takenAtOnce bounds the followers who are read at once when somebody moved.
const takenAtOnce = 200

// takeFollowers has the people of this server who follow somebody who moved
// follow them where they live now, and no more where they did.
func (s *Service) takeFollowers(ctx context.Context, who, target *community.Actor) error {
	for last := community.ActorID(0); ; {
		followers, err := s.DB.FollowersHere(ctx, who.ID, last, takenAtOnce)
		if err != nil || len(followers) == 0 {
			return err
		}
		for _, follower := range followers {
			last = follower.ID
			err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.takeFollower(ctx, tx, follower, who, target) })
			if err != nil && !fault.Is(err, fault.Forbidden) { // who may not follow them there stays where they are
				return err
			}
		}
	}
}

func (s *Service) takeFollower(ctx context.Context, tx *storage.DB, follower, from, to *community.Actor) error {
	in := *s
	in.DB = tx
	if follower.ID != to.ID { // they followed their own old account
		if _, err := in.FollowPerson(ctx, follower, to, true); err != nil {
			return err
		}
	}
	return in.Unfollow(ctx, follower, from, community.Origin{})
}
