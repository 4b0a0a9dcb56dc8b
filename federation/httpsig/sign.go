package httpsig

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"drystone/fault"
)

// activityJSON stands in for an Accept or Content-Type that was not set.
const activityJSON = "application/activity+json"

// algorithmRSA is what RFC 9421 calls the algorithm that everybody has.
const algorithmRSA = "rsa-v1_5-sha256"

// A Style is one of the ways in which peers want requests signed. The zero
// Style is the one that nearly all of them accept.
type Style struct {
	Scheme   Scheme
	PathOnly bool // the query is not signed
}

// Sign signs req in the zero Style.
func Sign(req *http.Request, body []byte, keyID string, key *rsa.PrivateKey, now time.Time) error {
	return Style{}.Sign(req, body, keyID, key, now)
}

// Sign signs req on behalf of keyID and sets the headers that this takes, of
// one scheme alone (FEDERATION.md, section 6). By the older one it is
// rsa-sha256 over "(request-target) host date digest content-type", or for a
// request without body over "(request-target) host date accept"; by RFC 9421
// it covers @method, @target-uri and, with a body, content-digest.
//
// Body must be what will be sent; req itself is not read. The Host header
// must not be changed afterwards.
func (style Style) Sign(req *http.Request, body []byte, keyID string, key *rsa.PrivateKey, now time.Time) (err error) {
	defer fault.Wrap(&err, "httpsig.Sign(%s)", keyID)

	if err := checkKeyID(keyID); err != nil {
		return err
	}
	clearSignature(req)
	if style.Scheme == Message {
		return style.signMessage(req, body, keyID, key, now)
	}
	return style.signCavage(req, body, keyID, key, now)
}

// checkKeyID refuses what would end a quoted string.
func checkKeyID(keyID string) error {
	if keyID == "" || strings.ContainsFunc(keyID, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) {
		return fault.New(fault.Internal, "%q cannot be a key id.", keyID)
	}
	return nil
}

// clearSignature takes off what another way of signing may have left.
func clearSignature(req *http.Request) {
	for _, name := range []string{"Signature", "Signature-Input", "Digest", "Content-Digest"} {
		req.Header.Del(name)
	}
}

func (style Style) signCavage(req *http.Request, body []byte, keyID string, key *rsa.PrivateKey, now time.Time) error {
	s := Signature{KeyID: keyID, Headers: []string{targetHeader, "host", "date", "accept"}}
	kind := "Accept"
	if hasBody(req, body) {
		s.Headers = []string{targetHeader, "host", "date", "digest", "content-type"}
		kind = "Content-Type"
		sum := sha256.Sum256(body)
		req.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	}
	if req.Header.Get(kind) == "" {
		req.Header.Set(kind, activityJSON)
	}
	req.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	s.Headers = append(s.Headers, besides(req)...)

	text, absent := signingString(req, requestTarget(req, !style.PathOnly), s)
	if absent != "" {
		return fault.New(fault.Internal, "The request has no %s.", absent)
	}
	signature, err := signText(key, text)
	if err != nil {
		return err
	}
	req.Header.Set("Signature", cavageHeader(keyID, s.Headers, signature))
	return nil
}

// besides are headers that mean something to the receiver (FEP-8fcf), and are
// covered where they are set.
func besides(req *http.Request) []string {
	if req.Header.Get("Collection-Synchronization") == "" {
		return nil
	}
	return []string{"collection-synchronization"}
}

// cavageHeader is the Signature header of the older scheme.
func cavageHeader(keyID string, covered []string, signature string) string {
	return `keyId="` + keyID + `",algorithm="rsa-sha256",headers="` + strings.Join(covered, " ") + `",signature="` + signature + `"`
}

func (style Style) signMessage(req *http.Request, body []byte, keyID string, key *rsa.PrivateKey, now time.Time) error {
	s := Signature{Headers: []string{methodPart, targetPart}}
	if hasBody(req, body) {
		sum := sha256.Sum256(body)
		req.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
		s.Headers = append(s.Headers, "content-digest")
	}
	s.Headers = append(s.Headers, besides(req)...)
	s.params = fmt.Sprintf(`("%s");created=%d;keyid="%s";alg="%s"`,
		strings.Join(s.Headers, `" "`), now.Unix(), keyID, algorithmRSA)
	text, absent := messageBase(req, s, partsOf(req, req.URL.Scheme, host(req), !style.PathOnly))
	if absent != "" {
		return fault.New(fault.Internal, "The request has no %s.", absent)
	}
	signature, err := signText(key, text)
	if err != nil {
		return err
	}
	req.Header.Set("Signature-Input", "sig1="+s.params)
	req.Header.Set("Signature", "sig1=:"+signature+":")
	return nil
}

// signText returns the base64 of what key makes of text.
func signText(key *rsa.PrivateKey, text string) (string, error) {
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	return base64.StdEncoding.EncodeToString(signature), err
}

// hasBody reports whether req is one whose body matters, even if it is empty.
func hasBody(req *http.Request, body []byte) bool {
	return len(body) > 0 || (req.Method != http.MethodGet && req.Method != http.MethodHead)
}
