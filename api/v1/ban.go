package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
)

// A Ban is somebody who may not write.
type Ban struct {
	Person Actor     `json:"person"`
	Until  time.Time `json:"until" doc:"The year 9999: for good."`
	Reason string    `json:"reason"`
}

func banOf(v *community.BanView) Ban {
	return Ban{Person: actorOf(v.Person), Until: instant(v.Until), Reason: v.Reason}
}

func barred(v *community.BanView) *community.Actor { return v.Person }

// BanDraft is a ban to be declared.
type BanDraft struct {
	Until         *time.Time `json:"until,omitempty" doc:"When it ends by itself. Leave it out for good." example:"2030-01-01T00:00:00Z"`
	Reason        string     `json:"reason,omitempty" maxLength:"500" doc:"Everybody can read it." example:"Spam"`
	RemoveContent bool       `json:"remove_content,omitempty" doc:"Take down everything they wrote there."`
}

func (d BanDraft) ban() community.Ban {
	b := community.Ban{Reason: d.Reason, Remove: d.RemoveContent}
	if d.Until != nil {
		b.Until = *d.Until
	}
	return b
}

// BansQuery asks who is banned from a group.
type BansQuery struct {
	GroupPath
	Paging
}

func (a *API) bans(ctx context.Context, c *Caller, q *BansQuery) (List[Ban], error) {
	g, err := a.findGroup(ctx, c, q.Group)
	if err != nil {
		return List[Ban]{}, err
	}
	rows, next, err := a.Moderation.Banned(ctx, c.Who.Actor, g.Actor, q.page())
	if err == nil {
		err = a.looked(ctx, c, community.BansScreen, g.Actor, each(rows, barred)...)
	}
	return listOf(rows, next, banOf), err
}

type banMemberRequest struct {
	MemberPath
	Body BanDraft
}

func (a *API) banMember(ctx context.Context, c *Caller, req *banMemberRequest) error {
	group, person, err := a.findMember(ctx, c, req.MemberPath)
	if err != nil {
		return err
	}
	return a.Moderation.BanMember(ctx, c.Who.Actor, group, person, req.Body.ban(), community.Origin{})
}

// Restoring says what becomes of what was taken down.
type Restoring struct {
	Restore bool `query:"restore_content" doc:"Bring back what was taken down with the ban."`
}

type unbanMemberRequest struct {
	MemberPath
	Restoring
}

func (a *API) unbanMember(ctx context.Context, c *Caller, req *unbanMemberRequest) error {
	group, person, err := a.findMember(ctx, c, req.MemberPath)
	if err != nil {
		return err
	}
	return a.Moderation.UnbanMember(ctx, c.Who.Actor, group, person, req.Restore, community.Origin{})
}

// SiteBans lists who is banned from this server.
func (a *API) SiteBans(ctx context.Context, c *Caller, q *Paging) (List[Ban], error) {
	if c.Who == nil {
		return List[Ban]{}, fault.New(fault.Unauthenticated, "Sign in first.")
	}
	rows, next, err := a.Moderation.PeopleBanned(ctx, c.Who.Actor, q.page())
	if err == nil {
		err = a.looked(ctx, c, community.BansScreen, nil, each(rows, barred)...)
	}
	return listOf(rows, next, banOf), err
}

type banPersonRequest struct {
	PersonPath
	Body BanDraft
}

func (a *API) banPerson(ctx context.Context, c *Caller, req *banPersonRequest) error {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Moderation.BanPerson(ctx, c.Who.Actor, person, req.Body.ban())
}

type unbanPersonRequest struct {
	PersonPath
	Restoring
}

func (a *API) unbanPerson(ctx context.Context, c *Caller, req *unbanPersonRequest) error {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return err
	}
	return a.Moderation.UnbanPerson(ctx, c.Who.Actor, person, req.Restore)
}
