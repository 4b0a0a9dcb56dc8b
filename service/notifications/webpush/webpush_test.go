package webpush

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
)

func decode(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestEncryptAsInTheRFC(t *testing.T) {
	ours, err := ecdh.P256().NewPrivateKey(decode(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	b := Browser{
		P256dh: decode(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
		Auth:   decode(t, "BTBZMqHH6r4Tts7J_aSIgg"),
	}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	got, err := b.encrypt([]byte("When I grow up, I want to be a watermelon"), ours, decode(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if text := base64.RawURLEncoding.EncodeToString(got); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestAuthorization(t *testing.T) {
	der, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	said, err := key.Authorization("https://push.example:8443/abc?x=1", "https://here.example/", now)
	if err != nil {
		t.Fatal(err)
	}
	token, public, _ := strings.Cut(strings.TrimPrefix(said, "vapid t="), ", k=")
	if want, _ := key.Public(); public != want || len(decode(t, public)) != 65 {
		t.Errorf("the key is %s", public)
	}
	parts := strings.Split(token, ".")
	var claims map[string]any
	if err := json.Unmarshal(decode(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	if claims["aud"] != "https://push.example:8443" || claims["sub"] != "https://here.example/" || claims["exp"] != float64(now.Add(tokenLife).Unix()) {
		t.Errorf("it says %v", claims)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature := decode(t, parts[2])
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(&key.private.PublicKey, sum[:], r, s) {
		t.Error("the signature does not fit")
	}
}

func TestBrowsersThatAreNone(t *testing.T) {
	for name, b := range map[string]Browser{
		"nothing":   {},
		"no point":  {P256dh: make([]byte, 65), Auth: make([]byte, 16)},
		"no secret": {P256dh: decode(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")},
	} {
		if err := b.Check(); err == nil {
			t.Errorf("%s is taken", name)
		}
		if name == "no secret" {
			continue
		}
		if _, err := b.Encrypt([]byte("x")); err == nil {
			t.Errorf("%s is written to", name)
		}
	}
}
