package community

import (
	"time"

	"drystone/fault"
)

// Forever is until when a ban without an end holds.
var Forever = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// Banned reports whether a ban until then holds now.
func Banned(until, now time.Time) bool { return now.Before(until) }

// Banned reports whether the member is banned from the group.
func (m *Membership) Banned(now time.Time) bool { return m != nil && Banned(m.BannedUntil, now) }

// banEnd says when a ban ends, as the end of a sentence about it.
func banEnd(until time.Time) string {
	if !until.Before(Forever) {
		return ""
	}
	return " until " + until.Format("2 January 2006")
}

// A SiteBan keeps somebody from a whole server: this one, where Host is
// empty, or another, where it holds in that server's groups.
type SiteBan struct {
	ActorID   ActorID `bun:",pk"`
	Host      string  `bun:",pk"`
	ByID      ActorID
	Reason    string
	Until     time.Time
	CreatedAt time.Time
}

// MayPost reports why whom b describes may not write in group, which lives on
// the server that banned them. A nil ban is nobody's.
func (b *SiteBan) MayPost(group *Actor, now time.Time) error {
	if b != nil && Banned(b.Until, now) {
		return fault.New(fault.Forbidden, "You are banned from %s, where this group lives.", group.Host)
	}
	return nil
}

// A Ban is what moderators decide about somebody.
type Ban struct {
	Until  time.Time // zero: for good
	Reason string
	Remove bool // take down what they wrote
}

// MaxReason bounds what moderators say, in characters.
const MaxReason = 500

// End is until when the ban holds.
func (b Ban) End() time.Time {
	if b.Until.IsZero() || b.Until.After(Forever) {
		return Forever
	}
	return Timestamp(b.Until)
}

// Check reports what is wrong with a ban that somebody here declares.
func (b Ban) Check(now time.Time) error {
	if !b.Until.IsZero() && !b.Until.After(now) {
		return fault.Field("until", "A ban ends in the future. Leave the end out for one that does not end.")
	}
	return CheckReason(b.Reason)
}

// CheckReason reports what is wrong with what a moderator says.
func CheckReason(reason string) error {
	return checkText("reason", "The reason", reason, MaxReason)
}

// A BanView is somebody who is banned, as moderators see it.
type BanView struct {
	Person *Actor
	Until  time.Time
	Reason string
}
