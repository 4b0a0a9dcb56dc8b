package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// browser signs somebody in and returns what their browser sends from then
// on.
func (w *world) browser(name string) (secret string, with change) {
	w.t.Helper()
	secret, _, err := w.accounts.StartSession(w.t.Context(), w.who[name], "Browser/1")
	w.check(err)
	return secret, header("Cookie", "__Host-drystone="+secret)
}

// sure is somebody in a browser where they just proved who they are.
func (w *world) sure(name string) change {
	w.t.Helper()
	_, with := w.browser(name)
	return with
}

// forget makes every session one whose owner proved long ago who they are.
func (w *world) forget() {
	w.t.Helper()
	_, err := w.db.Bun().NewUpdate().Table("sessions").Set("confirmed_at = ?", time.Now().Add(-community.ConfirmationLife)).Where("confirmed_at IS NOT NULL").Exec(w.t.Context())
	w.check(err)
}

// confirm proves by the password who is there, and is what the browser sends
// from then on.
func (w *world) confirm(with change) change {
	w.t.Helper()
	c := w.do(http.MethodPost, "/api/v1/session/confirm", object{"password": password}, with).is(http.StatusOK).cookie("__Host-drystone")
	return header("Cookie", c.Name+"="+c.Value)
}

// A cookie's secret and a token's are different things: what is stolen from
// one place does not work in the other.
func TestSecretsStayInTheirPlace(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	secret, with := w.browser("alice")
	token := w.tokens["alice"]
	tests := []struct {
		name   string
		send   change
		status int
	}{
		{"a cookie as a cookie", with, http.StatusOK},
		{"a token as a token", header("Authorization", "Bearer "+token), http.StatusOK},
		{"the scheme in small letters", header("Authorization", "bearer "+token), http.StatusOK},
		{"a cookie as a token", header("Authorization", "Bearer "+secret), http.StatusUnauthorized},
		{"a token as a cookie", header("Cookie", "__Host-drystone="+token), http.StatusUnauthorized},
		{"a cookie without its prefix", header("Cookie", "drystone="+secret), http.StatusUnauthorized},
		{"another scheme", header("Authorization", "Basic "+token), http.StatusUnauthorized},
		{"nothing after Bearer", header("Authorization", "Bearer "), http.StatusUnauthorized},
		{"nothing", func(*http.Request) {}, http.StatusUnauthorized},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			r := w.get("/api/v1/me", test.send).is(test.status)
			if test.status == http.StatusUnauthorized && r.Header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	// A bad token is an error even where nobody need be signed in.
	w.get("/api/v1/feed", header("Authorization", "Bearer nonsense")).is(http.StatusUnauthorized)
}

func TestCookieOnPlainHTTP(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Secure, o.Origin = false, "http://stone.example" })
	c := w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated).cookie("drystone")
	if c == nil || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %v", c)
	}
}

func TestSessions(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.person("alice")
		_, here := w.browser("alice")
		_, there := w.browser("alice")
		items := w.get("/api/v1/sessions", here).is(http.StatusOK).json()["items"].([]any)
		if len(items) != 2 {
			t.Fatalf("%d sessions, want 2: %v", len(items), items)
		}
		current := 0
		var other float64
		for _, item := range items {
			s := item.(object)
			if s["agent"] != "Browser/1" {
				t.Errorf("agent = %v", s["agent"])
			}
			if s["current"] == true {
				current++
			} else {
				other = s["id"].(float64)
			}
		}
		if current != 1 {
			t.Errorf("%d sessions are current", current)
		}
		path := "/api/v1/sessions/" + strconv.Itoa(int(other))
		w.do(http.MethodDelete, path, nil, here).is(http.StatusNoContent)
		w.get("/api/v1/me", there).is(http.StatusUnauthorized)
		w.do(http.MethodDelete, path, nil, here).is(http.StatusNotFound)
	})
}

func TestTokens(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.person("alice")
		made := w.do(http.MethodPost, "/api/v1/tokens", object{"name": "script"}, w.sure("alice")).is(http.StatusCreated).json()
		secret, _ := made["token"].(string)
		if made["name"] != "script" || len(secret) < 20 {
			t.Fatalf("POST /tokens = %v", made)
		}
		with := header("Authorization", "Bearer "+secret)
		list := w.get("/api/v1/tokens", with).is(http.StatusOK)
		if strings.Contains(list.text, secret) || len(list.json()["items"].([]any)) != 2 {
			t.Errorf("GET /tokens = %s", list.text)
		}
		isProblem(t, w.do(http.MethodPost, "/api/v1/tokens", object{"name": " "}, w.sure("alice")).is(http.StatusUnprocessableEntity), "body.name")
		w.do(http.MethodDelete, "/api/v1/tokens/"+strconv.Itoa(int(made["id"].(float64))), nil, with).is(http.StatusNoContent)
		w.get("/api/v1/me", with).is(http.StatusUnauthorized)
	})
}

// What a page of another site makes a browser send must not count.
func TestCrossSite(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	_, with := w.browser("bob")
	vote := object{"value": 1}
	path := "/api/v1/posts/" + strconv.Itoa(int(w.post.ID)) + "/vote"
	tests := []struct {
		name    string
		method  string
		path    string
		body    any
		changes []change
		status  int
	}{
		{"another site's page", http.MethodPut, path, vote, []change{with, header("Sec-Fetch-Site", "cross-site")}, http.StatusForbidden},
		{"a neighbouring host's page", http.MethodPut, path, vote, []change{with, header("Sec-Fetch-Site", "same-site")}, http.StatusForbidden},
		{"an old browser, another origin", http.MethodPut, path, vote, []change{with, header("Origin", "https://evil.example")}, http.StatusForbidden},
		{"a page in a sandbox", http.MethodPut, path, vote, []change{with, header("Origin", "null")}, http.StatusForbidden},
		{"signing somebody in as somebody else", http.MethodPost, "/api/v1/session", object{"name": "x", "password": "y"}, []change{header("Sec-Fetch-Site", "cross-site")}, http.StatusForbidden},
		{"signing somebody up", http.MethodPost, "/api/v1/accounts", object{"name": "xx", "password": password}, []change{header("Origin", "https://evil.example")}, http.StatusForbidden},
		{"signing somebody out", http.MethodDelete, "/api/v1/session", nil, []change{with, header("Sec-Fetch-Site", "cross-site")}, http.StatusForbidden},
		{"a form of another site", http.MethodPost, "/api/v1/groups", "name=evil", []change{with, header("Content-Type", "text/plain"), header("Origin", "https://evil.example")}, http.StatusForbidden},
		{"our own page", http.MethodPut, path, vote, []change{with, header("Sec-Fetch-Site", "same-origin"), header("Origin", origin)}, http.StatusOK},
		{"our own page behind a proxy that hides the host", http.MethodPut, path, vote, []change{with, header("Origin", origin), func(r *http.Request) { r.Host = "127.0.0.1:8080" }}, http.StatusOK},
		{"a program", http.MethodPut, path, vote, []change{w.as("bob")}, http.StatusOK},
		{"reading", http.MethodGet, "/api/v1/me", nil, []change{with, header("Sec-Fetch-Site", "cross-site")}, http.StatusOK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			r := w.do(test.method, test.path, test.body, test.changes...).is(test.status)
			if test.status == http.StatusForbidden {
				isProblem(t, r, "")
			}
		})
	}
}
