package federation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// TestMain keeps every test of this package from asking anybody outside.
func TestMain(m *testing.M) {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("tests ask nobody outside")
	}}
	os.Exit(m.Run())
}

// A siege is a home with mallory at the door, whose server says anything: as
// alice, as bob, or as the group dogs that ann is in. Ivy of a third server says
// nothing, so nothing can be known of her but what her server serves.
type siege struct {
	*abroad
	speakers map[string]*fediverse.Actor // by id; mallory has all their keys
	ivy      *fediverse.Actor
	places   *strings.Replacer // the hosts that the inputs name, as they are in this test
	post     *community.Post   // of ann, in cats
	ivysPage string
}

// besiege is for f before its target runs: t is f.
func besiege(t testing.TB, db *storage.DB) *siege {
	t.Helper()
	s := &siege{abroad: newAbroad(t, db), speakers: map[string]*fediverse.Actor{}}
	alice, bob := s.lemmy.Person("alice"), s.lemmy.Person("bob")
	bob.Extra["alsoKnownAs"] = []string{alice.ID}
	for _, a := range []*fediverse.Actor{alice, bob, s.dogs} {
		s.speakers[a.ID] = a
	}
	s.ivy = s.third.Person("ivy")
	s.ivysPage = s.third.Serve("/post/1", page(s.ivy, "1", s.cats.IRI))
	s.third.Serve("/comment/1", reply(s.ivy, "1", s.ivysPage))
	var err error
	if s.post, err = s.posts.Publish(t.Context(), s.ann, s.cats, posts.Draft{Title: "How are your cats?"}); err != nil {
		t.Fatal(err)
	}
	s.ann = s.actorBy(s.ann.IRI)
	s.places = strings.NewReplacer(
		"https://group.test/post/1", s.post.IRI, "https://group.test", s.URL, "https://gts.test", s.lemmy.URL, "https://gts2.test", s.lemmy.URL,
		"https://third.test", s.third.URL,
	)
	return s
}

