package groups

import (
	"context"
	"slices"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Mirror notes who moderates a group of another server, as that server said
// when it was asked: those in moderators and nobody else, the owner or the most
// senior first. Of whoever was appointed or dismissed since then it may not
// have known yet: they stay what they are.
func (s *Service) Mirror(ctx context.Context, group *community.Actor, moderators []community.ActorID, asked time.Time) (err error) {
	defer fault.Wrap(&err, "groups.Mirror(%s)", group.Handle())
	if group.Local() {
		return fault.New(fault.Forbidden, "%s lives here and is looked after here.", group.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldModerators(ctx, group.ID); err != nil {
			return err
		}
		known, err := tx.Moderators(ctx, group.ID)
		if err != nil {
			return err
		}
		newer, err := tx.AppointedSince(ctx, group.ID, community.Timestamp(asked))
		if err != nil {
			return err
		}
		for _, actor := range known {
			if slices.Contains(moderators, actor.ID) || newer[actor.ID] {
				continue
			}
			if err := s.setRole(ctx, tx, group.ID, actor.ID, community.Member); err != nil {
				return err
			}
		}
		listed := slices.DeleteFunc(slices.Clone(moderators), func(id community.ActorID) bool { return newer[id] })
		for _, id := range listed {
			if err := s.setRole(ctx, tx, group.ID, id, community.Moderator); err != nil {
				return err
			}
		}
		return s.lineUp(ctx, tx, group.ID, listed)
	})
}

// lineUp makes the moderators of a group as senior as they are listed. Whoever
// came forward, as a new owner does, moderates for a moment longer than those
// who come next; nobody else's time changes.
func (s *Service) lineUp(ctx context.Context, tx *storage.DB, group community.ActorID, listed []community.ActorID) error {
	var behind time.Time
	for _, id := range slices.Backward(listed) {
		m, err := tx.HoldMembership(ctx, group, id)
		if err != nil {
			return err
		}
		if !m.Moderates() {
			continue
		}
		if !behind.IsZero() && !m.ModeratesSince.Before(behind) {
			m.ModeratesSince = community.Timestamp(behind.Add(-time.Second))
			if err := tx.SaveMembership(ctx, m); err != nil {
				return err
			}
		}
		behind = m.ModeratesSince
	}
	return nil
}

// setRole gives somebody a role in a group, whatever else they are to it. An
// owner stays one while they moderate at all.
func (s *Service) setRole(ctx context.Context, tx *storage.DB, group, actor community.ActorID, role community.Role) error {
	m, err := tx.HoldMembership(ctx, group, actor)
	if err != nil || m.Moderates() && role != community.Member {
		return err
	}
	if m == nil {
		m = &community.Membership{GroupID: group, ActorID: actor, State: community.Absent, CreatedAt: s.now()}
	}
	if m.Demote(); role != community.Member {
		m.Promote(s.now())
	}
	if m.State == community.Absent {
		return s.forget(ctx, tx, m)
	}
	return tx.SaveMembership(ctx, m)
}
