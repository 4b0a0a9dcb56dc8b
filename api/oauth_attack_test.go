package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

func read(t *testing.T, resp *http.Response) *reply {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{t, resp, string(text)}
}

func decode(t *testing.T, resp *http.Response, into any) {
	t.Helper()
	if r := read(t, resp); json.Unmarshal([]byte(r.text), into) != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s answers %d: %s", resp.Request.URL, resp.StatusCode, r.text)
	}
}

// apps runs f with an app, and alice in a browser, on both databases.
func apps(t *testing.T, f func(w *world, a *app, alice change)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.person("alice")
		f(w, w.app(), w.sure("alice"))
	})
}

// wrong fails the test unless r is an error of OAuth.
func (r *reply) wrong(status int, word string) {
	r.t.Helper()
	if got := r.is(status).json()["error"]; got != word || r.Header.Get("Cache-Control") != "no-store" {
		r.t.Errorf("error %v, want %s: %s", got, word, r.text)
	}
}

func TestOAuthCodeReplay(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		code := a.allow(alice)
		token := a.trade("code", code).is(http.StatusOK).json()["access_token"].(string)
		with := header("Authorization", "Bearer "+token)
		w.get("/api/v1/me", with).is(http.StatusOK)
		a.trade("code", code).wrong(http.StatusBadRequest, "invalid_grant")
		w.get("/api/v1/me", with).is(http.StatusUnauthorized)
	})
}

func TestOAuthPKCE(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		// Downgraded before the person is asked: the app hears of it when it is
		// known, and gets nothing.
		a.allow(alice)
		for _, pairs := range [][]string{
			{"code_challenge", "", "code_challenge_method", ""}, {"code_challenge_method", "plain", "code_challenge", a.verifier}, {"code_challenge_method", ""}, {"code_challenge", ""},
		} {
			if got := w.get(a.asks(pairs...), alice).is(http.StatusSeeOther).to(callback); got.Get("error") != "invalid_request" || got.Get("code") != "" {
				w.t.Errorf("%v leads to %v", pairs, got)
			}
		}
		// And after.
		a.trade("code", a.allow(alice, "prompt", "consent"), "code_verifier", "").wrong(http.StatusBadRequest, "invalid_grant")
		code := a.allow(alice, "prompt", "consent")
		a.trade("code", code, "code_verifier", strings.Repeat("x", 43)).wrong(http.StatusBadRequest, "invalid_grant")
		a.trade("code", code).wrong(http.StatusBadRequest, "invalid_grant") // it had its one chance
	})
}

// Mix-up: the answer says who answers, so that a client of several servers
// does not bring the code of one to another.
func TestOAuthMixUp(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		page := w.get(a.asks(), alice).is(http.StatusOK)
		for decision, word := range map[string]string{"allow": "code", "deny": "error"} {
			got := w.postForm("/oauth/authorize", page.form(decision), alice).is(http.StatusSeeOther).to(callback)
			if got.Get("iss") != origin || got.Get("state") != "st&te" || got.Get(word) == "" {
				w.t.Errorf("%s leads to %v", decision, got)
			}
		}
	})
}

