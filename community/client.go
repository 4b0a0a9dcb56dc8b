package community

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"time"
)

// ClientID names a client in the database. Other people know it by its Key.
type ClientID int64

// A Client is a program that somebody made for people of this server, as it
// said of itself when it registered (RFC 7591). Nothing of it is proven but
// that whoever holds its secret registered it.
type Client struct {
	ID         ClientID `bun:",pk,autoincrement"`
	Key        string   // the client_id
	SecretHash []byte   // SHA-256; none for a program that can keep no secret
	Method     string   // how it shows the secret: none, client_secret_basic or client_secret_post
	Name       string
	URI        string // its home page; empty, or https
	Redirects  string // the addresses that people are sent back to, one a line
	Scopes     Scopes // the most that it asks for; empty: it did not say
	CreatedAt  time.Time
}

// Confidential reports whether the client has a secret.
func (c *Client) Confidential() bool { return len(c.SecretHash) > 0 }

// RedirectURIs are the addresses that the client registered.
func (c *Client) RedirectURIs() []string { return strings.Fields(c.Redirects) }

// SendsTo reports whether people may be sent to address for the client: it
// is one that it registered, letter by letter. Only the port of a program on
// the person's own machine is free (RFC 8252 section 7.3).
func (c *Client) SendsTo(address string) bool {
	for _, registered := range c.RedirectURIs() {
		if address == registered || sameLoopback(address, registered) {
			return true
		}
	}
	return false
}

// Proven reports whether only the client itself gets what is sent to address.
// Any program on somebody's machine may listen on a port, or claim a scheme.
func (c *Client) Proven(address string) bool {
	return c.Confidential() || strings.HasPrefix(address, "https://")
}

// sameLoopback reports whether two addresses are of programs on the reader's
// own machine and differ in their ports alone.
func sameLoopback(a, b string) bool {
	one, hereOne := loopback(a)
	other, hereOther := loopback(b)
	return hereOne && hereOther && one == other
}

// loopback takes the port out of an address on the reader's own machine.
func loopback(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || !plainAddress(address) || u.Scheme != "http" || u.User != nil || !isLoopback(u.Hostname()) {
		return "", false
	}
	rest, found := strings.CutPrefix(address, "http://"+u.Host)
	return u.Hostname() + rest, found
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || host == "127.0.0.1" || ip != nil && ip.Equal(net.IPv6loopback)
}

// Bounds of what a client says of itself.
const (
	MaxClientName = 60   // in characters
	MaxRedirect   = 1000 // in bytes, one address
	MaxRedirects  = 10
)

// WrongRedirect says why people cannot be sent to address for any client, or
// nothing.
func WrongRedirect(address string) string {
	u, err := url.Parse(address)
	switch {
	case len(address) > MaxRedirect:
		return "is too long"
	case err != nil || !plainAddress(address) || u.Scheme == "":
		return "is not a whole address in plain ASCII"
	case strings.Contains(address, "#"):
		return "has a fragment"
	case u.User != nil:
		return "has a name or a password in it"
	case u.Scheme == "https":
		if !strings.HasPrefix(address, "https://") || !isHost(u.Hostname()) {
			return "needs a host"
		}
		return ""
	case u.Scheme == "http":
		if _, here := loopback(address); !here {
			return "is neither https nor an address of the reader's own machine"
		}
		return ""
	case !strings.Contains(u.Scheme, "."):
		// javascript:, data: and file: are of this kind, as are names that
		// another program may claim.
		return "has a scheme that is neither https nor the reverse of a domain, like com.example.app"
	}
	return ""
}

// PlaceOf is where an address leads, as people know it: a host, or the scheme
// of a program on their own device.
func PlaceOf(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return ""
	case u.Scheme == "https":
		return u.Host
	case u.Scheme == "http":
		return "localhost"
	}
	return u.Scheme
}

// isHost reports whether text is a name or number of a host, and nothing that
// means something else elsewhere, as in a policy for browsers.
func isHost(text string) bool {
	return strings.Trim(text, ".-") != "" && strings.IndexFunc(text, func(r rune) bool {
		return !unreserved(r) && r != ':' || r == '~'
	}) < 0
}

// plainAddress reports whether browsers and we read address the same way: it
// has nothing in it that browsers mend.
func plainAddress(address string) bool {
	for _, r := range address {
		if r <= ' ' || r >= 0x7F || strings.ContainsRune("\\\"<>^`{|}", r) {
			return false
		}
	}
	return address != ""
}

// PermitID names a permit.
type PermitID int64

// A Permit is that somebody let a client act for them. It is what consent
// leaves behind: the same scopes are not asked for again, and taking it away
// takes away all that the client holds.
type Permit struct {
	ID         PermitID `bun:",pk,autoincrement"`
	AccountID  AccountID
	ClientID   ClientID
	Scopes     Scopes // all that was ever agreed to
	CreatedAt  time.Time
	LastUsedAt time.Time `bun:",nullzero"`
}

// AuthorizationID names an authorization.
type AuthorizationID int64

// An Authorization is one sign-in of a client: a code, then everything that
// came of it. Each secret is good once; whoever shows an old one shows that
// two hold it, and the whole authorization ends.
type Authorization struct {
	ID          AuthorizationID `bun:",pk,autoincrement"`
	PermitID    PermitID
	Redirect    string // where the code was sent
	Challenge   string // of PKCE, S256
	Scopes      Scopes
	CodeHash    []byte
	RedeemedAt  time.Time `bun:",nullzero"` // when the code became tokens
	FamilyHash  []byte    // of what all its refresh tokens begin with
	RefreshHash []byte    // of what the only good one ends with
	CreatedAt   time.Time
	ExpiresAt   time.Time // of the code, then of the refresh token
	Via         string    // by whose word the browser was signed in that let the client in; see Session
}

// AccessPrefix is what the access tokens of clients begin with.
const AccessPrefix = "dsa_"

// How long codes and tokens of clients live. A refresh token lives for so
// long after its last use.
const (
	CodeLife    = time.Minute
	AccessLife  = time.Hour
	RefreshLife = 90 * 24 * time.Hour
)

// Expired reports whether the code, or the refresh token, is too old.
func (a *Authorization) Expired(now time.Time) bool { return !now.Before(a.ExpiresAt) }

// Answers reports whether verifier is what the client kept to itself when it
// asked for the code (RFC 7636, S256).
func (a *Authorization) Answers(verifier string) bool {
	if !isVerifier(verifier) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	answer := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(answer), []byte(a.Challenge)) == 1
}

// isVerifier reports whether text has the form of a code verifier.
func isVerifier(text string) bool {
	return len(text) >= 43 && len(text) <= 128 && strings.IndexFunc(text, func(r rune) bool {
		return !unreserved(r)
	}) < 0
}

// IsChallenge reports whether text is a SHA-256 in base64url, as S256 has it.
func IsChallenge(text string) bool {
	sum, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(sum) == sha256.Size && !strings.ContainsAny(text, "\r\n")
}

func unreserved(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
}
