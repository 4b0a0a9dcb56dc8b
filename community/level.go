package community

import (
	"time"

	"drystone/fault"
)

// Levels order the roles of a place: whoever gives roles gives and ends only
// those below their own highest. Moderators stand above all levels that a role
// can have but the highest, the owner of a group and administrators of the
// server above all of them. Among moderators, who are of one level, seniority
// decides (MayDismiss).
const (
	LowestLevel    = 1
	HelperLevel    = 2 // of roles that give no others
	StewardLevel   = 5 // of roles that give others
	LeadLevel      = 8
	HighestLevel   = 9
	moderatorLevel = 9
	ownerLevel     = HighestLevel + 1
)

// DefaultLevel is that of a role of which nobody said it.
func DefaultLevel(permits Permissions) int {
	if permits.Has(GiveRoles) || permits.Has(GiveSiteRoles) {
		return StewardLevel
	}
	return HelperLevel
}

// CheckLevel reports that there is no such level.
func CheckLevel(level int) error {
	if level < LowestLevel || level > HighestLevel {
		return fault.Field("level", "A level is a number from %d to %d.", LowestLevel, HighestLevel)
	}
	return nil
}

// Level is the highest level of the member now.
func (m *Membership) Level(now time.Time) int { return m.levelUntil(now, now) }

// Level is the same on this server.
func (a *Account) Level(now time.Time) int { return a.levelUntil(now, now) }

// below reports why somebody of a level, who is of it for long enough, cannot
// give or end a role.
func below(role *NamedRole, level int) error {
	if role != nil && role.Level >= level {
		return fault.New(fault.Forbidden, "You can give and end roles below your own only, and %s is not.", role.Name)
	}
	return nil
}

// levelOf is the highest level of roles that somebody has from now on until
// some time; zero is for ever.
func levelOf(grants []*RoleGrant, now, until time.Time) (level int) {
	for _, g := range grants {
		if g.lasts(now, until) && g.Role != nil {
			level = max(level, g.Role.Level)
		}
	}
	return level
}

// levelUntil is the highest level of the member from now on until some time.
func (m *Membership) levelUntil(now, until time.Time) int {
	switch {
	case m == nil || m.Banned(now):
		return 0
	case m.Role == Owner:
		return ownerLevel
	case m.Role == Moderator:
		return moderatorLevel
	}
	return levelOf(m.Grants, now, until)
}

// levelUntil is the same on this server.
func (a *Account) levelUntil(now, until time.Time) int {
	switch {
	case a == nil:
		return 0
	case a.Admin:
		return ownerLevel
	}
	return levelOf(a.Grants, now, until)
}
