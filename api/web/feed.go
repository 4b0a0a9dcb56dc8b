package web

import (
	"net/url"
	"slices"

	"drystone/api/v1"
)

// The orders of posts, and the stretches of time that some of them are of.
var (
	postSorts   = []string{"hot", "active", "new", "top", "controversial", "scaled", "oldest", "unanswered"}
	postLabels  = []string{"Hot", "Active", "New", "Top", "Controversial", "Scaled", "Oldest", "Unanswered"}
	groupSorts  = slices.Concat(postSorts[:5], postSorts[6:]) // in one group none is busier
	groupLabels = slices.Concat(postLabels[:5], postLabels[6:])

	windows      = []string{"hour", "six_hours", "day", "week", "month", "year", "all"}
	windowLabels = []string{"Hour", "Six hours", "Day", "Week", "Month", "Year", "All time"}
)

// order is in which order the address asks for posts; empty where it says
// nothing, or nothing that there is.
func (p *page) order() (sort, within string) {
	return p.choice("sort", append([]string{""}, postSorts...)...), p.choice("within", append([]string{""}, windows...)...)
}

// ordered is a list in its order, with the ways to others; base is what their
// addresses say beside.
func ordered(list v1.PostList, base url.Values, sorts, labels []string) feed {
	f := feed{Posts: list.Items, Sorts: tabs(base, "sort", string(list.Sort), sorts, labels)}
	here := url.Values{"sort": {string(list.Sort)}}
	for key, values := range base {
		here[key] = values
	}
	if list.Within != "" {
		f.Windows = tabs(here, "within", string(list.Within), windows, windowLabels)
		here.Set("within", string(list.Within))
	}
	f.More = more(here, list.Next)
	return f
}

// A feed is what a page with a list of posts shows.
type feed struct {
	Title   string
	Views   []tab
	Sorts   []tab
	Windows []tab // of time, where the order is of one
	Posts   []v1.Post
	More    string
	Groups  []v1.Group // beside it
	// InGroup leaves out which group a post is in: they all are in one.
	InGroup bool
}

var viewTitles = map[string]string{"home": "Home", "people": "People", "local": "From here", "all": "Everything", "moderated": "Looked after"}

// home is the first page: posts of many groups.
func home(p *page) error {
	views := []string{"all", "local"}
	if view := p.query("view"); p.Me != nil || view == "home" || view == "people" || view == "moderated" {
		views = []string{"home", "people", "local", "all", "moderated"}
	}
	view, cursor := p.choice("view", views...), p.query("cursor")
	sort, within := p.order()
	list, err := ask(p, address("/feed", "view", view, "sort", sort, "within", within, "cursor", cursor), p.site.API.Feed,
		v1.FeedQuery{View: view, Sort: sort, Within: within, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	groups, err := ask(p, address("/groups", "sort", "active", "limit", "8"), p.site.API.Groups,
		v1.GroupsQuery{Sort: "active", Paging: v1.Paging{Limit: 8}})
	if err != nil {
		return err
	}
	shown := []string{"local", "all"}
	if p.Me != nil {
		shown = []string{"home", "people", "local", "all"}
		if p.Me.Moderates {
			shown = append(shown, "moderated")
		}
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
	f := ordered(list, url.Values{"view": {view}}, postSorts, postLabels)
	f.Title, f.Groups = viewTitles[view], groups.Items
	keep := url.Values{}
	if sort != "" {
		keep.Set("sort", sort)
	}
	if within != "" {
		keep.Set("within", within)
	}
	f.Views = tabs(keep, "view", view, shown, labels)
	p.show("home", "/", f)
	return nil
}
