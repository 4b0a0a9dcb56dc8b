package search

import (
	"drystone/community"
	"drystone/community/markup"
)

// highlight is the part of a text that answers, without its formatting.
func highlight(m *community.Matches, html string) (h Highlight) {
	const whole = 20_000 // as much as is looked through
	h.Excerpt, h.Spans = m.Excerpt(markup.Excerpt(html, whole), excerptLength)
	return h
}
