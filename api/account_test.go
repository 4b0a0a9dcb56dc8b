package api_test

import (
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

type object = map[string]any

func TestSignUp(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		r := w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password, "email": "erin@mail.example", "title": "Erin"}).is(http.StatusCreated)
		me := r.json()
		for field, want := range (object{
			"kind": "person", "name": "erin", "host": "", "handle": "erin", "title": "Erin", "url": origin + "/u/erin",
			"email": "erin@mail.example", "unread": 0.0, "passkeys": 0.0, "has_password": true,
		}) {
			if me[field] != want {
				t.Errorf("%s = %v, want %v", field, me[field], want)
			}
		}
		c := r.cookie("__Host-drystone")
		if c == nil || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 3600 {
			t.Fatalf("the session cookie is %v", c)
		}
		again := w.get("/api/v1/me", header("Cookie", c.Name+"="+c.Value)).is(http.StatusOK).json()
		if again["account_id"] != me["account_id"] || again["name"] != "erin" {
			t.Errorf("GET /me = %v", again)
		}
	})
}

func TestSignUpRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	tests := []struct {
		name     string
		body     any
		status   int
		location string
	}{
		{"a name that is taken", object{"name": "Alice", "password": password}, http.StatusConflict, "body.name"},
		{"a name that cannot be", object{"name": "a b", "password": password}, http.StatusUnprocessableEntity, "body.name"},
		{"a short password", object{"name": "erin", "password": "short"}, http.StatusUnprocessableEntity, "body.password"},
		{"a password that is left out", object{"name": "erin"}, http.StatusUnprocessableEntity, "body.password"},
		{"an address that is none", object{"name": "erin", "password": password, "email": "erin"}, http.StatusUnprocessableEntity, "body.email"},
		{"a field that nobody knows", object{"name": "erin", "password": password, "admin": true}, http.StatusUnprocessableEntity, "body.admin"},
		{"a number for a name", object{"name": 7, "password": password}, http.StatusUnprocessableEntity, "body.name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			r := w.do(http.MethodPost, "/api/v1/accounts", test.body).is(test.status)
			isProblem(t, r, test.location)
			if len(r.Cookies()) > 0 {
				t.Error("a refusal sets a cookie")
			}
			if strings.Contains(r.text, password) {
				t.Error("the problem repeats the password")
			}
		})
	}
}

func TestSignUpClosed(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.joins(func(j *community.Joining) { j.Mode = community.JoinClosed })
	w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusForbidden)
	w.do(http.MethodPost, "/api/v1/signup/passkey/begin", object{"name": "erin"}).is(http.StatusForbidden)
	if got := w.get("/api/v1/instance").is(http.StatusOK).json()["registrations"]; got != "closed" {
		t.Errorf("registrations = %v", got)
	}
}

func TestSignInAndOut(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.do(http.MethodPost, "/api/v1/accounts", object{"name": "erin", "password": password}).is(http.StatusCreated)
		for _, wrong := range []object{{"name": "erin", "password": "not the password"}, {"name": "nobody", "password": password}} {
			isProblem(t, w.do(http.MethodPost, "/api/v1/session", wrong).is(http.StatusUnauthorized), "")
		}
		c := w.do(http.MethodPost, "/api/v1/session", object{"name": "ERIN", "password": password}).is(http.StatusOK).cookie("__Host-drystone")
		if c == nil {
			t.Fatal("signing in sets no cookie")
		}
		with := header("Cookie", c.Name+"="+c.Value)
		gone := w.do(http.MethodDelete, "/api/v1/session", nil, with).is(http.StatusNoContent).cookie(c.Name)
		if gone == nil || gone.MaxAge >= 0 || gone.Value != "" || !gone.Secure {
			t.Errorf("signing out leaves the cookie: %v", gone)
		}
		w.get("/api/v1/me", with).is(http.StatusUnauthorized)
		// An old cookie is no error where nobody need be signed in.
		w.get("/api/v1/feed", with).is(http.StatusOK)
	})
}

func TestEditMe(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	me := w.do(http.MethodPatch, "/api/v1/me", object{"title": "Alice A.", "summary": "I grow *beans*.", "email": "a@mail.example"}, w.sure("alice")).is(http.StatusOK).json()
	if me["title"] != "Alice A." || me["email"] != "a@mail.example" {
		t.Errorf("PATCH /me = %v", me)
	}
	person := w.get("/api/v1/people/alice").is(http.StatusOK).json()
	if person["summary"] != "I grow *beans*." || !strings.Contains(person["summary_html"].(string), "<em>beans</em>") || person["email"] != nil {
		t.Errorf("GET /people/alice = %v", person)
	}
	isProblem(t, w.do(http.MethodPatch, "/api/v1/me", object{"email": "nonsense"}, w.sure("alice")).is(http.StatusUnprocessableEntity), "body.email")
	w.do(http.MethodPatch, "/api/v1/me", object{"title": strings.Repeat("x", 81)}, w.as("alice")).is(http.StatusUnprocessableEntity)
}