// Nobody is ever sent to an address that is not the client's, and to a
// stranger's address only by their own hand.
func TestOAuthOpenRedirect(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		for _, to := range []string{
			"https://evil.example/", callback + "@evil.example", callback + "/../../x", "https://pebble.example.evil.example/cb", "//evil.example",
			"javascript:alert(1)", "http://pebble.example/cb", callback + "?x", callback + "#x", "", "https://pebble.example\\@evil.example/cb",
		} {
			for _, who := range []change{alice, w.as("nobody")} {
				r := w.get(a.asks("redirect_uri", to), who).is(http.StatusBadRequest).lacks("evil.example", "javascript")
				if r.Header.Get("Location") != "" {
					w.t.Errorf("%q leads to %s", to, r.Header.Get("Location"))
				}
			}
		}
		w.get(a.asks("client_id", "dsc_unknown"), alice).is(http.StatusBadRequest).lacks("pebble.example")
		w.get(a.asks()+"&redirect_uri="+url.QueryEscape("https://evil.example/"), alice).is(http.StatusBadRequest).lacks("evil.example")
		// A wrong request of an app that nobody let in is told to the person.
		for _, who := range []change{alice, w.as("nobody")} {
			r := w.get(a.asks("response_type", "token"), who).is(http.StatusBadRequest).has(`href="` + callback + "?")
			if r.Header.Get("Location") != "" {
				w.t.Errorf("leads to %s", r.Header.Get("Location"))
			}
		}
		if got := w.get(a.asks("prompt", "none"), w.as("nobody")).is(http.StatusSeeOther).to(callback).Get("error"); got != "login_required" {
			w.t.Errorf("nobody, not asked: %s", got)
		}
		if got := w.get(a.asks("prompt", "none"), alice).is(http.StatusSeeOther).to(callback).Get("error"); got != "consent_required" {
			w.t.Errorf("alice, not asked: %s", got)
		}
		if back := w.get(a.asks(), w.as("nobody")).is(http.StatusSeeOther).to("/login?").Get("next"); !strings.HasPrefix(back, "/oauth/authorize?") {
			w.t.Errorf("the door leads to %q", back)
		}
	})
}

// A page of another site cannot make somebody agree: by where it comes from,
// and by a ticket that no other page, session or request has.
func TestOAuthCSRFOnConsent(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		w.person("mallory")
		page := w.get(a.asks(), alice).is(http.StatusOK)
		form := page.form("allow")
		for _, foreign := range []change{
			header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Site", "same-site"), header("Origin", "https://evil.example"), header("Origin", "null"),
		} {
			w.postForm("/oauth/authorize", form, alice, foreign).is(http.StatusForbidden)
		}
		mallorys := w.get(a.asks(), w.sure("mallory")).is(http.StatusOK).form("allow")
		for name, change := range map[string]func(url.Values){
			"no ticket":                 func(f url.Values) { f.Del("ticket") },
			"mallory's ticket":          func(f url.Values) { f.Set("ticket", mallorys.Get("ticket")) },
			"a ticket for less":         func(f url.Values) { f.Set("scope", "read write messages") },
			"a ticket for another code": func(f url.Values) { f.Set("code_challenge", strings.Repeat("A", 43)) },
			"a ticket for a state":      func(f url.Values) { f.Set("state", "evil") },
		} {
			forged := url.Values{}
			for word := range form {
				forged.Set(word, form.Get(word))
			}
			change(forged)
			if r := w.postForm("/oauth/authorize", forged, alice).is(http.StatusForbidden); r.Header.Get("Location") != "" || !strings.Contains(r.text, "Look once more") {
				w.t.Errorf("%s: %.300s", name, r.text)
			}
		}
		w.postForm("/oauth/authorize", form).is(http.StatusSeeOther).to("/login?")
		// In the address nothing counts.
		w.do(http.MethodPost, "/oauth/authorize?"+form.Encode(), "", alice, header("Content-Type", "application/x-www-form-urlencoded")).is(http.StatusBadRequest)
		w.postForm("/oauth/authorize", form, alice, header("Sec-Fetch-Site", "same-origin"), header("Origin", origin)).is(http.StatusSeeOther).to(callback)
		// A program cannot agree for its person.
		w.get(a.asks(), w.as("alice")).is(http.StatusSeeOther).to("/login?")
	})
}

func TestOAuthClickjacking(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		for _, r := range []*reply{w.get(a.asks(), alice), w.get(a.asks("redirect_uri", "x"), alice), w.get(a.asks("client_id", ""))} {
			policy := r.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "frame-ancestors 'none'") || r.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(r.Header.Get("Cache-Control"), "no-store") {
				w.t.Errorf("the headers are %v", r.Header)
			}
		}
		// The form may lead to the app, and nowhere else; no script starts.
		r := w.get(a.asks(), alice).lacks("start()")
		if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://pebble.example;") {
			w.t.Errorf("the policy is %s", policy)
		}
	})
}

