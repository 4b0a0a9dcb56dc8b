package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community"
	"drystone/fault"
)

// A page is one page being put together for one visitor.
type page struct {
	site   *Site
	c      echo.Context
	ctx    context.Context
	caller *v1.Caller

	Instance v1.Instance
	Me       *v1.Me // nil: not signed in
	Head     head
	Data     any // what the template shows

	template string
	status   int
	still    bool   // the app does not start on it
	alone    bool   // nor where something went wrong: it has no page there, and would say that nothing is
	redirect string // where to go instead
	secret   bool   // is for this visitor, now; no cache keeps it, no frame shows it
	sendsTo  string // where its form may lead beside this server
	island   map[string]json.RawMessage
}

// head is what machines and other sites learn of a page.
type head struct {
	Title       string
	Description string
	Canonical   string
	Kind        string // OpenGraph's type
	Cover       cover
	Published   time.Time // of an article
	Changed     *time.Time
	Embed       string      // where it is told how others show it
	Data        template.JS // for search engines, as JSON-LD
	Activity    string      // the same as ActivityPub
	Feed        string      // where its feed is, without what says in which form
	Calendar    string      // where what happens in it is
	Hidden      bool        // from search engines
	Preload     []string
}

// begin starts a page with what every page has.
func (s *Site) begin(c echo.Context) (*page, error) {
	ctx := c.Request().Context()
	caller, err := s.API.CallerOf(c.Request(), c.RealIP())
	if err == nil && !whole(caller) {
		err = fault.New(fault.Forbidden, "This token is for some scopes only. Pages show everything: ask the API instead.")
	}
	if err != nil {
		return nil, err
	}
	p := &page{
		site: s, c: c, ctx: ctx, caller: caller, status: http.StatusOK, island: map[string]json.RawMessage{},
		Head: head{Kind: "website", Canonical: s.Origin + c.Request().URL.Path},
	}
	if p.Instance, err = ask(p, address("/instance"), s.API.Instance, v1.None{}); err != nil {
		return nil, err
	}
	p.island[address("/me")] = json.RawMessage("null")
	if caller.Who != nil {
		me, err := ask(p, address("/me"), s.API.Me, v1.None{})
		if err != nil {
			return nil, err
		}
		p.Me = &me
	}
	return p, nil
}

// whole reports whether the caller may see all that is on pages: a program
// with a token for less may not.
func whole(caller *v1.Caller) bool {
	for _, scope := range community.AllScopes.List() {
		if !caller.May(scope) {
			return false
		}
	}
	return true
}

// address is where the app asks for something: the island's key. Parameters
// come in pairs; empty ones are left out.
func address(path string, params ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			query.Set(params[i], params[i+1])
		}
	}
	if len(query) == 0 {
		return v1.Prefix + path
	}
	return v1.Prefix + path + "?" + query.Encode()
}

// ask calls an operation of the API and leaves its answer, or its problem, in
// the island.
func ask[Req, Resp any](p *page, address string, f func(context.Context, *v1.Caller, *Req) (Resp, error), req Req) (Resp, error) {
	resp, err := f(p.ctx, p.caller, &req)
	if err != nil {
		p.island[address] = v1.JSON(v1.ProblemOf(err))
		return resp, err
	}
	p.island[address] = v1.JSON(resp)
	return resp, nil
}

// show chooses the template, the app's route, and what is shown.
func (p *page) show(template, route string, data any) {
	p.template, p.Data = template, data
	p.Head.Preload = p.site.shell.preload[route]
}

// query is a parameter of the page's address.
func (p *page) query(name string) string { return p.c.QueryParam(name) }

// choice is a parameter that is one of words; the first, where it is not.
func (p *page) choice(name string, words ...string) string {
	for _, word := range words {
		if p.query(name) == word {
			return word
		}
	}
	return words[0]
}

// fail shows err instead of what was asked for.
func (p *page) fail(err error) {
	p.site.log(p.ctx, p.c.Request().URL.Path, err)
	p.explain(v1.ProblemOf(err))
}

