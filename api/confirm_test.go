package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// inPerson reports whether the document says that no token is good for op.
func (op operation) inPerson() bool {
	return !slices.ContainsFunc(op.Security, func(s map[string][]string) bool { _, token := s["token"]; return token || len(s) == 0 })
}

// What is dangerous is done by nobody who only holds a cookie, or a token. It
// is asked of every operation that says so in the document.
func TestDangerousNeedsConfirmation(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		asked := map[string]bool{}
		for _, op := range operations(t, w) {
			if !op.inPerson() {
				continue
			}
			asked[op.ID] = true
			path, body := "/api/v1"+target(w, op), w.filled(rights[op.ID].body, "ada")
			w.do(op.method, path, body, w.as("ada")).is(http.StatusForbidden).has(`"forbidden"`, "A token may not do this")
			_, with := w.browser("ada")
			w.forget()
			w.do(op.method, path, body, with).is(http.StatusForbidden).has(`"confirmation_required"`)
		}
		for _, id := range []string{
			"deleteMe", "beginPasskey", "finishPasskey", "deletePasskey", "createToken", "setPassword", "setMyEmail",
			"deletePassword", "beginAuthenticator", "deleteAuthenticator", "renewRecoveryCodes", "banPerson", "forgetPeer", "moveMe",
		} {
			if !asked[id] {
				t.Errorf("%s does not ask who is there", id)
			}
		}
	})
}

// The address of an account is a way into it; its other words are not.
func TestAddressNeedsConfirmation(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	_, with := w.browser("alice")
	w.forget()
	change := object{"title": "Alice", "email": "a@mail.example"}
	w.do(http.MethodPatch, "/api/v1/me", change, with).is(http.StatusForbidden).has(`"confirmation_required"`)
	w.do(http.MethodPatch, "/api/v1/me", change, w.as("alice")).is(http.StatusForbidden).has(`"forbidden"`)
	w.get("/api/v1/me", with).is(http.StatusOK).lacks("a@mail.example", `"Alice"`)
	w.do(http.MethodPatch, "/api/v1/me", object{"title": "Alice", "email": ""}, with).is(http.StatusOK)
	w.do(http.MethodPatch, "/api/v1/me", change, w.sure("alice")).is(http.StatusOK).has("a@mail.example")
}

// A session's secret is another one after signing in and after a proof, and
// the one before is worth nothing: neither if somebody planted it in a
// browser, nor if somebody read it there.
func TestSessionFixation(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		up := func(name string) *http.Cookie {
			return w.do(http.MethodPost, "/api/v1/accounts", object{"name": name, "password": password}).is(http.StatusCreated).cookie("__Host-drystone")
		}
		send := func(c *http.Cookie) change { return header("Cookie", c.Name+"="+c.Value) }
		planted := up("mallory")
		alice := up("alice")

		in := w.do(http.MethodPost, "/api/v1/session", object{"name": "alice", "password": password}, send(planted)).is(http.StatusOK).cookie(planted.Name)
		if in == nil || in.Value == planted.Value || in.Value == alice.Value {
			t.Fatalf("signing in sets %v", in)
		}
		w.get("/api/v1/me", send(planted)).is(http.StatusUnauthorized)
		w.get("/api/v1/me", send(in)).is(http.StatusOK).has(`"alice"`)
		w.get("/api/v1/me", send(alice)).is(http.StatusOK)

		sure := w.do(http.MethodPost, "/api/v1/session/confirm", object{"password": password}, send(in)).is(http.StatusOK).cookie(in.Name)
		if sure == nil || sure.Value == in.Value || !sure.HttpOnly || !sure.Secure {
			t.Fatalf("confirming sets %v", sure)
		}
		w.get("/api/v1/me", send(in)).is(http.StatusUnauthorized)
		w.get("/api/v1/me", send(sure)).is(http.StatusOK)

		// A made-up secret is not taken on.
		chosen := &http.Cookie{Name: in.Name, Value: strings.Repeat("a", 43)}
		got := w.do(http.MethodPost, "/api/v1/session", object{"name": "alice", "password": password}, send(chosen)).is(http.StatusOK).cookie(in.Name)
		if got.Value == chosen.Value {
			t.Error("the browser's own secret became the session's")
		}
		w.get("/api/v1/me", send(chosen)).is(http.StatusUnauthorized)
	})
}
