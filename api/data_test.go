package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// An archive has everything in it, so it is for its owner, and for no program
// that may not read everything.
func TestArchivesAreForTheirOwners(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.check(db.AddExport(t.Context(), &community.Export{
			AccountID: w.who["bob"].Account.ID, Name: "drawn", State: community.ExportReady,
			CreatedAt: time.Now(), FinishedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		}))
		const path = "/api/v1/me/export/drawn"
		got := w.get(path, w.as("bob")).is(http.StatusOK)
		if kind := got.Header.Get("Content-Type"); kind != "application/zip" {
			t.Errorf("it is %q", kind)
		}
		if cached := got.Header.Get("Cache-Control"); cached != "private, no-store" {
			t.Errorf("it may be kept: %q", cached)
		}
		w.get(path, w.as("alice")).is(http.StatusNotFound)
		w.get(path, w.as("nobody")).is(http.StatusUnauthorized)
		w.get("/api/v1/me/export/guessed", w.as("bob")).is(http.StatusNotFound)
		w.get(path, w.token("bob", "account")).is(http.StatusForbidden).has(`"code":"insufficient_scope"`)
		w.get(path, w.token("bob", "account read messages")).is(http.StatusOK)
		w.do(http.MethodDelete, "/api/v1/me/export", nil, w.as("alice")).is(http.StatusNoContent)
		w.get(path, w.as("bob")).is(http.StatusOK)
		w.do(http.MethodDelete, "/api/v1/me/export", nil, w.as("bob")).is(http.StatusNoContent)
		w.get(path, w.as("bob")).is(http.StatusNotFound)
	})
}

// The forms of the page work without JavaScript, and ask for a password before
// an account is given up.
func TestDataForms(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		up := func(name string) change {
			c := w.do(http.MethodPost, "/api/v1/accounts", object{"name": name, "password": password}).is(http.StatusCreated).cookie("__Host-drystone")
			return header("Cookie", c.Name+"="+c.Value)
		}
		up("ada")
		erin := up("erin")
		form := header("Content-Type", "application/x-www-form-urlencoded")
		send := func(body string, who change) *reply { return w.do(http.MethodPost, "/settings/data", body, form, who) }

		w.get("/settings/data", erin).is(http.StatusOK).has("Have an archive written", "Delete my account in two weeks")
		send("do=export", erin).is(http.StatusSeeOther)
		w.get("/settings/data", erin).is(http.StatusOK).has("is being written")
		send("do=forget", erin).is(http.StatusSeeOther)
		send("do=nonsense", erin).is(http.StatusUnprocessableEntity)
		send("do=leave&password=wrong+horse+battery", erin).is(http.StatusForbidden)
		w.get("/api/v1/people/erin").is(http.StatusOK)
		send("do=leave&password="+url.QueryEscape(password), erin).is(http.StatusSeeOther)
		w.get("/api/v1/people/erin").is(http.StatusNotFound)
		w.get("/api/v1/me", erin).is(http.StatusUnauthorized)
		c := w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password}).is(http.StatusOK).cookie("__Host-drystone")
		erin = header("Cookie", c.Name+"="+c.Value)
		w.get("/settings/data", erin).is(http.StatusOK).has("Come back and keep my account").lacks("Delete my account in two weeks")
		send("do=return", erin).is(http.StatusSeeOther)
		w.get("/api/v1/people/erin").is(http.StatusOK)
	})
}