func (p *page) explain(problem *v1.Problem) {
	p.still = p.alone
	p.status = problem.Status
	p.Head = head{Title: problem.Title, Kind: "website", Hidden: true}
	p.show("problem", "", problem)
}

// Here is the path of the page, for links that mark it.
func (p *page) Here() string { return p.c.Request().URL.Path }

// FullTitle is what a browser shows for the page.
func (p *page) FullTitle() string {
	if p.Head.Title == "" {
		return p.Instance.Name
	}
	return p.Head.Title + " · " + p.Instance.Name
}

// send writes the page.
func (p *page) send() error {
	if p.redirect != "" {
		p.c.Response().Header().Set("Cache-Control", "private, no-store")
		return p.c.Redirect(http.StatusSeeOther, p.redirect)
	}
	body, err := p.render()
	if err != nil {
		return err
	}
	h := p.c.Response().Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy())
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	// The same address is ActivityPub for who accepts that, and another page
	// for who is signed in.
	h.Add("Vary", "Accept, Cookie, Authorization")
	if p.Head.Hidden {
		h.Set("X-Robots-Tag", "noindex")
	}
	if p.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.secret {
		h.Set("X-Frame-Options", "DENY") // for browsers that do not read policies
		h.Set("Referrer-Policy", "same-origin")
	}
	if p.caller.Who != nil {
		h.Set("Cache-Control", "private, no-store")
		if cookie := p.site.API.Slide(p.c.Request()); cookie != nil {
			p.c.SetCookie(cookie)
		}
		return p.c.Blob(p.status, "text/html; charset=utf-8", body)
	}
	if p.secret || p.status >= http.StatusInternalServerError {
		h.Set("Cache-Control", "no-store")
		return p.c.Blob(p.status, "text/html; charset=utf-8", body)
	}
	h.Set("Cache-Control", "public, max-age=0, s-maxage=15")
	tag := mark(body)
	h.Set("ETag", tag)
	if p.status == http.StatusOK && matches(p.c.Request().Header.Get("If-None-Match"), tag) {
		return p.c.NoContent(http.StatusNotModified)
	}
	return p.c.Blob(p.status, "text/html; charset=utf-8", body)
}

// policy is the page's Content-Security-Policy. Browsers hold where a form's
// answer sends them to it, too.
func (p *page) policy() string {
	if p.sendsTo == "" {
		return p.site.policy
	}
	return strings.Replace(p.site.policy, "form-action 'self'", "form-action 'self' "+p.sendsTo, 1)
}

// mark is a document's ETag. It is weak, because what compresses comes after.
func mark(document []byte) string {
	sum := sha256.Sum256(document)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// matches reports whether tag is among those in an If-None-Match.
func matches(known, tag string) bool {
	for candidate := range strings.SplitSeq(known, ",") {
		if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// render puts the shell, the head, the readable body and the island together.
func (p *page) render() ([]byte, error) {
	t := p.site.pages[p.template]
	if t == nil {
		return nil, errors.New("api/web: no template " + p.template)
	}
	var out bytes.Buffer
	out.WriteString(p.site.shell.head)
	if err := t.ExecuteTemplate(&out, "head", p); err != nil {
		return nil, err
	}
	out.WriteString(p.site.shell.middle)
	out.WriteString(`<div id="ds-ssr">`)
	if err := t.ExecuteTemplate(&out, "frame", p); err != nil {
		return nil, err
	}
	if p.still {
		out.WriteString("</div>\n</body>\n</html>\n")
		return out.Bytes(), nil
	}
	out.WriteString("</div>\n" + `<script type="application/json" id="ds-data">`)
	// The API's JSON has no < in it, so it cannot end the script.
	out.Write(v1.JSON(p.island))
	out.WriteString("</script>")
	out.WriteString(p.site.shell.tail)
	return out.Bytes(), nil
}
