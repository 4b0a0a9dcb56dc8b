package as

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// ContentType is what our documents are sent as. NodeBB and Lemmy want it
// bare, without a charset.
const ContentType = "application/activity+json"

// AcceptHeader is what we ask peers for: both names of the same thing
// (ActivityPub, 3.2).
const AcceptHeader = ContentType + `, application/ld+json; profile="` + NS + `"`

// IsAS2ContentType reports whether a Content-Type header announces an
// ActivityStreams document: activity+json, or ld+json whose profile is, or
// has among others, that of ActivityStreams. Plain application/json is none:
// a file that somebody uploaded could be served as that (CVE-2024-25623).
func IsAS2ContentType(header string) bool {
	media, params, err := mime.ParseMediaType(header)
	return err == nil && isAS2(media, params)
}

func isAS2(media string, params map[string]string) bool {
	switch media {
	case ContentType:
		return true
	case "application/ld+json":
		return slices.Contains(strings.Fields(params["profile"]), NS)
	}
	return false
}

// Accepts reports whether a request with this Accept header wants the
// ActivityStreams document of a resource that has a web page too. It must be
// asked for by name, and not less than text/html; wildcards mean the page.
func Accepts(header string) bool {
	const maxRanges = 64
	var document, page float64
	for i, part := range splitQuoted(header) {
		if i == maxRanges {
			break
		}
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch {
		case isAS2(media, params):
			document = max(document, quality(params))
		case media == "text/html", media == "application/xhtml+xml":
			page = max(page, quality(params))
		}
	}
	return document > 0 && document >= page
}

// quality reads the weight of a media range (RFC 9110, 12.4.2).
func quality(params map[string]string) float64 {
	text, ok := params["q"]
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err == nil && q >= 0 && q <= 1 {
		return q
	}
	return 0
}

// splitQuoted splits at commas that are not inside of quotes.
func splitQuoted(header string) []string {
	quoted := false
	return strings.FieldsFunc(header, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}
