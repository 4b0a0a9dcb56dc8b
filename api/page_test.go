package api_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

var islandPattern = regexp.MustCompile(`(?s)<script type="application/json" id="ds-data">(.*?)</script>`)

// island is the data that a page brings, by the address it answers.
func (r *reply) island() map[string]json.RawMessage {
	r.t.Helper()
	found := islandPattern.FindStringSubmatch(r.text)
	if found == nil {
		r.t.Fatalf("no island: %.500s", r.text)
	}
	data := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		r.t.Fatalf("the island is no JSON: %v", err)
	}
	return data
}

// pages are every kind of page, with what its island must answer.
var pages = map[string][]string{
	"/":                      {"/feed?view=all", "/groups?limit=8&sort=active"},
	"/?view=local&sort=new":  {"/feed?sort=new&view=local"},
	"/explore":               {"/groups?sort=active"},
	"/explore?q=gar":         {"/groups?q=gar&sort=active"},
	"/c/garden":              {"/groups/garden", "/groups/garden/posts"},
	"/c/garden?sort=top":     {"/groups/garden/posts?sort=top"},
	"/u/bob":                 {"/people/bob", "/people/bob/posts"},
	"/u/carol?tab=comments":  {"/people/carol", "/people/carol/comments"},
	"/post/1":                {"/posts/1", "/posts/1/comments?limit=100&sort=hot"},
	"/post/1?sort=old":       {"/posts/1/comments?limit=100&sort=old"},
	"/comment/1":             {"/comments/1?context=5", "/comments/1/replies?limit=100&sort=hot"},
	"/search?q=tomatoes":     {"/search?q=tomatoes"},
	"/login":                 {},
	"/join":                  {},
	"/submit?group=garden":   {},
	"/settings":              {},
	"/groups/new":            {},
	"/notifications":         {},
	"/c/garden?sort=nonsens": {"/groups/garden/posts"},
}

// What a page brings is what the API would have answered, byte for byte.
func TestIslands(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for path, asks := range pages {
			for _, who := range []string{"nobody", "bob"} {
				page := w.get(path, w.as(who)).is(http.StatusOK)
				data := page.island()
				for _, ask := range append([]string{"/instance", "/me"}, asks...) {
					if ask == "/feed?view=all" && who == "bob" {
						ask = "/feed?view=home" // the first page of who is signed in
					}
					got, brought := data["/api/v1"+ask]
					want := w.get("/api/v1"+ask, w.as(who)).text
					if ask == "/me" && who == "nobody" {
						want = "null"
					}
					if !brought || string(got) != want {
						t.Errorf("%s as %s: %s = %s, want %s", path, who, ask, got, want)
					}
				}
			}
		}
		if _, brought := w.get("/notifications", w.as("bob")).island()["/api/v1/notifications?grouped=true"]; !brought {
			t.Error("/notifications brings none")
		}
	})
}

// Administrators can read how deliveries go where nothing but HTML arrives,
// and nobody else can.
func TestPeersPage(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.get("/admin/peers", w.as("ada")).is(http.StatusOK).has("No other server yet", "noindex")
		now := time.Now()
		for _, host := range []string{"failing.example", "well.example"} {
			p, err := db.PeerByHost(t.Context(), host, now)
			w.check(err)
			if host == "failing.example" {
				p.Software, p.Signing, p.Unshared = "lemmy", community.SignRFC9421, true
				w.check(db.SavePeerSoftware(t.Context(), p))
				w.check(db.SavePeerSigning(t.Context(), p))
				_, _, err := db.LeasePeers(t.Context(), []community.PeerID{p.ID}, "test", now, now.Add(time.Hour))
				w.check(err)
				p.Fails, p.FailingSince, p.LastError = 3, now, "It said <no>."
				_, err = db.SaveDeliveries(t.Context(), []*community.Peer{p}, "test", now)
				w.check(err)
			}
		}
		r := w.get("/admin/peers", w.as("ada")).is(http.StatusOK).has(
			"failing.example", "well.example", "lemmy", "It said &lt;no&gt;.", "Signed by RFC 9421, takes no shared signatures",
			"Failing (1)", "Well (1)", "noindex",
		)
		if _, brought := r.island()["/api/v1/admin/peers"]; !brought {
			t.Error("the page brings no data")
		}
		w.get("/admin/peers?state=failing", w.as("ada")).is(http.StatusOK).has("failing.example").lacks("well.example")
		w.get("/admin/peers?q=well", w.as("ada")).is(http.StatusOK).has("well.example").lacks("failing.example")
		w.get("/admin/peers?q=nowhere", w.as("ada")).is(http.StatusOK).has("No such server")
		w.get("/admin/peers", w.as("alice")).is(http.StatusForbidden).lacks("failing.example")
		w.get("/admin/peers", w.as("nobody")).is(http.StatusUnauthorized).lacks("failing.example")
	})
}

