package syndication

import "encoding/xml"

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Threads  string      `xml:"xmlns:thr,attr"`
	Language string      `xml:"xml:lang,attr,omitempty"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Icon     string      `xml:"icon,omitempty"`
	Author   atomPerson  `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomLink struct {
	Rel   string `xml:"rel,attr"`
	Href  string `xml:"href,attr"`
	Type  string `xml:"type,attr,omitempty"`
	Title string `xml:"title,attr,omitempty"`
	Size  string `xml:"length,attr,omitempty"`
	Count string `xml:"thr:count,attr,omitempty"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr,omitempty"`
}

type atomReply struct {
	Ref  string `xml:"ref,attr"`
	Href string `xml:"href,attr,omitempty"`
}

type atomEntry struct {
	Language  string        `xml:"xml:lang,attr,omitempty"`
	ID        string        `xml:"id"`
	Title     string        `xml:"title"`
	Published string        `xml:"published"`
	Updated   string        `xml:"updated"`
	Author    atomPerson    `xml:"author"`
	Category  *atomCategory `xml:"category"`
	Links     []atomLink    `xml:"link"`
	ReplyTo   *atomReply    `xml:"thr:in-reply-to"`
	Summary   *atomText     `xml:"summary"`
	Content   *atomText     `xml:"content"`
}

// Atom writes the feed as Atom.
func (f *Feed) Atom() ([]byte, error) {
	document := atomFeed{
		Threads: "http://purl.org/syndication/thread/1.0", Language: f.Language,
		ID: f.ID, Title: f.Title, Subtitle: f.About, Updated: stamp(f.Updated()), Icon: f.Icon, Author: atomPerson{Name: f.Author},
		Links: []atomLink{{Rel: "self", Href: f.Self, Type: "application/atom+xml"}, {Rel: "alternate", Href: f.Link, Type: "text/html"}},
	}
	for _, e := range f.Entries {
		document.Entries = append(document.Entries, e.atom())
	}
	return write(document)
}

func (e *Entry) atom() atomEntry {
	out := atomEntry{
		Language: e.Language, ID: e.ID, Title: e.Title, Published: stamp(e.Published), Updated: stamp(e.changed()),
		Author: atomPerson{e.Author.Name, e.Author.Page},
		Links:  []atomLink{{Rel: "alternate", Href: e.Link, Type: "text/html"}},
	}
	if e.Group.Name != "" {
		out.Category = &atomCategory{e.Group.Name, e.Group.Title}
	}
	if e.About != "" {
		out.Links = append(out.Links, atomLink{Rel: "related", Href: e.About})
	}
	for _, file := range e.Files {
		out.Links = append(out.Links, atomLink{Rel: "enclosure", Href: file.URL, Type: file.Type, Title: file.Title, Size: number(file.Size)})
	}
	if e.Replies != "" {
		out.Links = append(out.Links, atomLink{Rel: "replies", Href: e.Replies, Type: "application/atom+xml", Count: number(e.Count)})
	}
	if e.ReplyTo != "" {
		out.ReplyTo = &atomReply{e.ReplyTo, e.ReplyPage}
	}
	if e.Summary != "" {
		out.Summary = &atomText{"text", e.Summary}
	}
	if e.HTML != "" {
		out.Content = &atomText{"html", e.HTML}
	}
	return out
}
