package web

import (
	"net/http"
	"strings"

	"drystone/api/v1"
	"drystone/fault"
)

// waits is the door for somebody who has an account and is not let in yet: how
// their application stands, and whether their address is confirmed. Its forms
// work without JavaScript.
func (p *page) waits(data *joinPage) error {
	if p.c.Request().Method == http.MethodPost {
		done, err := p.changeWait(data)
		if done || err != nil {
			return err
		}
	}
	data.Sent = p.query("sent") != ""
	it, err := ask(p, address("/me/application"), p.site.API.MyApplication, v1.None{})
	switch {
	case err == nil:
		data.Application, p.Head.Title = &it, "Your application"
	case !p.Me.Unverified || !fault.Is(err, fault.NotFound):
		return err
	}
	if p.Me.Unverified {
		mail, err := ask(p, address("/me/email"), p.site.API.MyEmail, v1.None{})
		if err != nil {
			return err
		}
		data.Mail, p.Head.Title = &mail, "Confirm your mail address"
	}
	if data.Wrong != "" {
		p.Head.Title = "Not done: " + p.Head.Title
	}
	return nil
}

// changeWait takes one of the forms, and reports whether it was done. Why not
// is said above them.
func (p *page) changeWait(data *joinPage) (bool, error) {
	p.still = true
	if err := p.readForm(); err != nil {
		return false, err
	}
	var err error
	r, api, next := p.c.Request(), p.site.API, "/join"
	switch r.PostFormValue("do") {
	case "reply":
		err = api.ReplyByForm(p.ctx, p.caller, r.PostFormValue("reply"))
	case "withdraw":
		if err = api.WithdrawByForm(p.ctx, p.caller); err == nil {
			p.c.SetCookie(api.SessionCookie(""))
			next = "/"
		}
	case "letter":
		err, next = api.AskByForm(p.ctx, p.caller), "/join?sent=1"
	case "email":
		var secret string
		next = "/join?sent=1"
		secret, err = api.EmailByForm(p.ctx, p.caller, v1.EmailForm{
			Email: strings.TrimSpace(r.PostFormValue("email")), Password: r.PostFormValue("password"), Code: r.PostFormValue("code"),
		})
		if secret != "" {
			p.c.SetCookie(api.SessionCookie(secret))
		}
	default:
		err = fault.New(fault.Invalid, "The form could not be read.")
	}
	if err == nil {
		p.redirect = next
		return true, nil
	}
	problem := v1.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		return false, err
	}
	data.Wrong, p.status = problem.Detail, problem.Status
	if len(problem.Errors) > 0 {
		data.Wrong = problem.Errors[0].Message
	}
	return false, nil
}
