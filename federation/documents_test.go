package federation

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

// exhibit adds to the stock what documents must not show, or not whole.
func exhibit(t testing.TB, db *storage.DB) {
	t.Helper()
	stock(t, db)
	addTestPost(t, db, community.Post{ID: 11, GroupID: gardenID, AuthorID: aliceID, DeletedAt: noon})
	addTestPost(t, db, community.Post{ID: 12, GroupID: gardenID, AuthorID: aliceID, Title: "Secret", Body: "SECRET", RemovedAt: noon})
	addTestPost(t, db, community.Post{ID: 13, IRI: "https://lemmy.test/post/13", GroupID: gardenID, AuthorID: lenaID, DeletedAt: noon})
	addTestPost(t, db, community.Post{
		ID: 14, GroupID: gardenID, AuthorID: aliceID, Title: "Rules", Body: "Be kind.", FeaturedAt: noon, LockedAt: noon, EditedAt: noon,
	})
	addTestPost(t, db, community.Post{ID: 17, GroupID: gardenID, AuthorID: aliceID, Title: "Wasps", Body: "They sting.", Language: "en", Sensitive: true})
	addTestComment(t, db, community.Comment{ID: 15, PostID: 7, GroupID: gardenID, AuthorID: aliceID, DeletedAt: noon})
	addTestComment(t, db, community.Comment{ID: 16, PostID: 7, GroupID: gardenID, AuthorID: aliceID, Body: "SECRET", RemovedAt: noon})
}

func TestDocuments(t *testing.T) {
	tests := []struct{ path, golden string }{
		{"/", "instance"},
		{"/outbox", "instance_outbox"},
		{"/c/garden", "group"},
		{"/c/GARDEN", "group"}, // names are folded; the id says how it is written
		{"/c/garden@home.test", "group"},
		{"/c/garden/outbox", "group_outbox"},
		{"/c/garden/followers", "group_followers"},
		{"/c/garden/featured", "group_featured"},
		{"/c/garden/moderators", "group_moderators"},
		{"/u/alice", "person"},
		{"/u/robot", "bot"},
		{"/u/alice/outbox", "person_outbox"},
		{"/u/alice/followers", "person_followers"},
		{"/u/alice/following", "person_following"},
		{"/post/7", "page"},
		{"/post/14", "page_locked"},
		{"/post/17", "page_sensitive"},
		{"/post/81", "page_link_elsewhere"},
		{"/post/7/context", "context"},
		{"/post/7/replies", "page_replies"},
		{"/comment/10", "note"},
		{"/comment/9/replies", "note_replies"},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		exhibit(t, db)
		tell(t, s, with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)))
		for _, test := range tests {
			resp := request(t, s, http.MethodGet, test.path)
			got := resp.Body.Bytes()
			if resp.Code != http.StatusOK {
				t.Errorf("%s: %d: %s", test.path, resp.Code, got)
				continue
			}
			for name, want := range map[string]string{"Content-Type": "application/activity+json", "Vary": "Accept", "Access-Control-Allow-Origin": "*"} {
				if value := resp.Header().Get(name); value != want {
					t.Errorf("%s: %s is %q", test.path, name, value)
				}
			}
			if strings.Contains(string(got), "SECRET") {
				t.Errorf("%s shows what was removed", test.path)
			}
			golden(t, test.golden, got)
		}
	})
}

func TestWhatIsNotServed(t *testing.T) {
	tests := []struct {
		name, path string
		status     int
		location   string
	}{
		{"a deleted post", "/post/11", 410, ""},
		{"a removed post", "/post/12", 404, ""},
		{"a post deleted elsewhere", "/post/13", 404, ""},
		{"no post", "/post/404", 404, ""},
		{"no number", "/post/7x", 404, ""},
		{"a number written otherwise", "/post/007", 404, ""},
		{"a post from elsewhere", "/post/70", 302, "https://lemmy.test/post/70"},
		{"a deleted comment", "/comment/15", 410, ""},
		{"a removed comment", "/comment/16", 404, ""},
		{"a comment from elsewhere", "/comment/9", 302, "https://lemmy.test/comment/9"},
		{"nobody", "/u/nobody", 404, ""},
		{"somebody deleted", "/u/left", 410, ""},
		{"their outbox", "/u/left/outbox", 410, ""},
		{"somebody elsewhere", "/u/mia@masto.test", 302, "https://masto.test/users/mia"},
		{"somebody unknown elsewhere", "/u/max@masto.test", 404, ""},
		{"a group that is a person", "/c/alice", 404, ""},
		{"a person who is a group", "/u/garden", 404, ""},
		{"a group elsewhere", "/c/cats@lemmy.test", 302, "https://lemmy.test/c/cats"},
		{"a thread elsewhere", "/post/81/context", 404, ""},
		{"a thread that was removed", "/post/12/context", 404, ""},
		{"answers to what was removed", "/comment/16/replies", 404, ""},
		{"answers to what was deleted", "/post/11/replies", 410, ""},
		{"no activity", "/activities/create/nothing", 404, ""},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		exhibit(t, db)
		for _, test := range tests {
			resp := request(t, s, http.MethodGet, test.path)
			if resp.Code != test.status || resp.Header().Get("Location") != test.location {
				t.Errorf("%s: %s is %d, %q", test.name, test.path, resp.Code, resp.Header().Get("Location"))
			}
			if resp.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %q", test.path, resp.Header().Get("Cache-Control"))
			}
		}
		golden(t, "tombstone", request(t, s, http.MethodGet, "/post/11").Body.Bytes())
		golden(t, "tombstone_person", request(t, s, http.MethodGet, "/u/left").Body.Bytes())
	})
}

