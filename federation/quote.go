package federation

import (
	"context"
	"html"
	"net/http"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/posts"
)

// Who quotes somebody on a microblog asks first, and is believed only as far
// as the author's server says that they may (FEP-044f). Everybody may quote
// what everybody may read here.

// quotedBy is who needs to ask nobody before they quote: everybody, or, of
// what is not for everybody, the author alone. A list of nobody would say the
// same as no list.
func quotedBy(author, group *community.Actor) []string {
	if group.Quotable() {
		return []string{as.Public}
	}
	return []string{author.IRI}
}

// quoteRequest handles QuoteRequest: instrument, by the actor, shows object,
// by somebody here. The answer is sent by the reader of facts.
func (s *Server) quoteRequest(ctx context.Context, r *received) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "A QuoteRequest is never announced.")
	}
	if !as.SameHost(r.doc.ID(), r.actor) {
		return fault.New(fault.Invalid, "A QuoteRequest has an id of its own server, by which it is answered.")
	}
	object := r.doc.Ref("object")
	if !s.ours(object) {
		return fault.New(fault.Forbidden, "%.200q is not ours to let be quoted.", object)
	}
	found, err := s.find(ctx, object)
	if err != nil {
		return err
	}
	group, err := s.DB.Actor(ctx, found.group())
	if err != nil {
		return err
	}
	if !group.Quotable() {
		return community.Unseen() // before anything is read that would tell of it
	}
	by, err := s.anybody(ctx, r.actor) // who is banned is told that they may not
	if err != nil {
		return err
	}
	instrument, err := s.instrument(ctx, r, object)
	if err != nil {
		return err
	}
	post, comment := found.spot()
	return s.Posts.Quote(ctx, by, posts.Quotation{
		PostID: post, CommentID: comment, Instrument: instrument,
		Approval: s.Origin + "/" + localQuote + "/" + s.newID(), From: r.origin(r.doc.ID()),
	})
}

// instrument returns the id of what quotes object: embedded, as nearly
// everybody does, or read where it lives. It must be the actor's own and quote
// nothing else, or an approval would be for what somebody else says.
func (s *Server) instrument(ctx context.Context, r *received, object string) (string, error) {
	quote, embedded := r.doc.Embedded("instrument")
	id := r.doc.Ref("instrument")
	if !as.SameHost(id, r.actor) {
		return "", fault.New(fault.Forbidden, "%.200q is not by %s.", id, r.actor)
	}
	if !embedded {
		var err error
		if quote, err = s.fetch(ctx, id); err != nil {
			return "", err
		}
	}
	switch {
	case quote.ID() != id || !wrote(quote, r.actor):
		return "", fault.New(fault.Forbidden, "%.200q is not by %s.", id, r.actor)
	case quoteOf(quote) != object:
		return "", fault.New(fault.Invalid, "%.200q does not quote %s.", id, object)
	}
	return id, postable(quote)
}

// quoteProperties are by which a post names what it quotes: FEP-044f's own
// before those of others.
var quoteProperties = []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"}

// quoteOf returns the address of what an object quotes, empty if it quotes
// nothing.
func quoteOf(object as.Doc) string {
	for _, key := range quoteProperties {
		if address := webURL(object.Ref(key)); address != "" {
			return address
		}
	}
	return ""
}

// withQuote is content with a link to what the object quotes, if there is none
// in it. It is all that is made of a quote here: nothing of what is quoted is
// read or shown, so that it makes no difference what was approved.
func withQuote(object as.Doc, content string) string {
	address := quoteOf(object)
	escaped := html.EscapeString(address)
	if address == "" || strings.Contains(content, "quote-inline") || strings.Contains(content, address) || strings.Contains(content, escaped) {
		return content // Mastodon marks the link to the page for people so
	}
	return content + `<p>RE: <a href="` + escaped + `">` + escaped + `</a></p>`
}

// getQuote answers with an approval, which is there as long as what is quoted
// is for everybody to read.
func (s *Server) getQuote(r *http.Request) (document, error) {
	ctx := r.Context()
	quote, err := s.DB.QuoteByIRI(ctx, s.Origin+r.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	actors, err := s.DB.Actors(ctx, []community.ActorID{quote.AuthorID, quote.GroupID})
	if err != nil {
		return nil, err
	}
	author, group := actors[quote.AuthorID], actors[quote.GroupID]
	iri, hidden, err := s.target(ctx, quote)
	switch {
	case err != nil:
		return nil, err
	case hidden, author == nil, author.Gone(), group == nil, !group.Quotable():
		return nil, community.Unseen()
	}
	return as.QuoteAuthorization{
		ID: quote.IRI, AttributedTo: author.IRI, InteractingObject: quote.Instrument, InteractionTarget: iri,
	}, nil
}

// target is the id of what is quoted, and whether it is to be seen.
func (s *Server) target(ctx context.Context, quote *community.Quote) (iri string, hidden bool, err error) {
	if quote.CommentID != 0 {
		c, err := s.DB.Comment(ctx, quote.CommentID)
		if err != nil {
			return "", false, err
		}
		return c.IRI, c.Hidden(), nil
	}
	post, err := s.DB.Post(ctx, quote.PostID)
	if err != nil {
		return "", false, err
	}
	return post.IRI, post.Hidden(), nil
}
