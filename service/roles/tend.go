package roles

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// tendOnce bounds what one transaction ends or reminds of.
const tendOnce = 100

// Tend ends the grants whose time is over, and reminds those who gave roles to
// look at them again. What is over permits nothing, whether or not it was ended.
func (s *Service) Tend(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "roles.Tend")
	for {
		n, err := s.tend(ctx)
		if err != nil || n < tendOnce {
			return err
		}
	}
}

func (s *Service) tend(ctx context.Context) (n int, err error) {
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		over, err := tx.GrantsOver(ctx, s.now(), tendOnce)
		if err != nil {
			return err
		}
		for _, g := range over {
			if err := s.end(ctx, tx, g, community.RoleExpired, g.GrantedBy); err != nil {
				return err
			}
		}
		due, err := tx.GrantsDue(ctx, s.now(), tendOnce)
		if err != nil {
			return err
		}
		for _, g := range due {
			if err := s.remind(ctx, tx, g); err != nil {
				return err
			}
		}
		n = max(len(over), len(due))
		return nil
	})
	return n, err
}

// remind tells who gave a role that it is to be looked at again; where they may
// give none any more, those who may.
func (s *Service) remind(ctx context.Context, tx *storage.DB, g *community.RoleGrant) error {
	g.RemindedAt = s.now()
	if err := tx.SaveGrant(ctx, g); err != nil {
		return err
	}
	whom, err := s.givers(ctx, tx, g.GroupID)
	if err != nil {
		return err
	}
	for _, id := range whom {
		if id == g.GrantedBy {
			whom = []community.ActorID{id}
			break
		}
	}
	for _, id := range whom {
		fact := community.Fact{
			Kind: community.RoleDue, ActorID: g.ActorID, GroupID: g.GroupID, TargetID: id, ItemID: int64(g.ID), At: g.RemindedAt,
		}
		if err := tx.Record(ctx, fact); err != nil {
			return err
		}
	}
	return nil
}

// givers lists who may give roles in a group, or, for 0, on this server.
func (s *Service) givers(ctx context.Context, tx *storage.DB, group community.ActorID) ([]community.ActorID, error) {
	if group == 0 {
		return tx.TrustedHere(ctx, community.GiveSiteRoles, s.now())
	}
	list, err := tx.Trusted(ctx, group, community.GiveRoles, s.now())
	ids := make([]community.ActorID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return ids, err
}
