package community

import (
	"maps"
	"time"

	"drystone/fault"
)

// LetterKind says what a letter is about. There is a template by each name in
// service/mail/templates.
type LetterKind string

// The letters.
const (
	ConfirmAddress LetterKind = "confirm_address" // with a link: is this your address?
	AddressTaken   LetterKind = "address_taken"   // somebody else wrote the owner's address
	AddressChanged LetterKind = "address_changed" // to the address that was
	ResetAccess    LetterKind = "reset_access"    // with a link: choose a new password
	AccessChanged  LetterKind = "access_changed"  // Words "what": one of the words below
	NewSignIn      LetterKind = "new_sign_in"     // Words "agent"
	NoticeLetter   LetterKind = "notice"          // with Items: what concerns somebody, at once
	DigestLetter   LetterKind = "digest"          // the same, of a day
	LeavingSoon    LetterKind = "leaving"         // Words "until", and "again" for a reminder

	AdmissionDecided LetterKind = "admission" // Words "what": one of the words below, "text"
	RoleDecided      LetterKind = "role"      // Words "what": a FactKind; "role", "group", "until"
	GroupHandover    LetterKind = "handover"  // Words "by", "group", "until"
)

// What changed in the ways into an account, in the words of AccessChanged.
const (
	PasswordChanged  = "password_changed"
	PasswordRemoved  = "password_removed"
	PasskeyAdded     = "passkey_added"   // Words "name"
	PasskeyRemoved   = "passkey_removed" // Words "name"
	CodesTurnedOn    = "codes_on"        // from an app, as a second factor
	CodesTurnedOff   = "codes_off"
	RecoveryCodeUsed = "recovery_code_used"
	LinkMade         = "link_made" // by an administrator, who may hand it to somebody
	LinkUsed         = "link_used" // instead of a password or passkey
	AdminMade        = "admin_made"
	AdminEnded       = "admin_ended"

	RecoveryCodesMade = "recovery_codes_made"
	PasskeyCopied     = "passkey_copied" // Words "name": somebody signed with a copy, and was refused
	AppConnected      = "app_connected"  // Words "name"
	TokenMade         = "token_made"     // Words "name"
)

// What became of an application, in the words of AdmissionDecided.
const (
	ApplicantLetIn      = "let_in"
	ApplicantTurnedAway = "turned_away" // Words "text": why
	ApplicantAskedBack  = "asked_back"  // Words "text": the question
)

// A Letter is mail to one person, posted in the transaction that gives the
// reason for it, and sent afterwards.
type Letter struct {
	Kind LetterKind
	// AccountID is whose letter it is. It goes to their address, if that is
	// verified, and to nobody otherwise.
	AccountID AccountID
	// To is the address instead, where the letter is not for an account or
	// not for its address.
	To string
	// LinkID is the link that the letter brings. Its secret is drawn when the
	// letter is written, so that no secret is ever stored.
	LinkID LinkID
	// Path is where its button leads instead, for whoever is signed in: no
	// secret.
	Path string
	// Words are what the template needs to know. They are shown as plain
	// text, whatever they are.
	Words map[string]string
	// Items are what a letter of notifications tells of, and More of how many
	// things it does not tell for want of room.
	Items []LetterItem
	More  int
	// Unsubscribe is the topic of which no more letters come if whoever gets
	// this one says so, without signing in; AllTopics: of none.
	Unsubscribe string
	// By is who caused the letter, for the log; zero: somebody unknown.
	By ActorID
	// At is when it was posted, Until when it is too late to send it; zero:
	// LetterLife afterwards.
	At, Until time.Time
}

// A LetterItem is one notification in a letter.
type LetterItem struct {
	Kind   NotificationKind
	Who    string // did it
	Others int    // did the same
	Group  string
	Title  string // of the post
	Text   string // what was said
	Many   int    // votes
	Path   string // where to look at it, from / on
}

// LetterDay is the form in which Words hold a moment of which a letter tells
// the day, where its reader lives and in their language.
const LetterDay = time.RFC3339

// LetterLife is how long a letter may wait for a mail server.
const LetterLife = 3 * 24 * time.Hour

