package community_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"drystone/community"
)

// said writes what was understood of a search.
func said(s *community.Search) string {
	var parts []string
	for _, t := range s.Terms {
		text := strings.Join(t.Words, "_")
		if t.Exact {
			text = "=" + text
		}
		if t.Prefix {
			text += "*"
		}
		if t.Not {
			text = "-" + text
		}
		parts = append(parts, text)
	}
	for _, list := range []struct {
		name   string
		values []string
	}{{"a", s.Authors}, {"g", s.Groups}, {"k", s.Kinds}, {"l", s.Languages}, {"s", s.Sites}} {
		for _, v := range list.values {
			parts = append(parts, list.name+":"+v)
		}
	}
	if !s.After.IsZero() {
		parts = append(parts, ">"+s.After.Format("2006-01-02"))
	}
	if !s.Before.IsZero() {
		parts = append(parts, "<"+s.Before.Format("2006-01-02"))
	}
	if s.Mine {
		parts = append(parts, "mine")
	}
	return strings.Join(parts, " ") + strings.Repeat("!", len(s.Troubles))
}

func TestParseSearch(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"  Tomato   BLIGHT ":                     "tomato blight",
		"Café Häuser Straße":                     "cafe hauser strasse",
		`"two words" three`:                      "=two_words three",
		"„zwei Worte“ drei":                      "=zwei_worte drei",
		`-weed -"slow bolt" tom*`:                "-weed -=slow_bolt tom*",
		`"unclosed words`:                        "=unclosed_words",
		"run-server can't":                       "run_server can_t",
		"author:@Alice@Far.example x":            "x a:alice@far.example",
		"group:!garden author:bob author:bob":    "a:bob g:garden",
		"kind:comments kind:link":                "k:comment k:link",
		"kind:cheese x":                          "x!",
		"lang:en-GB lang:4":                      "l:en!",
		"site:https://www.example.org/a domain:": "s:example.org",
		"after:2026 before:2026-05-31":           ">2026-01-01 <2026-05-31",
		"before:yesterday":                       "!",
		"in:mine in:all x":                       "in_all x mine",
		"https://far.example/post/7":             "https_far_example_post_7",
		"日本語":                                    "日本_本語",
		"語":                                      "語*",
		"a* *":                                   "a!",
		"- \" -\"\" AND OR NOT":                  "=and_or_not",
		"x\x00y \u202eevil\u200b":                "x y evil",
		"NEAR(a b) {title}:c ^d":                 "near_a b title_c d",
	} {
		if got := said(community.ParseSearch(text)); got != want {
			t.Errorf("ParseSearch(%q) = %q, want %q", text, got, want)
		}
	}
	long := community.ParseSearch(strings.Repeat("word ", 200))
	if len(long.Terms) != community.MostTerms || len(long.Troubles) != 2 {
		t.Errorf("a long search has %d terms, %q", len(long.Terms), long.Troubles)
	}
	for text, empty := range map[string]bool{"": true, "-x": true, "author:bob": false, "in:mine": true, "x": false, "lang:en": true} {
		if got := community.ParseSearch(text).Empty(); got != empty {
			t.Errorf("%q is empty: %t", text, got)
		}
	}
}

func TestLinkSites(t *testing.T) {
	for link, want := range map[string]string{
		"https://www.Blog.example.org/x": "[blog.example.org example.org]", "": "[]", "mailto:a@b.c": "[]", "https://localhost/": "[]", "https://a'b.c/": "[]",
	} {
		if got := fmt.Sprint(community.LinkSites(link)); got != want {
			t.Errorf("LinkSites(%q) = %s, want %s", link, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	find := func(search string) *community.Matches {
		return &community.Matches{Terms: community.ParseSearch(search).Terms}
	}
	for _, test := range []struct{ search, text, want string }{
		{"tomato", "Tomatoes and a TOMATO.", "Tomatoes and a [TOMATO]."},
		{"tom*", "Tomatoes, toms", "[Tomatoes], [toms]"},
		{"cafe", "Un café 🍅 café", "Un [café] 🍅 [café]"},
		{`"a b"`, "a b a c b", "[a b] a c b"},
		{"日本語", "これは日本語です", "これは[日本語]です"},
		{"script", "<script>alert(1)</script>", "<[script]>alert(1)</[script]>"},
		{"x", "", ""},
	} {
		units := utf16.Encode([]rune(test.text))
		var got strings.Builder
		last := 0
		for _, s := range find(test.search).Spans(test.text) {
			got.WriteString(string(utf16.Decode(units[last:s[0]])) + "[" + string(utf16.Decode(units[s[0]:s[1]])) + "]")
			last = s[1]
		}
		if got.WriteString(string(utf16.Decode(units[last:]))); got.String() != test.want {
			t.Errorf("%q in %q: %q, want %q", test.search, test.text, got.String(), test.want)
		}
	}
	stems := &community.Matches{Terms: community.ParseSearch("tomatoes").Terms, Stems: []string{"tomato"}}
	if spans := stems.Spans("a tomato, tomatoes, tomatology"); len(spans) != 2 {
		t.Errorf("stems are at %v", spans)
	}
	far := strings.Repeat("before ", 100) + "tomato " + strings.Repeat("after ", 100)
	excerpt, spans := find("tomato").Excerpt(far, 100)
	if !strings.Contains(excerpt, "tomato") || len(excerpt) > 120 || len(spans) != 1 || !strings.HasPrefix(excerpt, "… ") || !strings.HasSuffix(excerpt, " …") {
		t.Errorf("excerpt = %q, %v", excerpt, spans)
	}
	m := find("tomato blight")
	if title, text := m.Weigh("Tomato blight", ""), m.Weigh("x", "tomato, then blight"); title <= text || text <= m.Weigh("x", "tomato only") {
		t.Error("a title weighs no more than a text, or two words no more than one")
	}
}

// Whatever somebody types is understood somehow, in words that hold nothing
// but letters, digits and marks, and marks places that are in the text.
func FuzzParseSearch(f *testing.F) {
	for _, text := range []string{`a "b c" -d e* author:x before:2026`, "日本語 สวัสดี", "\x00\xff'\\:*&|!<->()", "ﬁ ½ ß İ", "e\u0301\u200d"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, search, text string) {
		s := community.ParseSearch(search)
		for _, term := range s.Terms {
			for _, word := range term.Words {
				if word == "" || len(word) > community.MaxToken || strings.ContainsAny(word, " '\"\\:*()&|!<>{}^+-.,\x00") || !utf8.ValidString(word) {
					t.Errorf("%q holds the word %q", search, word)
				}
			}
		}
		for _, list := range [][]string{s.Languages, s.Sites, s.Kinds} {
			for _, v := range list {
				if strings.ContainsAny(v, " '\"\\*()&|") {
					t.Errorf("%q holds %q", search, v)
				}
			}
		}
		m := &community.Matches{Terms: s.Terms}
		excerpt, spans := m.Excerpt(text, 100)
		last, length := 0, len(utf16.Encode([]rune(excerpt)))
		for _, span := range spans {
			if span[0] < last || span[1] <= span[0] || span[1] > length {
				t.Fatalf("%v of %q, which has %d", spans, excerpt, length)
			}
			last = span[1]
		}
		m.Weigh(text, text)
	})
}
