package v1

import (
	"context"

	"drystone/community"
	"drystone/service/moderation"
)

// Removal says why a moderator takes something down.
type Removal struct {
	Reason      string `json:"reason" maxLength:"500" doc:"Its author and the public can read it." example:"Off topic"`
	WithReplies bool   `json:"with_replies,omitempty" doc:"With everything below it."`
}

type removePostRequest struct {
	PostPath
	Body Removal
}

func (a *API) removePost(ctx context.Context, c *Caller, req *removePostRequest) error {
	removal := moderation.Removal{Reason: req.Body.Reason, Replies: req.Body.WithReplies}
	return a.Moderation.RemovePost(ctx, c.Who.Actor, req.id(), removal, community.Origin{})
}

func (a *API) restorePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.RestorePost(ctx, c.Who.Actor, req.id(), community.Origin{})
}

type removeCommentRequest struct {
	CommentPath
	Body Removal
}

func (a *API) removeComment(ctx context.Context, c *Caller, req *removeCommentRequest) error {
	removal := moderation.Removal{Reason: req.Body.Reason, Replies: req.Body.WithReplies}
	return a.Moderation.RemoveComment(ctx, c.Who.Actor, req.id(), removal, community.Origin{})
}

func (a *API) restoreComment(ctx context.Context, c *Caller, req *CommentPath) error {
	return a.Moderation.RestoreComment(ctx, c.Who.Actor, req.id(), community.Origin{})
}
