package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// letter returns the newest letter that waits, with the secret of its link,
// sealed as service/mail does it; what waited before is done.
func (w *world) letter() (l community.Letter, secret string) {
	w.t.Helper()
	ctx, later := w.t.Context(), time.Now().Add(time.Minute)
	for range 2 { // a letter may wait for a job
		lanes, err := w.db.DueLanes(ctx, later)
		w.check(err)
		jobs, err := w.db.DueJobs(ctx, lanes, later, 100)
		w.check(err)
		for _, job := range jobs {
			switch job.Kind {
			case "recover":
				w.check(w.accounts.SendWayIn(ctx, job))
			case community.JobLetter:
				l = community.Letter{}
				w.check(json.Unmarshal(job.Body, &l))
			}
			w.check(w.db.FinishJobs(ctx, []community.JobID{job.ID}, later))
		}
	}
	if l.LinkID != 0 {
		secret = base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat(string(rune('a'+l.LinkID%26)), 32)))
		w.check(w.db.SealLink(ctx, l.LinkID, community.HashSecret(secret)))
	}
	return l, secret
}

// form is what a form without JavaScript sends.
func form(pairs ...string) (string, change) {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode(), header("Content-Type", "application/x-www-form-urlencoded")
}

// readsMail gives somebody a password and an address that they confirmed, on
// the pages that need no JavaScript.
func (w *world) readsMail(name string) {
	w.t.Helper()
	address := name + "@mail.test"
	w.do(http.MethodPatch, "/api/v1/me", object{"email": address}, w.sure(name)).is(http.StatusOK)
	l, secret := w.letter()
	if l.Kind != community.ConfirmAddress || l.To != address {
		w.t.Fatalf("got the letter %+v", l)
	}
	w.get("/verify?token="+secret).is(http.StatusOK).has(address, name, "Yes, that is me")
	w.get("/api/v1/me/email", w.as(name)).is(http.StatusOK).has(`"verified":false`) // opening it does nothing
	body, as := form("token", secret)
	if to := w.do(http.MethodPost, "/verify", body, as).is(http.StatusSeeOther).Header.Get("Location"); to != "/verify?done=1" {
		w.t.Errorf("goes on at %s", to)
	}
	w.get("/verify?done=1").is(http.StatusOK).has("is confirmed")
	w.get("/api/v1/me/email", w.as(name)).is(http.StatusOK).has(`"verified":true`, address)
	w.do(http.MethodPost, "/verify", body, as).is(http.StatusNotFound).has("no longer good")
}

func TestGettingBackInWithoutJavaScript(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db, func(o *api.Options) { o.Instance.Mail = true })
		db.SendLetters(true)
		w.person("alice")
		w.readsMail("alice")
		_, before := w.browser("alice")

		w.get("/recover").is(http.StatusOK).has(`<form class="form" method="post" action="/recover"`)
		body, as := form("name", "alice@mail.test")
		w.do(http.MethodPost, "/recover", body, as).is(http.StatusSeeOther)
		_, secret := w.letter()
		page := w.get("/recover/reset?token="+secret).is(http.StatusOK).has("Welcome back, alice", secret)
		if got := page.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a page with a secret may be kept: %s", got)
		}
		body, as = form("token", secret, "password", "short")
		w.do(http.MethodPost, "/recover/reset", body, as).is(http.StatusUnprocessableEntity).has("at least 10", "Welcome back, alice", secret)
		body, as = form("token", secret, "password", "a wall of new stone")
		w.do(http.MethodPost, "/recover/reset", body, as, header("Sec-Fetch-Site", "cross-site")).is(http.StatusForbidden)
		if to := w.do(http.MethodPost, "/recover/reset", body, as).is(http.StatusSeeOther).Header.Get("Location"); to != "/recover/reset?done=1" {
			t.Errorf("goes on at %s", to)
		}
		w.get("/api/v1/me", before).is(http.StatusUnauthorized)
		w.get("/api/v1/me", w.as("alice")).is(http.StatusUnauthorized)
		w.do(http.MethodPost, "/api/v1/session", object{"name": "alice", "password": "a wall of new stone"}).is(http.StatusOK)

		// Or once, to add a passkey.
		body, as = form("name", "alice")
		w.do(http.MethodPost, "/recover", body, as).is(http.StatusSeeOther)
		_, secret = w.letter()
		body, as = form("token", secret, "enter", "yes")
		in := w.do(http.MethodPost, "/recover/reset", body, as).is(http.StatusSeeOther)
		cookie := in.cookie("__Host-drystone")
		if in.Header.Get("Location") != "/settings/security" || cookie == nil || in.cookie("__Host-drystone-browser") == nil {
			t.Fatalf("goes on at %s with %v", in.Header.Get("Location"), in.Cookies())
		}
		with := header("Cookie", cookie.Name+"="+cookie.Value)
		w.do(http.MethodPost, "/api/v1/passkeys/begin", object{}, with).is(http.StatusOK) // for which one has to be sure
		w.get("/recover/reset?token=" + secret).is(http.StatusNotFound).has("Ask for a new link").lacks("Welcome back")
	})
}

