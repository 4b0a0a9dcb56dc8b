package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/internal/testdb"
	"drystone/storage"
)

// A draft goes from one device to another, is told apart from what another
// wrote meanwhile, and is gone once it is published.
func TestDrafts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const at = "/api/v1/me/drafts"
		w.do("PUT", at+"/p-1", object{"version": 0, "group": "garden", "title": "Beans", "body": strings.Repeat("é", 400), "poll": object{"options": []string{"Yes", ""}, "multiple": false, "closes_in": 3600}}, w.as("bob")).
			is(http.StatusOK).has(`"version":1`)
		w.do("PUT", at+"/p-1", object{"version": 0, "title": "Peas"}, w.as("bob")).is(http.StatusConflict).has(`"code":"conflict"`, "another device")
		w.get(at+"/p-1", w.as("bob")).is(http.StatusOK).has(`"title":"Beans"`, `"options":["Yes",""]`, strings.Repeat("é", 400))
		w.get(at, w.as("bob")).is(http.StatusOK).has(strings.Repeat("é", 300)).lacks(strings.Repeat("é", 301))
		w.get(at, w.as("dave")).is(http.StatusOK).lacks("Beans")
		w.get(at+"/p-1", w.as("dave")).is(http.StatusNotFound)
		for field, body := range map[string]object{
			"body":         {"body": strings.Repeat("x", 50_001)},
			"title":        {"title": "a\x07b"},
			"poll.options": {"poll": object{"options": []string{strings.Repeat("x", 101)}, "multiple": false, "closes_in": 0}},
			"event.place":  {"event": object{"starts": "", "ends": "", "zone": "", "place": strings.Repeat("x", 301), "url": ""}},
		} {
			body["version"] = 0
			w.do("PUT", at+"/p-bad", body, w.as("bob")).is(http.StatusUnprocessableEntity).has(field)
		}
		w.do("PUT", at+"/NO%20WAY", object{"version": 0}, w.as("bob")).is(http.StatusUnprocessableEntity).has("key")

		w.do("PUT", at+"/a-1", object{"version": 0, "post_id": w.post.ID, "parent_id": w.comment.ID, "body": "Count me"}, w.as("bob")).
			is(http.StatusOK).has(`"title":"Seedlings"`, fmt.Sprintf(`"parent_id":%d`, w.comment.ID))
		w.get(at+fmt.Sprintf("?post=%d", w.post.ID), w.as("bob")).is(http.StatusOK).has("Count me").lacks("Beans")
		w.do("POST", fmt.Sprintf("/api/v1/posts/%d/comments", w.post.ID), object{"body": "Count me in, too", "draft": "a-1"}, w.as("bob")).is(http.StatusCreated)
		w.get(at+"/a-1", w.as("bob")).is(http.StatusNotFound)
		w.do("POST", "/api/v1/groups/garden/posts", object{"title": "Beans", "draft": "p-1"}, w.as("bob")).is(http.StatusCreated)
		w.get(at, w.as("bob")).is(http.StatusOK).has(`"items":[]`)
	})
}

// A post is scheduled by the rules of any other, and can be had back.
func TestScheduledPosts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const at = "/api/v1/me/drafts/p-1"
		soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		w.do("PUT", at, object{"version": 0, "title": "Beans"}, w.as("bob")).is(http.StatusOK)
		w.do("PUT", at+"/schedule", object{"publish_at": soon}, w.as("bob")).is(http.StatusUnprocessableEntity).has("Choose the group")
		w.do("PUT", at, object{"version": 1, "title": "Beans", "group": "!nowhere"}, w.as("bob")).is(http.StatusOK)
		w.do("PUT", at+"/schedule", object{"publish_at": soon}, w.as("bob")).is(http.StatusUnprocessableEntity).has("no group")
		w.do("PUT", at, object{"version": 2, "title": "Beans", "group": "!garden"}, w.as("bob")).is(http.StatusOK)
		w.do("PUT", at+"/schedule", object{"publish_at": "2001-01-01T00:00:00Z"}, w.as("bob")).is(http.StatusUnprocessableEntity).has("publish_at")
		w.do("PUT", at+"/schedule", object{"publish_at": soon}, w.as("bob")).is(http.StatusOK).has(soon)
		w.get("/api/v1/groups/garden/posts", w.as("bob")).is(http.StatusOK).lacks("Beans")
		w.do("DELETE", at+"/schedule", nil, w.as("bob")).is(http.StatusOK).has(`"publish_at":null`)
		w.do("POST", at+"/publish", nil, w.as("bob")).is(http.StatusCreated).has("Beans")
		w.get("/api/v1/groups/garden/posts").is(http.StatusOK).has("Beans")
		w.get(at, w.as("bob")).is(http.StatusNotFound)
	})
}
