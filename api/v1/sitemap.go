package v1

import (
	"context"

	"drystone/community"
	"drystone/service/search"
)

// Maps lists the parts of the map for search engines.
func (a *API) Maps(ctx context.Context, c *Caller) ([]search.MapPart, error) {
	if err := count(a.limits.search, c); err != nil {
		return nil, err
	}
	return a.Options.Search.Maps(ctx)
}

// Map answers a part of it.
func (a *API) Map(ctx context.Context, c *Caller, part search.MapPart) ([]community.Landmark, error) {
	if err := count(a.limits.search, c); err != nil {
		return nil, err
	}
	return a.Options.Search.Map(ctx, part)
}
