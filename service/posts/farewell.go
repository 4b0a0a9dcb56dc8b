package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Farewell notes that somebody of another server is gone for good: their name
// and what they said about themselves are forgotten. Their words are another
// question; see Forget.
func (s *Service) Farewell(ctx context.Context, who *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.Farewell(%s)", who.Handle())
	if who.Local() {
		return fault.New(fault.Forbidden, "%s lives here.", who.Handle())
	}
	if who.Gone() {
		return nil
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.DeleteActor(ctx, who.ID, s.now()); err != nil {
			return err
		}
		if err := tx.EndAllGrants(ctx, who.ID, s.now()); err != nil {
			return err
		}
		if err := tx.DropQuotesBy(ctx, who.ID); err != nil {
			return err
		}
		if err := tx.DropFollowsOf(ctx, who.ID); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.PersonGone, ActorID: who.ID, Raw: from.Activity, At: s.now()})
	})
}

// Forget withdraws what somebody who is gone wrote, some of it at a time, and
// reports whether there is more. It records no facts: that they are gone was
// told once, and a fact for each word would tell of it a thousand times. What
// was kept of it with reports goes, too.
func (s *Service) Forget(ctx context.Context, who *community.Actor, most int) (more bool, err error) {
	defer fault.Wrap(&err, "posts.Forget(%s)", who.Handle())
	if !who.Gone() {
		return false, fault.New(fault.Forbidden, "%s is still there.", who.Handle())
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		posts, comments, err := tx.WrittenBy(ctx, who.ID, most)
		if err != nil {
			return err
		}
		if err := tx.ForgetSnapshots(ctx, who.ID); err != nil {
			return err
		}
		more = len(posts) == most || len(comments) == most
		for _, id := range posts {
			if _, err := s.withdraw(ctx, tx, id); err != nil {
				return err
			}
		}
		for _, id := range comments {
			if _, err := s.withdrawComment(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// withdraw forgets the words of a post, and returns it unless that was done
// before.
func (s *Service) withdraw(ctx context.Context, tx *storage.DB, id community.PostID) (*community.Post, error) {
	post, err := tx.HoldPost(ctx, id)
	if err != nil || !post.DeletedAt.IsZero() {
		return nil, err
	}
	if done, err := tx.WithdrawPost(ctx, post, s.now()); err != nil || !done {
		return nil, err
	}
	if err := forgetQuotes(ctx, tx, post.AuthorID, post.IRI, post.ID, 0); err != nil {
		return post, err
	}
	return post, detach(ctx, tx, post)
}

// withdrawComment is withdraw for a comment.
func (s *Service) withdrawComment(ctx context.Context, tx *storage.DB, id community.CommentID) (*community.Comment, error) {
	c, err := tx.HoldComment(ctx, id)
	if err != nil || !c.DeletedAt.IsZero() {
		return nil, err
	}
	if done, err := tx.WithdrawComment(ctx, c, s.now()); err != nil || !done {
		return nil, err
	}
	if err := tx.DropAttachmentsIn(ctx, c.PostID, c.ID); err != nil {
		return c, err
	}
	return c, forgetQuotes(ctx, tx, c.AuthorID, c.IRI, c.PostID, c.ID)
}
