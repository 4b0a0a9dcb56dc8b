package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// The markers that the app's build leaves in its page.
const (
	headMarker = "<!--ds-head-->"
	bodyMarker = "<!--ds-body-->"
)

// bare is the page of a server whose app was not built: it can be read, and
// nothing more.
const bare = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
` + headMarker + `
</head>
<body>
<p>This server was built without its web app, so its pages can only be read.</p>
` + bodyMarker + `
</body>
</html>
`

// A shell is the app's page, cut where the server's words go.
type shell struct {
	head, middle, tail string
	scripts            []string            // hashes of its inline scripts, as policies name them
	preload            map[string][]string // route → modules that it will need, besides the shell's
}

// readShell reads the app's page from its build.
func readShell(build fs.FS) (*shell, error) {
	text, err := fs.ReadFile(build, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		text, err = []byte(bare), nil
	}
	if err != nil {
		return nil, err
	}
	s := new(shell)
	var rest string
	var inHead, inBody bool
	s.head, rest, inHead = strings.Cut(string(text), headMarker)
	s.middle, s.tail, inBody = strings.Cut(rest, bodyMarker)
	if !inHead || !inBody {
		return nil, fmt.Errorf("index.html lacks %s or %s", headMarker, bodyMarker)
	}
	s.scripts = inlineScripts(text)
	if s.preload, err = readPreload(build, text); err != nil {
		return nil, err
	}
	return s, nil
}

// readPreload reads which modules each route needs. It is optional.
func readPreload(build fs.FS, page []byte) (map[string][]string, error) {
	text, err := fs.ReadFile(build, "preload.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all map[string][]string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("preload.json: %w", err)
	}
	more := map[string][]string{}
	for route, modules := range all {
		for _, module := range modules {
			if !bytes.Contains(page, []byte(`"`+module+`"`)) {
				more[route] = append(more[route], module)
			}
		}
	}
	return more, nil
}

var script = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)

// inlineScripts are the hashes of the scripts that stand in the page itself.
func inlineScripts(page []byte) []string {
	var hashes []string
	for _, found := range script.FindAllSubmatch(page, -1) {
		if bytes.Contains(found[1], []byte("src=")) {
			continue
		}
		sum := sha256.Sum256(found[2])
		hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	return hashes
}

// contentPolicy is the Content-Security-Policy of pages: nothing from
// elsewhere. Pictures of other servers come through this one; data: is for the
// app's drawings.
// The island is not a script that runs, so it needs no hash.
func (s *Site) contentPolicy() string {
	return strings.Join([]string{
		"default-src 'none'",
		strings.Join(append([]string{"script-src 'self'"}, s.shell.scripts...), " "),
		"style-src 'self'",
		"img-src 'self' data:",
		"media-src 'self'",
		"font-src 'self'",
		"connect-src 'self'",
		"manifest-src 'self'",
		"worker-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// permissions is what pages may not use, whoever gets into them.
const permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()"
