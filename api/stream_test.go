package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/live"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/storage"
)

// quiet is what somebody hears first whom nothing waits for.
const quiet = `unread {"unread":0,"messages":0}`

// An ear is somebody who listens.
type ear struct {
	t      *testing.T
	events chan string // "kind data", closed at the end
	ids    chan string
	status int
	hang   context.CancelFunc
}

// runs has live events told, and serves the world on a true connection.
func (w *world) runs() *httptest.Server {
	w.t.Helper()
	return w.serves(w.live)
}

func (w *world) serves(telling *live.Service) *httptest.Server {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = telling.Run(ctx)
	}()
	server := httptest.NewUnstartedServer(w.handler)
	server.Config.WriteTimeout, server.Config.ReadTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	w.t.Cleanup(func() {
		stop()
		<-done
		server.Close()
	})
	return server
}

// listen asks until somebody is told: the service may be about to start.
func (w *world) listen(server *httptest.Server, who, query string, changes ...change) *ear {
	w.t.Helper()
	ctx, hang := context.WithCancel(w.t.Context())
	w.t.Cleanup(hang)
	for deadline := time.Now().Add(20 * time.Second); ; {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/v1/stream?"+query, nil)
		w.check(err)
		w.as(who)(r)
		for _, c := range changes {
			c(r)
		}
		reply, err := http.DefaultClient.Do(r) //nolint:bodyclose // hear closes it
		w.check(err)
		if reply.StatusCode == http.StatusServiceUnavailable && time.Now().Before(deadline) {
			_ = reply.Body.Close()
			continue
		}
		e := &ear{t: w.t, events: make(chan string, 100), ids: make(chan string, 100), status: reply.StatusCode, hang: hang}
		go e.hear(reply)
		return e
	}
}

func (e *ear) hear(reply *http.Response) {
	defer close(e.events)
	defer reply.Body.Close()
	var kind, id string
	for lines := bufio.NewScanner(reply.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			e.events <- kind + " " + value
			e.ids <- id
		}
	}
}

// next is the next event, or "end".
func (e *ear) next() (event, id string) {
	e.t.Helper()
	select {
	case event, more := <-e.events:
		if !more {
			return "end", ""
		}
		return event, <-e.ids
	case <-time.After(20 * time.Second):
		e.t.Fatal("nothing was told")
	}
	return "", ""
}

func (e *ear) hears(want string) (id string) {
	e.t.Helper()
	event, id := e.next()
	if event != want {
		e.t.Errorf("heard %q, want %q", event, want)
	}
	return id
}

// tellAll has the notifications of all facts written.
func (w *world) tellAll() {
	w.t.Helper()
	ctx := w.t.Context()
	w.check(w.db.NumberFacts(ctx))
	facts, err := w.db.Facts(ctx, 0, 500)
	w.check(err)
	w.check(w.db.InTx(ctx, func(tx *storage.DB) error {
		return (&notifications.Service{DB: w.db, Now: time.Now}).Read(ctx, tx, facts)
	}))
}

// What happens in a thread, in feeds and in the notifications is told to who
// has it open, over one connection that outlives the server's own limits.
func TestListening(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		server := w.runs()
		ctx, bob, carol := t.Context(), w.who["bob"].Actor, w.who["carol"].Actor
		e := w.listen(server, "bob", fmt.Sprintf("thread=%d&thread=999&feed=all&feed=home&feed=local&feed=c/garden&feed=c/nowhere", w.post.ID))
		e.hears(quiet)
		comment := func(by *community.Actor, parent community.CommentID) community.CommentID {
			c, err := w.posts.Comment(ctx, by, w.post.ID, parent, posts.Draft{Body: "Yes"})
			w.check(err)
			return c.ID
		}
		for began := time.Now(); time.Since(began) < 700*time.Millisecond; { // longer than the server lets an answer take
			first := comment(carol, 0)
			e.hears(fmt.Sprintf(`comment {"what":"published","post_id":%d,"comment_id":%d,"parent_id":null,"own":false}`, w.post.ID, first))
			second := comment(bob, first)
			e.hears(fmt.Sprintf(`comment {"what":"published","post_id":%d,"comment_id":%d,"parent_id":%d,"own":true}`, w.post.ID, second, first))
		}
		post, err := w.posts.Publish(ctx, carol, w.garden, posts.Draft{Title: "News"})
		w.check(err)
		e.hears(fmt.Sprintf(`post {"what":"published","post_id":%d,"feeds":["all","local","c/garden"],"own":false}`, post.ID))
		_, err = w.groups.Join(ctx, bob, w.garden, community.Origin{})
		w.check(err)
		post, err = w.posts.Publish(ctx, carol, w.garden, posts.Draft{Title: "More news"})
		w.check(err)
		e.hears(fmt.Sprintf(`post {"what":"published","post_id":%d,"feeds":["all","home","local","c/garden"],"own":false}`, post.ID))

		w.do("PUT", fmt.Sprintf("/api/v1/posts/%d/vote", w.post.ID), object{"value": 1}, w.as("carol")).is(http.StatusOK)
		w.do("PUT", fmt.Sprintf("/api/v1/posts/%d/vote", w.post.ID), object{"value": 1}, w.as("dave")).is(http.StatusOK)
		_, err = db.Fold(ctx, 5000)
		w.check(err)
		e.hears(fmt.Sprintf(`votes {"post_id":%d,"comment_id":null,"score":2,"ups":2,"downs":0}`, w.post.ID))

		w.tellAll()
		if event, _ := e.next(); !strings.HasPrefix(event, `unread {"unread":`) || event == quiet {
			t.Errorf("heard %q after what concerns bob", event)
		}
		w.do(http.MethodPost, "/api/v1/conversations/bob/messages", object{"body": "Hello"}, w.as("dave")).is(http.StatusCreated)
		if event, _ := e.next(); !strings.HasSuffix(event, `"messages":1}`) {
			t.Errorf("heard %q after a message", event)
		}
		w.get("/api/v1/notifications/unread", w.as("bob")).is(http.StatusOK).lacks(`"unread":0`)
	})
}

