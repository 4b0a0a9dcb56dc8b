package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drystone/api"
	"drystone/community"
	"drystone/internal/fediverse/provider"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/storage"
)

// A traveller is a browser that keeps its cookies and follows nothing by
// itself.
type traveller struct {
	w       *world
	cookies map[string]string
}

func (tr *traveller) send(method, path, body string) *reply {
	tr.w.t.Helper()
	var parts []string
	for name, value := range tr.cookies {
		parts = append(parts, name+"="+value)
	}
	changes := []change{header("Cookie", strings.Join(parts, "; ")), header("Sec-Fetch-Site", "same-origin")}
	var content any
	if method == http.MethodPost {
		content = body
		changes = append(changes, header("Content-Type", "application/x-www-form-urlencoded"))
	}
	r := tr.w.do(method, path, content, changes...)
	for _, c := range r.Cookies() {
		if tr.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(tr.cookies, c.Name)
		}
	}
	return r
}

// provided is a world with a provider, and a browser in it.
func provided(t *testing.T, db *storage.DB, changes ...setting) (*world, *provider.Provider, *traveller) {
	t.Helper()
	company := provider.New(t, time.Now)
	w := newWorld(t, db, append(changes, func(o *api.Options) {
		o.Accounts.Provider = &accounts.Provider{
			Issuer: company.URL, ClientID: provider.ClientID, Secret: provider.Secret, Name: "Quarry Ltd", Claim: "groups",
			Groups: map[string][]string{"masons": {"garden"}}, Client: &http.Client{},
			Enrol: o.Groups.Enrol, Withdraw: o.Groups.Withdraw,
		}
	})...).settle()
	w.joins(func(j *community.Joining) { j.Mode = community.JoinClosed })
	return w, company, &traveller{w: w, cookies: map[string]string{}}
}

// visit sends the browser away and back, and returns the path with which it
// comes.
func (tr *traveller) visit(away string) string {
	tr.w.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(away)
	tr.w.check(err)
	defer resp.Body.Close()
	back, err := resp.Location()
	tr.w.check(err)
	if !strings.HasPrefix(back.String(), origin) {
		tr.w.t.Fatalf("sent to %s", back)
	}
	return back.RequestURI()
}

func TestProvider(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, company, tr := provided(t, db)
		company.SignIn(map[string]any{"sub": "17", "preferred_username": "anna.stein", "groups": []string{"masons"}})
		w.get("/api/v1/instance").is(http.StatusOK).has(`"provider":"Quarry Ltd"`)

		left := tr.send(http.MethodGet, "/oidc/start?next=/c/garden", "").is(http.StatusSeeOther)
		journey := left.cookie("__Host-drystone-journey")
		if journey == nil || !journey.HttpOnly || !journey.Secure || journey.SameSite != http.SameSiteLaxMode {
			t.Fatalf("the cookie of the journey: %+v", journey)
		}
		back := tr.visit(left.Header.Get("Location"))

		// Somebody else's way back, opened in another browser, signs nobody in.
		stranger := &traveller{w: w, cookies: map[string]string{}}
		stranger.send(http.MethodGet, back, "").is(http.StatusUnprocessableEntity)

		if got := tr.send(http.MethodGet, back, "").is(http.StatusSeeOther).Header.Get("Location"); got != "/oidc/join" {
			t.Fatalf("sent on to %s", got)
		}
		tr.send(http.MethodGet, "/oidc/join", "").is(http.StatusOK).has("Quarry Ltd", `value="anna_stein"`, "anna.stein")
		tr.send(http.MethodPost, "/oidc/join", "name=bob").is(http.StatusConflict).has("is taken", `value="bob"`)
		tr.send(http.MethodPost, "/oidc/join", "name=%3Cb%3E").is(http.StatusUnprocessableEntity).has("&lt;b&gt;").lacks("<b>")
		if got := tr.send(http.MethodPost, "/oidc/join", "name=anna").is(http.StatusSeeOther).Header.Get("Location"); got != "/c/garden" {
			t.Errorf("sent on to %s", got)
		}
		tr.send(http.MethodGet, "/api/v1/me", "").is(http.StatusOK).has(`"name":"anna"`)
		tr.send(http.MethodGet, "/api/v1/groups/garden", "").is(http.StatusOK).has(`"state":"accepted"`)
		tr.send(http.MethodGet, "/api/v1/me/identities", "").is(http.StatusOK).has(`"provider":"Quarry Ltd"`, `"name":"anna.stein"`)
		if tr.cookies["__Host-drystone-journey"] != "" {
			t.Error("the journey's cookie stays")
		}

		// Signed out by the provider.
		tr.send(http.MethodPost, "/oidc/logout", "logout_token=x").is(http.StatusBadRequest).has("invalid_request")
		tr.send(http.MethodPost, "/oidc/logout", "logout_token="+url.QueryEscape(company.LogoutToken("17", ""))).is(http.StatusOK)
		tr.send(http.MethodGet, "/api/v1/me", "").is(http.StatusUnauthorized)

		// And in again, at once.
		back = tr.visit(tr.send(http.MethodGet, "/oidc/start", "").Header.Get("Location"))
		if got := tr.send(http.MethodGet, back, "").is(http.StatusSeeOther).Header.Get("Location"); got != "/" {
			t.Errorf("sent on to %s", got)
		}
		tr.send(http.MethodGet, "/api/v1/me", "").is(http.StatusOK).has(`"name":"anna"`)
	})
}

