package community

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"drystone/fault"
)

// ActorID names an actor: a person, a group, a service or an application,
// here or on another server.
type ActorID int64

// ActorKind is what an actor is. The words are stored and never change.
type ActorKind string

// The kinds of actor.
const (
	Person      ActorKind = "person"
	GroupKind   ActorKind = "group"
	Service     ActorKind = "service"     // a bot
	Application ActorKind = "application" // an instance
	FeedKind    ActorKind = "feed"        // a list of groups, kept elsewhere
	Applicant   ActorKind = "applicant"   // wants to be a person here; nobody meets them before
	Newcomer    ActorKind = "newcomer"    // the same, and has still to show that they read their mail address
)

// An Actor is somebody or something with a name in the fediverse. Host is
// empty for our own.
type Actor struct {
	ID   ActorID `bun:",pk,autoincrement"`
	Kind ActorKind
	Name string // as its owner writes it; unique here when folded
	Fold string // Name as FoldName leaves it

	Skeleton string // of ours: what Name looks like; see Skeleton

	Host string // "example.org", or empty for an actor of this server
	IRI  string // its id in the fediverse; never changes

	Title       string // the name shown to people; may be empty
	Summary     string // Markdown for ours, plain text for others'
	SummaryHTML string // sanitised
	Icon        string // URL of a picture, or empty
	Image       string // URL of a banner, or empty
	URL         string // the page for people; IRI when empty

	PeerID      PeerID `bun:",nullzero"` // the server it lives on; none for ours
	Inbox       string
	SharedInbox string
	Outbox      string
	Followers   string // the collection's URL
	Featured    string
	Moderators  string
	KeyID       string
	PublicKey   string // PEM

	Locked       bool // approves followers by hand
	Restricted   bool // a group in which only moderators post
	Visibility   Visibility
	Sensitive    bool
	Discoverable bool
	Indexable    bool

	MessagesFrom  Openness // of a person
	BoostsAnswers bool     // of a group: microblogs see answers too
	Questions     bool     // of a group: what is posted asks something, unless it says otherwise

	AlsoKnownAs string    // other ids of the same actor, one a line; see Aliases
	MovedTo     string    // the id of where the actor lives now, or empty
	MovedAt     time.Time `bun:",nullzero"` // when it last moved

	MemberCount  int64 // a group's members, a person's followers
	PostCount    int64
	CommentCount int64
	Posted       int64 // seconds from Epoch to the newest post in a group

	CreatedAt time.Time
	UpdatedAt time.Time
	FetchedAt time.Time `bun:",nullzero"` // when we last read a remote actor
	DeletedAt time.Time `bun:",nullzero"`
	LeavesAt  time.Time `bun:",nullzero"` // when the account will be deleted, as its owner asked

	BannedUntil time.Time `bun:",nullzero"` // from this server

	Facet *Facet `bun:"-"` // how they appear where they are read of; see In
}

// Local reports whether the actor lives on this server.
func (a *Actor) Local() bool { return a.Host == "" }

// IsGroup reports whether people can join the actor and post in it.
func (a *Actor) IsGroup() bool { return a.Kind == GroupKind }

// IsPerson reports whether the actor is somebody who writes: a person or a
// bot.
func (a *Actor) IsPerson() bool { return a.Kind == Person || a.Kind == Service }

// IsFeed reports whether the actor is a list of groups.
func (a *Actor) IsFeed() bool { return a.Kind == FeedKind }

// Gone reports whether the actor was deleted; its name stays taken.
func (a *Actor) Gone() bool { return !a.DeletedAt.IsZero() }

// Leaving reports whether the account will be deleted soon: until then nobody
// meets its owner, who can still come back.
func (a *Actor) Leaving() bool { return !a.LeavesAt.IsZero() && !a.Gone() }

// LeaveGrace is how long somebody can come back.
const LeaveGrace = 14 * 24 * time.Hour

