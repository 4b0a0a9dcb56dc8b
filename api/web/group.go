package web

import (
	"html/template"
	"net/url"

	"drystone/api/v1"
	"drystone/community/markup"
)

// A groupPage is what a group's page shows.
type groupPage struct {
	Group     v1.Group
	Subscribe template.URL // to its calendar; empty: it is closed
	feed
}

// group is a group's page. Who may not read what is said in the group reads
// what it is about, and how to join it.
func group(p *page) error {
	name := p.c.Param("name")
	g, err := ask(p, address("/groups/"+name), p.site.API.Group, v1.GroupPath{Group: name})
	if err != nil {
		return err
	}
	p.Head.Title, p.Head.Description = displayName(g.Actor), markup.Excerpt(g.SummaryHTML, excerptLength)
	p.Head.Canonical, p.Head.Cover, p.Head.Hidden = g.URL, cover{URL: p.whole(g.Icon)}, g.Visibility != "public" || g.NoIndex
	if g.Visibility != "local" {
		p.Head.Activity = g.URL
	}
	cursor := p.query("cursor")
	sort, within := p.order()
	list, err := ask(p, address("/groups/"+name+"/posts", "sort", sort, "within", within, "cursor", cursor), p.site.API.GroupPosts,
		v1.GroupPostsQuery{GroupPath: v1.GroupPath{Group: name}, Sort: sort, Within: within, Paging: v1.Paging{Cursor: cursor}})
	if !g.Readable {
		p.show("group", "/c/[group]", groupPage{Group: g}) // the app finds the refusal in the island
		return nil
	}
	if err != nil {
		return err
	}
	if g.Visibility == "public" {
		p.Head.Feed, p.Head.Calendar = "/c/"+g.Handle, "/c/"+g.Handle+".ics"
	}
	data := groupPage{Group: g, feed: ordered(list, nil, groupSorts, groupLabels)}
	data.InGroup = true
	if p.Head.Calendar != "" {
		data.Subscribe = template.URL(p.site.subscribe(p.Head.Calendar)) //nolint:gosec // a handle, behind our own name
	}
	p.show("group", "/c/[group]", data)
	return nil
}

// explore lists groups.
func explore(p *page) error {
	sort, words, cursor := p.choice("sort", "active", "new", "name", "members"), p.query("q"), p.query("cursor")
	list, err := ask(p, address("/groups", "sort", sort, "q", words, "cursor", cursor), p.site.API.Groups,
		v1.GroupsQuery{Sort: sort, Words: words, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	base := url.Values{}
	if words != "" {
		base.Set("q", words)
	}
	next := more(url.Values{"sort": {sort}, "q": base["q"]}, list.Next)
	p.Head.Title, p.Head.Description = "Groups", "The groups that "+p.Instance.Name+" knows."
	p.show("explore", "/explore", struct {
		Groups []v1.Group
		Sorts  []tab
		More   string
	}{
		list.Items,
		tabs(base, "sort", sort, []string{"active", "new", "name", "members"}, []string{"Active", "New", "By name", "Largest"}),
		next,
	})
	return nil
}
