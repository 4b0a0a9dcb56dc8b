package groups

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Mirror notes who moderates a group of another server, as that server said
// when it was asked: those in moderators and nobody else. Of whoever was
// appointed or dismissed since then it may not have known yet: they stay what
// they are.
func (s *Service) Mirror(ctx context.Context, group *community.Actor, moderators map[community.ActorID]bool, asked time.Time) (err error) {
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
			if moderators[actor.ID] || newer[actor.ID] {
				continue
			}
			if err := s.setRole(ctx, tx, group.ID, actor.ID, community.Member); err != nil {
				return err
			}
		}
		for id := range moderators {
			if newer[id] {
				continue
			}
			if err := s.setRole(ctx, tx, group.ID, id, community.Moderator); err != nil {
				return err
			}
		}
		return nil
	})
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
