package federation

import (
	"context"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// Who here quotes somebody elsewhere asks them, shows nothing of it before
// they say yes, and believes nobody but their own server that they did
// (FEP-044f).

// MayAskToQuote reports why who wrote something elsewhere need not even be
// asked: what they published says who may quote it.
func (s *Server) MayAskToQuote(ctx context.Context, by *community.Actor, subject community.Subject) error {
	var raw []byte
	var author community.ActorID
	if subject.Kind == community.SubjectComment {
		c, err := s.DB.Comment(ctx, community.CommentID(subject.ID))
		if err != nil {
			return err
		}
		raw, author = c.Raw, c.AuthorID
	} else {
		post, err := s.DB.Post(ctx, community.PostID(subject.ID))
		if err != nil {
			return err
		}
		raw, author = post.Raw, post.AuthorID
	}
	if len(raw) == 0 || author == by.ID {
		return nil
	}
	object, err := as.Parse(ctx, raw)
	if err != nil {
		return err
	}
	who, err := s.DB.Actor(ctx, author)
	if err != nil {
		return err
	}
	return s.mayAsk(ctx, by, who, object)
}

// approvals are by which a policy names whom its author may approve of, of
// themselves or when asked: FEP-044f's before those of earlier GoToSocials.
var approvals = []string{"automaticApproval", "manualApproval", "always", "approvalRequired"}

func (s *Server) mayAsk(ctx context.Context, by, author *community.Actor, object as.Doc) error {
	policy, _ := object.Embedded("interactionPolicy")
	rule, said := policy.Embedded("canQuote")
	if !said {
		// GoToSocial fails over a request that it does not know, again and
		// again; others never answer.
		return fault.Field("quote", "The server of %s knows no quotes, so nobody there can be asked. You can link to it instead.", author.Handle())
	}
	var allowed []string
	for _, key := range approvals {
		allowed = append(allowed, rule.Refs(key)...)
	}
	switch {
	case slices.ContainsFunc(allowed, isEverybody), slices.Contains(allowed, by.IRI):
		return nil
	case slices.ContainsFunc(allowed, func(iri string) bool { return iri != author.IRI && iri != author.Followers }):
		return nil // whom they follow, say: their server knows
	case author.Followers != "" && slices.Contains(allowed, author.Followers):
		if f, err := s.DB.Follow(ctx, by.ID, author.ID); err != nil || f != nil {
			return err
		}
		return fault.Field("quote", "%s lets only their followers quote this. You can link to it instead.", author.Handle())
	}
	return fault.Field("quote", "%s lets nobody quote this. You can link to it instead.", author.Handle())
}

func isEverybody(iri string) bool { return iri == as.Public || iri == "as:Public" || iri == "Public" }

// requested is the beginning of the ids of our QuoteRequests.
func (s *Server) requested() string { return s.activityIRI(as.KindQuoteRequest, "") }

// quoteAnswered handles Accept and Reject of a QuoteRequest of ours: by the
// author of what is to be quoted, who alone may answer.
func (s *Server) quoteAnswered(ctx context.Context, r *received, accepted bool) error {
	post, comment, ok := community.ParseCitationName(strings.TrimPrefix(r.doc.Ref("object"), s.requested()))
	if !ok {
		return fault.New(fault.Invalid, "%.200q is no request of ours.", r.doc.Ref("object"))
	}
	c, err := s.DB.CitationIn(ctx, post, comment)
	if err != nil {
		return err
	}
	by, err := s.anybody(ctx, r.actor)
	if err != nil {
		return err
	}
	if err := c.MayBeSettledBy(by); err != nil {
		return err
	}
	approval := ""
	if accepted {
		if approval, err = s.approvalOf(ctx, r, c); err != nil {
			return err
		}
	}
	return s.Posts.SettleQuote(ctx, by, c.ID, approval)
}

// approvalOf reads the approval that an Accept names where it lives, which is
// on the author's own server, and holds it to what was asked.
func (s *Server) approvalOf(ctx context.Context, r *received, c *community.Citation) (string, error) {
	iri := r.doc.Ref("result")
	if !as.SameHost(iri, r.actor) {
		return "", fault.New(fault.Forbidden, "%.200q is no approval by %s.", iri, r.actor)
	}
	stamp, err := s.fetch(ctx, iri)
	if err != nil {
		return "", err
	}
	quoting, _, err := s.target(ctx, &community.Quote{PostID: c.PostID, CommentID: c.CommentID})
	if err != nil {
		return "", err
	}
	quoted, _, err := s.target(ctx, &community.Quote{PostID: c.QuotedPostID, CommentID: c.QuotedCommentID})
	if err != nil {
		return "", err
	}
	switch {
	case stamp.Kind() != as.KindQuoteAuthorization || stamp.ID() != iri:
		return "", fault.New(fault.Invalid, "%.200q is no QuoteAuthorization.", iri)
	case stamp.Ref("attributedTo") != r.actor:
		return "", fault.New(fault.Forbidden, "%.200q is not by %s.", iri, r.actor)
	case stamp.Ref("interactingObject") != quoting || stamp.Ref("interactionTarget") != quoted:
		return "", fault.New(fault.Forbidden, "%.200q approves of something else.", iri)
	}
	return iri, nil
}

// deleteQuote handles the Delete of an approval, by the author of what is
// quoted here, or of what quoted something here and is known by nothing else.
// yes is false for the Delete of anything else.
func (s *Server) deleteQuote(ctx context.Context, r *received, id string) (yes bool, err error) {
	c, err := s.DB.CitationApprovedBy(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return true, err
	}
	ended := err == nil
	if r.via != nil {
		if ended {
			err = fault.New(fault.Forbidden, "The end of an approval is never announced.")
		}
		return ended, err
	}
	by, err := s.DB.ActorByIRI(ctx, r.actor)
	switch {
	case err != nil:
		return ended, err
	case ended:
		return true, s.Posts.SettleQuote(ctx, by, c.ID, "")
	}
	forgot, err := s.Posts.ForgetQuotesIn(ctx, by, id)
	return forgot || err != nil, err
}
