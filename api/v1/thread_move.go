package v1

import (
	"context"

	"drystone/community"
	"drystone/service/moderation"
)

// ThreadMove is where a moderator moves a thread.
type ThreadMove struct {
	Group string `json:"group" minLength:"1" maxLength:"320" doc:"Its name." example:"seedlings"`
	Why
}

type movePostRequest struct {
	PostPath
	Body ThreadMove
}

func (a *API) movePost(ctx context.Context, c *Caller, req *movePostRequest) error {
	group, err := a.findGroup(ctx, c, req.Body.Group)
	if err != nil {
		return err
	}
	return a.Moderation.MovePost(ctx, c.Who.Actor, req.id(), moderation.ThreadMove{To: group.Actor, Reason: req.Body.Reason}, community.Origin{})
}
