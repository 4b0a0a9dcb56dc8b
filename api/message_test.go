package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// Two people write to each other, and nobody else sees any of it.
func TestMessages(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const secret = "the Zanzibar seeds"
		sent := w.do(http.MethodPost, "/api/v1/conversations/bob/messages", object{"body": "I have " + secret}, w.as("alice")).is(http.StatusCreated)
		id := fmt.Sprint(sent.json()["id"])
		if got := w.get("/api/v1/me", w.as("bob")).json()["unread_messages"]; fmt.Sprint(got) != "1" {
			t.Errorf("bob has %v unread messages", got)
		}
		for _, who := range []string{"alice", "bob"} {
			other := map[string]string{"alice": "bob", "bob": "alice"}[who]
			for _, path := range []string{"/api/v1/conversations", "/api/v1/conversations/" + other, "/messages", "/messages/" + other} {
				if got := w.get(path, w.as(who)).is(http.StatusOK); !strings.Contains(got.text, secret) {
					t.Errorf("%s does not see it at %s: %.300s", who, path, got.text)
				}
			}
		}
		for _, who := range []string{"nobody", "dave", "ada"} {
			for _, path := range []string{
				"/api/v1/conversations", "/api/v1/conversations/bob", "/api/v1/conversations/alice", "/api/v1/messages/" + id, "/api/v1/search?q=Zanzibar",
				"/api/v1/people/alice/comments", "/api/v1/feed?view=all", "/messages", "/messages/alice", "/u/alice", "/u/alice.atom", "/.atom", "/message/" + id,
			} {
				if got := w.get(path, w.as(who)); strings.Contains(got.text, secret) {
					t.Errorf("%s sees it at %s", who, path)
				}
			}
		}
		w.do(http.MethodPost, "/api/v1/conversations/alice/read", object{"up_to": sent.json()["id"]}, w.as("bob")).is(http.StatusNoContent)
		if got := w.get("/api/v1/me", w.as("bob")).json()["unread_messages"]; fmt.Sprint(got) != "0" {
			t.Errorf("bob has %v unread messages after reading", got)
		}

		w.do(http.MethodPatch, "/api/v1/me", object{"messages_from": "known"}, w.as("alice")).is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/conversations/alice/messages", object{"body": "x"}, w.as("dave")).is(http.StatusForbidden)
		w.do(http.MethodPost, "/api/v1/conversations/alice/messages", object{"body": "x"}, w.as("bob")).is(http.StatusCreated)
		thread := w.get("/api/v1/conversations/alice", w.as("dave")).is(http.StatusOK)
		if thread.json()["write"] != false || !strings.Contains(fmt.Sprint(thread.json()["why"]), "wrote first") {
			t.Errorf("dave is told %s", thread.text)
		}
		w.do(http.MethodPatch, "/api/v1/me", object{"messages_from": "some"}, w.as("alice")).is(http.StatusUnprocessableEntity)
		w.do(http.MethodPost, "/api/v1/conversations/garden/messages", object{"body": "x"}, w.as("dave")).is(http.StatusNotFound)
		w.do(http.MethodPost, "/api/v1/conversations/dave/messages", object{"body": " "}, w.as("bob")).is(http.StatusUnprocessableEntity)
		for range 5 {
			w.do(http.MethodPost, "/api/v1/conversations/ada/messages", object{"body": "x"}, w.as("dave")).is(http.StatusCreated)
		}
		w.do(http.MethodPost, "/api/v1/conversations/ada/messages", object{"body": "x"}, w.as("dave")).is(http.StatusTooManyRequests)
	})
}
