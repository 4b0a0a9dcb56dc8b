package api_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

func (w *world) publish(g *community.Actor, d posts.Draft) *community.Post {
	w.t.Helper()
	p, err := w.posts.Publish(w.t.Context(), w.who["alice"].Actor, g, d)
	w.check(err)
	return p
}

var dataPattern = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

func TestWhatOthersShowOfAPage(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	r := w.get("/post/1").is(http.StatusOK).has(
		`<meta property="og:url" content="https://stone.example/post/1">`, `<meta name="twitter:card" content="summary">`, `article:published_time`,
		`type="application/json+oembed" href="https://stone.example/oembed?format=json&amp;url=https%3A%2F%2Fstone.example%2Fpost%2F1"`,
	)
	var data map[string]any
	if found := dataPattern.FindStringSubmatch(r.text); found == nil {
		t.Fatal("no data for search engines")
	} else if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		t.Fatalf("%v: %s", err, found[1])
	}
	if data["@type"] != "DiscussionForumPosting" || data["url"] != origin+"/post/1" || data["text"] != "Tomatoes to give." || len(data["comment"].([]any)) != 1 {
		t.Errorf("data = %v", data)
	}
	w.get("/post/1", w.as("bob")).is(http.StatusOK).lacks("ld+json", "oembed") // for who is signed in there is no need
	w.publish(w.garden, posts.Draft{Title: "</script><b>", Body: "</script><script>alert(1)</script> x", Link: "https://example.org/"})
	w.get("/post/2").is(http.StatusOK).has("ld+json").lacks("</script><b>", "<script>alert")

	hidden := w.publish(w.garden, posts.Draft{Title: "Quiet", Body: "Slugs in salt", Sensitive: true})
	_, err := w.posts.Comment(t.Context(), w.who["carol"].Actor, hidden.ID, 0, posts.Draft{Body: "More salt"})
	w.check(err)
	for _, path := range []string{"/post/3", "/comment/2"} {
		head, _, _ := strings.Cut(w.get(path).is(http.StatusOK).text, "</head>")
		if strings.Contains(head, "salt") || strings.Contains(head, "ld+json") || strings.Contains(head, "og:image") {
			t.Errorf("%s: the head shows what has to be asked for: %s", path, head)
		}
	}
	dance := w.happens(w.garden, "Dance", week)
	w.get("/post/4").has(`<meta name="description" content="` + dance.CreatedAt.Add(week).UTC().Format("Mon")).has(`"@type":"Event"`)
	w.do(http.MethodPatch, "/api/v1/me", object{"indexable": false}, w.as("bob")).is(http.StatusOK)
	w.get("/post/1").is(http.StatusOK).has("noindex").lacks("ld+json")
	w.check(w.moderation.RemovePost(t.Context(), w.who["alice"].Actor, w.post.ID, moderation.Removal{Reason: "x"}, community.Origin{}))
	w.get("/post/1").is(http.StatusOK).lacks("Tomatoes", "oembed", "ld+json")
}

func TestEmbeds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		_, browser := w.browser("bob")
		for _, change := range []change{w.as("nobody"), w.as("bob"), browser} {
			r := w.get("/embed/post/1", change).is(http.StatusOK).has("Seedlings", "<strong>give</strong>", `<base target="_top">`, "noindex").
				lacks("<script", "<form", "Count me in", "http-equiv")
			policy := r.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "frame-ancestors *") || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") || r.Header.Get("X-Frame-Options") != "" {
				t.Errorf("headers = %v", r.Header)
			}
			if len(r.Cookies()) != 0 || len(r.text) > 30<<10 {
				t.Errorf("%d cookies, %d bytes", len(r.Cookies()), len(r.text))
			}
			w.get("/embed/post/1", change, header("If-None-Match", r.Header.Get("ETag"))).is(http.StatusNotModified)
		}
		w.get("/embed/post/1?answers=3").is(http.StatusOK).has("Count me in")
		w.get("/embed/comment/1").is(http.StatusOK).has("Count me in", "Seedlings")
		for _, path := range []string{"/embed/post/99", "/embed/post/01", "/embed/post/x", "/embed/comment/99"} {
			if r := w.get(path).is(http.StatusNotFound).has("Nothing to show"); r.Header.Get("X-Frame-Options") != "" {
				t.Errorf("%s is refused in a frame", path)
			}
		}
		// Long and hostile words stay small and do nothing.
		w.publish(w.garden, posts.Draft{Title: strings.Repeat("W", 200), Body: strings.Repeat("**word** ", 5000) + "<script>alert(1)</script>"})
		for range 6 {
			_, err := w.posts.Comment(t.Context(), w.who["carol"].Actor, 2, 0, posts.Draft{Body: strings.Repeat("answer ", 1400)})
			w.check(err)
		}
		if r := w.get("/embed/post/2?answers=999").is(http.StatusOK).has("Read on").lacks("<script"); len(r.text) > 30<<10 || strings.Count(r.text, "<li>") != 5 {
			t.Errorf("%d bytes", len(r.text))
		}
		w.publish(w.garden, posts.Draft{Title: "Quiet", Body: "Slugs in salt", Sensitive: true})
		w.get("/embed/post/3?answers=3").is(http.StatusOK).has("Marked as sensitive").lacks("salt")
		w.check(w.posts.Delete(t.Context(), w.who["bob"].Actor, w.post.ID, community.Origin{}))
		w.get("/embed/post/1").is(http.StatusNotFound).lacks("Seedlings")
		w.get("/embed/comment/1").is(http.StatusOK).lacks("Seedlings")
	})
}

