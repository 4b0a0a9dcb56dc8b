package v1

import (
	"cmp"
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
	"drystone/service/posts"
)

// quotedLength bounds the beginning of a text that is quoted, in characters.
const quotedLength = 280

// Quoted is what a post or comment quotes, as far as its author lets it be
// shown.
type Quoted struct {
	State     community.CitationState `json:"state" enum:"pending,accepted,refused" doc:"Whether its author lets it be quoted. Until they do, only its address is told."`
	Gone      bool                    `json:"gone" doc:"It was deleted, or is not for everybody any more; nothing else is told."`
	URL       string                  `json:"url,omitempty" doc:"Its page where it was written."`
	PostID    *int64                  `json:"post_id,omitempty" doc:"Its number here; with comment_id, that of its thread."`
	CommentID *int64                  `json:"comment_id,omitempty"`
	Author    *Actor                  `json:"author,omitempty" doc:"Where it is accepted, and to who waits for them."`
	Title     string                  `json:"title,omitempty" doc:"Of a post."`
	Text      string                  `json:"text,omitempty" doc:"How it begins; plain text. Of what is sensitive, nothing."`
}

func quotedOf(v *community.CitationView) *Quoted {
	if v == nil {
		return nil
	}
	q := &Quoted{State: v.State, Gone: v.Gone()}
	if q.Gone {
		return q
	}
	post := int64(v.Post.ID)
	q.PostID, q.URL = &post, cmp.Or(v.Post.URL, v.Post.IRI)
	html := v.Post.HTML
	if v.Comment != nil {
		comment := int64(v.Comment.ID)
		q.CommentID, q.URL, html = &comment, cmp.Or(v.Comment.URL, v.Comment.IRI), v.Comment.HTML
	}
	if v.State == community.CitationAccepted || v.Mine {
		author := actorOf(v.Author)
		q.Author = &author
	}
	if v.State != community.CitationAccepted {
		return q
	}
	if v.Comment == nil {
		q.Title = v.Post.Title
	}
	if !v.Post.Sensitive {
		q.Text = markup.Excerpt(html, quotedLength)
	}
	return q
}

// QuoteDraft names one post or comment to be quoted, by its number here or by
// its address anywhere.
type QuoteDraft struct {
	PostID    *int64 `json:"post_id,omitempty"`
	CommentID *int64 `json:"comment_id,omitempty"`
	URL       string `json:"url,omitempty" maxLength:"2048" example:"https://example.org/post/12"`
}

// quotes finds what is to be quoted, as the caller may read it. Who wrote it
// elsewhere may have said that nobody need ask.
func (a *API) quotes(ctx context.Context, c *Caller, d *QuoteDraft) (*posts.Spot, error) {
	if d == nil {
		return nil, nil
	}
	spot, err := a.spot(ctx, c, d)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Field("quote", "There is nothing to be quoted at that address, or it is not for everybody.")
	}
	if err != nil || a.Resolver == nil {
		return spot, err
	}
	subject := community.Subject{Kind: community.SubjectPost, ID: int64(spot.Post)}
	if spot.Comment != 0 {
		subject = community.Subject{Kind: community.SubjectComment, ID: int64(spot.Comment)}
	}
	return spot, a.Resolver.MayAskToQuote(ctx, c.Who.Actor, subject)
}

