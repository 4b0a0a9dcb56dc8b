package web

import (
	"net/http"
	"strconv"

	"drystone/api/v1"
)

// ancestors is how many of the comments above it a comment's page shows.
const ancestors = 5

// comment is a comment's page: what it answers, and what answers it.
func comment(p *page) error {
	id, err := p.id()
	if err != nil {
		return err
	}
	where := address("/comments/"+strconv.FormatInt(id, 10), "context", strconv.Itoa(ancestors))
	found, err := ask(p, where, p.site.API.Comment, v1.CommentQuery{CommentPath: v1.CommentPath{ID: id}, Context: ancestors})
	if err != nil {
		return err
	}
	list, err := p.replies(id, p.query("cursor"))
	if err != nil {
		return err
	}
	target := &node{Comment: found.Comment, Target: true, Replies: grow(list.Items)}
	root := target
	for i := len(found.Ancestors) - 1; i >= 0; i-- {
		root = &node{Comment: found.Ancestors[i], Replies: []*node{root}}
	}
	it := found.Comment
	p.ofComment(it, found.Post)
	if it.Deleted {
		p.status = http.StatusGone
	}
	p.show("comment", "/comment/[id]", struct {
		Post  v1.Post
		Title string
		Roots []*node
		More  string
	}{found.Post, postTitle(found.Post), []*node{root}, more(nil, list.Next)})
	return nil
}

// replies asks for everything below a comment.
func (p *page) replies(comment int64, cursor string) (v1.List[v1.Comment], error) {
	sort := commentSorts[0]
	where := address("/comments/"+strconv.FormatInt(comment, 10)+"/replies", "sort", sort, "limit", strconv.Itoa(threadLimit), "cursor", cursor)
	return ask(p, where, p.site.API.Replies, v1.RepliesQuery{
		CommentPath: v1.CommentPath{ID: comment}, Sort: sort, Paging: v1.Paging{Limit: threadLimit, Cursor: cursor},
	})
}
