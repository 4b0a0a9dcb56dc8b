package community

import (
	"net/mail"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"drystone/fault"
)

// AccountID names a local account.
type AccountID int64

// An Account is how a person signs in here. What others see of them is their
// Actor.
type Account struct {
	ID           AccountID `bun:",pk,autoincrement"`
	ActorID      ActorID
	Email        string
	EmailKey     string // Email as addresses are compared
	PasswordHash string // argon2id, PHC form; empty when they only use passkeys
	Admin        bool
	CreatedAt    time.Time

	LeavesAll     bool // what they wrote goes with them, where they are leaving
	LeaveReminded bool

	ReadUpTo NotificationID // notifications up to this one were seen
	ActiveAt time.Time      `bun:",nullzero"` // when they last posted, commented or voted, to the day

	EmailVerifiedAt time.Time `bun:",nullzero"` // when they showed that they read Email; zero: it proves nothing

	Granted bool         // has roles on this server that were given, now or later
	Grants  []*RoleGrant `bun:"-"` // which; storage reads them where Granted is set
}

// An AccountView is an account as administrators see it, with whose it is.
type AccountView struct {
	*Account
	Actor *Actor
	Ways  Ways
}

// Ways are those into an account.
type Ways struct {
	Password bool // that this server takes
	Codes    bool // of an app, asked for beside the password
	Passkeys int
	Company  bool // a provider vouches for its owner
}

// Guard is how an account is protected: by the weakest way in.
type Guard string

// The guards, strongest first.
const (
	ByPasskey         Guard = "passkey"
	ByCompany         Guard = "company" // as good as the company's own door
	ByPasswordAndCode Guard = "password_and_code"
	ByPassword        Guard = "password"
	ByNothing         Guard = "none" // nobody gets in without a link or a recovery code
)

// Guard is how an account with these ways in is protected. A passkey beside a
// password makes signing in easier, and the account no safer.
func (w Ways) Guard() Guard {
	switch {
	case w.Password && !w.Codes:
		return ByPassword
	case w.Password:
		return ByPasswordAndCode
	case w.Company:
		return ByCompany
	case w.Passkeys > 0:
		return ByPasskey
	}
	return ByNothing
}

// VerifiedEmail is the address that the account's owner reads, or nothing.
func (a *Account) VerifiedEmail() string {
	if a.EmailVerifiedAt.IsZero() {
		return ""
	}
	return a.Email
}

// SetEmail writes down an address, verified at a time or, at zero, not.
func (a *Account) SetEmail(address string, verified time.Time) {
	a.Email, a.EmailKey, a.EmailVerifiedAt = address, FoldEmail(address), verified
}

// FoldEmail is the form under which addresses are compared: two that differ
// only in case, or in how a letter is encoded, are one.
func FoldEmail(address string) string { return strings.ToLower(norm.NFKC.String(address)) }

// CheckEmail reports why text cannot be an e-mail address. Empty is fine.
func CheckEmail(text string) error {
	if text == "" {
		return nil
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text || len(text) > 254 || strings.ContainsFunc(text, turns) {
		return fault.Field("email", "That does not look like an e-mail address.")
	}
	return nil
}

// SessionID names a session.
type SessionID int64

// SessionKind tells a browser's cookie from a token for programs: one never
// works as the other. The words are stored.
type SessionKind string

// The kinds of session.
const (
	BrowserSession SessionKind = "browser"
	TokenSession   SessionKind = "token"
	ClientSession  SessionKind = "client" // an access token of a client
)

// A Session is a signed-in browser or an API token. Only a hash of its secret
// is kept.
type Session struct {
	ID         SessionID `bun:",pk,autoincrement"`
	AccountID  AccountID
	Kind       SessionKind
	Name       string // a token's name, or the browser's user agent
	Hash       []byte // SHA-256 of the secret
	CreatedAt  time.Time
	LastUsedAt time.Time `bun:",nullzero"`
	ExpiresAt  time.Time `bun:",nullzero"` // zero: until it is revoked
	Scopes     Scopes    // what a token is for; a browser has no need of them
	Via        string    // by whose word a browser was signed in; empty: by what only its owner has
	// ConfirmedAt is when its owner last proved that it is them: a password, a
	// passkey or a code. A token never is confirmed.
	ConfirmedAt time.Time `bun:",nullzero"`

	AuthorizationID AuthorizationID `bun:",nullzero"` // of a client's access token
}

// May reports whether the session is good for what needs scope. A browser is
// its person, and may do whatever they may.
func (s *Session) May(scope Scope) bool {
	return s.Kind == BrowserSession || s.Scopes.Include(scope)
}

// Powers are the scopes that the session can pass on.
func (s *Session) Powers() Scopes {
	if s.Kind == BrowserSession {
		return AllScopes
	}
	return s.Scopes
}

// ConfirmationLife is how long a proof of who is there is good for what is
// dangerous.
const ConfirmationLife = 10 * time.Minute

// Confirmed reports whether the session's owner proved lately that it is
// them. No token does: whoever stole it could use it for as long.
func (s *Session) Confirmed(now time.Time) bool {
	return s.Kind == BrowserSession && !s.ConfirmedAt.IsZero() && now.Before(s.ConfirmedAt.Add(ConfirmationLife))
}

// SessionLife is how long a browser stays signed in without being used.
const SessionLife = 60 * 24 * time.Hour

// Expired reports whether the session no longer signs anybody in.
func (s *Session) Expired(now time.Time) bool {
	return !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt)
}

// PasskeyID names a passkey.
type PasskeyID int64

// A Passkey is one WebAuthn credential of an account.
type Passkey struct {
	ID           PasskeyID `bun:",pk,autoincrement"`
	AccountID    AccountID
	CredentialID []byte
	Name         string
	Credential   []byte // the library's record, JSON
	CreatedAt    time.Time
	LastUsedAt   time.Time `bun:",nullzero"`
}

// A Ceremony is a passkey registration or sign-in that was begun and not yet
// finished. It is used once.
type Ceremony struct {
	Hash      []byte `bun:",pk"` // SHA-256 of the secret that the browser holds
	Kind      string
	AccountID AccountID `bun:",nullzero"`
	Name      string    // the name asked for at sign-up
	Data      []byte    // the library's session data, JSON
	Ask       []byte    // what else was said at sign-up, JSON
	ExpiresAt time.Time
}
