package httpsig

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
)

func pemOf(t *testing.T, kind string, key any) string {
	t.Helper()
	var der []byte
	var err error
	if public, ok := key.(*rsa.PublicKey); ok && kind == "RSA PUBLIC KEY" {
		der = x509.MarshalPKCS1PublicKey(public)
	} else {
		der, err = x509.MarshalPKIXPublicKey(key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// modulus makes a number that only looks like a key of so many bits.
func modulus(bits uint) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
}

func TestParsePublicKey(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := pemOf(t, "PUBLIC KEY", &testKey().PublicKey)
	tests := []struct {
		name, text string
		want       string // part of the sentence
	}{
		{"PKIX", good, ""},
		{"PKCS #1", pemOf(t, "RSA PUBLIC KEY", &testKey().PublicKey), ""},
		{"Ed25519", pemOf(t, "PUBLIC KEY", edwards), ""},
		{"the draft's 1024 bits", draftKey, ""},
		{"8192 bits", pemOf(t, "PUBLIC KEY", modulus(8192)), ""},
		{"1023 bits", pemOf(t, "PUBLIC KEY", modulus(1023)), "has 1023 bits; between 1024 and 8192 are allowed, and 2048 are best"},
		{"8193 bits", pemOf(t, "PUBLIC KEY", modulus(8193)), "has 8193 bits"},
		{"an elliptic curve", pemOf(t, "PUBLIC KEY", &curve.PublicKey), "neither RSA nor Ed25519"},
		{"nothing", "", "not PEM"},
		{"prose", "my key", "not PEM"},
		{"no key inside", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be read"},
		{"too much", strings.Repeat("x", maxPEM) + good, "longer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParsePublicKey(test.text)
			if test.want == "" && (err != nil || key == nil) {
				t.Errorf("ParsePublicKey = %v, %v", key, err)
			}
			if test.want != "" && (err == nil || key != nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("ParsePublicKey = %v, %v, want %q", key, err, test.want)
			}
		})
	}
}

func TestPrivateKeyRoundTrip(t *testing.T) {
	text, err := MarshalPrivate(testKey())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePrivate(text)
	if err != nil || !key.Equal(testKey()) {
		t.Errorf("ParsePrivate = %v", err)
	}
	public, err := PublicPEM(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParsePublicKey(public)
	if err != nil || !testKey().PublicKey.Equal(parsed) {
		t.Errorf("ParsePublicKey(PublicPEM) = %v", err)
	}
	for _, broken := range []string{"", "x", public, strings.Replace(text, "M", "N", 1)} {
		if _, err := ParsePrivate(broken); err == nil || strings.Contains(err.Error(), "asn1") {
			t.Errorf("ParsePrivate of something broken = %v", err)
		}
	}
}
