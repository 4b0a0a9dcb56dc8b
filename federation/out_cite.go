package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// quoteAsked asks somebody elsewhere to be quoted, with what quotes them: it
// goes to them and to nobody else.
func (t *teller) quoteAsked(ctx context.Context, f community.Fact) error {
	sc, w, err := t.citing(ctx, f)
	if err != nil || w.hidden || sc.group.Closed() {
		return err
	}
	c, err := t.tx.Citation(ctx, community.CitationID(f.ItemID))
	if fault.Is(err, fault.NotFound) {
		return nil // taken back before anybody heard
	}
	if err != nil {
		return err
	}
	to := t.actors[f.TargetID]
	if to == nil {
		return fault.New(fault.NotFound, "Who is quoted in fact %d is gone.", f.ID)
	}
	object, _, err := t.s.target(ctx, &community.Quote{PostID: c.QuotedPostID, CommentID: c.QuotedCommentID})
	if err != nil {
		return err
	}
	instrument, err := marshal(w.object)
	if err != nil {
		return err
	}
	if instrument, err = t.proved(ctx, sc, instrument); err != nil {
		return err
	}
	iri := t.s.requested() + c.Name()
	return t.privately(ctx, sc, as.KindQuoteRequest, iri, sc.by, to, as.QuoteRequest{
		ID: iri, Actor: sc.by.IRI, Object: object, Whole: instrument, To: to.IRI,
	})
}

// quoteSettled tells all who know what quotes that it may, or may not any more.
func (t *teller) quoteSettled(ctx context.Context, f community.Fact) error {
	sc, w, err := t.citing(ctx, f)
	if err != nil {
		return err
	}
	return t.edited(ctx, sc, f, w)
}

// citing finds what quotes, of which a fact is.
func (t *teller) citing(ctx context.Context, f community.Fact) (scene, writing, error) {
	if f.CommentID != 0 {
		return t.aboutComment(ctx, f, true)
	}
	return t.aboutPost(ctx, f, true)
}

// quoteTakenBack tells somebody elsewhere that they may not quote something
// any more.
func (t *teller) quoteTakenBack(ctx context.Context, f community.Fact) error {
	by, to := t.actors[f.ActorID], t.actors[f.TargetID]
	if by == nil || to == nil {
		return fault.New(fault.NotFound, "The actors of fact %d are gone.", f.ID)
	}
	return t.endApproval(ctx, f, by, to, f.PostID, f.IRI)
}

// endApproval sends the Delete of an approval to who quotes.
func (t *teller) endApproval(ctx context.Context, f community.Fact, author, to *community.Actor, post community.PostID, approval string) error {
	sc := scene{by: author, at: f.At, lane: lane(community.Subject{Kind: community.SubjectPost, ID: int64(post)})}
	iri := t.s.mint(as.KindDelete)
	return t.privately(ctx, sc, as.KindDelete, iri, author, to, as.Delete{
		ID: iri, Actor: author.IRI, Object: as.ObjectID(approval), To: []string{to.IRI}, CC: []string{}, Published: f.At,
	})
}

// unapprove notes that somebody here may not quote what somebody else here
// wrote, which nobody has to be asked about by HTTP.
func (t *teller) unapprove(ctx context.Context, f community.Fact, approval string) error {
	c, err := t.tx.CitationApprovedBy(ctx, approval)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	post, err := t.tx.Post(ctx, c.PostID)
	if err != nil {
		return err
	}
	c.State, c.Approval = community.CitationRefused, ""
	if err := t.tx.SettleCitation(ctx, c); err != nil {
		return err
	}
	return t.tx.Record(ctx, community.Fact{
		Kind: community.QuoteSettled, ActorID: c.AuthorID, GroupID: post.GroupID, PostID: c.PostID, CommentID: c.CommentID,
		TargetID: c.QuotedID, ItemID: int64(c.ID), At: f.At,
	})
}
