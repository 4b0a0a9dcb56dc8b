package httpsig

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// checkDigest recomputes the digests of a body (RFC 3230, RFC 5843). All that
// are of a known kind must match, and there must be one.
func checkDigest(headers []string, body []byte) error {
	var known, listed int
	for _, header := range headers {
		for item := range strings.SplitSeq(header, ",") {
			if listed++; listed > maxDigests {
				return fail(BadDigest, "The Digest header lists more than %d digests", maxDigests)
			}
			name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			sum := digest(name, body)
			if sum == nil {
				continue
			}
			known++
			claimed, err := base64.StdEncoding.DecodeString(value)
			if err != nil || subtle.ConstantTimeCompare(claimed, sum) != 1 {
				return fail(BadDigest, "The %s digest does not match the body", strings.ToUpper(name))
			}
		}
	}
	if known == 0 {
		return fail(BadDigest, "The Digest header lists neither SHA-256 nor SHA-512")
	}
	return nil
}

// digest returns nil for a name that is not known.
func digest(name string, body []byte) []byte {
	switch strings.ToUpper(name) {
	case "SHA-256":
		sum := sha256.Sum256(body)
		return sum[:]
	case "SHA-512":
		sum := sha512.Sum512(body)
		return sum[:]
	}
	return nil
}
