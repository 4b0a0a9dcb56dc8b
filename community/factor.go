package community

import (
	"strings"
	"time"
)

// An Authenticator is an app that shows codes which change all the time
// (TOTP). Where one is confirmed, a password alone signs nobody in.
type Authenticator struct {
	AccountID   AccountID `bun:",pk"`
	Secret      string    // base32, as apps take it
	Step        int64     // the last one whose code was used: none is good twice
	CreatedAt   time.Time
	ConfirmedAt time.Time `bun:",nullzero"` // when its first code came; zero: it is only being set up
}

// A RecoveryCode lets somebody in, once, who lost what they sign in with. Only
// a hash of it is kept.
type RecoveryCode struct {
	Hash      []byte `bun:",pk"` // SHA-256 of the code, as FoldCode has it
	AccountID AccountID
	CreatedAt time.Time
	UsedAt    time.Time `bun:",nullzero"`
}

const (
	// RecoveryCodes is how many recovery codes somebody gets at once.
	RecoveryCodes = 10
	// RecoveryCodeLength is how many letters one has: 80 bits.
	RecoveryCodeLength = 16
	// AuthenticatorDigits is how many digits a code of an app has.
	AuthenticatorDigits = 6
)

// FoldCode is a code as it is compared: without what people put between its
// letters, and without regard to case.
func FoldCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ' || r == '\u00a0' || r == '\t':
			return -1
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, code)
}

// IsAppCode reports whether a folded code is one that an app shows, and not
// one for recovery.
func IsAppCode(code string) bool {
	return len(code) == AuthenticatorDigits && strings.Trim(code, "0123456789") == ""
}
