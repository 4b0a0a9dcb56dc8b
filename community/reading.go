package community

import "time"

// A Reading is that somebody of this server read a post, and how far in its
// thread. Comments that came later have higher ids. Nobody else sees it, and no
// other server hears of it.
type Reading struct {
	ActorID ActorID   `bun:",pk"`
	PostID  PostID    `bun:",pk"`
	Through CommentID // the newest comment that was there; none: nobody had answered
	ReadAt  time.Time // when they were there last
	// Fresh is how many answers by others came since, at most MostFresh; only
	// where it is asked for.
	Fresh int `bun:",scanonly"`
}

// Bounds of what is kept of somebody's reading.
const (
	MostFresh    = 100 // how far answers since their last visit are counted
	MostReadings = 10_000
	KeepReadings = 365 * 24 * time.Hour
)
