package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// applicant has somebody new apply.
func (w *world) applicant() *community.Admission {
	w.t.Helper()
	w.strangers++
	who := w.person(fmt.Sprintf("newcomer%d", w.strangers))
	ctx := w.t.Context()
	_, err := w.db.Bun().NewUpdate().Table("actors").Set("kind = 'applicant'").Where("id = ?", who.Actor.ID).Exec(ctx)
	w.check(err)
	who.Actor.Kind = community.Applicant
	a := &community.Admission{
		ActorID: who.Actor.ID, State: community.AdmissionWaiting, CreatedAt: time.Now(),
		Answers: []community.Answer{{Question: "Why?", Text: "For the walls."}},
	}
	w.check(w.db.AddAdmission(ctx, a))
	return a
}

// invitation has somebody invite, whether or not they may.
func (w *world) invitation(by *community.Actor) *community.Invite {
	w.t.Helper()
	w.strangers++
	i := &community.Invite{
		Hash: fmt.Appendf(nil, "hash %d", w.strangers), CreatorID: by.ID, Uses: 1, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}
	w.check(w.db.AddInvite(w.t.Context(), i))
	return i
}

const accountsPath = "/api/v1/accounts"

// Somebody applies, is asked back, answers and is let in. Before, they can read
// and do nothing else, and nobody meets them.
func TestApplying(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.joins(func(j *community.Joining) {
			j.Mode, j.Rules = community.JoinApplication, []string{"Be kind."}
			j.Questions = []community.Question{{Text: "Who are you?", Required: true}}
		})
		w.get("/api/v1/joining").is(http.StatusOK).has("Be kind.", "Who are you?", `"mode":"application"`)
		ask := object{"name": "erin", "password": password, "accept_rules": true, "answers": []string{"A mason."}}
		isProblem(t, w.do(http.MethodPost, accountsPath, object{"name": "erin", "password": password}).is(http.StatusUnprocessableEntity), "body.accept_rules")
		isProblem(t, w.do(http.MethodPost, accountsPath, object{"name": "erin", "password": password, "accept_rules": true}).is(http.StatusUnprocessableEntity), "body.answers")
		r := w.do(http.MethodPost, accountsPath, ask).is(http.StatusCreated).has(`"waiting":true`)
		c := r.cookie("__Host-drystone")
		erin := header("Cookie", c.Name+"="+c.Value)

		w.get("/api/v1/feed", erin).is(http.StatusOK).has("Seedlings")
		for path, method := range map[string]string{
			"/api/v1/groups/garden/posts": http.MethodPost, "/api/v1/groups/garden/membership": http.MethodPut,
			"/api/v1/me": http.MethodPatch, "/api/v1/conversations/bob/messages": http.MethodPost, "/api/v1/me/invites": http.MethodPost,
			fmt.Sprintf("/api/v1/posts/%d/vote", w.post.ID): http.MethodPut, "/api/v1/people/bob/reports": http.MethodPost,
		} {
			w.do(method, path, object{"title": "x", "body": "x", "value": 1, "reason": "x"}, erin).is(http.StatusForbidden).has("not accepted yet")
		}
		w.get("/api/v1/people/erin").is(http.StatusNotFound)
		w.get("/u/erin").is(http.StatusNotFound)
		w.get("/api/v1/search?q=erin").is(http.StatusOK).lacks(`"erin"`)
		w.get("/api/v1/me/application", erin).is(http.StatusOK).has(`"state":"waiting"`, "A mason.")
		w.do(http.MethodPut, "/api/v1/me/application/reply", object{"reply": "x"}, erin).is(http.StatusConflict)

		list := w.get("/api/v1/admin/applications", w.as("ada")).is(http.StatusOK).has(`"waiting":1`, "A mason.").json()
		w.get("/api/v1/me/views", erin).is(http.StatusOK).has(`"screen":"requests"`, `"role":"admin"`)
		id := list["items"].([]any)[0].(map[string]any)["id"]
		at := func(what string) string { return fmt.Sprintf("/api/v1/admin/applications/%v/%s", id, what) }
		isProblem(t, w.do(http.MethodPost, at("ask"), object{"question": " "}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.question")
		isProblem(t, w.do(http.MethodPost, at("refuse"), object{"reason": ""}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.reason")
		isProblem(t, w.do(http.MethodPost, at("refuse"), object{"reason": strings.Repeat("x", 10_000)}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.reason")
		w.do(http.MethodPost, at("ask"), object{"question": "Which walls?"}, w.as("ada")).is(http.StatusOK).has(`"state":"asked"`)
		w.get("/api/v1/me/application", erin).is(http.StatusOK).has("Which walls?")
		isProblem(t, w.do(http.MethodPut, "/api/v1/me/application/reply", object{"reply": strings.Repeat("x", 10_000)}, erin).is(http.StatusUnprocessableEntity), "body.reply")
		w.do(http.MethodPut, "/api/v1/me/application/reply", object{"reply": "Dry ones."}, erin).is(http.StatusOK).has(`"state":"waiting"`, "Dry ones.")
		w.do(http.MethodPost, at("accept"), nil, w.as("ada")).is(http.StatusOK).has(`"state":"accepted"`)
		w.do(http.MethodPost, at("accept"), nil, w.as("ada")).is(http.StatusConflict)
		w.do(http.MethodPost, at("refuse"), object{"reason": "x"}, w.as("ada")).is(http.StatusConflict)

		w.get("/api/v1/people/erin").is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Hello"}, erin).is(http.StatusCreated)
		w.get("/api/v1/me", erin).is(http.StatusOK).lacks(`"waiting"`)
		w.do(http.MethodDelete, "/api/v1/me/application", nil, erin).is(http.StatusConflict)
	})
}

// Who takes their application back leaves nothing, and the name can be had.
func TestWithdrawnApplication(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.joins(func(j *community.Joining) { j.Mode = community.JoinApplication })
		ask := object{"name": "erin", "password": password, "answers": []string{"A mason."}}
		c := w.do(http.MethodPost, accountsPath, ask).is(http.StatusCreated).cookie("__Host-drystone")
		erin := header("Cookie", c.Name+"="+c.Value)
		w.do(http.MethodPost, accountsPath, ask).is(http.StatusConflict)
		w.do(http.MethodDelete, "/api/v1/me/application", nil, erin).is(http.StatusNoContent)
		w.get("/api/v1/me", erin).is(http.StatusUnauthorized)
		w.do(http.MethodPost, accountsPath, ask).is(http.StatusCreated)
	})
}

func TestInvites(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.joins(func(j *community.Joining) { j.Mode, j.Inviters = community.JoinInvite, community.ModeratorsInvite })
		for field, body := range map[string]object{
			"body.uses": {"uses": 1001}, "body.days": {"days": 366}, "body.note": {"note": "a\u202Eb"}, "body.group": {"group": "nowhere"},
		} {
			isProblem(t, w.do(http.MethodPost, "/api/v1/me/invites", body, w.as("alice")).is(http.StatusUnprocessableEntity), field)
		}
		isProblem(t, w.do(http.MethodPost, "/api/v1/me/invites", object{"note": strings.Repeat("x", 10_000)}, w.as("alice")).is(http.StatusUnprocessableEntity), "body.note")
		w.do(http.MethodPost, "/api/v1/me/invites", object{}, w.as("bob")).is(http.StatusForbidden).has("moderators")
		made := w.do(http.MethodPost, "/api/v1/me/invites", object{"group": "garden", "note": "From the fair", "uses": 2}, w.as("alice")).is(http.StatusCreated).json()
		code := made["code"].(string)
		if made["url"] != origin+"/invite/"+code || len(code) < 20 {
			t.Errorf("made %v", made)
		}
		w.get("/api/v1/me/invites", w.as("alice")).is(http.StatusOK).has("From the fair").lacks(code)
		w.get("/api/v1/admin/invites", w.as("ada")).is(http.StatusOK).has("From the fair").lacks(code)
		w.get("/api/v1/invites/"+code).is(http.StatusOK).has(`"name":"alice"`, `"name":"garden"`, "From the fair", `"left":2`)
		wrong := w.get("/api/v1/invites/" + code + "x").is(http.StatusNotFound).text

		r := w.do(http.MethodPost, accountsPath, object{"name": "erin", "password": password, "invite": code}).is(http.StatusCreated)
		c := r.cookie("__Host-drystone")
		erin := header("Cookie", c.Name+"="+c.Value)
		w.get("/api/v1/groups/garden", erin).is(http.StatusOK).has(`"state":"accepted"`)
		w.get("/api/v1/me/invites", w.as("alice")).is(http.StatusOK).has(`"used":1`, `"name":"erin"`)
		w.get("/api/v1/admin/invites", w.as("ada")).is(http.StatusOK).has(`"name":"erin"`)
		w.get("/api/v1/me/invites", erin).is(http.StatusOK).has(`"invited_by"`, `"name":"alice"`, `"may":false`)
		w.get("/api/v1/me/invites", w.as("bob")).is(http.StatusOK).lacks("erin", "From the fair")

		w.do(http.MethodDelete, fmt.Sprintf("/api/v1/me/invites/%v", made["id"]), nil, w.as("bob")).is(http.StatusNotFound)
		w.do(http.MethodDelete, fmt.Sprintf("/api/v1/me/invites/%v", made["id"]), nil, w.as("alice")).is(http.StatusNoContent)
		if got := w.get("/api/v1/invites/" + code).is(http.StatusNotFound).text; got != wrong {
			t.Errorf("a revoked code is answered %s, a wrong one %s", got, wrong)
		}
		isProblem(t, w.do(http.MethodPost, accountsPath, object{"name": "fay", "password": password, "invite": code}).is(http.StatusNotFound), "body.invite")
	})
}

