package markup

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Text returns what HTML says as plain text: blocks on lines of their own, a
// picture as its alternative text. The HTML need not be safe.
func Text(html string) string {
	return strings.Join(lines(html, true), "\n")
}

// Excerpt returns the beginning of what HTML says as one line of at most most
// characters, with "…" where something was left out. What a spoiler hides
// stays hidden.
func Excerpt(html string, most int) string {
	return shorten(strings.Join(lines(html, false), " "), most)
}

// FirstLine returns the first line that HTML says, without the mentions that
// it begins with, in at most most characters: a title for what came without
// one. It is empty if there are only mentions.
func FirstLine(html string, most int) string {
	for _, line := range lines(html, false) {
		if line = strings.TrimSpace(leadingMentions.ReplaceAllString(line, "")); line != "" {
			return shorten(line, most)
		}
	}
	return ""
}

// leadingMentions are handles at the beginning of a line, and the punctuation
// after them.
var leadingMentions = regexp.MustCompile(`^(\s*[@!][\pL\pN_][\pL\pN_.-]*(@[\pL\pN][\pL\pN.:-]*)?[,:]?(\s+|$))+`)

// lines returns the text in HTML line by line, without empty lines and
// doubled spaces.
func lines(source string, spoilers bool) []string {
	r := &reader{spoilers: spoilers}
	tokens := html.NewTokenizer(strings.NewReader(cut(source, maxRendered)))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		switch token := tokens.Token(); kind {
		case html.TextToken:
			r.text(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(token, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			r.end(token.Data)
		}
	}
	var list []string
	for line := range strings.SplitSeq(r.out.String(), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// A reader collects the text of a page of HTML.
type reader struct {
	out      strings.Builder
	spoilers bool   // read them, too
	unseen   string // the element whose content is skipped, or ""
	nested   int
	details  int  // how many are open
	summary  bool // inside the visible part of one
	pre      int
}

func (r *reader) text(data string) {
	if r.unseen != "" || r.hidden() {
		return
	}
	data = strings.Map(printable, data)
	if r.pre == 0 {
		data = strings.ReplaceAll(data, "\n", " ")
	}
	r.out.WriteString(data)
}

// hidden reports whether the reader is in a spoiler that stays shut.
func (r *reader) hidden() bool { return !r.spoilers && r.details > 0 && !r.summary }

func (r *reader) start(token html.Token, selfClosing bool) {
	name := token.Data
	switch {
	case r.unseen == name && !selfClosing:
		r.nested++
	case r.unseen != "":
	case unseen[name]:
		if !selfClosing {
			r.unseen, r.nested = name, 1
		}
	case name == "img":
		for _, attr := range token.Attr {
			if attr.Key == "alt" {
				r.text(attr.Val)
				return
			}
		}
	case name == "a" && !selfClosing && isFootnoteLink(token):
		r.unseen, r.nested = name, 1
	case name == "td", name == "th":
		r.text(" ")
	default:
		r.count(name, 1)
		r.newline(name)
	}
}

// isFootnoteLink reports whether a link leads to a footnote or back: its
// number and its arrow say nothing outside of the page.
func isFootnoteLink(token html.Token) bool {
	return slices.ContainsFunc(token.Attr, func(attr html.Attribute) bool {
		return attr.Key == "role" && linkRole.MatchString(attr.Val)
	})
}

func (r *reader) end(name string) {
	if r.unseen != "" {
		if name == r.unseen {
			if r.nested--; r.nested == 0 {
				r.unseen = ""
			}
		}
		return
	}
	r.newline(name)
	r.count(name, -1)
}

// count follows the elements that change how text is read.
func (r *reader) count(name string, by int) {
	switch name {
	case "details":
		r.details = max(r.details+by, 0)
	case "summary":
		r.summary = by > 0
	case "pre":
		r.pre = max(r.pre+by, 0)
	}
}

// newline begins a line at elements that do.
func (r *reader) newline(name string) {
	if other, ok := renamed[name]; ok {
		name = other
	}
	if name == "br" || name == "hr" || elements[name].role == block && name != "td" && name != "th" {
		r.out.WriteString("\n")
	}
}

// shorten returns text, or its beginning and "…", in at most most characters,
// broken between words where there is a space near.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	if most < 1 {
		return ""
	}
	at := most - 1
	for at > 0 && (unicode.IsMark(runes[at]) || runes[at-1] == zeroWidthJoiner || runes[at] == zeroWidthJoiner) {
		at-- // do not break a character from its accents
	}
	for back := at; back > at*2/3; back-- {
		if runes[back] == ' ' {
			at = back
			break
		}
	}
	return strings.TrimRightFunc(string(runes[:at]), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:.–-", r)
	}) + "…"
}

const zeroWidthJoiner = '\u200d'
