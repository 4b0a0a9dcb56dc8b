package markup

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every file in testdata has beside it what it becomes.
func TestGolden(t *testing.T) {
	for pattern, show := range map[string]func(string) string{
		"testdata/markdown/*.md": Render, "testdata/remote/*.html": Sanitize,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				got := show(string(source))
				checkSafe(t, file, got)
				golden(t, file+".golden", got+"--- text\n"+Text(got)+"\n")
			})
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func TestRender(t *testing.T) {
	tests := []struct{ name, markdown, want string }{
		{"nothing", "", ""},
		{"a line break", "a\nb", "<p>a<br>\nb</p>\n"},
		{"HTML is text", `<b onclick="x">`, "<p>&lt;b onclick=&#34;x&#34;&gt;</p>\n"},
		{"HTML blocks are text", "<div>\n*a*\n</div>", "<p>&lt;div&gt;<br>\n<em>a</em><br>\n&lt;/div&gt;</p>\n"},
		{"headings are lowered", "# a\n# b\n### c\n###### d", "<h3>a</h3>\n<h3>b</h3>\n<h5>c</h5>\n<h6>d</h6>\n"},
		{"small headings stay small", "#### a", "<h4>a</h4>\n"},
		{"a mention", "@alice", `<p><a href="/u/alice" class="mention">@alice</a></p>` + "\n"},
		{"a host in capitals", "@Bob@Example.ORG", `<p><a href="/u/Bob@example.org" class="mention">@Bob@example.org</a></p>` + "\n"},
		{"a group", "!garden", `<p><a href="/c/garden" class="mention">!garden</a></p>` + "\n"},
		{"a remote group", "(!cats@x.test)", `<p>(<a href="/c/cats@x.test" class="mention">!cats@x.test</a>)</p>` + "\n"},
		{"no mention in a word", "a@b !!c d!e f@", "<p>a@b !!c d!e f@</p>\n"},
		{"a link here", "[x](/post/5)", `<p><a href="/post/5">x</a></p>` + "\n"},
		{"a link elsewhere", "[x](https://x.test)", `<p><a href="https://x.test" rel="nofollow noopener ugc">x</a></p>` + "\n"},
		{"a link with spaces", "[x](<https://x.test/a b>)", `<p><a href="https://x.test/a%20b" rel="nofollow noopener ugc">x</a></p>` + "\n"},
		{"a link to nowhere", "[x](gopher://x.test)", "<p>x</p>\n"},
		{"a picture here", "![a](/media/1)", `<p><img src="/media/1" alt="a" loading="lazy"></p>` + "\n"},
		{"a picture by http", "![a](http://x.test/1)", "<p>a</p>\n"},
		{"code keeps its language", "```c++\nx\n```", `<pre><code class="language-c++">x` + "\n</code></pre>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Render(test.markdown)); diff != "" {
				t.Errorf("Render(%q) (-want +got):\n%s", test.markdown, diff)
			}
		})
	}
}

// Footnotes of two texts on one page do not meet.
func TestFootnotesOfTwoTexts(t *testing.T) {
	a, b := Render("x[^1]\n\n[^1]: a"), Render("x[^1]\n\n[^1]: b")
	id := func(html string) string {
		_, rest, _ := strings.Cut(html, ` id="`)
		id, _, _ := strings.Cut(rest, `"`)
		return id
	}
	if id(a) == "" || id(a) == id(b) || !strings.Contains(a, `href="#`+id(a)+`"`) {
		t.Errorf("ids %q and %q in\n%s", id(a), id(b), a)
	}
}

// What comes from elsewhere has no business with our paths, and what we send
// must name us.
func TestRelativeLinks(t *testing.T) {
	html := Render("@alice [x](/post/1) ![y](/media/2) `href=\"/no\"`")
	want := `<p><a href="https://a.test/u/alice" class="mention">@alice</a> <a href="https://a.test/post/1">x</a> ` +
		`<img src="https://a.test/media/2" alt="y" loading="lazy"> <code>href=&#34;/no&#34;</code></p>` + "\n"
	if got := Absolute(html, "https://a.test"); got != want {
		t.Errorf("Absolute = %s", got)
	}
	if got := Sanitize(`<a href="/logout">x</a><img src="/media/2" alt="y">`); got != "xy" {
		t.Errorf("Sanitize = %s", got)
	}
}

