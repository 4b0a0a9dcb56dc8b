package federation

import (
	"context"

	"drystone/fault"
	"drystone/federation/as"
)

// like handles Like, and EmojiReact, of a post or comment.
func (s *Server) like(ctx context.Context, r *received) error { return s.vote(ctx, r, 1) }

// dislike handles Dislike.
func (s *Server) dislike(ctx context.Context, r *received) error { return s.vote(ctx, r, -1) }

// vote casts a vote. One that a group announces is taken on its word, for
// what is in that group only.
func (s *Server) vote(ctx context.Context, r *received, value int) error {
	found, err := s.find(ctx, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	if err := found.within(r); err != nil {
		return err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	_, err = s.Votes.Cast(ctx, by, found.subject(), value, r.origin(r.doc.ID()))
	return err
}

// undoVote takes a vote back, by what it was about and who cast it: ids of
// votes are often not remembered by those who sent them. A vote that was
// changed meanwhile stays.
func (s *Server) undoVote(ctx context.Context, r *received, inner as.Doc) error {
	found, err := s.find(ctx, inner.Ref("object"))
	if err != nil {
		return err
	}
	if err := found.within(r); err != nil {
		return err
	}
	by, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	value := 1
	if inner.Kind() == as.KindDislike {
		value = -1
	}
	subject := found.subject()
	votes, err := s.DB.VotesBy(ctx, by.ID, subject.Kind, []int64{subject.ID})
	if err != nil {
		return err
	}
	if votes[subject.ID] != value {
		return fault.New(fault.Conflict, "%s has no such vote on %s.", r.actor, inner.Ref("object"))
	}
	_, err = s.Votes.Cast(ctx, by, subject, 0, r.origin(r.doc.ID()))
	return err
}
