package community

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"drystone/fault"
)

// A Challenge asks a browser to do some work before it makes an account: a
// second for a person, and much for who wants thousands. It is done in parts,
// so that it takes about as long for everybody and its progress can be shown.
//
// The seed is the SHA-256 of Text. For each part i, from 0, a nonce n is to be
// found for which the SHA-256 of seed, i and n (both as 32 bits, most
// significant byte first) begins with Bits zeros.
type Challenge struct {
	Text      string // signed, so that nothing of it has to be stored
	Bits      int
	Parts     int
	ExpiresAt time.Time
}

// Work is an answer to a challenge: its text, and a nonce for each part.
type Work struct {
	Challenge string
	Nonces    []uint32
}

// WorkParts is in how many parts work is done, and WorkLife how long it may
// take.
const (
	WorkParts = 16
	WorkLife  = 15 * time.Minute
)

// NewChallenge asks for work. key signs it, random tells it from all others.
func NewChallenge(key, random []byte, bits int, now time.Time) Challenge {
	expires := now.Add(WorkLife).Truncate(time.Second)
	text := fmt.Sprintf("w1.%d.%d.%d.%s", bits, WorkParts, expires.Unix(), base64.RawURLEncoding.EncodeToString(random))
	return Challenge{Text: text + "." + seal(key, text), Bits: bits, Parts: WorkParts, ExpiresAt: expires}
}

func seal(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check reports why work does not count. That it counts once only is for the
// caller to see to: the challenge that it returns is to be remembered until it
// expires.
func (w Work) Check(key []byte, now time.Time) (*Challenge, error) {
	bad := fault.Field("proof", "The work that your browser did does not fit. Try again.")
	if len(w.Challenge) > 300 {
		return nil, bad
	}
	at := strings.LastIndexByte(w.Challenge, '.')
	if at < 0 || !hmac.Equal([]byte(seal(key, w.Challenge[:at])), []byte(w.Challenge[at+1:])) {
		return nil, bad
	}
	parts := strings.Split(w.Challenge[:at], ".")
	if len(parts) != 5 || parts[0] != "w1" {
		return nil, bad
	}
	var numbers [3]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil {
			return nil, bad
		}
		numbers[i] = n
	}
	c := &Challenge{Text: w.Challenge, Bits: int(numbers[0]), Parts: int(numbers[1]), ExpiresAt: time.Unix(numbers[2], 0).UTC()}
	if !now.Before(c.ExpiresAt) {
		return nil, fault.Field("proof", "That took longer than a quarter of an hour. Try again.")
	}
	if len(w.Nonces) != c.Parts {
		return nil, bad
	}
	for i, nonce := range w.Nonces {
		if c.zeros(i, nonce) < c.Bits {
			return nil, bad
		}
	}
	return c, nil
}

// zeros is how many zeros the hash of a part begins with.
func (c *Challenge) zeros(part int, nonce uint32) int {
	seed := sha256.Sum256([]byte(c.Text))
	block := binary.BigEndian.AppendUint32(seed[:], uint32(part)) //nolint:gosec // there are sixteen
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(block, nonce))
	return bits.LeadingZeros64(binary.BigEndian.Uint64(sum[:8]))
}

// Solve does the work, as a program that makes accounts here has to.
func (c *Challenge) Solve() Work {
	w := Work{Challenge: c.Text, Nonces: make([]uint32, c.Parts)}
	for i := range w.Nonces {
		for c.zeros(i, w.Nonces[i]) < c.Bits {
			w.Nonces[i]++
		}
	}
	return w
}

// Hardened is how many bits are asked for while so many accounts are made in
// an hour: twice the work for each doubling beyond ten. Zero stays zero.
func Hardened(bits int, lastHour int64) int {
	for most := int64(10); bits > 0 && lastHour > most && bits < MostProof; most *= 2 {
		bits++
	}
	return bits
}
