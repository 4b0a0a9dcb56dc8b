package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"drystone/api/v1"
	"drystone/fault"
)

// Joining without JavaScript: the same addresses, with a form. No browser does
// work for such a form, so where work is asked for somebody reads it and
// decides.
//
// A form of another site cannot be sent here: such requests are refused
// (sameSite, in api).

// A joinPage is the form, or how somebody's application stands.
type joinPage struct {
	Here       string // this server's name
	Host       string
	Action     string // where the form goes
	Joins      v1.Joins
	Welcome    string
	Invitation *v1.Invitation
	BadInvite  bool
	Applies    bool // somebody reads what is said
	Unproven   bool // only because no work is done
	Closed     bool // there is no form
	Passkeys   bool // there is none either: a form makes no passkey

	Name, Email string // as they were written
	Accepts     bool
	Listed      bool
	Searched    bool
	Answers     []string
	Wrong       string

	Application *v1.Application
	Mail        *v1.Email // which is to be confirmed first
	Sent        bool      // a letter went there just now
	code        string
}

// join is the door: the form, or what became of an application.
func join(p *page) error {
	p.Head.Title, p.Head.Hidden = "Join", true
	data, err := p.entrance("/join")
	if err != nil {
		return err
	}
	p.show("join", "/join", data)
	if p.Me != nil && (p.Me.Waiting || p.Me.Unverified) {
		return p.waits(data)
	}
	return p.knock(data)
}

// invite is the door for somebody who was invited.
func invite(p *page) error {
	p.Head.Title, p.Head.Hidden = "You are invited", true
	code := p.c.Param("code")
	p.Head.Canonical = "" // it holds a secret
	p.c.Response().Header().Set("Referrer-Policy", "no-referrer")
	data, err := p.entrance("/invite/" + url.PathEscape(code))
	if err != nil {
		return err
	}
	p.show("join", "/invite/[code]", data)
	it, err := ask(p, address("/invites/"+url.PathEscape(code)), p.site.API.Invite, v1.InvitePath{Code: code})
	switch {
	case fault.Is(err, fault.NotFound):
		data.BadInvite, p.status = true, http.StatusNotFound
		return nil
	case err != nil:
		return err
	}
	data.Invitation, data.code = &it, code
	data.Applies, data.Unproven, data.Closed = false, false, false
	return p.knock(data)
}

// entrance is what both pages show.
func (p *page) entrance(action string) (*joinPage, error) {
	j, err := ask(p, address("/joining"), p.site.API.Joins, v1.None{})
	if err != nil {
		return nil, err
	}
	unproven := j.Mode == "open" && j.Proof && !j.First
	return &joinPage{
		Here: p.Instance.Name, Host: p.Instance.Host, Action: action, Joins: j, Welcome: j.WelcomeHTML,
		Applies: unproven || j.Mode == "application" && !j.First, Unproven: unproven,
		Closed: j.Mode == "closed" || j.Mode == "invite", Passkeys: !p.Instance.Passwords, Answers: make([]string, len(j.Questions)),
	}, nil
}

// knock takes the form, where it was sent. What is wrong is said above it, and
// it keeps what was written, but for the password.
func (p *page) knock(data *joinPage) error {
	if p.c.Request().Method != http.MethodPost || data.Closed || data.Passkeys {
		return nil
	}
	p.still = true
	r := p.c.Request()
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	entry := v1.Entry{
		Email: strings.TrimSpace(r.PostFormValue("email")), AcceptRules: r.PostFormValue("accept") != "",
		Invite: data.code, Review: data.Applies,
		Discoverable: r.PostFormValue("discoverable") != "", Indexable: r.PostFormValue("indexable") != "",
	}
	for i := range data.Answers {
		data.Answers[i] = r.PostFormValue("answer" + strconv.Itoa(i))
	}
	if data.Applies {
		entry.Answers = data.Answers
	}
	data.Name, data.Email, data.Accepts = strings.TrimSpace(r.PostFormValue("name")), entry.Email, entry.AcceptRules
	data.Listed, data.Searched = entry.Discoverable, entry.Indexable
	cookies, me, err := p.site.API.Join(p.ctx, p.caller, v1.SignUp{
		Name: strings.ToLower(data.Name), Password: r.PostFormValue("password"), Entry: entry,
	})
	if err != nil {
		problem := v1.ProblemOf(err)
		if problem.Status >= http.StatusInternalServerError && problem.Status != http.StatusServiceUnavailable {
			return err
		}
		data.Wrong, p.status, p.Head.Title = problem.Detail, problem.Status, "Not yet: Join"
		return nil
	}
	for _, cookie := range cookies {
		p.c.Response().Header().Add("Set-Cookie", cookie)
	}
	p.redirect = "/"
	switch {
	case me.Waiting || me.Unverified:
		p.redirect = "/join"
	case data.Invitation != nil && data.Invitation.Group != nil:
		p.redirect = "/c/" + data.Invitation.Group.Handle
	}
	return nil
}

// administer is a page of those who look after the server, all app, with the
// first data left to the app: it depends on what is looked at.
func administer(path, title string) func(*page) error {
	return func(p *page) error {
		if p.Me == nil {
			return fault.New(fault.Unauthenticated, "Sign in to look after this server.")
		}
		return plain(path, title)(p)
	}
}
