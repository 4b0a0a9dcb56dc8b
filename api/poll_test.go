package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

func TestPolls(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		p := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{
			"title": "When?", "poll": object{"options": []string{" Saturday ", "Sunday"}, "closes_in": 3600},
		}, w.as("bob")).is(http.StatusCreated).json()
		poll := p["poll"].(object)
		options := poll["options"].([]any)
		saturday := options[0].(object)
		if p["kind"] != "poll" || poll["multiple"] != false || poll["closed"] != false || poll["can_vote"] != true || poll["voted"] != false ||
			poll["closes_at"] == nil || len(options) != 2 || saturday["text"] != "Saturday" || saturday["votes"] != 0.0 {
			t.Fatalf("POST = %v", p)
		}
		path := fmt.Sprintf("/api/v1/posts/%v", p["id"])
		voted := w.do(http.MethodPut, path+"/poll/vote", object{"options": []any{saturday["id"]}}, w.as("dave")).is(http.StatusOK).json()["poll"].(object)
		if voted["voters"] != 1.0 || voted["voted"] != true || voted["can_vote"] != false || voted["options"].([]any)[0].(object)["mine"] != true {
			t.Errorf("PUT = %v", voted)
		}
		for name, refused := range map[string]struct {
			body   object
			status int
		}{
			"again":           {object{"options": []any{saturday["id"]}}, http.StatusConflict},
			"nothing":         {object{"options": []any{}}, http.StatusUnprocessableEntity},
			"of another poll": {object{"options": []any{99999}}, http.StatusUnprocessableEntity},
			"two of one":      {object{"options": []any{saturday["id"], options[1].(object)["id"]}}, http.StatusUnprocessableEntity},
		} {
			who := "carol"
			if name == "again" {
				who = "dave"
			}
			if got := w.do(http.MethodPut, path+"/poll/vote", refused.body, w.as(who)); got.StatusCode != refused.status {
				t.Errorf("%s: %d %s", name, got.StatusCode, got.text)
			}
		}
		if list := w.get("/api/v1/groups/garden/posts", w.as("dave")).is(http.StatusOK).json()["items"].([]any); list[0].(object)["poll"] == nil {
			t.Errorf("the feed has it without its poll: %v", list[0])
		}
		// The page can be read without scripts.
		w.get(fmt.Sprintf("/post/%v", p["id"])).is(http.StatusOK).has("Saturday").has("100%")
		edited := w.do(http.MethodPatch, path, object{"title": "When then?"}, w.as("bob")).is(http.StatusOK).json()
		if edited["kind"] != "poll" || edited["poll"].(object)["voters"] != 1.0 {
			t.Errorf("edited, it is %v", edited)
		}
		w.do(http.MethodPost, path+"/removal", object{"reason": "Off topic"}, w.as("alice")).is(http.StatusNoContent)
		if got := w.get(path, w.as("dave")).is(http.StatusOK).json(); got["poll"] != nil {
			t.Errorf("removed, it shows %v", got["poll"])
		}
		if got := w.get(path, w.as("alice")).is(http.StatusOK).json(); got["poll"] == nil {
			t.Error("moderators do not see what they removed")
		}
	})
}

func TestPollRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	tests := []struct {
		name     string
		poll     object
		location string
	}{
		{"one option", object{"options": []string{"a"}}, "body.poll.options"},
		{"the same twice", object{"options": []string{"a", "A"}}, "body.poll.options"},
		{"a long option", object{"options": []string{"a", strings.Repeat("x", 101)}}, "body.poll.options"},
		{"too short", object{"options": []string{"a", "b"}, "closes_in": 60}, "body.poll.closes_at"},
		{"too long", object{"options": []string{"a", "b"}, "closes_in": 1 << 62}, "body.poll.closes_at"},
		{"over", object{"options": []string{"a", "b"}, "closes_at": "2020-01-01T00:00:00Z"}, "body.poll.closes_at"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			isProblem(t, w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "x", "poll": test.poll}, w.as("bob")).is(http.StatusUnprocessableEntity), test.location)
		})
	}
}

func TestAnswers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		path := fmt.Sprintf("/api/v1/posts/%d", w.post.ID)
		if p := w.get(path, w.as("bob")).json(); p["answer_id"] != nil || p["can"].(object)["answer"] != true {
			t.Errorf("before, it is %v", p)
		}
		p := w.do(http.MethodPut, path+"/answer", object{"comment_id": w.comment.ID}, w.as("bob")).is(http.StatusOK).json()
		if p["answer_id"] != float64(w.comment.ID) {
			t.Errorf("PUT = %v", p)
		}
		if c := w.get(path + "/comments").json()["items"].([]any)[0].(object); c["answer"] != true {
			t.Errorf("in the thread it is %v", c)
		}
		w.get(fmt.Sprintf("/post/%d", w.post.ID)).is(http.StatusOK).has("Chosen answer")
		isProblem(t, w.do(http.MethodPut, path+"/answer", object{"comment_id": 999}, w.as("bob")).is(http.StatusNotFound), "")
		w.do(http.MethodDelete, path+"/answer", nil, w.as("alice")).is(http.StatusNoContent)
		if p := w.get(path).json(); p["answer_id"] != nil {
			t.Errorf("DELETE left %v", p)
		}
	})
}
