package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/fault"
	"drystone/service/accounts"
)

// Signing in at a company's provider: the browser goes there and comes back,
// and whoever is new chooses a name. All of it works without JavaScript.

// leave sends a browser to the provider.
func leave(p *page) error {
	p.alone = true
	where, cookie, err := p.site.API.LeaveForProvider(p.ctx, p.caller, SafeNext(p.query("next"), p.site.Origin))
	if err != nil {
		return err
	}
	p.c.SetCookie(cookie)
	p.redirect = where
	return nil
}

// comeBack takes it back.
func comeBack(p *page) error {
	p.alone = true
	next, cookies, err := p.site.API.ReturnFromProvider(p.ctx, p.caller, p.c.Request())
	if err != nil {
		return err
	}
	for _, cookie := range cookies {
		p.c.SetCookie(cookie)
	}
	p.redirect = SafeNext(next, p.site.Origin)
	return nil
}

// A namingPage is where a newcomer chooses a name.
type namingPage struct {
	*accounts.Newcomer
	Provider string
	Wrong    string
}

// chooseName shows the form, or takes what was sent with it.
func chooseName(p *page) error {
	p.Head.Title, p.Head.Hidden, p.still, p.alone = "Choose your name", true, true, true
	r := p.c.Request()
	newcomer, err := p.site.API.Newcomer(p.ctx, r)
	if err != nil {
		return err
	}
	data := &namingPage{Newcomer: newcomer, Provider: p.Instance.Provider}
	p.show("naming", "", data)
	if r.Method != http.MethodPost {
		return nil
	}
	r.Body = http.MaxBytesReader(p.c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	data.Name = strings.TrimSpace(r.PostFormValue("name"))
	cookies, err := p.site.API.JoinByProvider(p.ctx, p.caller, r, data.Name)
	if err != nil {
		problem := v1.ProblemOf(err)
		if problem.Status >= http.StatusInternalServerError {
			return err
		}
		data.Wrong, p.status, p.Head.Title = problem.Detail, problem.Status, "Not taken: Choose your name"
		return nil
	}
	for _, cookie := range cookies {
		p.c.SetCookie(cookie)
	}
	p.redirect = SafeNext(newcomer.Next, p.site.Origin)
	return nil
}

// ended is where the provider says that it signed somebody out (OpenID Connect
// Back-Channel Logout 1.0, section 2.8).
func (s *Site) ended(c echo.Context) error {
	caller, err := s.API.CallerOf(c.Request(), c.RealIP())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Because(err, fault.Invalid, "The form could not be read.")
	}
	if err := s.API.EndedByProvider(r.Context(), caller, r.PostFormValue("logout_token")); err != nil {
		if fault.Is(err, fault.Invalid) {
			s.log(r.Context(), r.URL.Path, err)
			return c.JSON(http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		}
		return err
	}
	return c.NoContent(http.StatusOK)
}