// hostileBodies are the first inputs: what a real server says, and what only
// somebody says who means ill.
func hostileBodies(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/in/gotosocial/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var list [][]byte
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, body)
	}
	const by = `"id":"https://gts.test/a/%d","actor":"https://gts.test/%s","to":"https://www.w3.org/ns/activitystreams#Public"`
	for i, rest := range []string{
		`"type":"Create","object":{"id":"https://gts.test/n/1","type":"Page","attributedTo":"https://gts.test/users/alice","name":"a\u0000b","content":"\u0000","audience":"https://group.test/c/cats","to":"as:Public"}`,
		`"type":"Create","object":{"id":"https://third.test/n/1","type":"Note","attributedTo":"https://third.test/users/ivy","content":"x","inReplyTo":"https://group.test/post/1"}`,
		`"type":"Create","object":{"id":"https://gts.test/n/2","type":"Note","attributedTo":"https://third.test/users/ivy","content":"x","inReplyTo":"https://group.test/post/1"}`,
		`"type":"Create","object":{"id":"https://gts.test/n/3","type":"Note","attributedTo":["https://gts.test/users/alice","https://group.test/u/ann"],"content":"x","inReplyTo":"https://group.test/post/1","to":"as:Public"}`,
		`"type":"Create","object":{"id":"https://group.test/post/9","type":"Page","attributedTo":"https://group.test/u/ann","name":"x","audience":"https://group.test/c/cats"}`,
		`"type":"Update","object":{"id":"https://group.test/post/1","type":"Page","attributedTo":"https://gts.test/users/alice","name":"mine","audience":"https://group.test/c/cats"}`,
		`"type":"Update","object":{"id":"https://gts.test/users/alice","type":"Person","preferredUsername":"alice","inbox":"https://gts.test/users/alice/inbox","publicKey":{"id":"https://third.test/users/ivy#main-key","owner":"https://third.test/users/ivy","publicKeyPem":"x"}}`,
		`"type":"Delete","summary":"because","object":"https://group.test/post/1","target":"https://group.test/c/cats"`,
		`"type":"Announce","object":{"id":"https://third.test/a/1","type":"Create","actor":"https://third.test/users/ivy","object":{"id":"https://third.test/post/1","type":"Page","attributedTo":"https://third.test/users/ivy","name":"not hers"}}`,
		`"type":"Announce","object":{"id":"https://third.test/a/2","type":"Update","actor":"https://third.test/users/ivy","object":{"id":"https://third.test/post/1","type":"Page","attributedTo":"https://third.test/users/ivy","name":"not hers"}}`,
		`"type":"Announce","object":{"id":"https://group.test/a/1","type":"Update","actor":"https://group.test/u/ann","object":{"id":"https://group.test/u/ann","type":"Person","name":"\u0000"}}`,
		`"type":"Announce","object":{"id":"https://group.test/a/2","type":"Delete","actor":"https://group.test/u/ann","object":"https://group.test/post/1"}`,
		`"type":"Announce","object":[{"id":"https://gts.test/a/x","type":"Like","actor":"https://gts.test/users/bob","object":"https://third.test/post/1"},"https://third.test/comment/1"]`,
		`"type":"Announce","object":"https://third.test/post/1"`,
		`"type":"Announce","object":"https://third.test/comment/1"`,
		`"type":"Like","object":"https://third.test/post/1"`,
		`"type":"Undo","object":{"id":"https://third.test/l/1","type":"Like","actor":"https://third.test/users/ivy","object":"https://group.test/post/1"}`,
		`"type":["Like","Dislike"],"object":["https://group.test/post/1",{"id":"https://group.test/post/1"}]`,
		`"type":"Add","object":"https://gts.test/users/alice","target":"https://group.test/c/cats/moderators"`,
		`"type":"Block","object":"https://group.test/u/ann","target":"https://group.test/c/cats"`,
		`"type":"Lock","object":"https://group.test/post/1"`,
		`"type":"Move","object":"https://group.test/u/ann","target":"https://gts.test/users/bob"`,
		`"type":"Accept","object":{"type":"Follow","actor":"https://group.test/u/ann","object":"https://gts.test/c/dogs"}`,
		`"type":"Flag","object":["https://group.test/post/1"],"content":"x"`,
	} {
		for j, who := range []string{"users/alice", "c/dogs"} {
			list = append(list, []byte(`{"@context":"https://www.w3.org/ns/activitystreams",`+fmt.Sprintf(by, 2*i+j, who)+`,`+rest+`}`))
		}
	}
	return append(list, []byte(`{}`), []byte(`[]`), []byte(`"x"`), []byte(`null`), nil, []byte("{\"type\":\"\xff\"}"))
}

// FuzzInbox looks for what makes an inbox, or whatever becomes of what it took,
// panic or fail, and for words that are stored as somebody's who did not say
// them. All of it is signed by mallory.
func FuzzInbox(f *testing.F) {
	for _, body := range hostileBodies(f) {
		f.Add(body)
	}
	s := besiege(f, testdb.SQLite(f))
	f.Fuzz(func(t *testing.T, body []byte) { s.assault(t, body) })
}

// The other database takes what SQLite takes, and refuses other text.
func TestHostileBodiesOnPostgres(t *testing.T) {
	s := besiege(t, testdb.Postgres(t))
	for _, body := range hostileBodies(t) {
		s.assault(t, body)
	}
}

func (s *siege) assault(t testing.TB, body []byte) {
	t.Helper()
	s.t = t
	body = []byte(s.places.Replace(string(body)))
	s.pass(time.Minute) // or else nothing is fetched any more
	status, text := s.say(body)
	switch {
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests, status == http.StatusAccepted, status == http.StatusServiceUnavailable:
	default:
		t.Errorf("the inbox answered %d: %s", status, text)
	}
	for range 3 {
		for _, err := range s.work() {
			if fault.Is(err, fault.Internal) {
				t.Errorf("a job failed: %v", err)
			}
		}
	}
	if _, err := s.db.Bun().NewDelete().Model((*community.Job)(nil)).Where("done_at IS NULL").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.holds()
}

