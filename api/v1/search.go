package v1

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/search"
)

// A SearchResult is what was found, by kind.
type SearchResult struct {
	Posts    []Post      `json:"posts" nullable:"false"`
	Comments []Comment   `json:"comments" nullable:"false"`
	Groups   []Group     `json:"groups" nullable:"false"`
	Feeds    []GroupFeed `json:"feeds" nullable:"false"`
	People   []Person    `json:"people" nullable:"false"`

	PostHighlights    []Highlight `json:"post_highlights" nullable:"false" doc:"Where the words are in each of the posts, in their order."`
	CommentHighlights []Highlight `json:"comment_highlights" nullable:"false" doc:"The same for the comments."`
	PostCount         FoundCount  `json:"post_count"`
	CommentCount      FoundCount  `json:"comment_count"`
	Next              string      `json:"next,omitempty" doc:"The cursor of the next page, where one kind is asked for; missing at the end."`
	Troubles          []string    `json:"troubles" nullable:"false" doc:"What was not understood, or not known, for people."`
}

// A Highlight says where words are in something that was found. The texts are
// plain: whoever shows them escapes them.
type Highlight struct {
	Title   []community.Span `json:"title" nullable:"false" doc:"Pairs of where words begin and end in the title, in units of UTF-16."`
	Excerpt string           `json:"excerpt" doc:"A part of the text with words in it, without its formatting."`
	Spans   []community.Span `json:"spans" nullable:"false" doc:"The same as title for the excerpt."`
}

// A FoundCount is how many were found.
type FoundCount struct {
	Count int  `json:"count" doc:"At most 1,000; 0 with a cursor."`
	More  bool `json:"more" doc:"There are more."`
}

// SearchQuery asks for what holds all of some words.
type SearchQuery struct {
	Words    string `query:"q" maxLength:"500" doc:"Words that must all be there, \"words that follow each other\", -words that must not be there, beginnings* of words, and fields: author:name group:name kind:link before:2026-05 after:2026 lang:en site:example.org in:mine." example:"tomato blight"`
	Kind     string `query:"kind" enum:"posts,comments,groups,feeds,people" doc:"Only this kind."`
	Sort     string `query:"sort" enum:"best,new,top" default:"best" doc:"The order of posts and comments: what answers best, is newest, or has most votes."`
	Author   string `query:"author" maxLength:"300" doc:"As author: among the words; so are the following."`
	Group    string `query:"group" maxLength:"300"`
	Type     string `query:"type" maxLength:"20" doc:"A kind of post: text, link, poll, event or video."`
	After    string `query:"after" maxLength:"10" doc:"A day, month or year, from its beginning on." example:"2026-05"`
	Before   string `query:"before" maxLength:"10" doc:"A day, month or year, until its beginning."`
	Language string `query:"lang" maxLength:"20"`
	Site     string `query:"site" maxLength:"300" doc:"What links lead to it, or to what is below it."`
	Mine     bool   `query:"mine" doc:"Only in groups that the caller joined."`
	Cursor   string `query:"cursor" maxLength:"200" doc:"From next; give the same query, with one kind."`
	Limit    int    `query:"limit" default:"25" minimum:"1" maximum:"100" doc:"How many of each kind at most."`
}

// search is what the query asks for.
func (q *SearchQuery) search() search.Query {
	s := community.ParseSearch(q.Words)
	for name, value := range map[string]string{
		"author": q.Author, "group": q.Group, "kind": q.Type, "after": q.After, "before": q.Before, "lang": q.Language, "site": q.Site,
	} {
		if strings.TrimSpace(value) != "" {
			s.Field(name, value)
		}
	}
	s.Mine = s.Mine || q.Mine
	sort := community.FindSort(q.Sort)
	if sort == "" {
		sort = community.FindBest
	}
	return search.Query{Search: s, Only: q.Kind, Sort: sort, Page: Paging{Cursor: q.Cursor, Limit: q.Limit}.page()}
}

// Search finds what is known here.
func (a *API) Search(ctx context.Context, c *Caller, q *SearchQuery) (SearchResult, error) {
	// Here, so that pages count, too.
	if err := count(a.limits.search, c); err != nil {
		return SearchResult{}, err
	}
	if q.Cursor != "" && q.Kind != "posts" && q.Kind != "comments" {
		return SearchResult{}, fault.Field("kind", "Only posts or comments have pages: ask for one of them.")
	}
	found, err := a.Options.Search.Search(ctx, c.Reader(), q.search())
	if err != nil {
		return SearchResult{}, err
	}
	all := SearchResult{
		Posts: each(found.Posts, postOf), Comments: each(found.Comments, strayOf),
		Groups: each(found.Groups, a.groupOf), Feeds: each(found.Feeds, a.groupFeedOf),
		PostHighlights: each(found.PostHighlights, highlightOf), CommentHighlights: each(found.CommentHighlights, highlightOf),
		PostCount: FoundCount{found.PostCount.N, found.PostCount.More}, CommentCount: FoundCount{found.CommentCount.N, found.CommentCount.More},
		Troubles: found.Troubles,
	}
	if all.People, err = a.peopleOf(ctx, c, found.People...); err != nil {
		return SearchResult{}, err
	}
	if all.Troubles == nil {
		all.Troubles = []string{}
	}
	if q.Kind != "" {
		all.Next = found.Next
	}
	return all, nil
}

