package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"drystone/api/v1"
	"drystone/fault"
)

// files are the app's files by path, held in memory: they are small, and were
// in the program's image anyway.
type files map[string]*file

// A file is one file of the build, and what it is once compressed.
type file struct {
	content, brotli []byte
	kind            string // media type
	tag             string // ETag
	packed          func() []byte
}

// kinds are media types that systems disagree about or do not know.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
	".png": "image/png", ".txt": "text/plain; charset=utf-8", ".html": "text/html; charset=utf-8",
}

// readFiles reads the build. A file that the build compressed itself (.br,
// .gz) is handed out in that form; others are compressed when first asked for.
func readFiles(build fs.FS) (files, error) {
	all := files{}
	err := fs.WalkDir(build, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		content, err := fs.ReadFile(build, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		kind := kinds[path.Ext(name)]
		if kind == "" {
			kind = mime.TypeByExtension(path.Ext(name))
		}
		if kind == "" {
			kind = "application/octet-stream"
		}
		all[name] = &file{
			content: content, kind: kind, tag: base64.RawURLEncoding.EncodeToString(sum[:12]),
			packed: sync.OnceValue(func() []byte { return pack(content) }),
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	for name, f := range all {
		if original := all[strings.TrimSuffix(name, ".br")]; strings.HasSuffix(name, ".br") && original != nil {
			original.brotli = f.content
		}
		if original := all[strings.TrimSuffix(name, ".gz")]; strings.HasSuffix(name, ".gz") && original != nil {
			original.packed = func() []byte { return f.content }
		}
	}
	return all, err
}

// pack compresses content, or returns nothing where that gains nothing.
func pack(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(content); err != nil || w.Close() != nil || out.Len() >= len(content) {
		return nil
	}
	return out.Bytes()
}

// Holds reports whether path is a file of the app, which is compressed here
// and by nobody else.
func (s *Site) Holds(path string) bool { return s.files[strings.TrimPrefix(path, "/")] != nil }

// file hands out a file of the app. What is under immutable has its hash in
// its name, so it may be kept for ever.
func (s *Site) file(c echo.Context) error {
	name := strings.TrimPrefix(c.Request().URL.Path, "/")
	f := s.files[name]
	if f == nil {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	h := c.Response().Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=3600")
	if strings.HasPrefix(name, "_app/immutable/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Add("Vary", "Accept-Encoding")
	body, coding := f.choose(c.Request().Header.Get("Accept-Encoding"))
	h.Set("ETag", `"`+f.tag+coding+`"`)
	if coding != "" {
		h.Set("Content-Encoding", strings.TrimPrefix(coding, "-"))
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(body))
	return nil
}

// choose picks the form of the file that a browser takes; coding is empty or
// begins with a dash, as it stands in the ETag.
func (f *file) choose(accepted string) (body []byte, coding string) {
	if f.brotli != nil && accepts(accepted, "br") {
		return f.brotli, "-br"
	}
	if accepts(accepted, "gzip") {
		if packed := f.packed(); packed != nil {
			return packed, "-gzip"
		}
	}
	return f.content, ""
}

// accepts reports whether an Accept-Encoding has coding, not weighed zero.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(part, " ", ""), ";")
		if strings.EqualFold(name, coding) {
			return weight != "q=0" && weight != "q=0.0"
		}
	}
	return false
}

// robots tells search engines what is not for them.
func (s *Site) robots(c echo.Context) error {
	if s.files["robots.txt"] != nil {
		return s.file(c)
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /api/\nDisallow: /search\nDisallow: /submit\nDisallow: /settings\nDisallow: /notifications\nDisallow: /saved\nDisallow: /reports\nDisallow: /login\nDisallow: /join\n"+
		"Disallow: /authorize_interaction\nDisallow: /admin/\nDisallow: /activities/\nDisallow: /*?*cursor=\n\nSitemap: "+s.Origin+"/sitemap.xml\n")
}

// manifest lets the site be installed as an app.
func (s *Site) manifest(c echo.Context) error {
	if s.files["manifest.webmanifest"] != nil {
		return s.file(c)
	}
	type icon struct {
		Src   string `json:"src"`
		Type  string `json:"type"`
		Sizes string `json:"sizes"`
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return c.Blob(http.StatusOK, "application/manifest+json", v1.JSON(struct {
		Name      string `json:"name"`
		ShortName string `json:"short_name"`
		ID        string `json:"id"`
		StartURL  string `json:"start_url"`
		Display   string `json:"display"`
		Icons     []icon `json:"icons"`
	}{s.Name, s.Name, "/", "/", "minimal-ui", []icon{{"/favicon.svg", "image/svg+xml", "any"}}}))
}
