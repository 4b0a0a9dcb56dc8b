package web

import (
	"html/template"
	"net/url"
	"strconv"
	"time"

	"drystone/api/v1"
	"drystone/community/markup"
)

// A cover is the picture by which a page is shown where somebody links to it.
type cover struct {
	URL, Alt      string
	Width, Height int
	Large         bool // it says more than the words
}

// coverOf is the picture of something that is said: its own, else that of what
// it links to. What has to be asked for first has none.
func (s *Site) coverOf(media []v1.Attachment, preview *v1.Preview) (c cover) {
	for _, a := range media {
		if a.Page != "" {
			w, h := shrunk(a.Width, a.Height, 1024)
			return cover{s.whole(a.Page), a.Alt, w, h, true}
		}
	}
	if preview != nil && preview.Image != "" {
		return cover{URL: s.whole(preview.Image), Large: true}
	}
	return c
}

// shows reports whether everybody may be shown by others what a page says:
// nobody has to ask for it first, and nobody was asked who they are.
func (p *page) shows() bool { return p.caller.Who == nil && !p.Head.Hidden }

// ofPost is the head of a post's page.
func (p *page) ofPost(it v1.Post, answers []*node) {
	h := &p.Head
	h.Title, h.Kind, h.Activity, h.Canonical, h.Feed = postTitle(it), "article", it.URL, it.URL, postPath(it.ID)
	h.Hidden = it.Removed || it.Deleted || it.Author.NoIndex || it.Group.NoIndex
	h.Published, h.Changed = it.CreatedAt, it.EditedAt
	if it.Event != nil {
		h.Calendar = postPath(it.ID) + ".ics"
	}
	if it.Removed || it.Deleted || it.Veil != "" {
		return
	}
	if it.Sensitive {
		h.Description = "Marked as sensitive."
	} else {
		h.Description = markup.Excerpt(it.HTML, excerptLength)
		h.Cover = p.site.coverOf(it.Media, it.Preview)
		if e := it.Event; e != nil {
			when := e.StartsAt.UTC().Format("Mon 2 Jan 2006, 15:04 UTC")
			if e.Place != "" {
				when += " · " + e.Place
			}
			h.Description = markup.Excerpt("<p>"+template.HTMLEscapeString(when)+"</p>"+it.HTML, excerptLength)
		}
	}
	if p.caller.Who != nil || !p.site.ours(it.URL) {
		return
	}
	h.Embed = p.site.embedLink(it.URL)
	if p.shows() && !it.Sensitive {
		h.Data = jsonLD(p.site.postData(it, answers))
	}
}

// ofComment is the head of a comment's page.
func (p *page) ofComment(it v1.Comment, under v1.Post) {
	h := &p.Head
	h.Title, h.Kind, h.Activity, h.Canonical = displayName(it.Author)+" on "+postTitle(under), "article", it.URL, it.URL
	h.Hidden = it.Removed || it.Deleted || it.Author.NoIndex || under.Group.NoIndex
	h.Published, h.Changed = it.CreatedAt, it.EditedAt
	if it.Removed || it.Deleted || it.Veil != "" {
		return
	}
	if under.Sensitive {
		h.Description = "Under something that is marked as sensitive."
	} else {
		h.Description = markup.Excerpt(it.HTML, excerptLength)
		h.Cover = p.site.coverOf(it.Media, nil)
	}
	if p.caller.Who == nil && p.site.ours(it.URL) {
		h.Embed = p.site.embedLink(it.URL)
	}
}

// embedLink is where it is told how others show a page of ours.
func (s *Site) embedLink(address string) string {
	return s.Origin + "/oembed?" + url.Values{"url": {address}, "format": {"json"}}.Encode()
}

// What schema.org calls things, as search engines ask for them.
type (
	dataThing struct {
		Type string `json:"@type"`
		Name string `json:"name,omitempty"`
		URL  string `json:"url,omitempty"`
	}
	dataCount struct {
		Type  string `json:"@type"`
		Kind  string `json:"interactionType"`
		Count int64  `json:"userInteractionCount"`
	}
	dataEvent struct {
		Type   string     `json:"@type"`
		Name   string     `json:"name"`
		Start  time.Time  `json:"startDate"`
		End    *time.Time `json:"endDate,omitempty"`
		Place  *dataThing `json:"location,omitempty"`
		Status string     `json:"eventStatus"`
	}
	dataPosting struct {
		Context  string        `json:"@context,omitempty"`
		Type     string        `json:"@type"`
		ID       string        `json:"@id,omitempty"`
		URL      string        `json:"url"`
		Headline string        `json:"headline,omitempty"`
		Text     string        `json:"text,omitempty"`
		Image    string        `json:"image,omitempty"`
		Language string        `json:"inLanguage,omitempty"`
		Created  time.Time     `json:"datePublished"`
		Changed  *time.Time    `json:"dateModified,omitempty"`
		Author   dataThing     `json:"author"`
		Group    *dataThing    `json:"isPartOf,omitempty"`
		Shared   *dataThing    `json:"sharedContent,omitempty"`
		About    *dataEvent    `json:"about,omitempty"`
		Counts   []dataCount   `json:"interactionStatistic,omitempty"`
		Comments []dataPosting `json:"comment,omitempty"`
	}
)

const (
	dataText    = 5000 // characters of a text
	dataAnswers = 10   // at most
)

// postData is a post as search engines read it.
func (s *Site) postData(it v1.Post, answers []*node) dataPosting {
	data := dataPosting{
		Context: "https://schema.org", Type: "DiscussionForumPosting", ID: it.URL, URL: it.URL, Headline: it.Title,
		Text: markup.Excerpt(it.HTML, dataText), Image: s.coverOf(it.Media, nil).URL, Language: it.Language,
		Created: it.CreatedAt, Changed: it.EditedAt, Author: s.authorData(it.Author),
		Group: &dataThing{Type: "WebPage", Name: displayName(it.Group), URL: it.Group.URL},
		Counts: []dataCount{
			{"InteractionCounter", "https://schema.org/LikeAction", it.Ups}, {"InteractionCounter", "https://schema.org/CommentAction", it.CommentCount},
		},
	}
	if it.Link != "" {
		data.Shared = &dataThing{Type: "WebPage", URL: it.Link}
	}
	if e := it.Event; e != nil {
		data.About = &dataEvent{Type: "Event", Name: it.Title, Start: e.StartsAt, End: e.EndsAt, Status: "https://schema.org/EventScheduled"}
		if e.Place != "" {
			data.About.Place = &dataThing{Type: "Place", Name: e.Place}
		}
	}
	for _, a := range answers {
		if a.Removed || a.Deleted || a.Veil != "" || a.Author.NoIndex || len(data.Comments) >= dataAnswers {
			continue
		}
		data.Comments = append(data.Comments, dataPosting{
			Type: "Comment", URL: s.Origin + "/comment/" + strconv.FormatInt(a.ID, 10), Text: markup.Excerpt(a.HTML, dataText),
			Created: a.CreatedAt, Changed: a.EditedAt, Author: s.authorData(a.Author),
		})
	}
	return data
}

func (s *Site) authorData(a v1.Actor) dataThing {
	if a.Deleted || a.Handle == "" {
		return dataThing{Type: "Person", Name: "Deleted account"}
	}
	return dataThing{"Person", displayName(a), s.Origin + actorPath(a)}
}

// jsonLD is data that stands in a page. It has no < in it, so that it cannot
// end its element.
func jsonLD(data any) template.JS { return template.JS(v1.JSON(data)) } //nolint:gosec // see above