func TestHeads(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	r := w.get("/post/1").is(http.StatusOK).has(
		`<title>Seedlings · Stone</title>`, `<meta name="description" content="Tomatoes to give.">`,
		`<link rel="canonical" href="https://stone.example/post/1">`,
		`<link rel="alternate" type="application/activity+json" href="https://stone.example/post/1">`,
		`<link rel="alternate" type="application/atom+xml" href="/post/1.atom"`,
		`<meta property="og:title" content="Seedlings">`, `<meta property="og:type" content="article">`,
		`<link rel="modulepreload" href="/_app/immutable/post.js">`,
		`<div id="app"><script>start()</script>`,
	).lacks("<!--ds-", "noindex")
	policy := r.Header.Get("Content-Security-Policy")
	// The hash is that of start(), by openssl.
	for _, part := range []string{"default-src 'none'", "script-src 'self' 'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='", "style-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s: %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is unsafe: %s", policy)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s = %q", name, got)
		}
	}
	if r.Header.Get("Permissions-Policy") == "" {
		t.Error("no Permissions-Policy")
	}
	w.get("/c/garden").has(`<title>Gardening · Stone</title>`, `content="For growers."`, `/c/garden.atom`)
	w.get("/u/bob").has(`<title>bob · Stone</title>`, `<meta property="og:type" content="profile">`)
	w.get("/search?q=x").has("noindex")
	w.get("/login").has("noindex", "needs JavaScript")
}

// Search engines are told who said no, on every page that shows their words.
func TestWhoSaidNoToSearchEngines(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	pages := []string{"/u/bob", "/post/1", "/c/garden", "/comment/1"}
	hidden := func(want ...string) {
		t.Helper()
		for _, path := range pages {
			r := w.get(path).is(http.StatusOK)
			no := slices.Contains(want, path)
			if got := strings.Contains(r.text, `<meta name="robots" content="noindex">`); got != no || (r.Header.Get("X-Robots-Tag") == "noindex") != no {
				t.Errorf("%s: hidden %v, %q; want %v", path, got, r.Header.Get("X-Robots-Tag"), no)
			}
		}
	}
	hidden()
	me := w.do(http.MethodPatch, "/api/v1/me", object{"indexable": false}, w.as("bob")).is(http.StatusOK).json()
	if me["indexable"] != false || me["discoverable"] != true {
		t.Errorf("me = %v", me)
	}
	hidden("/u/bob", "/post/1") // the comment is carol's
	w.do(http.MethodPatch, "/api/v1/me", object{"indexable": true, "discoverable": false}, w.as("bob")).is(http.StatusOK)
	hidden()
	g := w.do(http.MethodPatch, "/api/v1/groups/garden", object{"discoverable": false}, w.as("alice")).is(http.StatusOK).json()
	if g["discoverable"] != false || g["indexable"] != true {
		t.Errorf("the group = %v", g)
	}
	hidden("/c/garden", "/post/1", "/comment/1")
	w.get("/explore").is(http.StatusOK).lacks("/c/garden")
	w.do(http.MethodPatch, "/api/v1/groups/garden", object{"indexable": false}, w.as("bob")).is(http.StatusForbidden)
	w.get("/robots.txt").is(http.StatusOK).has("Disallow: /api/", "Disallow: /settings")
	if tag := w.get("/c/garden.atom").is(http.StatusOK).Header.Get("X-Robots-Tag"); tag != "noindex" {
		t.Errorf("a feed: %q", tag)
	}
}

