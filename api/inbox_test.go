package api_test

import (
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/storage"
)

// Without JavaScript, too, people read what concerns them and say that they
// did.
func TestInboxPage(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		_, err := w.posts.Comment(t.Context(), w.who["dave"].Actor, w.post.ID, w.comment.ID, posts.Draft{Body: "For @bob: **yes** <script>alert(1)</script>"})
		w.check(err)
		w.check(db.NumberFacts(t.Context()))
		facts, err := db.Facts(t.Context(), 0, 1000)
		w.check(err)
		notes := &notifications.Service{DB: db, Now: w.posts.Now}
		w.check(db.InTx(t.Context(), func(tx *storage.DB) error { return notes.Read(t.Context(), tx, facts) }))

		r := w.get("/notifications", w.as("bob")).is(http.StatusOK).
			has("mentioned you", `<a href="/comment/2">`, "<strong>yes</strong>", `action="/notifications"`, ">New</span>", "Seedlings").lacks("<script>alert")
		if _, brought := r.island()["/api/v1/notifications?grouped=true"]; !brought {
			t.Error("the page brings no data")
		}
		w.get("/notifications?unread", w.as("bob")).is(http.StatusOK).has("mentioned you")
		_, after, _ := strings.Cut(r.text, `name="up_to" value="`)
		newest, _, _ := strings.Cut(after, `"`)
		form := header("Content-Type", "application/x-www-form-urlencoded")
		_, browser := w.browser("bob")
		w.do(http.MethodPost, "/notifications", "up_to="+newest, form, browser, header("Sec-Fetch-Site", "cross-site")).is(http.StatusForbidden)
		w.do(http.MethodPost, "/notifications", "up_to=all", form, browser).is(http.StatusUnprocessableEntity)
		w.do(http.MethodPost, "/notifications", "up_to="+newest, form, w.as("nobody"))
		w.get("/notifications?unread", w.as("bob")).has("mentioned you")
		if to := w.do(http.MethodPost, "/notifications", "up_to="+newest, form, browser).is(http.StatusSeeOther).Header.Get("Location"); to != "/notifications" {
			t.Errorf("it leads to %s", to)
		}
		w.get("/notifications", w.as("bob")).is(http.StatusOK).has("mentioned you").lacks(">New</span>", `action="/notifications"`)
		w.get("/notifications?unread", w.as("bob")).is(http.StatusOK).has("Nothing is unread").lacks("mentioned you")
		w.get("/notifications", w.as("alice")).is(http.StatusOK).lacks("<strong>yes</strong>")
		w.get("/notifications").is(http.StatusOK).lacks("mentioned you", "<strong>yes</strong>")
	})
}
