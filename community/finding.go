package community

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is looked for.
const (
	MaxSearch   = 500 // characters that somebody types
	MostTerms   = 16
	MinPrefix   = 2 // letters before a *
	MostFilters = 10
)

// A Term is a word that somebody looks for, or words one after the other.
type Term struct {
	Words  []string
	Prefix bool // the last is the beginning of a word
	Exact  bool // in quotes: no other form of it
	Not    bool // must not be there
}

// FindSort is an order of what was found.
type FindSort string

// The orders.
const (
	FindBest FindSort = "best"
	FindNew  FindSort = "new"
	FindTop  FindSort = "top"
)

// A Search is what somebody looks for.
type Search struct {
	Text      string // the words alone, as they were typed
	Terms     []Term
	Authors   []string // handles; "me" is the reader
	Groups    []string
	Kinds     []string // of post, or "post" or "comment"
	Languages []string // their first parts
	Sites     []string
	After     time.Time // from then on
	Before    time.Time // until just before then
	Mine      bool      // in the reader's groups
	Troubles  []string  // what was not understood, for people
}

// Empty reports whether there is nothing to look for.
func (s *Search) Empty() bool {
	return !slices.ContainsFunc(s.Terms, func(t Term) bool { return !t.Not }) && len(s.Authors)+len(s.Groups)+len(s.Sites) == 0
}

// ParseSearch reads what somebody typed: words, "words one after the other",
// -word, wor*, and author:, group:, kind:, before:, after:, lang:, site: and
// in:mine. It understands something of everything: what makes no sense is in
// Troubles.
func ParseSearch(text string) *Search {
	s := &Search{}
	if utf8.RuneCountInString(text) > MaxSearch {
		text = string([]rune(text)[:MaxSearch])
		s.trouble("Only the first 500 characters were looked for.")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	var said []string
	for text != "" {
		var piece string
		if piece, text = nextPiece(text); piece == "" {
			continue
		}
		name, value, is := strings.Cut(piece, ":")
		if is && !strings.HasPrefix(value, "//") && s.Field(strings.ToLower(name), strings.Trim(value, `"`)) {
			continue
		}
		said = append(said, piece)
		s.term(piece)
	}
	s.Text = strings.Join(said, " ")
	return s
}

// nextPiece cuts what is before the next space that is in no quotes.
func nextPiece(text string) (piece, rest string) {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	quoted := false
	for i, r := range text {
		switch {
		case r == '"' || r == '“' || r == '”' || r == '„':
			quoted = !quoted
			if !quoted {
				end := i + utf8.RuneLen(r)
				return text[:end], text[end:]
			}
		case !quoted && unicode.IsSpace(r):
			return text[:i], text[i:]
		}
	}
	return text, ""
}

func (s *Search) trouble(text string) {
	if !slices.Contains(s.Troubles, text) {
		s.Troubles = append(s.Troubles, text)
	}
}

// term adds words.
func (s *Search) term(piece string) {
	t := Term{}
	if rest, is := strings.CutPrefix(piece, "-"); is && rest != "" {
		t.Not, piece = true, rest
	}
	t.Exact = strings.ContainsAny(piece, `"“”„`)
	t.Prefix = strings.HasSuffix(strings.TrimRight(piece, `"“”`), "*")
	dense := false
	for _, token := range Tokens(piece) {
		// The last character of a run stands alone in a text; whoever looks for
		// the run does not mean that it ends there.
		if token.Part && dense && utf8.RuneCountInString(token.Word) == 1 {
			continue
		}
		dense = token.Part
		t.Words = append(t.Words, token.Word)
	}
	switch {
	case len(t.Words) == 0:
		return
	case len(s.Terms) >= MostTerms:
		s.trouble("Only the first words were looked for.")
		return
	case dense && utf8.RuneCountInString(t.Words[len(t.Words)-1]) == 1:
		t.Prefix = true
	case t.Prefix && utf8.RuneCountInString(t.Words[len(t.Words)-1]) < MinPrefix:
		t.Prefix = false
		s.trouble("Write at least two letters before a *.")
	}
	t.Words = t.Words[:min(len(t.Words), MostTerms)]
	s.Terms = append(s.Terms, t)
}

// Field adds a field, and reports whether there is one called name.
func (s *Search) Field(name, value string) bool {
	value = strings.TrimSpace(value)
	switch name {
	case "author", "from", "by":
		s.add(&s.Authors, FoldName(strings.TrimLeft(value, "@")))
	case "group":
		s.add(&s.Groups, FoldName(strings.TrimLeft(value, "!")))
	case "kind", "type":
		s.kind(strings.ToLower(value))
	case "lang", "language":
		value, _, _ = strings.Cut(strings.ToLower(value), "-")
		if value != "" && (len(value) > 8 || strings.ContainsFunc(value, func(r rune) bool { return r < 'a' || r > 'z' })) {
			s.trouble("A language is written as in lang:en.")
		} else {
			s.add(&s.Languages, value)
		}
	case "site", "domain":
		s.site(strings.ToLower(value))
	case "before", "after":
		s.date(name, value)
	case "in":
		if value != "mine" && value != "joined" {
			return false
		}
		s.Mine = true
	default:
		return false
	}
	return true
}

func (s *Search) add(list *[]string, value string) {
	switch {
	case value == "" || slices.Contains(*list, value):
	case len(*list) >= MostFilters:
		s.trouble("Only the first ten of a kind of filter were used.")
	default:
		*list = append(*list, value)
	}
}

// searchKinds are the kinds of thing that can be looked for.
var searchKinds = []string{"post", "comment", string(TextPost), string(LinkPost), string(PollPost), string(EventPost), string(VideoPost)}

func (s *Search) kind(value string) {
	value = strings.TrimSuffix(value, "s")
	if value != "" && !slices.Contains(searchKinds, value) {
		s.trouble("There is no kind " + cutWord(value) + ": there are post, comment, text, link, poll, event and video.")
		return
	}
	s.add(&s.Kinds, value)
}

func (s *Search) site(value string) {
	if !strings.Contains(value, "//") {
		value = "//" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" && value != "//" || strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'\*()`, r) }) {
		s.trouble("A site is written as in site:example.org.")
		return
	}
	s.add(&s.Sites, strings.TrimPrefix(u.Hostname(), "www."))
}

func (s *Search) date(name, value string) {
	if value == "" {
		return
	}
	for _, form := range []string{"2006-01-02", "2006-01", "2006"} {
		at, err := time.Parse(form, value)
		if err != nil {
			continue
		}
		if name == "before" {
			s.Before = at
		} else {
			s.After = at
		}
		return
	}
	s.trouble("A date is written as in " + name + ":2026-05-31.")
}

// WantsPosts and WantsComments report whether the kinds leave room for them.
func (s *Search) WantsPosts() bool {
	return len(s.Kinds) == 0 || slices.ContainsFunc(s.Kinds, func(k string) bool { return k != "comment" })
}

// WantsComments is WantsPosts for comments: only posts have links.
func (s *Search) WantsComments() bool {
	return (len(s.Kinds) == 0 || slices.Contains(s.Kinds, "comment")) && len(s.Sites) == 0
}

// LinkSites are the names that a link's site is found by: its own, and those
// of the domains above it.
func LinkSites(link string) []string {
	u, err := url.Parse(link)
	if err != nil {
		return nil
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	var sites []string
	for strings.Contains(host, ".") && len(host) <= 100 && !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"'\*()`, r) }) && len(sites) < 6 {
		sites = append(sites, host)
		_, host, _ = strings.Cut(host, ".")
	}
	return sites
}
