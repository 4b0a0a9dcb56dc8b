package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"drystone/api/oauth"
	"drystone/community"
	"drystone/fault"
	"drystone/service/clients"
)

// A consentPage asks whether an app may act for somebody. It works without
// JavaScript, and the web app does not start on it: nothing but what the
// server wrote stands between a person and their answer.
type consentPage struct {
	Name   string   // of the app, as it says
	Place  string   // where it has people sent to
	Device bool     // that is a program on their own device
	Wants  []string // in words
	Again  bool     // it was let in before
	Asked  []pair   // what it asked, for the form
	Ticket string
	Doubt  string // where to sign in again first; empty: not needed
	Wrong  string
	Power  bool // it asks for what could change the server or the account
}

// A brokenPage says why an app gets nothing. Back is where its own page can
// be told, empty where nobody knows that it is its own.
type brokenPage struct {
	Detail, Place string
	Back          template.URL
}

type pair struct{ Name, Value string }

// authorizeWords are the parameters of an authorization request that the form
// carries.
var authorizeWords = []string{
	"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_mode", "prompt",
}

// authorize is the authorization endpoint (OAuth 2.1).
func authorize(p *page) error {
	p.Head.Title, p.Head.Hidden, p.Head.Canonical, p.still, p.secret = "Let an app in", true, "", true, true
	p.alone = true
	query, err := p.authorizeQuery()
	if err != nil {
		return err
	}
	r, err := p.site.Clients.Read(p.ctx, query)
	var refusal *clients.Refusal
	if errors.As(err, &refusal) {
		return p.refuseApp(r, refusal)
	}
	if err != nil {
		return err
	}
	if p.Me == nil || p.caller.Who.Session.Kind != community.BrowserSession {
		return p.signInFirst(r, query)
	}
	data := p.consent(r, query)
	if p.c.Request().Method == http.MethodPost {
		return p.decide(r, data)
	}
	if known, err := p.settled(r, data); err != nil || known {
		return err
	}
	return p.askConsent(r, data)
}

// authorizeQuery is what the app asked: from the address, or from the form
// that came of it.
func (p *page) authorizeQuery() (url.Values, error) {
	r := p.c.Request()
	if r.Method != http.MethodPost {
		return r.URL.Query(), nil
	}
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	query := url.Values{}
	for _, word := range authorizeWords {
		if values, has := r.PostForm[word]; has {
			query[word] = values
		}
	}
	return query, nil
}

// refuseApp tells the app what was wrong with its request. People are sent
// there at once only if they let it in before, or if it asked for exactly that
// (prompt=none): everybody can register an address, and this server's name
// shall not lend it trust (RFC 9700 section 4.11.2).
func (p *page) refuseApp(r *clients.Request, refusal *clients.Refusal) error {
	p.site.log(p.ctx, oauth.Authorize, fault.Because(refusal, fault.Invalid, "refused"))
	if r == nil {
		p.status = http.StatusBadRequest
		p.show("refused", "", brokenPage{Detail: refusal.Message})
		return nil
	}
	known := r.Prompts("none")
	if p.caller.Who != nil && !known {
		var err error
		if known, err = p.site.Clients.Knows(p.ctx, p.caller.Who.Account.ID, r.Client); err != nil {
			return err
		}
	}
	if known {
		p.redirect = r.Refused(refusal)
		return nil
	}
	p.status = http.StatusBadRequest
	p.show("refused", "", brokenPage{Detail: refusal.Message, Place: community.PlaceOf(r.Redirect), Back: template.URL(r.Refused(refusal))}) //nolint:gosec // registered, which javascript: cannot be
	return nil
}

// signInFirst sends somebody to the door, to come back here.
func (p *page) signInFirst(r *clients.Request, query url.Values) error {
	if r.Prompts("none") {
		p.redirect = r.Refused(&clients.Refusal{Word: clients.LoginRequired, Message: "Nobody is signed in."})
		return nil
	}
	p.redirect = door(query)
	return nil
}

// door is where to sign in, and then to come back to what was asked.
func door(query url.Values) string {
	return "/login?next=" + url.QueryEscape(oauth.Authorize+"?"+query.Encode())
}

// consent is what the page shows of a request.
func (p *page) consent(r *clients.Request, query url.Values) *consentPage {
	scopes := r.Scopes.List()
	data := &consentPage{
		Name: r.Client.Name, Place: community.PlaceOf(r.Redirect), Device: !strings.HasPrefix(r.Redirect, "https://"),
		Power: slices.Contains(scopes, community.ScopeAdminister) || slices.Contains(scopes, community.ScopeAccount),
	}
	for _, scope := range community.AllScopes.List() {
		if r.Scopes.Include(scope) {
			data.Wants = append(data.Wants, scope.Means())
		}
	}
	kept := url.Values{}
	for _, word := range authorizeWords {
		if query.Has(word) {
			data.Asked = append(data.Asked, pair{word, query.Get(word)})
			kept.Set(word, query.Get(word))
		}
	}
	data.Ticket = ticket(p.caller.Who.Session, kept)
	if (data.Power || r.Prompts("login")) && !p.site.API.Sure(p.caller) {
		data.Doubt = door(kept)
	}
	return data
}

