package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// maxAncestors bounds how far up a thread is fetched to find where it is
// known.
const maxAncestors = 10

// A thing is a post or a comment.
type thing struct {
	post    *community.Post // of the comment too, where it is needed
	comment *community.Comment
}

func (t thing) subject() community.Subject {
	if t.comment != nil {
		return t.comment.Subject()
	}
	return t.post.Subject()
}

func (t thing) group() community.ActorID {
	if t.comment != nil {
		return t.comment.GroupID
	}
	return t.post.GroupID
}

func (t thing) author() community.ActorID {
	if t.comment != nil {
		return t.comment.AuthorID
	}
	return t.post.AuthorID
}

// deleted reports whether its author withdrew t.
func (t thing) deleted() bool {
	if t.comment != nil {
		return !t.comment.DeletedAt.IsZero()
	}
	return !t.post.DeletedAt.IsZero()
}

// spot is where an answer to t goes.
func (t thing) spot() (community.PostID, community.CommentID) {
	if t.comment != nil {
		return t.comment.PostID, t.comment.ID
	}
	return t.post.ID, 0
}

// within reports, as an error, that t is not in the group on whose word r is
// taken: a group speaks for what is in it and for nothing else.
func (t thing) within(r *received) error {
	if r.via != nil && r.via.ID != t.group() {
		return fault.New(fault.Forbidden, "%s announces what is not in it.", r.via.Handle())
	}
	return nil
}

// find returns the post or comment called iri.
func (s *Server) find(ctx context.Context, iri string) (thing, error) { return findIn(ctx, s.DB, iri) }

// findIn is find, in a transaction.
func findIn(ctx context.Context, db *storage.DB, iri string) (thing, error) {
	post, err := db.PostByIRI(ctx, iri)
	if err == nil {
		return thing{post: post}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return thing{}, err
	}
	comment, err := db.CommentByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return thing{}, fault.New(fault.NotFound, "%.200q is not known here.", iri)
	}
	return thing{comment: comment}, err
}

// obtain is find, fetching from its origin what is not known, and what that
// answers in turn.
func (s *Server) obtain(ctx context.Context, r *received, iri string, up int) (thing, error) {
	found, err := s.find(ctx, iri)
	if !fault.Is(err, fault.NotFound) || s.ours(iri) {
		return found, err
	}
	if up == 0 {
		return thing{}, fault.New(fault.NotFound, "The thread is not known here, and its beginning is too far up.")
	}
	object, err := s.fetch(ctx, iri)
	if err != nil {
		return thing{}, err
	}
	return s.adopt(ctx, r, object, up-1)
}

// adopt stores an object that was fetched from its origin, in the group that
// it says it is for or that r speaks for.
func (s *Server) adopt(ctx context.Context, r *received, object as.Doc, up int) (thing, error) {
	if err := postable(object); err != nil {
		return thing{}, err
	}
	if _, err := s.confinedTo(ctx, &received{via: r.via}, object); err != nil {
		return thing{}, err
	}
	found, err := s.find(ctx, object.ID())
	if !fault.Is(err, fault.NotFound) {
		return found, err
	}
	alone := &received{via: r.via, asked: r.asked, stands: r.stands, made: r.made} // r itself is about something else
	by, err := s.author(ctx, object)
	if err != nil {
		return thing{}, err
	}
	if object.Ref("inReplyTo") != "" {
		return s.answer(ctx, alone, by, object, up)
	}
	post, err := s.publish(ctx, alone, by, object)
	return thing{post: post}, err
}

// answer stores an object that answers another: in the thread of what it
// answers, whatever group it names.
func (s *Server) answer(ctx context.Context, r *received, by *community.Actor, object as.Doc, up int) (thing, error) {
	parent, err := s.obtain(ctx, r, object.Ref("inReplyTo"), up)
	if err != nil {
		return thing{}, err
	}
	if err := parent.within(r); err != nil {
		return thing{}, err
	}
	if err := s.fitsIn(ctx, r, object, parent.group()); err != nil {
		return thing{}, err
	}
	post, above := parent.spot()
	comment, err := s.Posts.Comment(ctx, by, post, above, s.draft(r, object))
	if err == nil && r.made != nil {
		*r.made++
	}
	return thing{comment: comment}, err
}