// Signing in never leads to another site, whatever the link to it said.
func TestProviderOpenRedirect(t *testing.T) {
	now := time.Now()
	w, company, _ := provided(t, testdb.SQLite(t), func(o *api.Options) {
		o.Now = func() time.Time { now = now.Add(time.Minute); return now } // so often nobody signs in at once
	})
	company.SignIn(map[string]any{"sub": "17"})
	tr := &traveller{w: w, cookies: map[string]string{}}
	tr.send(http.MethodGet, tr.visit(tr.send(http.MethodGet, "/oidc/start", "").Header.Get("Location")), "")
	tr.send(http.MethodPost, "/oidc/join", "name=anna").is(http.StatusSeeOther)
	for next, want := range nexts {
		start := "/oidc/start?next=" + url.QueryEscape(next)
		if strings.ContainsRune(next, 0) {
			tr.send(http.MethodGet, start, "").is(http.StatusUnprocessableEntity) // no address has one
			continue
		}
		back := tr.visit(tr.send(http.MethodGet, start, "").is(http.StatusSeeOther).Header.Get("Location"))
		if got := tr.send(http.MethodGet, back, "").is(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestProviderTies(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, company, tr := provided(t, db)
		company.SignIn(map[string]any{"sub": "17", "email": "bob@quarry.example"})
		secret, _ := w.browser("bob")
		tr.cookies["__Host-drystone"] = secret
		with := header("Cookie", "__Host-drystone="+secret)
		begun := w.do(http.MethodPost, "/api/v1/me/identities", object{}, with).is(http.StatusOK)
		tr.cookies["__Host-drystone-journey"] = begun.cookie("__Host-drystone-journey").Value
		back := tr.visit(begun.json()["url"].(string))
		if got := tr.send(http.MethodGet, back, "").is(http.StatusSeeOther).Header.Get("Location"); got != "/settings/security" {
			t.Errorf("sent on to %s", got)
		}
		w.get("/api/v1/me/identities", w.as("bob")).is(http.StatusOK).has("bob@quarry.example")
		w.get("/api/v1/me/identities", w.as("dave")).is(http.StatusOK).lacks("bob@quarry.example")
		w.do(http.MethodDelete, "/api/v1/me/identities", nil, with).is(http.StatusForbidden) // he has no other way in
	})
}

func TestProviderAbsent(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t)).settle()
	w.get("/api/v1/instance").is(http.StatusOK).lacks(`"provider"`)
	w.get("/oidc/start").is(http.StatusNotFound)
	w.get("/oidc/callback?code=x&state=y").is(http.StatusNotFound)
	w.get("/oidc/join").is(http.StatusUnprocessableEntity)
	w.do(http.MethodPost, "/oidc/logout", "logout_token=x", header("Content-Type", "application/x-www-form-urlencoded")).is(http.StatusNotFound)
}
