package accounts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// An authenticator is a virtual one with one passkey, and the browser around
// it. Its fields are what tests turn wrong.
type authenticator struct {
	origin  string
	rpID    string
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	flags   byte
}

// Flags of authenticator data (WebAuthn, 6.1).
const (
	userPresent  = 0x01
	userVerified = 0x04
	attested     = 0x40
)

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	return &authenticator{
		origin: "https://garden.test", rpID: "garden.test", id: drawn(32), flags: userPresent | userVerified,
		key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t),
	}
}

// options is what the browser reads of a ceremony's options.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"user"`
		RP struct {
			ID string `json:"id"`
		} `json:"rp"`
		RPID               string           `json:"rpId"`
		UserVerification   string           `json:"userVerification"`
		Attestation        string           `json:"attestation"`
		AllowCredentials   []map[string]any `json:"allowCredentials"`
		ExcludeCredentials []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
		AuthenticatorSelection struct {
			ResidentKey      string `json:"residentKey"`
			UserVerification string `json:"userVerification"`
		} `json:"authenticatorSelection"`
	} `json:"publicKey"`
}

// read turns a ceremony's options into JSON and back, as they travel.
func read(t *testing.T, begun *Begun) options {
	t.Helper()
	var o options
	if err := json.Unmarshal(must(json.Marshal(begun.Options))(t), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// create answers navigator.credentials.create.
func (a *authenticator) create(t *testing.T, begun *Begun) []byte {
	t.Helper()
	o := read(t, begun)
	a.handle = must(base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID))(t)
	point := must(a.key.PublicKey.Bytes())(t) // 4, x, y
	// COSE_Key: kty EC2, alg ES256, crv P-256, x, y.
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(point[1:33])...)
	cose = append(append(cose, 0x22), cborBytes(point[33:])...)

	data := a.data(attested)
	data = append(data, make([]byte, 16)...) // AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)

	object := append([]byte{0xa3}, cborText("fmt")...)
	object = append(append(object, cborText("none")...), cborText("attStmt")...)
	object = append(append(object, 0xa0), cborText("authData")...)
	object = append(object, cborBytes(data)...)
	return a.answer(t, map[string]any{
		"clientDataJSON":    b64(a.client(t, "webauthn.create", o)),
		"attestationObject": b64(object),
		"transports":        []string{"internal"},
	})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(t *testing.T, begun *Begun) []byte {
	t.Helper()
	a.counter++
	client := a.client(t, "webauthn.get", read(t, begun))
	data := a.data(0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, hash[:]...))
	signature := must(ecdsa.SignASN1(rand.Reader, a.key, digest[:]))(t)
	return a.answer(t, map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle),
	})
}

// data is the authenticator data without attested credentials.
func (a *authenticator) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(a.rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], a.flags|flags), a.counter)
}

func (a *authenticator) client(t *testing.T, kind string, o options) []byte {
	t.Helper()
	return must(json.Marshal(map[string]any{
		"type": kind, "challenge": o.PublicKey.Challenge, "origin": a.origin, "crossOrigin": false,
	}))(t)
}

func (a *authenticator) answer(t *testing.T, response map[string]any) []byte {
	t.Helper()
	return must(json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	}))(t)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// cborBytes and cborText write short strings in CBOR.
func cborBytes(b []byte) []byte { return append(cborHead(0x40, len(b)), b...) }
func cborText(s string) []byte  { return append(cborHead(0x60, len(s)), s...) }

func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 256:
		return []byte{major | 24, byte(n)}
	}
	return []byte{major | 25, byte(n >> 8), byte(n)}
}
