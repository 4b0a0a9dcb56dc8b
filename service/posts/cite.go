package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Spot is a post or a comment, wherever it was written.
type Spot struct {
	Post    community.PostID    // of the comment too
	Comment community.CommentID // none: the post itself
}

// cite has what somebody here just wrote in a group quote something else: at
// once where its author is of this server and lets everybody quote it, or
// theirs anyway; elsewhere its author is asked.
func (s *Service) cite(ctx context.Context, tx *storage.DB, by, group *community.Actor, wrote *community.Citation, instrument string, spot *Spot) error {
	if spot == nil {
		return nil
	}
	if !by.Local() {
		return fault.New(fault.Forbidden, "What others quote is theirs to keep.")
	}
	if err := group.MayCite(); err != nil {
		return err
	}
	quote, author, err := s.citable(ctx, tx, by, *spot)
	if err != nil {
		return err
	}
	wrote.AuthorID, wrote.QuotedPostID, wrote.QuotedCommentID, wrote.QuotedID = by.ID, quote.PostID, quote.CommentID, author.ID
	wrote.State, wrote.CreatedAt = community.CitationAccepted, s.now()
	switch {
	case author.ID == by.ID:
		return tx.AddCitation(ctx, wrote)
	case !author.Local():
		if err := s.mayQuoteFrom(ctx, tx, by, author.ID); err != nil {
			return err
		}
		wrote.State = community.CitationPending
		if err := tx.AddCitation(ctx, wrote); err != nil {
			return err
		}
		return tx.Record(ctx, s.citationFact(community.QuoteAsked, wrote, group.ID))
	}
	if err := s.mayQuote(ctx, tx, by, quote); err != nil {
		return err
	}
	wrote.Approval = s.Origin + "/quotes/" + wrote.Name()
	if err := tx.AddCitation(ctx, wrote); err != nil {
		return err
	}
	quote.IRI, quote.ActorID, quote.Instrument, quote.CreatedAt = wrote.Approval, by.ID, instrument, s.now()
	if _, err := tx.AddQuote(ctx, quote); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: community.QuoteApproved, ActorID: author.ID, GroupID: quote.GroupID, PostID: quote.PostID, CommentID: quote.CommentID,
		TargetID: by.ID, ItemID: int64(quote.ID), Value: 1, At: s.now(),
	})
}

// citable holds what is to be quoted, so that it is not taken down meanwhile,
// and reports why it cannot be: nobody learns of what they may not read.
func (s *Service) citable(ctx context.Context, tx *storage.DB, by *community.Actor, spot Spot) (*community.Quote, *community.Actor, error) {
	quote, hidden, err := s.held(ctx, tx, spot)
	if err != nil {
		return nil, nil, err
	}
	group, err := tx.Actor(ctx, quote.GroupID)
	if err != nil {
		return nil, nil, err
	}
	if may, err := tx.MayRead(ctx, by, group.ID); err != nil || !may {
		if err == nil {
			err = community.Unseen()
		}
		return nil, nil, err
	}
	author, err := tx.Actor(ctx, quote.AuthorID)
	switch {
	case err != nil:
		return nil, nil, err
	case hidden, author.Gone():
		return nil, nil, fault.Field("quote", "What you want to quote is gone.")
	case !group.Quotable():
		return nil, nil, fault.Field("quote", "What is said in %s is not for everybody, so it cannot be quoted.", group.DisplayName())
	}
	return quote, author, nil
}

func (s *Service) citationFact(kind community.FactKind, c *community.Citation, group community.ActorID) community.Fact {
	return community.Fact{
		Kind: kind, ActorID: c.AuthorID, GroupID: group, PostID: c.PostID, CommentID: c.CommentID,
		TargetID: c.QuotedID, ItemID: int64(c.ID), At: s.now(),
	}
}

// SettleQuote notes what the author of something elsewhere says to being
// quoted here: yes, with the address of their approval, or, without one, no, or
// not any more.
func (s *Service) SettleQuote(ctx context.Context, by *community.Actor, id community.CitationID, approval string) (err error) {
	defer fault.Wrap(&err, "posts.SettleQuote(%d by %s)", id, by.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.Citation(ctx, id)
		if err != nil {
			return err
		}
		if err := c.MayBeSettledBy(by); err != nil {
			return err
		}
		return s.settle(ctx, tx, c, approval)
	})
}

// settle stores an answer, and records it if it is another than before.
func (s *Service) settle(ctx context.Context, tx *storage.DB, c *community.Citation, approval string) error {
	state := community.CitationRefused
	if approval != "" {
		state = community.CitationAccepted
	}
	if c.State == state && c.Approval == approval {
		return nil
	}
	c.State, c.Approval = state, approval
	if err := tx.SettleCitation(ctx, c); err != nil {
		return err
	}
	post, err := tx.Post(ctx, c.PostID)
	if err != nil {
		return err
	}
	return tx.Record(ctx, s.citationFact(community.QuoteSettled, c, post.GroupID))
}