// What an administrator settles holds at once, and is written down.
func TestSettling(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		long := func(n int) []string { return make([]string, n) }
		for field, body := range map[string]object{
			"body.mode": {"mode": "maybe"}, "body.inviters": {"inviters": "nobody"}, "body.welcome": {"welcome": strings.Repeat("x", 10_000)},
			"body.rules": {"rules": long(21)}, "body.questions": {"questions": []object{{"text": "a"}, {"text": "b"}, {"text": "c"}, {"text": "d"}, {"text": "e"}, {"text": "f"}}},
			"body.proof": {"proof": 30}, "body.per_address": {"per_address": -1}, "body.per_network": {"per_network": 1_000_000},
			"body.inviter_days": {"inviter_days": -3}, "body.invites_each": {"invites_each": 5000},
		} {
			isProblem(t, w.do(http.MethodPatch, "/api/v1/admin/joining", body, w.as("ada")).is(http.StatusUnprocessableEntity), field)
		}
		for _, text := range []string{" ", "a\u202Eb", strings.Repeat("x", 10_000)} {
			isProblem(t, w.do(http.MethodPatch, "/api/v1/admin/joining", object{"rules": []string{text}}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.rules")
			isProblem(t, w.do(http.MethodPatch, "/api/v1/admin/joining", object{"questions": []object{{"text": text}}}, w.as("ada")).is(http.StatusUnprocessableEntity), "body.questions")
		}
		before := w.get("/api/v1/admin/joining", w.as("ada")).is(http.StatusOK).text
		w.do(http.MethodPatch, "/api/v1/admin/joining", object{"mode": "closed", "welcome": "x", "proof": 7}, w.as("ada")).is(http.StatusUnprocessableEntity)
		if after := w.get("/api/v1/admin/joining", w.as("ada")).is(http.StatusOK).text; after != before {
			t.Errorf("half of it was settled: %s", after)
		}
		w.do(http.MethodPatch, "/api/v1/admin/joining", object{"mode": "invite", "welcome": "Come *in*", "rules": []string{" 善良であれ "}}, w.as("ada")).is(http.StatusOK).has(`"善良であれ"`)
		w.get("/api/v1/instance").is(http.StatusOK).has(`"registrations":"invite"`)
		w.get("/api/v1/joining").is(http.StatusOK).has("\\u003cem\\u003ein", `"mode":"invite"`)
		w.do(http.MethodPost, accountsPath, object{"name": "erin", "password": password}).is(http.StatusForbidden)
		log, _, err := db.Decisions(t.Context(), 0, community.Page{Limit: 10})
		w.check(err)
		if len(log) != 1 || log[0].Kind != community.JoiningSettled || log[0].ActorID != w.who["ada"].Actor.ID || !strings.Contains(log[0].Reason, "open → invite") {
			t.Errorf("the log says %+v", log)
		}
	})
}

