package web

import (
	"net/url"

	"drystone/api/v1"
)

// questions is the page of what was asked and waits for an answer.
func questions(p *page) error {
	name, cursor := p.query("group"), p.query("cursor")
	views, want := []string{"all", "home"}, p.choice("want", "first", "chosen")
	if p.Me != nil {
		views = []string{"home", "all"}
	}
	view := p.choice("view", views...)
	title, base := "Questions that wait", url.Values{"want": {want}, "view": {view}}
	if name != "" {
		g, err := ask(p, address("/groups/"+url.PathEscape(name)), p.site.API.Group, v1.GroupPath{Group: name})
		if err != nil {
			return err
		}
		title, base = "Questions that wait in "+displayName(g.Actor), url.Values{"want": {want}, "group": {name}}
		p.Head.Hidden = g.Visibility != "public" || g.NoIndex
	}
	list, err := ask(p, address("/questions", "view", view, "group", name, "want", want, "cursor", cursor), p.site.API.Questions,
		v1.QuestionsQuery{View: view, Group: name, Want: want, Paging: v1.Paging{Cursor: cursor}})
	if err != nil {
		return err
	}
	shown := feed{Title: title, Posts: list.Items, More: more(base, list.Next), InGroup: name != ""}
	if name == "" && p.Me != nil {
		shown.Views = tabs(url.Values{"want": {want}}, "view", view, views, []string{"In my groups", "In all groups"})
	}
	rest := url.Values{"view": base["view"], "group": base["group"]}
	shown.Sorts = tabs(rest, "want", want, []string{"first", "chosen"}, []string{"Nobody answered yet", "No answer chosen yet"})
	p.Head.Title, p.Head.Description = title, "Questions that nobody has answered yet, the oldest first."
	p.show("questions", "/questions", shown)
	return nil
}
