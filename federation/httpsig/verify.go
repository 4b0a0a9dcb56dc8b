package httpsig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Expect is what the receiver knows without asking the request.
type Expect struct {
	Host   string    // the name that requests to this server carry, with a port if it has one
	Scheme string    // how peers reach this server; https if empty
	Now    time.Time // the receiver's clock
}

func (want Expect) checkHost(req *http.Request) error {
	if got := host(req); want.Host == "" || !strings.EqualFold(got, want.Host) {
		return fail(WrongHost, "The request is meant for the host %q, which this is not", got)
	}
	return nil
}

// Verify says whether pub's owner signed req with body, now, for this host.
// The errors are *Error; nil means that the request is theirs.
//
// It requires that the method, the target, the host and the time are covered,
// and the digest where there is a body; it recomputes the digest.
func (s Signature) Verify(req *http.Request, body []byte, pub crypto.PublicKey, want Expect) error {
	if s.Scheme == Message {
		return s.verifyMessage(req, body, pub, want)
	}
	if err := s.checkCoverage(req, body); err != nil {
		return err
	}
	if err := want.checkHost(req); err != nil {
		return err
	}
	if err := s.checkTime(req, want.Now); err != nil {
		return err
	}
	if s.covers("digest") {
		if err := checkDigest(req.Header.Values("Digest"), body); err != nil {
			return err
		}
	}
	return s.checkSignature(req, pub)
}

func (s Signature) covers(name string) bool { return slices.Contains(s.Headers, name) }

// checkCoverage makes sure that what matters cannot have been changed.
func (s Signature) checkCoverage(req *http.Request, body []byte) error {
	required := []string{targetHeader, "host"}
	if hasBody(req, body) {
		required = append(required, "digest")
	}
	for _, name := range required {
		if !s.covers(name) {
			return fail(Uncovered, "The signature does not cover %s", name)
		}
	}
	if !s.covers("date") && !s.covers(createdHeader) {
		return fail(Uncovered, "The signature covers neither date nor (created)")
	}
	for _, name := range s.Headers {
		if err := s.checkPresent(req, name); err != nil {
			return err
		}
	}
	return nil
}

// checkPresent refuses a covered header that is not there, one that could be
// read in two ways, and times in an algorithm that has none (section 2.3).
func (s Signature) checkPresent(req *http.Request, name string) error {
	switch name {
	case targetHeader:
		return nil
	case createdHeader, expiresHeader:
		if strings.HasPrefix(s.Algorithm, "rsa-") {
			return fail(Malformed, "The algorithm %s does not go with %s", s.Algorithm, name)
		}
		if (name == createdHeader && s.created == "") || (name == expiresHeader && s.expires == "") {
			return fail(Malformed, "The signature covers %s, which it does not give", name)
		}
		return nil
	}
	list := values(req, name)
	if len(list) == 0 {
		return fail(Malformed, "The signature covers the header %q, which is not there", name)
	}
	if name == "date" && len(list) > 1 {
		return fail(Malformed, "There are %d Date headers", len(list))
	}
	return nil
}

// checkTime holds every covered time against the window. An expires that is
// not covered is honoured too: it can only make the window smaller.
func (s Signature) checkTime(req *http.Request, now time.Time) error {
	if s.covers("date") {
		date, err := http.ParseTime(req.Header.Get("Date"))
		if err != nil {
			return fail(Malformed, "The Date cannot be read")
		}
		if err := checkWindow("Date", date, now); err != nil {
			return err
		}
	}
	if s.covers(createdHeader) {
		if err := checkWindow("creation of the signature", s.Created, now); err != nil {
			return err
		}
	}
	if !s.Expires.IsZero() && now.After(s.Expires) {
		return fail(Stale, "The signature expired %s ago", spell(now.Sub(s.Expires)))
	}
	return nil
}

func checkWindow(what string, at, now time.Time) error {
	switch age := now.Sub(at); {
	case age > maxPast:
		return fail(Stale, "The %s is %s old; at most %s are allowed", what, spell(age), spell(maxPast))
	case age < -maxFuture:
		return fail(Stale, "The %s is %s in the future; at most %s is allowed", what, spell(-age), spell(maxFuture))
	}
	return nil
}

// checkSignature tries the few readings that are left: with and without the
// query for a GET (Mastodon signs it, Mbin and PieFed do not), and the two
// hashes that hs2019 stands for. At most four verifications.
func (s Signature) checkSignature(req *http.Request, pub crypto.PublicKey) error {
	check, err := s.checker(pub)
	if err != nil {
		return err
	}
	targets := []string{requestTarget(req, true)}
	if bare := requestTarget(req, false); req.Method == http.MethodGet && bare != targets[0] {
		targets = append(targets, bare)
	}
	for _, target := range targets {
		text, absent := signingString(req, target, s)
		if absent != "" {
			return fail(Malformed, "The signature covers the header %q, which is not there", absent)
		}
		if check([]byte(text)) {
			return nil
		}
	}
	return fail(BadSignature, "The signature does not match the request and the key %s", s.KeyID)
}

// checker returns how to verify with pub what s.Algorithm claims.
func (s Signature) checker(pub crypto.PublicKey) (func(text []byte) bool, error) {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(key); err != nil {
			return nil, err
		}
		hashes := map[string][]crypto.Hash{
			"":           {crypto.SHA256, crypto.SHA512},
			"hs2019":     {crypto.SHA256, crypto.SHA512}, // RSA-SHA256 in practice
			"rsa-sha256": {crypto.SHA256},
			"rsa-sha512": {crypto.SHA512},
		}[s.Algorithm]
		if hashes == nil {
			break
		}
		return func(text []byte) bool { return s.matchesRSA(key, hashes, text) }, nil
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return nil, fail(BadKey, "The key %s is broken", s.KeyID)
		}
		if s.Algorithm == "" || s.Algorithm == "hs2019" || s.Algorithm == "ed25519" {
			return func(text []byte) bool { return ed25519.Verify(key, text, s.signature) }, nil
		}
	default:
		return nil, fail(BadKey, "The key %s is of a kind that is not supported", s.KeyID)
	}
	return nil, fail(BadAlgorithm, "The algorithm %q is not supported for the key %s", s.Algorithm, s.KeyID)
}

func (s Signature) matchesRSA(key *rsa.PublicKey, hashes []crypto.Hash, text []byte) bool {
	for _, hash := range hashes {
		var sum []byte
		if hash == crypto.SHA512 {
			full := sha512.Sum512(text)
			sum = full[:]
		} else {
			full := sha256.Sum256(text)
			sum = full[:]
		}
		if rsa.VerifyPKCS1v15(key, hash, sum, s.signature) == nil {
			return true
		}
	}
	return false
}
