package fediverse_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	v1 "drystone/api/v1"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// The advisories of docs/security.md that need a whole server: what it shows
// to browsers and to other servers of what people and strangers wrote.

// A gallery is a server with the group garden, to which strangers post.
type gallery struct {
	t     *testing.T
	home  *server.Server
	ann   *server.User
	group string
	peer  *fediverse.Peer
	eve   *fediverse.Actor
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{t: t, home: server.New(t, testdb.SQLiteDSN(t)), peer: fediverse.NewPeer(t, "nodebb")}
	g.ann, g.eve, g.group = g.home.User("ann"), g.peer.Person("eve"), g.home.URL+"/c/garden"
	g.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	return g
}

// hangs posts an object in the group, as eve, and returns what became of it.
func (g *gallery) hangs(name string, change map[string]any) v1.Post {
	g.t.Helper()
	id := g.peer.URL + "/topic/" + name
	object := map[string]any{
		"id": id, "type": "Article", "attributedTo": g.eve.ID, "name": "Topic " + name, "content": "<p>hi</p>",
		"to": []string{as.Public}, "cc": []string{g.group}, "audience": g.group, "published": "2026-05-01T10:00:00Z",
	}
	for key, value := range change {
		object[key] = value
	}
	status, text := g.eve.Send(g.t, g.home.URL+"/inbox", map[string]any{
		"@context": as.NS, "id": id + "#create", "type": "Create", "actor": g.eve.ID, "to": object["to"], "cc": object["cc"], "object": object,
	})
	if status != http.StatusAccepted {
		g.t.Fatalf("%s: %d %s", name, status, text)
	}
	return seePost(g.t, g.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
}

// An answer is what comes before the body.
type answer struct {
	StatusCode int
	Header     http.Header
}

// get reads an address of the server as somebody who has no account there.
func (g *gallery) get(path, accept string) (answer, []byte) {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.home.URL+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header}, body
}

// harmless wants no element in a page to do what eve wants.
func (g *gallery) harmless(where, page string) {
	g.t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(page))
	inScript := false
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		token := tokens.Token()
		if kind == html.TextToken {
			if inScript && strings.Contains(token.Data, "alert(1)") && !strings.Contains(token.Data, `\u003c`) {
				g.t.Errorf("%s runs %s", where, token.Data)
			}
			continue
		}
		inScript = kind == html.StartTagToken && token.Data == "script"
		if token.Data == "iframe" || token.Data == "object" || token.Data == "embed" {
			g.t.Errorf("%s has a %s", where, token)
		}
		for _, attr := range token.Attr {
			value := strings.ToLower(strings.TrimSpace(attr.Val))
			if strings.HasPrefix(attr.Key, "on") || attr.Key == "srcdoc" || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text") || strings.HasPrefix(value, "file:") {
				g.t.Errorf("%s has %s", where, token)
			}
		}
	}
}

