package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

func TestEvents(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		p := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{
			"title": "A dance", "body": "Bring *friends*.", "event": object{
				"starts_at": "2026-12-11T19:00:00+01:00", "ends_at": "2026-12-11T22:00:00+01:00", "zone": "Europe/Berlin",
				"place": "The <b>barn</b>", "url": "https://example.org/dance",
			},
		}, w.as("bob")).is(http.StatusCreated).json()
		event := p["event"].(object)
		if p["kind"] != "event" || event["starts_at"] != "2026-12-11T18:00:00Z" || event["ends_at"] != "2026-12-11T21:00:00Z" ||
			event["zone"] != "Europe/Berlin" || event["place"] != "The <b>barn</b>" || event["url"] != "https://example.org/dance" {
			t.Fatalf("POST = %v", p)
		}
		path := fmt.Sprintf("/api/v1/posts/%v", p["id"])
		if list := w.get("/api/v1/groups/garden/posts", w.as("dave")).is(http.StatusOK).json()["items"].([]any); list[0].(object)["event"] == nil {
			t.Errorf("the feed has it without its event: %v", list[0])
		}
		// The page can be read without scripts.
		w.get(fmt.Sprintf("/post/%v", p["id"])).is(http.StatusOK).has(`datetime="2026-12-11T18:00:00Z"`).has("The &lt;b&gt;barn&lt;/b&gt;").has("https://example.org/dance")

		edited := w.do(http.MethodPatch, path, object{"title": "The dance"}, w.as("bob")).is(http.StatusOK).json()
		if edited["kind"] != "event" || edited["event"].(object)["place"] != "The <b>barn</b>" {
			t.Errorf("with another title it is %v", edited)
		}
		later := object{"event": object{"starts_at": "2026-12-12T18:00:00Z"}}
		w.do(http.MethodPatch, path, later, w.as("dave")).is(http.StatusForbidden)
		w.do(http.MethodPatch, path, later, w.as("alice")).is(http.StatusForbidden) // a moderator's words are their own
		edited = w.do(http.MethodPatch, path, later, w.as("bob")).is(http.StatusOK).json()
		if event := edited["event"].(object); event["starts_at"] != "2026-12-12T18:00:00Z" || event["ends_at"] != nil || event["place"] != nil || event["zone"] != nil {
			t.Errorf("later, it is %v", edited)
		}
		isProblem(t, w.do(http.MethodPatch, fmt.Sprintf("/api/v1/posts/%d", w.post.ID), later, w.as("bob")).is(http.StatusUnprocessableEntity), "body.event")

		w.do(http.MethodPost, path+"/removal", object{"reason": "Off topic"}, w.as("alice")).is(http.StatusNoContent)
		if got := w.get(path, w.as("dave")).is(http.StatusOK).json(); got["event"] != nil {
			t.Errorf("removed, it shows %v", got["event"])
		}
	})
}

func TestEventRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	const at = "2026-12-11T18:00:00Z"
	tests := []struct {
		name     string
		post     object
		location string
	}{
		{"no time", object{"event": object{"place": "Here"}}, "body.event.starts_at"},
		{"a mistyped year", object{"event": object{"starts_at": "0026-12-11T18:00:00Z"}}, "body.event.starts_at"},
		{"an end before", object{"event": object{"starts_at": at, "ends_at": "2026-12-11T17:00:00Z"}}, "body.event.ends_at"},
		{"no zone", object{"event": object{"starts_at": at, "zone": "Home"}}, "body.event.zone"},
		{"a long place", object{"event": object{"starts_at": at, "place": strings.Repeat("x", 301)}}, "body.event.place"},
		{"a script", object{"event": object{"starts_at": at, "url": "javascript:alert(1)"}}, "body.event.url"},
		{"a poll too", object{"event": object{"starts_at": at}, "poll": object{"options": []string{"a", "b"}}}, "body.event"},
		{"a link too", object{"event": object{"starts_at": at}, "link": "https://example.org/"}, "body.link"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			test.post["title"] = "x"
			isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", test.post, w.as("bob")).is(http.StatusUnprocessableEntity), test.location)
		})
	}
}
