package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestProfile(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.person("alice")
		mine := w.get("/api/v1/me/profile", w.as("alice")).is(http.StatusOK).json()
		if len(mine["fields"].([]any)) != 0 || len(mine["languages"].([]any)) != 0 || mine["quiet"] != nil || mine["zone"] != "" {
			t.Errorf("in the beginning: %v", mine)
		}
		w.do(http.MethodPatch, "/api/v1/me/profile", object{
			"fields":    []object{{"name": "Web", "value": "https://alice.example/"}, {"name": " ", "value": ""}, {"name": "City", "value": "Ghent <3"}},
			"languages": []string{"nl", "EN"}, "interests": []string{"#walls", "Walls", "gardens"},
			"zone": "Europe/Brussels", "quiet_from": "22:00", "quiet_to": "07:30",
		}, w.as("alice")).is(http.StatusOK)
		mine = w.get("/api/v1/me/profile", w.as("alice")).is(http.StatusOK).json()
		if q := mine["quiet"].(object); q["from"] != "22:00" || q["to"] != "07:30" || mine["zone"] != "Europe/Brussels" {
			t.Errorf("quiet hours: %v, %v", q, mine["zone"])
		}
		shown := w.get("/api/v1/people/alice").is(http.StatusOK)
		shown.lacks("Brussels", "22:00", "quiet")
		alice := shown.json()
		if got := fmt.Sprint(alice["languages"], alice["interests"]); got != "[nl en] [walls gardens]" {
			t.Errorf("languages and interests: %s", got)
		}
		fields := alice["fields"].([]any)
		if len(fields) != 2 || fields[1].(object)["html"] != "Ghent &lt;3" || !strings.Contains(fields[0].(object)["html"].(string), `rel="me nofollow noopener ugc"`) || fields[0].(object)["verified_at"] != nil {
			t.Errorf("fields: %v", fields)
		}
		// What is left out stays; what is emptied goes.
		w.do(http.MethodPatch, "/api/v1/me/profile", object{"languages": []string{}, "quiet_to": "22:00"}, w.as("alice")).is(http.StatusOK)
		mine = w.get("/api/v1/me/profile", w.as("alice")).json()
		if len(mine["fields"].([]any)) != 2 || len(mine["languages"].([]any)) != 0 || mine["quiet"] != nil {
			t.Errorf("afterwards: %v", mine)
		}
	})
}

func TestProfileRefuses(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.person("alice")
	long := strings.Repeat("ä", 10_000)
	for _, test := range []struct {
		name  string
		body  object
		field string
	}{
		{"a long field", object{"fields": []object{{"name": "x", "value": long}}}, "fields"},
		{"a field that turns text around", object{"fields": []object{{"name": "x", "value": "a\u202eb"}}}, "fields"},
		{"seven fields", object{"fields": slicesOf(object{"name": "x", "value": "y"}, 7)}, "fields"},
		{"no language", object{"languages": []string{"klingonese"}}, "languages"},
		{"no zone", object{"zone": "Mars/Olympus"}, "zone"},
		{"no time of day", object{"zone": "UTC", "quiet_from": "25:00"}, "quiet_from"},
		{"half a time", object{"zone": "UTC", "quiet_to": "7:00"}, "quiet_to"},
		{"hours without a zone", object{"quiet_from": "22:00", "quiet_to": "07:00"}, "zone"},
		{"an interest that nobody sees", object{"interests": []string{"\u200b"}}, "interests"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			isProblem(t, w.do(http.MethodPatch, "/api/v1/me/profile", test.body, w.as("alice")).is(http.StatusUnprocessableEntity), "body."+test.field)
		})
	}
	w.do(http.MethodPatch, "/api/v1/me/profile", `{"interests": ["a\u0000b"]}`, w.as("alice")).is(http.StatusBadRequest)
	mine := w.get("/api/v1/me/profile", w.as("alice")).json()
	if len(mine["fields"].([]any)) != 0 || mine["zone"] != "" || len(mine["interests"].([]any)) != 0 {
		t.Errorf("something was stored: %v", mine)
	}
	// A text about oneself may be long, and say what it says in any script.
	bio := strings.Repeat("שלום ", 2_000)
	w.do(http.MethodPatch, "/api/v1/me", object{"summary": bio}, w.as("alice")).is(http.StatusOK)
	isProblem(t, w.do(http.MethodPatch, "/api/v1/me", object{"summary": bio + "x" + bio}, w.as("alice")).is(http.StatusUnprocessableEntity), "body.summary")
}

func slicesOf(one object, n int) []object {
	var list []object
	for range n {
		list = append(list, one)
	}
	return list
}

