package markup

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What may be in HTML that we show, said a second time: a change of the
// policy must be made here as well.
var (
	safeElements = strings.Fields(`a abbr b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em
		figcaption figure h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub
		summary sup table tbody td tfoot th thead tr u ul var wbr`)
	safeAttributes = strings.Fields(`align alt class colspan dir height href id lang loading rel role rowspan src
		start title width`)
	safeClasses = strings.Fields(`mention u-url hashtag h-card invisible ellipsis footnotes footnote-ref
		footnote-backref emoji`)
)

// checkSafe fails the test if HTML that we would show could do anything but
// be read. It reads it as a browser would, and once more what a browser would
// write of it.
func checkSafe(t *testing.T, source, shown string) {
	t.Helper()
	if !utf8.ValidString(shown) {
		t.Errorf("%.300q\nbecame text that is not UTF-8: %.300q", source, shown)
	}
	if lower := strings.ToLower(shown); strings.Contains(lower, "<script") || strings.Contains(lower, "<!--") {
		t.Errorf("%.300q\nbecame %.300q", source, shown)
	}
	for range 2 {
		body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
		nodes, err := html.ParseFragment(strings.NewReader(shown), body)
		if err != nil {
			t.Fatalf("%.300q\nbecame %.300q, which cannot be read: %v", source, shown, err)
		}
		var out strings.Builder
		for _, node := range nodes {
			for n := range node.Descendants() {
				checkNode(t, source, n)
			}
			checkNode(t, source, node)
			if err := html.Render(&out, node); err != nil {
				t.Fatal(err)
			}
		}
		shown = out.String()
	}
}

func checkNode(t *testing.T, source string, n *html.Node) {
	t.Helper()
	if n.Type == html.TextNode {
		return
	}
	if n.Type != html.ElementNode || n.Namespace != "" || !slices.Contains(safeElements, n.Data) {
		t.Errorf("%.300q\nshows a node %d %s %q", source, n.Type, n.Namespace, n.Data)
		return
	}
	for _, attr := range n.Attr {
		if attr.Namespace != "" || !slices.Contains(safeAttributes, attr.Key) {
			t.Errorf("%.300q\nshows <%s %s=%q>", source, n.Data, attr.Key, attr.Val)
		}
		switch attr.Key {
		case "href", "src":
			checkAddress(t, source, attr.Val)
		case "class":
			for _, class := range strings.Fields(attr.Val) {
				if !slices.Contains(safeClasses, class) && !strings.HasPrefix(class, "language-") {
					t.Errorf("%.300q\nshows the class %q", source, class)
				}
			}
		}
	}
}

