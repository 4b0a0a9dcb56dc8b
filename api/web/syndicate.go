package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/api/web/syndication"
	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
)

// feedLength is how many entries a feed has.
const feedLength = 30

// A feedMaker makes a feed of what the caller may read. What it leaves out
// (where the document is, whose server this is) is the same for all.
type feedMaker func(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error)

// A feedForm is one of the two kinds of document.
type feedForm struct {
	suffix, mediaType string
	write             func(*syndication.Feed) ([]byte, error)
}

var feedForms = []feedForm{
	{".atom", syndication.AtomType, (*syndication.Feed).Atom},
	{".rss", syndication.RSSType, (*syndication.Feed).RSS},
}

// feedOr answers with a feed where the name ends in .atom or .rss, with a
// calendar, where there is one, where it ends in .ics, else with a page.
func (s *Site) feedOr(feed feedMaker, events calendarMaker, f func(*page) error) echo.HandlerFunc {
	asPage := s.page(f)
	return func(c echo.Context) error {
		name := c.Param("name")
		if bare, is := strings.CutSuffix(name, ".ics"); is && events != nil {
			c.SetParamValues(bare)
			return s.calendar(c, events)
		}
		for _, form := range feedForms {
			if bare, is := strings.CutSuffix(name, form.suffix); is {
				c.SetParamValues(bare)
				return s.syndicate(c, feed, form)
			}
		}
		return asPage(c)
	}
}

// feeds mounts a feed that has an address of its own, in both forms.
func (s *Site) feeds(e *echo.Echo, path string, feed feedMaker) {
	for _, form := range feedForms {
		e.GET(path+form.suffix, func(c echo.Context) error { return s.syndicate(c, feed, form) })
	}
}

// syndicate answers with a feed. Feeds are for readers that nobody is signed
// in with, so they show what everybody sees.
func (s *Site) syndicate(c echo.Context, maker feedMaker, form feedForm) error {
	made, err := maker(s, c, v1.Nobody(c.Request(), c.RealIP()))
	if err != nil {
		return err
	}
	return s.sendFeed(c, made, form, "public, max-age=300")
}

func (s *Site) sendFeed(c echo.Context, made *syndication.Feed, form feedForm, keep string) error {
	made.Self = s.Origin + c.Request().URL.RequestURI()
	if made.ID == "" {
		made.ID = s.Origin + strings.TrimSuffix(c.Request().URL.Path, form.suffix) + ".atom" // whatever the form
	}
	made.Author = s.Name
	document, err := form.write(made)
	if err != nil {
		return err
	}
	c.Response().Header().Set("X-Robots-Tag", "noindex") // its page is for search engines
	return fresh(c, form.mediaType, keep, document, made.Updated())
}

// listFeedOf is a feed of posts.
func (s *Site) listFeedOf(title, about, path string, list []v1.Post) *syndication.Feed {
	made := &syndication.Feed{Title: title, About: about, Link: s.Origin + path}
	for _, it := range list {
		made.Entries = append(made.Entries, s.postEntry(it))
	}
	return made
}

