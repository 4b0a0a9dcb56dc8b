package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/service/posts"
)

// A Post is something said in a group, as the caller sees it.
type Post struct {
	ID            int64              `json:"id" example:"12"`
	URL           string             `json:"url" doc:"Its ActivityPub id, which is also its page." example:"https://example.org/post/12"`
	Kind          community.PostKind `json:"kind" enum:"text,link,poll,event,image,video" doc:"A film of kind video is at its link. With image, pictures, films or sounds stand beside the text."`
	Title         string             `json:"title" example:"Seedlings to give away"`
	Body          string             `json:"body" doc:"Markdown; the field that is written."`
	HTML          string             `json:"html" doc:"The same, safe to show."`
	Link          string             `json:"link,omitempty" doc:"What a post of kind link is about."`
	Author        Actor              `json:"author"`
	Group         Actor              `json:"group"`
	Score         int64              `json:"score"`
	Ups           int64              `json:"ups"`
	Downs         int64              `json:"downs"`
	MyVote        int                `json:"my_vote" enum:"-1,0,1"`
	Saved         bool               `json:"saved" doc:"The caller keeps it."`
	Reading       *Reading           `json:"reading,omitempty" doc:"How far the caller read in it; left out where they did not."`
	CommentCount  int64              `json:"comment_count"`
	CreatedAt     time.Time          `json:"created_at"`
	EditedAt      *time.Time         `json:"edited_at"`
	Removed       bool               `json:"removed" doc:"By a moderator. Title and text are empty, except for those who may see them."`
	RemovedReason string             `json:"removed_reason,omitempty"`
	Deleted       bool               `json:"deleted" doc:"By its author. Title and text are empty."`
	Locked        bool               `json:"locked" doc:"Takes no more comments."`
	Featured      bool               `json:"featured" doc:"Stands at the top of its group."`
	Sensitive     bool               `json:"sensitive"`
	Language      string             `json:"language,omitempty" example:"en"`
	Poll          *Poll              `json:"poll,omitempty" doc:"Of kind poll."`
	Event         *Event             `json:"event,omitempty" doc:"Of kind event."`
	Duration      int64              `json:"duration,omitempty" doc:"Of kind video: its length in seconds."`
	Question      bool               `json:"question" doc:"It asks something that a comment can answer."`
	AnsweredAt    *time.Time         `json:"answered_at" doc:"When somebody else first answered it."`
	AnswerID      *int64             `json:"answer_id" doc:"The comment that answers it, as its author or a moderator says."`
	Quote         *Quoted            `json:"quote,omitempty" doc:"What it quotes."`
	Media         []Attachment       `json:"media" nullable:"false" doc:"Pictures, films and sounds beside its text, in order."`
	Preview       *Preview           `json:"preview,omitempty" doc:"What the page that it links to says about itself."`
	Veil          string             `json:"veil,omitempty" enum:"person,server,words,closed" doc:"Why it stands closed before the caller: they keep away its author, where that one lives, or words in it. closed: its author keeps the caller away, and title and text are empty."`
	Can           Can                `json:"can"`
	Backfill      *Backfill          `json:"backfill,omitempty" doc:"What was read of the thread from where its group lives; only where one post of another server is asked for."`
}

// Can is what the caller may do with a post or comment.
type Can struct {
	Edit     bool `json:"edit"`
	Delete   bool `json:"delete"`
	Remove   bool `json:"remove" doc:"As a moderator; also bring it back."`
	Moderate bool `json:"moderate" doc:"Any of what follows."`
	Lock     bool `json:"lock" doc:"End the thread, or the branch."`
	Feature  bool `json:"feature" doc:"Put it on top of its group."`
	Mark     bool `json:"mark" doc:"Call it sensitive."`
	Move     bool `json:"move" doc:"Take it to another group."`
	Ban      bool `json:"ban" doc:"Ban its author from the group."`
	Warn     bool `json:"warn" doc:"Warn its author."`
	Reply    bool `json:"reply"`
	Vote     bool `json:"vote"`
	Answer   bool `json:"answer" doc:"Say which comment answers the post."`
}

func canOf(c community.Can) Can {
	return Can{
		Edit: c.Edit, Delete: c.Delete, Remove: c.Remove, Moderate: c.Moderate, Lock: c.Lock, Feature: c.Feature, Mark: c.Mark,
		Move: c.Move, Ban: c.Ban, Warn: c.Warn, Reply: c.Reply, Vote: c.Vote, Answer: c.Answer,
	}
}

// veiled reports whether words are kept from a reader: from everybody when
// their author took them back, and when a moderator removed them from all who
// may not see what was removed.
func veiled(deleted, removed time.Time, can community.Can) bool {
	return !deleted.IsZero() || !removed.IsZero() && !can.See
}

