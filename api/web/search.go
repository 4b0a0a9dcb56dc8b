package web

import (
	"strings"

	"drystone/api/v1"
)

// A searchPage is what was looked for, and found.
type searchPage struct {
	Words string
	Found v1.SearchResult
}

// AsFeed is the posts that were found, as feeds show them.
func (s searchPage) AsFeed() feed { return feed{Posts: s.Found.Posts} }

// search shows what is known here by some words.
func search(p *page) error {
	words := strings.TrimSpace(p.query("q"))
	kind := p.choice("kind", "", "posts", "comments", "groups", "feeds", "people")
	data := searchPage{Words: words}
	if words != "" {
		var err error
		data.Found, err = ask(p, address("/search", "q", words, "kind", kind), p.site.API.Search, v1.SearchQuery{Words: words, Kind: kind})
		if err != nil {
			return err
		}
	}
	p.Head.Title, p.Head.Hidden = "Search", true
	p.show("search", "/search", data)
	return nil
}

// plainPages are pages that are all app.
var plainPages = map[string]string{
	"/submit":              "Write a post",
	"/settings":            "Settings",
	"/settings/followers":  "Followers",
	"/settings/following":  "Whom you follow",
	"/settings/security":   "Signing in",
	"/settings/apps":       "Apps",
	"/settings/invites":    "Invite people",
	"/settings/quotes":     "Who quotes you",
	"/settings/appearance": "Appearance",
	"/admin/people":        "People",
	"/groups/new":          "Make a group",
	"/feeds/new":           "Make a feed",

	"/authorize_interaction": "Take part from here",
}

func plain(path, title string) func(*page) error {
	return func(p *page) error {
		p.Head.Title, p.Head.Hidden = title, true
		p.show("plain", path, title)
		return nil
	}
}

// notifications is all app, with the first data in the island.
func notifications(p *page) error {
	if p.Me != nil {
		cursor := p.query("cursor")
		if _, err := ask(p, address("/notifications", "cursor", cursor, "grouped", "true"), p.site.API.Notifications, v1.NotificationsQuery{Grouped: true, Paging: v1.Paging{Cursor: cursor}}); err != nil {
			return err
		}
	}
	return plain("/notifications", "Notifications")(p)
}
