package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/storage"
)

// tell turns what happened since the last time into notifications.
func (w *world) tell(after *int64) {
	w.t.Helper()
	w.check(w.db.NumberFacts(w.t.Context()))
	facts, err := w.db.Facts(w.t.Context(), 0, 1000)
	w.check(err)
	for i, f := range facts {
		if int64(f.ID) > *after {
			*after = int64(f.ID)
			w.check((&notifications.Service{DB: w.db, Now: time.Now}).Read(w.t.Context(), w.db, facts[i:i+1]))
		}
	}
}

// Carol blocks bob: neither reads the other, and he cannot write to her,
// answer, quote or call her. That she mutes dave, nobody else notices.
func TestBlocksAndMutes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		var told int64
		thread, comment := fmt.Sprintf("/api/v1/posts/%d/comments", w.post.ID), int64(w.comment.ID)
		answer := object{"body": "x", "parent_id": comment}
		w.do(http.MethodPost, "/api/v1/conversations/carol/messages", object{"body": "Hello carol"}, w.as("bob")).is(http.StatusCreated)
		w.tell(&told)
		unread := func(who string) string {
			me := w.get("/api/v1/me", w.as(who)).json()
			return fmt.Sprint(me["unread"], " ", me["unread_messages"])
		}
		if got := unread("carol"); got != "0 1" {
			t.Errorf("carol has %s unread", got)
		}
		w.do(http.MethodPost, thread, answer, w.as("bob")).is(http.StatusCreated)
		w.tell(&told)
		if got := unread("carol"); got != "1 1" {
			t.Errorf("carol has %s unread", got)
		}

		w.do(http.MethodPut, "/api/v1/me/blocks/people/bob", object{"note": "enough"}, w.as("carol")).is(http.StatusOK)
		if got := unread("carol"); got != "0 0" {
			t.Errorf("carol has %s unread after the block", got)
		}
		w.get("/api/v1/notifications", w.as("carol")).lacks(`"bob"`)
		w.get("/api/v1/conversations", w.as("carol")).lacks(`"bob"`)
		w.get("/api/v1/me/blocks", w.as("carol")).has(`"bob"`, "enough")
		w.get("/api/v1/me/blocks", w.as("bob")).lacks("carol")
		w.get("/api/v1/people/bob", w.as("carol")).has(`"blocked":true`)
		w.get("/api/v1/people/carol", w.as("bob")).lacks(`"blocked":true`)
		for _, path := range []string{"/api/v1/feed?view=all", "/api/v1/feed?view=local&sort=new", "/api/v1/groups/garden/posts", "/api/v1/search?q=tomatoes"} {
			w.get(path, w.as("carol")).lacks("Tomatoes")
			w.get(path, w.as("dave")).has("Tomatoes")
		}
		// Each stands closed before the other; she can open his words, he gets
		// none of hers.
		w.get(thread, w.as("carol")).has(`"veil":"person"`)
		w.get(fmt.Sprintf("/api/v1/posts/%d", w.post.ID), w.as("carol")).has(`"veil":"person"`, "Tomatoes")
		w.get(thread, w.as("bob")).has(`"veil":"closed"`).lacks("Count me in")
		w.get(fmt.Sprintf("/api/v1/comments/%d", comment), w.as("bob")).lacks("Count me in")
		w.get("/api/v1/people/carol/comments", w.as("bob")).lacks("Count me in")
		w.get(fmt.Sprintf("/post/%d", w.post.ID), w.as("bob")).lacks("Count me in")
		w.get(thread, w.as("alice")).has("Count me in").lacks("veil")
		w.get(thread).has("Count me in").lacks("veil")

		for _, who := range []string{"bob", "carol"} {
			other := map[string]string{"bob": "carol", "carol": "bob"}[who]
			w.do(http.MethodPost, "/api/v1/conversations/"+other+"/messages", object{"body": "x"}, w.as(who)).is(http.StatusForbidden)
			w.get("/api/v1/conversations/"+other, w.as(who)).is(http.StatusOK).has(`"write":false`)
		}
		w.do(http.MethodPost, thread, answer, w.as("bob")).is(http.StatusForbidden).has("they do not want that")
		w.do(http.MethodPost, thread, object{"body": "x"}, w.as("carol")).is(http.StatusForbidden).has("You blocked bob")
		w.do(http.MethodPost, thread, object{"body": "x", "quote": object{"comment_id": comment}}, w.as("bob")).is(http.StatusForbidden)
		w.do(http.MethodPost, thread, object{"body": "Is @carol here?"}, w.as("bob")).is(http.StatusCreated)
		w.tell(&told)
		if got := unread("carol"); got != "0 0" {
			t.Errorf("carol has %s unread after a mention", got)
		}
		w.do(http.MethodPut, "/api/v1/me/mutes/people/bob", object{}, w.as("carol")).is(http.StatusConflict)
		w.do(http.MethodDelete, "/api/v1/me/mutes/people/bob", nil, w.as("carol")).is(http.StatusNoContent)
		w.get(thread, w.as("carol")).has(`"veil":"person"`)
		w.do(http.MethodDelete, "/api/v1/me/blocks/people/bob", nil, w.as("carol")).is(http.StatusNoContent)
		w.get(thread, w.as("carol")).lacks("veil")
		w.do(http.MethodPost, thread, answer, w.as("bob")).is(http.StatusCreated)

		// A mute.
		w.do(http.MethodPut, "/api/v1/me/mutes/people/dave", object{"until": time.Now().Add(time.Hour)}, w.as("carol")).is(http.StatusOK)
		w.do(http.MethodPost, thread, object{"body": "Hm, @carol", "parent_id": comment}, w.as("dave")).is(http.StatusCreated)
		w.do(http.MethodPost, "/api/v1/conversations/carol/messages", object{"body": "x"}, w.as("dave")).is(http.StatusCreated)
		w.tell(&told)
		w.get("/api/v1/notifications", w.as("carol")).lacks(`"dave"`)
		w.get("/api/v1/conversations", w.as("carol")).lacks(`"dave"`)
		w.get("/api/v1/conversations/dave", w.as("carol")).has(`"body":"x"`)
		w.get(thread, w.as("dave")).lacks("veil")
		w.get("/api/v1/me/mutes?kind=person", w.as("carol")).has(`"dave"`, `"until":"20`)
		w.get("/api/v1/me/mutes?kind=group", w.as("carol")).lacks(`"dave"`)

		for path, status := range map[string]int{
			"people/carol": 403, "people/nobody_here": 404, "groups/nowhere": 404, "people/garden": 404, "servers/stone.example": 422,
			"servers/nonsense": 422, "servers/peer.example": 200, "planets/mars": 422, "groups/garden": 200,
		} {
			if got := w.do(http.MethodPut, "/api/v1/me/blocks/"+path, object{}, w.as("carol")); got.StatusCode != status {
				t.Errorf("block %s: %d %s, want %d", path, got.StatusCode, got.text, status)
			}
		}
		w.get("/api/v1/groups/garden", w.as("carol")).has(`"blocked":true`)
		w.get("/api/v1/feed?view=all", w.as("carol")).lacks("Seedlings")
		w.get("/api/v1/groups/garden/posts", w.as("carol")).has("Seedlings")
	})
}

