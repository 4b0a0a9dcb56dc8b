package search

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// Complete lists the people or groups whose names begin as text does, which
// begins with @ or !, for who is writing.
func (s *Service) Complete(ctx context.Context, reader *community.Actor, text string, limit int) (_ []*community.Actor, err error) {
	defer fault.Wrap(&err, "search.Complete")
	q, err := community.ParseBeginning(text, s.Host)
	if err != nil || q.Name == "" {
		return nil, err
	}
	if reader != nil {
		q.Viewer = reader.ID
	}
	q.Limit = limit
	if q.Sight, err = s.DB.Sight(ctx, q.Viewer, s.Now()); err != nil {
		return nil, err
	}
	return s.DB.Begin(ctx, q)
}
