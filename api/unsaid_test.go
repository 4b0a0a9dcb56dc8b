package api_test

import (
	"net/http"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// TestNobodyIsFoundUnasked is about being listed and found: who says nothing
// at the door agreed to neither, and what they say there is kept with the rest.
func TestNobodyIsFoundUnasked(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		found := func(path string) (posts, people int) {
			r := w.get("/api/v1/search?q=" + path).is(http.StatusOK).json()
			return len(r["posts"].([]any)), len(r["people"].([]any))
		}
		for name, test := range map[string]struct {
			say           object
			posts, people int
			consents      int
		}{
			"erinsilent": {object{}, 0, 0, 0},
			"erinlisted": {object{"discoverable": true}, 0, 1, 1},
			"erinopen":   {object{"discoverable": true, "indexable": true}, 1, 1, 2},
			"erinno":     {object{"discoverable": false, "indexable": false}, 0, 0, 0},
		} {
			test.say["name"], test.say["password"] = name, password
			r := w.do(http.MethodPost, "/api/v1/accounts", test.say).is(http.StatusCreated)
			cookie := "__Host-drystone=" + r.cookie("__Host-drystone").Value
			who, err := w.accounts.Find(t.Context(), name)
			w.check(err)
			w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Quinces of " + name}, header("Cookie", cookie)).is(http.StatusCreated)
			if posts, _ := found("quinces+" + name); posts != test.posts {
				t.Errorf("%s: %d posts are found, want %d", name, posts, test.posts)
			}
			if _, people := found(name[:len(name)-1]); people != test.people { // the whole name always finds
				t.Errorf("%s: %d people are found, want %d", name, people, test.people)
			}
			said, err := db.Consents(t.Context(), who.Actor.ID)
			w.check(err)
			if len(said) != test.consents {
				t.Errorf("%s agreed to %v", name, said)
			}
			for _, c := range said {
				if c.Source != community.FromJoining || !c.Value {
					t.Errorf("%s said %+v", name, c)
				}
			}
		}
	})
}

// TestAskedOnTheFormToo is the door without JavaScript.
func TestAskedOnTheFormToo(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	w.get("/join").has(`name="discoverable" value="yes">`).has(`name="indexable" value="yes">`) // neither is ticked
	send := func(pass string) *reply {
		body, as := form("name", "erin", "password", pass, "indexable", "yes")
		return w.do(http.MethodPost, "/join", body, as)
	}
	send("short").
		has(`name="discoverable" value="yes">`).has(`name="indexable" value="yes" checked>`)
	send(password).is(http.StatusSeeOther)
	who, err := w.accounts.Find(t.Context(), "erin")
	w.check(err)
	if who.Actor.Discoverable || !who.Actor.Indexable {
		t.Errorf("erin is listed: %v, found: %v", who.Actor.Discoverable, who.Actor.Indexable)
	}
}
