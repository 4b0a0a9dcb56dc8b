package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

// parsed is a feed as a reader's library understands it; what is wrong by the
// specifications fails the test.
func (r *reply) parsed() *gofeed.Feed {
	r.t.Helper()
	feed, err := gofeed.NewParser().ParseString(r.text)
	if err != nil {
		r.t.Fatalf("no feed: %v\n%.2000s", err, r.text)
	}
	elements(r.t, r.text) // well-formed to its end
	if feed.Title == "" || feed.Link == "" || feed.FeedLink == "" || feed.UpdatedParsed == nil {
		r.t.Errorf("the feed lacks what it must have: %+v", feed)
	}
	seen := map[string]bool{}
	for _, item := range feed.Items {
		if item.GUID == "" || seen[item.GUID] || item.Title == "" || item.Link == "" || item.PublishedParsed == nil || len(item.Authors) == 0 {
			r.t.Errorf("an entry lacks what it must have: %+v", item)
		}
		seen[item.GUID] = true
		if item.Content == "" && item.Description == "" {
			r.t.Errorf("an entry says nothing: %+v", item)
		}
		for _, address := range []string{feed.Link, feed.FeedLink, item.Link, item.GUID} {
			if u, err := url.Parse(address); err != nil || !u.IsAbs() {
				r.t.Errorf("%q is no whole address", address)
			}
		}
	}
	return feed
}

// feedPaths are every list that has a feed, with what stands in it.
var feedPaths = map[string]string{
	"/": "Seedlings", "/index": "Seedlings", "/all": "Seedlings", "/local": "Seedlings", "/c/garden": "Seedlings", "/u/bob": "Seedlings",
	"/post/1": "Count me in", "/search": "Seedlings", "/f/growing@peer.example": "Seedlings",
}

func TestFeedDocuments(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		f := w.feed("growing")
		w.check(db.AddFeedGroup(t.Context(), &community.FeedGroup{FeedID: f.ID, GroupID: w.garden.ID, CreatedAt: time.Now()}))
		for path, want := range feedPaths {
			for suffix, kind := range map[string]string{".atom": "atom", ".rss": "rss"} {
				at := path + suffix
				if path == "/search" {
					at += "?q=tomatoes"
				}
				r := w.get(at).is(http.StatusOK).has(want)
				if got := r.Header.Get("Content-Type"); got != "application/"+kind+"+xml; charset=utf-8" {
					t.Errorf("%s: Content-Type = %q", at, got)
				}
				feed := r.parsed()
				if feed.FeedType != kind || feed.FeedLink != origin+at || len(feed.Items) != 1 {
					t.Errorf("%s is %s at %s with %d entries", at, feed.FeedType, feed.FeedLink, len(feed.Items))
				}
				id := origin + "/post/1"
				if path == "/post/1" {
					id = origin + "/comment/1"
				}
				if feed.Items[0].GUID != id {
					t.Errorf("%s: the id is %s, want the ActivityPub id %s", at, feed.Items[0].GUID, id)
				}
			}
		}
		w.get("/search.atom").is(http.StatusUnprocessableEntity)
		w.check(w.moderation.RemovePost(t.Context(), w.who["alice"].Actor, w.post.ID, moderation.Removal{Reason: "x"}, community.Origin{}))
		for _, suffix := range []string{".atom", ".rss"} {
			w.get("/c/garden"+suffix, w.as("alice")).is(http.StatusOK).lacks("Seedlings").parsed()
			w.get("/post/1"+suffix, w.as("alice")).is(http.StatusOK).lacks("Tomatoes")
		}
	})
}

// What somebody wants to be asked about first is not in a feed, and no file
// beside it; and what everybody sees is whole, with nothing in it that runs.
func TestFeedEntries(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	publish := func(d posts.Draft) {
		t.Helper()
		_, err := w.posts.Publish(t.Context(), w.who["bob"].Actor, w.garden, d)
		w.check(err)
	}
	hostile := "\u202e<b>&amp;]]></b>\u200b \x0b"
	publish(posts.Draft{Title: "Quiet " + strings.ReplaceAll(hostile, "\x0b", ""), Body: "Secretly slugs", Sensitive: true})
	publish(posts.Draft{Title: "A link", Link: "https://example.org/a?b=1&c=2", Body: "[in](/c/garden) <script>alert(1)</script> ]]>"})
	starts := time.Date(2027, 5, 1, 18, 0, 0, 0, time.UTC)
	publish(posts.Draft{Title: "Dance", Event: &community.Event{StartsAt: starts, Zone: "Europe/Berlin", Place: "The barn"}})
	publish(posts.Draft{Title: "Which?", Poll: &community.Poll{ClosesAt: time.Now().Add(time.Hour), Options: []community.PollOption{{Text: "Peas"}, {Text: "Beans"}}}})
	for _, suffix := range []string{".atom", ".rss"} {
		feed := w.get("/c/garden"+suffix).is(http.StatusOK).lacks("Secretly slugs", "<script").parsed()
		byTitle := map[string]*gofeed.Item{}
		for _, item := range feed.Items {
			byTitle[item.Title] = item
		}
		for title, want := range map[string]string{
			"A link": `href="` + origin + `/c/garden"`, "Dance": "The barn", "Which?": "Beans", "Seedlings": "<strong>give</strong>",
		} {
			if item := byTitle[title]; item == nil || !strings.Contains(item.Content, want) {
				t.Errorf("%s: %s lacks %s: %+v", suffix, title, want, item)
			}
		}
		if item := byTitle["A link"]; !strings.Contains(item.Content, "https://example.org/a?b=1&amp;c=2") {
			t.Errorf("the link is not in it: %s", item.Content)
		}
	}
}

