package posts

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A place is where a page of a thread ended: within the subtree of a comment
// directly under the post, after one of its comments.
type place struct {
	top  storage.Top
	last community.CommentID
}

func (p place) String() string {
	return community.Cursor(p.top.Rank, int64(p.top.ID), int64(p.last))
}

func parsePlace(s string) (place, error) {
	rank, ids, ok := community.ParseCursor(s, 2)
	if !ok {
		return place{}, errCursor()
	}
	return place{storage.Top{ID: community.CommentID(ids[0]), Rank: rank}, community.CommentID(ids[1])}, nil
}

func errCursor() error {
	return fault.Field("cursor", "This cursor is not one that the server gave out. Start again from the first page.")
}

// Thread returns a page of the comments under a post, flat in tree order:
// every comment is followed by everything below it, siblings in the order of
// sort. The cursor goes on in the middle of a subtree where a page ended
// there. A page costs the subtrees that it shows and not the whole thread.
func (s *Service) Thread(ctx context.Context, reader *community.Actor, id community.PostID, sort community.Sort, page community.Page) (_ []*community.CommentView, next string, err error) {
	defer fault.Wrap(&err, "posts.Thread(%d)", id)
	post, err := s.DB.Post(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if err := s.shown(ctx, reader, post.GroupID); err != nil {
		return nil, "", err
	}
	ids, next, err := s.order(ctx, id, sort, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.flesh(ctx, reader, ids)
	return views, next, err
}

// Replies returns a page of everything below one comment, flat in tree order.
func (s *Service) Replies(ctx context.Context, reader *community.Actor, id community.CommentID, sort community.Sort, page community.Page) (_ []*community.CommentView, next string, err error) {
	defer fault.Wrap(&err, "posts.Replies(%d)", id)
	c, err := s.DB.Comment(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if err := s.shown(ctx, reader, c.GroupID); err != nil {
		return nil, "", err
	}
	bones, err := s.DB.Below(ctx, []community.CommentID{c.TopID})
	if err != nil {
		return nil, "", err
	}
	ids := walk(id, family(bones, sort))[1:] // the comment itself is there already
	if page.After != "" {
		_, last, ok := community.ParseCursor(page.After, 1)
		if !ok {
			return nil, "", errCursor()
		}
		ids = ids[slices.Index(ids, community.CommentID(last[0]))+1:]
	}
	if len(ids) > page.Limit {
		ids = ids[:page.Limit]
		next = community.Cursor(0, int64(ids[page.Limit-1]))
	}
	views, err := s.flesh(ctx, reader, ids)
	return views, next, err
}

// flesh loads the comments with ids, in their order, as reader sees them.
func (s *Service) flesh(ctx context.Context, reader *community.Actor, ids []community.CommentID) ([]*community.CommentView, error) {
	found, err := s.DB.Comments(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]*community.Comment, 0, len(ids))
	for _, id := range ids {
		if c := found[id]; c != nil {
			list = append(list, c)
		}
	}
	return s.DB.CommentViews(ctx, reader, list, s.now())
}

// order returns the ids of a page in tree order.
func (s *Service) order(ctx context.Context, id community.PostID, sort community.Sort, page community.Page) (ids []community.CommentID, next string, err error) {
	var after *storage.Top
	var resume place
	if page.After != "" {
		if resume, err = parsePlace(page.After); err != nil {
			return nil, "", err
		}
		after = &resume.top
		if ids, next, err = s.rest(ctx, resume, sort, page.Limit); err != nil || next != "" {
			return ids, next, err
		}
	}
	for len(ids) <= page.Limit {
		tops, err := s.DB.Tops(ctx, id, sort, after, page.Limit+1)
		if err != nil || len(tops) == 0 {
			return ids, "", err
		}
		few := enough(tops, page.Limit+1-len(ids))
		trees, err := s.trees(ctx, few, sort)
		if err != nil {
			return nil, "", err
		}
		for _, top := range few {
			var full bool
			if ids, next, full = fill(ids, trees[top.ID], top, after, page.Limit); full {
				return ids, next, nil
			}
			after = &top
		}
	}
	return ids, "", nil
}

// rest returns what is left of the subtree in which the page before ended.
func (s *Service) rest(ctx context.Context, resume place, sort community.Sort, limit int) (ids []community.CommentID, next string, err error) {
	trees, err := s.trees(ctx, []storage.Top{resume.top}, sort)
	if err != nil {
		return nil, "", err
	}
	tree := trees[resume.top.ID]
	tree = tree[slices.Index(tree, resume.last)+1:]
	if len(tree) > limit {
		return tree[:limit], place{resume.top, tree[limit-1]}.String(), nil
	}
	return tree, "", nil
}

// enough returns as many of the tops as are needed for want comments, by what
// is known of their subtrees. Counters lag a second behind, so more tops may
// be asked for after them.
func enough(tops []storage.Top, want int) []storage.Top {
	for i, top := range tops {
		want -= 1 + int(max(top.ReplyCount, 0))
		if want <= 0 {
			return tops[:i+1]
		}
	}
	return tops
}

// fill appends a subtree to a page. When the page is full and something is
// left, it returns the cursor that goes on there.
func fill(ids, tree []community.CommentID, top storage.Top, before *storage.Top, limit int) (_ []community.CommentID, next string, full bool) {
	room := limit - len(ids)
	if len(tree) <= room {
		return append(ids, tree...), "", false
	}
	if room == 0 { // the page ended exactly with the subtree before
		return ids, place{*before, ids[len(ids)-1]}.String(), true
	}
	return append(ids, tree[:room]...), place{top, tree[room-1]}.String(), true
}

// trees puts the subtrees of tops in order, by top.
func (s *Service) trees(ctx context.Context, tops []storage.Top, sort community.Sort) (map[community.CommentID][]community.CommentID, error) {
	roots := make([]community.CommentID, len(tops))
	for i, top := range tops {
		roots[i] = top.ID
	}
	bones, err := s.DB.Below(ctx, roots)
	if err != nil {
		return nil, err
	}
	children := family(bones, sort)
	trees := make(map[community.CommentID][]community.CommentID, len(roots))
	for _, root := range roots {
		trees[root] = walk(root, children)
	}
	return trees, nil
}

// family lists the children of each comment, siblings in order.
func family(bones []storage.Bone, sort community.Sort) map[community.CommentID][]storage.Bone {
	children := map[community.CommentID][]storage.Bone{}
	for _, b := range bones {
		children[b.ParentID] = append(children[b.ParentID], b)
	}
	for _, siblings := range children {
		slices.SortStableFunc(siblings, func(a, b storage.Bone) int { return compare(a, b, sort) })
	}
	return children
}

// walk lists a subtree depth first. It keeps its own stack: threads can be
// deeper than a call stack should be.
func walk(root community.CommentID, children map[community.CommentID][]storage.Bone) []community.CommentID {
	var order []community.CommentID
	stack := []community.CommentID{root}
	for len(stack) > 0 {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		order = append(order, id)
		for _, child := range slices.Backward(children[id]) {
			stack = append(stack, child.ID)
		}
	}
	return order
}

// compare orders siblings; ids decide between equals.
func compare(a, b storage.Bone, sort community.Sort) int {
	by := func(x, y float64, older bool) int {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		case older == (a.ID < b.ID):
			return -1
		}
		return 1
	}
	switch sort {
	case community.Old:
		return by(a.Born, b.Born, true)
	case community.New:
		return by(b.Born, a.Born, false)
	case community.Top:
		return by(float64(b.Score), float64(a.Score), false)
	}
	return by(b.Hot, a.Hot, false)
}
