package community

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Matches are the words that were found, for who weighs or shows them.
type Matches struct {
	Terms []Term
	Stems []string // what is before the endings of words that were found
}

// A Span is a part of a text, from one character to before another, counted
// as JavaScript does, in units of UTF-16.
type Span [2]int

// mostEnding is how many letters an ending has.
const mostEnding = 3

// term returns which of the terms begins at a place in a text, and how many
// words it has there; -1 if none does.
func (m *Matches) term(words []Token, at int) (term, n int) {
	for i, t := range m.Terms {
		if t.Words != nil && t.at(words[at:]) {
			return i, len(t.Words)
		}
	}
	for _, stem := range m.Stems {
		rest, is := strings.CutPrefix(words[at].Word, stem)
		if is && len(stem) > 2 && len(rest) <= mostEnding {
			return m.plain(stem), 1
		}
	}
	return -1, 0
}

// plain is the term that a stem is of.
func (m *Matches) plain(stem string) int {
	return max(0, slices.IndexFunc(m.Terms, func(t Term) bool {
		return len(t.Words) == 1 && !t.Exact && strings.HasPrefix(t.Words[0], stem)
	}))
}

// at reports whether a text begins with the term.
func (t Term) at(words []Token) bool {
	if len(words) < len(t.Words) {
		return false
	}
	for i, word := range t.Words {
		if t.Prefix && i == len(t.Words)-1 {
			return strings.HasPrefix(words[i].Word, word)
		}
		if words[i].Word != word {
			return false
		}
	}
	return true
}

// Weigh says how well a text answers: words in its title count most, often
// ones more than rare ones, but ever less, and all together more than apart.
func (m *Matches) Weigh(title, body string) float64 {
	if len(m.Terms) == 0 {
		return 0
	}
	inTitle, titleWords := m.count(title)
	inBody, bodyWords := m.count(body)
	weight := 0.0
	for i := range m.Terms {
		if inTitle[i] > 0 {
			weight += 3 / math.Sqrt(1+float64(titleWords)/8)
		}
		often := float64(inBody[i])
		weight += 2 * often / (often + 0.6 + float64(bodyWords)/100)
	}
	return weight/float64(len(m.Terms)) + m.together(title, 1.5) + m.together(body, 0.75)
}

func (m *Matches) count(text string) (found []int, words int) {
	found = make([]int, len(m.Terms))
	all := Tokens(text)
	for at := range all {
		if i, n := m.term(all, at); n > 0 {
			found[i]++
		}
	}
	return found, len(all)
}

// together is worth something where several terms follow each other as they
// were typed.
func (m *Matches) together(text string, worth float64) float64 {
	if len(m.Terms) < 2 {
		return 0
	}
	all := Tokens(text)
	for at := range all {
		next := at
		i := 0
		for ; i < len(m.Terms) && next < len(all); i++ {
			if term, n := m.term(all, next); term == i {
				next += n
			} else {
				break
			}
		}
		if i == len(m.Terms) {
			return worth
		}
	}
	return 0
}

// Spans are the places of the words in a text.
func (m *Matches) Spans(text string) []Span {
	var spans []Span
	all := Tokens(text)
	units, read := 0, 0
	unit := func(to int) int {
		for ; read < to; units++ {
			r, size := utf8.DecodeRuneInString(text[read:])
			if r > 0xFFFF {
				units++
			}
			read += size
		}
		return units
	}
	last := 0 // bytes that are marked already
	for at := range all {
		_, n := m.term(all, at)
		if n == 0 {
			continue
		}
		from, to := max(all[at].Start, last), all[at+n-1].End
		if from >= to {
			continue
		}
		last = to
		start := unit(from)
		if end := unit(to); len(spans) > 0 && spans[len(spans)-1][1] == start {
			spans[len(spans)-1][1] = end
		} else {
			spans = append(spans, Span{start, end})
		}
	}
	return spans
}

// Excerpt is the part of a text around the first words that were found, about
// as long as most bytes, and their places in it.
func (m *Matches) Excerpt(text string, most int) (string, []Span) {
	text = strings.Join(strings.Fields(text), " ")
	start := 0
	all := Tokens(text)
	for at := range all {
		if _, n := m.term(all, at); n > 0 {
			start = all[at].Start
			break
		}
	}
	if start = start - most/4; start <= 0 || len(text) <= most {
		start = 0
	}
	for start > 0 && !utf8.RuneStart(text[start]) {
		start--
	}
	if space := strings.IndexByte(text[start:], ' '); start > 0 && space >= 0 && space < most/4 {
		start += space + 1
	}
	part, before, after := text[start:], "", ""
	if start > 0 {
		before = "… "
	}
	if len(part) > most {
		end := most
		for !utf8.RuneStart(part[end]) {
			end--
		}
		if space := strings.LastIndexByte(part[:end], ' '); space > most/2 {
			end = space
		}
		part, after = part[:end], " …"
	}
	part = before + part + after
	return part, m.Spans(part)
}