// ticket proves that a form is the one that this session was shown for this
// request: its key is in the database and in no page. Forms of other sites
// are refused before, by where they come from; this holds where a browser does
// not say.
func ticket(session *community.Session, asked url.Values) string {
	mac := hmac.New(sha256.New, session.Hash)
	mac.Write([]byte("consent\n" + asked.Encode()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// settled answers without asking, where that may be.
func (p *page) settled(r *clients.Request, data *consentPage) (bool, error) {
	known, err := p.site.Clients.Remembered(p.ctx, p.caller.Who.Account.ID, r)
	switch {
	case err != nil:
		return false, err
	case known && data.Doubt == "" && !r.Prompts("consent") && !r.Prompts("select_account"):
		return true, p.letOn(r)
	case r.Prompts("none"):
		p.redirect = r.Refused(&clients.Refusal{Word: clients.ConsentRequired, Message: "The person was not asked yet."})
		return true, nil
	}
	data.Again, err = p.site.Clients.Knows(p.ctx, p.caller.Who.Account.ID, r.Client)
	return false, err
}

func (p *page) askConsent(r *clients.Request, data *consentPage) error {
	p.Head.Title = "Let " + r.Client.Name + " in?"
	p.sendsTo = formTarget(r.Redirect)
	p.show("authorize", "", data)
	return nil
}

// formTarget is where the form may lead in the end, as a policy for browsers
// names it.
func formTarget(redirect string) string {
	u, err := url.Parse(redirect)
	switch {
	case err != nil:
		return ""
	case u.Scheme == "https":
		return "https://" + u.Host
	}
	return u.Scheme + ":" // policies cannot name ::1, and a port is free
}

// decide does what the person decided.
func (p *page) decide(r *clients.Request, data *consentPage) error {
	form := p.c.Request().PostForm
	if !hmac.Equal([]byte(form.Get("ticket")), []byte(data.Ticket)) {
		p.status = http.StatusForbidden
		data.Wrong = "You were signed in anew since this page was made. Look once more, and then decide."
		return p.askConsent(r, data)
	}
	switch decision := form.Get("decision"); {
	case decision == "switch":
		if err := p.site.API.Accounts.EndSession(p.ctx, p.caller.Who, p.caller.Who.Session.ID); err != nil {
			return err
		}
		p.c.SetCookie(p.site.API.SessionCookie(""))
		return p.signInFirst(r, p.keptQuery(data))
	case decision == "allow" && data.Doubt == "":
		return p.letIn(r)
	case decision == "allow":
		p.status, data.Wrong = http.StatusForbidden, "Sign in once more first, so that it is sure that it is you."
		return p.askConsent(r, data)
	case decision == "deny":
		p.redirect = r.Refused(&clients.Refusal{Word: clients.AccessDenied, Message: "The person said no."})
		return nil
	}
	p.status, data.Wrong = http.StatusUnprocessableEntity, "Choose one of the two."
	return p.askConsent(r, data)
}

func (p *page) keptQuery(data *consentPage) url.Values {
	query := url.Values{}
	for _, asked := range data.Asked {
		query.Set(asked.Name, asked.Value)
	}
	return query
}

// An onwardPage sends somebody on who was not asked.
type onwardPage struct {
	Name, Place string
	To          template.URL
}

// letOn is letIn for somebody who is not asked again. Who just came in by the
// plain form of the door cannot be redirected to the app: browsers hold the
// form to where its page may send, which is here (form-action). A page of ours
// in between takes them there.
func (p *page) letOn(r *clients.Request) error {
	if !strings.HasPrefix(p.c.Request().Referer(), p.site.Origin+"/") {
		return p.letIn(r)
	}
	code, err := p.site.API.Approve(p.ctx, p.caller, r)
	if err != nil {
		return err
	}
	to := r.Granted(code)
	p.c.Response().Header().Set("Refresh", "0;url="+to)
	p.show("onward", "", onwardPage{r.Client.Name, community.PlaceOf(r.Redirect), template.URL(to)}) //nolint:gosec // registered
	return nil
}

// letIn sends somebody back to the app with a code.
func (p *page) letIn(r *clients.Request) error {
	code, err := p.site.API.Approve(p.ctx, p.caller, r)
	if err == nil {
		p.redirect = r.Granted(code)
	}
	return err
}
