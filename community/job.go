package community

import "time"

// JobID names a job.
type JobID int64

// A Job is durable work that is not a log: an activity that arrived, an
// object to fetch. Jobs of one lane start in order.
type Job struct {
	ID        JobID `bun:",pk,autoincrement"`
	Kind      string
	Key       []byte // at most one job of a kind with this key, done or not; nil: no such limit
	Lane      int64  // jobs of one lane run one after another
	Sender    string // whose work it is, for the log
	Body      []byte
	Attempts  int
	RunAt     time.Time
	CreatedAt time.Time
	DoneAt    time.Time `bun:",nullzero"`
	ParkedAt  time.Time `bun:",nullzero"` // failed for good; an admin may look
	Error     string
}
