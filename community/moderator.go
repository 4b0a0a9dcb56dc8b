package community

import (
	"time"

	"drystone/fault"
)

// MayDismiss reports why by may not end whom's time as a moderator. The owner
// stays; others step down as they like, and are dismissed by the owner or by
// somebody who moderates for longer. moderators is how many there are.
func MayDismiss(by, whom *Membership, moderators int) error {
	switch {
	case whom.Role == Owner:
		return fault.New(fault.Forbidden, "The owner of a group stays its moderator.")
	case moderators < 2:
		return fault.New(fault.Forbidden, "A group needs somebody who looks after it. Add another moderator first.")
	case by.ActorID == whom.ActorID, by.Role == Owner, by.ModeratesSince.Before(whom.ModeratesSince):
		return nil
	}
	return fault.New(fault.Forbidden, "Only the owner and those who moderate for longer can do that.")
}

// MayBan reports why by may not ban person, who is whom in the group; nil if
// person never joined. mine is by's own membership, nil where their server
// vouches for them: nobody bans who may do more than they.
func MayBan(by, person *Actor, mine, whom *Membership, now time.Time) error {
	switch {
	case by.ID == person.ID:
		return fault.New(fault.Forbidden, "You cannot ban yourself.")
	case !person.IsPerson():
		return fault.New(fault.Invalid, "%s is nobody who could be banned.", person.Handle())
	case whom.Moderates():
		return fault.New(fault.Forbidden, "%s moderates this group. End that first.", person.Handle())
	case mine != nil && len(mine.Powers(now).Lacks(whom.Powers(now))) > 0:
		return fault.New(fault.Forbidden, "%s has a role here that lets them do more than yours. End that first.", person.Handle())
	}
	return nil
}

// Promote makes the member a moderator.
func (m *Membership) Promote(now time.Time) {
	m.Role, m.ModeratesSince = Moderator, now
}

// Demote makes the moderator a member again.
func (m *Membership) Demote() {
	m.Role, m.ModeratesSince = Member, time.Time{}
}

// Remembered reports whether something about the membership outlasts the
// following of the group: a role, or a ban.
func (m *Membership) Remembered(now time.Time) bool {
	return m.Role != Member || m.Granted || m.Banned(now)
}

// Idle reports whether nothing about the membership is worth remembering.
func (m *Membership) Idle(now time.Time) bool {
	return m.State == Absent && !m.Remembered(now)
}

// MostFeatured is how many posts a group can have on top.
const MostFeatured = 5

// MayFeature reports why a post cannot be put on top of a group that has some
// there.
func (p *Post) MayFeature(already int) error {
	if p.Hidden() {
		return fault.New(fault.NotFound, "This post is gone.")
	}
	if already >= MostFeatured {
		return fault.New(fault.Conflict, "%d posts are on top already. Take one down first.", already)
	}
	return nil
}
