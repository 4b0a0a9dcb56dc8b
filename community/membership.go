package community

import (
	"time"

	"drystone/fault"
)

// Role is what somebody may do in a group. The words are stored.
type Role string

// The roles, from least to most.
const (
	Member    Role = "member"
	Moderator Role = "moderator"
	Owner     Role = "owner"
)

// MembershipState is how far a membership has come. The words are stored.
type MembershipState string

// The states.
const (
	Pending  MembershipState = "pending"  // asked for; the group has not answered
	Accepted MembershipState = "accepted" // in
	Absent   MembershipState = "absent"   // has a role or a ban here but does not follow
)

// A Membership is what one actor is to one group, wherever either lives.
type Membership struct {
	GroupID        ActorID `bun:",pk"`
	ActorID        ActorID `bun:",pk"`
	Role           Role
	State          MembershipState
	FollowIRI      string    // id of the Follow that asked for it
	FollowRaw      []byte    // the Follow as received, which its answer repeats
	BannedUntil    time.Time `bun:",nullzero"`
	BanReason      string
	ModeratesSince time.Time `bun:",nullzero"` // decides who is senior
	CreatedAt      time.Time

	Granted bool         // has roles that were given, now or later
	Grants  []*RoleGrant `bun:"-"` // which; storage reads them where Granted is set
}

// Follows reports whether the member receives what happens in the group.
func (m *Membership) Follows() bool { return m != nil && m.State == Accepted }

// Moderates reports whether the member is one of the group's moderators, as
// other servers know them. What anybody may do, May says.
func (m *Membership) Moderates() bool {
	return m != nil && (m.Role == Moderator || m.Role == Owner)
}

// MayPost reports why the actor that m describes may not write in group. A
// nil membership is somebody who never joined: open groups take their posts,
// as every group-hosting peer does.
func (m *Membership) MayPost(group *Actor, now time.Time) error {
	if group.Gone() {
		return fault.New(fault.NotFound, "%s was closed by its server. What was said in it can still be read.", group.DisplayName())
	}
	if m.Banned(now) {
		return fault.New(fault.Forbidden, "You are banned from %s%s.", group.DisplayName(), banEnd(m.BannedUntil))
	}
	return nil
}

// MayStart reports why the actor that m describes may not begin a thread in
// group, which asks for more than answering in one.
func (m *Membership) MayStart(group *Actor, now time.Time) error {
	if err := m.MayPost(group, now); err != nil {
		return err
	}
	if group.Restricted && !m.May(StartThreads, now) {
		return fault.New(fault.Forbidden, "Only moderators start threads in %s.", group.DisplayName())
	}
	return nil
}
