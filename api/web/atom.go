package web

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gorilla/feeds"
	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community/markup"
)

// feedLength is how many entries a feed has.
const feedLength = 30

// A feedMaker makes a feed of what the caller may read.
type feedMaker func(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error)

// atom answers with a feed. Feeds are for readers that nobody is signed in
// with, so they show what everybody sees.
func (s *Site) atom(maker feedMaker) echo.HandlerFunc {
	return func(c echo.Context) error {
		made, err := maker(s, c, &v1.Caller{Address: c.RealIP()})
		if err != nil {
			return err
		}
		made.Id = s.Origin + c.Request().URL.Path
		for _, item := range made.Items {
			if item.Created.After(made.Updated) {
				made.Updated = item.Created
			}
			if item.Updated.After(made.Updated) {
				made.Updated = item.Updated
			}
		}
		if made.Updated.IsZero() {
			made.Updated = time.Unix(0, 0).UTC() // nothing yet
		}
		document := (&feeds.Atom{Feed: made}).AtomFeed()
		document.Id = made.Id
		for i, entry := range document.Entries {
			entry.Published = made.Items[i].Created.Format(time.RFC3339)
		}
		var out bytes.Buffer
		if err := feeds.WriteXML(document, &out); err != nil {
			return err
		}
		c.Response().Header().Set("Cache-Control", "public, max-age=300")
		c.Response().Header().Set("X-Robots-Tag", "noindex") // its page is for search engines
		return c.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", out.Bytes())
	}
}

func homeFeed(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error) {
	list, err := s.API.Feed(c.Request().Context(), caller, &v1.FeedQuery{View: "all", Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	if err != nil {
		return nil, err
	}
	return s.postsFeed(s.Name, "Everything that was posted", "/", list.Items), nil
}

func groupFeed(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error) {
	path := v1.GroupPath{Group: c.Param("name")}
	g, err := s.API.Group(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.GroupPosts(c.Request().Context(), caller, &v1.GroupPostsQuery{GroupPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	if err != nil {
		return nil, err
	}
	return s.postsFeed(displayName(g.Actor), markup.Excerpt(g.SummaryHTML, excerptLength), actorPath(g.Actor), list.Items), nil
}

func listFeed(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error) {
	path := v1.FeedPath{Feed: c.Param("name")}
	f, err := s.API.GroupFeed(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.GroupFeedPosts(c.Request().Context(), caller, &v1.FeedPostsQuery{FeedPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	if err != nil {
		return nil, err
	}
	return s.postsFeed(displayName(f.Actor), markup.Excerpt(f.SummaryHTML, excerptLength), actorPath(f.Actor), list.Items), nil
}

func personFeed(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error) {
	path := v1.PersonPath{Person: c.Param("name")}
	who, err := s.API.Person(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.PersonPosts(c.Request().Context(), caller, &v1.PersonQuery{PersonPath: path, Paging: v1.Paging{Limit: feedLength}})
	if err != nil {
		return nil, err
	}
	return s.postsFeed(displayName(who.Actor), markup.Excerpt(who.SummaryHTML, excerptLength), actorPath(who.Actor), list.Items), nil
}

// postFeed is the comments under a post, newest first.
func postFeed(s *Site, c echo.Context, caller *v1.Caller) (*feeds.Feed, error) {
	id, err := parseID(c.Param("name"))
	if err != nil {
		return nil, err
	}
	path := v1.PostPath{ID: id}
	it, err := s.API.Post(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.Comments(c.Request().Context(), caller, &v1.CommentsQuery{PostPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	if err != nil {
		return nil, err
	}
	made := &feeds.Feed{Title: postTitle(it), Link: &feeds.Link{Href: it.URL, Rel: "alternate"}}
	for _, c := range list.Items {
		if c.Removed || c.Deleted {
			continue
		}
		item := s.item(c.URL, displayName(c.Author), c.Author, c.HTML, c.CreatedAt, c.EditedAt)
		made.Items = append(made.Items, item)
	}
	return made, nil
}

func (s *Site) postsFeed(title, about, path string, list []v1.Post) *feeds.Feed {
	made := &feeds.Feed{Title: title, Description: about, Link: &feeds.Link{Href: s.Origin + path, Rel: "alternate"}}
	for _, it := range list {
		made.Items = append(made.Items, s.item(it.URL, postTitle(it), it.Author, it.HTML, it.CreatedAt, it.EditedAt))
	}
	return made
}

func (s *Site) item(url, title string, author v1.Actor, html string, created time.Time, edited *time.Time) *feeds.Item {
	item := &feeds.Item{
		Id: url, Title: title, Link: &feeds.Link{Href: url, Rel: "alternate"},
		Author:  &feeds.Author{Name: author.Handle},
		Content: markup.Absolute(html, s.Origin), Created: created, Updated: created,
	}
	if edited != nil {
		item.Updated = *edited
	}
	return item
}