func TestOEmbed(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	ask := func(params ...string) *reply {
		t.Helper()
		query := url.Values{}
		for i := 0; i < len(params); i += 2 {
			query.Set(params[i], params[i+1])
		}
		return w.get("/oembed?" + query.Encode())
	}
	card := ask("url", origin+"/post/1", "format", "json").is(http.StatusOK).json()
	if card["type"] != "rich" || card["version"] != "1.0" || card["title"] != "Seedlings" || card["author_url"] != origin+"/u/bob" || card["provider_name"] != "Stone" || card["width"] != 600.0 {
		t.Errorf("card = %v", card)
	}
	frame := card["html"].(string)
	if !strings.HasPrefix(frame, `<iframe src="https://stone.example/embed/post/1" title="Seedlings"`) || !strings.Contains(frame, "sandbox=") {
		t.Errorf("html = %s", frame)
	}
	if card := ask("url", origin+"/comment/1?x=1#y", "maxwidth", "300", "maxheight", "200").is(http.StatusOK).json(); card["width"] != 300.0 || card["height"] != 200.0 {
		t.Errorf("card = %v", card)
	}
	w.publish(w.garden, posts.Draft{Title: `"><script>alert(1)</script>`})
	if frame := ask("url", origin+"/post/2").is(http.StatusOK).json()["html"].(string); strings.Contains(frame, "<script") || html.UnescapeString(frame) == frame {
		t.Errorf("html = %s", frame)
	}
	for _, test := range []struct {
		status int
		params []string
	}{
		{http.StatusNotFound, []string{}},
		{http.StatusNotFound, []string{"url", "https://other.example/post/1"}},
		{http.StatusNotFound, []string{"url", "https://stone.example.evil.example/post/1"}},
		{http.StatusNotFound, []string{"url", origin + "/u/bob"}},
		{http.StatusNotFound, []string{"url", origin + "/post/99"}},
		{http.StatusNotFound, []string{"url", origin + "/post/1/report"}},
		{http.StatusNotFound, []string{"url", origin + "/post/../post/1"}},
		{http.StatusNotImplemented, []string{"url", origin + "/post/1", "format", "xml"}},
		{http.StatusUnprocessableEntity, []string{"url", origin + "/post/1", "maxwidth", "-1"}},
		{http.StatusUnprocessableEntity, []string{"url", origin + "/post/1", "maxheight", "wide"}},
	} {
		r := ask(test.params...).is(test.status).lacks("Seedlings")
		if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%v: %s", test.params, got)
		}
	}
}

// Only what was made for it may be shown in a frame of others.
func TestNothingElseIsFramed(t *testing.T) {
	var options api.Options
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { options = *o }).settle()
	routes, err := api.Reads(options)
	w.check(err)
	for _, route := range routes {
		if strings.HasPrefix(route, "/embed/") {
			continue
		}
		path := strings.NewReplacer(":name", "1", ":id", "1", ":group", "garden", ":person", "bob", "*", "x").Replace(route)
		if strings.HasPrefix(path, "/api/v1/stream") {
			continue
		}
		r := w.get(path)
		if policy := r.Header.Get("Content-Security-Policy"); r.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s can be framed: %v", path, r.Header)
		}
	}
}

func TestEmbedsOfClosedGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for i, visibility := range []community.Visibility{community.Private, community.LocalOnly} {
			g, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "shut_" + string(visibility), Title: "Shut", Visibility: visibility})
			w.check(err)
			p := w.publish(g.Actor, posts.Draft{Title: "Cellar party"})
			c, err := w.posts.Comment(t.Context(), w.who["alice"].Actor, p.ID, 0, posts.Draft{Body: "Cellar door"})
			w.check(err)
			for _, who := range []string{"nobody", "alice", "ada"} {
				for _, path := range []string{
					fmt.Sprint("/embed/post/", 2+i), fmt.Sprint("/embed/comment/", c.ID),
					fmt.Sprint("/oembed?url=", url.QueryEscape(fmt.Sprint(origin, "/post/", 2+i))), fmt.Sprint("/oembed?url=", url.QueryEscape(fmt.Sprint(origin, "/comment/", c.ID))),
				} {
					w.get(path, w.as(who)).is(http.StatusNotFound).lacks("Cellar", "Shut")
				}
			}
		}
	})
}

// mapped are the addresses on all parts of the map.
func (w *world) mapped() (list []string) {
	w.t.Helper()
	var index struct {
		Maps []struct {
			At string `xml:"loc"`
		} `xml:"sitemap"`
	}
	w.check(xml.Unmarshal([]byte(w.get("/sitemap.xml").is(http.StatusOK).text), &index))
	for _, part := range index.Maps {
		var pages struct {
			Pages []struct {
				At      string `xml:"loc"`
				Changed string `xml:"lastmod"`
			} `xml:"url"`
		}
		w.check(xml.Unmarshal([]byte(w.get(strings.TrimPrefix(part.At, origin)).is(http.StatusOK).text), &pages))
		for _, page := range pages.Pages {
			list = append(list, strings.TrimPrefix(page.At, origin))
			if _, err := time.Parse(time.RFC3339, page.Changed); err != nil && strings.Contains(page.At, "/post/") {
				w.t.Errorf("%s changed at %q", page.At, page.Changed)
			}
		}
	}
	return list
}

func TestSitemap(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.get("/sitemap.xml").is(http.StatusNotFound)
		w.settle()
		w.get("/robots.txt").has("\nSitemap: https://stone.example/sitemap.xml\n")
		for _, visibility := range []community.Visibility{community.Private, community.LocalOnly} {
			g, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "shut_" + string(visibility), Visibility: visibility})
			w.check(err)
			w.publish(g.Actor, posts.Draft{Title: "Cellar party"})
		}
		w.publish(w.garden, posts.Draft{Title: "By alice"})
		want := func(paths ...string) {
			t.Helper()
			got := w.mapped()
			for _, path := range []string{"/c/garden", "/post/1", "/post/4", "/u/bob", "/u/alice"} {
				shown, wanted := strings.Contains(" "+strings.Join(got, " ")+" ", " "+path+" "), strings.Contains(" "+strings.Join(paths, " ")+" ", " "+path+" ")
				if shown != wanted {
					t.Errorf("%s is on the map: %v, want %v: %v", path, shown, wanted, got)
				}
			}
			for _, path := range got {
				if strings.Contains(path, "shut") || path == "/post/2" || path == "/post/3" {
					t.Errorf("%s is on the map", path)
				}
			}
		}
		want("/c/garden", "/post/1", "/post/4", "/u/bob", "/u/alice")
		w.do(http.MethodPatch, "/api/v1/me", object{"indexable": false}, w.as("bob")).is(http.StatusOK)
		want("/c/garden", "/post/4", "/u/alice")
		w.do(http.MethodPatch, "/api/v1/me", object{"indexable": true}, w.as("bob")).is(http.StatusOK)
		w.check(w.moderation.RemovePost(t.Context(), w.who["alice"].Actor, w.post.ID, moderation.Removal{Reason: "x"}, community.Origin{}))
		want("/c/garden", "/post/4", "/u/bob", "/u/alice")
		w.do(http.MethodPatch, "/api/v1/groups/garden", object{"indexable": false}, w.as("alice")).is(http.StatusOK)
		want("/u/bob", "/u/alice")
		for _, path := range []string{"/sitemap/posts-0.xml", "/sitemap/posts-01.xml", "/sitemap/posts-2.xml", "/sitemap/posts-1", "/sitemap/things-1.xml", "/sitemap/posts--1.xml", "/sitemap/posts-9223372036854775807.xml"} {
			w.get(path).is(http.StatusNotFound)
		}
	})
}