func TestMutedWords(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		var told int64
		w.tell(&told)
		everywhere := []string{"feeds", "threads", "notifications", "messages"}
		made := w.do(http.MethodPost, "/api/v1/me/mutes/words", object{"words": "  TOMATOES ", "places": everywhere, "whole": true}, w.as("carol")).is(http.StatusCreated)
		path := "/api/v1/me/mutes/words/" + fmt.Sprint(made.json()["id"])
		post := fmt.Sprintf("/api/v1/posts/%d", w.post.ID)
		w.get("/api/v1/feed?view=all", w.as("carol")).lacks("Seedlings")
		w.get("/api/v1/search?q=seedlings", w.as("carol")).lacks("Tomatoes")
		w.get(post, w.as("carol")).has(`"veil":"words"`, "Tomatoes")
		w.get(post, w.as("dave")).lacks("veil")
		w.do(http.MethodPost, post+"/comments", object{"body": "@carol likes toma\u200btoes", "parent_id": int64(w.comment.ID)}, w.as("dave")).is(http.StatusCreated)
		w.do(http.MethodPost, "/api/v1/conversations/carol/messages", object{"body": "Tomatoes?"}, w.as("dave")).is(http.StatusCreated)
		w.tell(&told)
		w.get("/api/v1/notifications", w.as("carol")).lacks(`"dave"`)
		w.get("/api/v1/conversations/dave", w.as("carol")).has(`"veil":"words"`)
		w.get("/api/v1/conversations", w.as("carol")).has(`"veil":"words"`)

		w.do(http.MethodPut, path, object{"words": "tomatoes", "places": []string{"messages"}}, w.as("carol")).is(http.StatusOK)
		w.get(post, w.as("carol")).lacks("veil")
		w.get("/api/v1/feed?view=all", w.as("carol")).has("Seedlings")
		w.do(http.MethodPut, path, object{"words": "x", "places": everywhere}, w.as("dave")).is(http.StatusNotFound)
		w.do(http.MethodDelete, path, nil, w.as("dave")).is(http.StatusNotFound)
		for text, field := range map[string]string{
			strings.Repeat("x", 10_000): "words", "\u200b\u202e": "words", " ": "words",
		} {
			w.do(http.MethodPost, "/api/v1/me/mutes/words", object{"words": text, "places": everywhere}, w.as("carol")).is(http.StatusUnprocessableEntity).has(field)
		}
		w.do(http.MethodPost, "/api/v1/me/mutes/words", object{"words": "fine", "places": []string{}}, w.as("carol")).is(http.StatusUnprocessableEntity).has("places")
		w.do(http.MethodPost, "/api/v1/me/mutes/words", object{"words": "fine", "places": []string{"dreams"}}, w.as("carol")).is(http.StatusUnprocessableEntity)
		for _, odd := range []string{`.*`, `a(b`, `100%_`, `\E`, "\u05e9\u05dc\u05d5\u05dd", `'; DROP TABLE blocks; --`} {
			w.do(http.MethodPost, "/api/v1/me/mutes/words", object{"words": odd, "places": everywhere}, w.as("carol")).is(http.StatusCreated)
		}
		w.get(post, w.as("carol")).lacks("veil")
		w.get("/api/v1/feed?view=all", w.as("carol")).has("Seedlings")
		w.do(http.MethodDelete, path, nil, w.as("carol")).is(http.StatusNoContent)
		w.get("/api/v1/me/mutes", w.as("carol")).lacks("tomatoes")
	})
}

