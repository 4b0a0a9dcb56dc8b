package httpsig

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"drystone/fault"
)

// A Shared is a signature that names neither host nor path, so that one serves
// every inbox that gets the same body: draft-cavage-12 over "date digest".
// Our own Verify refuses it, as do other servers. Who may use it, and for
// what, is in docs/adr/0007.
type Shared struct{ date, digest, signature string }

// Share signs body for every inbox.
func Share(body []byte, keyID string, key *rsa.PrivateKey, now time.Time) (_ Shared, err error) {
	defer fault.Wrap(&err, "httpsig.Share(%s)", keyID)

	if err := checkKeyID(keyID); err != nil {
		return Shared{}, err
	}
	sum := sha256.Sum256(body)
	s := Shared{date: now.UTC().Format(http.TimeFormat), digest: "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])}
	signature, err := signText(key, "date: "+s.date+"\ndigest: "+s.digest)
	s.signature = cavageHeader(keyID, []string{"date", "digest"}, signature)
	return s, err
}

// Sign puts the signature on a request that sends the body.
func (s Shared) Sign(req *http.Request) {
	clearSignature(req)
	req.Header.Set("Date", s.date)
	req.Header.Set("Digest", s.digest)
	req.Header.Set("Signature", s.signature)
}
