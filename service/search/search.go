// Package search finds posts, comments, groups, feeds and people by words, within
// what the reader may see. Finding things on other servers by their address
// belongs to federation.
package search

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use case needs.
type Service struct {
	DB   *storage.DB
	Host string // of this server, as handles name it
	Now  func() time.Time
}

// Results are what was found, at most the limit of each kind.
type Results struct {
	Posts    []*community.PostView
	Comments []*community.CommentView
	Groups   []*community.Group
	Feeds    []*community.Feed
	People   []*community.Actor
}

// Search finds what holds all words of text. Nothing to look for finds
// nothing.
func (s *Service) Search(ctx context.Context, reader *community.Actor, text string, limit int) (_ *Results, err error) {
	defer fault.Wrap(&err, "search.Search")
	found := new(Results)
	if len(storage.Words(text)) == 0 {
		return found, nil
	}
	viewer := community.ActorID(0)
	if reader != nil {
		viewer = reader.ID
	}
	sight, err := s.DB.Sight(ctx, viewer, s.Now())
	if err != nil {
		return nil, err
	}
	posts, err := s.DB.SearchPosts(ctx, viewer, sight, text, limit)
	if err != nil {
		return nil, err
	}
	if found.Posts, err = s.DB.PostViews(ctx, reader, posts, s.Now()); err != nil {
		return nil, err
	}
	comments, err := s.DB.SearchComments(ctx, viewer, sight, text, limit)
	if err != nil {
		return nil, err
	}
	if found.Comments, err = s.DB.CommentViews(ctx, reader, comments, s.Now()); err != nil {
		return nil, err
	}
	groups, _, err := s.DB.Groups(ctx, community.GroupQuery{Words: text, Viewer: viewer, Page: community.Page{Limit: limit}})
	if err != nil {
		return nil, err
	}
	if found.Groups, err = s.DB.GroupViews(ctx, reader, groups); err != nil {
		return nil, err
	}
	handle, _ := community.ParseHandle(text, s.Host)
	if found.Feeds, err = s.DB.SearchFeeds(ctx, text, handle, limit); err != nil {
		return nil, err
	}
	found.People, err = s.DB.People(ctx, text, handle, limit)
	return found, err
}
