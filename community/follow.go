package community

import "time"

// A Follow is somebody following a person or a feed. Following a group is a
// Membership.
type Follow struct {
	FollowerID ActorID `bun:",pk"`
	TargetID   ActorID `bun:",pk"`
	State      MembershipState
	IRI        string
	Raw        []byte // the Follow as received, which its answer repeats
	CreatedAt  time.Time
}

// A Follower is somebody who follows a person, or asks to.
type Follower struct {
	*Follow
	Actor *Actor
}
