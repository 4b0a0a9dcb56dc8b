package community

import "time"

// A Follow is somebody following a person or a feed. Following a group is a
// Membership.
type Follow struct {
	FollowerID ActorID `bun:",pk"`
	TargetID   ActorID `bun:",pk"`
	State      MembershipState
	IRI        string
	CreatedAt  time.Time
}