// What the person sees, and what follows from their answer.
func TestOAuthConsent(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		page := w.get(a.asks("scope", "read messages"), alice).is(http.StatusOK).
			has("<bdi>Pebble</bdi>", "<strong>pebble.example</strong>", "private messages", "alice", "Not you?", "has not checked").lacks("Administer", "vote")
		w.postForm("/oauth/authorize", page.form("maybe"), alice).is(http.StatusUnprocessableEntity)
		if got := w.postForm("/oauth/authorize", page.form("deny"), alice).is(http.StatusSeeOther).to(callback); got.Get("error") != "access_denied" || got.Has("code") {
			w.t.Errorf("no is told as %v", got)
		}
		if list := w.get("/api/v1/me/apps", alice).is(http.StatusOK).json()["items"].([]any); len(list) != 0 {
			w.t.Errorf("after no, connected: %v", list)
		}
		token := a.trade("code", a.allow(alice, "scope", "read messages")).is(http.StatusOK).json()
		with := header("Authorization", "Bearer "+token["access_token"].(string))
		w.get("/api/v1/conversations", with).is(http.StatusOK)
		w.do(http.MethodPost, "/api/v1/groups", object{"name": "pebbles"}, with).is(http.StatusForbidden).has("insufficient_scope")

		// Remembered: the same, or less, is not asked again.
		for _, scope := range []string{"read messages", "read"} {
			if got := w.get(a.asks("scope", scope), alice).is(http.StatusSeeOther).to(callback); got.Get("code") == "" {
				w.t.Errorf("%s leads to %v", scope, got)
			}
		}
		// From the plain form of the door, by a page of ours.
		onward := w.get(a.asks("scope", "read"), alice, header("Referer", origin+"/login?next=x")).is(http.StatusOK).has("Go on to pebble.example", `href="`+callback+"?code=")
		if to := onward.Header.Get("Refresh"); !strings.HasPrefix(to, "0;url="+callback+"?code=") || !strings.Contains(onward.Header.Get("Cache-Control"), "no-store") {
			w.t.Errorf("goes on to %q with %v", to, onward.Header)
		}
		w.get(a.asks("scope", "read"), alice, header("Referer", origin+".evil.example/")).is(http.StatusSeeOther).to(callback + "?code=")
		w.get(a.asks("prompt", "none"), alice).is(http.StatusSeeOther).to(callback + "?error")
		w.get(a.asks(), alice).is(http.StatusOK).has("You let it in before")
		w.get(a.asks("scope", "read", "prompt", "consent"), alice).is(http.StatusOK)
		w.get(a.asks("scope", "read", "prompt", "select_account"), alice).is(http.StatusOK)

		// Connected, until it is not.
		list := w.get("/api/v1/me/apps", alice).is(http.StatusOK).has(`"Pebble"`, `"pebble.example"`, `"messages"`).json()["items"].([]any)
		w.do(http.MethodDelete, "/api/v1/me/apps/"+number(list[0]), nil, alice).is(http.StatusNoContent)
		w.get("/api/v1/me", with).is(http.StatusUnauthorized)
		w.get(a.asks("scope", "read"), alice).is(http.StatusOK)

		// Not you: signed out, and back at the door.
		page = w.get(a.asks(), alice).is(http.StatusOK)
		r := w.postForm("/oauth/authorize", page.form("switch"), alice).is(http.StatusSeeOther)
		if next := r.to("/login?").Get("next"); !strings.HasPrefix(next, "/oauth/authorize?") || r.cookie("__Host-drystone") == nil {
			w.t.Errorf("not me leads to %q with %v", next, r.Cookies())
		}
		w.get("/api/v1/me", alice).is(http.StatusUnauthorized)
	})
}

// Power over the server or the account is given by somebody who just showed
// that it is them, every time.
func TestOAuthStepUp(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		for _, asks := range []string{a.asks("scope", "administer"), a.asks("scope", "account"), a.asks("prompt", "login")} {
			w.get(asks, alice).is(http.StatusOK).has("Let it in")
			w.forget()
			page := w.get(asks, alice).is(http.StatusOK).has("Sign in once more").lacks("Let it in</button>")
			w.postForm("/oauth/authorize", page.form("allow"), alice).is(http.StatusForbidden)
			alice = w.sure("alice")
			page = w.get(asks, alice).is(http.StatusOK)
			w.postForm("/oauth/authorize", page.form("allow"), alice).is(http.StatusSeeOther).to(callback + "?code=")
		}
	})
}

