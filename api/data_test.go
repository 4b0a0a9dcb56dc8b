package api_test

import (
	"net/http"
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
