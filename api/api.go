// Package api is the server's face to browsers and programs: one Echo server
// that carries the JSON API (api/v1), the pages of the web app (api/web), and
// what all requests share: who is let in from which site, limits, compression,
// the request log, and the form of errors.
//
// What an operation does belongs to api/v1, what a page shows to api/web, and
// federation to a handler of its own: the program decides between the two by
// what a client accepts.
package api

import (
	"context"
	"io/fs"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"drystone/api/oauth"
	"drystone/api/v1"
	"drystone/api/web"
	"drystone/community"
)

// Options is what the server needs.
type Options struct {
	v1.Options
	Name  string // the title of the instance
	Build fs.FS  // the built web app (frontend.Build)
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// New returns the server as a handler. Timeouts are for whoever listens.
func New(o Options) (http.Handler, error) {
	e, err := mount(o)
	if err != nil {
		return nil, err
	}
	return canonical(e), nil
}

// mount puts every route on one router.
func mount(o Options) (*echo.Echo, error) {
	e := echo.New()
	e.IPExtractor = clientAddress(o.TrustedProxies)
	e.SchemeExtractor = echo.ExtractSchemeDirect()
	e.Logger.SetOutput(discard{})

	s := &server{log: o.Log, origin: o.Origin, secure: o.Secure}
	e.Use(identify, s.logged(), s.recovered(), s.guarded, legible, shared, s.sameSite(), s.compressed())
	e.HTTPErrorHandler = s.fail

	api := v1.New(e, o.Options)
	e.GET(v1.Prefix+"/openapi.json", func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=3600")
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, v1.Published)
	})
	oauth.New(e, oauth.Options{Clients: o.Clients, Origin: o.Origin, Log: o.Log, Now: o.Now, Limits: o.Limits})
	var err error
	s.site, err = web.New(e, web.Options{
		API: api, Clients: o.Clients, Build: o.Build, Origin: o.Origin, Secure: o.Secure, Name: o.Name, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	files(e, api, o.Media)
	health(e, o.Instance.Ready)
	return e, nil
}

// health says whether the process lives, and whether it can answer: the
// second asks the database.
func health(e *echo.Echo, ready func(context.Context) error) {
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(c echo.Context) error {
		if err := ready(c.Request().Context()); err != nil {
			return c.String(http.StatusServiceUnavailable, "not ready\n")
		}
		return c.String(http.StatusOK, "ready\n")
	})
}

// compressed compresses pages and JSON. The app's files come compressed.
func (s *server) compressed() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level: 5, MinLength: 1024,
		Skipper: func(c echo.Context) bool {
			path := c.Request().URL.Path
			return path == v1.StreamPath || s.site.Holds(path) || strings.HasPrefix(path, community.MediaPath)
		},
	})
}
