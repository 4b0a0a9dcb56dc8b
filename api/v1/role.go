package v1

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/roles"
)

// A Permission is one thing that somebody may be trusted with.
type Permission struct {
	Word  community.Permission `json:"word" example:"threads.lock"`
	Does  string               `json:"does" doc:"What it lets somebody do; it goes on after may." example:"end threads and branches of them, and open them again"`
	Later bool                 `json:"later,omitempty" doc:"Nothing asks for it yet."`
}

func permissionsOf(list []community.Allowance) []Permission {
	return each(list, func(a community.Allowance) Permission { return Permission{a.Permission, a.Does, a.Later} })
}

// Permissions are all that there are.
type Permissions struct {
	Group []Permission `json:"group" nullable:"false"`
	Site  []Permission `json:"site" nullable:"false"`
}

// Permissions answers which permissions there are.
func (a *API) Permissions(_ context.Context, _ *Caller, _ *None) (Permissions, error) {
	return Permissions{permissionsOf(community.GroupAllowances()), permissionsOf(community.SiteAllowances())}, nil
}

// A NamedRole is a name for some permissions.
type NamedRole struct {
	ID          string                 `json:"id" doc:"A word for those that every place has, a number for those that people made."`
	Name        string                 `json:"name"`
	About       string                 `json:"about,omitempty" doc:"Plain text."`
	Permissions []community.Permission `json:"permissions" nullable:"false"`
	Level       int                    `json:"level" doc:"From 1 to 9. Who gives roles gives and ends only those below their own highest."`
	Fixed       bool                   `json:"fixed" doc:"Every place has it, and nobody changes it."`
	MayGive     bool                   `json:"may_give" doc:"Whether the caller has all of it, and may give roles."`
}

func namedRoleOf(v roles.RoleView) NamedRole {
	return NamedRole{
		ID: v.Ref(), Name: v.Name, About: v.About, Permissions: v.Permissions(), Level: v.Level, Fixed: v.Key != "", MayGive: v.MayGive,
	}
}

// A Grant is a role that somebody was given.
type Grant struct {
	ID        int64                  `json:"id"`
	Person    *Actor                 `json:"person"`
	Role      string                 `json:"role" doc:"The id of the role."`
	RoleName  string                 `json:"role_name"`
	May       []community.Permission `json:"may" nullable:"false"`
	Holds     bool                   `json:"holds" doc:"It has begun and is not over."`
	StartsAt  time.Time              `json:"starts_at"`
	EndsAt    *time.Time             `json:"ends_at" doc:"Null: until somebody ends it."`
	EndedAt   *time.Time             `json:"ended_at" doc:"When somebody ended it, or it was over."`
	ReviewAt  *time.Time             `json:"review_at" doc:"When who gave it is reminded to think again; only for those who give roles, and for who has it, as are by and note."`
	By        *Actor                 `json:"by,omitempty"`
	Note      string                 `json:"note,omitempty"`
	MayEnd    bool                   `json:"may_end" doc:"Whether the caller may end it."`
	CreatedAt time.Time              `json:"created_at"`
}

func (a *API) grantOf(v *community.GrantView) Grant {
	return Grant{
		ID: int64(v.ID), Person: actorOrNull(v.Person), Role: v.Role.Ref(), RoleName: v.Role.Name, May: v.Role.Permissions(),
		Holds: v.Holds(a.Now()), StartsAt: instant(v.StartsAt), EndsAt: maybe(v.EndsAt), EndedAt: maybe(v.EndedAt), ReviewAt: maybe(v.ReviewAt),
		By: actorOrNull(v.By), Note: v.Note, MayEnd: v.MayEnd, CreatedAt: instant(v.CreatedAt),
	}
}

// A RoleBoard is what roles there are in a place, and who has them.
type RoleBoard struct {
	Roles       []NamedRole            `json:"roles" nullable:"false"`
	Grants      []Grant                `json:"grants" nullable:"false" doc:"What nobody ended. Who gives no roles sees those that hold."`
	Past        []Grant                `json:"past" nullable:"false" doc:"What is over, newest first; only for those who give roles."`
	Permissions []Permission           `json:"permissions" nullable:"false" doc:"All that there are in such a place."`
	May         []community.Permission `json:"may" nullable:"false" doc:"What the caller may do there."`
	Below       int                    `json:"below" doc:"The caller gives, changes and ends roles of levels below this; 0: none."`
}

func (a *API) boardOf(b *roles.Board, all []community.Allowance) RoleBoard {
	may := b.Mine
	if may == nil {
		may = community.Permissions{}
	}
	return RoleBoard{
		Roles: each(b.Roles, namedRoleOf), Grants: each(b.Grants, a.grantOf), Past: each(b.Past, a.grantOf),
		Permissions: permissionsOf(all), May: may, Below: b.Below,
	}
}

// GroupRoles answers the roles of a group.
func (a *API) GroupRoles(ctx context.Context, c *Caller, req *GroupPath) (RoleBoard, error) {
	at, err := a.group(ctx, c, *req)
	if err != nil {
		return RoleBoard{}, err
	}
	return a.board(ctx, c, at)
}

// SiteRoles answers the roles of this server.
func (a *API) SiteRoles(ctx context.Context, c *Caller, _ *None) (RoleBoard, error) {
	return a.board(ctx, c, roles.Place{})
}

