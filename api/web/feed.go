package web

import (
	"net/url"

	"drystone/api/v1"
)

var (
	postSorts  = []string{"hot", "new", "top", "active"}
	postLabels = []string{"Hot", "New", "Top", "Active"}
)

// A feed is what a page with a list of posts shows.
type feed struct {
	Title  string
	Views  []tab
	Sorts  []tab
	Posts  []v1.Post
	More   string
	Groups []v1.Group // beside it
	// InGroup leaves out which group a post is in: they all are in one.
	InGroup bool
}

var viewTitles = map[string]string{"home": "Home", "people": "People", "local": "From here", "all": "Everything"}

// home is the first page: posts of many groups.
func home(p *page) error {
	views := []string{"all", "local"}
	if view := p.query("view"); p.Me != nil || view == "home" || view == "people" {
		views = []string{"home", "people", "local", "all"}
	}
	view, sort, cursor := p.choice("view", views...), p.choice("sort", postSorts...), p.query("cursor")
	list, err := ask(p, address("/feed", "view", view, "sort", sort, "cursor", cursor), p.site.API.Feed,
		v1.FeedQuery{View: view, Sort: sort, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	groups, err := ask(p, address("/groups", "sort", "active", "limit", "8"), p.site.API.Groups,
		v1.GroupsQuery{Sort: "active", Paging: v1.Paging{Limit: 8}})
	if err != nil {
		return err
	}
	base := url.Values{"view": {view}, "sort": {sort}}
	shown := []string{"local", "all"}
	if p.Me != nil {
		shown = []string{"home", "people", "local", "all"}
	}
	labels := make([]string, len(shown))
	for i, v := range shown {
		labels[i] = viewTitles[v]
	}
	p.Head.Description = p.Instance.Name + ": groups that people join and write in, part of the fediverse."
	p.Head.Activity, p.Head.Feed = p.site.Origin+"/", "/index"
	if view == "local" {
		p.Head.Feed = "/local"
	}
	p.show("home", "/", feed{
		Title: viewTitles[view], Posts: list.Items, Groups: groups.Items, More: more(base, list.Next),
		Views: tabs(url.Values{"sort": {sort}}, "view", view, shown, labels),
		Sorts: tabs(url.Values{"view": {view}}, "sort", sort, postSorts, postLabels),
	})
	return nil
}