func TestMentions(t *testing.T) {
	got := Mentions("@alice @Bob@Example.org @ALICE `@code` [@link](https://x.test) !garden\n\n> @quoted\n\n::: spoiler @title\n@hidden\n:::")
	if want := []string{"alice", "Bob@example.org", "quoted", "hidden"}; !slices.Equal(got, want) {
		t.Errorf("Mentions = %q, want %q", got, want)
	}
}

func TestText(t *testing.T) {
	tests := []struct{ html, text, excerpt, first string }{
		{"", "", "", ""},
		{"plain", "plain", "plain", "plain"},
		{"<p>a<br>b</p><p>c &amp; d</p>", "a\nb\nc & d", "a b c & d", "a"},
		{"<p>a\n  b</p>", "a b", "a b", "a b"},
		{"<pre>a\n  b</pre>", "a\nb", "a b", "a"},
		{"<ul><li>a</li><li>b</li></ul>", "a\nb", "a b", "a"},
		{"<table><tr><td>a</td><td>b</td></tr></table>", "a b", "a b", "a b"},
		{"<script>alert(1)</script><style>x</style>a", "a", "a", "a"},
		{`<img src="x" alt="a cat">`, "a cat", "a cat", "a cat"},
		{"<details><summary>Who?</summary>The butler.</details><p>Well?</p>", "Who?\nThe butler.\nWell?", "Who? Well?", "Who?"},
		{
			`<p><span class="h-card"><a href="https://a.test/c/g">@<span>garden</span></a></span> Which peas?</p><p>More</p>`,
			"@garden Which peas?\nMore", "@garden Which peas? More", "Which peas?",
		},
		{"<p>@a@b.test, !c@d.test: hello @e</p>", "@a@b.test, !c@d.test: hello @e", "@a@b.test, !c@d.test: hello @e", "hello @e"},
		{"<p>@garden</p><p>Hello</p>", "@garden\nHello", "@garden Hello", "Hello"},
		{"<p>@garden @b@c.test</p>", "@garden @b@c.test", "@garden @b@c.test", ""},
		{"<p>@ 5 pm</p>", "@ 5 pm", "@ 5 pm", "@ 5 pm"},
		{"<section>a</section><div>b</div>", "a\nb", "a b", "a"},
	}
	for _, test := range tests {
		if got := Text(test.html); got != test.text {
			t.Errorf("Text(%q) = %q, want %q", test.html, got, test.text)
		}
		if got := Excerpt(test.html, 200); got != test.excerpt {
			t.Errorf("Excerpt(%q) = %q, want %q", test.html, got, test.excerpt)
		}
		if got := FirstLine(test.html, 200); got != test.first {
			t.Errorf("FirstLine(%q) = %q, want %q", test.html, got, test.first)
		}
	}
}

func TestExcerptIsShort(t *testing.T) {
	tests := []struct {
		html string
		most int
		want string
	}{
		{"a bed of peas", 13, "a bed of peas"},
		{"a bed of peas", 12, "a bed of…"},
		{"a bed, of peas", 10, "a bed, of…"},
		{"a bed, of peas", 8, "a bed…"},
		{"Donaudampfschifffahrt", 6, "Donau…"},
		{"äöüäöü", 4, "äöü…"},
		{"ae\u0301e\u0301", 4, "ae\u0301…"},
		{"👩\u200d🌾👩\u200d🌾", 5, "👩\u200d🌾…"},
		{"long", 1, "…"},
		{"long", 0, ""},
	}
	for _, test := range tests {
		if got := Excerpt(test.html, test.most); got != test.want {
			t.Errorf("Excerpt(%q, %d) = %q, want %q", test.html, test.most, got, test.want)
		}
	}
}

