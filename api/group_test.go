package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		made := w.do(http.MethodPost, "/api/v1/groups", object{"name": "Kitchen", "title": "Cooking", "summary": "For *cooks*."}, w.as("bob")).is(http.StatusCreated).json()
		m, _ := made["membership"].(object)
		if made["handle"] != "Kitchen" || made["kind"] != "group" || made["url"] != origin+"/c/Kitchen" || m["role"] != "owner" || m["state"] != "accepted" {
			t.Fatalf("POST /groups = %v", made)
		}
		isProblem(t, w.do(http.MethodPost, "/api/v1/groups", object{"name": "alice"}, w.as("bob")).is(http.StatusConflict), "body.name")
		isProblem(t, w.do(http.MethodPost, "/api/v1/groups", object{"name": "no spaces"}, w.as("bob")).is(http.StatusUnprocessableEntity), "body.name")

		for _, name := range []string{"kitchen", "kitchen@stone.example", "kitchen%40stone.example"} {
			g := w.get("/api/v1/groups/" + name).is(http.StatusOK).json()
			if g["name"] != "Kitchen" || g["membership"] != nil || len(g["moderators"].([]any)) != 1 || !strings.Contains(g["summary_html"].(string), "<em>cooks</em>") {
				t.Errorf("GET /groups/%s = %v", name, g)
			}
		}
		changed := w.do(http.MethodPatch, "/api/v1/groups/kitchen", object{"title": "Kitchens", "posting_restricted": true}, w.as("bob")).is(http.StatusOK).json()
		if changed["title"] != "Kitchens" || changed["posting_restricted"] != true || changed["summary"] != "For *cooks*." {
			t.Errorf("PATCH /groups/kitchen = %v", changed)
		}
		w.do(http.MethodPost, "/api/v1/groups/kitchen/posts", object{"title": "Soup"}, w.as("carol")).is(http.StatusForbidden)

		list := w.get("/api/v1/groups?sort=name", w.as("bob")).is(http.StatusOK).json()["items"].([]any)
		if len(list) != 2 || list[1].(object)["name"] != "Kitchen" || list[1].(object)["membership"].(object)["role"] != "owner" || list[0].(object)["moderators"] != nil {
			t.Errorf("GET /groups = %v", list)
		}
		first := w.get("/api/v1/groups?sort=name&limit=1").is(http.StatusOK).json()
		if len(first["items"].([]any)) != 1 || first["next"] == nil {
			t.Fatalf("the first page = %v", first)
		}
		second := w.get("/api/v1/groups?sort=name&limit=1&cursor=" + first["next"].(string)).is(http.StatusOK).json()
		if second["items"].([]any)[0].(object)["name"] != "Kitchen" || second["next"] != nil {
			t.Errorf("the second page = %v", second)
		}
		found := w.get("/api/v1/groups?q=kitch&local=true").is(http.StatusOK).json()["items"].([]any)
		if len(found) != 1 {
			t.Errorf("GET /groups?q=kitch = %v", found)
		}
	})
}

func TestMembership(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		for range 2 {
			m := w.do(http.MethodPut, "/api/v1/groups/garden/membership", nil, w.as("dave")).is(http.StatusOK).json()
			if m["role"] != "member" || m["state"] != "accepted" {
				t.Errorf("joining = %v", m)
			}
		}
		if m := w.get("/api/v1/groups/garden", w.as("dave")).json()["membership"].(object); m["state"] != "accepted" {
			t.Errorf("membership = %v", m)
		}
		if home := w.get("/api/v1/feed?view=home", w.as("dave")).is(http.StatusOK).json()["items"].([]any); len(home) != 1 {
			t.Errorf("the home feed = %v", home)
		}
		for range 2 {
			w.do(http.MethodDelete, "/api/v1/groups/garden/membership", nil, w.as("dave")).is(http.StatusNoContent)
		}
		if m := w.get("/api/v1/groups/garden", w.as("dave")).json()["membership"]; m != nil {
			t.Errorf("membership = %v", m)
		}
		// Who moderates goes on doing so without being a member.
		w.do(http.MethodDelete, "/api/v1/groups/garden/membership", nil, w.as("alice")).is(http.StatusNoContent)
		if m, _ := w.get("/api/v1/groups/garden", w.as("alice")).json()["membership"].(object); m["role"] != "owner" || m["state"] != "absent" {
			t.Errorf("membership = %v", m)
		}
	})
}

// A group of another server is asked, and its members wait.
func TestJoiningElsewhere(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	far := &community.Actor{
		Kind: community.GroupKind, Name: "birds", Fold: "birds", Host: "far.example", IRI: "https://far.example/c/birds",
		URL: "https://far.example/birds", Inbox: "https://far.example/inbox",
	}
	w.check(w.db.AddActor(t.Context(), far))
	if m := w.do(http.MethodPut, "/api/v1/groups/birds@far.example/membership", nil, w.as("dave")).is(http.StatusOK).json(); m["state"] != "pending" {
		t.Errorf("joining = %v", m)
	}
	g := w.get("/api/v1/groups/birds@FAR.example").is(http.StatusOK).json()
	if g["handle"] != "birds@far.example" || g["host"] != "far.example" || g["url"] != "https://far.example/birds" {
		t.Errorf("GET = %v", g)
	}
	w.do(http.MethodPatch, "/api/v1/groups/birds@far.example", object{"title": "x"}, w.as("alice")).is(http.StatusForbidden)
}

// A group that its server closed says so on its page, and nobody joins it.
func TestAGroupThatWasClosed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		far := &community.Actor{
			Kind: community.GroupKind, Name: "birds", Fold: "birds", Host: "far.example", IRI: "https://far.example/c/birds",
			Title: "Birds", URL: "https://far.example/birds", Inbox: "https://far.example/inbox", Discoverable: true,
		}
		w.check(w.db.AddActor(t.Context(), far))
		said := "far.example closed this group."
		if page := w.get("/c/birds@far.example").is(http.StatusOK).text; strings.Contains(page, said) {
			t.Error("an open group is called closed")
		}
		_, err := w.db.CloseGroup(t.Context(), far.ID, time.Now())
		w.check(err)
		if g := w.get("/api/v1/groups/birds@far.example").is(http.StatusOK).json(); g["deleted"] != true || g["title"] != "Birds" {
			t.Errorf("GET = %v", g)
		}
		if page := w.get("/c/birds@far.example").is(http.StatusOK).text; !strings.Contains(page, said) {
			t.Errorf("the page does not say it: %s", page)
		}
		if list := w.get("/api/v1/groups?q=birds").is(http.StatusOK).text; strings.Contains(list, "far.example") {
			t.Errorf("it is listed: %s", list)
		}
		w.do(http.MethodPut, "/api/v1/groups/birds@far.example/membership", nil, w.as("dave")).is(http.StatusNotFound)
	})
}