func TestOAuthWire(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		code := func() string { return a.allow(alice, "prompt", "consent") }
		form := func(pairs ...string) url.Values {
			f := url.Values{"grant_type": {"authorization_code"}, "client_id": {a.key}, "code_verifier": {a.verifier}}
			for i := 0; i+1 < len(pairs); i += 2 {
				f.Set(pairs[i], pairs[i+1])
			}
			return f
		}
		w.do(http.MethodPost, "/oauth/token", object{"grant_type": "authorization_code"}).wrong(http.StatusBadRequest, "invalid_request")
		w.do(http.MethodPost, "/oauth/token?"+form("code", code()).Encode(), "", header("Content-Type", "application/x-www-form-urlencoded")).wrong(http.StatusUnauthorized, "invalid_client")
		w.postForm("/oauth/token", form("grant_type", "password", "username", "alice", "password", password)).wrong(http.StatusBadRequest, "unsupported_grant_type")
		w.postForm("/oauth/token", form("grant_type", "client_credentials")).wrong(http.StatusBadRequest, "unsupported_grant_type")
		w.postForm("/oauth/token", form("client_id", "dsc_x")).wrong(http.StatusUnauthorized, "invalid_client")
		w.postForm("/oauth/token", form("client_secret", "x")).wrong(http.StatusUnauthorized, "invalid_client")
		w.do(http.MethodPost, "/oauth/token", form().Encode()+"&client_id=other", header("Content-Type", "application/x-www-form-urlencoded")).wrong(http.StatusBadRequest, "invalid_request")
		w.do(http.MethodPost, "/oauth/token", "client_id=%00&x=%ff", header("Content-Type", "application/x-www-form-urlencoded")).wrong(http.StatusBadRequest, "invalid_request")
		w.do(http.MethodPost, "/oauth/token", "x="+strings.Repeat("x", 100_000), header("Content-Type", "application/x-www-form-urlencoded")).wrong(http.StatusBadRequest, "invalid_request")
		r := w.postForm("/oauth/token", form("client_id", ""), func(r *http.Request) { r.SetBasicAuth("dsc_x", "y") })
		if r.wrong(http.StatusUnauthorized, "invalid_client"); r.Header.Get("WWW-Authenticate") == "" {
			w.t.Error("no WWW-Authenticate")
		}
		w.get("/oauth/token").is(http.StatusMethodNotAllowed)
		for _, path := range []string{"/oauth/revoke", "/oauth/introspect"} {
			w.postForm(path, form()).wrong(http.StatusBadRequest, "invalid_request")
			w.postForm(path, form("client_id", "dsc_x", "token", "y")).wrong(http.StatusUnauthorized, "invalid_client")
		}
		w.postForm("/oauth/revoke", form("token", "nonsense")).is(http.StatusOK)
		if got := w.postForm("/oauth/introspect", form("token", "nonsense")).is(http.StatusOK).json()["active"]; got != false {
			w.t.Errorf("nonsense is %v", got)
		}
		made := w.postForm("/oauth/token", form("code", code())).is(http.StatusOK).json()
		about := w.postForm("/oauth/introspect", form("token", made["access_token"].(string))).is(http.StatusOK).json()
		if about["active"] != true || about["username"] != "alice" || about["client_id"] != a.key || about["scope"] != "read write" {
			w.t.Errorf("the token is %v", about)
		}
		// An access token is no app password, and no cookie.
		secret := made["access_token"].(string)
		w.get("/api/v1/me", func(r *http.Request) { r.SetBasicAuth("alice", secret) }).is(http.StatusUnauthorized)
		w.get("/api/v1/me", header("Cookie", "__Host-drystone="+secret)).is(http.StatusUnauthorized)
		w.do(http.MethodPost, "/api/v1/session", object{"name": "alice", "password": secret}).is(http.StatusUnauthorized)
	})
}

