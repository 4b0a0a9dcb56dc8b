package community

import (
	"testing"
	"time"

	"drystone/fault"
)

func TestLevels(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	week := now.Add(7 * 24 * time.Hour)
	role := func(level int, permits ...Permission) *NamedRole {
		return &NamedRole{Name: "It", Level: level, Permits: Permissions(permits).String()}
	}
	holder := func(level int, ends time.Time) *Membership {
		return &Membership{Role: Member, Granted: true, Grants: []*RoleGrant{
			{StartsAt: now, EndsAt: ends, Role: role(level, GiveRoles, LockThreads)},
			{StartsAt: now, Role: role(HelperLevel, GiveRoles, LockThreads)},
		}}
	}
	banned := holder(LeadLevel, time.Time{})
	banned.BannedUntil = Forever
	for _, test := range []struct {
		name  string
		by    *Membership
		level int
		until time.Time
		want  fault.Code
	}{
		{"the owner, the highest", &Membership{Role: Owner}, HighestLevel, time.Time{}, fault.None},
		{"a moderator, a lead", &Membership{Role: Moderator}, LeadLevel, time.Time{}, fault.None},
		{"a moderator, the highest", &Membership{Role: Moderator}, HighestLevel, time.Time{}, fault.Forbidden},
		{"a steward, a helper", holder(StewardLevel, time.Time{}), HelperLevel, time.Time{}, fault.None},
		{"a steward, one below", holder(StewardLevel, time.Time{}), StewardLevel - 1, time.Time{}, fault.None},
		{"a steward, a steward", holder(StewardLevel, time.Time{}), StewardLevel, time.Time{}, fault.Forbidden},
		{"a steward, a lead", holder(StewardLevel, time.Time{}), LeadLevel, time.Time{}, fault.Forbidden},
		{"a helper, a helper", holder(HelperLevel, time.Time{}), HelperLevel, time.Time{}, fault.Forbidden},
		{"a steward for a week, for that long", holder(StewardLevel, week), HelperLevel, week, fault.None},
		{"a steward for a week, for longer", holder(StewardLevel, week), HelperLevel, time.Time{}, fault.Forbidden},
		{"who is banned", banned, LowestLevel, time.Time{}, fault.Forbidden},
		{"a member", &Membership{Role: Member}, LowestLevel, time.Time{}, fault.Forbidden},
		{"nobody", nil, LowestLevel, time.Time{}, fault.Forbidden},
	} {
		if err := test.by.MayGive(role(test.level, LockThreads), now, test.until); fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	site := func(level int) *Account {
		return &Account{Granted: true, Grants: []*RoleGrant{{StartsAt: now, Role: role(level, GiveSiteRoles, SitePeers)}}}
	}
	for _, test := range []struct {
		name  string
		by    *Account
		level int
		want  fault.Code
	}{
		{"an administrator, the highest", &Account{Admin: true}, HighestLevel, fault.None},
		{"a steward, a helper", site(StewardLevel), HelperLevel, fault.None},
		{"a steward, a steward", site(StewardLevel), StewardLevel, fault.Forbidden},
		{"nobody", nil, LowestLevel, fault.Forbidden},
	} {
		if err := test.by.MayGive(role(test.level, SitePeers), now, time.Time{}); fault.CodeOf(err) != test.want {
			t.Errorf("on this server, %s: %v, want %q", test.name, err, test.want)
		}
	}
	for level, ok := range map[int]bool{-1: false, 0: false, LowestLevel: true, HighestLevel: true, HighestLevel + 1: false} {
		made := role(level, LockThreads)
		made.GroupID = 1
		if err := made.Check(); (err == nil) != ok {
			t.Errorf("level %d: %v", level, err)
		}
	}
}
