package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/storage"
)

func TestSearch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for path, want := range map[string]string{
			"q=tomatoes":            "posts 1 comments 0 groups 0 people 0",
			"q=garden":              "posts 0 comments 0 groups 1 people 0",
			"q=alice":               "posts 0 comments 0 groups 0 people 1",
			"q=alice&kind=posts":    "posts 0 comments 0 groups 0 people 0",
			"q=count&kind=comments": "posts 0 comments 1 groups 0 people 0",
			"q=":                    "posts 0 comments 0 groups 0 people 0",
			"q=%22%27%3B--+OR+1":    "posts 0 comments 0 groups 0 people 0",
		} {
			found := w.get("/api/v1/search?" + path).is(http.StatusOK).json()
			var got []string
			for _, kind := range []string{"posts", "comments", "groups", "people"} {
				list, is := found[kind].([]any)
				if !is {
					t.Errorf("%s: %s is %v", path, kind, found[kind])
				}
				got = append(got, fmt.Sprint(kind, " ", len(list)))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s found %v, want %s", path, got, want)
			}
		}
		isProblem(t, w.get("/api/v1/search?q=x&kind=things").is(http.StatusUnprocessableEntity), "query.kind")
	})
}

// A resolver that knows one of each.
type resolver struct{ w *world }

func (r resolver) Resolve(ctx context.Context, reader *community.Actor, query string) (*community.Resolved, error) {
	switch query {
	case "post":
		v, err := r.w.posts.Find(ctx, reader, r.w.post.ID)
		return &community.Resolved{Post: v}, err
	case "comment":
		v, err := r.w.posts.FindComment(ctx, reader, r.w.comment.ID)
		return &community.Resolved{Comment: v}, err
	case "group":
		return &community.Resolved{Group: &community.Group{Actor: r.w.garden}}, nil
	case "person":
		return &community.Resolved{Person: r.w.who["bob"].Actor}, nil
	case "down":
		return nil, fault.New(fault.Unavailable, "far.example does not answer.")
	}
	return &community.Resolved{}, nil
}

func (resolver) FreshenFeed(context.Context, *community.Actor, *community.Actor) (*community.Backfill, error) {
	return nil, nil
}

func (resolver) FreshenGroup(context.Context, *community.Actor, *community.Actor) (*community.Backfill, error) {
	return &community.Backfill{State: community.BackfillActive, Fetched: 3, Trouble: "slow"}, nil
}

func (resolver) FreshenThread(_ context.Context, reader *community.Actor, _ *community.Post) (*community.Backfill, error) {
	if reader == nil {
		return nil, nil
	}
	return &community.Backfill{State: community.BackfillDone, Fetched: 7, ReadAt: time.Unix(1780000000, 0)}, nil
}

func (r resolver) Identify(context.Context, *community.Actor, string) (*community.Actor, error) {
	return r.w.who["carol"].Actor, nil
}

func (resolver) Intent(_ context.Context, account, uri string) (string, error) {
	return "https://far.example/act?uri=" + uri, nil
}

func (resolver) Move(context.Context, *community.Actor, *community.Actor, string) error {
	return fault.Field("target", "They do not expect you.")
}

func (r resolver) MayAskToQuote(_ context.Context, _ *community.Actor, subject community.Subject) error {
	if subject == r.w.comment.Subject() {
		return fault.Field("quote", "They let nobody quote this.")
	}
	return nil
}

func TestResolve(t *testing.T) {
	known := &resolver{}
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Resolver = known }).settle()
	known.w = w
	for _, kind := range []string{"post", "comment", "group", "person"} {
		found := w.get("/api/v1/resolve?q=" + kind).is(http.StatusOK).json()
		if found["kind"] != kind || found[kind] == nil || len(found) != 2 {
			t.Errorf("resolve %s = %v", kind, found)
		}
	}
	isProblem(t, w.get("/api/v1/resolve?q=down").is(http.StatusServiceUnavailable).has("far.example does not answer."), "")
	isProblem(t, w.get("/api/v1/resolve?q=nothing").is(http.StatusNotFound), "")
}

