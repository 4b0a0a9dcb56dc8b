package community

import "time"

// ActivityID is a position in the log of activities. Readers go through it in
// order, so one integer says what a peer has.
type ActivityID int64

// An Activity is something we say to the fediverse: one row however many
// servers hear it. Its audience is either one server (PeerID and Inbox) or
// the followers of an actor (Audience) on servers that want its Form, or
// Everybody; with neither it is only kept so that its id can be read.
type Activity struct {
	ID        ActivityID `bun:",pk,autoincrement"`
	IRI       string
	ActorID   ActorID // who says it, and signs it
	Kind      string  // its ActivityPub type
	Body      []byte  // JSON, as sent
	Public    bool    // anybody may read it by its id
	Audience  ActorID `bun:",nullzero"`
	Form      Form    // which followers' servers want it; 0: all of them
	PeerID    PeerID  `bun:",nullzero"`
	Inbox     string
	Lane      int64 // activities of one lane reach a server in order
	CreatedAt time.Time
}

// Everybody is an Audience: every server that we know.
const Everybody ActorID = -1
