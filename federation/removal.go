package federation

import (
	"context"

	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/moderation"
)

// takeDown handles a Delete by a moderator, of what somebody else wrote; with
// everything below it where Lemmy says so.
func (s *Server) takeDown(ctx context.Context, r *received, found thing) error {
	return s.takeOut(ctx, r, r.doc.Ref("object"), found)
}

// takeOut has a moderator, or a group itself, remove what is called id.
func (s *Server) takeOut(ctx context.Context, r *received, id string, found thing) error {
	_, by, from, err := s.tended(ctx, r, id)
	if err != nil {
		return err
	}
	replies, _ := r.doc.Bool("withReplies")
	removal := moderation.Removal{Reason: why(r.doc), Replies: replies}
	if found.comment != nil {
		return s.Moderation.RemoveComment(ctx, by, found.comment.ID, removal, from)
	}
	return s.Moderation.RemovePost(ctx, by, found.post.ID, removal, from)
}

// marking reports whether r is an Update of what somebody else wrote.
func (s *Server) marking(ctx context.Context, r *received) (bool, error) {
	if r.doc.Kind() != as.KindUpdate {
		return false, nil
	}
	found, err := s.find(ctx, r.doc.Ref("object"))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	author, err := s.DB.Actor(ctx, found.author())
	return err == nil && author.IRI != r.actor, err
}

// mark handles an Update by a moderator of what somebody else wrote. Nothing
// in it counts but whether a post is sensitive: a moderator puts no words
// into anybody's mouth.
func (s *Server) mark(ctx context.Context, r *received) error {
	object, _ := r.doc.Embedded("object")
	found, by, from, err := s.tended(ctx, r, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	sensitive, said := object.Bool("sensitive")
	switch {
	case found.post == nil || !said:
		return fault.New(fault.Invalid, "Moderators mark posts as sensitive, and change nothing else of others.")
	case sensitive:
		return s.Moderation.MarkPost(ctx, by, found.post.ID, from)
	}
	return s.Moderation.UnmarkPost(ctx, by, found.post.ID, from)
}

// undoDelete handles Undo{Delete}: a moderator brings back what was removed,
// an author what they deleted, or a group is open again.
func (s *Server) undoDelete(ctx context.Context, r *received, inner as.Doc) error {
	id := inner.Ref("object")
	if yes, err := s.restoreMessage(ctx, r, id); yes {
		return err
	}
	if yes, err := s.reopening(ctx, r, id); yes {
		return err
	}
	found, err := s.find(ctx, id)
	if err != nil {
		return err
	}
	author, err := s.DB.Actor(ctx, found.author())
	if err != nil {
		return err
	}
	if author.IRI == r.actor && found.deleted() {
		return s.revive(ctx, r, id, found)
	}
	found, by, from, err := s.tended(ctx, r, id)
	if err != nil {
		return err
	}
	if found.comment != nil {
		return s.Moderation.RestoreComment(ctx, by, found.comment.ID, from)
	}
	return s.Moderation.RestorePost(ctx, by, found.post.ID, from)
}

// revive brings back what its author deleted. The words are forgotten here, so
// they are read again where they were written.
func (s *Server) revive(ctx context.Context, r *received, id string, found thing) error {
	if err := found.within(r); err != nil {
		return err
	}
	s.fetched.forget(id) // it was gone, and that is no news any more
	object, err := s.fetch(ctx, id)
	if err != nil {
		return err
	}
	back := *r
	back.object = object
	if object, err = s.written(ctx, &back); err != nil {
		return err
	}
	by, change, err := s.changed(ctx, &back, found, object)
	if err != nil {
		return err
	}
	if found.comment != nil {
		return s.Posts.ReviveComment(ctx, by, found.comment.ID, change)
	}
	return s.Posts.Revive(ctx, by, found.post.ID, change)
}
