package federation

import (
	"context"

	"drystone/fault"
	"drystone/federation/as"
)

// ballots are the activities that vote, and how. EmojiReact is a Like, as
// with PieFed (FEP-c0e0).
var ballots = map[string]int{as.KindLike: 1, as.KindEmojiReact: 1, as.KindDislike: -1}

// vote casts a vote on a post or comment. One that a group announces is taken
// on its word, for what is in that group only.
func (s *Server) vote(ctx context.Context, r *received) error {
	found, err := s.find(ctx, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	if err := found.within(r); err != nil {
		return err
	}
	if err := s.vouchedIn(ctx, r, found.group()); err != nil {
		return err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	_, err = s.Votes.Cast(ctx, by, found.subject(), ballots[r.doc.Kind()], r.origin(r.doc.ID()))
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
	subject := found.subject()
	votes, err := s.DB.VotesBy(ctx, by.ID, subject.Kind, []int64{subject.ID})
	if err != nil {
		return err
	}
	if votes[subject.ID] != ballots[inner.Kind()] {
		return fault.New(fault.Conflict, "%s has no such vote on %s.", r.actor, inner.Ref("object"))
	}
	_, err = s.Votes.Cast(ctx, by, subject, 0, r.origin(r.doc.ID()))
	return err
}
