package web

import (
	"net/url"

	"drystone/api/v1"
	"drystone/community/markup"
)

// A personPage is what a person's page shows: posts, or comments.
type personPage struct {
	Person   v1.Person
	Posts    []v1.Post
	Comments []v1.Comment
	Tab      string
	More     string
	Sorts    []tab
	Windows  []tab
	InGroup  bool
}

// person is a person's page.
func person(p *page) error {
	name := p.c.Param("name")
	who, err := ask(p, address("/people/"+name), p.site.API.Person, v1.PersonPath{Person: name})
	if err != nil {
		return err
	}
	data := personPage{Person: who, Tab: p.choice("tab", "posts", "comments")}
	query := v1.PersonQuery{PersonPath: v1.PersonPath{Person: name}, Paging: v1.Paging{Cursor: p.query("cursor")}}
	base := url.Values{}
	var next string
	if data.Tab == "comments" {
		base.Set("tab", "comments")
		list, err := ask(p, address("/people/"+name+"/comments", "cursor", query.Cursor), p.site.API.PersonComments, query)
		if err != nil {
			return err
		}
		data.Comments, next = list.Items, list.Next
	} else {
		sort, within := p.order()
		if sort == "scaled" { // nobody is busier than themselves
			sort = ""
		}
		list, err := ask(p, address("/people/"+name+"/posts", "sort", sort, "within", within, "cursor", query.Cursor), p.site.API.PersonPosts,
			v1.PersonPostsQuery{PersonPath: query.PersonPath, Sort: sort, Within: within, Paging: query.Paging})
		if err != nil {
			return err
		}
		f := ordered(list, nil, groupSorts, groupLabels)
		data.Posts, data.Sorts, data.Windows, data.More = f.Posts, f.Sorts, f.Windows, f.More
	}
	if data.Tab == "comments" {
		data.More = more(base, next)
	}
	p.Head.Title, p.Head.Description = displayName(who.Actor), markup.Excerpt(who.SummaryHTML, excerptLength)
	p.Head.Activity, p.Head.Canonical, p.Head.Cover = who.URL, who.URL, cover{URL: p.whole(who.Icon)}
	p.Head.Hidden = who.NoIndex
	p.Head.Kind, p.Head.Feed = "profile", "/u/"+who.Handle
	p.show("person", "/u/[name]", data)
	return nil
}