func TestConditionalRequests(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	stock(t, db)
	first := request(t, s, http.MethodGet, "/post/7")
	tag := first.Header().Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") {
		t.Fatalf("ETag %q", tag)
	}
	tests := []struct {
		name, method, header string
		status               int
		empty                bool
	}{
		{"the same", http.MethodGet, "If-None-Match: " + tag, 304, true},
		{"one of several", http.MethodGet, `If-None-Match: "x", ` + tag, 304, true},
		{"another", http.MethodGet, `If-None-Match: "x"`, 200, false},
		{"only the header", http.MethodHead, "X-None: ", 200, true},
		{"only the header of the same", http.MethodHead, "If-None-Match: " + tag, 304, true},
	}
	for _, test := range tests {
		resp := request(t, s, test.method, "/post/7", test.header)
		if resp.Code != test.status || (len(resp.Body.Bytes()) == 0) != test.empty || resp.Header().Get("ETag") != tag {
			t.Errorf("%s: %d, ETag %s", test.name, resp.Code, resp.Header().Get("ETag"))
		}
	}
	if resp := request(t, s, http.MethodHead, "/u/left"); resp.Code != http.StatusGone || len(resp.Body.Bytes()) > 0 {
		t.Errorf("HEAD of somebody deleted: %d", resp.Code)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if resp := request(t, s, method, "/post/7"); resp.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, resp.Code)
		}
	}
}