// JobLetter is the kind of the jobs that letters wait as. LetterLane and the
// one after it are lanes for whatever brings letters about: they are beside
// those of the inbox (jobs.Lanes), so that a mail server that hangs holds up
// nothing else.
const (
	JobLetter   = "letter"
	LetterLane  = 1000
	letterLanes = 2
)

// urgent are the letters about the safety of an account, or that somebody is
// waiting for right now.
var urgent = map[LetterKind]bool{
	ConfirmAddress: true, AddressTaken: true, AddressChanged: true, ResetAccess: true, AccessChanged: true, NewSignIn: true, LeavingSoon: true,
}

// Due is when a letter that could go out at a moment goes out to somebody with
// this profile: at once if it is about the safety of their account, and
// otherwise not before their quiet hours end, unless it is too late then.
func (l *Letter) Due(p *Profile, at time.Time) time.Time {
	until, quiet := Quiet(p, at)
	if !quiet || urgent[l.Kind] || !until.Before(l.Until) {
		return at
	}
	return until
}

// Lane is where the letter waits for its turn.
func (l *Letter) Lane() int64 { return LetterLane + int64(l.AccountID)%letterLanes }

// The bounds of what a letter says.
const (
	maxWord  = 8000 // bytes: 2,000 characters
	maxWords = 20
)

// Check reports what is wrong with a letter, which is always our fault. It
// fills in what may be left out.
func (l *Letter) Check() error {
	size := 0
	for word := range maps.Values(l.Words) {
		size = max(size, len(word))
	}
	switch {
	case l.Kind == "" || l.At.IsZero():
		return fault.New(fault.Internal, "a letter without a kind or a time")
	case l.AccountID == 0 && l.To == "":
		return fault.New(fault.Internal, "a letter to nobody")
	case len(l.Words) > maxWords || size > maxWord:
		return fault.New(fault.Internal, "a letter with too many words")
	}
	if l.Until.IsZero() {
		l.Until = l.At.Add(LetterLife)
	}
	return nil
}

// LinkID names a link.
type LinkID int64

// LinkKind says what a link is good for. The words are stored.
type LinkKind string

// The links.
const (
	VerifyLink LinkKind = "verify" // Address is the account's
	ResetLink  LinkKind = "reset"  // lets its holder into the account
)

// An AccountLink is what somebody proves with that they read mail, or that an
// administrator let them in. It is used once. Only a hash of its secret is
// kept, and none before the letter that brings it is written.
type AccountLink struct {
	ID         LinkID `bun:",pk,autoincrement"`
	Kind       LinkKind
	AccountID  AccountID
	Address    string  // what a VerifyLink proves; where a ResetLink went
	AddressKey string  // Address as addresses are compared
	ByID       ActorID `bun:",nullzero"` // the administrator who made it
	Hash       []byte  // SHA-256 of the secret
	CreatedAt  time.Time
	ExpiresAt  time.Time
}

// How long links are good for.
const (
	VerifyLife = 3 * 24 * time.Hour
	ResetLife  = time.Hour
	HandedLife = 24 * time.Hour // a ResetLink that an administrator hands out
)

// How many letters with links may be asked for, each within the life of such
// a link, so that nobody's mail is flooded in our name.
const (
	MaxResets      = 3  // for one account
	MaxVerifies    = 10 // by one account
	MaxVerifiesFor = 4  // to one address
)

// BrowserLife is how long a browser is remembered that signed in to an
// account.
const BrowserLife = 400 * 24 * time.Hour

// An AccountBrowser is a browser in which an account's owner signed in before:
// they hear of any other.
type AccountBrowser struct {
	AccountID AccountID `bun:",pk"`
	Hash      []byte    `bun:",pk"` // of the browser's secret and the account
	SeenAt    time.Time
}

// Mailed reports whether the link went to a mail address. Mail is one proof,
// so what asks for two goes on asking; an administrator who hands out a link
// looked at who it is.
func (l *AccountLink) Mailed() bool { return l.Address != "" }

// Path is where a link leads, with its secret.
func (l *AccountLink) Path(secret string) string {
	if l.Kind == ResetLink {
		return "/recover/reset?token=" + secret
	}
	return "/verify?token=" + secret
}
