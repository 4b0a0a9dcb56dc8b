package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Removal is why something is taken down, and how much.
type Removal struct {
	Reason  string // its author and the public can read it
	Replies bool   // with everything below it
}

// RemovePost takes a post out of its group; its moderators may. Its words are
// kept for them.
func (s *Service) RemovePost(ctx context.Context, by *community.Actor, id community.PostID, r Removal, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.RemovePost(%d)", id)
	if r.Reason, err = said(r.Reason, from); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		wholly, err := s.mayTakeDown(ctx, tx, by, written{group: post.GroupID, author: post.AuthorID}, community.RemoveContent, from)
		if err != nil || post.Hidden() {
			return err
		}
		d := aboutPost(community.PostRemoved, by, post, r.Reason)
		if err := s.record(ctx, tx, d); err != nil {
			return err
		}
		down := storage.Takedown{At: d.CreatedAt, By: by.ID, Reason: r.Reason, In: d.ID}
		if err := tx.TakeDown(ctx, []*community.Post{post}, down); err != nil {
			return err
		}
		if r.Replies = r.Replies && wholly; r.Replies {
			below, err := tx.Shown(ctx, post.ID)
			if err != nil {
				return err
			}
			if err := tx.TakeDownComments(ctx, below, down); err != nil {
				return err
			}
		}
		return s.tell(ctx, tx, d, r.Replies, from)
	})
}

// RestorePost brings a removed post back, and what was removed with it.
func (s *Service) RestorePost(ctx context.Context, by *community.Actor, id community.PostID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.RestorePost(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		wholly, err := s.mayTakeDown(ctx, tx, by, written{post.GroupID, post.AuthorID, post.RemovedBy}, community.RemoveContent, from)
		if err != nil {
			return err
		}
		if post.RemovedAt.IsZero() || !post.DeletedAt.IsZero() {
			return nil // it is so already
		}
		var comments []*community.Comment
		if wholly {
			if comments, err = s.removedWith(ctx, tx, post.RemovedIn, post.ID, 0); err != nil {
				return err
			}
		}
		if err := tx.TakeDown(ctx, []*community.Post{post}, storage.Takedown{}); err != nil {
			return err
		}
		if err := tx.TakeDownComments(ctx, comments, storage.Takedown{}); err != nil {
			return err
		}
		return s.restored(ctx, tx, aboutPost(community.PostRestored, by, post, ""), len(comments) > 0, from)
	})
}

// RemoveComment takes a comment out of its thread; the group's moderators
// may.
func (s *Service) RemoveComment(ctx context.Context, by *community.Actor, id community.CommentID, r Removal, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.RemoveComment(%d)", id)
	if r.Reason, err = said(r.Reason, from); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		wholly, err := s.mayTakeDown(ctx, tx, by, written{group: c.GroupID, author: c.AuthorID}, community.RemoveContent, from)
		if err != nil || c.Hidden() {
			return err
		}
		d := aboutComment(community.CommentRemoved, by, c, r.Reason)
		if err := s.record(ctx, tx, d); err != nil {
			return err
		}
		list := []*community.Comment{c}
		if r.Replies = r.Replies && wholly; r.Replies {
			if list, err = tx.Branch(ctx, c); err != nil {
				return err
			}
		}
		if err := tx.TakeDownComments(ctx, list, storage.Takedown{At: d.CreatedAt, By: by.ID, Reason: r.Reason, In: d.ID}); err != nil {
			return err
		}
		return s.tell(ctx, tx, d, r.Replies, from)
	})
}

// RestoreComment brings a removed comment back, and what was removed with it.
func (s *Service) RestoreComment(ctx context.Context, by *community.Actor, id community.CommentID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.RestoreComment(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		wholly, err := s.mayTakeDown(ctx, tx, by, written{c.GroupID, c.AuthorID, c.RemovedBy}, community.RemoveContent, from)
		if err != nil {
			return err
		}
		if c.RemovedAt.IsZero() || !c.DeletedAt.IsZero() {
			return nil // it is so already
		}
		list, err := s.removedWith(ctx, tx, c.RemovedIn, c.PostID, c.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 || !wholly {
			list = []*community.Comment{c}
		}
		if err := tx.TakeDownComments(ctx, list, storage.Takedown{}); err != nil {
			return err
		}
		return s.restored(ctx, tx, aboutComment(community.CommentRestored, by, c, ""), len(list) > 1, from)
	})
}

func (s *Service) restored(ctx context.Context, tx *storage.DB, d *community.Decision, all bool, from community.Origin) error {
	if err := s.record(ctx, tx, d); err != nil {
		return err
	}
	return s.tell(ctx, tx, d, all, from)
}

// removedWith returns the comments that the removal of a post, or of one of
// its comments, took down, that comment included. What went with a ban, or
// with something above, comes back by itself.
func (s *Service) removedWith(ctx context.Context, tx *storage.DB, in community.DecisionID, post community.PostID, comment community.CommentID) ([]*community.Comment, error) {
	if in == 0 {
		return nil, nil
	}
	d, err := tx.Decision(ctx, in)
	if err != nil || d.PostID != post || d.CommentID != comment {
		return nil, err
	}
	_, comments, err := tx.RemovedIn(ctx, in)
	return comments, err
}

func aboutPost(kind community.FactKind, by *community.Actor, p *community.Post, reason string) *community.Decision {
	return &community.Decision{Kind: kind, ActorID: by.ID, GroupID: p.GroupID, TargetID: p.AuthorID, PostID: p.ID, Reason: reason}
}

func aboutComment(kind community.FactKind, by *community.Actor, c *community.Comment, reason string) *community.Decision {
	return &community.Decision{
		Kind: kind, ActorID: by.ID, GroupID: c.GroupID, TargetID: c.AuthorID, PostID: c.PostID, CommentID: c.ID, Reason: reason,
	}
}
