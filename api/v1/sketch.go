package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// sketchRoutes is the part of the table of contents about what one is still
// writing.
func (a *API) sketchRoutes() {
	const notFound, conflict, forbidden = fault.NotFound, fault.Conflict, fault.Forbidden
	const write = community.ScopeWrite

	s := section("Drafts")
	handle(a, s.get("/me/drafts", "listDrafts", "What I am writing, and what waits to be published").scope(write).signedIn().
		says("All of it, what was changed last first, with the beginning of its text and without its uploads."), a.Drafts)
	handle(a, s.get("/me/drafts/{key}", "getDraft", "What I am writing, whole").scope(write).signedIn().fails(notFound), a.Draft)
	handle(a, s.put("/me/drafts/{key}", "keepDraft", "Keep what I am writing").scope(write).signedIn().fails(notFound, conflict).
		says("Under a key that the program chooses. It may be unfinished. The version is the one that the program last saw, 0 for a new draft: "+
			"if the draft was changed since, the code is conflict and it stays as it is. The same words again change nothing."), a.keepDraft)
	do(a, s.delete("/me/drafts/{key}", "dropDraft", "Throw a draft away").scope(write).signedIn(), a.dropDraft)
	handle(a, s.put("/me/drafts/{key}/schedule", "scheduleDraft", "Have a draft of a post published at a time").scope(write).signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("What would not be published now is refused now. The rules are asked again when the time has come: what they forbid by then stays a draft, and trouble says why."), a.scheduleDraft)
	handle(a, s.delete("/me/drafts/{key}/schedule", "unscheduleDraft", "Keep a scheduled post as a draft").scope(write).signedIn().fails(notFound), a.unscheduleDraft)
	handle(a, s.post("/me/drafts/{key}/publish", "publishDraft", "Publish a draft of a post now").scope(write).signedIn().creates().limited(a.limits.write).fails(notFound, forbidden), a.publishDraft)
	a.historyRoutes()
}

// A KeptDraft is something that the caller is still writing: a post, or an answer.
type KeptDraft struct {
	Key       string       `json:"key" example:"p-7f3a9c"`
	Version   int64        `json:"version" doc:"To be sent back with a change."`
	Group     string       `json:"group,omitempty" doc:"As it was typed."`
	Answers   *DraftTarget `json:"answers,omitempty" doc:"The post that it answers; its title only as long as the caller may read it."`
	ParentID  *int64       `json:"parent_id,omitempty" doc:"The comment that it answers."`
	Title     string       `json:"title"`
	Body      string       `json:"body"`
	Link      string       `json:"link,omitempty"`
	Language  string       `json:"language,omitempty"`
	Sensitive bool         `json:"sensitive"`
	Poll      *DraftPoll   `json:"poll,omitempty"`
	Event     *DraftEvent  `json:"event,omitempty"`
	Quote     *DraftTarget `json:"quote,omitempty" doc:"What it quotes."`
	Media     []Attachment `json:"media" nullable:"false" doc:"Uploads beside its text. They wait as long as the draft does."`
	PublishAt *time.Time   `json:"publish_at" doc:"When it is published; null: when the caller does that."`
	Trouble   string       `json:"trouble,omitempty" doc:"Why it could not be published when its time had come."`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
}

// DraftTarget is what a draft answers or quotes.
type DraftTarget struct {
	PostID    int64  `json:"post_id"`
	CommentID *int64 `json:"comment_id,omitempty"`
	Title     string `json:"title,omitempty"`
	URL       string `json:"url,omitempty"`
}

// DraftPoll is a poll that is being put together.
type DraftPoll struct {
	Options  []string `json:"options" nullable:"false" maxItems:"12"`
	Multiple bool     `json:"multiple"`
	ClosesIn int64    `json:"closes_in" minimum:"0" doc:"In seconds, from when it is published."`
}