func highlightOf(h search.Highlight) Highlight {
	spans := func(list []community.Span) []community.Span { return append([]community.Span{}, list...) }
	return Highlight{Title: spans(h.Title), Excerpt: h.Excerpt, Spans: spans(h.Spans)}
}

// A Resolver finds out what an address or handle from anywhere stands for,
// asking other servers where it must, and reads from them again what somebody
// here looks at.
type Resolver interface {
	Resolve(ctx context.Context, reader *community.Actor, query string) (*community.Resolved, error)
	FreshenGroup(ctx context.Context, reader, group *community.Actor) (*community.Backfill, error)
	FreshenFeed(ctx context.Context, reader, feed *community.Actor) (*community.Backfill, error)
	FreshenThread(ctx context.Context, reader *community.Actor, post *community.Post) (*community.Backfill, error)
	Intent(ctx context.Context, account, uri string) (string, error)
	Identify(ctx context.Context, reader *community.Actor, query string) (*community.Actor, error)
	Move(ctx context.Context, by, who *community.Actor, query string) error
	MayAskToQuote(ctx context.Context, by *community.Actor, subject community.Subject) error
}

// A Backfill is what was read from another server when somebody here looked.
type Backfill struct {
	State   community.BackfillState `json:"state" enum:"asked,reading,done,failed" doc:"asked and reading: more is to come."`
	Fetched int64                   `json:"fetched" doc:"How many posts, or comments, came of it so far."`
	At      *time.Time              `json:"at" doc:"When it was last read to its end."`
	Trouble string                  `json:"trouble,omitempty" doc:"What went wrong, for people."`
}

func backfillOf(b *community.Backfill) *Backfill {
	if b == nil {
		return nil
	}
	return &Backfill{State: b.State, Fetched: b.Fetched, At: maybe(b.ReadAt), Trouble: b.Trouble}
}

// Resolved is what an address or handle stands for: kind says which of the
// others is there.
type Resolved struct {
	Kind    string     `json:"kind" enum:"post,comment,group,person,feed"`
	Post    *Post      `json:"post,omitempty"`
	Comment *Comment   `json:"comment,omitempty"`
	Group   *Group     `json:"group,omitempty"`
	Person  *Person    `json:"person,omitempty"`
	Feed    *GroupFeed `json:"feed,omitempty"`
}

// An Intent is where somebody acts from their own server.
type Intent struct {
	URL string `json:"url" doc:"On the server of the account."`
}

type intentRequest struct {
	Account string `query:"account" required:"true" maxLength:"300" doc:"The whole handle of an account elsewhere." example:"@alice@example.org"`
	URI     string `query:"uri" required:"true" maxLength:"2048" doc:"The id of a group, post, comment or person."`
}

func (a *API) intent(ctx context.Context, _ *Caller, req *intentRequest) (Intent, error) {
	if a.Resolver == nil {
		return Intent{}, fault.New(fault.Unavailable, "This server asks no other servers.")
	}
	at, err := a.Resolver.Intent(ctx, req.Account, req.URI)
	return Intent{URL: at}, err
}

type resolveRequest struct {
	Query string `query:"q" required:"true" maxLength:"2048" doc:"An address (https://…) or a handle (name@host)." example:"!garden@example.org"`
}

func (a *API) resolve(ctx context.Context, c *Caller, req *resolveRequest) (Resolved, error) {
	if a.Resolver == nil {
		return Resolved{}, fault.New(fault.Unavailable, "This server asks no other servers.")
	}
	found, err := a.Resolver.Resolve(ctx, c.Reader(), strings.TrimSpace(req.Query))
	if err != nil {
		return Resolved{}, err
	}
	switch {
	case found.Post != nil:
		post := postOf(found.Post)
		return Resolved{Kind: "post", Post: &post}, nil
	case found.Comment != nil:
		comment := strayOf(found.Comment)
		return Resolved{Kind: "comment", Comment: &comment}, nil
	case found.Group != nil:
		group := a.groupOf(found.Group)
		return Resolved{Kind: "group", Group: &group}, nil
	case found.Person != nil:
		person, err := a.followed(ctx, c, found.Person)
		return Resolved{Kind: "person", Person: &person}, err
	case found.Feed != nil:
		feed := a.groupFeedOf(found.Feed)
		return Resolved{Kind: "feed", Feed: &feed}, nil
	}
	return Resolved{}, fault.New(fault.NotFound, "Nothing was found at that address.")
}