func TestNotifications(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		teller := &notifications.Service{DB: db, Now: time.Now}
		err := db.InTx(t.Context(), func(tx *storage.DB) error {
			return teller.Read(t.Context(), tx, []community.Fact{{
				Kind: community.CommentPublished, ActorID: w.who["carol"].Actor.ID, PostID: w.post.ID, CommentID: w.comment.ID, At: w.comment.CreatedAt,
			}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if me := w.get("/api/v1/me", w.as("bob")).json(); me["unread"] != 1.0 {
			t.Errorf("unread = %v", me["unread"])
		}
		n := w.get("/api/v1/notifications", w.as("bob")).is(http.StatusOK).json()["items"].([]any)[0].(object)
		if n["kind"] != "reply" || n["read"] != false || n["actor"].(object)["handle"] != "carol" ||
			n["post"].(object)["title"] != "Seedlings" || !strings.Contains(n["comment"].(object)["html"].(string), "Count me in") {
			t.Errorf("the notification = %v", n)
		}
		isProblem(t, w.do(http.MethodPost, "/api/v1/notifications/read", object{"up_to": 0}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.up_to")
		w.do(http.MethodPost, "/api/v1/notifications/read", object{"up_to": n["id"]}, w.as("bob")).is(http.StatusNoContent)
		if me := w.get("/api/v1/me", w.as("bob")).json(); me["unread"] != 0.0 {
			t.Errorf("unread = %v", me["unread"])
		}
		// Words that were taken down since are not told on.
		w.do(http.MethodPost, fmt.Sprintf("/api/v1/comments/%d/removal", w.comment.ID), object{"reason": "x"}, w.as("alice")).is(http.StatusNoContent)
		w.get("/api/v1/notifications", w.as("bob")).is(http.StatusOK).has(`"read":true`).lacks("Count me in")
	})
}

func TestInstanceAndPreview(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	if about := w.get("/api/v1/instance").is(http.StatusOK).json(); about["empty"] != true || about["registrations"] != "open" || about["name"] != "Stone" || about["version"] != "test" {
		t.Errorf("GET /instance = %v", about)
	}
	w.settle()
	if about := w.get("/api/v1/instance").json(); about["empty"] != false || about["people"] != 5.0 || about["groups"] != 1.0 {
		t.Errorf("GET /instance = %v", about)
	}
	html := w.do(http.MethodPost, "/api/v1/markdown/preview", object{"body": "*hi* <script>alert(1)</script>"}).is(http.StatusOK).json()["html"].(string)
	if !strings.Contains(html, "<em>hi</em>") || strings.Contains(html, "<script") {
		t.Errorf("preview = %q", html)
	}
}

func TestPasskeyCeremonies(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	begins := []struct {
		path, finish string
		body         any
		who          change
		option       string
	}{
		{"/signup/passkey/begin", "/signup/passkey/finish", object{"name": "erin"}, w.as("nobody"), "user"},
		{"/session/passkey/begin", "/session/passkey/finish", object{}, w.as("nobody"), "challenge"},
		{"/session/passkey/begin", "/session/passkey/finish", nil, w.as("nobody"), "challenge"},
		{"/passkeys/begin", "/passkeys/finish", object{}, w.sure("bob"), "user"},
	}
	for _, b := range begins {
		begun := w.do(http.MethodPost, "/api/v1"+b.path, b.body, b.who).is(http.StatusOK).json()
		options, _ := begun["options"].(object)
		key, _ := options["publicKey"].(object)
		if begun["ceremony"] == "" || key[b.option] == nil {
			t.Errorf("%s = %v", b.path, begun)
		}
		r := w.do(http.MethodPost, "/api/v1"+b.finish, object{"ceremony": begun["ceremony"], "credential": object{"id": "x"}}, b.who)
		if r.StatusCode != http.StatusUnprocessableEntity && r.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s with rubbish = %d %s", b.finish, r.StatusCode, r.text)
		}
		isProblem(t, r, "")
		isProblem(t, w.do(http.MethodPost, "/api/v1"+b.finish, object{"ceremony": "x"}, b.who).is(http.StatusUnprocessableEntity), "body.credential")
	}
	isProblem(t, w.do(http.MethodPost, "/api/v1/signup/passkey/begin", object{"name": "alice"}).is(http.StatusConflict), "body.name")
	if list := w.get("/api/v1/passkeys", w.as("bob")).is(http.StatusOK).json()["items"].([]any); len(list) != 0 {
		t.Errorf("passkeys = %v", list)
	}
}
