package markup

import (
	"html"
	"net/url"
	"regexp"
	"strings"
)

// addresses are what looks like the address of a page in plain text.
var addresses = regexp.MustCompile(`https?://[^\s<>"“”‘’]+`)

// mine is what links carry that somebody says are theirs: whoever looks for it
// (microformats' rel=me) finds it, and search engines are told nothing else.
const mine = "me " + rel

// Line returns a line of plain text as HTML that is safe to show: nothing in it
// is markup, addresses become links that say rel=me. Where the whole line is an
// address, that is returned too.
func Line(text string) (line, link string) {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	var out strings.Builder
	at := 0
	for _, found := range addresses.FindAllStringIndex(text, -1) {
		address := strings.TrimRight(text[found[0]:found[1]], ".,;:!?)]}'")
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.User != nil {
			continue
		}
		out.WriteString(html.EscapeString(text[at:found[0]]))
		at = found[0] + len(address)
		_, shown, _ := strings.Cut(address, "://")
		out.WriteString(`<a href="` + html.EscapeString(address) + `" rel="` + mine + `">` + html.EscapeString(strings.TrimSuffix(shown, "/")) + `</a>`)
		if address == text {
			link = address
		}
	}
	out.WriteString(html.EscapeString(text[at:]))
	return out.String(), link
}
