package community

import "time"

// A BackfillState is how far reading something from another server has come.
// The words are stored.
type BackfillState string

// The states.
const (
	BackfillAsked  BackfillState = "asked"   // it waits for its turn
	BackfillActive BackfillState = "reading" // some of it is here
	BackfillDone   BackfillState = "done"
	BackfillFailed BackfillState = "failed" // Trouble says why
)

// A Backfill is what was read of a group or a thread that lives on another
// server, beside what its server sends by itself.
type Backfill struct {
	IRI     string `bun:",pk"` // of the group, or of the post
	Host    string
	State   BackfillState
	Fetched int64  // posts or comments that came of it, ever
	Trouble string // what went wrong, for people
	Tag     string // the ETag of what was read last
	AskedAt time.Time
	ReadAt  time.Time `bun:",nullzero"` // when it was read to the end
}

// Open reports whether more of it is to come.
func (b *Backfill) Open() bool {
	return b != nil && (b.State == BackfillAsked || b.State == BackfillActive)
}
