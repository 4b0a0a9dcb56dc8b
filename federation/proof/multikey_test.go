package proof_test

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"

	"drystone/federation/proof"
)

// The vectors of FEP-521a, fep-521a.feature.
const (
	ed25519Hex = "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6"
	ed25519Key = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	rsaHex     = "3082010a0282010100b1b5fcd8d4d5e88ca5c4287b31f578865caf6a78826a3b8ff7b1b23aa4af4e6a0474139f945bd9d3a911ffd0fa72db78e4593a86c91f9da836186ebd3402d51f6a3844247ab5088b46929c311b43604fed84499f06f0f39bf55590e2187f1bbe229ba8f49fd2e570cd0e3733c76bfede80e1e7e0881e4538ea1bc5782be9512f8bf132526e05f4923564fe6e1e21bf7087adebb660fa533fca06d0a8e66991e1312d70b64a61da8ca77c028cdf939601e2cffe2855759b1d479f0847bcac59d7d62427a431d4e3dfd2697428b9dd6309a7b1167db99fe01af1ff1b739566fb949e47089d1dae84aef1214ef7f5773e86a0d3e9da246f9bec09d60c705891183d0203010001"
	rsaKey     = "z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5dbkm9qsZsuVNjq8HCuW1w24nhBFGkRE4cd2Uf2tfrB3N7h4mnyPp1BF3ZttHTYv3DLUPi1zMdkULiow3M1GfXkoC6DoxDUm1jmN6GBj22SjVsr6dxezRVQc7aj9TxE7JLbMH1wh5X3kA58H3DFW8rnYMakFGbca5CB2Jf6CnGQZmL7o5uJAdTwXfy2iiiyPxXEGerMhHwhjTA1mKYobyk2CpeEcmvynADfNZ5MBvcCS7m3XkFCMNUYBS9NQ3fze6vMSUPsNa6GVYmKx2x6JrdEjCk3qRMMmyjnjCMfR4pXbRMZa3i"
)

func TestMultikey(t *testing.T) {
	raw, err := hex.DecodeString(ed25519Hex)
	if err != nil {
		t.Fatal(err)
	}
	der, err := hex.DecodeString(rsaHex)
	if err != nil {
		t.Fatal(err)
	}
	long, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	short := ed25519.PublicKey(raw)
	for _, test := range []struct {
		key   interface{ Equal(any) bool }
		write func() (string, error)
		want  string
	}{
		{equals(func(x any) bool { k, ok := x.(ed25519.PublicKey); return ok && short.Equal(k) }), func() (string, error) { return proof.Multikey(short) }, ed25519Key},
		{equals(func(x any) bool { k, ok := x.(*rsa.PublicKey); return ok && long.Equal(k) }), func() (string, error) { return proof.Multikey(long) }, rsaKey},
	} {
		if got, err := test.write(); err != nil || got != test.want {
			t.Errorf("the key is written as %s, want %s (%v)", got, test.want, err)
		}
		if got, err := proof.ParseMultikey(test.want); err != nil || !test.key.Equal(got) {
			t.Errorf("%s was read as %v (%v)", test.want, got, err)
		}
	}
}

type equals func(any) bool

func (e equals) Equal(x any) bool { return e(x) }

func TestMultikeyThatIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":              "",
		"only a base":          "z",
		"another base":         "m" + ed25519Key[1:],
		"a letter that is not": strings.Replace(ed25519Key, "k", "l", 1),
		"a byte less":          ed25519Key[:len(ed25519Key)-2],
		"a private key":        "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
		"half an RSA key":      rsaKey[:300],
		"leading zeros":        "z1" + ed25519Key[1:],
		"too long":             "z" + strings.Repeat("6", 1<<20),
	} {
		if key, err := proof.ParseMultikey(text); err == nil {
			t.Errorf("%s: %.60q was read as %v", name, text, key)
		}
	}
	if text, err := proof.Multikey("a key"); err == nil {
		t.Errorf("a string was written as %s", text)
	}
}

// FuzzMultikey: whatever is read is written the same again.
func FuzzMultikey(f *testing.F) {
	f.Add(ed25519Key)
	f.Add(rsaKey)
	f.Add("z11112")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := proof.ParseMultikey(text)
		if err != nil {
			return
		}
		if again, err := proof.Multikey(key); err != nil || again != text {
			t.Errorf("%q became %q (%v)", text, again, err)
		}
	})
}
