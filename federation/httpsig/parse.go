package httpsig

import (
	"encoding/base64"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Scheme is a way to write signatures.
type Scheme int

// The schemes.
const (
	Cavage  Scheme = iota // draft-cavage-http-signatures-12
	Message               // RFC 9421, HTTP Message Signatures
)

// A Signature is what a request says of its signature: read, and not yet
// believed.
type Signature struct {
	Scheme    Scheme
	KeyID     string
	Algorithm string    // empty if it was left out
	Headers   []string  // what is covered, lower-case, in order: headers, and what stands for the rest
	Created   time.Time // zero if it was left out
	Expires   time.Time // zero if it was left out

	created, expires string // Cavage: as they were written, for the signing string
	params           string // Message: the value of @signature-params
	signature        []byte
}

// Signed reports whether req carries a signature, right or wrong.
func Signed(req *http.Request) bool {
	return len(req.Header.Values("Signature")) > 0 || len(req.Header.Values("Signature-Input")) > 0
}

// Parse reads the signature of req. Where there is a Signature-Input it
// decides alone, whatever else there is: a request that could be read in two
// ways is read in one. The errors are *Error.
func Parse(req *http.Request) (Signature, error) {
	if len(req.Header.Values("Signature-Input")) > 0 {
		return parseMessage(req)
	}
	headers := req.Header.Values("Signature")
	switch {
	case len(headers) == 0:
		return Signature{}, fail(Missing, "The request is not signed")
	case len(headers) > 1:
		return Signature{}, fail(Malformed, "There are %d Signature headers; exactly one is allowed", len(headers))
	case len(headers[0]) > maxHeader:
		return Signature{}, fail(Malformed, "The Signature header is longer than %d bytes", maxHeader)
	}
	params, err := parseParams(headers[0])
	if err != nil {
		return Signature{}, err
	}
	return fromParams(params)
}

func fromParams(params map[string]string) (s Signature, err error) {
	s = Signature{
		KeyID:     params["keyId"],
		Algorithm: strings.ToLower(params["algorithm"]),
		Headers:   []string{"date"}, // the default for the algorithms in use
		created:   params["created"],
		expires:   params["expires"],
	}
	if s.KeyID == "" {
		return s, fail(Malformed, "The Signature header names no keyId")
	}
	if s.signature, err = base64.StdEncoding.DecodeString(params["signature"]); err != nil || len(s.signature) == 0 {
		return s, fail(Malformed, "The signature parameter is missing or is not base64")
	}
	if list, ok := params["headers"]; ok {
		s.Headers = strings.Fields(strings.ToLower(list))
	}
	if err := checkCovered(s.Headers); err != nil {
		return s, err
	}
	if s.Created, err = parseUnix("created", s.created); err != nil {
		return s, err
	}
	if s.Expires, err = parseUnix("expires", s.expires); err != nil {
		return s, err
	}
	return s, nil
}

// checkCovered refuses lists that cost much or say one thing twice.
func checkCovered(names []string) error {
	if len(names) == 0 {
		return fail(Malformed, "The signature covers no header")
	}
	if len(names) > maxCovered {
		return fail(Malformed, "The signature covers more than %d headers", maxCovered)
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fail(Malformed, "The header %q is listed twice", name)
		}
	}
	return nil
}

// parseUnix reads the seconds since 1970 of (created) and (expires), which
// may have a fraction in (expires).
func parseUnix(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds < 0 || seconds > math.MaxUint32 || strings.Trim(text, "0123456789.") != "" {
		return time.Time{}, fail(Malformed, "The parameter %s is no time", name)
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// parseParams splits `name="value",name=123` (section 2.1). Values are
// quoted strings without escapes, or bare numbers.
func parseParams(text string) (map[string]string, error) {
	params := make(map[string]string, 6)
	for {
		name, value, rest, ok := nextParam(text)
		if !ok {
			return nil, fail(Malformed, "The Signature header is not a list of parameters")
		}
		if _, twice := params[name]; twice {
			return nil, fail(Malformed, "The parameter %q is given twice", name)
		}
		if len(params) == maxParams {
			return nil, fail(Malformed, "The Signature header has more than %d parameters", maxParams)
		}
		params[name] = value
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" {
			return params, nil
		}
		if rest[0] != ',' {
			return nil, fail(Malformed, "The Signature header is not a list of parameters")
		}
		text = rest[1:]
	}
}

// nextParam takes one parameter off the front of text.
func nextParam(text string) (name, value, rest string, ok bool) {
	name, rest, ok = strings.Cut(text, "=")
	name = strings.Trim(name, " \t")
	if !ok || name == "" || strings.ContainsAny(name, "\", \t") {
		return "", "", "", false
	}
	rest = strings.TrimLeft(rest, " \t")
	if quoted, isQuoted := strings.CutPrefix(rest, `"`); isQuoted {
		value, rest, ok = strings.Cut(quoted, `"`)
		return name, value, rest, ok && !strings.Contains(value, `\`)
	}
	end := strings.IndexAny(rest, ", \t")
	if end < 0 {
		end = len(rest)
	}
	value = rest[:end]
	return name, value, rest[end:], value != "" && !strings.ContainsAny(value, `"\`)
}
