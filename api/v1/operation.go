package v1

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"drystone/community"
	"drystone/fault"
)

// maxBody bounds a request's body. The longest text that may be written has
// 50,000 characters, at most four bytes each.
const maxBody = 256 << 10

// bodyTime is how long a request's body may take to arrive.
const bodyTime = 30 * time.Second

// A section groups operations in the document.
type section string

// An op describes one operation: what the document says of it, and what is
// checked before its function is called.
type op struct {
	huma.Operation
	private bool            // only for those who are signed in
	waiting bool            // for those too who are not let in yet
	leaving bool            // also for who is leaving
	proven  bool            // only for those who proved lately who they are
	needs   community.Scope // what a program's token must be good for
	limiter *kind           // what it counts as; nil: what all of its method do
	codes   []fault.Code    // what else can go wrong
}

func (s section) op(method, path, id, summary string) op {
	return op{Operation: huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{string(s)},
		MaxBodyBytes: maxBody + 1, BodyReadTimeout: bodyTime,
	}, needs: s.scopeOf(method, path)}
}

func (s section) get(path, id, summary string) op {
	return s.op(http.MethodGet, path, id, summary)
}

func (s section) post(path, id, summary string) op {
	return s.op(http.MethodPost, path, id, summary)
}

func (s section) put(path, id, summary string) op {
	return s.op(http.MethodPut, path, id, summary)
}

func (s section) patch(path, id, summary string) op {
	return s.op(http.MethodPatch, path, id, summary)
}

func (s section) delete(path, id, summary string) op {
	return s.op(http.MethodDelete, path, id, summary)
}

// creates says that success is 201.
func (o op) creates() op { o.DefaultStatus = http.StatusCreated; return o }

// signedIn says that the operation is only for those who are signed in.
func (o op) signedIn() op { o.private = true; return o }

// confirmed says that the operation is dangerous: whoever asks for it proved
// within community.ConfirmationLife that it is them. Tokens never did.
func (o op) confirmed() op {
	o.private, o.proven = true, true
	o.Description = "Only for a browser whose session was confirmed in the last ten minutes. To one that was not, the code is confirmation_required, and POST /session/confirm helps."
	return o.fails(fault.Unconfirmed)
}

// limited counts every call as a kind of work.
func (o op) limited(k *kind) op { o.limiter = k; return o }

// takes says how large a request's body may be, where it is not words.
func (o op) takes(bytes int64) op { o.MaxBodyBytes = bytes + 1; return o }

// early says that the operation is for those too who are not let in yet: whose
// application is not accepted, or whose mail address is not confirmed. They can
// read; beside that, only look after their own account and application.
func (o op) early() op { o.waiting = true; return o }

// parting says that the operation is also for who is leaving.
func (o op) parting() op { o.leaving = true; return o }

// tooLate keeps out who is leaving, and may still read.
func (o op) tooLate(c *Caller) error {
	if c.Who == nil || !c.Who.Actor.Leaving() || o.leaving || !o.private || o.Method == http.MethodGet {
		return nil
	}
	return c.Who.Actor.Parting()
}

// tooEarly keeps out who is not let in yet: their application, or their mail
// address, is still waited for.
func (o op) tooEarly(c *Caller) error {
	if c.Who == nil || c.Who.Actor.Held() == nil || o.waiting || !o.private || o.Method == http.MethodGet {
		return nil
	}
	return c.Who.Actor.Held()
}

// fails adds what can go wrong beside what any call can meet.
func (o op) fails(codes ...fault.Code) op { o.codes = append(o.codes, codes...); return o }

// says explains the operation at length.
func (o op) says(text string) op {
	o.Description = strings.TrimSpace(text + " " + o.Description)
	return o
}

type answer[Resp any] struct{ Body Resp }

// handle mounts f: a function from a request to a response, with errors as
// fault has them. Everything about HTTP happens here and in gate.
func handle[Req, Resp any](a *API, o op, f func(context.Context, *Caller, *Req) (Resp, error)) {
	huma.Register(a.huma, a.operation(o, hasBody[Req]()), func(ctx context.Context, req *Req) (*answer[Resp], error) {
		c := callerIn(ctx)
		resp, err := f(ctx, c, req)
		if err != nil {
			return nil, a.refuse(ctx, o, c, err)
		}
		return &answer[Resp]{resp}, nil
	})
}