// Short texts must not become long work, nor long HTML, nor deep trees.
func TestBounds(t *testing.T) {
	const length = 60_000 // more than the longest post has
	fill := func(s string) string { return strings.Repeat(s, length/len(s)) }
	long := map[string]string{
		"quotes in quotes":   fill(">"),
		"quotes over lines":  fill(strings.Repeat(">", 1999) + "\n"),
		"lists in lists":     fill("- "),
		"brackets":           fill("["),
		"closing brackets":   fill("]"),
		"half links":         fill("[a]("),
		"half pictures":      fill("!["),
		"half autolinks":     fill("<http:"),
		"half titles":        fill(`[a](b "`),
		"emphasis":           fill("*a_ "),
		"strikethrough":      fill("a~~b"),
		"mixed marks":        fill("a*b_c~"),
		"backticks":          fill("`a"),
		"spoilers":           fill("::: spoiler\n"),
		"mentions":           fill("@a "),
		"addresses":          fill("http://a.b(((("),
		"references":         fill("[a]: b\n"),
		"a long reference":   "[a]: /" + strings.Repeat("x", length/8) + "\n\n" + strings.Repeat("[a] ", length/4),
		"footnotes":          "[^1]: x\n\n" + fill("[^1]"),
		"a wide table":       strings.Repeat("|a", 5000) + "|\n" + strings.Repeat("|-", 5000) + "|\n" + fill("|\n"),
		"a long table":       "|a|b|\n|-|-|\n" + fill("|a|b|\n"),
		"elements":           fill("<div>"),
		"headings":           fill("<h1>"),
		"links":              fill("<a href=https://a.test>"),
		"ends without start": fill("<i>") + fill("</b>"),
		"entities":           fill("&"),
		"quotation marks":    fill(`"`),
		"tables in tables":   fill("<table><tr><td>"),
		"comments":           fill("<!--"),
		"unseen in unseen":   fill("<svg>"),
		"attributes":         "<p " + fill("a=b "),
		"more than is read":  strings.Repeat(`"`, 3*maxInput),
	}
	for name, source := range long {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			rendered, clean := Render(source), Sanitize(source)
			Text(source)
			checkGrowth(t, source, time.Since(start))
			if len(rendered) > maxRendered || len(clean) > maxInput {
				t.Errorf("%d bytes rendered, %d bytes clean", len(rendered), len(clean))
			}
			if depth(rendered) > maxDepth || depth(clean) > maxDepth {
				t.Errorf("%d levels rendered, %d levels clean", depth(rendered), depth(clean))
			}
			if again := Sanitize(clean); again != clean {
				t.Error("Sanitize does not settle")
			}
		})
	}
}

// checkGrowth fails the test if reading a text took long, and much more than
// four times as long as a quarter of it takes. Time alone would blame a busy machine,
// and so would one try: the shortest of some is compared.
func checkGrowth(t *testing.T, source string, all time.Duration) {
	t.Helper()
	quarter := time.Duration(math.MaxInt64)
	for range 5 {
		if all < time.Second {
			return
		}
		quarter = min(quarter, timeOf(source[:len(source)/4]))
		if all <= 10*quarter {
			return
		}
		all = min(all, timeOf(source))
	}
	t.Errorf("it takes %v, a quarter of it %v", all, quarter)
}

func timeOf(source string) time.Duration {
	start := time.Now()
	Render(source)
	Sanitize(source)
	Text(source)
	return time.Since(start)
}