// Without JavaScript everything can be read.
func TestBodies(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	for i := range 30 {
		_, err := w.posts.Publish(t.Context(), w.who["bob"].Actor, w.garden, posts.Draft{Title: fmt.Sprint("Post ", i)})
		w.check(err)
	}
	parent := w.comment.ID
	for i := range 8 {
		c, err := w.posts.Comment(t.Context(), w.who["dave"].Actor, w.post.ID, parent, posts.Draft{Body: fmt.Sprint("Level ", i)})
		w.check(err)
		parent = c.ID
	}
	home := w.get("/").has(`<h1 class="page-title">Everything</h1>`, `href="/c/garden"`, `href="/u/bob"`, `rel="next"`, `>Sign in</a>`, `>Join</a>`)
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(home.text)
	w.get("/" + html.UnescapeString(next[1])).is(http.StatusOK).has(`<ol class="courses">`).lacks(`rel="next"`)
	w.get("/c/garden").has("Looked after by", "alice", "<em>growers</em>", "More posts")
	w.get("/explore").has(`<a href="/c/garden">Gardening</a>`)
	w.get("/u/carol?tab=comments").has("Count me in", "Seedlings")
	w.get("/post/1").has("<strong>give</strong>", "Count me in", "Level 3", "Continue this wall").lacks("<p>Level 7</p>")
	w.get(fmt.Sprintf("/comment/%d", parent)).has("is-target", "<p>Level 7</p>", "<p>Level 2</p>").lacks("<p>Level 0</p>")
	w.get("/search?q=tomatoes").has("Seedlings")
	w.get("/", w.as("bob")).has(`aria-current="page">Home</a>`, `href="/notifications"`, ">bob</a>").lacks(">Join</a>")
}

// What people write cannot become anything else.
func TestHostileWords(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	evil := `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&<!--`
	post, err := w.posts.Publish(t.Context(), w.who["bob"].Actor, w.garden, posts.Draft{Title: evil, Body: evil, Link: "https://example.org/?\"><script>alert(1)</script>"})
	w.check(err)
	_, err = w.posts.Comment(t.Context(), w.who["bob"].Actor, post.ID, 0, posts.Draft{Body: evil})
	w.check(err)
	w.do(http.MethodPatch, "/api/v1/me", object{"title": `"><script>alert(1)</script>`, "summary": evil}, w.as("bob")).is(http.StatusOK)
	w.do(http.MethodPatch, "/api/v1/groups/garden", object{"title": `</title><script>alert(1)</script>`, "summary": evil}, w.as("alice")).is(http.StatusOK)
	for _, path := range []string{"/", "/c/garden", "/u/bob", "/u/bob?tab=comments", fmt.Sprintf("/post/%d", post.ID), "/comment/2", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/explore"} {
		r := w.get(path).is(http.StatusOK).lacks("<script>alert", "onerror=alert(1)>", "<!--\"")
		if got := strings.Count(r.text, "<script") - strings.Count(r.text, `<script type="application/ld+json">{`); got != 3 { // the theme, the island, the app
			t.Errorf("%s has %d scripts", path, got)
		}
		r.island()
	}
	var feed struct {
		Title string `xml:"title"`
	}
	if err := xml.Unmarshal([]byte(w.get("/c/garden.atom").is(http.StatusOK).text), &feed); err != nil || feed.Title != "</title><script>alert(1)</script>" {
		t.Errorf("the feed's title is %q: %v", feed.Title, err)
	}
}

func TestPageStatuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	w.check(w.posts.Delete(t.Context(), w.who["bob"].Actor, w.post.ID, community.Origin{}))
	w.check(w.posts.DeleteComment(t.Context(), w.who["carol"].Actor, w.comment.ID, community.Origin{}))
	tests := []struct {
		path   string
		status int
		key    string // the problem in the island
	}{
		{"/nothing", 404, ""},
		{"/c/nothing", 404, "/api/v1/groups/nothing"},
		{"/u/nobody", 404, "/api/v1/people/nobody"},
		{"/post/99", 404, "/api/v1/posts/99"},
		{"/post/abc", 404, ""},
		{"/post/01", 404, ""},
		{"/comment/99", 404, "/api/v1/comments/99?context=5"},
		{"/c/nothing.atom", 404, ""},
		{"/post/1", 410, ""},
		{"/comment/1", 410, ""},
		{"/?view=home", 401, "/api/v1/feed?view=home"},
		{"/?cursor=xyz", 422, "/api/v1/feed?cursor=xyz&view=all"},
		{"/_app/immutable/nothing.js", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			w := w.in(t)
			r := w.get(test.path).is(test.status).has("<main")
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				t.Errorf("Content-Type = %q", r.Header.Get("Content-Type"))
			}
			if test.key == "" {
				return
			}
			var problem object
			if err := json.Unmarshal(r.island()[test.key], &problem); err != nil || problem["status"] != float64(test.status) || problem["code"] != codes[test.status] {
				t.Errorf("the island has %v for %s: %v", problem, test.key, err)
			}
		})
	}
	w.do(http.MethodPost, "/explore", object{}).is(http.StatusMethodNotAllowed).has("<main")
	w.get("/post/1").has("Deleted by its author.", "noindex").lacks("Tomatoes")
}

