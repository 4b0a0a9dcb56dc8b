package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// FeedQuery asks for posts of many groups.
type FeedQuery struct {
	View   string `query:"view" enum:"home,people,all,local,moderated" default:"all" doc:"home: the groups that the caller joined, and the people whom they follow; people: only those people; local: the groups of this server; moderated: the groups that the caller looks after."`
	Sort   string `query:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered" doc:"Absent: as the caller likes it, or hot. scaled: hot, with what busy groups say weighing less; unanswered: what has no comment yet."`
	Within string `query:"within" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial: how young posts are. Absent: all."`
	Paging
}

// Feed lists posts of many groups.
func (a *API) Feed(ctx context.Context, c *Caller, q *FeedQuery) (PostList, error) {
	query := community.FeedQuery{Local: q.View == "local", Page: q.page()}
	if q.View == "home" || q.View == "people" || q.View == "moderated" {
		if c.Who == nil {
			return PostList{}, fault.New(fault.Unauthenticated, "Sign in to see the groups that you joined and the people whom you follow.")
		}
		query.Reader, query.OfPeople, query.Moderated = c.Who.Actor.ID, q.View == "people", q.View == "moderated"
	}
	return a.postList(ctx, c, query, q.Sort, q.Within)
}

// A PostList is a page of posts, with the order that it is in.
type PostList struct {
	Items  []Post           `json:"items" nullable:"false"`
	Next   string           `json:"next,omitempty" doc:"Ask with cursor=NEXT for what follows. Absent at the end."`
	Sort   community.Sort   `json:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered" doc:"The order that the posts are in."`
	Within community.Within `json:"within,omitempty" enum:"hour,six_hours,day,week,month,year,all" doc:"Of which stretch of time, where the order has one."`
}

// postList reads a page of posts in an order, or in the one that the caller
// likes.
func (a *API) postList(ctx context.Context, c *Caller, query community.FeedQuery, sort, within string) (PostList, error) {
	taste, err := a.Posts.Taste(ctx, c.Reader())
	if err != nil {
		return PostList{}, err
	}
	query.Sort, query.Within = taste.Or(community.Sort(sort), community.Within(within))
	if query.Group != 0 && query.Sort == community.Scaled {
		query.Sort = community.Hot // in one group none is busier
	}
	rows, next, err := a.Posts.Feed(ctx, c.Reader(), query)
	list := listOf(rows, next, postOf)
	return PostList{list.Items, list.Next, query.Sort, query.Within}, err
}

// A Taste is how the caller likes their lists of posts.
type Taste struct {
	Sort   community.Sort   `json:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered"`
	Within community.Within `json:"within,omitempty" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial."`
}

func tasteOf(t community.Taste) Taste {
	sort, within := t.Or("", "")
	return Taste{sort, within}
}

func (a *API) taste(ctx context.Context, c *Caller, _ *None) (Taste, error) {
	t, err := a.Posts.Taste(ctx, c.Who.Actor)
	return tasteOf(t), err
}

func (a *API) setTaste(ctx context.Context, c *Caller, req *struct{ Body Taste }) (Taste, error) {
	t, err := a.Posts.SetTaste(ctx, c.Who.Actor, community.Taste{Sort: req.Body.Sort, Within: req.Body.Within})
	return tasteOf(t), err
}

// tasteRoutes is the part of the table of contents about how the caller likes
// lists.
func (a *API) tasteRoutes() {
	s := section("Feeds")
	handle(a, s.get("/me/taste", "getTaste", "How I like lists of posts").signedIn(), a.taste)
	handle(a, s.put("/me/taste", "setTaste", "Say how I like lists of posts").signedIn().limited(a.limits.write).
		says("Lists are in this order wherever the caller asks for none."), a.setTaste)
}

// GroupPostsQuery asks for the posts of a group.
type GroupPostsQuery struct {
	GroupPath
	Sort   string `query:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered" doc:"Absent: as the caller likes it, or hot."`
	Within string `query:"within" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial: how young posts are. Absent: all."`
	Paging
}

// GroupPosts lists the posts of a group, with those on top before the first
// page.
func (a *API) GroupPosts(ctx context.Context, c *Caller, q *GroupPostsQuery) (PostList, error) {
	g, err := a.findGroup(ctx, c, q.Group)
	if err != nil {
		return PostList{}, err
	}
	if g.Veiled {
		return PostList{}, fault.New(fault.Forbidden, "Only members read what is said in %s. Ask to join it.", g.DisplayName())
	}
	return a.postList(ctx, c, community.FeedQuery{Group: g.ID, FeaturedFirst: true, Page: q.page()}, q.Sort, q.Within)
}
