package v1

import (
	"context"
	"time"

	"drystone/community"
	"drystone/service/reports"
)

// A Warning is what a moderator told somebody in private.
type Warning struct {
	ID        int64     `json:"id"`
	Reason    string    `json:"reason" doc:"Plain text."`
	Group     *Actor    `json:"group" doc:"Where; null when it comes from this server."`
	Target    Actor     `json:"target"`
	By        Actor     `json:"by"`
	PostID    *int64    `json:"post_id" doc:"The post that it is about, if it is about one, or in whose thread the comment is."`
	CommentID *int64    `json:"comment_id"`
	CreatedAt time.Time `json:"created_at"`
}

func warningOf(v *community.WarningView) Warning {
	return Warning{
		ID: int64(v.ID), Reason: v.Reason, Group: actorOrNull(v.Group), Target: actorOf(v.Target), By: actorOf(v.By),
		PostID: idOrNull(int64(v.PostID)), CommentID: idOrNull(int64(v.CommentID)), CreatedAt: instant(v.CreatedAt),
	}
}

func idOrNull(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

type warnRequest struct {
	PersonPath
	Body WarningDraft
}

// WarningDraft is what somebody shall be told.
type WarningDraft struct {
	Reason    string `json:"reason" doc:"Plain text, at most 1,000 characters. They read it as it is." example:"Please keep adverts out of here."`
	Group     string `json:"group,omitempty" doc:"A group that the caller moderates. Left out, the warning is this server's, which administrators give." example:"garden"`
	PostID    *int64 `json:"post_id,omitempty" doc:"The post of theirs that it is about."`
	CommentID *int64 `json:"comment_id,omitempty" doc:"The comment of theirs that it is about."`
}

func (a *API) warnPerson(ctx context.Context, c *Caller, req *warnRequest) (Warning, error) {
	person, err := a.findPerson(ctx, req.Person)
	if err != nil {
		return Warning{}, err
	}
	warning := reports.Warning{Reason: req.Body.Reason}
	if req.Body.Group != "" {
		g, err := a.findGroup(ctx, c, req.Body.Group)
		if err != nil {
			return Warning{}, err
		}
		warning.Group = g.Actor
	}
	if req.Body.CommentID != nil {
		found, err := a.Posts.FindComment(ctx, c.Reader(), community.CommentID(*req.Body.CommentID))
		if err != nil {
			return Warning{}, err
		}
		warning.Comment, warning.Post = found.ID, found.PostID
	} else if req.Body.PostID != nil {
		warning.Post = community.PostID(*req.Body.PostID)
	}
	made, err := a.Options.Reports.Warn(ctx, c.Who.Actor, person, warning)
	if err != nil {
		return Warning{}, err
	}
	v, err := a.Options.Reports.FindWarning(ctx, c.Who.Actor, made.ID)
	if err != nil {
		return Warning{}, err
	}
	return warningOf(v), nil
}

// warnings lists what a person was told.
func (a *API) warnings(ctx context.Context, c *Caller, q *PersonQuery) (List[Warning], error) {
	person, err := a.findPerson(ctx, q.Person)
	if err != nil {
		return List[Warning]{}, err
	}
	rows, next, err := a.Options.Reports.Warnings(ctx, c.Who.Actor, person, q.page())
	if err == nil && len(rows) > 0 {
		err = a.looked(ctx, c, community.WarningsScreen, rows[0].Group, person)
	}
	return listOf(rows, next, warningOf), err
}
