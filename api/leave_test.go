package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/storage"
)

// Whoever proved lately that it is them can delete the account, and whoever
// only holds a cookie or a token cannot.
func TestDeleteMe(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		up := func(name string) change {
			c := w.do(http.MethodPost, "/api/v1/accounts", object{"name": name, "password": password}).is(http.StatusCreated).cookie("__Host-drystone")
			return header("Cookie", c.Name+"="+c.Value)
		}
		ada, erin := up("ada"), up("erin")
		leave := func(body any, who change) *reply { return w.do(http.MethodDelete, "/api/v1/me", body, who) }

		w.forget()
		leave(object{}, erin).is(http.StatusForbidden).has(`"confirmation_required"`)
		erin, ada = w.confirm(erin), w.confirm(ada)
		leave(object{"name": "ada"}, erin).is(http.StatusUnprocessableEntity)
		w.get("/api/v1/me", erin).is(http.StatusOK)
		leave(object{}, ada).is(http.StatusConflict).has("only administrator", "Make somebody else one first")
		w.get("/api/v1/me", ada).is(http.StatusOK)

		w.do(http.MethodPost, "/api/v1/groups", object{"name": "garden"}, ada).is(http.StatusCreated)
		post := w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Beans"}, erin).is(http.StatusCreated).json()
		c := leave(object{}, erin).is(http.StatusNoContent).cookie("__Host-drystone")
		if c == nil || c.MaxAge >= 0 || c.Value != "" {
			t.Errorf("the cookie left is %v", c)
		}
		w.get("/api/v1/me", erin).is(http.StatusUnauthorized)
		w.get("/api/v1/people/erin").is(http.StatusNotFound)

		// Who signs in during the grace reads, says nothing, and can come back.
		in := func() change {
			c := w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password}).is(http.StatusOK).cookie("__Host-drystone")
			return header("Cookie", c.Name+"="+c.Value)
		}
		erin = in()
		w.get("/api/v1/me", erin).is(http.StatusOK).has(`"leaves_at"`)
		w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Peas"}, erin).is(http.StatusForbidden).has("Come back first")
		w.do(http.MethodPatch, "/api/v1/me", object{"title": "x"}, erin).is(http.StatusForbidden)
		w.do(http.MethodPut, fmt.Sprintf("/api/v1/posts/%v/vote", post["id"]), object{"value": 1}, erin).is(http.StatusForbidden)
		w.do(http.MethodPost, "/api/v1/me/export", nil, erin).is(http.StatusCreated)
		w.do(http.MethodPost, "/api/v1/me/return", nil, erin).is(http.StatusOK).lacks(`"leaves_at"`)
		w.get("/api/v1/people/erin").is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Peas"}, erin).is(http.StatusCreated)

		leave(object{}, w.confirm(erin)).is(http.StatusNoContent)
		over, err := accounts.New(accounts.Options{
			PasswordCost: accounts.Cost{Memory: 64, Rounds: 1},
			DB:           db, Origin: origin, Host: "stone.example", Name: "Stone", NewKey: w.accounts.NewKey,
			Now: func() time.Time { return time.Now().Add(community.LeaveGrace + time.Minute) },
		})
		w.check(err)
		w.check(w.accounts.EndGraces(t.Context()))
		in()
		w.check(over.EndGraces(t.Context()))
		w.get(fmt.Sprintf("/post/%v", post["id"])).is(http.StatusOK).has("Beans", "deleted account").lacks(`href="/u/erin"`)
		w.do(http.MethodPost, "/api/v1/session", object{"name": "erin", "password": password}).is(http.StatusUnauthorized)
		r := w.do(http.MethodPost, "/api/v1/accounts", object{"name": "Erin", "password": password}).is(http.StatusConflict)
		if !strings.Contains(r.text, "taken") {
			t.Errorf("the name again: %s", r.text)
		}
	})
}
