package demo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/service/posts"
)

// microblog reports whether a server's software knows no Markdown, no
// threads by number and no downvotes.
func microblog(software string) bool { return software == "mastodon" || software == "gotosocial" }

// softwareOf is what the server of somebody runs; nothing for ours.
func (m *move) softwareOf(handle string) string {
	_, host, _ := strings.Cut(handle, "@")
	return m.software[host]
}

// shuffled is everybody, in an order that a key decides.
func (m *move) shuffled(key string) []string {
	luck := make(map[string]float64, len(m.crowd))
	for _, handle := range m.crowd {
		luck[handle] = chance(key, "shuffle", handle)
	}
	list := slices.Clone(m.crowd)
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(luck[a], luck[b]) })
	return list
}

// number is a number below most, as servers count what they store.
func number(key string, most float64) string {
	return strconv.Itoa(100 + int(chance("number", key)*most))
}

// sent is Markdown as the HTML that a server sends.
func sent(markdown, host string) string {
	return markup.Absolute(markup.Render(markdown), "https://"+host)
}

// origin tells how something reached us: not at all, when it was done here.
func (m *move) origin(by *community.Actor, iri string) community.Origin {
	if by.Local() {
		return community.Origin{}
	}
	return community.Origin{IRI: iri}
}

// asSent makes a draft what the author's server would have made of it. What
// was written here stays as it is.
func (m *move) asSent(by *community.Actor, kind, key string, draft *posts.Draft) {
	if by.Local() {
		return
	}
	origin, id := "https://"+by.Host, number(key, 4e6)
	switch m.software[by.Host] {
	case "mastodon":
		id = "1155" + number(key, 9e13)
		draft.From.IRI, draft.URL = by.IRI+"/statuses/"+id, by.URL+"/"+id
	case "gotosocial":
		id = "01KA" + strings.ToUpper(strconv.FormatInt(int64(chance(key)*1e17), 36))
		draft.From.IRI, draft.URL = by.IRI+"/statuses/"+id, by.URL+"/statuses/"+id
	case "nodebb":
		draft.From.IRI = origin + "/post/" + id
	default:
		draft.From.IRI = origin + "/" + kind + "/" + id
	}
	draft.HTML = m.markup(by, draft.Body)
	if microblog(m.software[by.Host]) {
		draft.Body = markup.Text(draft.HTML)
	}
}

// markup is a text as HTML from the author's server. What it links to by a
// short name lives with us.
func (m *move) markup(by *community.Actor, markdown string) string {
	html := markup.Absolute(markup.Render(markdown), m.Origin)
	if !microblog(m.software[by.Host]) {
		return html
	}
	return strings.NewReplacer(` class="mention">@`, ` class="u-url mention">@`).Replace(html)
}

// change is what an edit sends.
func (m *move) change(by *community.Actor, iri, markdown string) posts.Change {
	c := posts.Change{Body: &markdown, From: m.origin(by, iri+"#update")}
	if by.Local() {
		return c
	}
	html := m.markup(by, markdown)
	c.HTML = &html
	if microblog(m.software[by.Host]) {
		plain := markup.Text(html)
		c.Body = &plain
	}
	return c
}
