package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/votes"
	"drystone/storage"
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

// isVote reports whether a stored activity is a vote.
func (s *Server) isVote(job *community.Job) bool {
	doc, err := as.Parse(context.Background(), job.Body)
	return err == nil && ballots[doc.Kind()] != 0
}

// voteWithin casts a vote within tx, if everything that it needs is known
// here: a stranger's vote is left to receive, which asks for them.
func (s *Server) voteWithin(ctx context.Context, tx *storage.DB, job *community.Job) (done bool, err error) {
	doc, err := as.Parse(ctx, job.Body)
	if err != nil {
		return false, nil //nolint:nilerr // receive says what is wrong with it
	}
	by, err := tx.ActorByIRI(ctx, doc.Actor())
	if err != nil || by.Gone() || s.now().Sub(by.FetchedAt) >= actorStale {
		return false, unlessAbsent(err)
	}
	found, err := findIn(ctx, tx, doc.Ref("object"))
	if err != nil {
		return false, unlessAbsent(err)
	}
	r := &received{doc: doc, actor: doc.Actor()}
	if err := found.within(r); err != nil {
		return false, nil //nolint:nilerr // the same
	}
	within := votes.Service{DB: tx, Origin: s.Votes.Origin, Now: s.Votes.Now}
	_, err = within.Cast(ctx, by, found.subject(), ballots[doc.Kind()], r.origin(doc.ID()))
	switch fault.CodeOf(err) {
	case fault.None:
		return true, nil
	case fault.Invalid, fault.Forbidden, fault.NotFound, fault.Conflict:
		// The rules are asked before anything is written.
		s.logDrop(ctx, doc, err)
		return true, nil
	}
	return false, err
}

// unlessAbsent is err, or nothing where err only says that something is not
// here.
func unlessAbsent(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
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
