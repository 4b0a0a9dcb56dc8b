package web

import (
	"net/http"

	"drystone/api/v1"
	"drystone/fault"
)

// Signing in without JavaScript: a plain form, which the app replaces by its
// own as soon as it starts. Passkeys need JavaScript; a password with a code,
// and a recovery code, do not.

// A signInPage is the form, as it was filled in.
type signInPage struct {
	Next      string
	Name      string
	Code      bool   // whether the password needs a code beside it
	Recovery  bool   // whether it is for somebody who lost what they sign in with
	Passwords bool   // whether this server takes any
	Wrong     string // why nobody was signed in
	Open      bool
	Provider  string // of a company's sign-in
	Mail      bool   // whether a letter can let somebody back in
}

// signInForm is the page to sign in.
func signInForm(p *page) error {
	r := p.c.Request()
	data := &signInPage{
		Next: SafeNext(p.query("next"), p.site.Origin), Recovery: p.query("lost") != "",
		Passwords: p.Instance.Passwords, Open: p.Instance.Registrations == "open",
	}
	data.Provider, data.Mail = p.Instance.Provider, p.Instance.Mail
	p.Head.Title, p.Head.Hidden = "Sign in", true
	p.show("door", "/login", data)
	if r.Method != http.MethodPost {
		return nil
	}
	// Whoever is sent here with what they typed stays without the app: it
	// would ask anew.
	p.still, p.secret = true, true
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	data.Next, data.Name = SafeNext(r.PostFormValue("next"), p.site.Origin), r.PostFormValue("username")
	data.Recovery = r.PostFormValue("lost") != ""
	in := v1.SignIn{Name: data.Name, Password: r.PostFormValue("password"), Code: r.PostFormValue("code")}
	err := p.site.API.SignInAs(p.ctx, p.caller, in, data.Recovery, p.c.Response().Header().Add)
	if err == nil {
		if p.redirect = data.Next; data.Recovery {
			p.redirect = "/settings/security"
		}
		return nil
	}
	problem := v1.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		return err
	}
	p.site.log(p.ctx, r.URL.Path, err)
	p.status, data.Wrong = problem.Status, problem.Detail
	data.Code = !data.Recovery && (problem.Code == fault.CodeRequired || in.Code != "")
	p.Head.Title = "Not signed in"
	return nil
}