func TestPageCaching(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	r := w.get("/post/1").is(http.StatusOK)
	tag := r.Header.Get("ETag")
	if tag == "" || !strings.HasPrefix(r.Header.Get("Cache-Control"), "public") || !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Cookie") {
		t.Errorf("headers = %v", r.Header)
	}
	again := w.get("/post/1", header("If-None-Match", `"other", `+tag)).is(http.StatusNotModified)
	if again.text != "" || again.Header.Get("ETag") != tag {
		t.Errorf("304 with %q, %v", again.text, again.Header)
	}
	_, with := w.browser("bob")
	mine := w.get("/post/1", with, header("If-None-Match", tag)).is(http.StatusOK)
	if mine.Header.Get("Cache-Control") != "private, no-store" || mine.Header.Get("ETag") != "" {
		t.Errorf("headers = %v", mine.Header)
	}
	if c := mine.cookie("__Host-drystone"); c == nil || c.MaxAge < 3600 || !c.HttpOnly || !c.Secure {
		t.Errorf("the cookie does not slide: %v", c)
	}
	if c := w.get("/post/1", w.as("bob")).Cookies(); len(c) != 0 {
		t.Errorf("a program gets cookies: %v", c)
	}
	packed := w.get("/post/1", header("Accept-Encoding", "gzip")).is(http.StatusOK)
	if packed.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("headers = %v", packed.Header)
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	js := w.get("/_app/immutable/post.js").is(http.StatusOK)
	if js.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(js.Header.Get("Cache-Control"), "immutable") || js.Header.Get("ETag") == "" {
		t.Errorf("headers = %v", js.Header)
	}
	w.get("/_app/immutable/post.js", header("If-None-Match", js.Header.Get("ETag"))).is(http.StatusNotModified)
	packed := w.get("/_app/immutable/post.js", header("Accept-Encoding", "br, gzip")).is(http.StatusOK)
	if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.text) >= len(js.text) || packed.Header.Get("ETag") == js.Header.Get("ETag") {
		t.Errorf("%d bytes, headers = %v", len(packed.text), packed.Header)
	}
	if br := w.get("/_app/immutable/br.css", header("Accept-Encoding", "gzip, br")).is(http.StatusOK); br.text != "brotli" || br.Header.Get("Content-Encoding") != "br" || br.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%q, headers = %v", br.text, br.Header)
	}
	if none := w.get("/_app/immutable/br.css", header("Accept-Encoding", "br;q=0")).is(http.StatusOK); none.text != "plain" {
		t.Errorf("%q", none.text)
	}
	if icon := w.get("/favicon.svg").is(http.StatusOK); icon.Header.Get("Content-Type") != "image/svg+xml" || strings.Contains(icon.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("headers = %v", icon.Header)
	}
	w.get("/theme.js").is(http.StatusOK)
	w.get("/index.html").is(http.StatusNotFound)
	w.get("/_app/../index.html").is(http.StatusNotFound)
	w.get("/robots.txt").is(http.StatusOK).has("User-agent: *")
	if m := w.get("/manifest.webmanifest").is(http.StatusOK).json(); m["name"] != "Stone" {
		t.Errorf("the manifest = %v", m)
	}
}

// A server that was built without its web app can still be read.
func TestWithoutApp(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) {
		o.Build = fstest.MapFS{".keep": {Data: nil}}
	}).settle()
	r := w.get("/post/1").is(http.StatusOK).has("Seedlings", "<strong>give</strong>", "built without its web app")
	if strings.Contains(r.Header.Get("Content-Security-Policy"), "sha256") {
		t.Error("the policy allows a script")
	}
	w.get("/favicon.svg").is(http.StatusNotFound)
}

// elements counts the elements of a document, which must be well-formed.
func elements(t *testing.T, text string) map[string]int {
	t.Helper()
	count := map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if err == io.EOF { //nolint:errorlint // as documented
			return count
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if start, is := token.(xml.StartElement); is {
			count[start.Name.Local]++
		}
	}
}
