package federation

import (
	"cmp"
	"context"
	"html"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// A cited is what something written here quotes, as others are told of it.
type cited struct {
	iri      string
	page     string // for people
	state    community.CitationState
	approval string
}

// citedIn finds what a post or one of its comments quotes, nil if nothing or
// if it is gone.
func citedIn(ctx context.Context, db *storage.DB, post community.PostID, comment community.CommentID) (*cited, error) {
	c, err := db.CitationIn(ctx, post, comment)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := db.CitationView(ctx, c)
	if err != nil || v.Gone() {
		return nil, err
	}
	found := &cited{iri: v.Post.IRI, page: v.Post.URL, state: c.State, approval: c.Approval}
	if v.Comment != nil {
		found.iri, found.page = v.Comment.IRI, v.Comment.URL
	}
	found.page = cmp.Or(found.page, found.iri)
	return found, nil
}

// citing is a post or comment with what it quotes: for those who know quotes,
// and as a link for everybody else, which those who show the quote hide by its
// class. What may not be quoted is a link and no more.
func citing(p as.Post, c *cited) as.Post {
	if c == nil {
		return p
	}
	class := ""
	if c.state != community.CitationRefused {
		class = ` class="quote-inline"`
		p.Quote = &as.Quote{Object: c.iri, Authorization: c.approval, Approved: c.state == community.CitationAccepted}
	}
	page := html.EscapeString(c.page)
	p.Content += "<p" + class + `>RE: <a href="` + page + `">` + page + "</a></p>"
	written := ""
	if p.Source != nil {
		written = p.Source.Content + "\n\n"
	}
	p.Source = &as.Source{Content: written + "RE: <" + c.page + ">"}
	return p
}