// depth is how deep the elements of well-formed HTML nest.
func depth(html string) int {
	now, most := 0, 0
	for i := strings.IndexByte(html, '<'); i >= 0 && i < len(html)-1; {
		if html[i+1] == '/' {
			now--
		} else if !strings.HasPrefix(html[i:], "<br") && !strings.HasPrefix(html[i:], "<hr") && !strings.HasPrefix(html[i:], "<img") {
			now++
		}
		most = max(most, now)
		next := strings.IndexByte(html[i+1:], '<')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return most
}

// A text that is cut ends well: elements are ended, characters are whole.
func TestCutTextsAreWhole(t *testing.T) {
	for _, unit := range []string{"ä", "&amp;", "<b>x</b>", "<p>ä", `"`, "<a href=https://a.test>x</a>"} {
		for pad := range 8 {
			const limit = 500
			source := "<em>" + strings.Repeat("x", pad) + strings.Repeat(unit, limit)
			short := clean(source, limit, false)
			checkSafe(t, unit, short)
			if !strings.HasSuffix(short, "</em>") || len(short) > limit || clean(short, limit, false) != short || finish(short) != short {
				t.Errorf("%q: %d bytes: %q", unit, len(short), short)
			}
		}
	}
}

func TestHashtags(t *testing.T) {
	tests := []struct{ markdown, html string }{
		{"#Garden", `<p><a href="/t/garden" class="hashtag">#Garden</a></p>`},
		{"(#peas, #Bohnen_2)", `<p>(<a href="/t/peas" class="hashtag">#peas</a>, <a href="/t/bohnen_2" class="hashtag">#Bohnen_2</a>)</p>`},
		{"#Öl #жук #日本", `<p><a href="/t/%C3%B6l" class="hashtag">#Öl</a> <a href="/t/%D0%B6%D1%83%D0%BA" class="hashtag">#жук</a> <a href="/t/%E6%97%A5%E6%9C%AC" class="hashtag">#日本</a></p>`},
		{"#2026 is a year, C#major, x#y, #a#b, ##c, /#d", "<p>#2026 is a year, C#major, x#y, #a#b, ##c, /#d</p>"},
		{"`#code` [#link](https://x.test)", `<p><code>#code</code> <a href="https://x.test" rel="nofollow noopener ugc">#link</a></p>`},
		{"# heading", "<h3>heading</h3>"},
		{"#" + strings.Repeat("a", MaxHashtag+1), "<p>#" + strings.Repeat("a", MaxHashtag+1) + "</p>"},
		{"#\u0301x #a\u202eb", "<p>#\u0301x <a href=\"/t/a\" class=\"hashtag\">#a</a>\u202eb</p>"},
	}
	for _, test := range tests {
		if got := Render(test.markdown); got != test.html+"\n" {
			t.Errorf("Render(%q) = %s\nwant %s", test.markdown, got, test.html)
		}
	}
	if got := Hashtags("#a #B #A `#c` > #d\n\n> #e"); !slices.Equal(got, []string{"a", "B", "d", "e"}) {
		t.Errorf("Hashtags = %q", got)
	}
	if got := HashtagsInLine("#a: on #b's #1 and c#d"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("HashtagsInLine = %q", got)
	}
}

// Hashtags of others lead to our pages, whatever their own are called.
func TestRemoteHashtags(t *testing.T) {
	for source, want := range map[string]string{
		`<a href="https://m.test/tags/Peas" class="mention hashtag" rel="tag">#<span>Peas</span></a>`: `<a href="/t/peas" class="mention hashtag">#Peas</a>`,
		`<a href="https://m.test/t/%C3%96L?x=1" class="hashtag">#Öl</a>`:                              `<a href="/t/%C3%B6l" class="hashtag">#Öl</a>`,
		`<a href="https://m.test/t/a%2F..%2Fb" class="hashtag">x</a>`:                                 `<a href="/t/b" class="hashtag">x</a>`,
		`<a href="https://m.test/t/a.b" class="hashtag">x</a>`:                                        `<a href="https://m.test/t/a.b" class="hashtag" rel="nofollow noopener ugc">x</a>`,
		`<a href="/logout" class="hashtag">x</a>`:                                                     `x`,
		`<a href="javascript:alert" class="hashtag">x</a>`:                                            `x`,
		`<a href="https://m.test/tags/x">x</a>`:                                                       `<a href="https://m.test/tags/x" rel="nofollow noopener ugc">x</a>`,
	} {
		got := Sanitize(source)
		checkSafe(t, source, got)
		if got != want || Sanitize(got) != got {
			t.Errorf("Sanitize(%s) = %s, and again %s", source, got, Sanitize(got))
		}
	}
}
