// Package httpsig signs requests and verifies signed requests the way the
// fediverse does it: draft-cavage-http-signatures-12 with RSA and SHA-256 and
// what peers made of it, and RFC 9421 in the profile that Mastodon set.
//
// Whose key a key id names, and whether that somebody may do what the request
// asks, does not belong here; nor does fetching keys. Replays within the time
// window are for the caller too, who remembers ids of activities.
//
// The work is our own and not go-fed/httpsig's, for these reasons. That
// library always writes algorithm="hs2019", which PieFed and NodeBB take for
// something else; it signs the decoded path, so that a percent-encoded URL
// yields a signature nobody can verify; it reads the wall clock; and its
// verifier checks neither which headers are covered, nor the digest, nor the
// age. The tests hold both against each other. The libraries for RFC 9421 put
// parameters in an order of their own, demand what no peer sends, or get
// @target-uri wrong; only the syntax of its headers is httpsfv's.
package httpsig

import (
	"net/http"
	"strings"
	"time"
)

// What a signature may cost to look at, and how old it may be.
const (
	maxHeader  = 8 << 10 // bytes of the Signature header
	maxParams  = 16
	maxCovered = 32
	maxDigests = 8

	maxFuture = time.Hour      // as Mastodon
	maxPast   = 12 * time.Hour // Mastodon's cap; retries are signed again
)

// The pseudo-headers of draft-cavage-12, section 2.3.
const (
	targetHeader  = "(request-target)"
	createdHeader = "(created)"
	expiresHeader = "(expires)"
)

// requestTarget is the value of (request-target) as it went over the wire:
// never a decoded path.
func requestTarget(req *http.Request, query bool) string {
	uri := req.RequestURI
	if uri == "" || !strings.HasPrefix(uri, "/") { // a client's request, or absolute-form
		uri = req.URL.RequestURI()
	}
	if !query {
		uri, _, _ = strings.Cut(uri, "?")
	}
	return strings.ToLower(req.Method) + " " + uri
}

// host is the Host header, which net/http keeps outside of Header.
func host(req *http.Request) string {
	if req.Host != "" {
		return req.Host
	}
	return req.URL.Host
}

// values returns all values of a header, Host included.
func values(req *http.Request, name string) []string {
	if name == "host" {
		if h := host(req); h != "" {
			return []string{h}
		}
		return nil
	}
	return req.Header.Values(name)
}

// signingString is what gets signed: one line for each covered header
// (section 2.3). It reports the first covered header that is not there.
func signingString(req *http.Request, target string, s Signature) (text, absent string) {
	var b strings.Builder
	for i, name := range s.Headers {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(name)
		b.WriteString(": ")
		switch name {
		case targetHeader:
			b.WriteString(target)
		case createdHeader:
			b.WriteString(s.created)
		case expiresHeader:
			b.WriteString(s.expires)
		default:
			list := values(req, name)
			if len(list) == 0 {
				return "", name
			}
			for j, value := range list {
				if j > 0 {
					b.WriteString(", ")
				}
				b.WriteString(strings.TrimSpace(value))
			}
		}
	}
	return b.String(), ""
}