// TakeBackQuote ends one approval: only the author of what is quoted may. Who
// quotes it is told.
func (s *Service) TakeBackQuote(ctx context.Context, by *community.Actor, id community.QuoteID) (err error) {
	defer fault.Wrap(&err, "posts.TakeBackQuote(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		quote, err := tx.Quote(ctx, id)
		if err != nil {
			return err
		}
		if quote.AuthorID != by.ID {
			return fault.New(fault.NotFound, "There is no such quote of yours.")
		}
		if err := tx.DropQuote(ctx, id); err != nil {
			return err
		}
		c, err := tx.CitationApprovedBy(ctx, quote.IRI)
		switch {
		case err == nil:
			return s.settle(ctx, tx, c, "")
		case !fault.Is(err, fault.NotFound):
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.QuoteTakenBack, ActorID: by.ID, GroupID: quote.GroupID, PostID: quote.PostID, CommentID: quote.CommentID,
			TargetID: quote.ActorID, IRI: quote.IRI, At: s.now(),
		})
	})
}

// QuotesOf lists who quotes what somebody wrote, newest first, and returns the
// cursor of the next page.
func (s *Service) QuotesOf(ctx context.Context, author *community.Actor, page community.Page) (_ []*community.QuoteView, next string, err error) {
	defer fault.Wrap(&err, "posts.QuotesOf(%s)", author.Handle())
	return s.DB.QuotesOf(ctx, author.ID, page)
}

// Unquote takes what a post or comment quotes out of it; only its author may.
func (s *Service) Unquote(ctx context.Context, by *community.Actor, spot Spot) (err error) {
	defer fault.Wrap(&err, "posts.Unquote(%v)", spot)
	if spot.Comment != 0 {
		return s.unquoteComment(ctx, by, spot.Comment)
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, spot.Post)
		if err != nil {
			return err
		}
		if err := s.mayUnquote(ctx, tx, by, post.GroupID, post.AuthorID, post.Hidden()); err != nil {
			return err
		}
		if err := dropCitation(ctx, tx, post.ID, 0); err != nil {
			return err
		}
		post.EditedAt = s.now()
		if err := tx.EditPost(ctx, post); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.PostEdited, by, post, community.Origin{}))
	})
}

func (s *Service) unquoteComment(ctx context.Context, by *community.Actor, id community.CommentID) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		c, err := tx.HoldComment(ctx, id)
		if err != nil {
			return err
		}
		if err := s.mayUnquote(ctx, tx, by, c.GroupID, c.AuthorID, c.Hidden()); err != nil {
			return err
		}
		if err := dropCitation(ctx, tx, c.PostID, c.ID); err != nil {
			return err
		}
		c.EditedAt = s.now()
		if err := tx.EditComment(ctx, c); err != nil {
			return err
		}
		return tx.Record(ctx, s.commentFact(community.CommentEdited, by, c, community.Origin{}))
	})
}

func (s *Service) mayUnquote(ctx context.Context, tx *storage.DB, by *community.Actor, group, author community.ActorID, hidden bool) error {
	if err := s.sees(ctx, tx, by, group); err != nil {
		return err
	}
	return s.mayEdit(ctx, tx, by, group, author, hidden)
}

// dropCitation forgets what is quoted, and reports, as an error, that nothing
// is.
func dropCitation(ctx context.Context, tx *storage.DB, post community.PostID, comment community.CommentID) error {
	if _, err := tx.CitationIn(ctx, post, comment); err != nil {
		return fault.Because(err, fault.CodeOf(err), "This quotes nothing.")
	}
	return tx.DropCitation(ctx, post, comment)
}

// forgetQuotes forgets what something that is taken back quoted, and that it
// was allowed to.
func forgetQuotes(ctx context.Context, tx *storage.DB, by community.ActorID, iri string, post community.PostID, comment community.CommentID) error {
	if err := tx.DropCitation(ctx, post, comment); err != nil {
		return err
	}
	_, err := tx.DropQuotesIn(ctx, by, iri)
	return err
}

// ForgetQuotesIn forgets that something elsewhere, which its author deleted,
// was allowed to quote, and reports whether it was. It is known here by nothing
// else.
func (s *Service) ForgetQuotesIn(ctx context.Context, by *community.Actor, instrument string) (forgot bool, err error) {
	defer fault.Wrap(&err, "posts.ForgetQuotesIn(%s)", instrument)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		forgot, err = tx.DropQuotesIn(ctx, by.ID, instrument)
		return err
	})
	return forgot, err
}
