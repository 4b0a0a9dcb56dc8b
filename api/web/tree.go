package web

import "drystone/api/v1"

// deepest is how many lists of answers stand within each other before a link
// goes on.
const deepest = 5

// A node is a comment with the answers to it.
type node struct {
	v1.Comment
	Replies []*node
	Target  bool // the comment that its page is about
}

// A place is a node at a level of nesting.
type place struct {
	*node
	Level int
	Me    *v1.Me
}

// Reportable reports whether who looks at the node may say that something is
// wrong with it.
func (p place) Reportable() bool {
	return p.Me != nil && p.Me.ID != p.Author.ID && !p.Removed && !p.Deleted
}

// Deep reports whether answers to the node would stand too deep.
func (p place) Deep() bool { return p.Level >= deepest }

// grow makes a tree of comments that come flat in tree order. A comment whose
// parent is not among them, because it stands on the page before, is a root.
func grow(list []v1.Comment) (roots []*node) {
	all := make(map[int64]*node, len(list))
	for _, c := range list {
		n := &node{Comment: c}
		all[c.ID] = n
		if c.ParentID != nil && all[*c.ParentID] != nil {
			parent := all[*c.ParentID]
			parent.Replies = append(parent.Replies, n)
			continue
		}
		roots = append(roots, n)
	}
	return roots
}
