package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/reports"
	"drystone/service/views"
	"drystone/storage"
)

func TestConsents(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		state := func(purpose string) string {
			for _, item := range w.get("/api/v1/me/consents", w.as("bob")).is(http.StatusOK).json()["items"].([]any) {
				if c := item.(map[string]any); c["purpose"] == purpose {
					return fmt.Sprint(c["allowed"], c["said_at"] != nil)
				}
			}
			return "none"
		}
		for purpose, want := range map[string]string{
			"listed": "true true", "searched": "true true", "check_ins": "true false", "bridging": "true false", "expertise": "false false", "introductions": "false false",
		} {
			if got := state(purpose); got != want {
				t.Errorf("%s: %s, want %s", purpose, got, want)
			}
		}
		say := func(purpose string, allowed bool, want int) {
			t.Helper()
			w.do(http.MethodPut, "/api/v1/me/consents/"+purpose, object{"allowed": allowed}, w.as("bob")).is(want)
		}
		say("check_ins", false, 200)
		say("check_ins", false, 200)
		say("expertise", true, 200)
		say("listed", false, 200)
		say("nothing", true, 422)
		say(strings.Repeat("x", 10_000), true, 422)
		me := w.get("/api/v1/me", w.as("bob")).json()
		if me["discoverable"] != false || me["indexable"] != true {
			t.Errorf("the profile does not say what was said: %v", me)
		}
		w.do(http.MethodPatch, "/api/v1/me", object{"discoverable": true, "indexable": false}, w.as("bob")).is(http.StatusOK)
		if got := state("listed") + " " + state("searched") + " " + state("check_ins"); got != "true true false true false true" {
			t.Errorf("listed, searched, check_ins: %s", got)
		}
		// What was said stays, as it came to pass; nobody else's changed.
		history, err := db.ConsentHistory(t.Context(), w.who["bob"].Actor.ID, 100)
		w.check(err)
		text := []string{}
		for _, c := range history {
			text = append(text, fmt.Sprintf("%s %v %s", c.Purpose, c.Value, c.Source))
		}
		got := strings.Join(text[2:5], "; ")
		if got != "check_ins false settings; expertise true settings; listed false settings" || len(text) != 7 {
			t.Errorf("history: %v", text)
		}
		w.check(db.NumberFacts(t.Context()))
		facts, err := db.Facts(t.Context(), 0, 1000)
		w.check(err)
		var kinds []string
		for _, f := range facts {
			if f.Kind == community.ConsentGiven || f.Kind == community.ConsentWithdrawn {
				kinds = append(kinds, string(f.Kind)+" "+f.Reason)
			}
		}
		if got := strings.Join(kinds, "; "); got != "consent_withdrawn check_ins; consent_given expertise; consent_withdrawn listed; consent_given listed; consent_withdrawn searched" {
			t.Errorf("facts: %s", got)
		}
		w.check(db.CloseAccount(t.Context(), w.who["bob"].Account))
		if history, err := db.ConsentHistory(t.Context(), w.who["bob"].Actor.ID, 100); err != nil || len(history) != 0 {
			t.Errorf("of somebody who is gone, %d consents are left, %v", len(history), err)
		}
	})
}

// Who does not want to be listed, or found by their words, is so at once: in
// the API, on the page and where names are completed.
func TestConsentsHoldAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		say := func(purpose string, allowed bool) {
			t.Helper()
			w.do(http.MethodPut, "/api/v1/me/consents/"+purpose, object{"allowed": allowed}, w.as("bob")).is(http.StatusOK)
		}
		shown := func(path, what string, want bool) {
			t.Helper()
			answer := w.get(path, w.as("carol")).is(http.StatusOK)
			if want {
				answer.has(what)
			} else {
				answer.lacks(what)
			}
		}
		for _, allowed := range []bool{true, false, true, false} {
			say("listed", allowed)
			shown("/api/v1/search?q=bo", `"name":"bob"`, allowed)
			shown("/search?q=bo", `href="/u/bob"`, allowed)
			shown("/api/v1/complete?q=%40bo", `"name":"bob"`, allowed)
			say("searched", allowed)
			shown("/api/v1/search?q=tomatoes", "Seedlings", allowed)
			shown("/search?q=tomatoes", "Seedlings", allowed)
		}
		shown("/api/v1/people/bob", `"name":"bob"`, true) // by his whole name, always
	})
}

