package posts

import (
	"cmp"
	"context"
	"strings"

	"drystone/community"
	"drystone/community/markup"
	"drystone/fault"
)

// Feed lists posts as reader sees them, and returns the cursor of the next
// page.
func (s *Service) Feed(ctx context.Context, reader *community.Actor, query community.FeedQuery) (_ []*community.PostView, next string, err error) {
	defer fault.Wrap(&err, "posts.Feed")
	query.Viewer = idOf(reader)
	query.Since = query.Within.Since(s.now())
	if query.Sight, err = s.DB.Sight(ctx, query.Viewer, s.now()); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Feed(ctx, query)
	if err != nil {
		return nil, "", err
	}
	views, err := s.DB.PostViews(ctx, reader, list, s.now())
	return views, next, err
}

// Taste is how reader likes their lists; whoever is not signed in never said.
func (s *Service) Taste(ctx context.Context, reader *community.Actor) (_ community.Taste, err error) {
	defer fault.Wrap(&err, "posts.Taste")
	if reader == nil {
		return community.Taste{}, nil
	}
	return s.DB.Taste(ctx, reader.ID)
}

// SetTaste remembers how somebody likes their lists.
func (s *Service) SetTaste(ctx context.Context, who *community.Actor, t community.Taste) (_ community.Taste, err error) {
	defer fault.Wrap(&err, "posts.SetTaste(%s)", who.Handle())
	t.ActorID, t.UpdatedAt = who.ID, s.now()
	if err := t.Check(); err != nil {
		return t, err
	}
	return t, s.DB.SaveTaste(ctx, &t)
}

// FoldTag is a hashtag, with its mark or without, as it is compared. What can be
// none is NotFound.
func (s *Service) FoldTag(name string) (string, error) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "#")
	fold := markup.FoldHashtag(name)
	if fold == "" {
		return "", fault.New(fault.NotFound, "A hashtag is a word of letters, digits and underscores.")
	}
	return fold, nil
}

// Tag returns a hashtag with how much of it reader may see.
func (s *Service) Tag(ctx context.Context, reader *community.Actor, name string) (_ *community.Tag, err error) {
	defer fault.Wrap(&err, "posts.Tag")
	fold, err := s.FoldTag(name)
	if err != nil {
		return nil, err
	}
	tag, err := s.DB.Tag(ctx, idOf(reader), fold)
	if err == nil {
		tag.Name = cmp.Or(tag.Name, fold)
	}
	return tag, err
}
