package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

func TestComments(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		thread := fmt.Sprintf("/api/v1/posts/%d/comments", w.post.ID)
		c := w.do(http.MethodPost, thread, object{"body": "Me *too*", "parent_id": w.comment.ID}, w.as("dave")).is(http.StatusCreated).json()
		if c["depth"] != 1.0 || c["parent_id"] != float64(w.comment.ID) || c["post_id"] != float64(w.post.ID) || c["post_title"] != nil ||
			!strings.Contains(c["html"].(string), "<em>too</em>") || c["url"] != fmt.Sprintf("%s/comment/%v", origin, c["id"]) || c["author"].(object)["handle"] != "dave" {
			t.Fatalf("POST = %v", c)
		}
		w.do(http.MethodPost, thread, object{"body": "Third"}, w.as("bob")).is(http.StatusCreated)
		list := w.get(thread + "?sort=old").is(http.StatusOK).json()["items"].([]any)
		var got []string
		for _, item := range list {
			got = append(got, fmt.Sprintf("%v:%v", item.(object)["depth"], item.(object)["body"]))
		}
		if want := "0:Count me in 1:Me *too* 0:Third"; strings.Join(got, " ") != want {
			t.Errorf("the thread = %v, want %s", got, want)
		}
		if top := list[0].(object); top["parent_id"] != nil {
			t.Errorf("parent_id = %v, want null", top["parent_id"])
		}
		page := w.get(thread + "?sort=old&limit=1").is(http.StatusOK).json()
		next := w.get(thread + "?sort=old&limit=1&cursor=" + page["next"].(string)).is(http.StatusOK).json()
		if body := next["items"].([]any)[0].(object)["body"]; body != "Me *too*" {
			t.Errorf("the second page begins with %v", body)
		}

		path := fmt.Sprintf("/api/v1/comments/%v", c["id"])
		where := w.get(path + "?context=3").is(http.StatusOK).json()
		if where["comment"].(object)["body"] != "Me *too*" || where["post"].(object)["title"] != "Seedlings" || len(where["ancestors"].([]any)) != 1 {
			t.Errorf("GET with context = %v", where)
		}
		if a := w.get(path).json()["ancestors"].([]any); len(a) != 0 {
			t.Errorf("ancestors without context = %v", a)
		}
		if e := w.do(http.MethodPatch, path, object{"body": "Not me"}, w.as("dave")).is(http.StatusOK).json(); e["body"] != "Not me" || e["edited_at"] == nil {
			t.Errorf("PATCH = %v", e)
		}
		isProblem(t, w.do(http.MethodPatch, path, object{"body": " "}, w.as("dave")).is(http.StatusUnprocessableEntity), "body.body")
		w.do(http.MethodDelete, path, nil, w.as("dave")).is(http.StatusNoContent)
		if stub := w.get(thread + "?sort=old").json()["items"].([]any)[1].(object); stub["deleted"] != true || stub["body"] != "" || stub["html"] != "" {
			t.Errorf("the stub = %v", stub)
		}
		mine := w.get("/api/v1/people/carol/comments").is(http.StatusOK).json()["items"].([]any)
		if len(mine) != 1 || mine[0].(object)["post_title"] != "Seedlings" {
			t.Errorf("carol's comments = %v", mine)
		}
	})
}

func TestCommentRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	thread := fmt.Sprintf("/api/v1/posts/%d/comments", w.post.ID)
	tests := []struct {
		name   string
		path   string
		body   object
		status int
	}{
		{"nothing", thread, object{"body": ""}, 422},
		{"no body", thread, object{}, 422},
		{"too much", thread, object{"body": strings.Repeat("x", 20_001)}, 422},
		{"a parent that is not", thread, object{"body": "x", "parent_id": 999}, 404},
		{"a post that is not", "/api/v1/posts/999/comments", object{"body": "x"}, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			isProblem(t, w.do(http.MethodPost, test.path, test.body, w.as("bob")).is(test.status), "")
		})
	}
}
