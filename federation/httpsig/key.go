package httpsig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"

	"drystone/fault"
)

// The sizes of RSA keys in bits: ours, the least that is believed (some
// servers of the early fediverse made such keys), and the most, since the
// work of a verification grows with the square.
const (
	ownBits = 2048
	minBits = 1024
	maxBits = 8192
	maxPEM  = 16 << 10
)

// ParsePublicKey reads the publicKeyPem of an actor: RSA or Ed25519 as
// SubjectPublicKeyInfo, or RSA as PKCS #1. The errors are *Error.
func ParsePublicKey(text string) (crypto.PublicKey, error) {
	if len(text) > maxPEM {
		return nil, fail(BadKey, "The public key is longer than %d bytes", maxPEM)
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fail(BadKey, "The public key is not PEM")
	}
	var key any
	var err error
	if block.Type == "RSA PUBLIC KEY" {
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	} else {
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, fail(BadKey, "The public key cannot be read")
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(key); err != nil {
			return nil, err
		}
		return key, nil
	case ed25519.PublicKey:
		return key, nil
	}
	return nil, fail(BadKey, "The public key is neither RSA nor Ed25519")
}

func checkRSA(key *rsa.PublicKey) error {
	if key == nil || key.N == nil {
		return fail(BadKey, "There is no public key")
	}
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
		return fail(BadKey, "The RSA key has %d bits; between %d and %d are allowed, and %d are best",
			bits, minBits, maxBits, ownBits)
	}
	return nil
}

// GenerateKey makes a key for one of our actors: RSA with 2048 bits, which
// every peer can verify.
func GenerateKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, ownBits) }

// MarshalPrivate writes key as PEM in PKCS #8, to be stored.
func MarshalPrivate(key crypto.Signer) (_ string, err error) {
	defer fault.Wrap(&err, "httpsig.MarshalPrivate")

	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// ParsePrivate reads an RSA key that MarshalPrivate wrote. What is wrong with
// a private key never becomes part of a message.
func ParsePrivate(text string) (*rsa.PrivateKey, error) {
	parsed, err := parsePrivate(text)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fault.New(fault.Internal, "A private key is not RSA.")
	}
	return key, nil
}

// ParsePrivateEd25519 is ParsePrivate for the keys that documents are proved
// with.
func ParsePrivateEd25519(text string) (ed25519.PrivateKey, error) {
	parsed, err := parsePrivate(text)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fault.New(fault.Internal, "A private key is not Ed25519.")
	}
	return key, nil
}

func parsePrivate(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fault.New(fault.Internal, "A private key is not PEM.")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fault.New(fault.Internal, "A private key cannot be read.")
	}
	return parsed, nil
}

// PublicPEM writes the publicKeyPem of an actor, as SubjectPublicKeyInfo,
// which is the one form that Mastodon, GoToSocial and Lemmy all read.
func PublicPEM(key *rsa.PublicKey) (_ string, err error) {
	defer fault.Wrap(&err, "httpsig.PublicPEM")

	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
