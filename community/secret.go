package community

import "crypto/sha256"

// HashSecret is the form in which a secret that we drew is stored. It needs no
// salt and no cost, since nobody can guess 256 bits.
func HashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
