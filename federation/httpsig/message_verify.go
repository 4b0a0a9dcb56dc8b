package httpsig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// maxUnexpiring is how old a signature by RFC 9421 may be that does not say
// when it ends; about what Mastodon allows. With an end it is maxPast.
const maxUnexpiring = time.Hour

// verifyMessage is Verify for RFC 9421.
func (s Signature) verifyMessage(req *http.Request, body []byte, pub crypto.PublicKey, want Expect) error {
	if err := s.checkComponents(req, body); err != nil {
		return err
	}
	if err := want.checkHost(req); err != nil {
		return err
	}
	if err := s.checkMessageTime(want.Now); err != nil {
		return err
	}
	if s.covers("content-digest") {
		if err := checkContentDigest(req.Header.Values("Content-Digest"), body); err != nil {
			return err
		}
	}
	check, err := s.messageChecker(pub)
	if err != nil {
		return err
	}
	scheme := want.Scheme
	if scheme == "" {
		scheme = "https"
	}
	for _, query := range s.queries(req) {
		text, absent := messageBase(req, s, partsOf(req, scheme, want.Host, query))
		if absent != "" {
			return fail(Malformed, "The signature covers the header %q, which is not there", absent)
		}
		if check([]byte(text)) {
			return nil
		}
	}
	return fail(BadSignature, "The signature does not match the request and the key %s", s.KeyID)
}

// queries are the readings of a target, as with the older scheme: a GET may
// have been signed without its query, unless it says that it was not.
func (s Signature) queries(req *http.Request) []bool {
	if req.Method == http.MethodGet && hasQuery(req) && !s.covers(queryPart) {
		return []bool{true, false}
	}
	return []bool{true}
}

func hasQuery(req *http.Request) bool { return strings.Contains(requestTarget(req, true), "?") }

// checkComponents makes sure that what matters cannot have been changed: the
// method, the whole target, and the body. Mastodon demands @target-uri; what
// adds up to it will do.
func (s Signature) checkComponents(req *http.Request, body []byte) error {
	whole, line := s.covers(targetPart), s.covers(requestPart)
	query := whole || line || s.covers(queryPart) || req.Method == http.MethodGet || !hasQuery(req)
	switch {
	case !s.covers(methodPart):
		return fail(Uncovered, "The signature does not cover %s", methodPart)
	case !whole && !s.covers(authorityPart) && !s.covers("host"):
		return fail(Uncovered, "The signature covers neither %s nor %s", targetPart, authorityPart)
	case !whole && !line && !s.covers(pathPart):
		return fail(Uncovered, "The signature covers neither %s nor %s", targetPart, pathPart)
	case !query:
		return fail(Uncovered, "The signature covers neither %s nor %s", targetPart, queryPart)
	case hasBody(req, body) && !s.covers("content-digest"):
		return fail(Uncovered, "The signature does not cover content-digest")
	}
	for _, name := range s.Headers {
		if strings.HasPrefix(name, "@") {
			continue
		}
		if err := s.checkPresent(req, name); err != nil {
			return err
		}
	}
	return nil
}

func (s Signature) checkMessageTime(now time.Time) error {
	if err := checkWindow("creation of the signature", s.Created, now); err != nil {
		return err
	}
	age := now.Sub(s.Created)
	switch {
	case s.Expires.IsZero() && age > maxUnexpiring:
		return fail(Stale, "The signature is %s old and does not say when it expires; then at most %s are allowed", spell(age), spell(maxUnexpiring))
	case !s.Expires.IsZero() && now.After(s.Expires):
		return fail(Stale, "The signature expired %s ago", spell(now.Sub(s.Expires)))
	}
	return nil
}

// checkContentDigest recomputes the digests of a body (RFC 9530). All that are
// of a known kind must match, and there must be one.
func checkContentDigest(headers []string, body []byte) error {
	for _, header := range headers {
		if len(header) > maxHeader {
			return fail(BadDigest, "The Content-Digest header is longer than %d bytes", maxHeader)
		}
	}
	dictionary, err := httpsfv.UnmarshalDictionary(headers)
	if err != nil {
		return fail(BadDigest, "The Content-Digest header cannot be read")
	}
	known := 0
	for _, name := range dictionary.Names() {
		sum := digest(name, body)
		if sum == nil {
			continue
		}
		member, _ := dictionary.Get(name)
		item, _ := member.(httpsfv.Item)
		claimed, _ := item.Value.([]byte)
		if subtle.ConstantTimeCompare(claimed, sum) != 1 {
			return fail(BadDigest, "The %s content digest does not match the body", name)
		}
		known++
	}
	if known == 0 {
		return fail(BadDigest, "The Content-Digest header lists neither sha-256 nor sha-512")
	}
	return nil
}

// messageChecker returns how to verify with pub what s.Algorithm claims: the
// names are those of the registry that RFC 9421 made, and a key whose kind
// leaves no choice needs none.
func (s Signature) messageChecker(pub crypto.PublicKey) (func(text []byte) bool, error) {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(key); err != nil {
			return nil, err
		}
		if s.Algorithm == "" || s.Algorithm == algorithmRSA {
			return func(text []byte) bool { return s.matchesRSA(key, []crypto.Hash{crypto.SHA256}, text) }, nil
		}
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return nil, fail(BadKey, "The key %s is broken", s.KeyID)
		}
		if s.Algorithm == "" || s.Algorithm == "ed25519" {
			return func(text []byte) bool { return ed25519.Verify(key, text, s.signature) }, nil
		}
	default:
		return nil, fail(BadKey, "The key %s is of a kind that is not supported", s.KeyID)
	}
	return nil, fail(BadAlgorithm, "The algorithm %q is not supported for the key %s", s.Algorithm, s.KeyID)
}
