package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// People choose how they are told, watch what they like, and see what was told
// together as one.
func TestNotices(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		ctx := t.Context()
		w.get("/api/v1/me/notices", w.as("dave")).is(http.StatusOK).has(`"topic":"replies","page":true,"push":true,"mail":"daily"`, `"topic":"votes","page":true,"push":false,"mail":"off"`, `"mail":false}`)
		w.do("PUT", "/api/v1/me/notices/replies", object{"page": false, "push": false, "mail": "off"}, w.as("dave")).is(http.StatusNoContent)
		w.get("/api/v1/me/notices", w.as("dave")).has(`"topic":"replies","page":false,"push":false,"mail":"off"`)
		w.get("/api/v1/me/notices", w.as("bob")).has(`"topic":"replies","page":true`)
		for _, topic := range []string{"security", "weather", "%E2%80%AEreplies", strings.Repeat("a", 10_000)} {
			w.do("PUT", "/api/v1/me/notices/"+topic, object{"page": true, "push": true, "mail": "off"}, w.as("dave")).is(http.StatusUnprocessableEntity)
		}
		w.do("PUT", "/api/v1/me/notices/replies", object{"page": true, "push": true, "mail": "pigeon"}, w.as("dave")).is(http.StatusUnprocessableEntity)

		watch := fmt.Sprintf("/api/v1/posts/%d/watch", w.post.ID)
		w.get(watch, w.as("dave")).is(http.StatusOK).has(`"level":"replies"`)
		w.do("PUT", watch, object{"level": "all"}, w.as("dave")).is(http.StatusNoContent)
		w.get(watch, w.as("dave")).has(`"level":"all"`)
		w.do("PUT", watch, object{"level": "loud"}, w.as("dave")).is(http.StatusUnprocessableEntity)
		w.do("PUT", "/api/v1/posts/999/watch", object{"level": "all"}, w.as("dave")).is(http.StatusNotFound)
		w.do("PUT", "/api/v1/groups/garden/watch", object{"level": "all"}, w.as("dave")).is(http.StatusNoContent)
		w.get("/api/v1/groups/garden/watch", w.as("dave")).has(`"level":"all"`)
		vault, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "vault", Visibility: community.Private})
		w.check(err)
		secret, err := w.posts.Publish(ctx, w.who["alice"].Actor, vault.Actor, posts.Draft{Title: "Secret"})
		w.check(err)
		w.do("PUT", fmt.Sprintf("/api/v1/posts/%d/watch", secret.ID), object{"level": "all"}, w.as("dave")).is(http.StatusNotFound)
		w.do("PUT", "/api/v1/groups/vault/watch", object{"level": "all"}, w.as("dave")).is(http.StatusNotFound)

		for _, who := range []string{"alice", "carol"} {
			_, err := w.posts.Comment(ctx, w.who[who].Actor, w.post.ID, 0, posts.Draft{Body: "Me too"})
			w.check(err)
		}
		w.tellAll()
		page := w.get("/api/v1/notifications?grouped=true", w.as("dave")).is(http.StatusOK).has(`"kind":"watched"`, `"others":1`).json()["items"].([]any)
		w.get("/api/v1/notifications?grouped=true&unread=true", w.as("bob")).has(`"kind":"reply"`)
		id := page[0].(object)["id"]
		w.do("POST", fmt.Sprintf("/api/v1/notifications/%v/read", id), nil, w.as("bob")).is(http.StatusNotFound)
		before := w.get("/api/v1/notifications/unread", w.as("dave")).json()["unread"].(float64)
		w.do("POST", fmt.Sprintf("/api/v1/notifications/%v/read", id), nil, w.as("dave")).is(http.StatusNoContent)
		if after := w.get("/api/v1/notifications/unread", w.as("dave")).json()["unread"].(float64); after >= before {
			t.Errorf("%v unread after reading, %v before", after, before)
		}
	})
}
