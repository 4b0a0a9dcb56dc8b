package v1

import (
	"context"

	"drystone/community"
)

// Why is what a moderator says about a decision.
type Why struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Everybody can read it." example:"This has been said."`
}

type lockPostRequest struct {
	PostPath
	Body Why
}

func (a *API) lockPost(ctx context.Context, c *Caller, req *lockPostRequest) error {
	return a.Moderation.LockPost(ctx, c.Who.Actor, req.id(), req.Body.Reason, community.Origin{})
}

func (a *API) unlockPost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.UnlockPost(ctx, c.Who.Actor, req.id(), community.Origin{})
}

type lockCommentRequest struct {
	CommentPath
	Body Why
}

func (a *API) lockComment(ctx context.Context, c *Caller, req *lockCommentRequest) error {
	return a.Moderation.LockComment(ctx, c.Who.Actor, req.id(), req.Body.Reason, community.Origin{})
}

func (a *API) unlockComment(ctx context.Context, c *Caller, req *CommentPath) error {
	return a.Moderation.UnlockComment(ctx, c.Who.Actor, req.id(), community.Origin{})
}
