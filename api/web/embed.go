package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/community/markup"
	"drystone/fault"
)

// What other sites show of ours stands in a small page of its own: without
// cookies, scripts and forms, so that nobody who is framed here can be tricked
// into anything, and nothing is known of who looks at it.

//go:embed templates/embed.css
var embedStyle string

const (
	embedText    = 12_000 // bytes of HTML; what is longer is cut to its beginning
	embedExcerpt = 1_200  // characters of that
	embedAnswers = 5      // at most
	embedWidth   = 600
	embedHeight  = 420
)

// embedPolicy is the policy of those pages: the one place that others may
// frame.
var embedPolicy = "default-src 'none'; style-src '" + hashOf(embedStyle) + "'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// An embedPage is a post or a comment as other sites show it.
type embedPage struct {
	Style   template.CSS
	Site    string
	Gone    bool
	Link    string // its page
	Title   string
	Author  v1.Actor
	Group   v1.Actor
	At      time.Time
	Veiled  bool // somebody has to ask for it
	HTML    string
	Cut     bool
	Picture *v1.Attachment
	Post    *v1.Post
	Count   int64
	Score   int64
	Answers []v1.Comment
}

// ours reports whether something was written here: what was written elsewhere
// is shown by where it lives.
func (s *Site) ours(address string) bool { return strings.HasPrefix(address, s.Origin+"/") }

// embedded answers with what find finds, or with a small page that says that
// there is nothing: a whole one of ours would be refused in a frame.
func (s *Site) embedded(find func(*Site, echo.Context, *v1.Caller) (*embedPage, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		status := http.StatusOK
		data, err := find(s, c, v1.Nobody(c.Request(), c.RealIP()))
		if err != nil {
			status = v1.ProblemOf(err).Status
			if status >= http.StatusInternalServerError {
				return err
			}
			data = &embedPage{Gone: true, Link: s.Origin + "/"}
		}
		data.Style, data.Site = template.CSS(embedStyle), s.Name //nolint:gosec // ours
		var out bytes.Buffer
		if err := s.pages["embed"].ExecuteTemplate(&out, "embed", data); err != nil {
			return err
		}
		h := c.Response().Header()
		h.Del("X-Frame-Options")
		h.Set("Content-Security-Policy", embedPolicy)
		h.Set("Permissions-Policy", permissions)
		h.Set("X-Robots-Tag", "noindex") // the whole page is for search engines
		h.Set("Cache-Control", "public, max-age=300")
		tag := mark(out.Bytes())
		h.Set("ETag", tag)
		if status == http.StatusOK && matches(c.Request().Header.Get("If-None-Match"), tag) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(status, "text/html; charset=utf-8", out.Bytes())
	}
}

func embedPost(s *Site, c echo.Context, caller *v1.Caller) (*embedPage, error) {
	id, err := parseID(c.Param("name"))
	if err != nil {
		return nil, err
	}
	return s.embedOf(c, caller, id)
}

func (s *Site) embedOf(c echo.Context, caller *v1.Caller, id int64) (*embedPage, error) {
	it, err := s.API.Post(c.Request().Context(), caller, &v1.PostPath{ID: id})
	if err != nil {
		return nil, err
	}
	if !s.ours(it.URL) || it.Deleted || it.Removed || it.Veil != "" {
		return nil, fault.New(fault.NotFound, "There is nothing here to show.")
	}
	data := &embedPage{
		Link: s.Origin + postPath(id), Title: postTitle(it), Author: it.Author, Group: it.Group, At: it.CreatedAt,
		Veiled: it.Sensitive, Count: it.CommentCount, Score: it.Score,
	}
	if !it.Sensitive {
		data.Post = &it
		data.say(it.HTML, it.Media)
	}
	most, err := strconv.Atoi(c.QueryParam("answers"))
	if err != nil || most <= 0 || it.Sensitive {
		return data, nil //nolint:nilerr // none are wanted
	}
	path := v1.PostPath{ID: id}
	list, err := s.API.Comments(c.Request().Context(), caller, &v1.CommentsQuery{PostPath: path, Sort: "hot", Paging: v1.Paging{Limit: 3 * embedAnswers}})
	if err != nil {
		return nil, err
	}
	for _, answer := range list.Items {
		if answer.ParentID == nil && !answer.Removed && !answer.Deleted && answer.Veil == "" && len(data.Answers) < min(most, embedAnswers) {
			data.Answers = append(data.Answers, answer)
		}
	}
	return data, nil
}

func embedComment(s *Site, c echo.Context, caller *v1.Caller) (*embedPage, error) {
	id, err := parseID(c.Param("name"))
	if err != nil {
		return nil, err
	}
	found, err := s.API.Comment(c.Request().Context(), caller, &v1.CommentQuery{CommentPath: v1.CommentPath{ID: id}})
	if err != nil {
		return nil, err
	}
	it := found.Comment
	if !s.ours(it.URL) || it.Deleted || it.Removed || it.Veil != "" {
		return nil, fault.New(fault.NotFound, "There is nothing here to show.")
	}
	data := &embedPage{
		Link: s.Origin + "/comment/" + strconv.FormatInt(id, 10), Title: postTitle(found.Post), Author: it.Author, Group: found.Post.Group, At: it.CreatedAt,
		Veiled: found.Post.Sensitive, Count: it.ReplyCount, Score: it.Score,
	}
	if !data.Veiled {
		data.say(it.HTML, it.Media)
	}
	return data, nil
}

