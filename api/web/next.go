package web

import (
	"net/url"
	"strings"
)

// SafeNext is where to go after signing in, here or at a provider. The address
// comes from the address bar, so anybody may have written it: only paths of
// this very site are followed, and what is none is the start page. It is the
// one rule for that; the app's is frontend/src/lib/util/next.ts.
func SafeNext(next, origin string) string {
	hostile := func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }
	if !strings.HasPrefix(next, "/") || strings.ContainsFunc(next, hostile) || len(next) > 2000 {
		return "/"
	}
	base, err := url.Parse(origin)
	if err != nil {
		return "/"
	}
	to, err := base.Parse(next)
	if err != nil || to.Scheme != base.Scheme || to.Host != base.Host || to.User != nil {
		return "/"
	}
	path := to.RequestURI()
	if to.Fragment != "" {
		path += "#" + to.EscapedFragment()
	}
	if strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
		return "/"
	}
	if to.Path == "/login" || to.Path == "/join" {
		return "/" // back to the door one just came through helps nobody
	}
	return path
}
