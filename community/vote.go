package community

import (
	"time"

	"drystone/fault"
)

// A Vote is one actor's opinion of a post or comment: 1, -1, or 0 where it
// was taken back.
type Vote struct {
	Kind      SubjectKind `bun:",pk"`
	SubjectID int64       `bun:",pk"`
	ActorID   ActorID     `bun:",pk"`
	Value     int
	IRI       string // of the Like or Dislike, so that its Undo can be told
	Via       PeerID // the server on whose word it was taken; none if the voter said so
	CreatedAt time.Time
}

// CheckVote reports why value is no vote.
func CheckVote(value int) error {
	if value < -1 || value > 1 {
		return fault.Field("value", "A vote is 1, 0 or -1.")
	}
	return nil
}

// A Tally is how a subject stands, and what the reader thinks of it.
type Tally struct {
	Score, Ups, Downs int64
	MyVote            int
}
