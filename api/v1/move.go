package v1

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// moveRoutes is the part of the table of contents about moving house.
func (a *API) moveRoutes() {
	const notFound, forbidden, conflict = fault.NotFound, fault.Forbidden, fault.Conflict

	s := section("Moving")
	handle(a, s.get("/me/aliases", "getMyAliases", "My other addresses").signedIn(), a.myAliases)
	handle(a, s.put("/me/aliases", "setMyAliases", "Say which other addresses are mine").signedIn().limited(a.limits.ask).fails(notFound).
		says("Needed by whoever moves here: their old server looks for them here."), a.setMyAliases)
	do(a, s.post("/me/move", "moveMe", "Move to another server").confirmed().limited(a.limits.ask).fails(notFound, conflict).
		says("The account there has to name this one among its other addresses. Followers are told to go along; nothing more can be posted from here."), a.moveMe)
	do(a, s.delete("/me/move", "stay", "Come back").signedIn(), a.stay)
	handle(a, s.get("/groups/{group}/aliases", "getGroupAliases", "Other addresses of a group").fails(notFound), a.groupAliases)
	handle(a, s.put("/groups/{group}/aliases", "setGroupAliases", "Say which other addresses a group has").scope(community.ScopeModerate).signedIn().limited(a.limits.ask).fails(notFound, forbidden), a.setGroupAliases)
	do(a, s.post("/groups/{group}/move", "moveGroup", "Move a group that you own to another server").scope(community.ScopeModerate).confirmed().limited(a.limits.ask).fails(notFound, forbidden, conflict), a.moveGroup)
	do(a, s.delete("/groups/{group}/move", "stayGroup", "Bring a group that you own back").scope(community.ScopeModerate).signedIn().fails(notFound, forbidden), a.stayGroup)
}

// Aliases are other addresses of the same person or group.
type Aliases struct {
	Aliases []string `json:"aliases" nullable:"false" maxItems:"10" doc:"Addresses or handles; they come back as ids."`
}

// A Destination is where somebody moves.
type Destination struct {
	Target string `json:"target" minLength:"1" maxLength:"2048" doc:"An address or handle, which names the one who moves among its other addresses." example:"@alice@example.org"`
}

type aliasesRequest struct{ Body Aliases }

type groupAliasesRequest struct {
	GroupPath
	Body Aliases
}

type moveRequest struct{ Body Destination }

type groupMoveRequest struct {
	GroupPath
	Body Destination
}

func (a *API) myAliases(_ context.Context, c *Caller, _ *None) (Aliases, error) {
	return aliasesOf(c.Who.Actor), nil
}

func (a *API) setMyAliases(ctx context.Context, c *Caller, req *aliasesRequest) (Aliases, error) {
	return a.setAliases(ctx, c, c.Who.Actor, req.Body.Aliases)
}

func (a *API) moveMe(ctx context.Context, c *Caller, req *moveRequest) error {
	return a.move(ctx, c, c.Who.Actor, req.Body.Target)
}

func (a *API) stay(ctx context.Context, c *Caller, _ *None) error {
	return a.Options.Groups.Stay(ctx, c.Who.Actor, c.Who.Actor)
}

func (a *API) groupAliases(ctx context.Context, c *Caller, req *GroupPath) (Aliases, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Aliases{}, err
	}
	return aliasesOf(g.Actor), nil
}

func (a *API) setGroupAliases(ctx context.Context, c *Caller, req *groupAliasesRequest) (Aliases, error) {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return Aliases{}, err
	}
	return a.setAliases(ctx, c, g.Actor, req.Body.Aliases)
}

func (a *API) moveGroup(ctx context.Context, c *Caller, req *groupMoveRequest) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.move(ctx, c, g.Actor, req.Body.Target)
}

func (a *API) stayGroup(ctx context.Context, c *Caller, req *GroupPath) error {
	g, err := a.findGroup(ctx, c, req.Group)
	if err != nil {
		return err
	}
	return a.Options.Groups.Stay(ctx, c.Who.Actor, g.Actor)
}

func aliasesOf(who *community.Actor) Aliases {
	return Aliases{Aliases: append([]string{}, who.Aliases()...)}
}

// setAliases takes addresses and handles, and stores the ids of what they
// stand for.
func (a *API) setAliases(ctx context.Context, c *Caller, who *community.Actor, named []string) (Aliases, error) {
	if err := a.Options.Groups.MayDecide(ctx, c.Who.Actor, who); err != nil {
		return Aliases{}, err
	}
	ids := []string{}
	for _, name := range named {
		if who.IsAlso(name) { // its server need not be there any more
			ids = append(ids, name)
			continue
		}
		if a.Resolver == nil {
			return Aliases{}, fault.New(fault.Unavailable, "This server asks no other servers.")
		}
		known, err := a.Resolver.Identify(ctx, c.Reader(), name)
		if err != nil {
			return Aliases{}, err
		}
		ids = append(ids, known.IRI)
	}
	return Aliases{Aliases: ids}, a.Options.Groups.SetAliases(ctx, c.Who.Actor, who, ids)
}

func (a *API) move(ctx context.Context, c *Caller, who *community.Actor, target string) error {
	if err := a.Options.Groups.MayDecide(ctx, c.Who.Actor, who); err != nil {
		return err
	}
	if a.Resolver == nil {
		return fault.New(fault.Unavailable, "This server asks no other servers.")
	}
	return a.Resolver.Move(ctx, c.Who.Actor, who, target)
}