// DraftEvent is an event that is being written.
type DraftEvent struct {
	Starts string `json:"starts" doc:"What a clock in its zone shows." example:"2026-12-11T19:00"`
	Ends   string `json:"ends"`
	Zone   string `json:"zone" example:"Europe/London"`
	Place  string `json:"place"`
	URL    string `json:"url"`
}

const mostExcerpt = 300 // characters of a draft in the list

func draftOf(v *community.SketchView) KeptDraft {
	d := KeptDraft{
		Key: v.Key, Version: v.Version, Group: v.GroupName, Title: v.Title, Body: v.Body, Link: v.Link, Language: v.Language, Sensitive: v.Sensitive,
		Media: attachmentsOf(v.Media), PublishAt: maybe(v.PublishAt), Trouble: v.Trouble, CreatedAt: instant(v.CreatedAt), UpdatedAt: instant(v.UpdatedAt),
	}
	if v.PostID != 0 {
		d.Answers = targetOf(v.PostID, 0, v.Post)
	}
	if v.ParentID != 0 {
		parent := int64(v.ParentID)
		d.ParentID = &parent
	}
	b := v.Besides()
	if p := b.Poll; p != nil {
		d.Poll = &DraftPoll{Options: p.Options, Multiple: p.Multiple, ClosesIn: p.Runs}
	}
	if e := b.Event; e != nil {
		d.Event = &DraftEvent{Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, URL: e.URL}
	}
	if q := b.Quote; q != nil {
		d.Quote = targetOf(q.Post, q.Comment, v.Quote)
		d.Quote.URL = v.Cited
	}
	return d
}

func targetOf(id community.PostID, comment community.CommentID, post *community.Post) *DraftTarget {
	target := &DraftTarget{PostID: int64(id)}
	if comment != 0 {
		c := int64(comment)
		target.CommentID = &c
	}
	if post != nil {
		target.Title, target.URL = post.Title, post.IRI
	}
	return target
}

// DraftsQuery asks for what the caller is writing.
type DraftsQuery struct {
	Post int64 `query:"post" doc:"Only answers in the thread of this post."`
}

// Drafts lists what the caller is writing.
func (a *API) Drafts(ctx context.Context, c *Caller, q *DraftsQuery) (List[KeptDraft], error) {
	rows, err := a.Posts.Sketches(ctx, c.Who.Actor, community.PostID(q.Post))
	list := listOf(rows, "", draftOf)
	for i := range list.Items {
		if text := []rune(list.Items[i].Body); len(text) > mostExcerpt {
			list.Items[i].Body = string(text[:mostExcerpt])
		}
	}
	return list, err
}

// DraftPath names something that the caller is writing.
type DraftPath struct {
	Key string `path:"key" maxLength:"64" example:"p-7f3a9c"`
}

// Draft answers one draft.
func (a *API) Draft(ctx context.Context, c *Caller, req *DraftPath) (KeptDraft, error) {
	v, err := a.Posts.Sketch(ctx, c.Who.Actor, req.Key)
	if err != nil {
		return KeptDraft{}, err
	}
	return draftOf(v), nil
}

type keepDraftRequest struct {
	DraftPath
	Body DraftWords
}

// DraftWords is what the caller is writing, as far as it is written.
type DraftWords struct {
	Version   int64       `json:"version" minimum:"0" doc:"That the program last saw; 0 for a new draft."`
	Group     string      `json:"group,omitempty"`
	PostID    *int64      `json:"post_id,omitempty" doc:"The post that it answers; left out, it is a post itself."`
	ParentID  *int64      `json:"parent_id,omitempty" doc:"The comment that it answers."`
	Title     string      `json:"title,omitempty" doc:"At most 200 characters."`
	Body      string      `json:"body,omitempty" doc:"At most 50,000 characters."`
	Link      string      `json:"link,omitempty"`
	Language  string      `json:"language,omitempty"`
	Sensitive bool        `json:"sensitive,omitempty"`
	Poll      *DraftPoll  `json:"poll,omitempty"`
	Event     *DraftEvent `json:"event,omitempty"`
	Quote     *QuoteDraft `json:"quote,omitempty"`
	Media     []int64     `json:"media,omitempty" nullable:"false" doc:"Uploads beside the text, in order; at most 12."`
}