// say posts a body, whatever it is, signed as whomever it names if mallory has
// the key, or else as alice.
func (s *siege) say(body []byte) (status int, text string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.inbox(), strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", as.ContentType)
	doc, _ := as.Parse(s.t.Context(), []byte(string(body)))
	by := s.speakers[doc.Actor()]
	if by == nil {
		by = s.speakers[s.lemmy.URL+"/users/alice"]
	}
	if err := by.Style.Sign(req, body, by.KeyID, by.Key, s.now()); err != nil {
		s.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.fed.Handler().ServeHTTP(w, req)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// holds checks that everything is whose it says it is, and that what is ours
// and ivy's is as it was.
func (s *siege) holds() {
	t := s.t
	t.Helper()
	var rows []struct{ IRI, Author string }
	if err := s.db.Bun().NewRaw(`SELECT p.iri, a.iri AS author FROM posts p JOIN actors a ON a.id = p.author_id
		UNION ALL SELECT c.iri, a.iri FROM comments c JOIN actors a ON a.id = c.author_id`).Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if !as.SameHost(row.IRI, row.Author) || strings.HasPrefix(row.IRI, s.URL) && row.IRI != s.post.IRI {
			t.Errorf("%s is stored as by %s", row.IRI, row.Author)
		}
	}
	var actors []*community.Actor
	if err := s.db.Bun().NewSelect().Model(&actors).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range actors {
		switch {
		case a.Local() != strings.HasPrefix(a.IRI, s.URL), !a.Local() && as.Host(a.IRI) == "":
			t.Errorf("%s is stored with the host %q", a.IRI, a.Host)
		case a.KeyID != "" && !as.SameHost(a.KeyID, a.IRI):
			t.Errorf("%s is stored with the key %s", a.IRI, a.KeyID)
		case a.ID == s.ann.ID && !reflect.DeepEqual(withoutCounts(a), withoutCounts(s.ann)):
			t.Errorf("ann is %+v", a)
		case a.IRI == s.ivy.ID && a.Title != "Ivy":
			t.Errorf("ivy is called %q", a.Title)
		}
	}
	post, err := s.db.Post(t.Context(), s.post.ID)
	if err != nil || post.Title != s.post.Title || post.AuthorID != s.post.AuthorID || !post.DeletedAt.IsZero() || !post.RemovedAt.IsZero() || !post.LockedAt.IsZero() {
		t.Errorf("ann's post is %+v, %v", post, err)
	}
	if post, err := s.db.PostByIRI(t.Context(), s.ivysPage); err == nil && post.Title != "1 by ivy" {
		t.Errorf("ivy's post is called %q", post.Title)
	}
}

// withoutCounts is an actor without what others may change.
func withoutCounts(a *community.Actor) community.Actor {
	b := *a
	b.UpdatedAt = time.Time{}
	return b
}

// FuzzWebFinger asks this server whom anything names: only what is ours is
// answered.
func FuzzWebFinger(f *testing.F) {
	for _, resource := range []string{
		"acct:ann@group.test", "acct:cats@group.test", "ann@group.test", "@ann@group.test", "https://group.test/u/ann", "https://group.test/",
		"acct:group.test@group.test", "acct:@group.test", "acct:ann@", "https://group.test/u/ann?x#y", "https://group.test//u/ann", "acct:ann@elsewhere.test",
		"acct:ann@group.test@group.test", "acct:%00@group.test", "https://group.test/u/ann\x00", "http://[::1", "https://group.test/u/%61nn", "\xff@group.test", "",
	} {
		f.Add(resource, "self")
		f.Add(resource, "")
	}
	h := newHome(f, testdb.SQLite(f))
	host := strings.TrimPrefix(h.URL, "http://")
	places := strings.NewReplacer("https://group.test", h.URL, "group.test", host)
	handler := h.fed.Handler()
	f.Fuzz(func(t *testing.T, resource, rel string) {
		query := url.Values{"resource": {places.Replace(resource)}}
		if rel != "" {
			query.Set("rel", rel)
		}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/.well-known/webfinger?"+query.Encode(), nil)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		switch w.Code {
		case http.StatusBadRequest, http.StatusNotFound, http.StatusGone:
			return
		case http.StatusOK:
		default:
			t.Fatalf("%q is answered %d: %s", resource, w.Code, w.Body)
		}
		var answer struct {
			Subject string
			Links   []struct{ Rel, Href string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%q is answered %s: %v", resource, w.Body, err)
		}
		name, ok := strings.CutSuffix(strings.TrimPrefix(answer.Subject, "acct:"), "@"+host)
		if !ok || name != "ann" && name != "cats" && name != host {
			t.Errorf("%q is %s", resource, answer.Subject)
		}
		for _, link := range answer.Links {
			if rel != "" && link.Rel != rel || link.Rel == "self" && !strings.HasPrefix(link.Href, h.URL) {
				t.Errorf("%q has the link %+v", resource, link)
			}
		}
	})
}

// FuzzLookup has another server answer anything when it is asked who somebody
// is: with the document of WebFinger, with host-meta, with a page for people.
// Nobody is found who is not called so by their own server.
func FuzzLookup(f *testing.F) {
	const self = `{"subject":"acct:alice@gts.test","links":[{"rel":"self","type":"application/activity+json","href":"https://gts.test/users/alice"}]}`
	const meta = `<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="https://gts.test/finger?r={uri}"/></XRD>`
	const html = `<!doctype html><head><link rel="alternate" type="application/activity+json" href="/users/alice">`
	for _, seed := range [][4]string{
		{self, meta, html, `<https://gts.test/users/alice>; rel="alternate"; type="application/activity+json"`},
		{strings.ReplaceAll(self, "alice", "bob"), "", "", ""},
		{strings.ReplaceAll(self, "users/alice", "users/bob"), meta, strings.ReplaceAll(html, "/users/alice", "https://third.test/users/ivy"), ""},
		{strings.ReplaceAll(self, "https://gts.test/users/alice", "https://third.test/users/ivy"), strings.ReplaceAll(meta, "gts", "third"), html, "<>,<;"},
		{strings.ReplaceAll(self, "https://gts.test/users/alice", "https://group.test/u/ann"), "<a", "<link", `<//third.test/users/ivy>; rel=alternate; type="application/activity+json"`},
		{`{"subject":5,"links":{}}`, "<!DOCTYPE x [<!ENTITY y \"z\">]><XRD>&y;</XRD>", "<link rel=alternate type=application/activity+json href=\x00>", ""},
		{`{"links":[{"rel":"self","type":"application/activity+json","href":"http://["}]}`, "", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	s := besiege(f, testdb.SQLite(f))
	var finger, meta2, page, link string
	s.lemmy.ServeFunc("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
		if finger == "" || r.URL.Path != "/.well-known/webfinger" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		_, _ = w.Write([]byte(finger))
	})
	s.lemmy.ServeFunc("/.well-known/host-meta", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xrd+xml")
		_, _ = w.Write([]byte(meta2))
	})
	s.lemmy.ServeFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header()["Link"] = []string{strings.NewReplacer("\r", "", "\n", "").Replace(link)}
		_, _ = w.Write([]byte(page))
	})
	f.Fuzz(func(t *testing.T, jrd, xrd, html, header string) {
		s.t = t
		finger, meta2 = s.places.Replace(strings.ReplaceAll(jrd, "@gts.test", "@"+s.lemmy.Host)), s.places.Replace(xrd)
		page, link = s.places.Replace(html), s.places.Replace(header)
		s.pass(time.Hour)
		for _, query := range []string{"@alice@" + s.lemmy.Host, "!dogs@" + s.lemmy.Host, s.lemmy.URL + "/page"} {
			found, err := s.fed.Resolve(t.Context(), s.ann, query)
			if fault.Is(err, fault.Internal) {
				t.Errorf("%s: %v", query, err)
			}
			if err != nil || found.Person == nil {
				continue
			}
			if p := found.Person; !p.Local() && (as.Host(p.IRI) != p.Host || p.IRI == s.ivy.ID && p.Name != "ivy") {
				t.Errorf("%s is %s, %s", query, p.Handle(), p.IRI)
			}
		}
		s.holds()
	})
}
