package api

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"drystone/api/oauth"
	"drystone/api/v1"
)

// shared lets pages of other sites ask what a program may ask: with a token
// that they show themselves, at the API, and where tokens are made. Browsers
// then add no cookie, and hand the answer over.
//
// Without a token the API stays closed to them: a server that only a company's
// network reaches would else be read through the browsers of those within.
func shared(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Header.Get("Origin") == "" || !fromAnywhere(r) {
			return next(c)
		}
		h := c.Response().Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy")
		if r.Method != http.MethodOptions {
			return next(c)
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "7200")
		return c.NoContent(http.StatusNoContent)
	}
}

// fromAnywhere reports whether a request, or the one that a browser asks
// about, is nothing but its token: no cookie adds to it.
func fromAnywhere(r *http.Request) bool {
	if oauth.ForPrograms(r.URL.Path) {
		return true
	}
	if !strings.HasPrefix(r.URL.Path, v1.Prefix+"/") {
		return false
	}
	if r.Method == http.MethodOptions {
		return strings.Contains(strings.ToLower(r.Header.Get("Access-Control-Request-Headers")), "authorization")
	}
	return r.Header.Get("Authorization") != ""
}