// A reader that asks again learns that nothing changed, and gets what did.
func TestFeedsAreAskedForAgain(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	for _, path := range []string{"/c/garden.atom", "/c/garden.rss"} {
		r := w.get(path).is(http.StatusOK)
		tag, changed := r.Header.Get("ETag"), r.Header.Get("Last-Modified")
		when, err := http.ParseTime(changed)
		if tag == "" || err != nil || time.Since(when) > time.Hour || !strings.HasPrefix(r.Header.Get("Cache-Control"), "public, max-age=") {
			t.Errorf("%s: %v", path, r.Header)
		}
		if again := w.get(path, header("If-None-Match", tag)).is(http.StatusNotModified); again.text != "" || again.Header.Get("ETag") != tag {
			t.Errorf("304 with %q", again.text)
		}
		w.get(path, header("If-Modified-Since", changed)).is(http.StatusNotModified)
		w.get(path, header("If-Modified-Since", when.Add(-time.Second).Format(http.TimeFormat))).is(http.StatusOK)
		w.get(path, header("If-Modified-Since", "yesterday")).is(http.StatusOK)
		// The mark counts alone where there is one.
		w.get(path, header("If-None-Match", `"other"`), header("If-Modified-Since", changed)).is(http.StatusOK)
	}
	tag := w.get("/c/garden.atom").Header.Get("ETag")
	_, err := w.posts.Publish(t.Context(), w.who["bob"].Actor, w.garden, posts.Draft{Title: "More"})
	w.check(err)
	w.get("/c/garden.atom", header("If-None-Match", tag)).is(http.StatusOK).has("More")
	head := w.do(http.MethodHead, "/c/garden.atom", nil).is(http.StatusOK)
	if head.Header.Get("ETag") == tag {
		t.Error("HEAD has the old mark")
	}
}

// No feed is for anybody but those who may read without signing in, whoever
// asks.
func TestFeedsShowWhatEverybodySees(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for _, visibility := range []community.Visibility{community.Private, community.LocalOnly} {
			g, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "closed_" + string(visibility), Title: "Closed", Visibility: visibility})
			w.check(err)
			hidden, err := w.posts.Publish(t.Context(), w.who["alice"].Actor, g.Actor, posts.Draft{Title: "Tomatoes in the cellar"})
			w.check(err)
			_, err = w.posts.Comment(t.Context(), w.who["alice"].Actor, hidden.ID, 0, posts.Draft{Body: "Cellar door"})
			w.check(err)
			for _, suffix := range []string{".atom", ".rss"} {
				for _, path := range []string{"/", "/all", "/local", "/u/alice"} {
					w.get(path+suffix, w.as("alice")).is(http.StatusOK).lacks("cellar").parsed()
				}
				w.get("/search"+suffix+"?q=cellar", w.as("alice")).is(http.StatusOK).lacks("Tomatoes in").parsed()
				w.get("/post/2"+suffix, w.as("alice")).is(http.StatusNotFound).lacks("ellar")
				got := w.get("/c/closed_"+string(visibility)+suffix, w.as("alice"))
				if got.StatusCode == http.StatusOK || strings.Contains(got.text, "cellar") {
					t.Errorf("the feed of a %s group: %d", visibility, got.StatusCode)
				}
			}
			w.get("/c/closed_"+string(visibility), w.as("alice")).is(http.StatusOK).lacks("application/atom+xml")
		}
		w.get("/c/garden").has(`type="application/atom+xml" href="/c/garden.atom"`, `type="application/rss+xml" href="/c/garden.rss"`)
		w.get("/?view=local").has(`href="/local.atom"`)
		w.get("/search?q=tom+%26").has(`href="/search.atom?q=tom&#43;%26"`)
		if bytes.Contains([]byte(w.get("/search").text), []byte("application/atom+xml")) {
			t.Error("a search for nothing has a feed")
		}
	})
}
