// Package web puts the server's own words around the web app: every address
// answers with a page that can be read without JavaScript, with a head that
// other sites and machines understand, and with the app's first data in an
// island, so that it starts without asking. It also hands out the app's files,
// and what other programs read: feeds, calendars and the like.
//
// What is on a page comes from the same functions as the JSON API (api/v1) and
// never from elsewhere; how it looks belongs to the frontend's stylesheet.
package web

import (
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"drystone/api/oauth"
	"drystone/api/v1"
	"drystone/service/accounts"
	"drystone/service/clients"
)

// Options is what the pages need.
type Options struct {
	API     *v1.API
	Clients *clients.Service
	Build   fs.FS  // the built app; without index.html pages stand alone
	Origin  string // scheme://host of this server
	Secure  bool   // browsers reach it by https
	Name    string // the title of the instance
	Log     *slog.Logger
}

// A Site answers with pages.
type Site struct {
	Options
	shell  *shell
	files  files
	pages  map[string]*template.Template
	policy string
}

// New mounts the pages on e.
func New(e *echo.Echo, o Options) (*Site, error) {
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("api/web: %w", err)
	}
	shell, err := readShell(o.Build)
	if err != nil {
		return nil, fmt.Errorf("api/web: %w", err)
	}
	files, err := readFiles(o.Build)
	if err != nil {
		return nil, fmt.Errorf("api/web: %w", err)
	}
	s := &Site{Options: o, shell: shell, files: files, pages: pages}
	s.policy = s.contentPolicy()
	s.routes(e)
	return s, nil
}

func (s *Site) routes(e *echo.Echo) {
	e.GET("/", s.page(home))
	e.GET("/explore", s.page(explore))
	e.GET("/c/:name", s.feedOr(groupFeed, groupCalendar, group))
	e.GET("/t/:name", s.feedOr(tagFeed, nil, tag))
	e.GET("/f/:name", s.feedOr(listFeed, nil, list))
	e.GET("/feeds", s.page(lists))
	e.GET("/c/:name/members", s.page(plain("/c/[group]/members", "Members")))
	e.GET("/c/:name/roles", s.page(plain("/c/[group]/roles", "Roles")))
	e.GET("/c/:name/log", s.page(decisions))
	e.GET("/c/:name/keep", s.page(plain("/c/[group]/keep", "Moderation")))
	e.GET("/u/:name", s.feedOr(personFeed, nil, person))
	e.GET("/post/:name", s.feedOr(postFeed, eventCalendar, post))
	e.GET("/comment/:name", s.page(comment))
	for path, f := range map[string]func(*page) error{
		"/recover": recovery, "/recover/reset": reset, "/verify": verify, "/unsubscribe": unsubscribe,
		"/post/:name/report": reportPost, "/comment/:name/report": reportComment, "/u/:name/report": reportPerson,
	} {
		e.GET(path, s.page(f))
		e.POST(path, s.page(f))
	}
	e.GET(oauth.Authorize, s.page(authorize))
	e.POST(oauth.Authorize, s.page(authorize))
	e.GET("/login", s.page(signInForm))
	e.POST("/login", s.page(signInForm))
	e.GET("/search", s.page(search))
	e.GET("/questions", s.page(questions))
	e.GET("/notifications", s.page(notifications))
	e.POST("/notifications", s.page(notifications))
	e.GET("/messages", s.page(conversations))
	e.GET("/messages/:name", s.page(conversation))
	e.GET("/admin/peers", s.page(peers))
	e.GET("/reports", s.page(reports))
	e.GET("/reports/:name", s.page(report))
	e.GET("/admin/bans", s.page(siteBans))
	e.GET("/admin/roles", s.page(plain("/admin/roles", "Roles on this server")))
	for path, f := range map[string]func(*page) error{"/settings/privacy": privacy, "/settings/blocks": keeping, dataPath: data} {
		e.GET(path, s.page(f))
		e.POST(path, s.page(f))
	}
	for path, f := range map[string]func(*page) error{"/join": join, "/invite/:code": invite} {
		e.GET(path, s.page(f))
		e.POST(path, s.page(f))
	}
	e.GET("/admin/joining", s.page(administer("/admin/joining", "Joining")))
	for path, title := range plainPages {
		e.GET(path, s.page(plain(path, title)))
	}
	e.GET("/oidc/start", s.page(leave))
	e.GET(accounts.CallbackPath, s.page(comeBack))
	e.GET(v1.NameAfterProvider, s.page(chooseName))
	e.POST(v1.NameAfterProvider, s.page(chooseName))
	e.POST("/oidc/logout", s.ended)
	for path, feed := range map[string]feedMaker{"/": homeFeed, "/index": homeFeed, "/all": homeFeed, "/local": localFeed, "/search": searchFeed} {
		s.feeds(e, path, feed)
	}
	e.GET("/robots.txt", s.robots)
	e.GET("/sitemap.xml", s.sitemap)
	e.GET("/sitemap/:part", s.sitemapPart)
	e.GET("/oembed", s.oembed)
	e.GET("/embed/post/:name", s.embedded(embedPost))
	e.GET("/embed/comment/:name", s.embedded(embedComment))
	e.GET("/manifest.webmanifest", s.manifest)
	e.GET("/_app/*", s.file)
	for name := range s.files {
		if !strings.Contains(name, "/") && name != "index.html" && name != "preload.json" {
			e.GET("/"+name, s.file)
		}
	}
}

// page answers with the page that f puts together.
func (s *Site) page(f func(*page) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		p, err := s.begin(c)
		if err != nil {
			return err
		}
		if err := f(p); err != nil {
			p.fail(err)
		}
		return p.send()
	}
}

// Fail answers with a page that says what went wrong. When not even that can
// be put together, plain text must do.
func (s *Site) Fail(c echo.Context, problem *v1.Problem) error {
	p, err := s.begin(c)
	if err != nil {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.String(problem.Status, problem.Title+"\n\n"+problem.Detail+"\n")
	}
	p.explain(problem)
	return p.send()
}

// log writes down what a visitor is not told.
func (s *Site) log(ctx context.Context, path string, err error) {
	if strings.HasPrefix(path, "/invite/") {
		path = "/invite/…" // whoever reads the log is not invited
	}
	problem := v1.ProblemOf(err)
	level := slog.LevelDebug
	if problem.Status >= http.StatusInternalServerError && !v1.Left(ctx) {
		level = slog.LevelError
	}
	s.Log.LogAttrs(ctx, level, "web: refused", slog.String("path", path), slog.String("code", string(problem.Code)), slog.Any("error", err))
}
