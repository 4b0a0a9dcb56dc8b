package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/service/posts"
)

// A Comment is an answer to a post or to another comment, as the caller sees
// it.
type Comment struct {
	ID            int64        `json:"id" example:"9"`
	URL           string       `json:"url" doc:"Its ActivityPub id, which is also its page." example:"https://example.org/comment/9"`
	Body          string       `json:"body" doc:"Markdown; the field that is written."`
	HTML          string       `json:"html" doc:"The same, safe to show."`
	Author        Actor        `json:"author"`
	Group         Actor        `json:"group"`
	PostID        int64        `json:"post_id"`
	PostTitle     string       `json:"post_title,omitempty" doc:"Only in lists that mix threads."`
	ParentID      *int64       `json:"parent_id" doc:"The comment that it answers; null when it answers the post."`
	Depth         int          `json:"depth" doc:"0 directly under the post."`
	Score         int64        `json:"score"`
	Ups           int64        `json:"ups"`
	Downs         int64        `json:"downs"`
	MyVote        int          `json:"my_vote" enum:"-1,0,1"`
	Saved         bool         `json:"saved" doc:"The caller keeps it."`
	ReplyCount    int64        `json:"reply_count" doc:"Everything below it."`
	CreatedAt     time.Time    `json:"created_at"`
	EditedAt      *time.Time   `json:"edited_at"`
	Removed       bool         `json:"removed" doc:"By a moderator. The text is empty, except for those who may see it."`
	RemovedReason string       `json:"removed_reason,omitempty"`
	Locked        bool         `json:"locked" doc:"Takes no more answers, nor does anything below it."`
	Deleted       bool         `json:"deleted" doc:"By its author. The text is empty."`
	Answer        bool         `json:"answer" doc:"Answers the post, as its author or a moderator says."`
	Quote         *Quoted      `json:"quote,omitempty" doc:"What it quotes."`
	Media         []Attachment `json:"media" nullable:"false" doc:"As of a post."`
	Veil          string       `json:"veil,omitempty" enum:"person,server,words,closed" doc:"As of a post."`
	Can           Can          `json:"can"`
}

func commentOf(v *community.CommentView) Comment {
	c := Comment{
		ID: int64(v.ID), URL: v.IRI, Body: v.Body, HTML: pictured("comment", int64(v.ID), v.HTML), Author: actorOf(v.Author), Group: actorOf(v.Group),
		PostID: int64(v.PostID), Depth: v.Depth,
		Score: v.Score, Ups: v.Ups, Downs: v.Downs, MyVote: v.MyVote, Saved: v.Saved, ReplyCount: v.ReplyCount,
		CreatedAt: instant(v.CreatedAt), EditedAt: maybe(v.EditedAt),
		Removed: !v.RemovedAt.IsZero(), RemovedReason: v.RemovedReason, Deleted: !v.DeletedAt.IsZero(), Locked: !v.LockedAt.IsZero(),
		Answer: v.Post != nil && v.Post.AnswerID == v.ID, Quote: quotedOf(v.Quotes), Media: attachmentsOf(v.Media), Can: canOf(v.Can),
	}
	if v.ParentID != 0 {
		parent := int64(v.ParentID)
		c.ParentID = &parent
	}
	if c.Veil = string(v.Veil); veiled(v.DeletedAt, v.RemovedAt, v.Can) || v.Veil == community.VeilBlocked {
		c.Body, c.HTML, c.Quote, c.Media = "", "", nil, []Attachment{}
	}
	return c
}

// strayOf is a comment in a list that mixes threads.
func strayOf(v *community.CommentView) Comment {
	c := commentOf(v)
	if v.Post != nil && !v.Post.Hidden() {
		c.PostTitle = v.Post.Title
	}
	return c
}

// CommentsQuery asks for a thread.
type CommentsQuery struct {
	PostPath
	Sort string `query:"sort" enum:"hot,top,new,old" default:"hot"`
	Paging
}

// Comments lists a thread, flat in tree order.
func (a *API) Comments(ctx context.Context, c *Caller, q *CommentsQuery) (List[Comment], error) {
	rows, next, err := a.Posts.Thread(ctx, c.Reader(), q.id(), community.Sort(q.Sort), q.page())
	return listOf(rows, next, commentOf), err
}

// SinceQuery asks for what is new in a thread.
type SinceQuery struct {
	PostPath
	After int64 `query:"after" minimum:"0" doc:"The newest comment that the caller knows, by id; left out, none."`
	Limit int   `query:"limit" minimum:"1" maximum:"100" default:"100"`
}

// Since lists what is new in a thread.
func (a *API) Since(ctx context.Context, c *Caller, q *SinceQuery) (List[Comment], error) {
	rows, err := a.Posts.Since(ctx, c.Reader(), q.id(), community.CommentID(q.After), q.Limit)
	return listOf(rows, "", commentOf), err
}

