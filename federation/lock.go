package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// lock handles Lock: a moderator ends a thread, or a branch of one.
func (s *Server) lock(ctx context.Context, r *received) error {
	found, by, from, err := s.locking(ctx, r, r.doc)
	switch {
	case err != nil:
		return err
	case found.comment != nil:
		return s.Moderation.LockComment(ctx, by, found.comment.ID, why(r.doc), from)
	}
	return s.Moderation.LockPost(ctx, by, found.post.ID, why(r.doc), from)
}

// undoLock handles Undo{Lock}.
func (s *Server) undoLock(ctx context.Context, r *received, inner as.Doc) error {
	found, by, from, err := s.locking(ctx, r, inner)
	switch {
	case err != nil:
		return err
	case found.comment != nil:
		return s.Moderation.UnlockComment(ctx, by, found.comment.ID, from)
	}
	return s.Moderation.UnlockPost(ctx, by, found.post.ID, from)
}

// locking finds what is locked and who locks it. On Mbin authors may lock
// their own, and where its magazine announces that, it is so; in groups of
// ours moderators alone do.
func (s *Server) locking(ctx context.Context, r *received, lock as.Doc) (thing, *community.Actor, community.Origin, error) {
	found, by, from, err := s.moderated(ctx, r, lock.Ref("object"))
	if fault.Is(err, fault.Forbidden) && by != nil && r.via != nil && found.author() == by.ID && r.via.ID == found.group() {
		from = r.origin(r.doc.ID())
		from.Vouched, err = true, nil
	}
	return found, by, from, err
}