func (a *API) board(ctx context.Context, c *Caller, at roles.Place) (RoleBoard, error) {
	b, err := a.Roles.Board(ctx, c.Reader(), at)
	if err != nil {
		return RoleBoard{}, err
	}
	all := community.GroupAllowances()
	if at.Group == nil {
		all = community.SiteAllowances()
	}
	return a.boardOf(b, all), nil
}

// group is the place that a path names.
func (a *API) group(ctx context.Context, c *Caller, path GroupPath) (roles.Place, error) {
	g, err := a.findGroup(ctx, c, path.Group)
	if err != nil {
		return roles.Place{}, err
	}
	return roles.Place{Group: g.Actor}, nil
}

// RoleDraft is a role as somebody makes or changes it.
type RoleDraft struct {
	Name        string                 `json:"name" example:"Greeter"`
	About       string                 `json:"about,omitempty" doc:"Plain text."`
	Permissions []community.Permission `json:"permissions" nullable:"false" maxItems:"100"`
	Level       int                    `json:"level,omitempty" minimum:"0" maximum:"9" doc:"From 1 to 9; where left out, 5 for a role that lets somebody give roles, and 2 for all others."`
}

func (d RoleDraft) draft() roles.Draft {
	return roles.Draft{Name: strings.TrimSpace(d.Name), About: strings.TrimSpace(d.About), Permits: d.Permissions, Level: d.Level}
}

type roleRequest struct{ Body RoleDraft }

// RoleID names a role that people made.
type RoleID struct {
	ID int64 `path:"id" minimum:"1"`
}

type groupRoleRequest struct {
	GroupPath
	Body RoleDraft
}

type groupRolePath struct {
	GroupPath
	RoleID
}

type groupRoleChange struct {
	GroupPath
	RoleID
	Body RoleDraft
}

type siteRoleChange struct {
	RoleID
	Body RoleDraft
}

func (a *API) makeRole(ctx context.Context, c *Caller, at roles.Place, d RoleDraft) (NamedRole, error) {
	role, err := a.Roles.Make(ctx, c.Who.Actor, at, d.draft())
	if err != nil {
		return NamedRole{}, err
	}
	return namedRoleOf(roles.RoleView{NamedRole: role, MayGive: true}), nil
}

func (a *API) changeRole(ctx context.Context, c *Caller, at roles.Place, id RoleID, d RoleDraft) (NamedRole, error) {
	role, err := a.Roles.Change(ctx, c.Who.Actor, at, community.NamedRoleID(id.ID), d.draft())
	if err != nil {
		return NamedRole{}, err
	}
	return namedRoleOf(roles.RoleView{NamedRole: role, MayGive: true}), nil
}

// GrantDraft is a role that somebody is to have.
type GrantDraft struct {
	Person   string     `json:"person" doc:"name, or name@host." example:"alice"`
	Role     string     `json:"role" doc:"The id of the role." example:"engagement"`
	StartsAt *time.Time `json:"starts_at,omitempty" doc:"Now where left out."`
	EndsAt   *time.Time `json:"ends_at,omitempty" doc:"Where left out, until somebody ends it."`
	ReviewAt *time.Time `json:"review_at,omitempty" doc:"When to think again whether it is right."`
	Note     string     `json:"note,omitempty" doc:"For who gets it, and for those who give roles."`
}

type grantRequest struct{ Body GrantDraft }

type groupGrantRequest struct {
	GroupPath
	Body GrantDraft
}

func (a *API) give(ctx context.Context, c *Caller, at roles.Place, d GrantDraft) (Grant, error) {
	person, err := a.findPerson(ctx, d.Person)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			err = fault.Field("person", "There is nobody called %.100q here.", d.Person)
		}
		return Grant{}, err
	}
	gift := roles.Gift{
		Role: d.Role, StartsAt: timeOf(d.StartsAt), EndsAt: timeOf(d.EndsAt), ReviewAt: timeOf(d.ReviewAt), Note: strings.TrimSpace(d.Note),
	}
	grant, err := a.Roles.Give(ctx, c.Who.Actor, person, at, gift)
	if err != nil {
		return Grant{}, err
	}
	return a.granted(ctx, c, grant)
}

func (a *API) granted(ctx context.Context, c *Caller, grant *community.RoleGrant) (Grant, error) {
	v, err := a.Roles.View(ctx, c.Who.Actor, grant)
	if err != nil {
		return Grant{}, err
	}
	return a.grantOf(v), nil
}

// timeOf is a time that may have been left out.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// GrantChange says until when a role is given from now on, and when to think
// about it again. What is left out is never.
type GrantChange struct {
	EndsAt   *time.Time `json:"ends_at,omitempty"`
	ReviewAt *time.Time `json:"review_at,omitempty"`
	Note     string     `json:"note,omitempty"`
}

// GrantPath names a grant.
type GrantPath struct {
	ID int64 `path:"id" minimum:"1"`
}

type groupGrantPath struct {
	GroupPath
	GrantPath
}

type groupGrantChange struct {
	GroupPath
	GrantPath
	Body GrantChange
}

type siteGrantChange struct {
	GrantPath
	Body GrantChange
}

func (a *API) renew(ctx context.Context, c *Caller, at roles.Place, id GrantPath, change GrantChange) (Grant, error) {
	ends, review, note := timeOf(change.EndsAt), timeOf(change.ReviewAt), strings.TrimSpace(change.Note)
	grant, err := a.Roles.Renew(ctx, c.Who.Actor, at, community.GrantID(id.ID), roles.Renewal{EndsAt: &ends, ReviewAt: &review, Note: &note})
	if err != nil {
		return Grant{}, err
	}
	return a.granted(ctx, c, grant)
}
