package syndication

import (
	"encoding/xml"
	"strconv"
	"time"
)

type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Content string     `xml:"xmlns:content,attr"`
	Dublin  string     `xml:"xmlns:dc,attr"`
	Threads string     `xml:"xmlns:thr,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language,omitempty"`
	Built       string    `xml:"lastBuildDate"`
	Generator   string    `xml:"generator"`
	TTL         int       `xml:"ttl"`
	Image       *rssImage `xml:"image"`
	Self        rssSelf   `xml:"atom:link"`
	Items       []rssItem `xml:"item"`
}

type rssImage struct {
	URL   string `xml:"url"`
	Title string `xml:"title"`
	Link  string `xml:"link"`
}

type rssSelf struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	GUID        rssGUID       `xml:"guid"`
	Published   string        `xml:"pubDate"`
	Creator     string        `xml:"dc:creator,omitempty"`
	Language    string        `xml:"dc:language,omitempty"`
	Category    string        `xml:"category,omitempty"`
	Comments    string        `xml:"comments,omitempty"`
	ReplyTo     *atomReply    `xml:"thr:in-reply-to"`
	Description string        `xml:"description,omitempty"`
	Content     string        `xml:"content:encoded,omitempty"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
}

type rssGUID struct {
	Permalink bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

type rssEnclosure struct {
	URL  string `xml:"url,attr"`
	Size string `xml:"length,attr"`
	Type string `xml:"type,attr"`
}

// refresh is after how many minutes readers may ask again.
const refresh = 15

// RSS writes the feed as RSS 2.0. It knows one file for each entry; pictures
// stand in the text as well.
func (f *Feed) RSS() ([]byte, error) {
	channel := rssChannel{
		Title: f.Title, Link: f.Link, Description: f.About, Language: f.Language, Built: mailDate(f.Updated()), Generator: "Drystone", TTL: refresh,
		Self: rssSelf{"self", "application/rss+xml", f.Self},
	}
	if channel.Description == "" {
		channel.Description = f.Title // it may not be missing
	}
	if f.Icon != "" {
		channel.Image = &rssImage{f.Icon, f.Title, f.Link}
	}
	for _, e := range f.Entries {
		channel.Items = append(channel.Items, e.rss())
	}
	return write(rss{
		Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Content: "http://purl.org/rss/1.0/modules/content/",
		Dublin: "http://purl.org/dc/elements/1.1/", Threads: "http://purl.org/syndication/thread/1.0", Channel: channel,
	})
}

func (e *Entry) rss() rssItem {
	item := rssItem{
		Title: e.Title, Link: e.Link, GUID: rssGUID{e.ID == e.Link, e.ID}, Published: mailDate(e.Published),
		Creator: e.Author.Name, Language: e.Language, Category: e.Group.Title, Description: e.Summary, Content: e.HTML,
	}
	if e.Replies != "" {
		item.Comments = e.Link + "#comments"
	}
	if e.ReplyTo != "" {
		item.ReplyTo = &atomReply{e.ReplyTo, e.ReplyPage}
	}
	for _, file := range e.Files {
		if file.Type != "" {
			// Where nobody knows how long it is, 0 is what readers expect.
			item.Enclosure = &rssEnclosure{file.URL, strconv.FormatInt(file.Size, 10), file.Type}
			break
		}
	}
	return item
}

func mailDate(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
