package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

func TestPosts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		p := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": " A  link ", "link": "https://example.org/x", "body": "*so*", "language": "en", "sensitive": true}, w.as("bob")).is(http.StatusCreated).json()
		for field, want := range (object{
			"kind": "link", "title": "A link", "body": "*so*", "link": "https://example.org/x", "language": "en", "sensitive": true,
			"score": 0.0, "my_vote": 0.0, "edited_at": nil, "removed": false, "deleted": false, "locked": false, "featured": false,
			"url": fmt.Sprintf("%s/post/%v", origin, p["id"]),
		}) {
			if p[field] != want {
				t.Errorf("%s = %v, want %v", field, p[field], want)
			}
		}
		if p["author"].(object)["handle"] != "bob" || p["group"].(object)["handle"] != "garden" || !strings.HasSuffix(p["created_at"].(string), "Z") {
			t.Errorf("POST = %v", p)
		}
		can := p["can"].(object)
		if can["edit"] != true || can["delete"] != true || can["remove"] != false || can["reply"] != true || can["vote"] != true {
			t.Errorf("can = %v", can)
		}
		path := fmt.Sprintf("/api/v1/posts/%v", p["id"])
		edited := w.do(http.MethodPatch, path, object{"title": "No link", "link": ""}, w.as("bob")).is(http.StatusOK).json()
		if edited["kind"] != "text" || edited["link"] != nil || edited["title"] != "No link" || edited["body"] != "*so*" || edited["edited_at"] == nil {
			t.Errorf("PATCH = %v", edited)
		}
		isProblem(t, w.do(http.MethodPatch, path, object{"title": ""}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.title")
		w.do(http.MethodDelete, path, nil, w.as("bob")).is(http.StatusNoContent)
		gone := w.get(path, w.as("alice")).is(http.StatusOK).json()
		if gone["deleted"] != true || gone["title"] != "" || gone["body"] != "" || gone["html"] != "" {
			t.Errorf("GET of what was deleted = %v", gone)
		}
		if list := w.get("/api/v1/groups/garden/posts").is(http.StatusOK).json()["items"].([]any); len(list) != 1 {
			t.Errorf("the group's feed = %v", list)
		}
	})
}

func TestPostRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	tests := []struct {
		name     string
		body     object
		location string
	}{
		{"no title", object{"body": "x"}, "body.title"},
		{"a blank title", object{"title": "  "}, "body.title"},
		{"a long title", object{"title": strings.Repeat("x", 201)}, "body.title"},
		{"a long text", object{"title": "x", "body": strings.Repeat("x", 50_001)}, "body.body"},
		{"a script for a link", object{"title": "x", "link": "javascript:alert(1)"}, "body.link"},
		{"a field that nobody knows", object{"title": "x", "score": 100}, "body.score"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", test.body, w.as("bob")).is(http.StatusUnprocessableEntity), test.location)
		})
	}
}

// What a moderator takes down is a stub to all but moderators, until it is
// brought back.
func TestRemoval(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		post, comment := fmt.Sprintf("/api/v1/posts/%d", w.post.ID), fmt.Sprintf("/api/v1/comments/%d", w.comment.ID)
		for _, path := range []string{post, comment} {
			isProblem(t, w.do(http.MethodPost, path+"/removal", object{}, w.as("alice")).is(http.StatusUnprocessableEntity), "body.reason")
			w.do(http.MethodPost, path+"/removal", object{"reason": "Off topic"}, w.as("alice")).is(http.StatusNoContent)
		}
		read := func(path, who string) object {
			o := w.get(path, w.as(who)).is(http.StatusOK).json()
			if it, is := o["comment"].(object); is {
				return it
			}
			return o
		}
		for _, path := range []string{post, comment} {
			for who, sees := range map[string]bool{"nobody": false, "dave": false, "bob": false, "carol": false, "ada": false, "alice": true} {
				o := read(path, who)
				if o["removed"] != true || o["removed_reason"] != "Off topic" || (o["body"] != "") != sees || (o["html"] != "") != sees {
					t.Errorf("%s as %s = %v", path, who, o)
				}
			}
			w.do(http.MethodDelete, path+"/removal", nil, w.as("alice")).is(http.StatusNoContent)
			if o := read(path, "nobody"); o["removed"] != false || o["body"] == "" || o["removed_reason"] != nil {
				t.Errorf("%s brought back = %v", path, o)
			}
		}
		w.get(fmt.Sprintf("/api/v1/posts/%d/comments", w.post.ID)).is(http.StatusOK).has("Count me in")
	})
}

func TestFeeds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for i := range 4 {
			w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": fmt.Sprint("Post ", i)}, w.as("bob")).is(http.StatusCreated)
		}
		for _, path := range []string{"/feed", "/feed?view=local&sort=new", "/feed?view=home&sort=active", "/groups/garden/posts?sort=top", "/people/bob/posts"} {
			mark := "?"
			if strings.Contains(path, "?") {
				mark = "&"
			}
			seen, cursor := map[any]bool{}, ""
			for range 4 {
				page := w.get("/api/v1"+path+mark+"limit=2"+cursor, w.as("alice")).is(http.StatusOK).json()
				for _, item := range page["items"].([]any) {
					seen[item.(object)["id"]] = true
				}
				next, more := page["next"].(string)
				if !more {
					break
				}
				cursor = "&cursor=" + next
			}
			if len(seen) != 5 {
				t.Errorf("%s has %d posts, want 5", path, len(seen))
			}
		}
	})
}

func TestVotes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for _, path := range []string{fmt.Sprintf("/api/v1/posts/%d", w.post.ID), fmt.Sprintf("/api/v1/comments/%d", w.comment.ID)} {
			for _, value := range []float64{1, 1, -1, 0} {
				v := w.do(http.MethodPut, path+"/vote", object{"value": value}, w.as("dave")).is(http.StatusOK).json()
				if v["my_vote"] != value || v["score"] != value {
					t.Errorf("vote %v on %s = %v", value, path, v)
				}
			}
			isProblem(t, w.do(http.MethodPut, path+"/vote", object{"value": 2}, w.as("dave")).is(http.StatusUnprocessableEntity), "body.value")
			isProblem(t, w.do(http.MethodPut, path+"/vote", object{"value": 0.5}, w.as("dave")).is(http.StatusUnprocessableEntity), "body.value")
			isProblem(t, w.do(http.MethodPut, path+"/vote", object{}, w.as("dave")).is(http.StatusUnprocessableEntity), "body.value")
		}
		w.do(http.MethodPut, "/api/v1/posts/999/vote", object{"value": 1}, w.as("dave")).is(http.StatusNotFound)
		if got := w.do(http.MethodPut, fmt.Sprintf("/api/v1/posts/%d/vote", w.post.ID), object{"value": 1}, w.as("dave")).json(); got["ups"] != 1.0 || got["downs"] != 0.0 {
			t.Errorf("vote = %v", got)
		}
		if p := w.get(fmt.Sprintf("/api/v1/posts/%d", w.post.ID), w.as("dave")).json(); p["my_vote"] != 1.0 {
			t.Errorf("my_vote = %v", p["my_vote"])
		}
	})
}
