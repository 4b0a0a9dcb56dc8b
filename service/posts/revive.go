package posts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Revive brings back a post that its author, who lives elsewhere, deleted and
// wants back: with the words that change has, since those of before are
// forgotten. What a moderator removed meanwhile stays removed.
func (s *Service) Revive(ctx context.Context, by *community.Actor, id community.PostID, change Change) (err error) {
	defer fault.Wrap(&err, "posts.Revive(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayRevive(ctx, tx, by, post.GroupID, post.AuthorID, post.DeletedAt); err != nil {
			return err
		}
		edited := post.EditedAt
		post.DeletedAt = time.Time{}
		if _, err := s.edit(by, post, &change); err != nil {
			return err
		}
		post.EditedAt = edited
		if err := tx.EditPost(ctx, post); err != nil {
			return err
		}
		if done, err := tx.RevivePost(ctx, post); err != nil || !done {
			return err
		}
		if change.Beside != nil {
			if err := s.reattach(ctx, tx, post, *change.Beside); err != nil {
				return err
			}
		}
		if err := retag(ctx, tx, by, post, change); err != nil || post.Hidden() {
			return err
		}
		return tx.Record(ctx, s.fact(community.PostRestored, by, post, change.From))
	})
}

// ReviveComment is Revive for a comment.
func (s *Service) ReviveComment(ctx context.Context, by *community.Actor, id community.CommentID, change Change) (err error) {
	defer fault.Wrap(&err, "posts.ReviveComment(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayRevive(ctx, tx, by, c.GroupID, c.AuthorID, c.DeletedAt); err != nil {
			return err
		}
		c.DeletedAt = time.Time{}
		if err := change.applyComment(by, c); err != nil {
			return err
		}
		if err := tx.EditComment(ctx, c); err != nil {
			return err
		}
		if done, err := tx.ReviveComment(ctx, c); err != nil || !done || c.Hidden() {
			return err
		}
		return tx.Record(ctx, s.commentFact(community.CommentRestored, by, c, change.From))
	})
}

// mayRevive reports why by may not bring back what author deleted.
func (s *Service) mayRevive(ctx context.Context, tx *storage.DB, by *community.Actor, group, author community.ActorID, deleted time.Time) error {
	switch {
	case deleted.IsZero():
		return fault.New(fault.Conflict, "That is not deleted.")
	case by.Local():
		return fault.New(fault.Forbidden, "What you deleted is forgotten. Write it again.")
	}
	return s.mayEdit(ctx, tx, by, group, author, false)
}