// Who looks after a group sees what is said in it, whoever blocked them, and
// what they decide reaches everybody.
func TestBlockedModerators(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		var told int64
		w.tell(&told)
		w.do(http.MethodPut, "/api/v1/me/blocks/people/alice", object{}, w.as("carol")).is(http.StatusOK)
		w.get(fmt.Sprintf("/api/v1/comments/%d", w.comment.ID), w.as("alice")).has("Count me in").lacks("veil")
		w.do(http.MethodPost, fmt.Sprintf("/api/v1/comments/%d/removal", w.comment.ID), object{"reason": "x"}, w.as("alice")).is(http.StatusNoContent)
		w.tell(&told)
		w.get("/api/v1/notifications", w.as("carol")).has(`"kind":"moderation"`)

		// One's own account takes what one keeps away with it.
		w.check(w.db.CloseAccount(t.Context(), w.who["carol"].Account))
		left, err := w.blocks.All(t.Context(), w.who["carol"].Actor)
		w.check(err)
		if len(left) != 0 {
			t.Errorf("%d blocks are left", len(left))
		}
	})
}

// Both pages are read and used without JavaScript.
func TestKeepingAndPrivacyWithoutJavaScript(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		form := func(who, path, body string, want int) *reply {
			t.Helper()
			return w.do(http.MethodPost, path, body, header("Content-Type", "application/x-www-form-urlencoded"), w.as(who)).is(want)
		}
		form("carol", "/settings/blocks?kind=people", "do=add&name=bob&how=block&days=7&note=loud", http.StatusSeeOther)
		w.get("/settings/blocks", w.as("carol")).is(http.StatusOK).has(">bob<", "Blocked", "until", "loud")
		w.get("/settings/blocks", w.as("bob")).is(http.StatusOK).lacks("loud", "carol")
		w.get(fmt.Sprintf("/post/%d", w.post.ID), w.as("carol")).has("<summary>By somebody whom you keep away")
		w.get(fmt.Sprintf("/post/%d", w.post.ID), w.as("bob")).has("who wrote it keeps you away").lacks("Count me in")
		form("carol", "/settings/blocks?kind=people", "do=add&name=nobody_here&how=block", http.StatusNotFound).has(`role="alert"`)
		form("carol", "/settings/blocks?kind=people", "do=take&name=bob&how=block", http.StatusSeeOther)
		w.get("/settings/blocks", w.as("carol")).lacks("loud")
		form("carol", "/settings/blocks?kind=words", "do=add&words=%3Cb%3Efrost&places=feeds&places=threads", http.StatusSeeOther)
		page := w.get("/settings/blocks?kind=words", w.as("carol")).has("&lt;b&gt;frost", "feeds, threads").lacks("<b>frost")
		_, rest, _ := strings.Cut(page.text, `name="id" value="`)
		id, _, _ := strings.Cut(rest, `"`)
		form("dave", "/settings/blocks?kind=words", "do=take&id="+id, http.StatusNotFound)
		form("carol", "/settings/blocks?kind=words", "do=take&id="+id, http.StatusSeeOther)
		form("carol", "/settings/blocks?kind=words", "do=add&words=x&places=feeds", http.StatusUnprocessableEntity).has(`role="alert"`)

		w.get("/settings/privacy", w.as("carol")).is(http.StatusOK).has("Be asked how you are: yes", "Nobody looked")
		form("carol", "/settings/privacy", "purpose=check_ins&allowed=no", http.StatusSeeOther)
		w.get("/settings/privacy", w.as("carol")).has("Be asked how you are: no", "You said so on")
		form("carol", "/settings/privacy", "purpose=nonsense&allowed=no", http.StatusUnprocessableEntity)
		w.get("/settings/privacy").is(http.StatusOK).lacks("carol")
		w.do(http.MethodPost, "/settings/privacy", "purpose=listed&allowed=no", header("Content-Type", "application/x-www-form-urlencoded"),
			header("Sec-Fetch-Site", "cross-site"), w.as("nobody")).lacks("Saved")
	})
}
