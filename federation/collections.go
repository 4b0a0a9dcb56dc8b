package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// mostOutbox is how many posts are in an outbox: as many as Lemmy reads.
const mostOutbox = 50

// count is a collection of which only the size is told. Lemmy reads the
// number of a group's followers in exactly this form: a Collection, not
// ordered, with items that are none.
type count struct {
	id    string
	total int64
}

// Marshal writes the document.
func (c count) Marshal() ([]byte, error) {
	return json.Marshal(struct {
		Context string     `json:"@context"`
		ID      string     `json:"id"`
		Type    string     `json:"type"`
		Total   int64      `json:"totalItems"`
		Items   []struct{} `json:"items"`
	}{as.NS, c.id, as.KindCollection, c.total, []struct{}{}})
}

func (s *Server) getGroupFollowers(r *http.Request) (document, error) {
	a, err := s.ownGroup(r)
	if err != nil {
		return nil, err
	}
	if whom := r.URL.Query().Get("is_follower"); whom != "" && a.Closed() {
		return s.isFollower(r, a, whom)
	}
	return count{followersOf(a), max(a.MemberCount, 0)}, nil
}

func (s *Server) getPersonFollowers(r *http.Request) (document, error) {
	a, err := s.ownActor(r, people...)
	if err != nil {
		return nil, err
	}
	return count{followersOf(a), max(a.MemberCount, 0)}, nil
}

