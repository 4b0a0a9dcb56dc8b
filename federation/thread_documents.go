package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/storage"
)

// mostContext is how many ids are in one page of a thread: as many as Mastodon
// reads.
const mostContext = 500

// afterParam is the comment that a page of a thread begins after; 0 begins at
// the start.
const afterParam = "after"

// A listing is a collection of ids, or one page of it. What does not fit into
// one page has pages besides its first ids, so that those who read collections
// in one piece lose no more than the rest.
type listing struct {
	id, kind, owner string // owner: whose it is, if that is said
	total           int
	items           []string
	page            string // the id of this page; empty for the collection
	next            string // the id of the page after this one
}

// Marshal writes the document.
func (l listing) Marshal() ([]byte, error) {
	doc := struct {
		Context      string   `json:"@context"`
		ID           string   `json:"id"`
		Type         string   `json:"type"`
		AttributedTo string   `json:"attributedTo,omitempty"`
		PartOf       string   `json:"partOf,omitempty"`
		First        string   `json:"first,omitempty"`
		Next         string   `json:"next,omitempty"`
		Total        int      `json:"totalItems"`
		Items        []string `json:"items,omitzero"`
		Ordered      []string `json:"orderedItems,omitzero"`
	}{Context: as.NS, ID: l.id, Type: l.kind, AttributedTo: l.owner, Total: max(l.total, len(l.items))}
	switch {
	case l.page != "":
		doc.ID, doc.Type, doc.PartOf, doc.Next = l.page, l.kind+"Page", l.id, l.next
	case l.next != "":
		doc.First = pageAfter(l.id, 0)
	}
	if l.kind == as.KindOrderedCollection {
		doc.Ordered = l.items
	} else {
		doc.Items = l.items
	}
	return json.Marshal(doc)
}

func pageAfter(id string, last community.CommentID) string {
	return fmt.Sprintf("%s?%s=%d", id, afterParam, last)
}

// list answers a request for a collection, or a page of it, of comments of a
// post: ids are those that follow the one asked for, and more tells that there
// are others after them.
func (s *Server) list(r *http.Request, l listing, ids []community.CommentID, more bool) (document, error) {
	shown, err := s.shownIRIs(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	l.items = append(l.items, shown...)
	if r.URL.Query().Has(afterParam) {
		l.page = pageAfter(l.id, askedAfter(r))
	}
	if more {
		l.next = pageAfter(l.id, ids[len(ids)-1])
	}
	return l, nil
}

// askedAfter is the comment after which the page asked for begins, or 0.
func askedAfter(r *http.Request) community.CommentID {
	n, err := strconv.ParseInt(r.URL.Query().Get(afterParam), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return community.CommentID(n)
}

// start finds the comment of post that the page asked for begins after; nil is
// the start.
func (s *Server) start(r *http.Request, post community.PostID) (*community.Comment, error) {
	id := askedAfter(r)
	if id == 0 {
		return nil, nil
	}
	c, err := s.DB.Comment(r.Context(), id)
	if err == nil && c.PostID != post {
		err = fault.New(fault.NotFound, "There is no such page.")
	}
	return c, err
}

// getContext answers with the collection of a thread: the ids of the post and
// all that answers it, parents before children (FEP-7888, FEP-f228), by which
// peers fetch what they missed.
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
	after, err := s.start(r, post.ID)
	if err != nil {
		return nil, err
	}
	ids, more, err := s.answers(r.Context(), post.ID, after)
	if err != nil {
		return nil, err
	}
	l := listing{id: s.contextOf(post, group), kind: as.KindOrderedCollection, owner: group.IRI}
	if after == nil {
		l.items = []string{post.IRI}
	}
	if more || after != nil {
		l.total = int(post.CommentCount) + 1
	}
	return s.list(r, l, ids, more)
}

// answers lists the comments of a thread after one of them, the oldest
// branches first, and reports whether more follow.
func (s *Server) answers(ctx context.Context, post community.PostID, after *community.Comment) (ids []community.CommentID, more bool, err error) {
	var from *storage.Top
	if after != nil {
		top, err := s.DB.Comment(ctx, after.TopID)
		if err != nil {
			return nil, false, err
		}
		from = &storage.Top{ID: top.ID, Rank: top.Born}
		branch, err := s.DB.Below(ctx, []community.CommentID{top.ID})
		if err != nil {
			return nil, false, err
		}
		ids = following(branch, after.ID)
	}
	for len(ids) <= mostContext {
		tops, err := s.DB.Tops(ctx, post, community.Old, from, 50)
		if err != nil || len(tops) == 0 {
			return ids, false, err
		}
		from = &tops[len(tops)-1]
		branches, err := s.branches(ctx, tops)
		if err != nil {
			return nil, false, err
		}
		ids = append(ids, branches...)
	}
	return ids[:mostContext], true, nil
}

// branches lists the comments under tops, each branch in its turn.
func (s *Server) branches(ctx context.Context, tops []storage.Top) ([]community.CommentID, error) {
	list := make([]community.CommentID, len(tops))
	for i, top := range tops {
		list[i] = top.ID
	}
	bones, err := s.DB.Below(ctx, list)
	if err != nil {
		return nil, err
	}
	under := make(map[community.CommentID][]community.CommentID, len(tops))
	for _, b := range bones {
		under[b.TopID] = append(under[b.TopID], b.ID)
	}
	var ids []community.CommentID
	for _, top := range list {
		ids = append(ids, under[top]...)
	}
	return ids, nil
}

// following are the comments of a branch after one of them.
func following(branch []storage.Bone, last community.CommentID) (ids []community.CommentID) {
	found := false
	for _, b := range branch {
		if found {
			ids = append(ids, b.ID)
		}
		found = found || b.ID == last
	}
	return ids
}

// repliesOf is the collection of what answers a post or comment directly.
// Mastodon and GoToSocial walk it to show the answers to what was boosted. It
// is not an OrderedCollection, in which PieFed expects whole objects and
// stumbles over ids; it reads context instead.
func (s *Server) repliesOf(r *http.Request) listing {
	return listing{id: s.Origin + r.URL.Path, kind: as.KindCollection}
}

func (s *Server) getPostReplies(r *http.Request) (document, error) {
	post, err := s.ownPost(r)
	if err != nil {
		return nil, err
	}
	after, err := s.start(r, post.ID)
	if err != nil {
		return nil, err
	}
	var from *storage.Top
	if after != nil {
		from = &storage.Top{ID: after.ID, Rank: after.Born}
	}
	tops, err := s.DB.Tops(r.Context(), post.ID, community.Old, from, mostContext+1)
	if err != nil {
		return nil, err
	}
	ids := make([]community.CommentID, len(tops))
	for i, top := range tops {
		ids[i] = top.ID
	}
	return s.listFew(r, s.repliesOf(r), ids)
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
	direct := slices.DeleteFunc(bones, func(b storage.Bone) bool { return b.ParentID != c.ID })
	l := s.repliesOf(r)
	l.total = len(direct)
	if after := askedAfter(r); after != 0 {
		return s.listFew(r, l, following(direct, after))
	}
	ids := make([]community.CommentID, len(direct))
	for i, b := range direct {
		ids[i] = b.ID
	}
	return s.listFew(r, l, ids)
}

// listFew is list for ids of which one page shows the first.
func (s *Server) listFew(r *http.Request, l listing, ids []community.CommentID) (document, error) {
	if len(ids) > mostContext {
		return s.list(r, l, ids[:mostContext], true)
	}
	if l.total == len(ids) {
		l.total = 0 // what is hidden is not counted
	}
	return s.list(r, l, ids, false)
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