// do is handle for what has nothing to say on success: 204.
func do[Req any](a *API, o op, f func(context.Context, *Caller, *Req) error) {
	huma.Register(a.huma, a.operation(o, hasBody[Req]()), func(ctx context.Context, req *Req) (*struct{}, error) {
		c := callerIn(ctx)
		if err := f(ctx, c, req); err != nil {
			return nil, a.refuse(ctx, o, c, err)
		}
		return nil, nil
	})
}

type callerKey struct{}

// callerIn returns whom gate let in. It is read here only; use cases get
// their actor as a parameter.
func callerIn(ctx context.Context) *Caller { return ctx.Value(callerKey{}).(*Caller) }

// gate finds out who calls, keeps out who may not and counts what is limited,
// before the request's body is read.
func (a *API) gate(o op) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		ec := humaecho.Unwrap(hc)
		hc.SetHeader("Cache-Control", "private, no-store")
		c, err := a.CallerOf(ec.Request(), ec.RealIP())
		c.header, c.request = hc.AppendHeader, ec.Response().Header().Get("X-Request-Id")
		if err == nil && o.private && c.Who == nil {
			err = fault.New(fault.Unauthenticated, "Sign in first.")
		}
		if err == nil && o.proven {
			err = a.mustBeConfirmed(c)
		}
		if err == nil {
			err = o.within(c)
		}
		if err == nil {
			err = o.tooEarly(c)
		}
		if err == nil {
			err = o.tooLate(c)
		}
		if err == nil {
			err = count(a.kindOf(o), c)
		}
		if o.MaxBodyBytes > 0 && ec.Request().Body != nil { // huma bounds all but forms
			ec.Request().Body = http.MaxBytesReader(ec.Response(), ec.Request().Body, o.MaxBodyBytes+1)
		}
		if err != nil {
			a.answer(hc, a.refuse(hc.Context(), o, c, err))
			return
		}
		next(huma.WithValue(hc, callerKey{}, c))
	}
}

// kindOf is what an operation counts as.
func (a *API) kindOf(o op) *kind {
	switch {
	case o.limiter != nil:
		return o.limiter
	case o.Method == http.MethodGet:
		return a.limits.read
	}
	return a.limits.change
}

// mustBeConfirmed reports, as an error, that it is not sure enough who calls
// for something dangerous.
func (a *API) mustBeConfirmed(c *Caller) error {
	session := c.Who.Session
	switch {
	case session == nil || session.Kind != community.BrowserSession:
		return fault.New(fault.Forbidden, "A token may not do this. Sign in with a browser.")
	case !session.Confirmed(a.Now()):
		return fault.New(fault.Unconfirmed, "Confirm that it is you, and then try again.")
	}
	return nil
}

// refuse turns err into the problem that c gets, and is the one place that
// logs it.
func (a *API) refuse(ctx context.Context, o op, c *Caller, err error) *Problem {
	place := "body"
	if o.Method == http.MethodGet {
		place = "query"
	}
	p := problemIn(place, err)
	if Left(ctx) {
		p = leftProblem()
	}
	if p.Code == fault.Unauthenticated {
		c.header("WWW-Authenticate", a.challenge(c))
	}
	level := slog.LevelDebug
	switch p.Code {
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable:
		level = slog.LevelWarn
	}
	a.Log.LogAttrs(ctx, level, "api: refused", slog.String("operation", o.OperationID),
		slog.String("code", string(p.Code)), slog.String("request", c.request), slog.Any("error", err))
	return p
}

// answer writes p where no function of huma does.
func (a *API) answer(hc huma.Context, p *Problem) {
	hc.SetHeader("Content-Type", ProblemType)
	hc.SetStatus(p.Status)
	_, _ = hc.BodyWriter().Write(JSON(p)) // nobody is left to tell
}
