package proof

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"

	"drystone/fault"
)

// The kinds of key, as multicodec writes them before the key.
var (
	ed25519Code = []byte{0xed, 0x01}
	rsaCode     = []byte{0x85, 0x24}
)

// Multikey writes a public key, Ed25519 or RSA, as the publicKeyMultibase of a
// Multikey.
func Multikey(key crypto.PublicKey) (string, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return encode(append(bytes.Clone(ed25519Code), key...)), nil
	case *rsa.PublicKey:
		return encode(append(bytes.Clone(rsaCode), x509.MarshalPKCS1PublicKey(key)...)), nil
	}
	return "", fault.New(fault.Internal, "A %T cannot be written as a Multikey.", key)
}

// ParseMultikey reads a publicKeyMultibase. How long an RSA key may be is not
// its matter.
func ParseMultikey(text string) (crypto.PublicKey, error) {
	data, err := decode(text)
	if err != nil {
		return nil, err
	}
	if key, ok := bytes.CutPrefix(data, ed25519Code); ok && len(key) == ed25519.PublicKeySize {
		return ed25519.PublicKey(key), nil
	}
	if der, ok := bytes.CutPrefix(data, rsaCode); ok {
		key, err := x509.ParsePKCS1PublicKey(der)
		if err != nil {
			return nil, fault.Because(err, fault.Invalid, "The RSA key in a Multikey cannot be read.")
		}
		return key, nil
	}
	return nil, fault.New(fault.Invalid, "The Multikey %.60q is neither Ed25519 nor RSA.", text)
}
