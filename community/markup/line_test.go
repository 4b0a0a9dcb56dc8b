package markup

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	const a = `<a href="https://a.example/" rel="me nofollow noopener ugc">a.example</a>`
	for _, test := range []struct{ text, html, link string }{
		{"Ghent", "Ghent", ""},
		{" https://a.example/ ", a, "https://a.example/"},
		{"see https://a.example/.", "see " + a + ".", ""},
		{"(https://a.example/)", "(" + a + ")", ""},
		{"http://a.example/?x=1&y=2", `<a href="http://a.example/?x=1&amp;y=2" rel="me nofollow noopener ugc">a.example/?x=1&amp;y=2</a>`, "http://a.example/?x=1&y=2"},
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", ""},
		{"**bold** [x](https://a.example/)", "**bold** [x](" + a + ")", ""},
		{`https://a.example/"onclick="x`, a + `&#34;onclick=&#34;x`, ""},
		{"javascript:alert(1)", "javascript:alert(1)", ""},
		{"https://", "https://", ""},
		{"https://bank.example@a.example/", "https://bank.example@a.example/", ""},
		{"שלום https://a.example/", "שלום " + a, ""},
	} {
		html, link := Line(test.text)
		if html != test.html || link != test.link {
			t.Errorf("Line(%q) = %q, %q; want %q, %q", test.text, html, link, test.html, test.link)
		}
	}
}

// Whatever it says, a line holds links and nothing else.
func FuzzLine(f *testing.F) {
	for _, text := range []string{"https://a.example/x", `https://a"onload=x`, "<b>", "https://a.example/<script>", "a https://b.example' c"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		html, link := Line(text)
		rest := html
		for {
			before, after, found := strings.Cut(rest, `<a href="http`)
			if strings.ContainsAny(before, `<>"`) {
				t.Fatalf("Line(%q) = %q", text, html)
			}
			if !found {
				break
			}
			address, after, _ := strings.Cut(after, `" rel="me nofollow noopener ugc">`)
			shown, after, closed := strings.Cut(after, `</a>`)
			if !closed || strings.ContainsAny(address+shown, `<>"`) {
				t.Fatalf("Line(%q) = %q", text, html)
			}
			rest = after
		}
		if link != "" && link != strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD") {
			t.Errorf("Line(%q) leads to %q", text, link)
		}
	})
}
