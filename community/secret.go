package community

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// NewSecret draws 256 bits and writes them behind prefix, for URLs and
// headers.
func NewSecret(prefix string) string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// HashSecret is the form in which a secret of ours is stored. It needs no
// salt and no cost, since nobody can guess 256 bits.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
