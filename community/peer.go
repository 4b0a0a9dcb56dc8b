package community

import (
	"strings"
	"time"
)

// PeerID names another server.
type PeerID int64

// A Peer is another server as we know it: what it runs, and how far our
// deliveries to it have come.
type Peer struct {
	ID        PeerID `bun:",pk,autoincrement"`
	Host      string
	Software  string // lower case, from NodeInfo; empty when unknown
	Version   string
	CheckedAt time.Time `bun:",nullzero"` // when NodeInfo was last asked for

	Signing  Signing // how it wants our requests signed
	PathOnly bool    // and without their query
	Unshared bool    // and not with the signature that others got

	Position      ActivityID // every activity for it up to this one was delivered or given up
	Fails         int        // deliveries failed in a row
	FailingSince  time.Time  `bun:",nullzero"`
	NextAttemptAt time.Time  `bun:",nullzero"`
	LastError     string
	DeliveredAt   time.Time `bun:",nullzero"` // last success
	ReceivedAt    time.Time `bun:",nullzero"` // last signed activity from it
	PausedAt      time.Time `bun:",nullzero"` // an operator holds deliveries back since then
	TouchedAt     time.Time `bun:",nullzero"` // when an operator last changed the row
	LeasedBy      string
	LeasedUntil   time.Time `bun:",nullzero"`
	CreatedAt     time.Time
}

// Signing is a scheme in which a peer wants our requests signed. The words are
// stored.
type Signing string

// The schemes. The older one is what nearly everybody takes.
const (
	SignCavage  Signing = ""        // draft-cavage-http-signatures-12
	SignRFC9421 Signing = "rfc9421" // HTTP Message Signatures
)

// PeerState is how deliveries to a peer go.
type PeerState string

// The states.
const (
	PeerWell    PeerState = "well"
	PeerFailing PeerState = "failing" // tried again, later and later
	PeerDormant PeerState = "dormant" // failed for days: only a sign of life, or an operator, wakes it
	PeerPaused  PeerState = "paused"  // by an operator
)

// PeerStates are all of them, in the order in which an operator wants to look.
var PeerStates = []PeerState{PeerFailing, PeerDormant, PeerPaused, PeerWell}

// State returns how deliveries to the peer go.
func (p *Peer) State(now time.Time) PeerState {
	switch {
	case p.Paused():
		return PeerPaused
	case p.Dormant(now):
		return PeerDormant
	case !p.FailingSince.IsZero():
		return PeerFailing
	}
	return PeerWell
}

// Paused reports whether an operator holds deliveries back.
func (p *Peer) Paused() bool { return !p.PausedAt.IsZero() }

// Retry forgets that deliveries failed, so that the next is tried at once.
func (p *Peer) Retry() {
	p.Fails, p.FailingSince, p.NextAttemptAt, p.LastError = 0, time.Time{}, time.Time{}, ""
}

// A PeerQuery says which peers are wanted, by host.
type PeerQuery struct {
	State PeerState // empty: all
	Words string    // part of a host, or empty
	Page
}

// A PeerView is a peer with what lives between it and us.
type PeerView struct {
	*Peer
	Followers int64 // of our groups and people, who live there
	Following int64 // memberships of our people in groups there
	Waiting   int64 // activities that it has still to hear, at most MostWaiting
	Vouched   int64 // votes that count because its groups announced them
}

// MostWaiting is as far as what waits for a peer is counted.
const MostWaiting = 10_000

// Form is how a group tells a peer of its posts. The numbers are a bit set
// and are stored.
type Form int16

// The forms (FEDERATION.md, section 3).
const (
	// Wrapped is Announce{activity}, which Lemmy and its kin require.
	Wrapped Form = 1
	// Boosted is Announce(object id), which microblogs show as a boost.
	Boosted Form = 2
	// Extended is Wrapped for what Lemmy refuses: polls and what is said
	// under them, chosen answers, and threads that move.
	Extended Form = 4
	// Aware is nobody's form of posts but of what only software takes that is
	// known to be aware of groups: bans, which others take for personal.
	Aware Form = 8
	// Contextual is what is said of a thread by the id of its context, which is
	// how NodeBB knows threads.
	Contextual Form = 16
)

// microblogs show posts as boosts and choke on wrapped activities.
var microblogs = map[string]bool{
	"mastodon": true, "hometown": true, "gotosocial": true, "pleroma": true, "akkoma": true, "misskey": true,
	"sharkey": true, "firefish": true, "iceshrimp": true, "iceshrimp.net": true, "fedibird": true, "pixelfed": true,
	"mitra": true, "takahe": true, "snac": true, "honk": true, "wafrn": true, "friendica": false,
}

// groupAware software understands Announce{activity} and nothing less.
var groupAware = map[string]bool{
	"lemmy": true, "piefed": true, "mbin": true, "kbin": true, "nodebb": true, "discourse": true,
	"drystone": true, "lotide": true, "hubzilla": true, "friendica": true, "peertube": true, "wordpress": true,
}

// Forms returns how software is told of what happens in groups: in both forms of
// posts where it is not known.
func Forms(software string) Form {
	switch software = strings.ToLower(software); {
	case microblogs[software]:
		return Boosted
	case software == "lemmy":
		return Wrapped | Aware
	case software == "nodebb":
		return Wrapped | Extended | Aware | Contextual
	case groupAware[software]:
		return Wrapped | Extended | Aware
	}
	return Wrapped | Boosted | Extended
}

// Forms returns how posts are announced to the peer.
func (p *Peer) Forms() Form { return Forms(p.Software) }

// TakesPolls reports whether the peer knows what a poll is.
func (p *Peer) TakesPolls() bool { return p.Forms()&Extended != 0 }

// TakesEvents reports whether the peer shows what happens somewhere: Mbin reads
// films beside what it reads of everybody, but no events.
func (p *Peer) TakesEvents() bool { return p.Software != "mbin" && p.Software != "kbin" }

// TakesMoves reports whether the peer knows that somebody can move: Lemmy
// refuses to hear of it.
func (p *Peer) TakesMoves() bool { return p.Software != "lemmy" }

// GiveUpAfter is how long a peer may fail before we stop trying on our own;
// a sign of life from it starts deliveries again.
const GiveUpAfter = 3 * 24 * time.Hour

// Dormant reports whether the peer has failed for so long that only a sign of
// life from it wakes deliveries.
func (p *Peer) Dormant(now time.Time) bool {
	return !p.FailingSince.IsZero() && now.Sub(p.FailingSince) > GiveUpAfter
}

// Backoff is how long to wait after the nth failure in a row: it doubles from
// a second and never exceeds a day.
func Backoff(fails int) time.Duration {
	const day = 24 * time.Hour
	if fails < 1 {
		return 0
	}
	if fails > 17 {
		return day
	}
	return min(time.Second<<(fails-1), day)
}
