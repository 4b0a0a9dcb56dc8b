package v1

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/roles"
)

// A Handover is that an owner offers their group.
type Handover struct {
	From   *Actor    `json:"from"`
	To     *Actor    `json:"to"`
	EndsAt time.Time `json:"ends_at" doc:"Until when it can be accepted."`
}

// A Claim is that a member asks for a group that nobody looks after.
type Claim struct {
	ID        int64     `json:"id"`
	Person    *Actor    `json:"person,omitempty"`
	Reason    string    `json:"reason" doc:"Plain text."`
	CreatedAt time.Time `json:"created_at"`
}

// A Keeping is whose a group is to be, as far as the caller has a part in it.
type Keeping struct {
	Offer    *Handover `json:"offer,omitempty" doc:"That the caller made, or got."`
	Orphaned bool      `json:"orphaned" doc:"Nobody has looked after the group for thirty days: its members may claim it."`
	Claim    *Claim    `json:"claim,omitempty" doc:"The caller's."`
}

func keepingOf(k roles.Keeping) Keeping {
	out := Keeping{Orphaned: k.Orphaned}
	if k.Offer != nil {
		out.Offer = &Handover{actorOrNull(k.From), actorOrNull(k.To), instant(k.Offer.EndsAt)}
	}
	if c := k.Claim; c != nil {
		out.Claim = &Claim{ID: int64(c.ID), Reason: c.Reason, CreatedAt: instant(c.CreatedAt)}
	}
	return out
}

// Keeping answers whose a group is to be.
func (a *API) Keeping(ctx context.Context, c *Caller, req *GroupPath) (Keeping, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Keeping{}, err
	}
	k, err := a.Roles.Keeping(ctx, c.Reader(), g.Actor)
	return keepingOf(k), err
}

// An Orphan is a group that nobody looks after.
type Orphan struct {
	Group      Actor   `json:"group"`
	Moderators []Actor `json:"moderators" nullable:"false" doc:"Who did."`
	Claims     []Claim `json:"claims" nullable:"false"`
}

func orphanOf(v *community.OrphanView) Orphan {
	return Orphan{
		Group: actorOf(v.Group), Moderators: each(v.Moderators, actorOf),
		Claims: each(v.Claims, func(c *community.ClaimView) Claim {
			return Claim{int64(c.ID), actorOrNull(c.Person), c.Reason, instant(c.CreatedAt)}
		}),
	}
}

// Orphans lists groups that nobody looks after.
func (a *API) Orphans(ctx context.Context, c *Caller, q *Paging) (List[Orphan], error) {
	rows, next, err := a.Roles.Orphans(ctx, c.Who.Actor, q.page())
	return listOf(rows, next, orphanOf), err
}

type offerRequest struct {
	GroupPath
	Body struct {
		Person string `json:"person" doc:"Another moderator, of this server." example:"alice"`
	}
}

func (a *API) offerGroup(ctx context.Context, c *Caller, req *offerRequest) error {
	group, person, err := a.groupAnd(ctx, c, req.GroupPath, req.Body.Person)
	if err != nil {
		return err
	}
	return a.Roles.Offer(ctx, c.Who.Actor, group, person)
}

// groupAnd finds a group, and somebody whom a body names.
func (a *API) groupAnd(ctx context.Context, c *Caller, path GroupPath, name string) (group, person *community.Actor, err error) {
	g, err := a.findGroup(ctx, c, path.Group)
	if err != nil {
		return nil, nil, err
	}
	person, err = a.findPerson(ctx, name)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		err = fault.Field("person", "There is nobody called %.100q here.", name)
	}
	return g.Actor, person, err
}

// onGroup is an operation that somebody does about a group.
func (a *API) onGroup(f func(ctx context.Context, by, group *community.Actor) error) func(context.Context, *Caller, *GroupPath) error {
	return func(ctx context.Context, c *Caller, req *GroupPath) error {
		g, err := a.findGroup(ctx, c, req.Group)
		if err != nil {
			return err
		}
		return f(ctx, c.Who.Actor, g.Actor)
	}
}

type claimRequest struct {
	GroupPath
	Body struct {
		Reason string `json:"reason" doc:"Why you want to look after it; plain text, at most 500 characters."`
	}
}

func (a *API) claimGroup(ctx context.Context, c *Caller, req *claimRequest) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.Roles.Claim(ctx, c.Who.Actor, g.Actor, strings.TrimSpace(req.Body.Reason))
}

type handOutRequest struct {
	GroupPath
	Body struct {
		Person string `json:"person" doc:"A member, or yourself." example:"alice"`
		Reason string `json:"reason,omitempty" doc:"Everybody can read it in the log."`
	}
}

func (a *API) handOutGroup(ctx context.Context, c *Caller, req *handOutRequest) error {
	// Who may not learns nothing of who is there.
	if err := c.may(community.SiteGroups, a.Now()); err != nil {
		return err
	}
	group, person, err := a.groupAnd(ctx, c, req.GroupPath, req.Body.Person)
	if err != nil {
		return err
	}
	return a.Roles.HandOut(ctx, c.Who.Actor, group, person, strings.TrimSpace(req.Body.Reason))
}

type refuseClaimRequest struct {
	ID   int64 `path:"id" minimum:"1"`
	Body struct {
		Note string `json:"note,omitempty" doc:"For who made the claim."`
	}
}

func (a *API) refuseClaim(ctx context.Context, c *Caller, req *refuseClaimRequest) error {
	return a.Roles.Refuse(ctx, c.Who.Actor, community.ClaimID(req.ID), strings.TrimSpace(req.Body.Note))
}

// keepingRoutes is the part of the table of contents about groups that go from
// one pair of hands into another.
func (a *API) keepingRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict
	s := section("Roles")
	handle(a, s.get("/groups/{group}/keeping", "getKeeping", "Whose a group is to be").signedIn().fails(notFound), a.Keeping)
	do(a, s.put("/groups/{group}/handover", "offerGroup", "Offer a group that you own to another of its moderators").confirmed().limited(a.limits.write).fails(notFound, forbidden).
		says("They have a week to accept. Until then you can take it back."), a.offerGroup)
	do(a, s.delete("/groups/{group}/handover", "declineGroup", "Take the offer of a group back, or refuse it").signedIn().fails(notFound, forbidden), a.onGroup(a.Roles.Decline))
	do(a, s.post("/groups/{group}/handover/accept", "acceptGroup", "Accept a group that you are offered").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("You own it then; who did moderates it."), a.onGroup(a.Roles.Accept))
	do(a, s.put("/groups/{group}/claim", "claimGroup", "Ask to look after a group that nobody looks after").signedIn().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("Its members may, when none of its moderators was here for thirty days. Those who hand out groups decide."), a.claimGroup)
	do(a, s.delete("/groups/{group}/claim", "unclaimGroup", "Take that back").signedIn().fails(notFound), a.onGroup(a.Roles.Unclaim))

	s = section("Roles on this server")
	handle(a, s.get("/admin/orphans", "listOrphans", "Groups that nobody looks after, and who would like to").signedIn().fails(forbidden), a.Orphans)
	do(a, s.put("/admin/groups/{group}/owner", "handOutGroup", "Give a group that nobody looks after to a member, or take it over").confirmed().limited(a.limits.write).fails(notFound, forbidden, conflict).
		says("Its members are told, and other servers."), a.handOutGroup)
	do(a, s.post("/admin/claims/{id}/refusal", "refuseClaim", "Say no to somebody who claims a group").signedIn().fails(notFound, forbidden, conflict), a.refuseClaim)
}