// getFollowing tells how many groups somebody belongs to. Who lives elsewhere
// now is shown there, and by nobody else, what they follow: it is theirs.
func (s *Server) getFollowing(r *http.Request) (document, error) {
	a, err := s.ownActor(r, people...)
	if err != nil {
		return nil, err
	}
	if a.Moved() {
		who, err := s.reader(r)
		if err != nil {
			return nil, err
		}
		if who != nil && who.IRI == a.MovedTo {
			return s.followedBy(r.Context(), a)
		}
	}
	joined, err := s.DB.Joined(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	joined = slices.DeleteFunc(joined, (*community.Actor).Closed)
	return count{a.IRI + "/following", int64(len(joined))}, nil
}

// getInstanceOutbox is empty: the instance says nothing by itself. Lemmy
// requires every actor to have one.
func (s *Server) getInstanceOutbox(*http.Request) (document, error) {
	return as.OrderedCollection{ID: s.Origin + "/outbox", Items: []json.RawMessage{}}, nil
}

// getModerators lists ids: Lemmy parses nothing else.
func (s *Server) getModerators(r *http.Request) (document, error) {
	a, err := s.ownGroup(r)
	if err != nil {
		return nil, err
	}
	moderators, err := s.DB.Moderators(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	items := []json.RawMessage{}
	for _, m := range moderators {
		if !m.Gone() {
			items = append(items, as.ObjectID(m.IRI))
		}
	}
	return as.OrderedCollection{ID: a.IRI + "/moderators", Items: items}, nil
}

// getFeatured lists what moderators put on top, whole: an id in it would keep
// Lemmy from reading any. What others wrote is there as it was received.
func (s *Server) getFeatured(r *http.Request) (document, error) {
	a, err := s.ownGroup(r)
	if err != nil {
		return nil, err
	}
	posts, err := s.DB.Featured(r.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	actors, err := actorsOf(r.Context(), s.DB, posts)
	if err != nil {
		return nil, err
	}
	items := []json.RawMessage{}
	for _, post := range posts {
		if post.Kind == community.PollPost {
			continue // a Question would keep Lemmy from reading any
		}
		if !s.ours(post.IRI) {
			if len(post.Raw) > 0 {
				items = append(items, post.Raw)
			}
			continue
		}
		page, err := s.wholePage(r.Context(), post, actors)
		if err != nil {
			return nil, err
		}
		if items, err = appendDocument(items, page); err != nil {
			return nil, err
		}
	}
	return as.OrderedCollection{ID: a.IRI + "/featured", Items: items}, nil
}

func appendDocument(items []json.RawMessage, d document) ([]json.RawMessage, error) {
	body, err := d.Marshal()
	if err != nil {
		return nil, err
	}
	return append(items, as.WithoutContext(body)), nil
}

// getGroupOutbox holds the newest posts as Announce{Create{Page}}, all that
// Lemmy reads of an outbox. What others wrote is announced as it was received.
func (s *Server) getGroupOutbox(r *http.Request) (document, error) {
	group, err := s.ownGroup(r)
	if err != nil {
		return nil, err
	}
	posts, actors, err := s.newest(r.Context(), community.FeedQuery{Group: group.ID, Cleared: true})
	if err != nil {
		return nil, err
	}
	items := []json.RawMessage{}
	for _, post := range posts {
		iri := s.activityIRI(as.KindAnnounce, fmt.Sprintf("create-post-%d", post.ID))
		var d document
		if s.ours(post.IRI) {
			d, err = s.announcedCreate(r.Context(), post, actors, iri)
		} else {
			d, err = s.said(r.Context(), iri)
		}
		if fault.Is(err, fault.NotFound) {
			continue // not told of yet, or learned by fetching
		}
		if err != nil {
			return nil, err
		}
		if items, err = appendDocument(items, d); err != nil {
			return nil, err
		}
	}
	return as.OrderedCollection{ID: group.IRI + "/outbox", Total: int(group.PostCount), Items: items}, nil
}

// getPersonOutbox holds the newest posts as Create{Page}.
func (s *Server) getPersonOutbox(r *http.Request) (document, error) {
	person, err := s.ownActor(r, people...)
	if err != nil {
		return nil, err
	}
	posts, actors, err := s.newest(r.Context(), community.FeedQuery{Author: person.ID})
	if err != nil {
		return nil, err
	}
	items := []json.RawMessage{}
	for _, post := range posts {
		create, err := s.createOf(r.Context(), post, actors)
		if err != nil {
			return nil, err
		}
		items = append(items, create)
	}
	return as.OrderedCollection{ID: person.IRI + "/outbox", Total: int(person.PostCount), Items: items}, nil
}

func (s *Server) newest(ctx context.Context, query community.FeedQuery) ([]*community.Post, actorsByID, error) {
	query.Sort, query.Limit = community.New, mostOutbox
	posts, _, err := s.DB.Feed(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	actors, err := actorsOf(ctx, s.DB, posts)
	return posts, actors, err
}

// createOf writes the Create of a post by somebody here as it would be said
// now: with the id that it was said under, and the words that the post has by
// now.
func (s *Server) createOf(ctx context.Context, post *community.Post, actors actorsByID) (json.RawMessage, error) {
	page, err := s.wholePage(ctx, post, actors)
	if err != nil {
		return nil, err
	}
	object, err := page.Marshal()
	if err != nil {
		return nil, err
	}
	author, group := actors[post.AuthorID], actors[post.GroupID]
	sc := scene{by: author, group: group, at: post.ArrivedAt}
	iri := s.activityIRI(as.KindCreate, fmt.Sprintf("post-%d", post.ID))
	body, err := as.Create(sc.envelope(iri, as.WithoutContext(object), page.CC...)).Marshal()
	return as.WithoutContext(body), err
}

func (s *Server) announcedCreate(ctx context.Context, post *community.Post, actors actorsByID, iri string) (document, error) {
	create, err := s.createOf(ctx, post, actors)
	if err != nil {
		return nil, err
	}
	return s.announcement(actors[post.GroupID], iri, create, post.ArrivedAt), nil
}

// said is what we said under an id, as we said it.
func (s *Server) said(ctx context.Context, iri string) (document, error) {
	a, err := s.DB.ActivityByIRI(ctx, iri)
	if err != nil {
		return nil, err
	}
	return written(a.Body), nil
}