// CommentPath names a comment.
type CommentPath struct {
	ID int64 `path:"id" example:"9"`
}

func (p CommentPath) id() community.CommentID { return community.CommentID(p.ID) }

// CommentQuery asks for a comment and what it answers.
type CommentQuery struct {
	CommentPath
	Context int `query:"context" minimum:"0" maximum:"100" doc:"How many of the comments above it to bring."`
}

// CommentPage is a comment where it stands.
type CommentPage struct {
	Comment   Comment   `json:"comment"`
	Ancestors []Comment `json:"ancestors" nullable:"false" doc:"The comments above it, the topmost first."`
	Post      Post      `json:"post"`
}

// Comment answers one comment, with the post it stands under.
func (a *API) Comment(ctx context.Context, c *Caller, q *CommentQuery) (CommentPage, error) {
	v, err := a.Posts.FindComment(ctx, c.Reader(), q.id())
	if err != nil {
		return CommentPage{}, err
	}
	post, err := a.Posts.Find(ctx, c.Reader(), v.PostID)
	if err != nil {
		return CommentPage{}, err
	}
	page := CommentPage{Comment: commentOf(v), Post: postOf(post), Ancestors: []Comment{}}
	if q.Context > 0 && v.ParentID != 0 {
		above, err := a.Posts.Ancestors(ctx, c.Reader(), q.id())
		if err != nil {
			return CommentPage{}, err
		}
		page.Ancestors = each(above[max(0, len(above)-q.Context):], commentOf)
	}
	return page, nil
}

// RepliesQuery asks for what hangs below a comment.
type RepliesQuery struct {
	CommentPath
	Sort string `query:"sort" enum:"hot,top,new,old" default:"hot"`
	Paging
}

// Replies lists everything below a comment, flat in tree order.
func (a *API) Replies(ctx context.Context, c *Caller, q *RepliesQuery) (List[Comment], error) {
	rows, next, err := a.Posts.Replies(ctx, c.Reader(), q.id(), community.Sort(q.Sort), q.page())
	return listOf(rows, next, commentOf), err
}

type createCommentRequest struct {
	PostPath
	Body CommentDraft
}

// CommentDraft is a comment to be published.
type CommentDraft struct {
	Body     string      `json:"body" doc:"Markdown, at most 20,000 characters." example:"Count me in!"`
	ParentID *int64      `json:"parent_id,omitempty" doc:"The comment that it answers; left out, it answers the post."`
	Quote    *QuoteDraft `json:"quote,omitempty" doc:"A post or comment that it quotes, as a post may."`
	Media    []int64     `json:"media,omitempty" nullable:"false" doc:"Uploads to show beside the text, in order; at most 12."`
	Draft    string      `json:"draft,omitempty" maxLength:"64" doc:"As of a post."`
}

func (a *API) createComment(ctx context.Context, c *Caller, req *createCommentRequest) (Comment, error) {
	var parent community.CommentID
	if req.Body.ParentID != nil {
		parent = community.CommentID(*req.Body.ParentID)
	}
	quotes, err := a.quotes(ctx, c, req.Body.Quote)
	if err != nil {
		return Comment{}, err
	}
	made, err := a.Posts.Comment(ctx, c.Who.Actor, req.id(), parent, posts.Draft{Body: req.Body.Body, Quotes: quotes, Media: idsOf(req.Body.Media), Sketch: req.Body.Draft})
	if err != nil {
		return Comment{}, err
	}
	return a.comment(ctx, c, made.ID)
}

func (a *API) comment(ctx context.Context, c *Caller, id community.CommentID) (Comment, error) {
	v, err := a.Posts.FindComment(ctx, c.Reader(), id)
	if err != nil {
		return Comment{}, err
	}
	return commentOf(v), nil
}

type editCommentRequest struct {
	CommentPath
	Body CommentChange
}

// CommentChange is what its author may change about a comment.
type CommentChange struct {
	Body  *string  `json:"body,omitempty" doc:"Markdown."`
	Media *[]int64 `json:"media,omitempty" nullable:"false" doc:"As of a post."`
}

func (a *API) editComment(ctx context.Context, c *Caller, req *editCommentRequest) (Comment, error) {
	if _, err := a.Posts.EditComment(ctx, c.Who.Actor, req.id(), posts.Change{Body: req.Body.Body, Media: chosenIn(req.Body.Media)}); err != nil {
		return Comment{}, err
	}
	return a.comment(ctx, c, req.id())
}

func (a *API) deleteComment(ctx context.Context, c *Caller, req *CommentPath) error {
	return a.Posts.DeleteComment(ctx, c.Who.Actor, req.id(), community.Origin{})
}
