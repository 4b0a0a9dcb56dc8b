package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"drystone/api/v1"
	"drystone/api/web"
	"drystone/fault"
)

// server is what middleware needs to know.
type server struct {
	log    *slog.Logger
	origin string
	secure bool // browsers reach it by https
	site   *web.Site
}

// discard is where Echo's own log goes: ours has everything.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// clientAddress finds the address of a client. What a client says of itself
// in X-Forwarded-For counts only when a proxy that we trust passes it on.
func clientAddress(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// canonical brings requests into the form that routes are written for: HEAD
// is GET (net/http sends no body for it), and paths are unescaped.
func canonical(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || r.URL.RawPath != "" {
			// A copy: the server must go on knowing what was asked.
			clone, address := *r, *r.URL
			address.RawPath = ""
			clone.URL = &address
			if r.Method == http.MethodHead {
				clone.Method = http.MethodGet
			}
			r = &clone
		}
		next.ServeHTTP(w, r)
	})
}

// legible refuses addresses that are no text: no name or word here is like
// that, and databases differ in what they make of it.
func legible(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		address := c.Request().URL
		query, err := url.QueryUnescape(address.RawQuery)
		for _, text := range []string{address.Path, query} {
			if err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return fault.Because(err, fault.Invalid, "The address holds something that is not text.")
			}
		}
		return next(c)
	}
}

// identify gives each request a name that its log lines share.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, rand.Text()[:16])
		return next(c)
	}
}

// guarded sets what keeps browsers from misunderstanding any answer. Pages
// have a policy of their own, which allows them more.
func (s *server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("X-Frame-Options", "DENY") // for browsers that know no frame-ancestors
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		return next(c)
	}
}

// sameSite refuses what another site's page asks a browser to change here
// (CSRF), with a cookie or without: signing somebody in as somebody else is
// such a change too. Programs send neither Origin nor Sec-Fetch-Site, so they
// pass.
func (s *server) sameSite() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy that does not pass the Host on, only this tells our own
	// pages from others.
	if err := protection.AddTrustedOrigin(s.origin); err != nil {
		s.log.Warn("api: the origin cannot be trusted by name", slog.String("origin", s.origin), slog.Any("error", err))
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if fromAnywhere(c.Request()) {
				return next(c) // whatever cookie it has is not looked at
			}
			err := protection.Check(c.Request())
			if err == nil && s.secure && changes(c.Request()) && strings.HasPrefix(c.Request().Header.Get("Origin"), "http://") {
				err = errors.New("a page that came without TLS") // where the network may have written it
			}
			if err != nil {
				return fault.Because(err, fault.Forbidden, "This request comes from another site's page.")
			}
			return next(c)
		}
	}
}

// changes reports whether a request is for more than reading.
func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// recovered turns a panic into an error and writes it down.
func (s *server) recovered() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				what := recover()
				if what == nil {
					return
				}
				if what == http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http does
					panic(what)
				}
				s.log.Error("api: panic", slog.String("path", discreet(c.Request().URL.Path)),
					slog.Any("panic", what), slog.String("stack", string(debug.Stack())))
				err = fmt.Errorf("panic: %v", what)
			}()
			return next(c)
		}
	}
}

// logged writes one line for each request: what was asked and how it went,
// never the query or a header, where secrets and searches are.
func (s *server) logged() echo.MiddlewareFunc {
	return middleware.RequestLoggerWithConfig(middleware.RequestLoggerConfig{
		HandleError: true, LogLatency: true, LogMethod: true, LogURIPath: true, LogStatus: true, LogResponseSize: true,
		LogValuesFunc: func(c echo.Context, v middleware.RequestLoggerValues) error {
			level := slog.LevelInfo
			status := v.Status
			if status >= http.StatusInternalServerError && v1.Left(c.Request().Context()) {
				status = v1.StatusLeft
			}
			if strings.HasPrefix(v.URIPath, "/_app/") || v.URIPath == "/healthz" || v.URIPath == "/readyz" {
				level = slog.LevelDebug
			}
			s.log.LogAttrs(c.Request().Context(), level, "request",
				slog.String("method", v.Method), slog.String("path", discreet(v.URIPath)), slog.Int("status", status),
				slog.Duration("took", v.Latency), slog.Int64("bytes", v.ResponseSize),
				slog.String("request", c.Response().Header().Get(echo.HeaderXRequestID)))
			return nil
		},
	})
}

// discreet is a path without the code of an invitation: whoever reads a log is
// not invited.
func discreet(path string) string {
	for _, before := range []string{"/invite/", v1.Prefix + "/invites/"} {
		if strings.HasPrefix(path, before) {
			return before + "…"
		}
	}
	return path
}

// fail answers with an error: a problem for programs, a page for people.
func (s *server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	problem := problemOf(err)
	if problem.Status == http.StatusInternalServerError && !v1.Left(c.Request().Context()) {
		s.log.ErrorContext(c.Request().Context(), "api: failed", slog.String("path", discreet(c.Request().URL.Path)), slog.Any("error", err))
	}
	var sent error
	if path := c.Request().URL.Path; path == "/api" || strings.HasPrefix(path, "/api/") {
		c.Response().Header().Set("Cache-Control", "no-store")
		sent = c.Blob(problem.Status, v1.ProblemType, v1.JSON(problem))
	} else {
		sent = s.site.Fail(c, problem)
	}
	if sent != nil && !errors.Is(sent, http.ErrHandlerTimeout) {
		s.log.DebugContext(c.Request().Context(), "api: an error did not reach its client", slog.Any("error", sent))
	}
}

// problemOf is what may be known of err: the router's own by its status, ours
// by its code.
func problemOf(err error) *v1.Problem {
	// By type and at the top only: errors.As would find one inside of ours.
	if routing, is := err.(*echo.HTTPError); is { //nolint:errorlint // see above
		return v1.StatusProblem(routing.Code, details[routing.Code])
	}
	return v1.ProblemOf(err)
}

var details = map[int]string{
	http.StatusNotFound:         "There is nothing at this address.",
	http.StatusMethodNotAllowed: "That cannot be done at this address.",
}
