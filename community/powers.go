package community

import (
	"slices"
	"time"

	"drystone/fault"
)

// What somebody may do follows from what they are to a group, or to this
// server, and from the roles that they were given there. A ban lets all of it
// rest.

// May reports whether the member may do what p names, now.
func (m *Membership) May(p Permission, now time.Time) bool {
	if m == nil || m.Banned(now) || p.OfSite() {
		return false
	}
	return m.byRole(p) || slices.ContainsFunc(m.Grants, func(g *RoleGrant) bool { return g.Permits(p, now) })
}

// byRole reports whether a member may do something for what they are.
func (m *Membership) byRole(p Permission) bool {
	return m.Role == Owner || m.Role == Moderator && !p.ofOwner()
}

// Needs reports why the member may not do what p names.
func (m *Membership) Needs(p Permission, now time.Time) error {
	if m.May(p, now) {
		return nil
	}
	return lacking(p)
}

func lacking(p Permission) error {
	switch {
	case p.OfSite():
		return fault.New(fault.Forbidden, "Only administrators of this server, and those with a role that lets them, may %s.", p.Does())
	case p == SetVisibility || p == MoveGroup || p == HandOver:
		return fault.New(fault.Forbidden, "Only the owner of the group may %s.", p.Does())
	}
	return fault.New(fault.Forbidden, "Only moderators of the group, and those with a role that lets them, may %s.", p.Does())
}

// Powers are what the member may do now.
func (m *Membership) Powers(now time.Time) Permissions {
	if m == nil {
		return nil
	}
	return of(slices.DeleteFunc(GroupAllowances(), func(a Allowance) bool { return !m.May(a.Permission, now) }))
}

// Holds reports whether the member was given a role that holds now, or may do
// so later.
func (m *Membership) Holds() bool { return m != nil && m.Granted }

// powersUntil are what the member may do from now on until some time; zero is
// for ever. Nobody gives what they have not got, nor for longer.
func (m *Membership) powersUntil(now, until time.Time) Permissions {
	if m == nil || m.Banned(now) {
		return nil
	}
	return lasting(of(GroupAllowances()), m.Grants, m.byRole, now, until)
}

// lasting keeps those of all that somebody has for what they are, or by a
// grant that lasts.
func lasting(all Permissions, grants []*RoleGrant, byRole func(Permission) bool, now, until time.Time) Permissions {
	return slices.DeleteFunc(all, func(p Permission) bool {
		return !byRole(p) && !slices.ContainsFunc(grants, func(g *RoleGrant) bool { return g.lasts(now, until) && g.Permits(p, now) })
	})
}

// MayGive reports why the member may not give a role until some time, zero for
// no end. No role asks whether they may give any.
func (m *Membership) MayGive(role *NamedRole, now, until time.Time) error {
	if err := m.Needs(GiveRoles, now); err != nil {
		return err
	}
	if err := within(role.Permissions(), m.Powers(now), m.powersUntil(now, until)); err != nil {
		return err
	}
	return below(role, m.levelUntil(now, until))
}

// within reports why somebody cannot give what permits permit, who has some
// powers now, and some of them long enough.
func within(permits, powers, lasting Permissions) error {
	if missing := powers.Lacks(permits); len(missing) > 0 {
		return fault.New(fault.Forbidden, "You cannot give what you have not got: to %s.", missing[0].Does())
	}
	if missing := lasting.Lacks(permits); len(missing) > 0 {
		return fault.New(fault.Forbidden, "You cannot give anything for longer than you have it: to %s.", missing[0].Does())
	}
	return nil
}

// May reports whether the owner of the account may do what p names for this
// server as a whole, unless they are banned from it.
func (a *Account) May(p Permission, now time.Time) bool {
	if a == nil || !p.OfSite() {
		return false
	}
	return a.Admin || slices.ContainsFunc(a.Grants, func(g *RoleGrant) bool { return g.Permits(p, now) })
}

// Needs reports why the owner of the account may not do what p names.
func (a *Account) Needs(p Permission, now time.Time) error {
	if a.May(p, now) {
		return nil
	}
	return lacking(p)
}

// Powers are what the owner of the account may do for this server now.
func (a *Account) Powers(now time.Time) Permissions {
	if a == nil {
		return nil
	}
	return of(slices.DeleteFunc(SiteAllowances(), func(x Allowance) bool { return !a.May(x.Permission, now) }))
}

// MayGive is the same as a membership's, on this server.
func (a *Account) MayGive(role *NamedRole, now, until time.Time) error {
	if err := a.Needs(GiveSiteRoles, now); err != nil {
		return err
	}
	admin := func(Permission) bool { return a.Admin }
	if err := within(role.Permissions(), a.Powers(now), lasting(of(SiteAllowances()), a.Grants, admin, now, until)); err != nil {
		return err
	}
	return below(role, a.levelUntil(now, until))
}

// MayLetIn reports why the owner of the account may not hand out a way into
// another: whoever comes into it has all of its powers.
func (a *Account) MayLetIn(other *Account, now time.Time) error {
	if err := a.Needs(SiteAccounts, now); err != nil {
		return err
	}
	if !a.Admin && (other.Admin || len(a.Powers(now).Lacks(other.Powers(now))) > 0) {
		return fault.New(fault.Forbidden, "This account may do more for the server than yours. Only an administrator can hand out a way into it.")
	}
	return nil
}