func (a *API) spot(ctx context.Context, c *Caller, d *QuoteDraft) (*posts.Spot, error) {
	switch {
	case d.PostID != nil && d.CommentID == nil && d.URL == "":
		v, err := a.Posts.Find(ctx, c.Reader(), community.PostID(*d.PostID))
		if err != nil {
			return nil, err
		}
		return &posts.Spot{Post: v.ID}, nil
	case d.CommentID != nil && d.PostID == nil && d.URL == "":
		v, err := a.Posts.FindComment(ctx, c.Reader(), community.CommentID(*d.CommentID))
		if err != nil {
			return nil, err
		}
		return &posts.Spot{Post: v.PostID, Comment: v.ID}, nil
	case d.URL == "" || d.PostID != nil || d.CommentID != nil:
		return nil, fault.Field("quote", "Name one post or one comment.")
	case a.Resolver == nil:
		return nil, fault.New(fault.Unavailable, "This server asks no other servers.")
	}
	found, err := a.Resolver.Resolve(ctx, c.Reader(), strings.TrimSpace(d.URL))
	switch {
	case err != nil:
		return nil, err
	case found.Post != nil:
		return &posts.Spot{Post: found.Post.ID}, nil
	case found.Comment != nil:
		return &posts.Spot{Post: found.Comment.PostID, Comment: found.Comment.ID}, nil
	}
	return nil, fault.Field("quote", "What is at that address is neither a post nor a comment.")
}

func (a *API) unquotePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Posts.Unquote(ctx, c.Who.Actor, posts.Spot{Post: req.id()})
}

func (a *API) unquoteComment(ctx context.Context, c *Caller, req *CommentPath) error {
	return a.Posts.Unquote(ctx, c.Who.Actor, posts.Spot{Comment: req.id()})
}

// A Quote is somebody quoting what the caller wrote.
type Quote struct {
	ID        int64         `json:"id" example:"3"`
	Actor     Actor         `json:"actor" doc:"Who quotes."`
	URL       string        `json:"url" doc:"What quotes."`
	Post      NotedPost     `json:"post" doc:"What is quoted, or its thread."`
	Comment   *NotedComment `json:"comment,omitempty" doc:"Where a comment is quoted."`
	CreatedAt time.Time     `json:"created_at"`
}

func quoteOf(v *community.QuoteView) Quote {
	q := Quote{ID: int64(v.ID), URL: v.Instrument, Post: NotedPost{ID: int64(v.PostID)}, CreatedAt: instant(v.CreatedAt)}
	if v.By != nil {
		q.Actor = actorOf(v.By)
	}
	if v.Post != nil {
		q.Post.Title, q.Post.URL = v.Post.Title, v.Post.IRI
	}
	if v.Comment != nil {
		q.Comment = &NotedComment{ID: int64(v.Comment.ID), URL: v.Comment.IRI, HTML: pictured("comment", int64(v.Comment.ID), v.Comment.HTML)}
	}
	return q
}

// Quotes lists who quotes what the caller wrote.
func (a *API) Quotes(ctx context.Context, c *Caller, q *Paging) (List[Quote], error) {
	rows, next, err := a.Posts.QuotesOf(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, quoteOf), err
}

// QuotePath names a quote of what the caller wrote.
type QuotePath struct {
	ID int64 `path:"id" example:"3"`
}

func (a *API) takeBackQuote(ctx context.Context, c *Caller, req *QuotePath) error {
	return a.Posts.TakeBackQuote(ctx, c.Who.Actor, community.QuoteID(req.ID))
}

// quoteRoutes is the part of the table of contents about quotes.
func (a *API) quoteRoutes() {
	const notFound, forbidden = fault.NotFound, fault.Forbidden

	s := section("Quotes")
	handle(a, s.get("/quotes", "listQuotes", "Who quotes what I wrote").signedIn().
		says("Here and on other servers, newest first."), a.Quotes)
	do(a, s.delete("/quotes/{id}", "takeBackQuote", "Take back that somebody may quote me").signedIn().limited(a.limits.write).fails(notFound).
		says("Their server is told to show what I wrote no more."), a.takeBackQuote)
	do(a, s.delete("/posts/{id}/quote", "unquotePost", "Take what your post quotes out of it").signedIn().limited(a.limits.write).fails(notFound, forbidden).
		says("It can be taken out, and not be changed for something else."), a.unquotePost)
	do(a, s.delete("/comments/{id}/quote", "unquoteComment", "Take what your comment quotes out of it").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.unquoteComment)
}
