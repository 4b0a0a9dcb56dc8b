package notifications

import (
	"context"

	"drystone/community"
	"drystone/storage"
)

// grants loads the roles that notifications are about.
func (s *Service) grants(ctx context.Context, list []*community.Notification) (map[community.GrantID]*community.RoleGrant, error) {
	var ids []community.GrantID
	for _, n := range list {
		switch n.Kind {
		case community.Trusted, community.Released, community.Review:
			ids = append(ids, community.GrantID(n.ItemID))
		}
	}
	return s.DB.GrantsByID(ctx, ids)
}

// newKeeper tells the members of a group that somebody looks after it again.
func (s *Service) newKeeper(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	members, err := tx.MembersHere(ctx, fact.GroupID)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := s.tellOfGroup(ctx, tx, fact, m.ID, fact.TargetID, community.NewKeeper); err != nil {
			return err
		}
	}
	return nil
}

// claimed tells those who hand out groups that somebody would like one.
func (s *Service) claimed(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	whom, err := tx.TrustedHere(ctx, community.SiteGroups, s.Now())
	if err != nil {
		return err
	}
	for _, id := range whom {
		if err := s.tellOfGroup(ctx, tx, fact, id, fact.ActorID, community.Claimed); err != nil {
			return err
		}
	}
	return nil
}
