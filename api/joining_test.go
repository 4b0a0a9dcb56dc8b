package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/api"
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

// Where the host asks for it, nobody does anything before they showed that they
// read their mail address: by the letter, in the app or without JavaScript.
func TestConfirmingAnAddressFirst(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, func(o *api.Options) { o.Instance.Mail = true }).settle()
		require := object{"require_mail": true}
		isProblem(t, w.do(http.MethodPatch, "/api/v1/admin/joining", require, w.as("ada")).is(http.StatusUnprocessableEntity), "body.require_mail")
		db.SendLetters(true)
		w.joins(func(*community.Joining) {})
		w.do(http.MethodPatch, "/api/v1/admin/joining", require, w.as("ada")).is(http.StatusOK).has(`"require_mail":true`)
		w.get("/api/v1/joining").is(http.StatusOK).has(`"require_mail":true`)
		w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "As before"}, w.as("bob")).is(http.StatusCreated)

		ask := object{"name": "erin", "password": password}
		isProblem(t, w.do(http.MethodPost, accountsPath, ask).is(http.StatusUnprocessableEntity), "body.email")
		ask["email"] = "erin@mail.test"
		c := w.do(http.MethodPost, accountsPath, ask).is(http.StatusCreated).has(`"unverified":true`).cookie("__Host-drystone")
		erin := header("Cookie", c.Name+"="+c.Value)
		l, _ := w.letter()
		if l.Kind != community.ConfirmAddress || l.To != "erin@mail.test" {
			t.Fatalf("got the letter %+v", l)
		}
		for path, method := range map[string]string{
			"/api/v1/groups/garden/posts": http.MethodPost, "/api/v1/groups/garden/membership": http.MethodPut,
			"/api/v1/me": http.MethodPatch, "/api/v1/conversations/bob/messages": http.MethodPost, "/api/v1/me/invites": http.MethodPost,
			fmt.Sprintf("/api/v1/posts/%d/vote", w.post.ID): http.MethodPut, "/api/v1/people/bob/reports": http.MethodPost,
			"/api/v1/tokens": http.MethodPost, "/api/v1/me/export": http.MethodPost,
		} {
			w.do(method, path, object{"title": "x", "body": "x", "name": "x", "value": 1, "reason": "x"}, erin).is(http.StatusForbidden).has("Confirm your mail address first")
		}
		w.get("/u/erin").is(http.StatusNotFound)
		w.get("/api/v1/people/erin").is(http.StatusNotFound)
		w.get("/api/v1/search?q=erin").is(http.StatusOK).lacks(`"erin"`)
		w.get("/api/v1/feed", erin).is(http.StatusOK).has("Seedlings")
		w.get("/", erin).is(http.StatusOK).has("Confirm your mail address, and you are in.")

		for field, address := range map[string]string{"none": "", "no address": "erin", "turned": "a\u202Eb@mail.test", "long": strings.Repeat("x", 10_000) + "@mail.test"} {
			t.Log(field)
			isProblem(t, w.do(http.MethodPut, "/api/v1/me/email", object{"email": address}, erin).is(http.StatusUnprocessableEntity), "body.email")
		}
		w.do(http.MethodPut, "/api/v1/me/email", object{"email": "other@mail.test"}, erin).is(http.StatusOK).has(`"address":"other@mail.test"`, `"verified":false`)
		if l, _ = w.letter(); l.To != "other@mail.test" {
			t.Errorf("got the letter %+v", l)
		}
		for range community.MaxVerifiesFor - 1 {
			w.do(http.MethodPost, "/api/v1/me/email/letter", nil, erin).is(http.StatusNoContent)
		}
		_, secret := w.letter()
		w.do(http.MethodPost, "/api/v1/me/email/letter", nil, erin).is(http.StatusTooManyRequests)
		w.do(http.MethodPost, "/api/v1/verify", object{"token": "guessed"}).is(http.StatusNotFound).has("too old")
		w.do(http.MethodPost, "/api/v1/verify", object{"token": secret}).is(http.StatusOK).has("other@mail.test")
		w.get("/api/v1/me", erin).is(http.StatusOK).lacks("unverified")
		w.do(http.MethodPost, "/api/v1/groups/garden/posts", object{"title": "Hello"}, erin).is(http.StatusCreated)
		w.get("/u/erin").is(http.StatusOK)
	})
}

