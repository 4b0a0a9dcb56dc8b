package notifications

import (
	"context"

	"drystone/community"
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