// CVE-2023-36459 (Mastodon): what other sites gave as a preview was shown as
// it came. Here a preview is a title, a few words and a picture, nothing else of
// it is asked for or shown, and what is written elsewhere is clean in the pages,
// the API and the feed.
func TestCVE_2023_36459_ForeignHTMLOnPages(t *testing.T) {
	g := newGallery(t)
	attack := `</p><script>alert(1)</script><img src=x onerror=alert(1)><iframe srcdoc="<script>alert(1)</script>"></iframe>` +
		`<a href="javascript:alert(1)">x</a><a href="https://a.test/" onclick="alert(1)" style="position:fixed">y</a><svg onload=alert(1)></svg>`
	preview := g.peer.ServeFunc("/linked", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<meta property="og:title" content="x"><link rel="alternate" type="application/json+oembed" href="/oembed">`+attack)
	})
	post := g.hangs("html", map[string]any{
		"name": attack, "summary": attack, "content": "<p>hi</p>" + attack, "preview": map[string]any{"type": "Note", "content": attack},
		"source":     map[string]any{"mediaType": "text/markdown", "content": attack + "\n\n[x](javascript:alert(1))"},
		"attachment": []any{map[string]any{"type": "Link", "href": preview, "name": attack, "preview": attack, "summary": attack}},
		"tag":        []any{map[string]any{"type": "Hashtag", "name": attack, "href": "javascript:alert(1)"}},
	})
	post = seePost1(t, g.ann, post.ID, "the preview", func(p v1.Post) bool { return p.Preview != nil })
	g.harmless("the API's html", post.HTML)
	g.harmless("what it links to", `<a href="`+html.EscapeString(post.Link)+`">`)
	for _, path := range []string{fmt.Sprintf("/post/%d", post.ID), "/c/garden", "/", "/search?q=hi"} {
		resp, page := g.get(path, "text/html")
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", path, resp.StatusCode)
		}
		g.harmless(path, string(page))
		if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src") || strings.Contains(policy, "'unsafe-inline'") && !strings.Contains(policy, "style-src") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	resp, feed := g.get("/c/garden.atom", "application/atom+xml")
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/atom+xml") ||
		!strings.Contains(string(feed), post.URL) || strings.Contains(string(feed), "<script") {
		t.Errorf("the feed answers %d: %s", resp.StatusCode, feed)
	}
	for path, want := range map[string]int{"/linked": 1, "/oembed": 0} {
		if n := len(g.peer.Requests(path)); n != want {
			t.Errorf("%s was asked for %d times, want %d", path, n, want)
		}
	}
}

// CVE-2023-36460 (Mastodon): a file that was attached was written where its
// name said. Here a name is words that describe a picture, and the picture is
// fetched when somebody looks at it, to where our own sum of its address says.
func TestCVE_2023_36460_NamesOfAttachmentsAreWords(t *testing.T) {
	g := newGallery(t)
	file := g.peer.ServeFunc("/media/x.png", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/png") })
	posts := []v1.Post{
		g.hangs("picture", map[string]any{"attachment": []any{map[string]any{"type": "Image", "url": file, "name": "../../../etc/cron.d/x", "mediaType": "../x"}}}),
		g.hangs("script", map[string]any{"attachment": []any{map[string]any{"type": "Link", "href": "javascript:alert(1)"}, map[string]any{"type": "Document", "url": "file:///etc/passwd"}}}),
		g.hangs("icons", map[string]any{"icon": map[string]any{"type": "Image", "url": file}, "image": map[string]any{"type": "Image", "url": file}}),
	}
	if len(posts[0].Media) != 1 || posts[0].Link != "" || len(posts[1].Media) != 0 || posts[1].Link != "" {
		t.Fatalf("they show %+v and %+v, and lead to %q and %q", posts[0].Media, posts[1].Media, posts[0].Link, posts[1].Link)
	}
	shown := posts[0].Media[0]
	if !regexp.MustCompile(`^/media/remote/post/\d+/[0-9a-f]{32}\.webp$`).MatchString(shown.URL) || shown.Alt != "../../../etc/cron.d/x" {
		t.Errorf("the picture is at %q and described as %q", shown.URL, shown.Alt)
	}
	for _, post := range posts {
		resp, page := g.get(fmt.Sprintf("/post/%d", post.ID), "text/html")
		if resp.StatusCode != http.StatusOK || strings.Contains(string(page), "passwd") ||
			regexp.MustCompile(`(src|href|url|page|thumb)"?[=:]"[^"]*\.\./`).Match(page) {
			t.Errorf("%s: %d %s", post.Title, resp.StatusCode, page)
		}
		g.harmless(post.Title, string(page))
	}
	if n := len(g.peer.Requests("/media/")); n != 0 {
		t.Errorf("the file was fetched %d times before anybody looked", n)
	}
	if resp, body := g.get(shown.URL, "image/*"); resp.StatusCode == http.StatusOK || len(g.peer.Requests("/media/")) != 1 {
		t.Errorf("a file that is no picture: %d %q, asked for %d times", resp.StatusCode, body, len(g.peer.Requests("/media/")))
	}
}

