package v1

import (
	"cmp"
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// A Person is somebody who writes, here or elsewhere.
type Person struct {
	Actor
	Summary     string `json:"summary" doc:"Markdown."`
	SummaryHTML string `json:"summary_html" doc:"The same, safe to show."`
	Image       string `json:"image,omitempty" doc:"The address of a wide picture, which only decorates."`
	Posts       int64  `json:"posts"`

	Fields    []ProfileField `json:"fields,omitempty" nullable:"false" doc:"Lines such as a web site; only where one person is asked for."`
	Languages []string       `json:"languages,omitempty" nullable:"false" doc:"Those that they read, BCP 47; as fields."`
	Interests []string       `json:"interests,omitempty" nullable:"false" doc:"As fields."`

	Comments    int64      `json:"comments"`
	Followers   int64      `json:"followers" doc:"Of somebody elsewhere only those on this server."`
	Follow      *Following `json:"follow" doc:"How the caller follows them; null for not."`
	CreatedAt   time.Time  `json:"created_at"`
	Blocked     bool       `json:"blocked" doc:"The caller blocks them."`
	Muted       bool       `json:"muted" doc:"The caller mutes them."`
	BannedUntil *time.Time `json:"banned_until" doc:"From this server. Null: not banned; the year 9999: for good. It may be over."`
}

func personOf(a *community.Actor) Person {
	return Person{
		Actor: actorOf(a), Summary: a.Summary, SummaryHTML: pictured("actor", int64(a.ID), a.SummaryHTML), Image: a.ShownImage(),
		Posts: a.PostCount, Comments: a.CommentCount, Followers: a.MemberCount, CreatedAt: instant(a.CreatedAt),
		BannedUntil: maybe(a.BannedUntil),
	}
}

// PersonPath names a person.
type PersonPath struct {
	Person string `path:"person" doc:"name, or name@host." example:"alice"`
}

// PersonQuery asks for what a person wrote.
type PersonQuery struct {
	PersonPath
	Paging
}

func (a *API) findPerson(ctx context.Context, name string) (*community.Actor, error) {
	h, err := a.handle(name)
	if err != nil {
		return nil, err
	}
	person, err := a.Accounts.Person(ctx, h)
	if err == nil && person.Gone() {
		return nil, fault.New(fault.NotFound, "%s is gone.", h)
	}
	return person, err
}

// Person answers one person.
func (a *API) Person(ctx context.Context, c *Caller, req *PersonPath) (Person, error) {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return Person{}, err
	}
	p, err := a.Profiles.Of(ctx, person)
	if err != nil {
		return Person{}, err
	}
	shown, err := a.followed(ctx, c, person)
	if err != nil {
		return Person{}, err
	}
	shown.Fields, shown.Languages, shown.Interests = each(p.Fields, fieldOf), p.LanguageList(), p.InterestList()
	shown.Blocked, shown.Muted, err = a.standing(ctx, c, person)
	return shown, err
}

// A PersonPostsQuery asks for what a person posted.
type PersonPostsQuery struct {
	PersonPath
	Sort   string `query:"sort" enum:"hot,active,new,top,controversial,oldest,unanswered" default:"new"`
	Within string `query:"within" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial: how young posts are. Absent: all."`
	Paging
}

// PersonPosts lists the posts of a person.
func (a *API) PersonPosts(ctx context.Context, c *Caller, q *PersonPostsQuery) (PostList, error) {
	person, err := a.findPerson(ctx, q.Person)
	if err != nil {
		return PostList{}, err
	}
	return a.postList(ctx, c, community.FeedQuery{Author: person.ID, Page: q.page()}, cmp.Or(q.Sort, "new"), q.Within)
}

// PersonComments lists the comments of a person, newest first.
func (a *API) PersonComments(ctx context.Context, c *Caller, q *PersonQuery) (List[Comment], error) {
	person, err := a.findPerson(ctx, q.Person)
	if err != nil {
		return List[Comment]{}, err
	}
	rows, next, err := a.Posts.CommentsBy(ctx, c.Reader(), person.ID, q.page())
	return listOf(rows, next, strayOf), err
}
