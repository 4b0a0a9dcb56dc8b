package search

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// A MapPart is a part of the map for search engines: things of one kind whose
// ids lie between two.
type MapPart struct {
	Kind   community.MapKind
	Number int64 // from 1
}

// mostParts is how many parts an index may name (sitemaps.org).
const mostParts = 50_000

// Maps lists the parts of the map that show anything.
func (s *Service) Maps(ctx context.Context) (parts []MapPart, err error) {
	defer fault.Wrap(&err, "search.Maps")
	for _, kind := range community.MapKinds {
		for after := int64(0); len(parts) < mostParts; {
			next, err := s.DB.Mapped(ctx, kind, after, 0, 1)
			if err != nil {
				return nil, err
			}
			if len(next) == 0 {
				break
			}
			part := (next[0].ID-1)/community.MapPart + 1
			parts = append(parts, MapPart{kind, part})
			after = part * community.MapPart
		}
	}
	return parts, nil
}

// Map lists what a part of the map shows. One that shows nothing is NotFound.
func (s *Service) Map(ctx context.Context, part MapPart) (_ []community.Landmark, err error) {
	defer fault.Wrap(&err, "search.Map(%s, %d)", part.Kind, part.Number)
	if part.Number < 1 || part.Number > 1<<40 {
		return nil, fault.New(fault.NotFound, "There is no such map.")
	}
	upto := part.Number * community.MapPart
	list, err := s.DB.Mapped(ctx, part.Kind, upto-community.MapPart, upto, community.MapPart)
	if err == nil && len(list) == 0 {
		return nil, fault.New(fault.NotFound, "There is no such map.")
	}
	return list, err
}
