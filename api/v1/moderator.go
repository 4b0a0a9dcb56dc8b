package v1

import (
	"context"

	"drystone/community"
)

func (a *API) findMember(ctx context.Context, c *Caller, path MemberPath) (group, person *community.Actor, err error) {
	g, err := a.findGroup(ctx, c, path.Group)
	if err != nil {
		return nil, nil, err
	}
	person, err = a.findPerson(ctx, path.Person)
	return g.Actor, person, err
}

func (a *API) addModerator(ctx context.Context, c *Caller, req *MemberPath) error {
	group, person, err := a.findMember(ctx, c, *req)
	if err != nil {
		return err
	}
	return a.Moderation.AddModerator(ctx, c.Who.Actor, group, person, community.Origin{})
}

func (a *API) removeModerator(ctx context.Context, c *Caller, req *MemberPath) error {
	group, person, err := a.findMember(ctx, c, *req)
	if err != nil {
		return err
	}
	return a.Moderation.RemoveModerator(ctx, c.Who.Actor, group, person, community.Origin{})
}