func postOf(v *community.PostView) Post {
	p := Post{
		ID: int64(v.ID), URL: v.IRI, Kind: v.Kind, Title: v.Title, Body: v.Body, HTML: pictured("post", int64(v.ID), v.HTML), Link: v.Link,
		Author: actorOf(v.Author), Group: actorOf(v.Group),
		Score: v.Score, Ups: v.Ups, Downs: v.Downs, MyVote: v.MyVote, Saved: v.Saved, Reading: readingOf(v.Reading), CommentCount: v.CommentCount,
		CreatedAt: instant(v.CreatedAt), EditedAt: maybe(v.EditedAt),
		Removed: !v.RemovedAt.IsZero(), RemovedReason: v.RemovedReason, Deleted: !v.DeletedAt.IsZero(),
		Locked: !v.LockedAt.IsZero(), Featured: !v.FeaturedAt.IsZero(), Sensitive: v.Sensitive,
		Language: v.Language, Poll: pollOf(v.Poll), Event: eventOf(v.Event), Duration: v.Duration, Quote: quotedOf(v.Quotes), Can: canOf(v.Can),
		Media: attachmentsOf(v.Media), Preview: previewOf(v), Backfill: backfillOf(v.Backfill),
		Question: v.Question, AnsweredAt: maybe(v.FirstAnswer()),
	}
	if v.AnswerID != 0 {
		answer := int64(v.AnswerID)
		p.AnswerID = &answer
	}
	if p.Veil = string(v.Veil); veiled(v.DeletedAt, v.RemovedAt, v.Can) || v.Veil == community.VeilBlocked {
		p.Title, p.Body, p.HTML, p.Link, p.Poll, p.Event, p.Quote, p.Preview, p.Media = "", "", "", "", nil, nil, nil, nil, []Attachment{}
	}
	return p
}

// PostPath names a post.
type PostPath struct {
	ID int64 `path:"id" example:"12"`
}

func (p PostPath) id() community.PostID { return community.PostID(p.ID) }

// Post answers one post.
func (a *API) Post(ctx context.Context, c *Caller, req *PostPath) (Post, error) {
	v, err := a.Posts.Find(ctx, c.Reader(), req.id())
	if err != nil {
		return Post{}, err
	}
	if a.Resolver != nil && !v.Local {
		if v.Backfill, err = a.Resolver.FreshenThread(ctx, c.Reader(), v.Post); err != nil {
			return Post{}, err
		}
	}
	return postOf(v), nil
}

type createPostRequest struct {
	GroupPath
	Body PostDraft
}

// PostDraft is a post to be published. With a link it is of kind link, with a
// poll of kind poll, with an event of kind event.
type PostDraft struct {
	Title     string      `json:"title" doc:"At most 200 characters." example:"Seedlings to give away"`
	Body      string      `json:"body,omitempty" doc:"Markdown, at most 50,000 characters."`
	Link      string      `json:"link,omitempty" example:"https://example.com/"`
	Language  string      `json:"language,omitempty" maxLength:"35" doc:"A BCP 47 tag." example:"en"`
	Sensitive bool        `json:"sensitive,omitempty" doc:"To be veiled until a reader asks."`
	Question  *bool       `json:"question,omitempty" doc:"Whether it asks something that a comment can answer. Where left out, as posts are in the group; polls and events are none."`
	Poll      *PollDraft  `json:"poll,omitempty" doc:"What people can choose between. It cannot be changed later."`
	Event     *EventDraft `json:"event,omitempty" doc:"When and where it happens; instead of a link or a poll."`
	Quote     *QuoteDraft `json:"quote,omitempty" doc:"A post or comment that it quotes, which everybody can read. Somebody on another server is asked first. It cannot be changed later."`
	Media     []int64     `json:"media,omitempty" nullable:"false" doc:"Uploads to show beside the text, in order; at most 12."`
	Draft     string      `json:"draft,omitempty" maxLength:"64" doc:"The key of the draft that it was, which is forgotten with this."`
}

func (a *API) createPost(ctx context.Context, c *Caller, req *createPostRequest) (Post, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Post{}, err
	}
	quotes, err := a.quotes(ctx, c, req.Body.Quote)
	if err != nil {
		return Post{}, err
	}
	post, err := a.Posts.Publish(ctx, c.Who.Actor, g.Actor, posts.Draft{
		Title: req.Body.Title, Body: req.Body.Body, Link: req.Body.Link,
		Language: req.Body.Language, Sensitive: req.Body.Sensitive, Poll: req.Body.Poll.poll(a.Now()), Event: req.Body.Event.event(),
		Quotes: quotes, Media: idsOf(req.Body.Media), Sketch: req.Body.Draft, Question: req.Body.Question,
	})
	if err != nil {
		return Post{}, err
	}
	return a.Post(ctx, c, &PostPath{int64(post.ID)})
}

type editPostRequest struct {
	PostPath
	Body PostChange
}

// PostChange is what its author may change about a post; what is left out
// stays.
type PostChange struct {
	Title     *string     `json:"title,omitempty"`
	Body      *string     `json:"body,omitempty" doc:"Markdown."`
	Link      *string     `json:"link,omitempty" doc:"Empty makes it a post of kind text."`
	Language  *string     `json:"language,omitempty" maxLength:"35" doc:"A BCP 47 tag; empty: nobody says."`
	Sensitive *bool       `json:"sensitive,omitempty"`
	Question  *bool       `json:"question,omitempty"`
	Event     *EventDraft `json:"event,omitempty" doc:"The whole of it, of a post of kind event."`
	Media     *[]int64    `json:"media,omitempty" nullable:"false" doc:"All uploads to show beside the text, in order. What is left out is forgotten."`
}

func (a *API) editPost(ctx context.Context, c *Caller, req *editPostRequest) (Post, error) {
	_, err := a.Posts.Edit(ctx, c.Who.Actor, req.id(), posts.Change{
		Title: req.Body.Title, Body: req.Body.Body, Link: req.Body.Link, Language: req.Body.Language, Sensitive: req.Body.Sensitive,
		Beside: req.Body.Event.beside(), Media: chosenIn(req.Body.Media), Question: req.Body.Question,
	})
	if err != nil {
		return Post{}, err
	}
	return a.Post(ctx, c, &req.PostPath)
}

func (a *API) deletePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Posts.Delete(ctx, c.Who.Actor, req.id(), community.Origin{})
}
