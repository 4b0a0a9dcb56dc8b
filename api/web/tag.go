package web

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/api/web/syndication"
)

// A tagPage is what the page of a hashtag shows.
type tagPage struct {
	Tag   v1.Tag
	Count int64
	feed
}

// tag is the page of a hashtag: what is posted with it in all groups.
func tag(p *page) error {
	name := p.c.Param("name")
	at := "/tags/" + url.PathEscape(name)
	t, err := ask(p, address(at), p.site.API.Tag, v1.TagPath{Tag: name})
	if err != nil {
		return err
	}
	sort, within := p.order()
	cursor := p.query("cursor")
	list, err := ask(p, address(at+"/posts", "sort", sort, "within", within, "cursor", cursor), p.site.API.TagPosts,
		v1.TagPostsQuery{TagPath: v1.TagPath{Tag: name}, Sort: sort, Within: within, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	here := "/t/" + url.PathEscape(t.Tag)
	p.Head.Title, p.Head.Description = "#"+t.Name, "What is posted about #"+t.Name+"."
	p.Head.Canonical, p.Head.Feed, p.Head.Hidden = p.site.Origin+here, here, t.Posts == 0
	p.show("tag", "/t/[tag]", tagPage{t, int64(t.Posts), ordered(list, nil, postSorts, postLabels)})
	return nil
}

// tagFeed is what was posted last with a hashtag.
func tagFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	path := v1.TagPath{Tag: c.Param("name")}
	t, err := s.API.Tag(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.TagPosts(c.Request().Context(), caller, &v1.TagPostsQuery{TagPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	return s.listFeedOf("#"+t.Name, "What was posted with #"+t.Name, "/t/"+url.PathEscape(t.Tag), list.Items), err
}
