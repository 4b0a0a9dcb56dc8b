package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// HandoverID names a handover.
type HandoverID int64

// HandoverState is what became of an offer, or of a claim. The words are
// stored.
type HandoverState string

// The states.
const (
	HandoverOpen      HandoverState = "open"
	HandoverAccepted  HandoverState = "accepted"
	HandoverRefused   HandoverState = "refused"
	HandoverWithdrawn HandoverState = "withdrawn"
)

// HandoverLife is how long the offer of a group stands.
const HandoverLife = 7 * 24 * time.Hour

// A Handover is that the owner of a group offers it to another moderator.
type Handover struct {
	ID        HandoverID `bun:",pk,autoincrement"`
	GroupID   ActorID
	FromID    ActorID
	ToID      ActorID
	State     HandoverState
	OfferedAt time.Time
	EndsAt    time.Time
	DecidedAt time.Time `bun:",nullzero"`
}

// Stands reports whether the offer can be accepted.
func (h *Handover) Stands(now time.Time) bool {
	return h != nil && h.State == HandoverOpen && now.Before(h.EndsAt)
}

// MayTakeOver reports why person, who is m to a group, cannot have it from its
// owner: they moderate it already, and can say yes here.
func MayTakeOver(person *Actor, m *Membership, now time.Time) error {
	switch {
	case m == nil || m.Role != Moderator:
		return fault.Field("person", "%s does not moderate this group. Make them a moderator first.", person.Handle())
	case m.Banned(now) || person.Gone() || person.MaySpeak(now) != nil:
		return fault.Field("person", "%s cannot look after a group now.", person.Handle())
	case !person.Local():
		return fault.Field("person", "%s lives on another server, and could not answer. Only somebody of this server can own the group.", person.Handle())
	}
	return nil
}

// ClaimID names a claim.
type ClaimID int64

// A GroupClaim is that a member asks to look after a group that nobody looks
// after.
type GroupClaim struct {
	ID        ClaimID `bun:",pk,autoincrement"`
	GroupID   ActorID
	ActorID   ActorID
	Reason    string
	State     HandoverState
	Note      string    // of who decided
	DecidedBy ActorID   `bun:",nullzero"`
	DecidedAt time.Time `bun:",nullzero"`
	CreatedAt time.Time
}

// Orphaned is for how long no moderator was here when a group may be claimed;
// where all are gone or banned, it may be at once.
const Orphaned = 30 * 24 * time.Hour

// CheckClaim reports what is wrong with why somebody claims a group.
func CheckClaim(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.Field("reason", "Say in a few words why you want to look after it.")
	}
	return checkText("reason", "The reason", reason, MaxReason)
}

// An OrphanView is a group that nobody looks after, with who would like to.
type OrphanView struct {
	Group      *Actor
	Moderators []*Actor // who did
	Claims     []*ClaimView
}

// A ClaimView is a claim with who makes it.
type ClaimView struct {
	*GroupClaim
	Person *Actor
}
