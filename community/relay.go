package community

import "time"

// RelayID names a relay.
type RelayID int64

// A Relay passes public posts between the servers that subscribed to it
// (FEP-ae0c). There is none unless an operator asks for one.
type Relay struct {
	ID        RelayID `bun:",pk,autoincrement"`
	Address   string  // as the operator gave it: an inbox, or an actor
	Style     RelayStyle
	Inbox     string
	Actor     string // who speaks for it; in Mastodon's style not known before it answers
	Follow    string // the id of the Follow by which we subscribed
	State     RelayState
	CreatedAt time.Time
}

// RelayStyle is how one subscribes to a relay, and what is sent to it. The
// words are stored.
type RelayStyle string

// The styles.
const (
	MastodonRelay RelayStyle = "mastodon" // its inbox gets a Follow of everything public, and Creates
	LitePubRelay  RelayStyle = "litepub"  // its actor is followed, and gets Announces
)

// RelayState is how far a subscription has come. The words are stored.
type RelayState string

// The states.
const (
	RelayAsked    RelayState = "asked"
	RelayAccepted RelayState = "accepted"
	RelayRefused  RelayState = "refused"
	RelayLeft     RelayState = "left" // kept so that it can be told
)

// Subscribed reports whether we asked for what the relay passes on and were
// not refused.
func (r *Relay) Subscribed() bool { return r.State == RelayAsked || r.State == RelayAccepted }
