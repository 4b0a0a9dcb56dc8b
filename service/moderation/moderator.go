package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// AddModerator makes person a moderator of group; its moderators may.
func (s *Service) AddModerator(ctx context.Context, by, group, person *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.AddModerator(%s, %s)", group.Handle(), person.Handle())
	if !person.IsPerson() || person.Gone() {
		return fault.New(fault.Invalid, "%s is nobody who could moderate.", person.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.held(ctx, tx, group, person)
		if err != nil {
			return err
		}
		if _, err := s.may(ctx, tx, by, group, community.AppointOthers, from); err != nil || m.Moderates() {
			return err
		}
		if m.Banned(s.now()) || person.MaySpeak(s.now()) != nil {
			return fault.New(fault.Conflict, "%s is banned. Lift the ban first.", person.Handle())
		}
		m.Promote(s.now())
		if err := tx.SaveMembership(ctx, m); err != nil {
			return err
		}
		return s.decided(ctx, tx, aboutMember(community.ModeratorAdded, by, group, person), from)
	})
}

// RemoveModerator ends person's time as a moderator of group; see
// community.MayDismiss.
func (s *Service) RemoveModerator(ctx context.Context, by, group, person *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.RemoveModerator(%s, %s)", group.Handle(), person.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.held(ctx, tx, group, person)
		if err != nil {
			return err
		}
		mine, err := s.may(ctx, tx, by, group, community.AppointOthers, from)
		if err != nil || !m.Moderates() {
			return err
		}
		if group.Local() {
			list, err := tx.Moderators(ctx, group.ID)
			if err != nil {
				return err
			}
			if err := community.MayDismiss(mine, m, len(list)); err != nil {
				return err
			}
		}
		m.Demote()
		if err := s.keep(ctx, tx, m); err != nil {
			return err
		}
		return s.decided(ctx, tx, aboutMember(community.ModeratorRemoved, by, group, person), from)
	})
}

// held loads what person is to group, new if nothing yet, and holds the
// group's list of moderators too, so that two who leave at once do not leave
// it empty.
func (s *Service) held(ctx context.Context, tx *storage.DB, group, person *community.Actor) (*community.Membership, error) {
	if err := tx.HoldModerators(ctx, group.ID); err != nil {
		return nil, err
	}
	m, err := tx.HoldMembership(ctx, group.ID, person.ID)
	if err == nil && m == nil {
		m = &community.Membership{GroupID: group.ID, ActorID: person.ID, Role: community.Member, State: community.Absent, CreatedAt: s.now()}
	}
	return m, err
}

// keep stores a membership, or forgets it where nothing is left of it.
func (s *Service) keep(ctx context.Context, tx *storage.DB, m *community.Membership) error {
	if m.Idle(s.now()) {
		return tx.DeleteMembership(ctx, m.GroupID, m.ActorID)
	}
	return tx.SaveMembership(ctx, m)
}

func aboutMember(kind community.FactKind, by, group, person *community.Actor) *community.Decision {
	return &community.Decision{Kind: kind, ActorID: by.ID, GroupID: group.ID, TargetID: person.ID}
}
