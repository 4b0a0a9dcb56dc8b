package api_test

import (
	"context"
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"drystone/api"
	"drystone/internal/testdb"
	"drystone/storage"
)

const callback = "https://pebble.example/cb"

// an app is a client that a test wrote: what it registered, and what it keeps
// to itself.
type app struct {
	w        *world
	key      string
	verifier string
}

// app registers a client that keeps no secret.
func (w *world) app() *app {
	w.t.Helper()
	made := w.do(http.MethodPost, "/oauth/register", object{
		"client_name": "Pebble", "redirect_uris": []string{callback}, "token_endpoint_auth_method": "none",
	}).is(http.StatusCreated).json()
	return &app{w, made["client_id"].(string), oauth2.GenerateVerifier()}
}

// asks is the address where the app sends people, with some parameters
// changed; an empty one is left out.
func (a *app) asks(pairs ...string) string {
	query := url.Values{
		"response_type": {"code"}, "client_id": {a.key}, "redirect_uri": {callback}, "scope": {"read write"}, "state": {"st&te"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(a.verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if query.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			query.Del(pairs[i])
		}
	}
	return "/oauth/authorize?" + query.Encode()
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// form is what the consent page r would send with a decision.
func (r *reply) form(decision string) url.Values {
	r.t.Helper()
	form := url.Values{"decision": {decision}}
	for _, found := range hidden.FindAllStringSubmatch(r.text, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	if form.Get("ticket") == "" {
		r.t.Fatalf("no form in %.2000s", r.text)
	}
	return form
}

// postForm sends a form.
func (w *world) postForm(path string, form url.Values, changes ...change) *reply {
	w.t.Helper()
	return w.do(http.MethodPost, path, form.Encode(), append(changes, header("Content-Type", "application/x-www-form-urlencoded"))...)
}

// allow has somebody agree, and returns the code.
func (a *app) allow(with change, pairs ...string) string {
	a.w.t.Helper()
	page := a.w.get(a.asks(pairs...), with).is(http.StatusOK)
	code := a.w.postForm("/oauth/authorize", page.form("allow"), with).is(http.StatusSeeOther).to(callback).Get("code")
	if code == "" {
		a.w.t.Fatal("no code")
	}
	return code
}

// to fails the test unless r leads to an address, and returns what it carries.
func (r *reply) to(address string) url.Values {
	r.t.Helper()
	where, err := url.Parse(r.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(where.String(), address) {
		r.t.Fatalf("leads to %q, want %q", where, address)
	}
	return where.Query()
}

// trade asks for tokens.
func (a *app) trade(pairs ...string) *reply {
	a.w.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {a.key}, "code_verifier": {a.verifier}, "redirect_uri": {callback}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return a.w.postForm("/oauth/token", form)
}

// The whole flow, by a client that somebody else wrote, over real HTTP: it
// finds the server, registers, sends a browser there, reads in its person's
// name, refreshes, and gives everything back.
func TestOAuthWholeFlow(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		site := httptest.NewUnstartedServer(nil)
		here := "https://" + site.Listener.Addr().String()
		w := newWorld(t, db, func(o *api.Options) { o.Origin, o.Clients.Origin = here, here })
		site.Config.Handler = w.handler
		site.StartTLS()
		t.Cleanup(site.Close)
		w.person("alice")

		var found struct {
			Issuer       string   `json:"issuer"`
			Authorize    string   `json:"authorization_endpoint"`
			Token        string   `json:"token_endpoint"`
			Registration string   `json:"registration_endpoint"`
			Revocation   string   `json:"revocation_endpoint"`
			Methods      []string `json:"code_challenge_methods_supported"`
		}
		ask := func(method, address, kind, body string, into any) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
			w.check(err)
			r.Header.Set("Content-Type", kind)
			resp, err := site.Client().Do(r)
			w.check(err)
			defer resp.Body.Close()
			decode(t, resp, into)
		}
		ask(http.MethodGet, here+"/.well-known/oauth-authorization-server", "", "", &found)
		if found.Issuer != here || len(found.Methods) != 1 || found.Methods[0] != "S256" {
			t.Fatalf("found %+v", found)
		}
		var registered struct {
			ID     string `json:"client_id"`
			Secret string `json:"client_secret"`
		}
		ask(http.MethodPost, found.Registration, "application/json", `{"client_name":"Pebble","redirect_uris":["`+callback+`"]}`, &registered)

		config := oauth2.Config{
			ClientID: registered.ID, ClientSecret: registered.Secret, RedirectURL: callback, Scopes: []string{"read"},
			Endpoint: oauth2.Endpoint{AuthURL: found.Authorize, TokenURL: found.Token, AuthStyle: oauth2.AuthStyleInHeader},
		}
		verifier := oauth2.GenerateVerifier()
		browser := w.surfer(site, "alice")
		page := w.visit(browser, config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)))
		answer := w.submit(browser, found.Authorize, page.form("allow")).is(http.StatusSeeOther).to(callback)
		if answer.Get("state") != "a state" || answer.Get("iss") != here {
			t.Errorf("the answer is %v", answer)
		}

		ctx := context.WithValue(t.Context(), oauth2.HTTPClient, site.Client())
		token, err := config.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(verifier))
		w.check(err)
		if token.TokenType != "Bearer" || token.Extra("scope") != "read" || token.RefreshToken == "" {
			t.Errorf("the token is %+v", token)
		}
		var me struct{ Name string }
		resp, err := config.Client(ctx, token).Get(here + "/api/v1/me")
		w.check(err)
		defer resp.Body.Close()
		if decode(t, resp, &me); me.Name != "alice" {
			t.Errorf("it reads as %q", me.Name)
		}
		denied, err := config.Client(ctx, token).Post(here+"/api/v1/groups", "application/json", strings.NewReader(`{"name":"pebbles"}`))
		w.check(err)
		defer denied.Body.Close()
		if denied.StatusCode != http.StatusForbidden {
			t.Errorf("writing with the scope read = %d", denied.StatusCode)
		}
		old := token.RefreshToken
		token.Expiry = token.Expiry.Add(-3600e9)
		renewed, err := config.TokenSource(ctx, token).Token()
		w.check(err)
		if renewed.RefreshToken == old || renewed.AccessToken == token.AccessToken {
			t.Error("the tokens were not turned over")
		}
		form := url.Values{"token": {renewed.AccessToken}, "client_id": {registered.ID}, "client_secret": {registered.Secret}}
		ask(http.MethodPost, found.Revocation, "application/x-www-form-urlencoded", form.Encode(), &struct{}{})
		gone, err := config.Client(ctx, renewed).Get(here + "/api/v1/me")
		w.check(err)
		defer gone.Body.Close()
		if gone.StatusCode != http.StatusUnauthorized || !strings.Contains(gone.Header.Get("WWW-Authenticate"), `error="invalid_token"`) {
			t.Errorf("after revocation = %d, %v", gone.StatusCode, gone.Header)
		}
	})
}

// surfer is a browser in which somebody is signed in, and which follows no
// redirect by itself.
func (w *world) surfer(site *httptest.Server, name string) *http.Client {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.check(err)
	secret, _ := w.browser(name)
	address, err := url.Parse(site.URL)
	w.check(err)
	jar.SetCookies(address, []*http.Cookie{{Name: "__Host-drystone", Value: secret, Path: "/", Secure: true}})
	client := *site.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func (w *world) visit(browser *http.Client, address string) *reply {
	w.t.Helper()
	resp, err := browser.Get(address)
	w.check(err)
	return read(w.t, resp)
}

func (w *world) submit(browser *http.Client, address string, form url.Values) *reply {
	w.t.Helper()
	resp, err := browser.PostForm(address, form)
	w.check(err)
	return read(w.t, resp)
}
