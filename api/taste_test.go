package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// Lists are in the order that an address names, or else in the one that the
// reader likes; whoever is not signed in reads what is hot.
func TestListsAreInTheOrderThatTheirReaderLikes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		var list struct{ Sort, Within string }
		lists := []string{"/api/v1/feed", "/api/v1/feed?view=home", "/api/v1/feed?view=moderated", "/api/v1/groups/garden/posts"}
		want := func(who, query, sort, within string) {
			t.Helper()
			for _, at := range lists {
				if who == "nobody" && strings.Contains(at, "view=") {
					continue
				}
				if query != "" {
					at += map[bool]string{true: "&", false: "?"}[strings.Contains(at, "?")] + query
				}
				list.Sort, list.Within = "", ""
				w.check(json.Unmarshal([]byte(w.get(at, w.as(who)).is(http.StatusOK).text), &list))
				order := sort
				if sort == "scaled" && strings.Contains(at, "/groups/") {
					order = "hot" // in one group none is busier than others
				}
				if list.Sort != order || list.Within != within {
					t.Errorf("%s reads %s in the order %q %q, want %q %q", who, at, list.Sort, list.Within, order, within)
				}
			}
		}
		want("bob", "", "hot", "")
		w.do("PUT", "/api/v1/me/taste", object{"sort": "top", "within": "week"}, w.as("bob")).is(http.StatusOK)
		want("bob", "", "top", "week")
		want("bob", "sort=new", "new", "")
		want("bob", "sort=top", "top", "all")
		want("bob", "sort=scaled&within=day", "scaled", "")
		want("bob", "sort=controversial&within=hour", "controversial", "hour")
		want("alice", "", "hot", "")
		want("nobody", "", "hot", "")
		w.do("PUT", "/api/v1/me/taste", object{"sort": "oldest", "within": "week"}, w.as("bob")).is(http.StatusOK)
		want("bob", "", "oldest", "")

		for _, bad := range []object{{}, {"sort": ""}, {"sort": "best"}, {"sort": "top", "within": "eon"}, {"sort": "t\u200bop"}, {"sort": strings.Repeat("x", 10_000)}} {
			w.do("PUT", "/api/v1/me/taste", bad, w.as("bob")).is(http.StatusUnprocessableEntity)
		}
		want("bob", "", "oldest", "")
		for _, bad := range []string{"sort=best", "within=eon"} {
			w.do("GET", "/api/v1/feed?"+bad, nil, w.as("bob")).is(http.StatusUnprocessableEntity)
		}
		w.do("GET", "/api/v1/feed?view=moderated", nil, w.as("nobody")).is(http.StatusUnauthorized)
	})
}
