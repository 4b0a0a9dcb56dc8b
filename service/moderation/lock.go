package moderation

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// LockPost ends a thread: nobody answers in it any more.
func (s *Service) LockPost(ctx context.Context, by *community.Actor, id community.PostID, reason string, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.LockPost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostLocked, reason, from, func(_ *storage.DB, p *community.Post) (bool, error) {
		changed := p.LockedAt.IsZero()
		p.LockedAt = s.now()
		return changed, nil
	})
}

// UnlockPost opens a thread again.
func (s *Service) UnlockPost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnlockPost(%d)", id)
	return s.decidePost(ctx, by, id, community.PostUnlocked, "", from, func(_ *storage.DB, p *community.Post) (bool, error) {
		changed := !p.LockedAt.IsZero()
		p.LockedAt = time.Time{}
		return changed, nil
	})
}

// LockComment ends a branch of a thread: nothing below the comment is
// answered any more.
func (s *Service) LockComment(ctx context.Context, by *community.Actor, id community.CommentID, reason string, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.LockComment(%d)", id)
	return s.lockComment(ctx, by, id, community.CommentLocked, reason, from)
}

// UnlockComment opens a branch again.
func (s *Service) UnlockComment(ctx context.Context, by *community.Actor, id community.CommentID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnlockComment(%d)", id)
	return s.lockComment(ctx, by, id, community.CommentUnlocked, "", from)
}

func (s *Service) lockComment(ctx context.Context, by *community.Actor, id community.CommentID, kind community.FactKind, reason string, from community.Origin) error {
	reason, err := said(reason, from)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayIn(ctx, tx, by, c.GroupID, community.LockThreads, from); err != nil {
			return err
		}
		lock := kind == community.CommentLocked
		if lock != c.LockedAt.IsZero() || !c.DeletedAt.IsZero() {
			return nil // it is so already
		}
		c.LockedAt = time.Time{}
		if lock {
			c.LockedAt = s.now()
		}
		if err := tx.LockComment(ctx, c); err != nil {
			return err
		}
		return s.decided(ctx, tx, &community.Decision{
			Kind: kind, ActorID: by.ID, GroupID: c.GroupID, TargetID: c.AuthorID, PostID: c.PostID, CommentID: c.ID, Reason: reason,
		}, from)
	})
}

// decidePost changes a post that stays; apply reports whether it changed it.
func (s *Service) decidePost(ctx context.Context, by *community.Actor, id community.PostID, kind community.FactKind, reason string, from community.Origin,
	apply func(*storage.DB, *community.Post) (bool, error),
) error {
	reason, err := said(reason, from)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayDecide(ctx, tx, by, post, kind, from); err != nil {
			return err
		}
		changed, err := apply(tx, post)
		if err != nil || !changed || !post.DeletedAt.IsZero() {
			return err
		}
		if err := tx.ModeratePost(ctx, post); err != nil {
			return err
		}
		return s.decided(ctx, tx, &community.Decision{
			Kind: kind, ActorID: by.ID, GroupID: post.GroupID, TargetID: post.AuthorID, PostID: post.ID, Reason: reason,
		}, from)
	})
}

// mayDecide reports why by may not change a post that stays. Its author's
// server may call it sensitive, as it may take it down.
func (s *Service) mayDecide(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post, kind community.FactKind, from community.Origin) error {
	switch kind {
	case community.PostMarked:
		_, err := s.mayTakeDown(ctx, tx, by, written{group: post.GroupID, author: post.AuthorID}, community.MarkPosts, from)
		return err
	case community.PostUnmarked:
		return s.mayIn(ctx, tx, by, post.GroupID, community.MarkPosts, from)
	case community.PostFeatured, community.PostUnfeatured:
		return s.mayIn(ctx, tx, by, post.GroupID, community.FeaturePosts, from)
	}
	return s.mayIn(ctx, tx, by, post.GroupID, community.LockThreads, from)
}
