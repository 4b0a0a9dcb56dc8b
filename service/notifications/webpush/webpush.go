// Package webpush writes messages that ring in a browser: encrypted for that
// browser alone (RFC 8291, in the form of RFC 8188), and with a word from whom
// they come (RFC 8292).
//
// Whom to ring, and what about, belongs to service/notifications.
package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Bounds of a message.
const (
	MaxPayload = 3000 // bytes; push services take 4096 in all
	recordSize = 4096
	// tokenLife is how long a word from us holds; a day is the most allowed.
	tokenLife = 12 * time.Hour
)

// A Browser is whom a message is for.
type Browser struct {
	Endpoint string
	P256dh   []byte // its public key, as an uncompressed point
	Auth     []byte // its secret, of 16 bytes
}

// Check reports what is wrong with what a browser says of itself.
func (b Browser) Check() error {
	if _, err := ecdh.P256().NewPublicKey(b.P256dh); err != nil {
		return fmt.Errorf("webpush: the key is no point on P-256: %w", err)
	}
	if len(b.Auth) != 16 {
		return errors.New("webpush: the secret has not 16 bytes")
	}
	return nil
}

// Encrypt writes a payload so that only the browser can read it.
func (b Browser) Encrypt(payload []byte) ([]byte, error) {
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	return b.encrypt(payload, ours, salt)
}

func (b Browser) encrypt(payload []byte, ours *ecdh.PrivateKey, salt []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, errors.New("webpush: the payload is too long")
	}
	theirs, err := ecdh.P256().NewPublicKey(b.P256dh)
	if err != nil {
		return nil, err
	}
	shared, err := ours.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	point := ours.PublicKey().Bytes()
	info := "WebPush: info\x00" + string(b.P256dh) + string(point)
	secret, err := hkdf.Key(sha256.New, shared, b.Auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	message := binary.BigEndian.AppendUint32(append([]byte{}, salt...), recordSize)
	message = append(append(message, byte(len(point))), point...)
	return sealer.Seal(message, nonce, append(append([]byte{}, payload...), 2), nil), nil // 2: the last record
}

// A Key is with what this server says that a message is from it.
type Key struct{ private *ecdsa.PrivateKey }

// NewKey draws a key, in the form in which it is kept.
func NewKey() ([]byte, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// ParseKey reads a key.
func ParseKey(der []byte) (*Key, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, is := key.(*ecdsa.PrivateKey)
	if !is {
		return nil, errors.New("webpush: this is no key on P-256")
	}
	return &Key{private}, nil
}

// Public is the key as browsers are told it.
func (k *Key) Public() (string, error) {
	public, err := k.private.PublicKey.ECDH()
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(public.Bytes()), nil
}

// Authorization is what a request to an endpoint says of whom it is from:
// subject is an address at which to reach them.
func (k *Key) Authorization(endpoint, subject string, now time.Time) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"aud": u.Scheme + "://" + u.Host, "exp": now.Add(tokenLife).Unix(), "sub": subject})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	said := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(said))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", err
	}
	public, err := k.Public()
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + said + "." + encode(signature) + ", k=" + public, nil
}
