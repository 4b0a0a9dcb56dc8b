package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// quoteAnswered tells who asked to quote somebody here whether they may, in
// the author's name, and nobody else.
func (t *teller) quoteAnswered(ctx context.Context, f community.Fact) error {
	sc, err := t.scene(f)
	if err != nil {
		return err
	}
	to := t.actors[f.TargetID]
	if to == nil {
		return fault.New(fault.NotFound, "Who asked in fact %d is gone.", f.ID)
	}
	if to.Local() {
		return nil // they know; see posts.cite
	}
	request, err := t.asked(ctx, f, to)
	if err != nil {
		return err
	}
	kind, result := as.KindReject, ""
	if f.Kind == community.QuoteApproved {
		quote, err := t.tx.Quote(ctx, community.QuoteID(f.ItemID))
		if err != nil {
			return err
		}
		kind, result = as.KindAccept, quote.IRI
	}
	iri := t.s.mint(kind)
	answer := as.Activity{ID: iri, Actor: sc.by.IRI, Object: request, Result: result, To: []string{to.IRI}, CC: []string{}}
	if kind == as.KindAccept {
		return t.privately(ctx, sc, kind, iri, sc.by, to, as.Accept(answer))
	}
	return t.privately(ctx, sc, kind, iri, sc.by, to, as.Reject(answer))
}

// asked is the request again, without what quotes.
func (t *teller) asked(ctx context.Context, f community.Fact, by *community.Actor) ([]byte, error) {
	request, err := as.Parse(ctx, f.Raw)
	if err != nil {
		return nil, err
	}
	return marshal(as.QuoteRequest{ID: f.IRI, Actor: by.IRI, Object: request.Ref("object"), Instrument: request.Ref("instrument")})
}

// revokeQuotes takes back what was approved, if something quoted is not there
// for everybody any more. Who quotes it is told, and passes that on.
func (t *teller) revokeQuotes(ctx context.Context, f community.Fact) error {
	var among storage.QuotesAmong
	switch f.Kind {
	case community.PostDeleted, community.PostRemoved, community.CommentDeleted, community.CommentRemoved:
		among.Post = f.PostID
	case community.MemberBanned, community.PersonBanned:
		among.Author = f.TargetID
	case community.GroupEdited:
		among.Group = f.GroupID
	default:
		return nil
	}
	stale, err := t.tx.StaleQuotes(ctx, among)
	if err != nil {
		return err
	}
	for _, quote := range stale {
		if err := t.revoke(ctx, quote, f); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) revoke(ctx context.Context, quote *community.Quote, f community.Fact) error {
	people, err := t.tx.Actors(ctx, []community.ActorID{quote.AuthorID, quote.ActorID})
	if err != nil {
		return err
	}
	author, by := people[quote.AuthorID], people[quote.ActorID]
	switch {
	case author == nil, by == nil:
	case by.Local():
		err = t.unapprove(ctx, f, quote.IRI)
	default:
		err = t.endApproval(ctx, f, author, by, quote.PostID, quote.IRI)
	}
	if err != nil {
		return err
	}
	return t.tx.DropQuote(ctx, quote.ID)
}
