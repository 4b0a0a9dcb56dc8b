package web

import (
	"net/http"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

// Getting back in, and confirming a mail address. Letters lead here, so these
// pages stand alone: they work in any browser, without JavaScript and without
// anybody being signed in. Opening a link changes nothing, because machines
// open them, too; only sending the form on the page does.

// A doorPage is a page about a way into an account.
type doorPage struct {
	Name, Address string // whose link it is, and the address that it is about
	Token         string
	Asked         string // as it was written
	Wrong         string // why it was not done
	Over          bool   // the link is no longer good
	Done          bool

	Mail      bool // the server can send mail
	Passwords bool // it takes passwords
	Code      bool // the link needs a code beside it
}

// door shows a page of that kind, or takes what was sent with it: then take
// does it, and returns where to go on. Nobody keeps such a page.
func (p *page) door(template, title string, data *doorPage, take func(*http.Request) (next string, err error)) error {
	p.Head.Title, p.Head.Hidden, p.still, p.secret = title, true, true, true
	p.alone = true
	data.Mail, data.Passwords, data.Done = p.Instance.Mail, p.Instance.Passwords, p.query("done") != ""
	p.show(template, "", data)
	r := p.c.Request()
	if r.Method != http.MethodPost {
		return nil
	}
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	data.Done = false
	next, err := take(r)
	if err == nil {
		p.redirect = next
		return nil
	}
	return p.refused(data, err)
}

// refused says on the page why something was not done.
func (p *page) refused(data *doorPage, err error) error {
	problem := v1.ProblemOf(err)
	if problem.Status >= http.StatusInternalServerError {
		return err
	}
	p.site.log(p.ctx, p.c.Request().URL.Path, err)
	data.Wrong, data.Over, p.status = problem.Detail, data.Over || fault.Is(err, fault.NotFound), problem.Status
	if len(problem.Errors) > 0 {
		data.Wrong = problem.Errors[0].Message
	}
	p.Head.Title = "Not done: " + p.Head.Title
	return nil
}

// recovery asks whose account it is.
func recovery(p *page) error {
	data := &doorPage{}
	return p.door("recover", "Get back in", data, func(r *http.Request) (string, error) {
		data.Asked = r.PostFormValue("name")
		return "/recover?done=1", p.site.API.Recover(p.ctx, p.caller, data.Asked)
	})
}

// reset lets whoever has a link choose a new password, or come in once.
func reset(p *page) error {
	data := &doorPage{Token: p.token()}
	err := p.door("reset", "Get back in", data, func(r *http.Request) (string, error) {
		if r.PostFormValue("enter") != "" {
			in := v1.LinkEntry{Token: data.Token, Code: r.PostFormValue("code")}
			return "/settings/security", p.site.API.Enter(p.ctx, p.caller, in, p.c.Response().Header().Add)
		}
		in := v1.NewPassword{Token: data.Token, Password: r.PostFormValue("password"), Code: r.PostFormValue("code")}
		return "/recover/reset?done=1", p.site.API.Reset(p.ctx, p.caller, in)
	})
	return p.ofLink(data, community.ResetLink, err)
}

// unsubscribe ends letters about something, for whoever got one. What opens it
// changes nothing; a mail program that is asked to does it by itself, in one
// step (RFC 8058).
func unsubscribe(p *page) error {
	data := &doorPage{Token: p.token()}
	if data.Token == "" {
		data.Token = p.query("token")
	}
	err := p.door("unsubscribe", "Less mail", data, func(*http.Request) (string, error) {
		said, err := p.site.API.Unsubscribe(p.ctx, p.caller, data.Token)
		if err == nil {
			data.Done, data.Name, data.Asked = true, said.Name, said.About
		}
		return "", err
	})
	if err != nil || data.Done || data.Over || data.Wrong != "" {
		return err
	}
	said, err := p.site.API.Unsubscription(p.ctx, p.caller, data.Token)
	if err != nil {
		return p.refused(data, err)
	}
	data.Name, data.Asked = said.Name, said.About
	return nil
}

// verify asks whoever has a link whether the address is theirs.
func verify(p *page) error {
	data := &doorPage{Token: p.token()}
	err := p.door("verify", "Confirm your address", data, func(*http.Request) (string, error) {
		_, err := p.site.API.Verify(p.ctx, p.caller, data.Token)
		return "/verify?done=1", err
	})
	return p.ofLink(data, community.VerifyLink, err)
}

// token is the secret of the link that led here. A form sends it in its body.
func (p *page) token() string {
	if p.c.Request().Method == http.MethodPost {
		p.c.Request().Body = http.MaxBytesReader(p.c.Response(), p.c.Request().Body, maxForm)
		return p.c.Request().PostFormValue("token")
	}
	return p.query("token")
}

// ofLink puts on the page whose link it is, where that is still to be shown.
func (p *page) ofLink(data *doorPage, kind community.LinkKind, err error) error {
	if err != nil || p.redirect != "" || data.Done || data.Over {
		return err
	}
	proved, err := p.site.API.OfLink(p.ctx, p.caller, kind, data.Token)
	if err != nil {
		return p.refused(data, err)
	}
	data.Name, data.Address, data.Code = proved.Actor.Name, proved.Link.Address, proved.Code
	return nil
}
