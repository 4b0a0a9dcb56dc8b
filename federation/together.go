package federation

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/jobs"
	"drystone/storage"
)

// What arrives is mostly votes and answers by people and in threads that are
// known here. Their handlers ask nobody, so many of them share a transaction:
// the same handlers and use cases, on a Server that sees the transaction and
// nothing outside of it. Whoever does need to ask somebody is left to receive.

// shareable are the activities that are worth trying; Undo and Announce depend
// on what is in them.
var shareable = []string{as.KindCreate, as.KindLike, as.KindDislike, as.KindEmojiReact}

// indoors is set in a Server that asks nobody elsewhere.
type indoors struct {
	asked bool // somebody would have been asked
}

// errElsewhere is what whoever asks gets in a Server that asks nobody.
func (in *indoors) errElsewhere() error {
	in.asked = true
	return fault.New(fault.Unavailable, "That has to be asked for elsewhere.")
}

// within returns a Server whose every query and use case is in tx, and who
// asks nobody elsewhere.
func (s *Server) within(tx *storage.DB) *Server {
	o := s.Options
	groups, posts, votes := *o.Groups, *o.Posts, *o.Votes
	moderation, reports, messages, blocks := *o.Moderation, *o.Reports, *o.Messages, *o.Blocks
	groups.DB, posts.DB, votes.DB, moderation.DB = tx, tx, tx, tx
	reports.DB, messages.DB, blocks.DB = tx, tx, tx
	o.DB, o.Client, o.Groups, o.Posts, o.Votes = tx, nil, &groups, &posts, &votes
	o.Moderation, o.Reports, o.Messages, o.Blocks = &moderation, &reports, &messages, &blocks
	return &Server{
		Options: o, intake: s.intake, keyring: s.keyring, fetched: s.fetched, heard: s.heard, delivery: s.delivery,
		handlers: s.handlers, indoors: &indoors{},
	}
}

// together prepares for a list of stored activities and returns what does one
// of them.
func (s *Server) together(ctx context.Context, tx *storage.DB, list []*community.Job) (jobs.Do, error) {
	docs := map[community.JobID]as.Doc{}
	left := map[int64]bool{} // lanes in which somebody is to be handled alone
	var expected storage.Expected
	for _, job := range list {
		if left[job.Lane] {
			continue
		}
		doc, err := as.Parse(ctx, job.Body)
		if err != nil || !shares(doc) {
			left[job.Lane] = true // receive says what is wrong with it
			continue
		}
		docs[job.ID] = doc
		expect(&expected, doc)
	}
	if err := tx.Expect(ctx, expected); err != nil {
		return nil, err
	}
	in := s.within(tx)
	return func(ctx context.Context, job *community.Job) (bool, error) {
		doc, ok := docs[job.ID]
		if !ok {
			return false, nil
		}
		return in.receiveWithin(ctx, doc)
	}, nil
}

// receiveWithin is receive for a Server within a transaction. What it leaves
// has written nothing.
func (s *Server) receiveWithin(ctx context.Context, doc as.Doc) (done bool, err error) {
	s.indoors.asked = false
	before := s.DB.Written()
	err = s.dispatch(ctx, &received{doc: doc, actor: doc.Actor()})
	if err == nil && !s.indoors.asked {
		return true, nil
	}
	if s.DB.Written() > before {
		return false, fault.Because(err, fault.Internal, "This cannot be done together with others")
	}
	if s.indoors.asked || worthTelling(&received{doc: doc}, err) || s.settle(ctx, err, doc, false) != nil {
		return false, nil //nolint:nilerr // receive asks, tries again, or tells the author
	}
	return true, nil
}

// shares reports whether an activity may be one that asks nobody.
func shares(doc as.Doc) bool {
	if slices.Contains(shareable, doc.Kind()) {
		return true
	}
	inner, ok := doc.Embedded("object")
	switch {
	case !ok:
		return false
	case doc.Kind() == as.KindUndo:
		return ballots[inner.Kind()] != 0
	case doc.Kind() == as.KindAnnounce:
		return slices.Contains(shareable, inner.Kind()) && len(doc.Embeddeds("object")) == 1
	}
	return false
}

// expect adds what the handler of an activity is going to ask for.
func expect(e *storage.Expected, doc as.Doc) {
	e.Actors = append(e.Actors, doc.Actor())
	inner, embedded := doc.Embedded("object")
	if (doc.Kind() == as.KindAnnounce || doc.Kind() == as.KindUndo) && embedded {
		expect(e, inner)
		return
	}
	about := doc.Ref("object")
	e.Things = append(e.Things, about)
	if above := inner.Ref("inReplyTo"); doc.Kind() == as.KindCreate && above != "" {
		e.Things = append(e.Things, above)
		about = above
	}
	e.Pairs = append(e.Pairs, storage.Pair{Actor: doc.Actor(), Thing: about, Votes: ballots[doc.Kind()] != 0})
}