// LeaveReminder is how long before the end they are reminded.
const LeaveReminder = 2 * 24 * time.Hour

// Parting says that somebody who is leaving does nothing here any more.
func (a *Actor) Parting() error {
	return fault.New(fault.Forbidden, "Your account will be deleted on %s. Come back first, if you want to stay.", a.LeavesAt.Format("2 January 2006"))
}

// Moved reports whether the actor lives somewhere else now.
func (a *Actor) Moved() bool { return a.MovedTo != "" }

// MostAliases is how many ids an actor may be known by beside its own.
const MostAliases = 10

// Aliases are the other ids that the actor says are its own.
func (a *Actor) Aliases() []string { return strings.Fields(a.AlsoKnownAs) }

// IsAlso reports whether the actor says that iri is another name of its own.
func (a *Actor) IsAlso(iri string) bool { return iri != "" && slices.Contains(a.Aliases(), iri) }

// Outside are the kinds of those who have an account and are not let in yet.
var Outside = []ActorKind{Applicant, Newcomer}

// Held says why somebody who has an account is not let in yet, or nil. It is
// the one place that does: they can read, look after their own account, and
// nothing else.
func (a *Actor) Held() error {
	switch a.Kind {
	case Applicant:
		return Waiting()
	case Newcomer:
		return Unverified()
	}
	return nil
}

// MaySpeak reports why the actor may not say or do anything on this server.
func (a *Actor) MaySpeak(now time.Time) error {
	switch {
	case a.Held() != nil:
		return a.Held()
	case a.Leaving():
		return a.Parting()
	case a.IsFeed():
		return fault.New(fault.Forbidden, "%s is a list of groups and says nothing by itself.", a.Handle())
	case !Banned(a.BannedUntil, now):
		return nil
	case !a.Local():
		return fault.New(fault.Forbidden, "%s is banned from this server.", a.Handle())
	}
	return fault.New(fault.Forbidden, "You are banned from this server%s. You can still read.", banEnd(a.BannedUntil))
}

// Handle is how people here write the actor: "alice", or "alice@host".
func (a *Actor) Handle() string {
	if a.Local() {
		return a.Name
	}
	return a.Name + "@" + a.Host
}

// DisplayName is the title, or the name where there is none.
func (a *Actor) DisplayName() string {
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}

// PageURL is where people read about the actor.
func (a *Actor) PageURL() string {
	if a.URL != "" {
		return a.URL
	}
	return a.IRI
}

// DeliveryInbox is where activities for this actor go: the inbox its server
// shares, or its own where the server has none.
func (a *Actor) DeliveryInbox() string {
	if a.SharedInbox != "" {
		return a.SharedInbox
	}
	return a.Inbox
}

// A Handle is a name as people write it: "garden", "@garden", "!garden@host", and
// "~garden@host" for a feed.
type Handle struct {
	Name string
	Host string // empty: this server
}

// ParseHandle reads a handle. A host equal to home means this server. It
// returns false for what cannot be one.
func ParseHandle(s, home string) (Handle, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "acct:")
	s = strings.TrimLeft(s, "@!~")
	name, host, remote := strings.Cut(s, "@")
	host = strings.ToLower(host)
	if name == "" || (remote && host == "") || strings.ContainsFunc(s, notInHandles) || strings.Contains(host, "@") {
		return Handle{}, false
	}
	if strings.EqualFold(host, home) {
		host = ""
	}
	return Handle{Name: name, Host: host}, true
}

// notInHandles reports what no handle holds; a database would choke on some of
// it, and bytes that are no UTF-8 count as it.
func notInHandles(r rune) bool {
	return strings.ContainsRune("/ ?#", r) || unicode.IsControl(r) || r == utf8.RuneError
}

// String is the handle without its leading mark.
func (h Handle) String() string {
	if h.Host == "" {
		return h.Name
	}
	return h.Name + "@" + h.Host
}
