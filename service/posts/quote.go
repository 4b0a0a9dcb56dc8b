package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Quotation is somebody elsewhere asking to show a post or comment of
// somebody here beside words of their own.
type Quotation struct {
	PostID     community.PostID    // of the comment too
	CommentID  community.CommentID // none: the post itself
	Instrument string              // the id of what quotes, which is by's own
	Approval   string              // the id of an approval, should it be a new one
	From       community.Origin
}

// Quote answers a Quotation: everybody may quote what everybody may read, but
// for those who are banned where it was said, or whom its author blocked. Either answer is a fact; an
// error is what gets none.
func (s *Service) Quote(ctx context.Context, by *community.Actor, q Quotation) (err error) {
	defer fault.Wrap(&err, "posts.Quote(%d %d by %s)", q.PostID, q.CommentID, by.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		quote, err := s.quoted(ctx, tx, Spot{q.PostID, q.CommentID})
		if err != nil {
			return err
		}
		quote.IRI, quote.ActorID, quote.Instrument, quote.CreatedAt = q.Approval, by.ID, q.Instrument, s.now()
		fact := community.Fact{
			Kind: community.QuoteApproved, ActorID: quote.AuthorID, GroupID: quote.GroupID, PostID: quote.PostID, CommentID: quote.CommentID,
			TargetID: by.ID, IRI: q.From.IRI, Raw: q.From.Activity, At: s.now(),
		}
		switch err := s.mayQuote(ctx, tx, by, quote); {
		case fault.Is(err, fault.Forbidden):
			fact.Kind, fact.Reason = community.QuoteRefused, err.Error()
		case err != nil:
			return err
		default:
			added, err := tx.AddQuote(ctx, quote)
			if err != nil {
				return err
			}
			if fact.ItemID = int64(quote.ID); added {
				fact.Value = 1
			}
		}
		return tx.Record(ctx, fact)
	})
}

// held holds what is to be quoted, so that it is not taken down meanwhile,
// and tells whether it is.
func (s *Service) held(ctx context.Context, tx *storage.DB, spot Spot) (quote *community.Quote, hidden bool, err error) {
	if spot.Comment != 0 {
		c, err := tx.HoldComment(ctx, spot.Comment)
		if err != nil {
			return nil, false, err
		}
		return &community.Quote{PostID: c.PostID, CommentID: c.ID, GroupID: c.GroupID, AuthorID: c.AuthorID}, c.Hidden(), nil
	}
	post, err := tx.HoldPost(ctx, spot.Post)
	if err != nil {
		return nil, false, err
	}
	return &community.Quote{PostID: post.ID, GroupID: post.GroupID, AuthorID: post.AuthorID}, post.Hidden(), nil
}

// quoted holds what somebody elsewhere wants to quote.
func (s *Service) quoted(ctx context.Context, tx *storage.DB, spot Spot) (*community.Quote, error) {
	quote, hidden, err := s.held(ctx, tx, spot)
	if err != nil {
		return nil, err
	}
	author, err := tx.Actor(ctx, quote.AuthorID)
	if err != nil {
		return nil, err
	}
	switch {
	case hidden, author.Gone():
		return nil, fault.New(fault.NotFound, "What is to be quoted is gone.")
	case !author.Local():
		return nil, fault.New(fault.Forbidden, "Only the server of %s can let it be quoted.", author.Handle())
	}
	return quote, nil
}

func (s *Service) mayQuote(ctx context.Context, tx *storage.DB, by *community.Actor, quote *community.Quote) error {
	if err := s.mayQuoteFrom(ctx, tx, by, quote.AuthorID); err != nil {
		return err
	}
	group, err := tx.Actor(ctx, quote.GroupID)
	if err != nil {
		return err
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	var ban *community.SiteBan
	if !group.Local() {
		if ban, err = tx.SiteBan(ctx, by.ID, group.Host); err != nil {
			return err
		}
	}
	return group.MayBeQuotedBy(by, m, ban, s.now())
}

// mayQuoteFrom reports why by does not quote somebody: one of the two blocked
// the other.
func (s *Service) mayQuoteFrom(ctx context.Context, tx *storage.DB, by *community.Actor, author community.ActorID) error {
	if author == by.ID {
		return nil
	}
	other, err := tx.Actor(ctx, author)
	if err != nil {
		return err
	}
	between, err := tx.Between(ctx, by, other, s.now())
	if err != nil {
		return err
	}
	return between.Bars("quote", other)
}
