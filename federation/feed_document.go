package federation

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"drystone/community"
	"drystone/federation/as"
	"drystone/storage"
)

// feedDocument is a feed of ours as peers read it.
func (s *Server) feedDocument(ctx context.Context, db *storage.DB, a *community.Actor) (as.Feed, error) {
	source, err := db.FeedSource(ctx, a.ID)
	if err != nil {
		return as.Feed{}, err
	}
	actor := s.actorDocument(a)
	actor.Following = source.Following
	return as.Feed{Actor: actor, AttributedTo: source.Attributed}, nil
}

func (s *Server) ownFeed(r *http.Request) (*community.Actor, error) {
	return s.ownActor(r, community.FeedKind)
}

func (s *Server) getFeed(r *http.Request) (document, error) {
	a, err := s.ownFeed(r)
	if err != nil {
		return nil, err
	}
	return s.described(r.Context(), s.DB, a)
}

// getFeedOutbox is empty: a feed says nothing but what becomes of itself.
func (s *Server) getFeedOutbox(r *http.Request) (document, error) {
	a, err := s.ownFeed(r)
	if err != nil {
		return nil, err
	}
	return as.OrderedCollection{ID: a.IRI + "/outbox", Items: []json.RawMessage{}}, nil
}

func (s *Server) getFeedFollowers(r *http.Request) (document, error) {
	a, err := s.ownFeed(r)
	if err != nil {
		return nil, err
	}
	return count{followersOf(a), max(a.MemberCount, 0)}, nil
}

// getFeedFollowing lists the groups of a feed: those that everybody can read.
func (s *Server) getFeedFollowing(r *http.Request) (document, error) {
	a, err := s.ownFeed(r)
	if err != nil {
		return nil, err
	}
	groups, err := s.feedService().Listed(r.Context(), a)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.IRI
	}
	return as.Collection{ID: a.IRI + "/following", Items: ids}, nil
}

// wantsFeed reports whether a resource is written as PieFed writes a feed.
func wantsFeed(resource string) bool {
	return strings.HasPrefix(strings.TrimPrefix(resource, "acct:"), "~")
}