// say puts the words and the first picture on the page, the words cut to what
// others have room for.
func (p *embedPage) say(html string, media []v1.Attachment) {
	if p.HTML = html; len(html) > embedText {
		p.HTML, p.Cut = "<p>"+template.HTMLEscapeString(markup.Excerpt(html, embedExcerpt))+"</p>", true
	}
	if i := slices.IndexFunc(media, func(a v1.Attachment) bool { return a.Page != "" }); i >= 0 {
		p.Picture = &media[i]
	}
}

// An oembed says how to show a page of ours in one's own (oembed.com).
type oembed struct {
	Type     string `json:"type"`
	Version  string `json:"version"`
	Title    string `json:"title"`
	Author   string `json:"author_name"`
	Page     string `json:"author_url,omitempty"`
	Provider string `json:"provider_name"`
	Home     string `json:"provider_url"`
	Age      int    `json:"cache_age"`
	HTML     string `json:"html"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`

	Thumb       string `json:"thumbnail_url,omitempty"`
	ThumbWidth  int    `json:"thumbnail_width,omitempty"`
	ThumbHeight int    `json:"thumbnail_height,omitempty"`
}

// oembed answers how to show one of our pages elsewhere.
func (s *Site) oembed(c echo.Context) error {
	card, err := s.card(c)
	var problem *v1.Problem
	if err != nil {
		problem = v1.ProblemOf(err)
	}
	if format := c.QueryParam("format"); format != "" && format != "json" {
		problem = v1.StatusProblem(http.StatusNotImplemented, "Only the format json is spoken here.")
	}
	if problem != nil {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.Blob(problem.Status, v1.ProblemType, v1.JSON(problem))
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=300")
	c.Response().Header().Set("X-Robots-Tag", "noindex")
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", v1.JSON(card))
}

func (s *Site) card(c echo.Context) (*oembed, error) {
	width, err := bound(c, "maxwidth", embedWidth)
	if err != nil {
		return nil, err
	}
	height, err := bound(c, "maxheight", embedHeight)
	if err != nil {
		return nil, err
	}
	kind, id, known := s.shownAt(c.QueryParam("url"))
	if !known {
		return nil, fault.New(fault.NotFound, "That is no post or comment of this server.")
	}
	c.SetParamNames("name")
	c.SetParamValues(id)
	find := map[string]func(*Site, echo.Context, *v1.Caller) (*embedPage, error){"post": embedPost, "comment": embedComment}[kind]
	data, err := find(s, c, v1.Nobody(c.Request(), c.RealIP()))
	if err != nil {
		return nil, err
	}
	card := &oembed{
		Type: "rich", Version: "1.0", Title: data.Title, Author: displayName(data.Author), Provider: s.Name, Home: s.Origin + "/", Age: 300,
		HTML: frame(s.Origin+"/embed/"+kind+"/"+id, data.Title, width, height), Width: width, Height: height,
	}
	if !data.Author.Deleted && data.Author.Handle != "" {
		card.Page = s.Origin + actorPath(data.Author)
	}
	if a := data.Picture; a != nil && a.Thumb != "" && a.Width > 0 && a.Height > 0 {
		w, h := shrunk(a.Width, a.Height, min(400, width))
		if card.Thumb = s.whole(a.Thumb); h <= height {
			card.ThumbWidth, card.ThumbHeight = w, h
		} else {
			card.Thumb = ""
		}
	}
	return card, nil
}

// shrunk is how large a picture is where neither side is longer than most.
func shrunk(w, h, most int) (int, int) {
	if longer := max(w, h); longer > most {
		return max(1, w*most/longer), max(1, h*most/longer)
	}
	return w, h
}

// frame is what others put into their page.
func frame(address, title string, width, height int) string {
	return `<iframe src="` + template.HTMLEscapeString(address) + `" title="` + template.HTMLEscapeString(title) + `" width="` + strconv.Itoa(width) +
		`" height="` + strconv.Itoa(height) + `" loading="lazy" style="border:0;max-width:100%" sandbox="allow-top-navigation-by-user-activation allow-popups"></iframe>`
}

// smallest is the least room that something can be shown in.
const smallest = 120

func bound(c echo.Context, name string, usual int) (int, error) {
	text := c.QueryParam(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < smallest {
		return 0, fault.Field(name, "It is a number of pixels, %d at least.", smallest)
	}
	return min(n, usual), nil
}

// shownAt reads which of our pages an address is.
func (s *Site) shownAt(address string) (kind, id string, known bool) {
	path, is := strings.CutPrefix(address, s.Origin+"/")
	if u, err := url.Parse("/" + path); is && err == nil {
		kind, id, known = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	}
	if kind != "post" && kind != "comment" {
		return "", "", false
	}
	_, err := parseID(id)
	return kind, id, known && err == nil
}