// homeFeed is everything that everybody may read here; localFeed what was
// written in it on this server.
func homeFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	list, err := s.API.Feed(c.Request().Context(), caller, &v1.FeedQuery{View: "all", Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	return s.listFeedOf(s.Name, "Everything that was posted", "/", list.Items), err
}

func localFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	list, err := s.API.Feed(c.Request().Context(), caller, &v1.FeedQuery{View: "local", Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	return s.listFeedOf("From "+s.Name, "What was posted on this server", "/?view=local", list.Items), err
}

func groupFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	path := v1.GroupPath{Group: c.Param("name")}
	g, err := s.API.Group(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.GroupPosts(c.Request().Context(), caller, &v1.GroupPostsQuery{GroupPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	return s.actorFeed(g.Actor, g.SummaryHTML, list.Items), err
}

func listFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	path := v1.FeedPath{Feed: c.Param("name")}
	f, err := s.API.GroupFeed(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.GroupFeedPosts(c.Request().Context(), caller, &v1.FeedPostsQuery{FeedPath: path, Sort: "new", Paging: v1.Paging{Limit: feedLength}})
	return s.actorFeed(f.Actor, f.SummaryHTML, list.Items), err
}

func personFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	path := v1.PersonPath{Person: c.Param("name")}
	who, err := s.API.Person(c.Request().Context(), caller, &path)
	if err != nil {
		return nil, err
	}
	list, err := s.API.PersonPosts(c.Request().Context(), caller, &v1.PersonPostsQuery{PersonPath: path, Paging: v1.Paging{Limit: feedLength}})
	return s.actorFeed(who.Actor, who.SummaryHTML, list.Items), err
}

// actorFeed is what was posted by or in an actor.
func (s *Site) actorFeed(a v1.Actor, about string, list []v1.Post) *syndication.Feed {
	made := s.listFeedOf(displayName(a), markup.Excerpt(about, excerptLength), actorPath(a), list)
	made.Icon = s.whole(a.Small)
	return made
}

// searchFeed is what is found by some words, newest first.
func searchFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
	q := searchAsked(c)
	if strings.TrimSpace(q.Words) == "" {
		return nil, fault.Field("q", "Say what to look for: /search.atom?q=words")
	}
	q.Kind, q.Sort, q.Mine, q.Limit, q.Cursor = "posts", "new", false, feedLength, ""
	found, err := s.API.Search(c.Request().Context(), caller, &q)
	if err != nil {
		return nil, err
	}
	query := url.Values{"q": {q.Words}}
	for name, value := range map[string]string{"author": q.Author, "group": q.Group, "type": q.Type, "after": q.After, "before": q.Before, "lang": q.Language, "site": q.Site} {
		if value != "" {
			query.Set(name, value)
		}
	}
	made := s.listFeedOf(strings.TrimSpace(q.Words)+" · "+s.Name, "What is found by these words", "/search?"+query.Encode(), found.Posts)
	made.ID = s.Origin + "/search.atom?" + query.Encode() // the words make it another list
	return made, nil
}

// postFeed is the comments under a post, newest first.
func postFeed(s *Site, c echo.Context, caller *v1.Caller) (*syndication.Feed, error) {
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
	made := &syndication.Feed{Title: postTitle(it), About: "Answers to it, the newest first", Link: s.Origin + "/post/" + c.Param("name")}
	for _, answer := range list.Items {
		if !answer.Removed && !answer.Deleted && answer.Veil == "" {
			made.Entries = append(made.Entries, s.commentEntry(answer, it))
		}
	}
	return made, nil
}

func (s *Site) postEntry(it v1.Post) *syndication.Entry {
	here := s.Origin + postPath(it.ID)
	e := s.entry(it.URL, here, it.Author, it.CreatedAt, it.EditedAt)
	e.Title, e.Group, e.Language = postTitle(it), syndication.Group{Name: it.Group.Handle, Title: displayName(it.Group)}, it.Language
	e.Replies, e.Count = here+".atom", it.CommentCount
	if it.Sensitive {
		// Readers show everything at once: who wants to see it asks on its page.
		e.Summary = "Sensitive. Open it to see what it says."
		return e
	}
	e.About = it.Link
	e.HTML, e.Summary, e.Files = s.told(it), markup.Excerpt(it.HTML, excerptLength), s.filesOf(it.Media)
	if e.Summary == "" && e.HTML == "" {
		e.Summary = e.Title
	}
	return e
}

func (s *Site) commentEntry(it v1.Comment, under v1.Post) *syndication.Entry {
	e := s.entry(it.URL, s.Origin+"/comment/"+strconv.FormatInt(it.ID, 10), it.Author, it.CreatedAt, it.EditedAt)
	e.Title, e.ReplyTo, e.ReplyPage = displayName(it.Author), under.URL, s.Origin+postPath(under.ID)
	e.HTML, e.Summary, e.Files = markup.Absolute(it.HTML, s.Origin), markup.Excerpt(it.HTML, excerptLength), s.filesOf(it.Media)
	if e.Summary == "" && e.HTML == "" {
		e.Summary = "Something without words"
	}
	return e
}

func (s *Site) entry(id, page string, author v1.Actor, created time.Time, edited *time.Time) *syndication.Entry {
	e := &syndication.Entry{ID: id, Link: page, Author: syndication.Author{Name: author.Handle, Page: s.Origin + actorPath(author)}, Published: created, Updated: created}
	if author.Deleted || author.Handle == "" {
		e.Author = syndication.Author{Name: "Deleted account"}
	}
	if edited != nil {
		e.Updated = *edited
	}
	return e
}

// filesOf are what stands beside a text.
func (s *Site) filesOf(list []v1.Attachment) (files []syndication.File) {
	for _, a := range list {
		files = append(files, syndication.File{URL: s.whole(a.URL), Type: a.MediaType, Title: a.Alt, Size: a.Size})
	}
	return files
}

// told is all that a post says, for who reads it elsewhere.
func (s *Site) told(it v1.Post) string {
	var out strings.Builder
	if err := s.pages["told"].ExecuteTemplate(&out, "told", told{it, s.Origin}); err != nil {
		return markup.Absolute(it.HTML, s.Origin)
	}
	return strings.TrimSpace(markup.Absolute(out.String(), s.Origin))
}

type told struct {
	v1.Post
	Origin string
}

// Pictures are those of its attachments that can be shown in a text.
func (t told) Pictures() (list []v1.Attachment) {
	for _, a := range t.Media {
		if a.Kind == community.ImageAttachment && a.Page != "" {
			list = append(list, a)
		}
	}
	return list
}

// fresh answers with a document, or says that the reader has it already: by
// its mark, or where they keep none, by when it last changed (RFC 9110,
// section 13).
func fresh(c echo.Context, mediaType, keep string, document []byte, changed time.Time) error {
	h := c.Response().Header()
	h.Set("Cache-Control", keep)
	tag := mark(document)
	h.Set("ETag", tag)
	h.Set("Last-Modified", changed.UTC().Format(http.TimeFormat))
	if r := c.Request(); r.Header.Get("If-None-Match") != "" {
		if matches(r.Header.Get("If-None-Match"), tag) {
			return c.NoContent(http.StatusNotModified)
		}
	} else if since, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !changed.Truncate(time.Second).After(since) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, mediaType, document)
}