// Whether there is such an account, and such an address, is told by neither
// the words nor the status of an answer.
func TestRecoveryAnswersAllTheSame(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Instance.Mail = true })
	w.db.SendLetters(true)
	for _, name := range []string{"alice", "bob"} {
		w.person(name)
	}
	w.readsMail("alice")
	seen := map[string]string{}
	for _, asked := range []string{"alice", "bob", "nobody", "alice@mail.test", "nobody@mail.test"} {
		got := w.do(http.MethodPost, "/api/v1/recover", object{"name": asked}, header("X-Forwarded-For", asked)).is(http.StatusNoContent)
		body, as := form("name", asked)
		page := w.do(http.MethodPost, "/recover", body, as).is(http.StatusSeeOther)
		seen[got.text+page.text+page.Header.Get("Location")] = asked
	}
	if len(seen) != 1 {
		t.Errorf("the answers differ: %v", seen)
	}

	// So it is with an address that somebody else confirmed.
	for _, address := range []string{"alice@mail.test", "free@mail.test"} {
		w.person("p" + address[:4])
		w.do(http.MethodPatch, "/api/v1/me", object{"email": address}, w.sure("p"+address[:4])).is(http.StatusOK)
	}
	for _, name := range []string{"palic", "pfree"} {
		mine := w.get("/api/v1/me/email", w.as(name)).is(http.StatusOK).json()
		delete(mine, "address")
		text, _ := json.Marshal(mine)
		seen[string(text)] = name
	}
	if len(seen) != 2 {
		t.Errorf("what is shown differs: %v", seen)
	}
}

func TestRecoveryIsLimited(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t), func(o *api.Options) { o.Instance.Mail = true })
	w.db.SendLetters(true)
	for range 10 {
		w.do(http.MethodPost, "/api/v1/recover", object{"name": "alice"}).is(http.StatusNoContent)
	}
	w.do(http.MethodPost, "/api/v1/recover", object{"name": "bob"}).is(http.StatusTooManyRequests)
	body, as := form("name", "alice")
	w.do(http.MethodPost, "/recover", body, as).is(http.StatusTooManyRequests).has("That was a lot at once")
}

func TestWithoutAMailServer(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	w.get("/recover").is(http.StatusOK).has("cannot send mail", "Ask an administrator").lacks(`method="post"`)
	body, as := form("name", "alice")
	w.do(http.MethodPost, "/recover", body, as).is(http.StatusConflict).has("cannot send mail")
	w.get("/api/v1/instance").is(http.StatusOK).has(`"mail":false`)
}

// What is handed out by an administrator is shown once, and written down.
func TestAdministratorsHandOutLinks(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for _, name := range []string{"ada", "bob"} {
			w.person(name)
		}
		w.do(http.MethodPost, "/api/v1/admin/people/bob/link", nil, w.as("ada")).is(http.StatusForbidden) // a token is no proof
		link := w.do(http.MethodPost, "/api/v1/admin/people/bob/link", nil, w.sure("ada")).is(http.StatusOK).json()["url"].(string)
		token, ok := strings.CutPrefix(link, origin+"/recover/reset?token=")
		if !ok {
			t.Fatalf("it is %s", link)
		}
		if log := w.logs.String(); !strings.Contains(log, "handed out") || !strings.Contains(log, "by=ada account=bob") || strings.Contains(log, token) {
			t.Errorf("the log says\n%s", log)
		}
		w.do(http.MethodPost, "/api/v1/recover/reset", object{"token": token, "password": "a wall of new stone"}).is(http.StatusNoContent)
		w.do(http.MethodPost, "/api/v1/session", object{"name": "bob", "password": "a wall of new stone"}).is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/recover/reset", object{"token": token, "password": "another wall of stone"}).is(http.StatusNotFound)

		w.do(http.MethodPost, "/api/v1/admin/people/nobody/link", nil, w.sure("ada")).is(http.StatusNotFound)
		w.do(http.MethodPost, "/api/v1/admin/people/bob@elsewhere.example/link", nil, w.sure("ada")).is(http.StatusNotFound)
		w.do(http.MethodDelete, "/api/v1/admin/people/ada/admin", nil, w.sure("ada")).is(http.StatusConflict)
		list := w.get("/api/v1/admin/people?q=b", w.as("ada")).is(http.StatusOK).has(`"name":"bob"`, `"email_verified":false`, `"guard":"password"`)
		list.lacks("mail.test", "has_password", `"name":"ada"`)
		// Bob can read that somebody looked.
		_, bob := w.browser("bob")
		w.get("/api/v1/me/views", bob).is(http.StatusOK).has(`"screen":"people"`, `"role":"admin"`)
	})
}
