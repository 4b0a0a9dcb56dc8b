package moderation

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// FeaturePost puts a post on top of its group. A group of ours has room for a
// few; what others put there is theirs to choose.
func (s *Service) FeaturePost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.FeaturePost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostFeatured, "", from, func(tx *storage.DB, p *community.Post) (bool, error) {
		if !p.FeaturedAt.IsZero() {
			return false, nil
		}
		p.FeaturedAt = s.now()
		if !p.Local {
			return true, nil
		}
		if err := tx.HoldFeatured(ctx, p.GroupID); err != nil {
			return false, err
		}
		list, err := tx.Featured(ctx, p.GroupID)
		if err != nil {
			return false, err
		}
		return true, p.MayFeature(len(list))
	})
}

// UnfeaturePost takes a post down from the top.
func (s *Service) UnfeaturePost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnfeaturePost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostUnfeatured, "", from, func(_ *storage.DB, p *community.Post) (bool, error) {
		changed := !p.FeaturedAt.IsZero()
		p.FeaturedAt = time.Time{}
		return changed, nil
	})
}

// MarkPost says that a post is to be veiled until a reader asks.
func (s *Service) MarkPost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.MarkPost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostMarked, "", from, func(_ *storage.DB, p *community.Post) (bool, error) {
		changed := !p.Sensitive
		p.Sensitive = true
		return changed, nil
	})
}

// UnmarkPost takes the veil away.
func (s *Service) UnmarkPost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnmarkPost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostUnmarked, "", from, func(_ *storage.DB, p *community.Post) (bool, error) {
		changed := p.Sensitive
		p.Sensitive = false
		return changed, nil
	})
}