// What peers send as Accept, and browsers.
func TestNegotiation(t *testing.T) {
	s := outServer(t, testdb.SQLite(t))
	tests := []struct {
		who, path, accept string
		want              bool
	}{
		{"Mastodon", "/u/alice", `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, true},
		{"Mastodon, at first", "/post/7", `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1`, true},
		{"Lemmy", "/c/garden", "application/activity+json", true},
		{"NodeBB", "/", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, true},
		{"a browser", "/u/alice", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
		{"a browser", "/", "text/html,*/*;q=0.8", false},
		{"curl", "/post/7", "*/*", false},
		{"curl", "/c/garden/outbox", "*/*", true},
		{"curl", "/outbox", "*/*", true},
		{"curl", "/post/7/context", "*/*", true},
		{"curl", "/activities/create/post-7", "*/*", true},
		{"curl", "/.well-known/webfinger", "*/*", true},
		{"curl", "/nodeinfo/2.1", "*/*", true},
		{"a page that is not ours", "/settings", "application/activity+json", false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "https://home.test"+test.path, nil)
		r.Header.Set("Accept", test.accept)
		if got := s.Handles(r); got != test.want {
			t.Errorf("%s asks for %s: %v", test.who, test.path, got)
		}
	}
}

// Peers fetch the ids that we wrap (NodeBB, Mbin, Mastodon): each public one
// has to answer with what was said, each private one with nothing.
func TestEveryIDAnswers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		var facts []community.Fact
		for _, test := range outCases {
			facts = append(append(facts, test.before...), test.fact)
		}
		for i := range facts { // each vote and Follow has an id of its own
			if strings.HasPrefix(facts[i].IRI, "https://home.test/") {
				facts[i].IRI = s.mint("vote")
			}
		}
		rows := tell(t, s, facts...)
		if len(rows) < 60 {
			t.Fatalf("only %d rows", len(rows))
		}
		for _, row := range rows {
			iri, _, isCopy := strings.Cut(row.IRI, "#")
			resp := request(t, s, http.MethodGet, strings.TrimPrefix(iri, "https://home.test"))
			got := resp.Body.String()
			switch {
			case row.Public && (resp.Code != http.StatusOK || got != string(row.Body)):
				t.Errorf("%s: %d", iri, resp.Code)
			case !row.Public && !isCopy && resp.Code != http.StatusNotFound:
				t.Errorf("private %s: %d", iri, resp.Code)
			}
		}
	})
}

// The activities that held the words of what was taken back are still in the
// log, for peers that are behind; but nobody reads them any more.
func TestTakenBackWordsAreNotRepeated(t *testing.T) {
	tests := []struct {
		name string
		hide func(t testing.TB, db *storage.DB, p *community.Post, c *community.Comment) error
		want int
	}{
		{"shown", func(testing.TB, *storage.DB, *community.Post, *community.Comment) error { return nil }, 200},
		{"deleted", func(t testing.TB, db *storage.DB, p *community.Post, c *community.Comment) error {
			_, err := db.WithdrawPost(t.Context(), p, noon)
			_, also := db.WithdrawComment(t.Context(), c, noon)
			return errors.Join(err, also)
		}, 404},
		{"removed", func(t testing.TB, db *storage.DB, p *community.Post, c *community.Comment) error {
			down := storage.Takedown{At: noon}
			return errors.Join(db.TakeDown(t.Context(), []*community.Post{p}, down), db.TakeDownComments(t.Context(), []*community.Comment{c}, down))
		}, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				s := outWorld(t, db)
				stock(t, db)
				tell(t, s,
					about(community.PostPublished, aliceID, gardenID, 7, 0),
					about(community.CommentPublished, aliceID, gardenID, 7, 10),
					with(about(community.PostPublished, lenaID, gardenID, 70, 0), raw(rawCreate)),
				)
				hide(t, db, 7, 10, test.hide)
				hide(t, db, 70, 10, test.hide)
				for _, path := range []string{
					"create/post-7", "announce/create-post-7", "create/comment-10", "announce/create-comment-10", "announce/create-post-70",
				} {
					resp := request(t, s, http.MethodGet, "/activities/"+path)
					if resp.Code != test.want {
						t.Errorf("%s: %d", path, resp.Code)
					}
				}
				if resp := request(t, s, http.MethodGet, "/activities/announce/post-7"); resp.Code != http.StatusOK {
					t.Errorf("an id alone holds no words: %d", resp.Code)
				}
			})
		})
	}
}

func hide(t testing.TB, db *storage.DB, post community.PostID, comment community.CommentID,
	change func(testing.TB, *storage.DB, *community.Post, *community.Comment) error,
) {
	t.Helper()
	p, err := db.Post(t.Context(), post)
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Comment(t.Context(), comment)
	if err != nil {
		t.Fatal(err)
	}
	if err := change(t, db, p, c); err != nil {
		t.Fatal(err)
	}
}

// TestLongThreadsHavePages: whoever walks the pages of a long thread, or of
// its answers, meets everything once, in the order of the thread.
func TestLongThreadsHavePages(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	addTestPost(t, db, community.Post{ID: 7, GroupID: gardenID, AuthorID: aliceID, Title: "Long", CommentCount: 2*mostContext + 20})
	addTestPost(t, db, community.Post{ID: 8, GroupID: gardenID, AuthorID: aliceID, Title: "Another"})
	comments := make([]community.Comment, 2*mostContext+20)
	for i := range comments {
		id := community.CommentID(i + 1)
		c := community.Comment{
			ID: id, IRI: fmt.Sprintf("https://home.test/comment/%d", id), PostID: 7, GroupID: gardenID, AuthorID: bobID,
			TopID: id, Path: community.Path(nil, id), Born: float64(-i), CreatedAt: noon, ArrivedAt: noon,
		}
		if i > mostContext+10 { // a branch that is cut by a page's end
			top := comments[mostContext+10]
			c.TopID, c.ParentID, c.Depth, c.Path = top.ID, top.ID, 1, community.Path(top.Path, id)
		}
		comments[i] = c
	}
	testdb.Add(t, db, &comments)
	for path, want := range map[string]struct {
		items string
		all   int
	}{
		"/post/7/context":      {"orderedItems", len(comments) + 1},
		"/post/7/replies":      {"items", mostContext + 11},
		"/comment/511/replies": {"items", mostContext + 9},
	} {
		whole := pageOf(t, s, path)
		if n := len(whole.Refs(want.items)); n < mostContext || n > mostContext+1 || whole.Ref("first") == "" {
			t.Errorf("%s: %d items, first page %q", path, n, whole.Ref("first"))
		}
		var met []string
		for next := whole.Ref("first"); next != ""; {
			page := pageOf(t, s, strings.TrimPrefix(next, "https://home.test"))
			if page.ID() != next || page.Ref("partOf") != "https://home.test"+path || !strings.HasSuffix(page.Kind(), "CollectionPage") {
				t.Fatalf("%s: page %s of %s is a %s", next, page.ID(), page.Ref("partOf"), page.Kind())
			}
			met = append(met, page.Refs(want.items)...)
			next = page.Ref("next")
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(met))); len(met) != want.all || len(distinct) != want.all {
			t.Errorf("%s: met %d, %d of them different, not %d", path, len(met), len(distinct), want.all)
		}
	}
	for _, path := range []string{"/post/8/context?after=3", "/post/8/replies?after=3", "/post/7/context?after=999999"} {
		if code := request(t, s, http.MethodGet, path).Code; code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func pageOf(t *testing.T, s *Server, path string) as.Doc {
	t.Helper()
	doc, err := as.Parse(t.Context(), request(t, s, http.MethodGet, path).Body.Bytes())
	if err != nil {
		t.Fatal(path, err)
	}
	return doc
}

func BenchmarkDocuments(b *testing.B) {
	db := testdb.SQLite(b)
	s := outWorld(b, db)
	stock(b, db)
	for _, path := range []string{"/c/garden", "/u/alice", "/post/7", "/comment/10", "/c/garden/outbox", "/.well-known/webfinger?resource=acct:alice@home.test"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if resp := request(b, s, http.MethodGet, path); resp.Code != http.StatusOK {
					b.Fatal(resp.Code)
				}
			}
		})
	}
}
