package v1

import (
	"context"

	"drystone/community"
)

func (a *API) featurePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.FeaturePost(ctx, c.Who.Actor, req.id(), community.Origin{})
}

func (a *API) unfeaturePost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.UnfeaturePost(ctx, c.Who.Actor, req.id(), community.Origin{})
}

func (a *API) markPost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.MarkPost(ctx, c.Who.Actor, req.id(), community.Origin{})
}

func (a *API) unmarkPost(ctx context.Context, c *Caller, req *PostPath) error {
	return a.Moderation.UnmarkPost(ctx, c.Who.Actor, req.id(), community.Origin{})
}
