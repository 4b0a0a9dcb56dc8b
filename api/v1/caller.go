package v1

import (
	"context"
	"net/http"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/accounts"
)

// A Caller is who makes a call, and how the answer may reach them beside the
// body.
type Caller struct {
	Who     *accounts.Who // nil: nobody is signed in
	Agent   string        // the browser or program, as it calls itself
	Address string        // where from, for limits

	shown   bool   // it came with a token, good or not
	browser string // by what it is known from last time, or nothing
	request string // its id, for the log
	header  func(name, value string)
}

// Reader is the actor who reads, nil for somebody who is not signed in.
func (c *Caller) Reader() *community.Actor {
	if c.Who == nil {
		return nil
	}
	return c.Who.Actor
}

// Nobody is a caller whom nobody asks who they are.
func Nobody(r *http.Request, address string) *Caller {
	return &Caller{Agent: r.UserAgent(), Address: address, header: func(string, string) {}}
}

// CallerOf finds out who sent r: the owner of the token if there is one, else
// of the session cookie, else nobody. A token that does not work is an error,
// because its program must learn of it; a cookie that does not is only an old
// cookie.
func (a *API) CallerOf(r *http.Request, address string) (*Caller, error) {
	c := Nobody(r, address)
	if r.Header.Get("Authorization") != "" {
		who, err := a.program(r)
		c.Who, c.shown = who, true
		return c, err
	}
	if known, err := r.Cookie(a.cookieName() + "-browser"); err == nil {
		c.browser = known.Value
	}
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return c, nil //nolint:nilerr // no cookie, nobody signed in
	}
	who, err := a.Accounts.BySecret(r.Context(), community.BrowserSession, cookie.Value)
	if fault.Is(err, fault.Unauthenticated) {
		return c, nil
	}
	c.Who = who
	return c, err
}

// program finds out for whom a program asks that shows a token: as bearer
// token (RFC 6750), or with the name as a password (RFC 7617). The password of
// an account never opens anything here, so that no program needs to know it.
func (a *API) program(r *http.Request) (*accounts.Who, error) {
	if name, secret, basic := r.BasicAuth(); basic {
		return a.Accounts.ByPassword(r.Context(), name, secret)
	}
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, fault.New(fault.Unauthenticated, "Use the scheme Bearer with an API token, or Basic with a name and an app password.")
	}
	secret = strings.TrimSpace(secret)
	kind := community.TokenSession
	if strings.HasPrefix(secret, community.AccessPrefix) {
		kind = community.ClientSession
	}
	return a.Accounts.BySecret(r.Context(), kind, secret)
}

// cookieName is the session cookie's. Browsers take the prefix to mean that
// no other host and no plain connection can have set it.
func (a *API) cookieName() string {
	if a.Secure {
		return "__Host-drystone"
	}
	return "drystone"
}

// SessionCookie carries a session's secret; an empty secret takes it away.
// Sending it again before it ends lets it slide.
func (a *API) SessionCookie(secret string) *http.Cookie {
	age := int(community.SessionLife / time.Second)
	if secret == "" {
		age = -1
	}
	return &http.Cookie{
		Name: a.cookieName(), Value: secret, Path: "/", MaxAge: age,
		Secure: a.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// browserCookie is what a browser is known by that signed in before. It opens
// nothing.
func (a *API) browserCookie(secret string) *http.Cookie {
	cookie := a.SessionCookie(secret)
	cookie.Name, cookie.MaxAge = cookie.Name+"-browser", int(community.BrowserLife/time.Second)
	return cookie
}

// Slide returns the cookie that keeps r's session alive, or nil when r has
// none.
func (a *API) Slide(r *http.Request) *http.Cookie {
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return nil
	}
	return a.SessionCookie(cookie.Value)
}

// start signs who in, in this browser, and tells them who they are.
func (a *API) start(ctx context.Context, c *Caller, who *accounts.Who) (Me, error) {
	cookies, err := a.enter(ctx, c, who)
	if err != nil {
		return Me{}, err
	}
	for _, cookie := range cookies {
		c.header("Set-Cookie", cookie.String())
	}
	return a.me(ctx, who)
}

// enter begins a session in the caller's browser, with a secret that nobody
// knew before, and returns the cookies that keep it. The session that the
// browser had until now ends: somebody may have planted it there.
func (a *API) enter(ctx context.Context, c *Caller, who *accounts.Who) ([]*http.Cookie, error) {
	if c.Who != nil && c.Who.Session != nil && c.Who.Session.Kind == community.BrowserSession {
		if err := a.Accounts.EndSession(ctx, c.Who, c.Who.Session.ID); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	secret, session, err := a.Accounts.StartSession(ctx, who, c.Agent)
	if err != nil {
		return nil, err
	}
	who.Session = session
	browser, err := a.Accounts.Recognise(ctx, who, c.browser, c.Agent)
	if err != nil {
		return nil, err
	}
	return []*http.Cookie{a.SessionCookie(secret), a.browserCookie(browser)}, nil
}

// Join makes an account for a form, and returns the cookies that sign its
// owner in.
func (a *API) Join(ctx context.Context, c *Caller, body SignUp) (cookies []string, _ Me, err error) {
	if err := count(a.limits.signUp, c); err != nil {
		return nil, Me{}, err
	}
	door := *c
	door.header = func(name, value string) {
		if name == "Set-Cookie" {
			cookies = append(cookies, value)
		}
	}
	me, err := a.signUp(ctx, &door, &signUpRequest{Body: body})
	return cookies, me, err
}
