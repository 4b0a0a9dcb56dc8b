package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// historyRoutes is the part of the table of contents about what was changed.
func (a *API) historyRoutes() {
	const notFound = fault.NotFound

	s := section("Posts")
	handle(a, s.get("/posts/{id}/history", "listPostHistory", "What a post says, and said before it was changed").fails(notFound).
		says("The latest first: what it says now, then what it said, of which the first and the last are kept."), a.PostHistory)
	s = section("Comments")
	handle(a, s.get("/comments/{id}/history", "listCommentHistory", "What a comment says, and said before it was changed").fails(notFound), a.CommentHistory)
}

// A Version is what a post or comment says, or said before it was changed.
type Version struct {
	Title      string     `json:"title,omitempty" doc:"Of a post."`
	Body       string     `json:"body" doc:"Markdown, or plain text from elsewhere."`
	HTML       string     `json:"html" doc:"The same, safe to show."`
	Link       string     `json:"link,omitempty" doc:"Of a post."`
	WrittenAt  time.Time  `json:"written_at"`
	ReplacedAt *time.Time `json:"replaced_at" doc:"Null: this is what it says."`
}

func versionOf(v *community.Version) Version {
	kind, id := "post", int64(v.PostID)
	if v.CommentID != 0 {
		kind, id = "comment", int64(v.CommentID)
	}
	return Version{
		Title: v.Title, Body: v.Body, HTML: pictured(kind, id, v.HTML), Link: v.Link, WrittenAt: instant(v.WrittenAt), ReplacedAt: maybe(v.ReplacedAt),
	}
}

// PostHistory lists what a post said.
func (a *API) PostHistory(ctx context.Context, c *Caller, req *PostPath) (List[Version], error) {
	list, err := a.Posts.History(ctx, c.Reader(), req.id())
	return listOf(list, "", versionOf), err
}

// CommentHistory lists what a comment said.
func (a *API) CommentHistory(ctx context.Context, c *Caller, req *CommentPath) (List[Version], error) {
	list, err := a.Posts.CommentHistory(ctx, c.Reader(), req.id())
	return listOf(list, "", versionOf), err
}
