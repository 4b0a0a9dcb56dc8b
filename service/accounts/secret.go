package accounts

import (
	"crypto/rand"

	"drystone/community"
)

// newSecret draws a secret that begins with prefix.
func newSecret(prefix string) string { return community.NewSecret(prefix) }

// hashSecret is the form in which it is stored.
func hashSecret(secret string) []byte { return community.HashSecret(secret) }

// drawn returns n random bytes.
func drawn(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}
