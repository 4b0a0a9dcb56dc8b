package api_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// Whoever gives roles makes, changes, gives and ends only those of levels below
// their own, and a level is a number from 1 to 9.
func TestLevelsOfRoles(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		const at = "/api/v1/groups/garden"
		made := func(who string, status int, name string, level any, permits ...string) string {
			t.Helper()
			body := object{"name": name, "permissions": permits}
			if level != nil {
				body["level"] = level
			}
			r := w.do("POST", at+"/roles", body, w.as(who)).is(status)
			if status != http.StatusCreated {
				isProblem(t, r, "")
				return ""
			}
			id, _ := r.json()["id"].(string)
			return id
		}
		clerk := made("alice", http.StatusCreated, "Clerk", nil, "roles.give", "threads.lock")
		peer := made("alice", http.StatusCreated, "Peer", 5, "threads.lock")
		w.do("POST", at+"/grants", object{"person": "bob", "role": clerk}, w.as("alice")).is(http.StatusCreated)

		helper := made("bob", http.StatusCreated, "Helper", 2, "threads.lock")
		made("bob", http.StatusForbidden, "Lead", 8, "threads.lock")
		made("bob", http.StatusForbidden, "Other", 5, "threads.lock")
		for _, level := range []any{-1, 10, 1.5, "high"} {
			body := object{"name": "Odd", "permissions": []string{"threads.lock"}, "level": level}
			w.do("POST", at+"/roles", body, w.as("alice")).is(http.StatusUnprocessableEntity)
		}
		w.do("PUT", at+"/roles/"+helper, object{"name": "Helper", "permissions": []string{"threads.lock"}, "level": 8}, w.as("bob")).is(http.StatusForbidden)
		w.do("PUT", at+"/roles/"+peer, object{"name": "Peer", "permissions": []string{"threads.lock"}, "level": 2}, w.as("bob")).is(http.StatusForbidden)
		w.do("POST", at+"/grants", object{"person": "carol", "role": peer}, w.as("bob")).is(http.StatusForbidden)
		w.do("POST", at+"/grants", object{"person": "carol", "role": helper}, w.as("bob")).is(http.StatusCreated)
		above := w.do("POST", at+"/grants", object{"person": "dave", "role": peer}, w.as("alice")).is(http.StatusCreated).json()["id"].(float64)
		w.do("DELETE", at+"/grants/"+strconv.Itoa(int(above)), nil, w.as("bob")).is(http.StatusForbidden)

		board := w.get(at+"/roles", w.as("bob")).is(http.StatusOK).json()
		if board["below"] != float64(5) {
			t.Errorf("bob gives roles below %v", board["below"])
		}
		var levels []float64
		for _, role := range board["roles"].([]any) {
			levels = append(levels, role.(object)["level"].(float64))
		}
		if !slices.IsSortedFunc(levels, func(a, b float64) int { return int(b - a) }) || len(levels) < 4 {
			t.Errorf("the levels of roles are %v", levels)
		}
	})
}
