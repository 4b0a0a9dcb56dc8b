package v1

import (
	"context"
	"time"

	"drystone/community"
)

// A Member is somebody who belongs to a group, or asks to.
type Member struct {
	Actor Actor          `json:"actor"`
	Role  community.Role `json:"role" enum:"member,moderator,owner"`
	Since time.Time      `json:"since" doc:"When they joined, or asked."`
}

func memberOf(b *community.Belonging) Member {
	return Member{Actor: actorOf(b.Actor), Role: b.Role, Since: instant(b.CreatedAt)}
}

// MembersQuery asks for who belongs to a group.
type MembersQuery struct {
	GroupPath
	Paging
}

// MemberPath names somebody in a group.
type MemberPath struct {
	GroupPath
	Person string `path:"person" doc:"name, or name@host." example:"alice@example.org"`
}

// Requests lists who asks to be let into a group.
func (a *API) Requests(ctx context.Context, c *Caller, q *MembersQuery) (List[Member], error) {
	return a.belonging(ctx, c, q, community.RequestsScreen, a.Options.Groups.Asking)
}

// Members lists who belongs to a group.
func (a *API) Members(ctx context.Context, c *Caller, q *MembersQuery) (List[Member], error) {
	return a.belonging(ctx, c, q, community.MembersScreen, a.Options.Groups.Members)
}

type lister func(context.Context, *community.Actor, community.Handle, community.Page) ([]*community.Belonging, string, error)

func (a *API) belonging(ctx context.Context, c *Caller, q *MembersQuery, screen community.Screen, list lister) (List[Member], error) {
	h, err := a.handle(q.Group)
	if err != nil {
		return List[Member]{}, err
	}
	rows, next, err := list(ctx, c.Reader(), h, q.page())
	if err == nil && len(rows) > 0 {
		people := each(rows, func(b *community.Belonging) *community.Actor { return b.Actor })
		err = a.looked(ctx, c, screen, &community.Actor{ID: rows[0].GroupID}, people...)
	}
	return listOf(rows, next, memberOf), err
}

func (a *API) acceptRequest(ctx context.Context, c *Caller, req *MemberPath) error {
	return a.decide(ctx, c, req, a.Options.Groups.Admit)
}

func (a *API) refuseRequest(ctx context.Context, c *Caller, req *MemberPath) error {
	return a.decide(ctx, c, req, a.Options.Groups.TurnAway)
}

func (a *API) removeMember(ctx context.Context, c *Caller, req *MemberPath) error {
	return a.decide(ctx, c, req, a.Options.Groups.PutOut)
}

func (a *API) decide(
	ctx context.Context, c *Caller, req *MemberPath,
	decide func(ctx context.Context, by *community.Actor, group, whom community.Handle) error,
) error {
	group, err := a.handle(req.Group)
	if err != nil {
		return err
	}
	person, err := a.handle(req.Person)
	if err != nil {
		return err
	}
	return decide(ctx, c.Who.Actor, group, person)
}
