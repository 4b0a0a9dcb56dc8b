package web

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community"
)

// A searchPage is what was looked for, and found.
type searchPage struct {
	v1.SearchQuery
	Found v1.SearchResult
	Next  string // the address of the next page
}

// A foundItem is a post or comment as it is listed.
type foundItem struct {
	Path    string
	Title   []piece
	Excerpt []piece
	Group   *v1.Actor
	Author  v1.Actor
}

// A piece of a text, with words that were looked for or without.
type piece struct {
	Text string
	Hit  bool
}

// pieces takes a text apart at its spans, which count as JavaScript does.
func pieces(text string, spans []community.Span) (list []piece) {
	units := utf16.Encode([]rune(text))
	last := 0
	for _, s := range spans {
		if s[0] < last || s[1] <= s[0] || s[1] > len(units) {
			continue
		}
		list = append(list, piece{string(utf16.Decode(units[last:s[0]])), false}, piece{string(utf16.Decode(units[s[0]:s[1]])), true})
		last = s[1]
	}
	return append(list, piece{string(utf16.Decode(units[last:])), false})
}

// Posts and Comments are what was found, with the words marked.
func (s searchPage) Posts() (list []foundItem) {
	for i, p := range s.Found.Posts {
		h, title := s.Found.PostHighlights[i], p.Title
		if title == "" {
			title = "Untitled"
		}
		item := foundItem{Path: fmt.Sprintf("/post/%d", p.ID), Title: pieces(title, h.Title), Author: p.Author, Group: &p.Group}
		if !p.Sensitive {
			item.Excerpt = pieces(h.Excerpt, h.Spans)
		}
		list = append(list, item)
	}
	return list
}

// Comments is Posts for comments.
func (s searchPage) Comments() (list []foundItem) {
	for i, c := range s.Found.Comments {
		h, title := s.Found.CommentHighlights[i], c.PostTitle
		if title == "" {
			title = "A comment"
		}
		list = append(list, foundItem{
			Path: fmt.Sprintf("/comment/%d", c.ID), Title: pieces(title, nil), Excerpt: pieces(h.Excerpt, h.Spans), Author: c.Author,
		})
	}
	return list
}

// searchAsked is what an address asks for, but in which order and of which
// kind.
func searchAsked(c echo.Context) v1.SearchQuery {
	return v1.SearchQuery{
		Words: c.QueryParam("q"), Author: c.QueryParam("author"), Group: c.QueryParam("group"), Type: c.QueryParam("type"),
		After: c.QueryParam("after"), Before: c.QueryParam("before"), Language: c.QueryParam("lang"), Site: c.QueryParam("site"),
		Mine: c.QueryParam("mine") == "true",
	}
}

// search shows what is known here by some words.
func search(p *page) error {
	q := searchAsked(p.c)
	q.Kind, q.Sort = p.choice("kind", "", "posts", "comments", "groups", "feeds", "people"), p.choice("sort", "", "best", "new", "top")
	if q.Kind == "posts" || q.Kind == "comments" {
		q.Cursor = p.query("cursor")
	}
	params := []string{
		"q", strings.TrimSpace(q.Words), "kind", q.Kind, "sort", strings.TrimPrefix(q.Sort, "best"), "author", q.Author, "group", q.Group, "type", q.Type,
		"after", q.After, "before", q.Before, "lang", q.Language, "site", q.Site, "cursor", q.Cursor,
	}
	if q.Mine {
		params = append(params, "mine", "true")
	}
	data := searchPage{SearchQuery: q}
	asked := address("/search", params...)
	if asked != address("/search", "kind", q.Kind, "sort", strings.TrimPrefix(q.Sort, "best"), "cursor", q.Cursor) {
		var err error
		if data.Found, err = ask(p, asked, p.site.API.Search, q); err != nil {
			return err
		}
	}
	if data.Found.Next != "" {
		data.Next = strings.TrimPrefix(address("/search", append(params, "cursor", data.Found.Next)...), v1.Prefix)
	}
	p.Head.Title, p.Head.Hidden = "Search", true
	if strings.TrimSpace(q.Words) != "" {
		p.Head.Feed = strings.TrimPrefix(address("/search", "q", strings.TrimSpace(q.Words), "author", q.Author, "group", q.Group, "type", q.Type,
			"after", q.After, "before", q.Before, "lang", q.Language, "site", q.Site), v1.Prefix)
	}
	p.show("search", "/search", data)
	return nil
}

// plainPages are pages that are all app.
var plainPages = map[string]string{
	"/submit":                 "Write a post",
	"/settings":               "Settings",
	"/settings/followers":     "Followers",
	"/settings/following":     "Whom you follow",
	"/settings/security":      "Signing in",
	"/settings/apps":          "Apps",
	"/settings/invites":       "Invite people",
	"/settings/quotes":        "Who quotes you",
	"/settings/appearance":    "Appearance",
	"/settings/notifications": "How you are told",
	"/admin/people":           "People",
	"/saved":                  "Saved",
	"/drafts":                 "Drafts",
	"/groups/new":             "Make a group",
	"/feeds/new":              "Make a feed",

	"/authorize_interaction": "Take part from here",
}

func plain(path, title string) func(*page) error {
	return func(p *page) error {
		p.Head.Title, p.Head.Hidden = title, true
		p.show("plain", path, title)
		return nil
	}
}
