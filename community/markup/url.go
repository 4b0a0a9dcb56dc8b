package markup

import (
	"net/url"
	"strings"
	"unicode"
)

// maxURL is the longest address that is linked, in bytes.
const maxURL = 4096

// linkURL returns the address that a link may lead to, or "". Relative
// addresses are only for our own texts.
func linkURL(raw string, local bool) string {
	u, text := parseURL(raw)
	switch {
	case u == nil:
		return ""
	case u.Scheme == "http", u.Scheme == "https":
		if u.Host == "" {
			return ""
		}
	case u.Scheme == "mailto":
		if u.Opaque == "" {
			return ""
		}
	case u.Scheme != "" || u.Host != "":
		return ""
	case footnoteID.MatchString(strings.TrimPrefix(text, "#")) && text[0] == '#':
		return text
	case !local || !ownPath(text):
		return ""
	}
	return text
}

// imageURL returns the address that a picture may be loaded from, or "".
func imageURL(raw string, local bool) string {
	u, text := parseURL(raw)
	switch {
	case u == nil:
		return ""
	case u.Scheme == "https" && u.Host != "":
		return text
	case local && u.Scheme == "" && u.Host == "" && ownPath(text):
		return text
	}
	return ""
}

// ownPath reports whether a relative address is a path here, and not the
// name of another server.
func ownPath(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
}

// external reports whether a cleaned address leaves the server.
func external(text string) bool { return strings.HasPrefix(text, "http") }

// parseURL reads an address and returns it with the form that every further
// reading leaves as it is, or nil.
func parseURL(raw string) (*url.URL, string) {
	raw = strings.ReplaceAll(strings.TrimSpace(raw), " ", "%20")
	if raw == "" || len(raw) > maxURL || strings.ContainsFunc(raw, strange) {
		return nil, ""
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, ""
	}
	text := u.String()
	if again, err := url.Parse(text); err != nil || again.String() != text || again.Scheme != u.Scheme || again.Host != u.Host {
		return nil, ""
	}
	return u, text
}

// strange reports whether a character has no place in an address: browsers
// would skip it and read another address than we do.
func strange(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar || r == '\\'
}
