// Package markup turns what people write, and what other servers send, into
// HTML that is safe to show, and HTML into plain text.
//
// It is pure: it reads no database and knows no request. Everything that
// becomes HTML on a page passes through here; nothing else may call the
// Markdown library or the sanitiser. Whether somebody who is mentioned exists
// is for a service to find out.
//
// Decisions that readers notice:
//
//   - A newline is a line break, as on Mastodon, Discourse and NodeBB: most
//     people write in a small box and expect their lines to stay.
//   - HTML in Markdown is text: "<b>" shows as it was written.
//   - Task lists show ☐ and ☑, not form controls.
//   - Headings are lowered so that the page keeps the only h1 and its
//     sections the h2: the highest heading of a text is an h3.
//   - Links that leave the server carry rel="nofollow noopener ugc".
//   - Pictures come by https and load lazily; others show as their alt text.
package markup

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxInput is how much of a text is read, in bytes. Posts and comments
	// are shorter; only strangers send more.
	maxInput = 200_000
	// maxRendered bounds the HTML made of one text, in bytes: Markdown can
	// say in a few characters what is long in HTML.
	maxRendered = 1_000_000
	// maxDepth is how deep elements nest. What is deeper loses its element
	// and keeps its text.
	maxDepth = 48
)

// Render returns Markdown as HTML that is safe to show. Mentions become
// relative links: "@alice" to /u/alice, "@bob@host" to /u/bob@host, "!garden"
// to /c/garden, "!cats@host" to /c/cats@host. Absolute makes them fit to send.
func Render(markdown string) string {
	return finish(clean(renderMarkdown(cut(markdown, maxInput)), maxRendered, true))
}

// Sanitize returns HTML from another server as HTML that is safe to show and
// looks like ours. Its relative links are dropped: they would lead here.
// Sanitising twice changes nothing more.
func Sanitize(html string) string {
	return finish(clean(cut(html, maxInput), maxInput, false))
}

// Absolute makes the relative links and pictures in HTML that Render returned
// absolute, for readers elsewhere. origin is scheme://host.
func Absolute(html, origin string) string {
	// A quote is always escaped in rendered text, so that these are found
	// in tags alone.
	return strings.NewReplacer(` href="/`, ` href="`+origin+`/`, ` src="/`, ` src="`+origin+`/`).Replace(html)
}

// cut returns the first most bytes of s, not ending inside a character, as
// valid UTF-8.
func cut(s string, most int) string {
	if len(s) > most {
		for most > 0 && !utf8.RuneStart(s[most]) {
			most--
		}
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
