package web

import (
	"drystone/api/v1"
	"drystone/community/markup"
)

// A listPage is what the page of a feed, which is a list of groups, shows.
type listPage struct {
	List  v1.GroupFeed
	Known int64 // how many of its groups
	feed
}

// A listsPage is the feeds that the visitor keeps, and those that they follow.
type listsPage struct {
	Kept     []v1.GroupFeed
	Followed []v1.GroupFeed
}

// lists is the page of the visitor's feeds.
func lists(p *page) error {
	if p.Me == nil {
		return plain("/feeds", "Feeds")(p)
	}
	kept, err := ask(p, address("/feeds", "which", "kept"), p.site.API.GroupFeeds, v1.FeedsQuery{Which: "kept"})
	if err != nil {
		return err
	}
	followed, err := ask(p, address("/feeds"), p.site.API.GroupFeeds, v1.FeedsQuery{Which: "followed"})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Hidden = "Feeds", true
	p.show("lists", "/feeds", listsPage{kept.Items, followed.Items})
	return nil
}

// list is the page of a feed: what is posted in its groups, and which these
// are.
func list(p *page) error {
	name := p.c.Param("name")
	f, err := ask(p, address("/feeds/"+name), p.site.API.GroupFeed, v1.FeedPath{Feed: name})
	if err != nil {
		return err
	}
	cursor := p.query("cursor")
	sort, within := p.order()
	rows, err := ask(p, address("/feeds/"+name+"/posts", "sort", sort, "within", within, "cursor", cursor), p.site.API.GroupFeedPosts,
		v1.FeedPostsQuery{FeedPath: v1.FeedPath{Feed: name}, Sort: sort, Within: within, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Description = displayName(f.Actor), markup.Excerpt(f.SummaryHTML, excerptLength)
	p.Head.Canonical, p.Head.Cover, p.Head.Hidden = f.URL, cover{URL: p.whole(f.Icon)}, f.NoIndex
	p.Head.Activity, p.Head.Feed = f.URL, "/f/"+f.Handle
	p.show("list", "/f/[feed]", listPage{f, int64(len(f.Groups)), ordered(rows, nil, postSorts, postLabels)})
	return nil
}