// checkAddress refuses addresses that a browser would run, or that lead to
// another server without saying so.
func checkAddress(t *testing.T, source, address string) {
	t.Helper()
	squeezed := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, address))
	scheme, _, _ := strings.Cut(squeezed, ":")
	switch {
	case squeezed != strings.ToLower(address):
		t.Errorf("%.300q\nshows the address %q with spaces", source, address)
	case strings.HasPrefix(squeezed, "#"), scheme == "http", scheme == "https", scheme == "mailto":
	case strings.HasPrefix(squeezed, "/") && !strings.HasPrefix(squeezed, "//") && !strings.HasPrefix(squeezed, `/\`):
	default:
		t.Errorf("%.300q\nshows the address %q", source, address)
	}
	if _, err := url.Parse(address); err != nil {
		t.Errorf("%.300q\nshows the address %q: %v", source, address, err)
	}
}

// vectors are attacks, alone and as they are nested into each other.
var vectors = []string{
	`<script>alert(1)</script>`,
	`<ScRiPt src=//evil.test/x.js></sCrIpT>`,
	`<script/x>alert(1)</script>`,
	`<<script>script>alert(1)<</script>/script>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	"<script\x00>alert(1)</script>",
	"<scri\x00pt>alert(1)</scri\x00pt>",
	`<script>alert(1)`,
	`<svg><script>alert(1)</script></svg>`,
	`<svg onload=alert(1)>`,
	`<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>`,
	`<svg><animate attributeName=href values=javascript:alert(1) /><a id=x>y</a></svg>`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
	`<svg><desc><table><svg/onload=alert(1)>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<math><mi//xlink:href="data:x,<script>alert(4)</script>">`,
	`<math href="javascript:alert(1)">x</math>`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`,
	`<img src=x onerror=alert(1)>`,
	`<img src="https://x.test/a.png" onerror="alert(1)">`,
	`<img src="javascript:alert(1)">`,
	`<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">`,
	`<img """><script>alert(1)</script>">`,
	"<img src=`x` onerror=alert(1)>",
	`<img src="https://x.test/a.png" alt="&quot;><script>alert(1)</script>">`,
	`<img/src="https://x.test/"/onerror=alert(1)//>`,
	`<image src=x onerror=alert(1)>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href="JaVaScRiPt:alert(1)">x</a>`,
	`<a href=" javascript:alert(1)">x</a>`,
	"<a href=\"java\tscript:alert(1)\">x</a>",
	"<a href=\"java\nscript:alert(1)\">x</a>",
	"<a href=\"java\x00script:alert(1)\">x</a>",
	"<a href=\"\x01javascript:alert(1)\">x</a>",
	`<a href="&#106;avascript:alert(1)">x</a>`,
	`<a href="&#0000106avascript&colon;alert(1)">x</a>`,
	`<a href="&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&#x3A;alert(1)">x</a>`,
	`<a href="java&Tab;script&colon;alert(1)">x</a>`,
	`<a href="java&NewLine;script:alert(1)">x</a>`,
	`<a href="&#1;javascript:alert(1)">x</a>`,
	`<a href="javascript&#58;alert(1)">x</a>`,
	`<a href="javascript&#x3a alert(1)">x</a>`,
	`<a href="%6Aavascript:alert(1)">x</a>`,
	`<a href="vbscript:msgbox(1)">x</a>`,
	`<a href="data:text/html,<script>alert(1)</script>">x</a>`,
	`<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>`,
	`<a href="blob:https://x.test/1">x</a>`,
	`<a href="filesystem:https://x.test/1">x</a>`,
	`<a href="view-source:https://x.test/">x</a>`,
	`<a href="//evil.test/">x</a>`,
	`<a href="/\evil.test/">x</a>`,
	`<a href="\\evil.test/">x</a>`,
	`<a href="https:evil.test">x</a>`,
	`<a href="https://evil.test" target="_top" rel="opener" ping="https://evil.test">x</a>`,
	`<a href=https://x.test/ style="position:fixed;inset:0" onclick=alert(1)>x</a>`,
	`<a href="https://x.test/" href="javascript:alert(1)">x</a>`,
	`<a onmouseover="alert(1)"href=https://x.test>x</a>`,
	`<a href="https://x.test/&quot; onclick=&quot;alert(1)">x</a>`,
	`<a href='https://x.test/"onclick="alert(1)'>x</a>`,
	`<a href="#" id="body" name="body">x</a>`,
	`<p id="location" class="modal login">x</p>`,
	`<p style="background:url(javascript:alert(1))">x</p>`,
	`<p style="width:expression(alert(1))">x</p>`,
	`<style>@import "//evil.test";body{display:none}</style>`,
	`<style><!--</style><script>alert(1)//--></script>`,
	`<link rel=stylesheet href=//evil.test>`,
	`<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<base href="https://evil.test/">`,
	`<iframe src="javascript:alert(1)"></iframe>`,
	`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
	`<iframe srcdoc="&lt;img src=x onerror=alert(1)&gt;">`,
	`<iframe><img title="</iframe><img src=x onerror=alert(1)>"></iframe>`,
	`<object data="javascript:alert(1)"></object>`,
	`<object><param name=x value=y><embed src=//evil.test></object>`,
	`<embed src="javascript:alert(1)">`,
	`<applet code=x></applet>`,
	`<form action="javascript:alert(1)"><input type=submit><button formaction=javascript:alert(1)>x</button></form>`,
	`<input onfocus=alert(1) autofocus>`,
	`<select onfocus=alert(1) autofocus><option>x</select>`,
	`<textarea onfocus=alert(1) autofocus></textarea>`,
	`<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>`,
	`<keygen onfocus=alert(1) autofocus>`,
	`<video><source onerror="alert(1)"></video>`,
	`<video poster=javascript:alert(1) src=x onerror=alert(1)></video>`,
	`<audio src=x onerror=alert(1)>`,
	`<details open ontoggle=alert(1)>x</details>`,
	`<marquee onstart=alert(1)>x</marquee>`,
	`<body onload=alert(1)>`,
	`<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>`,
	`<table background="javascript:alert(1)"><td background="javascript:alert(1)">x</table>`,
	`<isindex action=javascript:alert(1) type=image>`,
	`<template><script>alert(1)</script></template>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
	`<noembed><img title="</noembed><img src=x onerror=alert(1)>"></noembed>`,
	`<noframes><img title="</noframes><img src=x onerror=alert(1)>"></noframes>`,
	`<title><img title="</title><img src=x onerror=alert(1)>"></title>`,
	`<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>`,
	`<plaintext><img src=x onerror=alert(1)>`,
	`<listing>&lt;img src=x onerror=alert(1)&gt;</listing>`,
	`<!-- <img src=x onerror=alert(1)> -->`,
	`<!--><img src=x onerror=alert(1)>-->`,
	`<!-- unclosed <img src=x onerror=alert(1)>`,
	`<!-- x --!><img src=x onerror=alert(1)>`,
	`<!DOCTYPE html [<!ENTITY x "<script>alert(1)</script>">]>&x;`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?xml version="1.0"?><?php <script>alert(1)</script> ?>`,
	`</script><script>alert(1)</script>`,
	`</p></div></body><script>alert(1)</script>`,
	`<p title="x" onclick`,
	`<img src=x onerror=alert(1)`,
	`<a href="https://x.test/`,
	`<p dir="rtl onclick=alert(1)" lang='"><script>alert(1)</script>'>x</p>`,
	`<code class="language-x onload" class="language-<script>">x</code>`,
	`<abbr title="</abbr><script>alert(1)</script>">x</abbr>`,
	`<li id="n00000000-fn:1&quot; onclick=&quot;alert(1)">x</li>`,
	`<custom-element onconnected=alert(1)>x</custom-element>`,
	`<p><svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>`,
	`<table><a href="javascript:alert(1)"><table><a href="https://x.test/">x`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`,
	`+ADw-script+AD4-alert(1)+ADw-/script+AD4-`,
	"\u202e<script>alert(1)</script>",
	// in Markdown
	`[x](javascript:alert(1))`,
	`[x](JAVASCRIPT:alert(1))`,
	`[x](&#106;avascript:alert(1))`,
	`[x](javascript&colon;alert(1))`,
	"[x](<java\tscript:alert(1)>)",
	`[x](java%0ascript:alert(1))`,
	`[x](\javascript:alert(1))`,
	`[x](data:text/html,<script>alert(1)</script>)`,
	`[x](https://x.test/ "\" onclick=alert(1)")`,
	`[x](https://x.test/"onclick="alert(1)`,
	`[x](//evil.test)`,
	`![x](javascript:alert(1))`,
	`![x" onerror="alert(1)](https://x.test/a.png)`,
	`![<img src=x onerror=alert(1)>](https://x.test/a.png)`,
	"[x]: javascript:alert(1)\n\n[x]",
	`<javascript:alert(1)>`,
	`<data:text/html,alert(1)>`,
	"```<script>\nalert(1)\n```",
	"```x\" onclick=\"alert(1)\nx\n```",
	"~~~ <img src=x onerror=alert(1)>\nx\n~~~",
	"::: spoiler <script>alert(1)</script>\nx\n:::",
	"[^<script>]\n\n[^<script>]: <script>alert(1)</script>",
	"|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
	`@alice"onclick="alert(1)`,
	`@a@b.test<script>alert(1)</script>`,
	`http://x.test/"onmouseover="alert(1)`,
	`<https://x.test/"onmouseover="alert(1)>`,
}

func TestNothingRuns(t *testing.T) {
	wrappings := []string{
		"%", "<p>%</p>", "<table><tr><td>%", "<pre><code>%", "> %", "- %", `<a href="https://x.test/">%</a>`,
		"<svg>%</svg>", "<b><i>%</b></i>", "a\n\n%\n\nb",
	}
	for _, vector := range vectors {
		for _, wrapping := range wrappings {
			source := strings.Replace(wrapping, "%", vector, 1)
			checkSafe(t, source, Render(source))
			clean := Sanitize(source)
			checkSafe(t, source, clean)
			if again := Sanitize(clean); again != clean {
				t.Errorf("%q\nbecame %q\nand then %q", source, clean, again)
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, vector := range vectors {
		f.Add(vector)
	}
	f.Fuzz(func(t *testing.T, source string) {
		shown := Render(source)
		checkSafe(t, source, shown)
		Mentions(source)
		if again := Sanitize(Sanitize(shown)); again != Sanitize(shown) {
			t.Errorf("%q: Sanitize does not settle on %q", source, shown)
		}
	})
}

func FuzzSanitize(f *testing.F) {
	for _, vector := range vectors {
		f.Add(vector)
	}
	f.Fuzz(func(t *testing.T, source string) {
		shown := Sanitize(source)
		checkSafe(t, source, shown)
		if again := Sanitize(shown); again != shown {
			t.Errorf("%q\nbecame %q\nand then %q", source, shown, again)
		}
		if len([]rune(Excerpt(source, 20))) > 20 || strings.Contains(Excerpt(source, 20), "\n") {
			t.Errorf("the excerpt of %q is %q", source, Excerpt(source, 20))
		}
		FirstLine(source, 20)
	})
}