// Who comes back hears what they missed; who was away for too long is told to
// look at everything again.
func TestListeningAgain(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		server := w.runs()
		thread := fmt.Sprintf("thread=%d", w.post.ID)
		others := w.listen(server, "dave", thread) // so that the log is followed
		others.hears(quiet)
		e := w.listen(server, "bob", thread)
		id := e.hears(quiet)
		e.hang()
		c, err := w.posts.Comment(t.Context(), w.who["carol"].Actor, w.post.ID, 0, posts.Draft{Body: "While you were away"})
		w.check(err)
		missed := fmt.Sprintf(`comment {"what":"published","post_id":%d,"comment_id":%d,"parent_id":null,"own":false}`, w.post.ID, c.ID)
		others.hears(missed)
		for _, how := range []func() *ear{
			func() *ear { return w.listen(server, "bob", thread, header("Last-Event-ID", id)) },
			func() *ear { return w.listen(server, "bob", thread+"&after="+id) },
		} {
			e := how()
			e.hears(quiet)
			e.hears(missed)
		}
	})
}

// An ear hears nothing of what it may not: of groups that are closed to it,
// of people and words it keeps away, or after signing out.
func TestWhoHearsNothing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		server := w.runs()
		ctx, alice, carol := t.Context(), w.who["alice"].Actor, w.who["carol"].Actor
		vault, err := w.groups.Create(ctx, alice, groups.Draft{Name: "vault", Visibility: community.Private})
		w.check(err)
		secret, err := w.posts.Publish(ctx, alice, vault.Actor, posts.Draft{Title: "Secret"})
		w.check(err)
		w.do(http.MethodPut, "/api/v1/me/mutes/people/carol", object{}, w.as("bob")).is(http.StatusOK)

		query := fmt.Sprintf("thread=%d&thread=%d&feed=all&feed=c/vault", secret.ID, w.post.ID)
		out, in := w.listen(server, "bob", query), w.listen(server, "alice", query)
		out.hears(quiet)
		in.hears(quiet)
		say := func(by *community.Actor, post community.PostID) string {
			c, err := w.posts.Comment(ctx, by, post, 0, posts.Draft{Body: "x"})
			w.check(err)
			return fmt.Sprintf(`comment {"what":"published","post_id":%d,"comment_id":%d,"parent_id":null,"own":%v}`, post, c.ID, by == alice)
		}
		in.hears(say(alice, secret.ID))
		in.hears(say(carol, w.post.ID)) // whom bob keeps away
		both := say(w.who["dave"].Actor, w.post.ID)
		in.hears(both)
		out.hears(both)

		// Until a moment ago bob heard this.
		w.do("DELETE", "/api/v1/session", nil, w.as("bob")).is(http.StatusNoContent)
		in.hears(say(w.who["dave"].Actor, w.post.ID))
		out.hears(`bye {}`)
		out.hears(`end`)
		if e := w.listen(server, "bob", query); e.status != http.StatusUnauthorized {
			t.Errorf("status %d after signing out", e.status)
		}
	})
}

// Two processes on one database tell the same.
func TestTwoProcessesTell(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		var worlds []*world
		var ears []*ear
		for i := range 2 {
			db, err := storage.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			w := newWorld(t, db)
			if i == 0 {
				w.settle()
			} else {
				w.tokens, w.post = worlds[0].tokens, worlds[0].post
			}
			worlds = append(worlds, w)
			ears = append(ears, w.listen(w.runs(), "bob", fmt.Sprintf("thread=%d", w.post.ID)))
		}
		c, err := worlds[0].posts.Comment(t.Context(), worlds[0].who["carol"].Actor, worlds[0].post.ID, 0, posts.Draft{Body: "x"})
		worlds[0].check(err)
		for _, e := range ears {
			e.hears(quiet)
			e.hears(fmt.Sprintf(`comment {"what":"published","post_id":%d,"comment_id":%d,"parent_id":null,"own":false}`, c.PostID, c.ID))
		}
	})
}

func TestListeningIsBounded(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	server := w.runs()
	w.listen(server, "bob", "").hears(quiet)
	for query, want := range map[string]int{
		"feed=everything":                         http.StatusUnprocessableEntity,
		strings.Repeat("thread=1&", 21):           http.StatusUnprocessableEntity,
		"thread=x":                                http.StatusUnprocessableEntity,
		"feed=c/%E2%80%AEgarden&feed=f/%E2%80%8B": http.StatusOK, // nothing is called like that
		"after=99999999999999999":                 http.StatusOK,
		"after=-1":                                http.StatusOK,
	} {
		e := w.listen(server, "dave", query)
		e.hang()
		if e.status != want {
			t.Errorf("%s: status %d, want %d", query, e.status, want)
		}
	}
	for range live.MostOfOne - 1 {
		w.listen(server, "bob", "").hears(quiet)
	}
	if e := w.listen(server, "bob", ""); e.status != http.StatusTooManyRequests {
		t.Errorf("status %d for one more than an account may have", e.status)
	}
}
