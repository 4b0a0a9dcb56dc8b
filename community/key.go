package community

import "time"

// An ActorKey is a key of an actor beside the RSA key that stands in its row:
// of somebody elsewhere whatever else their server lists for them, of our own
// the Ed25519 key that proofs are made with, and in a rotation the keys that
// come and those that go.
type ActorKey struct {
	ActorID      ActorID    `bun:",pk"`
	IRI          string     `bun:",pk"`
	Multikey     string     // the public half, as FEP-521a writes it
	PrivateKey   string     // PEM; of our own only
	Asserts      bool       // good for proofs in documents (assertionMethod)
	State        KeyState   // of our own
	LastActivity ActivityID // the last activity that is signed with a retired key
	CreatedAt    time.Time
	RetiredAt    time.Time `bun:",nullzero"`
}

// KeyState is what a key of ours is for. The words are stored.
type KeyState string

// The states.
const (
	KeyCurrent KeyState = "current"
	KeyRetired KeyState = "retired" // still published and known, for a while
)

// KeyOverlap is how long a retired key stays published, and signs what was
// said before it was replaced: as long as we try to reach a server that is
// down.
const KeyOverlap = GiveUpAfter
