package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// What quotes shows what it quotes, here and without scripts, for as long as
// its author lets it.
func TestQuotes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		known := &resolver{}
		w := newWorld(t, db, func(o *api.Options) { o.Resolver = known }).settle()
		known.w = w
		published, err := w.posts.Publish(t.Context(), w.who["bob"].Actor, w.garden, posts.Draft{Title: "Beans <b>", Body: "They *climb*."})
		w.check(err)
		quote := func(by string, draft object) *reply {
			t.Helper()
			return w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Look", "body": "See:", "quote": draft}, w.as(by))
		}
		made := quote("dave", object{"post_id": published.ID}).is(http.StatusCreated).json()
		card := func(path string, changes ...change) object {
			t.Helper()
			q, _ := w.get(path, changes...).is(http.StatusOK).json()["quote"].(object)
			return q
		}
		path := fmt.Sprintf("/api/v1/posts/%v", made["id"])
		page := fmt.Sprintf("/post/%v", made["id"])
		q := card(path)
		if q["state"] != "accepted" || q["gone"] != false || q["title"] != "Beans <b>" || q["text"] != "They climb." || q["url"] != published.IRI ||
			q["author"].(object)["name"] != "bob" || q["comment_id"] != nil {
			t.Errorf("it quotes %v", q)
		}
		w.get(page).is(http.StatusOK).has(`class="quoted"`).has("Beans &lt;b&gt;").has("They climb.").has(fmt.Sprintf(`href="/post/%d"`, published.ID))

		list := w.get("/api/v1/quotes", w.as("bob")).is(http.StatusOK).json()["items"].([]any)
		if len(list) != 1 || list[0].(object)["url"] != made["url"] || list[0].(object)["actor"].(object)["name"] != "dave" || list[0].(object)["post"].(object)["title"] != "Beans <b>" {
			t.Fatalf("bob is quoted by %v", list)
		}
		w.do(http.MethodDelete, fmt.Sprintf("/api/v1/quotes/%v", list[0].(object)["id"]), nil, w.as("bob")).is(http.StatusNoContent)
		for _, who := range []string{"bob", "dave"} {
			if q := card(path, w.as(who)); q["state"] != "refused" || q["title"] != nil || q["text"] != nil || q["url"] != published.IRI || (q["author"] != nil) != (who == "dave") {
				t.Errorf("taken back, %s sees %v", who, q)
			}
		}
		w.get(page).is(http.StatusOK).has(published.IRI).lacks("They climb.")

		// An address will do, of a post; a comment by its number.
		byAddress := quote("dave", object{"url": "post"}).is(http.StatusCreated).json()
		if q := byAddress["quote"].(object); q["post_id"] != float64(w.post.ID) {
			t.Errorf("the address quotes %v", q)
		}
		answer := w.do(http.MethodPost, fmt.Sprintf("/api/v1/posts/%d/comments", published.ID), object{"body": "As I said", "quote": object{"post_id": w.post.ID}}, w.as("dave")).
			is(http.StatusCreated).json()
		if q := answer["quote"].(object); q["state"] != "accepted" || q["title"] != w.post.Title {
			t.Errorf("the comment quotes %v", q)
		}
		w.check(w.posts.Delete(t.Context(), w.who["bob"].Actor, published.ID, community.Origin{}))
		if q := card(path, w.as("dave")); q["gone"] != true || q["url"] != nil || q["post_id"] != nil || q["author"] != nil {
			t.Errorf("of what is gone is told %v", q)
		}
		w.get(page).is(http.StatusOK).has("What was quoted here is gone.").lacks(published.IRI + `"`)
		w.do(http.MethodDelete, path+"/quote", nil, w.as("dave")).is(http.StatusNoContent)
		if q := card(path); q != nil {
			t.Errorf("taken out, it quotes %v", q)
		}
	})
}

// What cannot be quoted is said before anything is published, and of what one
// may not read nobody learns that it is there.
func TestQuotesThatAreRefused(t *testing.T) {
	known := &resolver{}
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Resolver = known }).settle()
	known.w = w
	club, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "club", Visibility: community.Private})
	w.check(err)
	secret, err := w.posts.Publish(t.Context(), w.who["alice"].Actor, club.Actor, posts.Draft{Title: "Quartz"})
	w.check(err)
	before := len(w.get("/api/v1/groups/garden/posts").json()["items"].([]any))
	for name, draft := range map[string]object{
		"nothing":       {},
		"two":           {"post_id": w.post.ID, "comment_id": w.comment.ID},
		"an unknown":    {"post_id": 4711},
		"a secret":      {"post_id": secret.ID},
		"not to ask":    {"comment_id": w.comment.ID},
		"a group":       {"url": "group"},
		"not a comment": {"comment_id": 4711},
	} {
		got := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Look", "quote": draft}, w.as("dave")).is(http.StatusUnprocessableEntity)
		isProblem(t, got, "body.quote")
		got.lacks("Quartz")
		if name == "a secret" {
			unknown := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Look", "quote": object{"post_id": 4712}}, w.as("dave"))
			if unknown.json()["detail"] != got.json()["detail"] {
				t.Errorf("a secret is told from nothing: %s", got.text)
			}
		}
	}
	if after := len(w.get("/api/v1/groups/garden/posts").json()["items"].([]any)); after != before {
		t.Errorf("%d posts became %d", before, after)
	}
}