// Whoever looks at single people, because they look after something, is noted
// before they see anything; and who was looked at can read that.
func TestWhoLookedAtMe(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		ctx := t.Context()
		bob, alice := w.who["bob"].Actor, w.who["alice"].Actor
		_, err := w.groups.Join(ctx, bob, w.garden, community.Origin{})
		w.check(err)
		report, err := w.reports.File(ctx, w.who["carol"].Actor, w.post.Subject(), reports.Draft{Reason: "x", Scope: community.ToModerators})
		w.check(err)
		w.do(http.MethodPost, "/api/v1/people/bob/warnings", object{"reason": "Please do not.", "group": "garden"}, w.as("alice")).is(http.StatusCreated)
		w.do(http.MethodPut, "/api/v1/groups/garden/bans/bob", object{"reason": "x"}, w.as("alice")).is(http.StatusNoContent)
		w.check(w.moderation.BanPerson(ctx, w.who["ada"].Actor, bob, community.Ban{Reason: "x"}))
		list := func(who string) string {
			text := ""
			for _, item := range w.get("/api/v1/me/views", w.as(who)).is(http.StatusOK).json()["items"].([]any) {
				v := item.(map[string]any)
				text += fmt.Sprintf("%s by %s %v;", v["screen"], v["role"], v["viewer"] != nil)
			}
			return text
		}
		if got := list("bob"); got != "" {
			t.Errorf("before anybody looked: %s", got)
		}
		reportPath := fmt.Sprintf("/api/v1/reports/%d", report.ID)
		for _, c := range []struct{ path, who, want string }{
			{"/api/v1/groups/garden/members", "alice", "members by owner false;"},
			{"/api/v1/groups/garden/members", "dave", ""},
			{"/api/v1/groups/garden/bans", "alice", "bans by owner false;"},
			{reportPath, "alice", "report by owner false;"},
			{reportPath, "carol", ""}, // she reported it
			{"/api/v1/people/bob/warnings", "alice", "warnings by owner false;"},
			{"/api/v1/people/bob/warnings", "bob", ""},
			{"/api/v1/people/bob/warnings", "dave", ""},
			{"/api/v1/bans", "ada", "bans by admin false;"},
			{"/api/v1/bans", "dave", ""},
			{"/api/v1/people/bob", "alice", ""}, // which everybody may read
			{"/api/v1/groups/garden/log", "alice", ""},
		} {
			_, err := db.Bun().NewDelete().Table("person_views").Where("1 = 1").Exec(ctx)
			w.check(err)
			w.get(c.path, w.as(c.who))
			w.get(c.path, w.as(c.who))
			if got := list("bob"); got != c.want {
				t.Errorf("%s by %s: %q, want %q", c.path, c.who, got, c.want)
			}
			if got := list(c.who); c.who != "bob" && got != "" {
				t.Errorf("%s looked at themselves: %s", c.who, got)
			}
		}
		// The page without JavaScript is the same screen.
		_, err = db.Bun().NewDelete().Table("person_views").Where("1 = 1").Exec(ctx)
		w.check(err)
		w.get(fmt.Sprintf("/reports/%d", report.ID), w.as("alice")).is(http.StatusOK)
		if got := list("bob"); got != "report by owner false;" {
			t.Errorf("the page of a report: %s", got)
		}
		// Who moderates with them is told by whom.
		w.check(db.SaveMembership(ctx, &community.Membership{GroupID: w.garden.ID, ActorID: bob.ID, Role: community.Moderator, State: community.Accepted, CreatedAt: time.Now()}))
		if got := list("bob"); got != "report by owner true;" {
			t.Errorf("as a moderator: %s", got)
		}

		// They can be many, and are kept for 400 days.
		now := time.Now()
		service := &views.Service{DB: db, Now: func() time.Time { return now }}
		for range 401 {
			w.check(service.Note(ctx, alice, community.MembersScreen, w.garden, bob, nil, alice, bob))
			now = now.Add(24 * time.Hour)
		}
		seen, cursor, pages := 0, "", 0
		for {
			page := w.get("/api/v1/me/views?limit=100&cursor="+cursor, w.as("bob")).is(http.StatusOK).json()
			seen += len(page["items"].([]any))
			if cursor, _ = page["next"].(string); cursor == "" {
				break
			}
			pages++
		}
		if seen != 402 || pages != 4 {
			t.Errorf("%d views on %d pages", seen, pages+1)
		}
		w.check(service.Trim(ctx))
		if left, _, err := db.PersonViews(ctx, bob.ID, community.Page{Limit: 1000}); err != nil || len(left) != 400 {
			t.Errorf("%d views are left, %v", len(left), err)
		}
	})
}

func TestInsights(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		_, err := w.groups.Join(t.Context(), w.who["bob"].Actor, w.garden, community.Origin{})
		w.check(err)
		w.do(http.MethodPost, "/api/v1/people/bob/warnings", object{"reason": "Please do not.", "group": "garden"}, w.as("alice")).is(http.StatusCreated)
		w.do(http.MethodPut, "/api/v1/groups/garden/bans/bob", object{"reason": "Too many seeds"}, w.as("alice")).is(http.StatusNoContent)
		got := w.get("/api/v1/me/insights", w.as("bob")).is(http.StatusOK)
		got.has(`"garden"`, `"warnings":1`, `"decisions":1`, "Too many seeds", `"state":"accepted"`, `"key":"posts"`, `"key":"active"`)
		for _, who := range []string{"dave", "carol", "ada"} {
			w.get("/api/v1/me/insights", w.as(who)).is(http.StatusOK).lacks("Too many seeds", `"garden"`)
		}
		if n := len(got.json()["computed"].([]any)); n != len(community.Computations()) {
			t.Errorf("%d things are computed, and %d told", len(community.Computations()), n)
		}
	})
}