// How somebody appears in one group is nobody's to know who reads another.
func TestFacets(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const secret = "Dr. Facet"
		w.do(http.MethodPost, "/api/v1/groups", object{"name": "hall"}, w.as("alice")).is(http.StatusCreated)
		for _, group := range []string{"garden", "hall"} {
			w.do(http.MethodPut, "/api/v1/groups/"+group+"/membership", nil, w.as("bob")).is(http.StatusOK)
		}
		isProblem(t, w.do(http.MethodPut, "/api/v1/groups/garden/facet", object{"title": secret, "bio": ""}, w.as("dave")).is(http.StatusForbidden), "")
		w.do(http.MethodPut, "/api/v1/groups/garden/facet", object{"title": secret, "bio": "Knows  soil."}, w.as("bob")).is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/groups/hall/posts", object{"title": "In the hall"}, w.as("bob")).is(http.StatusCreated)

		for _, path := range []string{"/api/v1/groups/garden/posts", "/api/v1/groups/garden/members", fmt.Sprintf("/api/v1/posts/%d", w.post.ID)} {
			w.get(path, w.as("alice")).is(http.StatusOK).has(`"title":"`+secret+`"`, `"bio":"Knows soil."`)
		}
		w.get("/c/garden").is(http.StatusOK).has(secret)
		for _, path := range []string{
			"/api/v1/groups/hall/posts", "/api/v1/groups/hall/members", "/api/v1/people/bob", "/api/v1/search?q=bob&type=people", "/api/v1/groups/hall",
		} {
			w.get(path, w.as("alice")).is(http.StatusOK).lacks("Facet", "soil")
		}
		w.get("/c/hall").is(http.StatusOK).lacks("Facet", "soil")
		// Only bob sees where he appears how.
		w.get("/api/v1/me/facets", w.as("bob")).is(http.StatusOK).has(secret, `"name":"garden"`)
		w.get("/api/v1/me/facets", w.as("alice")).is(http.StatusOK).lacks(secret)
		w.get("/api/v1/groups/garden/facet", w.as("alice")).is(http.StatusOK).lacks(secret)
		// Who leaves takes it along.
		w.do(http.MethodDelete, "/api/v1/groups/garden/membership", nil, w.as("bob")).is(http.StatusNoContent)
		w.get("/api/v1/groups/garden/posts").is(http.StatusOK).lacks("Facet", "soil")
		w.get("/api/v1/me/facets", w.as("bob")).is(http.StatusOK).lacks(secret)
	})
}

func TestFacetsRefused(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	w.do(http.MethodPut, "/api/v1/groups/garden/membership", nil, w.as("bob")).is(http.StatusOK)
	for _, test := range []struct {
		name, title, bio, field string
	}{
		{"nothing", " ", "", "title"},
		{"the administrator's name", "ada", "", "title"},
		{"a name that turns text around", "a\u202eb", "", "title"},
		{"a long name", strings.Repeat("x", 81), "", "title"},
		{"a long text", "x", strings.Repeat("x", 301), "bio"},
		{"a text that nobody sees", "x", "\u200b\u200b", "bio"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := w.in(t)
			isProblem(t, w.do(http.MethodPut, "/api/v1/groups/garden/facet", object{"title": test.title, "bio": test.bio}, w.as("bob")).is(http.StatusUnprocessableEntity), "body."+test.field)
		})
	}
}

func TestFollowRequests(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.person("alice")
		peer, err := db.PeerByHost(t.Context(), "far.example", w.who["alice"].Account.CreatedAt)
		w.check(err)
		ask := func(name string) {
			far := &community.Actor{
				Kind: community.Person, Name: name, Host: "far.example", IRI: "https://far.example/u/" + name, Inbox: "https://far.example/inbox",
				PeerID: peer.ID, CreatedAt: peer.CreatedAt, UpdatedAt: peer.CreatedAt,
			}
			w.check(db.AddActor(t.Context(), far))
			alice, err := db.Actor(t.Context(), w.who["alice"].Actor.ID)
			w.check(err)
			w.check(w.groups.Follow(t.Context(), far, alice, community.Origin{IRI: far.IRI + "#follow", Activity: []byte(`{"type":"Follow"}`)}))
		}
		names := func(path string) (list []string) {
			for _, item := range w.get(path, w.as("alice")).is(http.StatusOK).json()["items"].([]any) {
				list = append(list, item.(object)["actor"].(object)["handle"].(string))
			}
			return list
		}
		ask("early")
		w.do(http.MethodPatch, "/api/v1/me/profile", object{"approves_followers": true}, w.as("alice")).is(http.StatusOK)
		ask("kind")
		ask("rude")
		if got := fmt.Sprint(names("/api/v1/me/followers"), names("/api/v1/me/followers/requests")); got != "[early@far.example] [kind@far.example rude@far.example]" {
			t.Fatalf("followers and requests: %s", got)
		}
		for range 2 {
			w.do(http.MethodPut, "/api/v1/me/followers/requests/kind@far.example", nil, w.as("alice")).is(http.StatusNoContent)
		}
		w.do(http.MethodDelete, "/api/v1/me/followers/requests/rude@far.example", nil, w.as("alice")).is(http.StatusNoContent)
		w.do(http.MethodDelete, "/api/v1/me/followers/early@far.example", nil, w.as("alice")).is(http.StatusNoContent)
		if got := fmt.Sprint(names("/api/v1/me/followers"), names("/api/v1/me/followers/requests")); got != "[kind@far.example] []" {
			t.Errorf("followers and requests: %s", got)
		}
		w.do(http.MethodPut, "/api/v1/me/followers/requests/rude@far.example", nil, w.as("alice")).is(http.StatusNotFound)
		w.do(http.MethodPut, "/api/v1/me/followers/requests/nobody@far.example", nil, w.as("alice")).is(http.StatusNotFound)
	})
}