func (a *API) keepDraft(ctx context.Context, c *Caller, req *keepDraftRequest) (KeptDraft, error) {
	d := req.Body
	sketch := &community.Sketch{
		Key: req.Key, Version: d.Version, GroupName: d.Group, Title: d.Title, Body: d.Body, Link: d.Link, Language: d.Language, Sensitive: d.Sensitive,
	}
	if d.PostID != nil {
		sketch.PostID = community.PostID(*d.PostID)
	}
	if d.ParentID != nil {
		sketch.ParentID = community.CommentID(*d.ParentID)
	}
	var b community.Beside
	if p := d.Poll; p != nil {
		b.Poll = &community.PollSketch{Options: p.Options, Multiple: p.Multiple, Runs: p.ClosesIn}
	}
	if e := d.Event; e != nil {
		b.Event = &community.EventSketch{Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, URL: e.URL}
	}
	quotes, err := a.quotes(ctx, c, d.Quote)
	if err != nil {
		return KeptDraft{}, err
	}
	if quotes != nil {
		b.Quote = &community.QuoteSketch{Post: quotes.Post, Comment: quotes.Comment}
	}
	sketch.SetBeside(b)
	v, err := a.Posts.KeepSketch(ctx, c.Who.Actor, sketch, idsOf(d.Media))
	if err != nil {
		return KeptDraft{}, err
	}
	return draftOf(v), nil
}

func (a *API) dropDraft(ctx context.Context, c *Caller, req *DraftPath) error {
	return a.Posts.DropSketch(ctx, c.Who.Actor, req.Key)
}

type scheduleRequest struct {
	DraftPath
	Body Schedule
}

// Schedule is when a draft is to be published.
type Schedule struct {
	PublishAt time.Time `json:"publish_at" doc:"At most a year ahead." example:"2026-12-01T08:00:00Z"`
}

// draftGroup finds the group that a draft of the caller's is for.
func (a *API) draftGroup(ctx context.Context, c *Caller, key string) (*community.Actor, error) {
	v, err := a.Posts.Sketch(ctx, c.Who.Actor, key)
	if err != nil {
		return nil, err
	}
	if v.GroupName == "" {
		return nil, fault.Field("group", "Choose the group this is for.")
	}
	g, err := a.findGroup(ctx, c, v.GroupName)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Field("group", "There is no group %.100q here.", v.GroupName)
	}
	if err != nil {
		return nil, err
	}
	return g.Actor, nil
}

func (a *API) scheduleDraft(ctx context.Context, c *Caller, req *scheduleRequest) (KeptDraft, error) {
	group, err := a.draftGroup(ctx, c, req.Key)
	if err != nil {
		return KeptDraft{}, err
	}
	if err := a.Posts.Schedule(ctx, c.Who.Actor, group, req.Key, req.Body.PublishAt); err != nil {
		return KeptDraft{}, err
	}
	return a.Draft(ctx, c, &req.DraftPath)
}

func (a *API) unscheduleDraft(ctx context.Context, c *Caller, req *DraftPath) (KeptDraft, error) {
	if err := a.Posts.Unschedule(ctx, c.Who.Actor, req.Key); err != nil {
		return KeptDraft{}, err
	}
	return a.Draft(ctx, c, req)
}

func (a *API) publishDraft(ctx context.Context, c *Caller, req *DraftPath) (Post, error) {
	group, err := a.draftGroup(ctx, c, req.Key)
	if err != nil {
		return Post{}, err
	}
	post, err := a.Posts.PublishSketch(ctx, c.Who.Actor, group, req.Key)
	if err != nil {
		return Post{}, err
	}
	return a.Post(ctx, c, &PostPath{int64(post.ID)})
}
