package federation

import (
	"context"
	"fmt"
	"html"
	"strings"

	"drystone/community"
	"drystone/federation/as"
	"drystone/storage"
)

// beside is what a post is beside its text; nil is what it is not.
type beside struct {
	poll  *community.Poll
	event *community.Event
	cited *cited
	shows []as.Attachment // pictures, films and sounds
}

func besideOf(ctx context.Context, db *storage.DB, post *community.Post) (b beside, err error) {
	if b.cited, err = citedIn(ctx, db, post.ID, 0); err != nil {
		return b, err
	}
	if b.shows, err = shownIn(ctx, db, post.ID, 0); err != nil {
		return b, err
	}
	ids := []community.PostID{post.ID}
	switch post.Kind {
	case community.PollPost:
		polls, err := db.Polls(ctx, ids)
		b.poll = polls[post.ID]
		return b, err
	case community.EventPost:
		events, err := db.Events(ctx, ids)
		b.event = events[post.ID]
		return b, err
	}
	return b, nil
}

// happening is a post as an Event. Lemmy, NodeBB and microblogs show its text
// and nothing else of it, Mastodon the beginning of that: so it begins with
// when and where.
func happening(page as.Page, e *community.Event, markdown string) as.Page {
	clock := e.Clock()
	page.Event = &as.Event{Starts: e.StartsAt.In(clock), Zone: e.Zone, Place: e.Place, Link: e.URL}
	if !e.EndsAt.IsZero() {
		page.Event.Ends = e.EndsAt.In(clock)
	}
	page.Content = heading(e) + page.Content
	page.Source = &as.Source{Content: strings.TrimSuffix(headingSource(e)+markdown, "\n\n")}
	if page.Summary == "" {
		page.Teaser = teaser(page.Content)
	}
	return page
}

// headless takes away what happening put before a text: who reads the times
// themselves need not read them twice.
func headless(e *community.Event, content, source string) (string, string) {
	if e == nil || e.StartsAt.IsZero() {
		return content, source
	}
	rest, found := strings.CutPrefix(content, heading(e))
	if !found {
		return content, source
	}
	if written, found := strings.CutPrefix(source+"\n\n", headingSource(e)); found {
		source = strings.TrimSuffix(written, "\n\n")
	}
	return rest, source
}

// heading says in HTML when and where an event is, in no language.
func heading(e *community.Event) string {
	text := "<p><strong>" + html.EscapeString(times(e)) + "</strong>"
	if e.Place != "" {
		text += " · " + html.EscapeString(e.Place)
	}
	if e.URL != "" {
		link := html.EscapeString(e.URL)
		text += fmt.Sprintf(` · <a href="%s">%s</a>`, link, link)
	}
	return text + "</p>"
}

// headingSource is heading in Markdown, which Lemmy shows in its place.
func headingSource(e *community.Event) string {
	text := "**" + times(e) + "**"
	if e.Place != "" {
		text += " · " + literally.Replace(e.Place)
	}
	if e.URL != "" {
		text += " · <" + e.URL + ">"
	}
	return text + "\n\n"
}

// literally keeps a place from being Markdown.
var literally = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "~", `\~`, "^", `\^`, "@", `\@`, "!", `\!`,
)

// times says when an event is, by the clock of its zone, which is named.
func times(e *community.Event) string {
	const day, hour = "2006-01-02", "15:04"
	clock := e.Clock()
	from, to := e.StartsAt.In(clock), e.EndsAt.In(clock)
	text := from.Format(day + " " + hour)
	switch {
	case e.EndsAt.IsZero():
	case from.Format(day) == to.Format(day):
		text += "–" + to.Format(hour)
	default:
		text += " – " + to.Format(day+" "+hour)
	}
	return text + " (" + clock.String() + ")"
}
