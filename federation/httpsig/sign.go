package httpsig

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"drystone/fault"
)

// activityJSON stands in for an Accept or Content-Type that was not set.
const activityJSON = "application/activity+json"

// Sign signs req on behalf of keyID and sets Date, Digest and Signature. The
// form is the one that every peer accepts (FEDERATION.md, section 6):
// rsa-sha256 over "(request-target) host date digest content-type", or for a
// request without body over "(request-target) host date accept".
//
// Body must be what will be sent; req itself is not read. The Host header
// must not be changed afterwards.
func Sign(req *http.Request, body []byte, keyID string, key *rsa.PrivateKey, now time.Time) (err error) {
	defer fault.Wrap(&err, "httpsig.Sign(%s)", keyID)

	if strings.ContainsAny(keyID, "\"\\\r\n") || keyID == "" {
		return fault.New(fault.Internal, "%q cannot be a key id.", keyID)
	}
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

	text, absent := signingString(req, requestTarget(req, true), s)
	if absent != "" {
		return fault.New(fault.Internal, "The request has no %s.", absent)
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return err
	}
	req.Header.Set("Signature", `keyId="`+keyID+`",algorithm="rsa-sha256",headers="`+
		strings.Join(s.Headers, " ")+`",signature="`+base64.StdEncoding.EncodeToString(signature)+`"`)
	return nil
}

// hasBody reports whether req is one whose body matters, even if it is empty.
func hasBody(req *http.Request, body []byte) bool {
	return len(body) > 0 || (req.Method != http.MethodGet && req.Method != http.MethodHead)
}
