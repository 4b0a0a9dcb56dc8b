package posts

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// asksTwice reports whether a draft says that it is a question, and is a poll
// or an event.
func (d *Draft) asksTwice() bool {
	return d.Question != nil && *d.Question && (d.Poll != nil || d.Event != nil)
}

// Questions lists questions without a chosen answer as reader sees them, the
// oldest first, and returns the cursor of the next page.
func (s *Service) Questions(ctx context.Context, reader *community.Actor, query community.QuestionQuery) (_ []*community.PostView, next string, err error) {
	defer fault.Wrap(&err, "posts.Questions")
	query.Viewer = idOf(reader)
	if query.Sight, err = s.DB.Sight(ctx, query.Viewer, s.now()); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Questions(ctx, query)
	if err != nil {
		return nil, "", err
	}
	views, err := s.DB.PostViews(ctx, reader, list, s.now())
	return views, next, err
}

// Responses tells those who may see how a group does how soon people are
// answered in it.
func (s *Service) Responses(ctx context.Context, by, group *community.Actor) (_ community.Responses, err error) {
	defer fault.Wrap(&err, "posts.Responses(%s)", group.Handle())
	m, err := s.DB.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return community.Responses{}, err
	}
	if err := group.Admits(by, m); err != nil {
		return community.Responses{}, err
	}
	if err := m.Needs(community.SeeMetrics, s.now()); err != nil {
		return community.Responses{}, err
	}
	return s.DB.Responses(ctx, group.ID, s.now())
}
