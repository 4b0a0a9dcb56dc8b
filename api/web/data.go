package web

import (
	"net/http"

	"drystone/api/v1"
	"drystone/fault"
)

const dataPath = "/settings/data"

// data is what is the visitor's own: their archive, and the end of their
// account. Its forms work without JavaScript.
func data(p *page) error {
	p.Head.Title, p.Head.Hidden = "Your data", true
	if p.Me == nil {
		return plain(dataPath, "Your data")(p)
	}
	if p.c.Request().Method == http.MethodPost {
		return p.changeData()
	}
	export, err := ask(p, address("/me/export"), p.site.API.MyExport, v1.None{})
	if err != nil {
		return err
	}
	p.show("data", dataPath, struct {
		Export v1.Export
		Me     *v1.Me
	}{export, p.Me})
	return nil
}

// changeData takes one of the forms.
func (p *page) changeData() (err error) {
	if err := p.readForm(); err != nil {
		return err
	}
	r, api := p.c.Request(), p.site.API
	p.redirect = dataPath
	switch r.PostFormValue("do") {
	case "export":
		_, err = api.ExportMe(p.ctx, p.caller, nil)
	case "forget":
		err = api.ForgetExport(p.ctx, p.caller, nil)
	case "return":
		err = api.ComeBack(p.ctx, p.caller)
	case "leave":
		var secret string
		secret, err = api.LeaveByForm(p.ctx, p.caller, v1.LeavingForm{
			Password: r.PostFormValue("password"), Code: r.PostFormValue("code"), WithPosts: r.PostFormValue("all") == "yes",
		})
		if secret != "" {
			p.c.SetCookie(api.SessionCookie(secret))
		}
		if err == nil {
			p.c.SetCookie(api.SessionCookie(""))
			p.redirect = "/"
		}
	default:
		err = fault.New(fault.Invalid, "The form could not be read.")
	}
	if err != nil {
		p.redirect = ""
	}
	return err
}