// CVE-2024-25623 and CVE-2024-25636, the other way round: nothing that people
// write or could upload here is given to other servers as an activity. What
// is served as one is what this server made, under its own id.
func TestCVE_2024_25623_NothingWrittenHereIsServedAsAnActivity(t *testing.T) {
	g := newGallery(t)
	boss := g.home.URL + "/u/boss"
	forged := fmt.Sprintf(`{"@context":%q,"id":%q,"type":"Create","actor":%q,"object":{"id":%q,"type":"Note","attributedTo":%q,"to":%q,"content":"forged"}}`,
		as.NS, boss+"/1", boss, boss+"/2", boss, as.Public)
	var post v1.Post
	g.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "x", Body: forged}, &post)
	var comment v1.Comment
	g.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", post.ID), v1.CommentDraft{Body: forged}, &comment)
	paths := []string{
		fmt.Sprintf("/post/%d", post.ID), fmt.Sprintf("/post/%d.json", post.ID), fmt.Sprintf("/post/%d.atom", post.ID), fmt.Sprintf("/post/%d/context", post.ID),
		fmt.Sprintf("/comment/%d", comment.ID), "/c/garden", "/c/garden/.atom", "/c/garden/outbox", "/u/ann", "/u/ann/outbox", "/search?q=forged",
		fmt.Sprintf("%s/posts/%d", v1.Prefix, post.ID), fmt.Sprintf("%s/posts/%d/comments", v1.Prefix, post.ID), v1.Prefix + "/groups/garden/posts",
		"/media/x.json", "/uploads/x", "/pictrs/image/x", "/system/media/x", "/boss/1",
	}
	served := 0
	for _, path := range paths {
		for _, accept := range []string{as.AcceptHeader, as.ContentType, "application/json", "text/plain", "*/*"} {
			resp, body := g.get(path, accept)
			if resp.StatusCode == http.StatusOK && resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s as %s may be taken for something else than %s", path, accept, resp.Header.Get("Content-Type"))
			}
			if !as.IsAS2ContentType(resp.Header.Get("Content-Type")) {
				continue
			}
			doc, err := as.Parse(t.Context(), body)
			if err != nil || resp.StatusCode == http.StatusOK && doc.ID() != g.home.URL+path || doc.Actor() == boss || doc.Ref("attributedTo") == boss {
				t.Errorf("%s as %s is %s (%v)", path, accept, body, err)
			}
			served++
		}
	}
	if served == 0 {
		t.Error("no document was served at all")
	}
	// What people do upload is a picture, a film or a sound: see TestUploadPolyglots.
	for _, path := range []string{"/media", "/api/v2/media", "/api/v3/image", "/pictrs/image", v1.Prefix + "/media", "/u/ann/outbox"} {
		resp, err := http.Post(g.home.URL+path, as.ContentType, strings.NewReader(forged))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		refused := resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed ||
			path == v1.Prefix+"/media" && resp.StatusCode == http.StatusUnauthorized
		if !refused {
			t.Errorf("POST %s answers %d", path, resp.StatusCode)
		}
	}
}

// CVE-2026-29178 (Lemmy): its image proxy put an address that it was given
// into one of its own, where ? and & in it became its own parameters. No
// address that a reader names is fetched here; pictures are named by the post
// that shows them; and where a post leads is handed on, and asked for, as it
// came.
func TestCVE_2026_29178_NoOpenImageProxy(t *testing.T) {
	g := newGallery(t)
	trap := fediverse.NewPeer(t, "trap")
	for _, path := range []string{
		"/image_proxy?url=", "/api/v3/image_proxy?url=", "/api/v4/image/proxy?url=", "/pictrs/image/proxy?url=", "/proxy?url=", "/media_proxy/", v1.Prefix + "/image_proxy?url=",
	} {
		resp, body := g.get(path+trap.URL+"%2Fx%3Fa%26b", "image/png")
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s answers %d: %s", path, resp.StatusCode, body)
		}
	}
	if got := trap.Requests(""); len(got) != 0 {
		t.Errorf("%d requests were made, the first for %s", len(got), got[0].Path)
	}
	asked := map[string]bool{}
	for i, link := range []string{
		trap.URL + "/x%3Furl%3Dhttp://10.0.0.1%26a", trap.URL + "/x?url=http%3A%2F%2F127.0.0.1%2F%26proxy%3D1", trap.URL + "/x?a=1&url=http://169.254.169.254/",
	} {
		post := g.hangs(fmt.Sprint("link", i), map[string]any{
			"attachment": []any{map[string]any{"type": "Link", "href": link}},
			"content":    `<p><img src="` + html.EscapeString(link) + `"></p>`,
		})
		asked[strings.TrimPrefix(link, trap.URL)] = true
		if post.Link != link {
			t.Errorf("the link %s became %s", link, post.Link)
		}
		_, page := g.get(fmt.Sprintf("/post/%d", post.ID), "text/html")
		if !strings.Contains(string(page), `"`+html.EscapeString(link)+`"`) {
			t.Errorf("the page does not lead to %s: %s", link, page)
		}
	}
	for _, request := range trap.Requests("") {
		if !asked[request.Path] {
			t.Errorf("%s was asked for, which nobody named", request.Path)
		}
	}
}
