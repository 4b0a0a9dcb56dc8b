package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// FeedQuery asks for posts of many groups.
type FeedQuery struct {
	View string `query:"view" enum:"home,people,all,local" default:"all" doc:"home: the groups that the caller joined, and the people whom they follow; people: only those people; local: the groups of this server."`
	Sort string `query:"sort" enum:"hot,new,top,active" default:"hot"`
	Paging
}

// Feed lists posts of many groups.
func (a *API) Feed(ctx context.Context, c *Caller, q *FeedQuery) (List[Post], error) {
	query := community.FeedQuery{Sort: community.Sort(q.Sort), Local: q.View == "local", Page: q.page()}
	if q.View == "home" || q.View == "people" {
		if c.Who == nil {
			return List[Post]{}, fault.New(fault.Unauthenticated, "Sign in to see the groups that you joined and the people whom you follow.")
		}
		query.Reader, query.OfPeople = c.Who.Actor.ID, q.View == "people"
	}
	rows, next, err := a.Posts.Feed(ctx, c.Reader(), query)
	return listOf(rows, next, postOf), err
}

// GroupPostsQuery asks for the posts of a group.
type GroupPostsQuery struct {
	GroupPath
	Sort string `query:"sort" enum:"hot,new,top,active" default:"hot"`
	Paging
}

// GroupPosts lists the posts of a group, with those on top before the first
// page.
func (a *API) GroupPosts(ctx context.Context, c *Caller, q *GroupPostsQuery) (List[Post], error) {
	g, err := a.findGroup(ctx, c, q.Group)
	if err != nil {
		return List[Post]{}, err
	}
	if g.Veiled {
		return List[Post]{}, fault.New(fault.Forbidden, "Only members read what is said in %s. Ask to join it.", g.DisplayName())
	}
	rows, next, err := a.Posts.Feed(ctx, c.Reader(), community.FeedQuery{
		Group: g.ID, FeaturedFirst: true, Sort: community.Sort(q.Sort), Page: q.page(),
	})
	return listOf(rows, next, postOf), err
}
