package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// remember keeps what a post or comment said before it was changed to what it
// says now, if it says something else.
func (s *Service) remember(ctx context.Context, tx *storage.DB, before, now *community.Version) error {
	if before.Says(now) {
		return nil
	}
	before.ReplacedAt = s.now()
	return tx.AddVersion(ctx, before)
}

// History lists what a post said, the latest first, as reader may read it:
// what is hidden from them, the past of it is, too.
func (s *Service) History(ctx context.Context, reader *community.Actor, id community.PostID) (_ []*community.Version, err error) {
	defer fault.Wrap(&err, "posts.History(%d)", id)
	v, err := s.Find(ctx, reader, id)
	if err != nil {
		return nil, err
	}
	return s.history(ctx, v.Version(), past{v.Hidden(), !v.DeletedAt.IsZero(), v.Can.See, v.Veil})
}

// CommentHistory is History for a comment.
func (s *Service) CommentHistory(ctx context.Context, reader *community.Actor, id community.CommentID) (_ []*community.Version, err error) {
	defer fault.Wrap(&err, "posts.CommentHistory(%d)", id)
	v, err := s.FindComment(ctx, reader, id)
	if err != nil {
		return nil, err
	}
	return s.history(ctx, v.Version(), past{v.Hidden(), !v.DeletedAt.IsZero(), v.Can.See, v.Veil})
}

// past is what hides what was said.
type past struct {
	hidden, deleted, sees bool
	veil                  community.Veil
}

func (s *Service) history(ctx context.Context, now *community.Version, p past) ([]*community.Version, error) {
	if p.deleted || p.hidden && !p.sees || p.veil == community.VeilBlocked {
		return nil, fault.New(fault.NotFound, "That is gone.")
	}
	before, err := s.DB.Versions(ctx, now.PostID, now.CommentID)
	return append([]*community.Version{now}, before...), err
}