// The work is what the document says it is, and the limits tell how they stand.
func TestWork(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		w.joins(func(j *community.Joining) { j.Proof, j.PerAddress, j.PerNetwork = 8, 2, 5 })
		isProblem(t, w.do(http.MethodPost, accountsPath, object{"name": "erin", "password": password}).is(http.StatusUnprocessableEntity), "body.proof")
		work := func() object {
			c := w.do(http.MethodPost, "/api/v1/joining/challenge", nil).is(http.StatusOK).json()
			challenge := community.Challenge{Text: c["challenge"].(string), Bits: int(c["bits"].(float64)), Parts: int(c["parts"].(float64))}
			return object{"challenge": challenge.Text, "nonces": challenge.Solve().Nonces}
		}
		for i, left := range []string{"r=2", "r=1"} {
			r := w.do(http.MethodPost, accountsPath, object{"name": fmt.Sprintf("erin_%c", 'a'+i), "password": password, "proof": work()}).is(http.StatusCreated)
			if got := strings.Join(r.Header.Values("RateLimit"), " "); !strings.Contains(got, `"sign-up-address";`+left) {
				t.Errorf("RateLimit = %s", got)
			}
		}
		r := w.do(http.MethodPost, accountsPath, object{"name": "erin_c", "password": password, "proof": work()}).is(http.StatusTooManyRequests).has("from your address")
		if r.Header.Get("Retry-After") == "" || !strings.Contains(strings.Join(r.Header.Values("RateLimit-Policy"), " "), `"sign-up-address";q=2;w=86400`) {
			t.Errorf("headers %v", r.Header)
		}
	})
}
