package community

import (
	"time"

	"drystone/fault"
)

// InviteID names an invitation.
type InviteID int64

// An Invite lets people come to this server, and into a group of it at once.
// Whoever has its code may use it; only a hash of that is kept.
type Invite struct {
	ID        InviteID `bun:",pk,autoincrement"`
	Hash      []byte   // SHA-256 of the code
	CreatorID ActorID
	GroupID   ActorID `bun:",nullzero"` // what the invited join
	Note      string  // for whoever made it, and for who is invited
	Uses      int     // how many may come by it
	Used      int     // how many did
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time `bun:",nullzero"`
}

// The bounds of an invitation.
const (
	MostUses      = 1000
	MaxInviteNote = 200
	MaxInviteLife = 365 * 24 * time.Hour
)

// Good reports whether somebody may still come by the invitation.
func (i *Invite) Good(now time.Time) bool {
	return i.RevokedAt.IsZero() && now.Before(i.ExpiresAt) && i.Used < i.Uses
}

// Check reports what cannot be invited like this.
func (i *Invite) Check(now time.Time) error {
	switch {
	case i.Uses < 1 || i.Uses > MostUses:
		return fault.Field("uses", "An invitation is for 1 to %d people.", MostUses)
	case !i.ExpiresAt.After(now):
		return fault.Field("expires_at", "The invitation would be over already. Choose a later time.")
	case i.ExpiresAt.Sub(now) > MaxInviteLife:
		return fault.Field("expires_at", "An invitation lasts for a year at most.")
	}
	if err := checkText("note", "The note", i.Note, MaxInviteNote); err != nil {
		return err
	}
	return checkLine("note", "The note", i.Note)
}

// BadInvite is the one answer to a code that does not work, whatever the
// reason: who tries codes learns nothing.
func BadInvite() error {
	err := fault.New(fault.NotFound, "This invitation does not work, or not any more. Ask for a new one.")
	err.Field = "invite"
	return err
}

// An Introduction says by which invitation somebody came.
type Introduction struct {
	ActorID   ActorID `bun:",pk"`
	InviteID  InviteID
	CreatedAt time.Time
}

// An InviteView is an invitation with who made it, where it leads and who came
// by it.
type InviteView struct {
	*Invite
	Creator *Actor
	Group   *Actor // nil: none
	Came    []*Actor
}
