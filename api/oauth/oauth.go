// Package oauth is the authorization server of OAuth 2.1 as programs speak to
// it: where they register, fetch and give back tokens, ask what a token is
// good for, and read where all of that is.
//
// What is allowed is decided by service/clients, and the page that asks people
// is in api/web. Nothing here looks at a cookie: whoever asks shows what it
// has in the request itself, so pages of other sites may ask, too.
package oauth

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/limit"
	"drystone/community"
	"drystone/fault"
	"drystone/service/clients"
)

// Options is what the endpoints need.
type Options struct {
	Clients *clients.Service
	Origin  string // scheme://host of this server
	Log     *slog.Logger
	Now     func() time.Time
	Limits  float64 // how much wider than usual limits are; 0 is as usual, infinite none
}

// The addresses.
const (
	Authorize  = "/oauth/authorize"
	token      = "/oauth/token"
	revoke     = "/oauth/revoke"
	introspect = "/oauth/introspect"
	register   = "/oauth/register"

	serverDocument   = "/.well-known/oauth-authorization-server"
	resourceDocument = "/.well-known/oauth-protected-resource"
)

// ForPrograms reports whether an address is one of those that look at no
// cookie.
func ForPrograms(path string) bool {
	return path == token || path == revoke || path == introspect || path == register || path == serverDocument || path == resourceDocument
}

type server struct {
	Options
	tokens, registrations *limit.Limiter
}

// New mounts the endpoints on e.
func New(e *echo.Echo, o Options) {
	s := &server{
		Options:       o,
		tokens:        o.limiter(limit.Rule{Name: "oauth", Burst: 300, Window: 5 * time.Minute}),
		registrations: o.limiter(limit.Rule{Name: "oauth-register", Burst: 30, Window: time.Hour}),
	}
	e.POST(token, s.handle(s.tokens, http.StatusOK, s.token))
	e.POST(revoke, s.handle(s.tokens, http.StatusOK, s.revoke))
	e.POST(introspect, s.handle(s.tokens, http.StatusOK, s.introspect))
	e.POST(register, s.handle(s.registrations, http.StatusCreated, s.register))
	e.GET(serverDocument, s.document(s.authorizationServer()))
	e.GET(resourceDocument, s.document(s.protectedResource()))
}

// limiter is nil where nothing is limited.
func (o Options) limiter(rule limit.Rule) *limit.Limiter {
	switch {
	case math.IsInf(o.Limits, 1):
		return nil
	case o.Limits > 0:
		rule.Burst = max(1, int(float64(rule.Burst)*o.Limits))
	}
	return limit.New(rule, o.Now)
}

// count asks l whether a client may go on, and tells it how it stands.
func count(l *limit.Limiter, c echo.Context) error {
	if l == nil {
		return nil
	}
	h, v := c.Response().Header(), l.Take(limit.Network(c.RealIP()))
	h.Set("RateLimit", v.Header())
	h.Set("RateLimit-Policy", v.Policy())
	if v.Allowed {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(v.Seconds()))
	return fault.New(fault.RateLimited, "That was a lot at once. Try again later.")
}

// handle answers with what f returns, as JSON that nobody keeps.
func (s *server) handle(l *limit.Limiter, status int, f func(echo.Context) (any, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		if err := count(l, c); err != nil {
			return s.refuse(c, err)
		}
		answer, err := f(c)
		if err != nil {
			return s.refuse(c, err)
		}
		return c.JSON(status, answer)
	}
}

// failure is an error on the wire (RFC 6749 section 5.2).
type failure struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// refuse answers with an error, and is the one place that logs it.
func (s *server) refuse(c echo.Context, err error) error {
	said, status := wire(err)
	level := slog.LevelDebug
	if status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.LogAttrs(c.Request().Context(), level, "oauth: refused", slog.String("path", c.Request().URL.Path),
		slog.String("error", said.Error), slog.Any("cause", err))
	if status == http.StatusUnauthorized {
		c.Response().Header().Set("WWW-Authenticate", `Basic realm="oauth"`)
	}
	return c.JSON(status, said)
}

// wire is what a client may know of err, and its status.
func wire(err error) (failure, int) {
	var refusal *clients.Refusal
	if errors.As(err, &refusal) {
		status := http.StatusBadRequest
		switch refusal.Word {
		case clients.InvalidClient:
			status = http.StatusUnauthorized
		case clients.TemporarilyNotServed:
			status = http.StatusServiceUnavailable
		}
		return failure{refusal.Word, ascii(refusal.Message)}, status
	}
	switch fault.CodeOf(err) {
	case fault.RateLimited:
		return failure{clients.TemporarilyNotServed, "That was a lot at once. Try again later."}, http.StatusTooManyRequests
	case fault.Unavailable:
		return failure{clients.TemporarilyNotServed, "The server is too busy."}, http.StatusServiceUnavailable
	case fault.Invalid, fault.TooLarge:
		return failure{clients.InvalidRequest, "The request could not be read."}, http.StatusBadRequest
	}
	return failure{"server_error", "Something broke on this server. It has been written down."}, http.StatusInternalServerError
}

// ascii is text as error_description may hold it (RFC 6749 section 5.2).
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' {
			return '\''
		}
		if r < ' ' || r > '~' || r == '\\' {
			return -1
		}
		return r
	}, text)
}

// document answers with what never changes while the program runs.
func (s *server) document(v any) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=3600")
		return c.JSON(http.StatusOK, v)
	}
}

// authorizationServer says what the authorization server can do (RFC 8414).
func (s *server) authorizationServer() any {
	ways := []string{clients.MethodNone, clients.MethodBasic, clients.MethodPost}
	return map[string]any{
		"issuer":                                         s.Origin,
		"authorization_endpoint":                         s.Origin + Authorize,
		"token_endpoint":                                 s.Origin + token,
		"registration_endpoint":                          s.Origin + register,
		"revocation_endpoint":                            s.Origin + revoke,
		"introspection_endpoint":                         s.Origin + introspect,
		"scopes_supported":                               community.AllScopes.List(),
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code", "refresh_token"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          ways,
		"revocation_endpoint_auth_methods_supported":     ways,
		"introspection_endpoint_auth_methods_supported":  ways,
		"prompt_values_supported":                        []string{"none", "login", "consent", "select_account"},
		"authorization_response_iss_parameter_supported": true,
	}
}

// protectedResource says whose tokens the API takes (RFC 9728).
func (s *server) protectedResource() any {
	return map[string]any{
		"resource":                 s.Origin,
		"authorization_servers":    []string{s.Origin},
		"scopes_supported":         community.AllScopes.List(),
		"bearer_methods_supported": []string{"header"},
	}
}
