package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// TagPath names a hashtag.
type TagPath struct {
	Tag string `path:"tag" maxLength:"400" doc:"Without its mark; upper and lower case are one." example:"seeds"`
}

// A Tag is a hashtag and how much it is used.
type Tag struct {
	Tag   string `json:"tag" doc:"As it is compared."`
	Name  string `json:"name" doc:"As it was written of late."`
	Posts int    `json:"posts" doc:"That the caller may read; counted to 1000."`
}

// Tag answers how much a hashtag is used.
func (a *API) Tag(ctx context.Context, c *Caller, req *TagPath) (Tag, error) {
	t, err := a.Posts.Tag(ctx, c.Reader(), req.Tag)
	if err != nil {
		return Tag{}, err
	}
	return Tag{t.Tag, t.Name, t.Posts}, nil
}

// TagPostsQuery asks for the posts of a hashtag.
type TagPostsQuery struct {
	TagPath
	Sort   string `query:"sort" enum:"hot,active,new,top,controversial,scaled,oldest,unanswered" doc:"Absent: as the caller likes it, or hot. All but new and oldest are of the newest 10,000."`
	Within string `query:"within" enum:"hour,six_hours,day,week,month,year,all" doc:"For top and controversial: how young posts are. Absent: all."`
	Paging
}

// TagPosts lists the posts of a hashtag, in all groups.
func (a *API) TagPosts(ctx context.Context, c *Caller, q *TagPostsQuery) (PostList, error) {
	fold, err := a.Posts.FoldTag(q.Tag)
	if err != nil {
		return PostList{}, err
	}
	return a.postList(ctx, c, community.FeedQuery{Tag: fold, Page: q.page()}, q.Sort, q.Within)
}

// tagRoutes is the part of the table of contents about hashtags.
func (a *API) tagRoutes() {
	s := section("Feeds")
	handle(a, s.get("/tags/{tag}", "getTag", "Read how much a hashtag is used").fails(fault.NotFound), a.Tag)
	handle(a, s.get("/tags/{tag}/posts", "listTagPosts", "List the posts of a hashtag").fails(fault.NotFound).
		says("Of all groups that the caller may read. A hashtag that nobody used has an empty list."), a.TagPosts)
}
