package accounts

import (
	"crypto/rand"
	"encoding/base64"

	"drystone/community"
)

// newSecret draws 256 bits and writes them behind prefix, for URLs and
// headers.
func newSecret(prefix string) string {
	return prefix + base64.RawURLEncoding.EncodeToString(drawn(32))
}

// drawn returns n random bytes.
func drawn(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// hashSecret is the form in which a secret of ours is stored.
func hashSecret(secret string) []byte { return community.HashSecret(secret) }
