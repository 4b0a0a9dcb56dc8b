package web

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"drystone/api/v1"
	"drystone/community"
	"drystone/community/markup"
)

//go:embed templates/*.html
var templates embed.FS

// excerptLength is how much of a text stands in a list, in characters.
const excerptLength = 200

var helpers = template.FuncMap{
	"kinds":   func() []string { return []string{"posts", "comments", "people", "groups", "feeds"} },
	"excerpt": func(html string) string { return markup.Excerpt(html, excerptLength) },
	// What the API calls html was sanitised when it was stored.
	"thumb":     thumbOf,
	"feedAt":    feedAt,
	"safe":      func(html string) template.HTML { return template.HTML(html) }, //nolint:gosec // see above
	"day":       func(t time.Time) string { return t.Format("2 Jan 2006") },
	"stamp":     func(t time.Time) string { return t.Format(time.RFC3339) },
	"host":      hostOf,
	"short":     short,
	"count":     count,
	"path":      actorPath,
	"name":      displayName,
	"nodeOf":    func(n *node, level int, me *v1.Me) place { return place{n, level, me} },
	"verdict":   func(d v1.Decision) string { return verdicts[string(d.Kind)] },
	"outcome":   func(r v1.Report) string { return outcomes[string(r.State)] },
	"voiced":    func(v v1.ReportVoice) string { return outcomes[string(v.State)] },
	"wide":      func(n int) int64 { return int64(n) },
	"peerState": func(s community.PeerState) string { return peerStates[s] },
	"signing":   peerSigning,
	"forever":   func(t *time.Time) bool { return t == nil || t.Year() >= community.Forever.Year() },
	"lasting":   func(t time.Time) bool { return t.Year() >= community.Forever.Year() },
	"add":       func(a, b int) int { return a + b },
	"moment":    func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04 UTC") },
	"share":     share,
	"clock":     clock,
}

// parsePages parses each page's template together with the frame and the
// parts that all share.
func parsePages() (map[string]*template.Template, error) {
	shared, err := template.New("").Funcs(helpers).ParseFS(templates, "templates/frame.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".html")
		if name == "frame" || name == "parts" {
			continue
		}
		t, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = t.ParseFS(templates, path.Join("templates", entry.Name())); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// hostOf is the host of an address, as people say it.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// short is an address as people read it: without its scheme, and not too long.
func short(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	const most = 60
	if runes := []rune(rest); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return strings.TrimSuffix(rest, "/")
}

// share is how much of a poll an option has, in percent: of the votes, or of
// the people where they can choose several.
func share(o v1.PollOption, p *v1.Poll) int64 {
	whole := p.Voters
	if !p.Multiple {
		whole = 0
		for _, other := range p.Options {
			whole += other.Votes
		}
	}
	if whole <= 0 {
		return 0
	}
	return min((200*o.Votes+whole)/(2*whole), 100)
}

// clock is a length of time as films have it: "1:02:05".
func clock(seconds int64) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// count is a number with its noun: "1 comment", "8 comments".
func count(n int64, one, other string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + other
}

// actorPath is where a person, group or feed is shown here.
func actorPath(a v1.Actor) string {
	switch a.Kind {
	case community.GroupKind:
		return "/c/" + a.Handle
	case community.FeedKind:
		return "/f/" + a.Handle
	}
	return "/u/" + a.Handle
}

func displayName(a v1.Actor) string {
	if a.Deleted && a.Kind != community.GroupKind {
		return "Deleted account"
	}
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}

// feedAt is where a feed is, in one of its forms; what is asked of it stays
// behind.
func feedAt(address, suffix string) string {
	path, query, asks := strings.Cut(address, "?")
	if asks {
		return path + suffix + "?" + query
	}
	return path + suffix
}

// A tab is one of several ways to see a list.
type tab struct {
	Href, Label string
	Current     bool
}

// tabs are links that change one parameter of a page's address and keep the
// others; cursors are not kept.
func tabs(base url.Values, name, current string, words, labels []string) []tab {
	list := make([]tab, len(words))
	for i, word := range words {
		query := url.Values{}
		for key, values := range base {
			query[key] = values
		}
		query.Set(name, word)
		list[i] = tab{Href: "?" + query.Encode(), Label: labels[i], Current: word == current}
	}
	return list
}

// more is the link to the next page of a list, or empty at its end.
func more(base url.Values, next string) string {
	if next == "" {
		return ""
	}
	query := url.Values{"cursor": {next}}
	for key, values := range base {
		query[key] = values
	}
	return "?" + query.Encode()
}
