package notifications

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/storage"
)

// keptAway reports whether whom is not told what somebody did to them, because
// they keep them away, or where they live, or the group, or words that it
// holds. Who muted a group is still told what concerns them there; who blocked
// it is not.
func (s *Service) keptAway(ctx context.Context, tx *storage.DB, whom community.ActorID, fact community.Fact, kind community.NotificationKind) (bool, error) {
	if !slices.Contains(community.ByPeople, kind) {
		return false, nil
	}
	sight, err := tx.Sight(ctx, whom, s.Now())
	if err != nil || sight.Clear() {
		return false, err
	}
	by, err := tx.Actor(ctx, fact.ActorID)
	if err != nil {
		return false, err
	}
	if away, err := s.keepsAway(ctx, tx, sight, by, fact.GroupID); err != nil || away {
		return away, err
	}
	if kind == community.Quoted || !sight.Has(community.InNotifications) {
		return false, nil
	}
	texts, err := said(ctx, tx, fact)
	return err == nil && sight.Hides(community.InNotifications, by.ID, texts...), err
}

func (s *Service) keepsAway(ctx context.Context, tx *storage.DB, sight *community.Sight, by *community.Actor, group community.ActorID) (bool, error) {
	away, err := tx.Away(ctx, sight.Viewer, []community.ActorID{by.ID, group}, s.Now())
	if err != nil {
		return false, err
	}
	if b := away[group]; away[by.ID] != nil || b != nil && !b.Mute {
		return true, nil
	}
	if by.Host == "" || !sight.Servers {
		return false, nil
	}
	b, err := tx.BlockOf(ctx, sight.Viewer, community.BlockServer, 0, by.Host)
	return b != nil && !b.Over(s.Now()), err
}

// said are the words that a fact is about.
func said(ctx context.Context, tx *storage.DB, fact community.Fact) ([]string, error) {
	if fact.CommentID != 0 {
		c, err := tx.Comment(ctx, fact.CommentID)
		if err != nil {
			return nil, err
		}
		return []string{c.Body}, nil
	}
	post, err := tx.Post(ctx, fact.PostID)
	if err != nil {
		return nil, err
	}
	return []string{post.Title, post.Body, post.Link}, nil
}
