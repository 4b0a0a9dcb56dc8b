package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/service/roles"
)

// roleRoutes is the part of the table of contents about who may do what.
func (a *API) roleRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	s := section("Roles")
	handle(a, s.get("/permissions", "listPermissions", "What people can be trusted with"), a.Permissions)

	handle(a, s.get("/groups/{group}/roles", "listRoles", "Which roles a group has, and who has them").fails(notFound), a.GroupRoles)
	handle(a, s.post("/groups/{group}/roles", "createRole", "Make a role in a group").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("It permits nothing that you may not do there."), a.createGroupRole)
	handle(a, s.put("/groups/{group}/roles/{id}", "changeRole", "Change a role of a group").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("Its name changes nothing that it permits."), a.changeGroupRole)
	do(a, s.delete("/groups/{group}/roles/{id}", "dropRole", "Let go of a role that nobody has").signedIn().fails(notFound, forbidden, conflict), a.dropGroupRole)
	handle(a, s.post("/groups/{group}/grants", "giveRole", "Give somebody a role in a group").signedIn().creates().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("They may live on another server: what they do from there is then taken from them. Nobody gives what they have not got, nor for longer than they have it."), a.giveGroupRole)
	handle(a, s.put("/groups/{group}/grants/{id}", "renewRole", "Change how long somebody has a role").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.renewGroupRole)
	do(a, s.delete("/groups/{group}/grants/{id}", "endRole", "End what somebody was given").signedIn().fails(notFound, forbidden).
		says("Anybody may give up what is their own."), a.endGroupRole)

	s = section("Roles on this server")
	handle(a, s.get("/admin/roles", "listSiteRoles", "Which roles this server has, and who has them").signedIn().fails(forbidden), a.SiteRoles)
	handle(a, s.post("/admin/roles", "createSiteRole", "Make a role on this server").signedIn().creates().limited(a.limits.write).fails(forbidden, conflict), a.createSiteRole)
	handle(a, s.put("/admin/roles/{id}", "changeSiteRole", "Change a role of this server").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict), a.changeSiteRole)
	do(a, s.delete("/admin/roles/{id}", "dropSiteRole", "Let go of a role of this server that nobody has").signedIn().fails(notFound, forbidden, conflict), a.dropSiteRole)
	handle(a, s.post("/admin/grants", "giveSiteRole", "Give somebody a role on this server").confirmed().creates().limited(a.limits.write).fails(forbidden, conflict), a.giveSiteRole)
	handle(a, s.put("/admin/grants/{id}", "renewSiteRole", "Change how long somebody has a role on this server").signedIn().limited(a.limits.write).fails(notFound, forbidden), a.renewSiteRole)
	do(a, s.delete("/admin/grants/{id}", "endSiteRole", "End what somebody was given on this server").signedIn().fails(notFound, forbidden), a.endSiteRole)
}

func (a *API) createGroupRole(ctx context.Context, c *Caller, req *groupRoleRequest) (NamedRole, error) {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return NamedRole{}, err
	}
	return a.makeRole(ctx, c, at, req.Body)
}

func (a *API) createSiteRole(ctx context.Context, c *Caller, req *roleRequest) (NamedRole, error) {
	return a.makeRole(ctx, c, roles.Place{}, req.Body)
}

func (a *API) changeGroupRole(ctx context.Context, c *Caller, req *groupRoleChange) (NamedRole, error) {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return NamedRole{}, err
	}
	return a.changeRole(ctx, c, at, req.RoleID, req.Body)
}

func (a *API) changeSiteRole(ctx context.Context, c *Caller, req *siteRoleChange) (NamedRole, error) {
	return a.changeRole(ctx, c, roles.Place{}, req.RoleID, req.Body)
}

func (a *API) dropGroupRole(ctx context.Context, c *Caller, req *groupRolePath) error {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return err
	}
	return a.Roles.Drop(ctx, c.Who.Actor, at, community.NamedRoleID(req.ID))
}

func (a *API) dropSiteRole(ctx context.Context, c *Caller, req *RoleID) error {
	return a.Roles.Drop(ctx, c.Who.Actor, roles.Place{}, community.NamedRoleID(req.ID))
}

func (a *API) giveGroupRole(ctx context.Context, c *Caller, req *groupGrantRequest) (Grant, error) {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return Grant{}, err
	}
	return a.give(ctx, c, at, req.Body)
}

func (a *API) giveSiteRole(ctx context.Context, c *Caller, req *grantRequest) (Grant, error) {
	return a.give(ctx, c, roles.Place{}, req.Body)
}

func (a *API) renewGroupRole(ctx context.Context, c *Caller, req *groupGrantChange) (Grant, error) {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return Grant{}, err
	}
	return a.renew(ctx, c, at, req.GrantPath, req.Body)
}

func (a *API) renewSiteRole(ctx context.Context, c *Caller, req *siteGrantChange) (Grant, error) {
	return a.renew(ctx, c, roles.Place{}, req.GrantPath, req.Body)
}

func (a *API) endGroupRole(ctx context.Context, c *Caller, req *groupGrantPath) error {
	at, err := a.group(ctx, c, req.GroupPath)
	if err != nil {
		return err
	}
	return a.Roles.End(ctx, c.Who.Actor, at, community.GrantID(req.ID))
}

func (a *API) endSiteRole(ctx context.Context, c *Caller, req *GrantPath) error {
	return a.Roles.End(ctx, c.Who.Actor, roles.Place{}, community.GrantID(req.ID))
}