func TestOAuthRegistration(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	say := func(body any) *reply { return w.do(http.MethodPost, "/oauth/register", body) }
	made := say(object{"client_name": "Pebble", "redirect_uris": []string{callback}, "scope": "read", "jwks": object{}, "unknown": 1}).is(http.StatusCreated).json()
	if made["client_secret"] == nil || made["client_secret_expires_at"] != 0.0 || made["token_endpoint_auth_method"] != "client_secret_basic" || made["scope"] != "read" {
		t.Errorf("registered %v", made)
	}
	for word, body := range map[string][]any{
		"invalid_redirect_uri": {
			object{"client_name": "Pebble"},
			object{"client_name": "Pebble", "redirect_uris": []string{"javascript:alert(1)"}},
			object{"client_name": "Pebble", "redirect_uris": []string{"http://pebble.example/"}},
			object{"client_name": "Pebble", "redirect_uris": []string{origin + "/"}},
		},
		"invalid_client_metadata": {
			"", "[]", "{", `{"client_name":1}`, `{"client_name":"a\u0000b","redirect_uris":["` + callback + `"]}`, "{\"client_name\":\"\xff\"}",
			object{"client_name": "Stone", "redirect_uris": []string{callback}},
			object{"client_name": "Pebble", "redirect_uris": []string{callback}, "logo_uri": "javascript:alert(1)"},
		},
		"unapproved_software_statement": {object{"client_name": "Pebble", "redirect_uris": []string{callback}, "software_statement": "x.y.z"}},
	} {
		for _, b := range body {
			say(b).wrong(http.StatusBadRequest, word)
		}
	}
	for range 40 { // and no more than so many from one address
		if r := say(object{}); r.StatusCode == http.StatusTooManyRequests {
			if r.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
	}
	t.Error("registering has no limit")
}

// Pages of other sites may do what a program may, with a token that they show,
// and never with a cookie.
func TestPagesOfOtherSites(t *testing.T) {
	apps(t, func(w *world, a *app, alice change) {
		foreign := []change{header("Origin", "https://pebble.example"), header("Sec-Fetch-Site", "cross-site")}
		token := w.postForm("/oauth/token", url.Values{
			"grant_type": {"authorization_code"}, "client_id": {a.key}, "code_verifier": {a.verifier}, "code": {a.allow(alice)},
		}, foreign...).is(http.StatusOK)
		bearer := header("Authorization", "Bearer "+token.json()["access_token"].(string))
		made := w.do(http.MethodPost, "/api/v1/groups", object{"name": "pebbles"}, append(foreign, bearer)...).is(http.StatusCreated)
		asks := func(path, headers string) *reply {
			return w.do(http.MethodOptions, path, nil, append(foreign, header("Access-Control-Request-Method", "POST"), header("Access-Control-Request-Headers", headers))...)
		}
		may := asks("/api/v1/groups", "authorization,content-type").is(http.StatusNoContent)
		for _, r := range []*reply{token, made, may} {
			if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Access-Control-Allow-Credentials") != "" {
				w.t.Errorf("the headers are %v", r.Header)
			}
		}
		for _, r := range []*reply{
			w.get("/api/v1/feed", append(foreign, alice)...), asks("/api/v1/groups", "content-type"), asks("/oauth/authorize", "authorization"), w.get("/", append(foreign, bearer)...),
		} {
			if r.Header.Get("Access-Control-Allow-Origin") != "" {
				w.t.Errorf("%v is open to other sites", r.Header)
			}
		}
		w.do(http.MethodPost, "/api/v1/groups", object{"name": "evil"}, append(foreign, alice)...).is(http.StatusForbidden)
		w.do(http.MethodPost, "/api/v1/groups", object{"name": "evil"}, append(foreign, alice, header("Authorization", "Bearer x"))...).is(http.StatusUnauthorized)
	})
}

// number is the id of an item of a list.
func number(item any) string { return strconv.Itoa(int(item.(object)["id"].(float64))) }
