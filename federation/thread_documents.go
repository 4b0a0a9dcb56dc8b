package federation

import (
	"context"
	"encoding/json"
	"net/http"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// mostContext is how many ids are in a collection of a thread: as many as
// Mastodon reads.
const mostContext = 500

// thread is the collection of a thread: the ids of the post and all that
// answers it, parents before children (FEP-7888, FEP-f228), by which peers
// fetch what they missed.
type thread struct {
	id, group string
	items     []string
}

// Marshal writes the document.
func (t thread) Marshal() ([]byte, error) {
	return json.Marshal(struct {
		Context      string   `json:"@context"`
		ID           string   `json:"id"`
		Type         string   `json:"type"`
		AttributedTo string   `json:"attributedTo"` // whose thread it is
		Total        int      `json:"totalItems"`
		Items        []string `json:"orderedItems"`
	}{as.NS, t.id, as.KindOrderedCollection, t.group, len(t.items), t.items})
}

func (s *Server) getContext(r *http.Request) (document, error) {
	post, err := s.ownPost(r)
	if err != nil {
		return nil, err
	}
	group, err := s.DB.Actor(r.Context(), post.GroupID)
	if err != nil {
		return nil, err
	}
	if !group.Local() {
		return nil, fault.New(fault.NotFound, "This thread belongs to another server.")
	}
	t := thread{id: s.contextOf(post, group), group: group.IRI, items: []string{post.IRI}}
	ids, err := s.answers(r.Context(), post.ID)
	if err != nil {
		return nil, err
	}
	shown, err := s.shownIRIs(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	t.items = append(t.items, shown...)
	return t, nil
}

// answers lists the comments of a thread, the oldest branches first.
func (s *Server) answers(ctx context.Context, post community.PostID) ([]community.CommentID, error) {
	var ids []community.CommentID
	var after *storage.Top
	for len(ids) < mostContext {
		tops, err := s.DB.Tops(ctx, post, community.Old, after, 50)
		if err != nil || len(tops) == 0 {
			return ids, err
		}
		after = &tops[len(tops)-1]
		branches := make([]community.CommentID, len(tops))
		for i, top := range tops {
			branches[i] = top.ID
		}
		bones, err := s.DB.Below(ctx, branches)
		if err != nil {
			return nil, err
		}
		for _, b := range bones {
			ids = append(ids, b.ID)
		}
	}
	return ids[:mostContext], nil
}

// replies are the ids of what answers a post or comment directly. Mastodon and
// GoToSocial walk them to show the answers to what was boosted. They are not
// an OrderedCollection, in which PieFed expects whole objects and stumbles
// over ids; it reads context instead.
type replies struct {
	id    string
	items []string
}

// Marshal writes the document.
func (r replies) Marshal() ([]byte, error) {
	return json.Marshal(struct {
		Context string   `json:"@context"`
		ID      string   `json:"id"`
		Type    string   `json:"type"`
		Total   int      `json:"totalItems"`
		Items   []string `json:"items"`
	}{as.NS, r.id, as.KindCollection, len(r.items), r.items})
}

func (s *Server) getPostReplies(r *http.Request) (document, error) {
	post, err := s.ownPost(r)
	if err != nil {
		return nil, err
	}
	tops, err := s.DB.Tops(r.Context(), post.ID, community.Old, nil, mostContext)
	if err != nil {
		return nil, err
	}
	ids := make([]community.CommentID, len(tops))
	for i, top := range tops {
		ids[i] = top.ID
	}
	return s.repliesTo(r, ids)
}

func (s *Server) getCommentReplies(r *http.Request) (document, error) {
	c, err := s.ownComment(r)
	if err != nil {
		return nil, err
	}
	bones, err := s.DB.Below(r.Context(), []community.CommentID{c.TopID})
	if err != nil {
		return nil, err
	}
	var ids []community.CommentID
	for _, b := range bones {
		if b.ParentID == c.ID && len(ids) < mostContext {
			ids = append(ids, b.ID)
		}
	}
	return s.repliesTo(r, ids)
}

// repliesTo answers a request for the replies that have these ids.
func (s *Server) repliesTo(r *http.Request, ids []community.CommentID) (document, error) {
	items, err := s.shownIRIs(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	return replies{s.Origin + r.URL.Path, items}, nil
}

// shownIRIs are the ids in the fediverse of those comments that are to be
// seen, in the same order.
func (s *Server) shownIRIs(ctx context.Context, ids []community.CommentID) ([]string, error) {
	comments, err := s.DB.Comments(ctx, ids)
	if err != nil {
		return nil, err
	}
	iris := []string{}
	for _, id := range ids {
		if c := comments[id]; c != nil && !c.Hidden() {
			iris = append(iris, c.IRI)
		}
	}
	return iris, nil
}
