package v1

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
)

// A SearchResult is what was found, by kind.
type SearchResult struct {
	Posts    []Post      `json:"posts" nullable:"false"`
	Comments []Comment   `json:"comments" nullable:"false"`
	Groups   []Group     `json:"groups" nullable:"false"`
	Feeds    []GroupFeed `json:"feeds" nullable:"false"`
	People   []Person    `json:"people" nullable:"false"`
}

// SearchQuery asks for what holds all of some words.
type SearchQuery struct {
	Words string `query:"q" maxLength:"200" doc:"Words that must all be there." example:"tomato blight"`
	Kind  string `query:"kind" enum:"posts,comments,groups,feeds,people" doc:"Only this kind."`
	Limit int    `query:"limit" default:"25" minimum:"1" maximum:"100" doc:"How many of each kind at most."`
}

// Search finds what is known here.
func (a *API) Search(ctx context.Context, c *Caller, q *SearchQuery) (SearchResult, error) {
	// Here, so that pages count, too.
	if err := count(a.limits.search, c); err != nil {
		return SearchResult{}, err
	}
	found, err := a.Options.Search.Search(ctx, c.Reader(), q.Words, Paging{Limit: q.Limit}.page().Limit)
	if err != nil {
		return SearchResult{}, err
	}
	all := SearchResult{
		Posts: each(found.Posts, postOf), Comments: each(found.Comments, strayOf),
		Groups: each(found.Groups, a.groupOf), Feeds: each(found.Feeds, a.groupFeedOf),
	}
	if all.People, err = a.peopleOf(ctx, c, found.People...); err != nil {
		return SearchResult{}, err
	}
	none := SearchResult{Posts: []Post{}, Comments: []Comment{}, Groups: []Group{}, Feeds: []GroupFeed{}, People: []Person{}}
	switch q.Kind {
	case "posts":
		none.Posts = all.Posts
	case "comments":
		none.Comments = all.Comments
	case "groups":
		none.Groups = all.Groups
	case "feeds":
		none.Feeds = all.Feeds
	case "people":
		none.People = all.People
	default:
		return all, nil
	}
	return none, nil
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
