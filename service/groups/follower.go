package groups

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// askToFollow notes that somebody wants to follow a person who approves
// followers by hand. Whoever asks again is not heard twice; the answer repeats
// the newest Follow.
func (s *Service) askToFollow(ctx context.Context, tx *storage.DB, by, person *community.Actor, known *community.Follow, from community.Origin) error {
	now := s.now()
	f := &community.Follow{
		FollowerID: by.ID, TargetID: person.ID, State: community.Pending, IRI: from.IRI, Raw: from.Activity, CreatedAt: now, ChangedAt: now,
	}
	if err := tx.SaveFollow(ctx, f); err != nil || known != nil {
		return err
	}
	return tx.Record(ctx, follower(community.FollowerAsked, by, person, from, now))
}

// FollowRequests lists who asks to follow by.
func (s *Service) FollowRequests(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.Follower, next string, err error) {
	defer fault.Wrap(&err, "groups.FollowRequests(%s)", by.Handle())
	return s.DB.FollowersOf(ctx, by.ID, community.Pending, page)
}

// FollowersOf lists who follows by.
func (s *Service) FollowersOf(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.Follower, next string, err error) {
	defer fault.Wrap(&err, "groups.FollowersOf(%s)", by.Handle())
	return s.DB.FollowersOf(ctx, by.ID, community.Accepted, page)
}

// AdmitFollower lets somebody follow by who asked to. Doing so again changes
// nothing.
func (s *Service) AdmitFollower(ctx context.Context, by *community.Actor, whom community.Handle) (err error) {
	defer fault.Wrap(&err, "groups.AdmitFollower(%s, %s)", by.Handle(), whom)
	return s.aboutFollower(ctx, by, whom, func(tx *storage.DB, who *community.Actor, f *community.Follow) error {
		if f.State == community.Accepted {
			return nil
		}
		if err := by.MaySpeak(s.now()); err != nil {
			return err
		}
		f.State, f.ChangedAt = community.Accepted, s.now()
		if err := tx.SaveFollow(ctx, f); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, who, by); err != nil {
			return err
		}
		return tx.Record(ctx, s.answer(community.FollowerAdmitted, by, f))
	})
}

// RefuseFollower keeps somebody from following by: who asked to, and who
// already does.
func (s *Service) RefuseFollower(ctx context.Context, by *community.Actor, whom community.Handle) (err error) {
	defer fault.Wrap(&err, "groups.RefuseFollower(%s, %s)", by.Handle(), whom)
	return s.aboutFollower(ctx, by, whom, func(tx *storage.DB, who *community.Actor, f *community.Follow) error {
		was := f.State
		if err := s.dismiss(ctx, tx, who, f); err != nil {
			return err
		}
		if was == community.Accepted {
			if err := s.exit(ctx, tx, who, by); err != nil {
				return err
			}
		}
		return tx.Record(ctx, s.answer(community.FollowerRefused, by, f))
	})
}

// dismiss ends a follow that whom it is of does not want. Somebody of this
// server sees that they do not.
func (s *Service) dismiss(ctx context.Context, tx *storage.DB, who *community.Actor, f *community.Follow) error {
	if !who.Local() {
		return tx.DeleteFollow(ctx, f.FollowerID, f.TargetID)
	}
	f.State, f.ChangedAt = community.TurnedDown, s.now()
	return tx.SaveFollow(ctx, f)
}

func (s *Service) aboutFollower(
	ctx context.Context, by *community.Actor, whom community.Handle,
	then func(tx *storage.DB, who *community.Actor, f *community.Follow) error,
) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		who, err := tx.ActorByHandle(ctx, whom)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		var f *community.Follow
		if err == nil {
			if f, err = tx.HoldFollow(ctx, who.ID, by.ID); err != nil {
				return err
			}
		}
		if f == nil || f.State == community.TurnedDown {
			return fault.New(fault.NotFound, "%s does not follow you, nor asks to.", whom)
		}
		return then(tx, who, f)
	})
}

// answer is what by says to somebody who follows them, or wants to.
func (s *Service) answer(kind community.FactKind, by *community.Actor, f *community.Follow) community.Fact {
	return community.Fact{Kind: kind, ActorID: by.ID, GroupID: by.ID, TargetID: f.FollowerID, IRI: f.IRI, Raw: f.Raw, At: s.now()}
}
