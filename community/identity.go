package community

import "time"

// An Identity ties an account to somebody whom a provider of sign-in (OpenID
// Connect) vouches for: what a company calls its people. Issuer and Subject
// together never change and are never given to somebody else (OpenID Connect
// Core, section 5.7); names and addresses are, so nothing is decided by them.
type Identity struct {
	Issuer     string `bun:",pk"`
	Subject    string `bun:",pk"`
	AccountID  AccountID
	Name       string // what the provider calls them, for them to recognise it
	CreatedAt  time.Time
	LastUsedAt time.Time `bun:",nullzero"`
}