// The same without JavaScript, and a question that is answered there.
func TestWaitingWithoutJavaScript(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, func(o *api.Options) { o.Instance.Mail = true }).settle()
		db.SendLetters(true)
		w.joins(func(j *community.Joining) { j.Mode, j.RequireMail = community.JoinApplication, true })
		body, as := form("name", "erin", "password", password, "email", "erin@mail.test", "answer0", "A mason.")
		r := w.do(http.MethodPost, "/join", body, as).is(http.StatusSeeOther)
		if to := r.Header.Get("Location"); to != "/join" {
			t.Errorf("goes on at %s", to)
		}
		c := r.cookie("__Host-drystone")
		erin := header("Cookie", c.Name+"="+c.Value)
		w.get("/join", erin).is(http.StatusOK).has("We sent a letter to", "erin@mail.test", "A mason.", "Your application")
		send := func(pairs ...string) *reply {
			t.Helper()
			body, as := form(pairs...)
			return w.do(http.MethodPost, "/join", body, as, erin)
		}
		send("do", "letter").is(http.StatusSeeOther)
		send("do", "email", "email", "e@mail.test", "password", "wrong").is(http.StatusForbidden).has(`role="alert"`)
		r = send("do", "email", "email", "no address", "password", password).is(http.StatusUnprocessableEntity).has("does not look like")
		c = r.cookie("__Host-drystone") // they proved who they are
		erin = header("Cookie", c.Name+"="+c.Value)
		r = send("do", "email", "email", "e@mail.test", "password", password).is(http.StatusSeeOther)
		c = r.cookie("__Host-drystone")
		erin = header("Cookie", c.Name+"="+c.Value)
		w.get("/join?sent=1", erin).is(http.StatusOK).has("A letter is on its way to", "e@mail.test")
		_, secret := w.letter()
		body, as = form("token", secret)
		w.do(http.MethodPost, "/verify", body, as).is(http.StatusSeeOther)
		w.get("/", erin).is(http.StatusOK).has("Your application is not decided yet.")

		send("do", "reply", "reply", "Nobody asked.").is(http.StatusConflict).has(`role="alert"`)
		who, err := w.accounts.Find(t.Context(), "erin")
		w.check(err)
		a, err := db.AdmissionOf(t.Context(), who.Actor.ID)
		w.check(err)
		at := fmt.Sprintf("/api/v1/admin/applications/%d/ask", a.ID)
		w.do(http.MethodPost, at, object{"question": "Which walls?"}, w.as("ada")).is(http.StatusOK).has(`"email_verified":true`)
		w.get("/join", erin).is(http.StatusOK).has("Which walls?", "Send the answer")
		send("do", "reply", "reply", strings.Repeat("x", 10_000)).is(http.StatusUnprocessableEntity).has(`role="alert"`, "Which walls?")
		if l, _ := w.letter(); l.Kind != community.AdmissionDecided || l.To != "e@mail.test" || l.Path != "/join" || l.Words["text"] != "Which walls?" {
			t.Errorf("got the letter %+v", l)
		}
		send("do", "reply", "reply", "Dry ones.").is(http.StatusSeeOther)
		w.get("/join", erin).is(http.StatusOK).has("Dry ones.", "Somebody will read").lacks("Send the answer")
		send("do", "withdraw").is(http.StatusSeeOther)
		w.get("/api/v1/me", erin).is(http.StatusUnauthorized)
	})
}
