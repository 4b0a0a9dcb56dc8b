package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// ChooseAnswer says that a comment answers the post above it, in place of any
// other; who asked may, and the group's moderators.
func (s *Service) ChooseAnswer(ctx context.Context, by *community.Actor, id community.PostID, answer community.CommentID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.ChooseAnswer(%d, %d)", id, answer)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := s.holdQuestion(ctx, tx, by, id, from)
		if err != nil || post.AnswerID == answer {
			return err
		}
		c, err := tx.Comment(ctx, answer)
		if err != nil {
			return err
		}
		if c.PostID != id {
			return fault.Field("comment_id", "Comment %d is in another thread.", answer)
		}
		if c.Hidden() {
			return fault.New(fault.NotFound, "This comment is gone.")
		}
		if post.AnswerID != 0 {
			// Others may know several answers, and would keep both.
			if err := tx.Record(ctx, s.answerFact(community.AnswerWithdrawn, by, post, post.AnswerID, community.Origin{})); err != nil {
				return err
			}
		}
		if err := tx.SetAnswer(ctx, id, answer); err != nil {
			return err
		}
		fact := s.answerFact(community.AnswerChosen, by, post, answer, from)
		fact.TargetID = c.AuthorID
		return tx.Record(ctx, fact)
	})
}

// WithdrawAnswer says that a post is not answered after all: by answer, or by
// whatever it is (0). What it is not already changes nothing.
func (s *Service) WithdrawAnswer(ctx context.Context, by *community.Actor, id community.PostID, answer community.CommentID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "posts.WithdrawAnswer(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := s.holdQuestion(ctx, tx, by, id, from)
		if err != nil {
			return err
		}
		if post.AnswerID == 0 || answer != 0 && post.AnswerID != answer {
			return nil
		}
		if err := tx.SetAnswer(ctx, id, 0); err != nil {
			return err
		}
		return tx.Record(ctx, s.answerFact(community.AnswerWithdrawn, by, post, post.AnswerID, from))
	})
}

// holdQuestion loads a post whose answer by wants to choose.
func (s *Service) holdQuestion(ctx context.Context, tx *storage.DB, by *community.Actor, id community.PostID, from community.Origin) (*community.Post, error) {
	post, err := tx.HoldPost(ctx, id)
	if err != nil {
		return nil, err
	}
	group, err := tx.Actor(ctx, post.GroupID)
	if err != nil {
		return nil, err
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return nil, err
	}
	if err := group.Admits(by, m); err != nil {
		return nil, err
	}
	if err := s.welcome(ctx, tx, by, group); err != nil {
		return nil, err
	}
	if err := m.MayPost(group, s.now()); err != nil {
		return nil, err
	}
	if from.Vouched && !group.Local() && !post.Hidden() {
		return post, nil // by a moderator, says the group's server
	}
	return post, community.MayChooseAnswer(by, m, post, s.now())
}

func (s *Service) answerFact(kind community.FactKind, by *community.Actor, post *community.Post, answer community.CommentID, from community.Origin) community.Fact {
	fact := s.fact(kind, by, post, from)
	fact.CommentID = answer
	return fact
}
