package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
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

// hashSecret is the form in which a secret of ours is stored. It needs no
// salt and no cost, since nobody can guess 256 bits.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
