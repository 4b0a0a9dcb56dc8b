package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"drystone/api/v1"
	"drystone/fault"
)

// threadLimit is how many comments a page shows.
const threadLimit = 100

var (
	commentSorts  = []string{"hot", "top", "new", "old"}
	commentLabels = []string{"Hot", "Top", "New", "Old"}
)

// id is the number in the page's path.
func (p *page) id() (int64, error) { return parseID(p.c.Param("name")) }

func parseID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != text {
		return 0, fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return id, nil
}

// thread asks for the comments under a post.
func (p *page) thread(post int64, sort, cursor string) (v1.List[v1.Comment], error) {
	where := address("/posts/"+strconv.FormatInt(post, 10)+"/comments", "sort", sort, "limit", strconv.Itoa(threadLimit), "cursor", cursor)
	return ask(p, where, p.site.API.Comments, v1.CommentsQuery{
		PostPath: v1.PostPath{ID: post}, Sort: sort, Paging: v1.Paging{Limit: threadLimit, Cursor: cursor},
	})
}

// post is a post's page, with the thread under it.
func post(p *page) error {
	id, err := p.id()
	if err != nil {
		return err
	}
	it, err := ask(p, address("/posts/"+strconv.FormatInt(id, 10)), p.site.API.Post, v1.PostPath{ID: id})
	if err != nil {
		return err
	}
	sort := p.choice("sort", commentSorts...)
	list, err := p.thread(id, sort, p.query("cursor"))
	if err != nil {
		return err
	}
	answer, err := p.answer(it)
	if err != nil {
		return err
	}
	roots := grow(list.Items)
	p.ofPost(it, roots)
	if it.Deleted {
		p.status = http.StatusGone
	}
	p.show("post", "/post/[id]", struct {
		Post   v1.Post
		Answer *v1.Comment
		Roots  []*node
		Sorts  []tab
		More   string
	}{it, answer, roots, tabs(nil, "sort", sort, commentSorts, commentLabels), more(url.Values{"sort": {sort}}, list.Next)})
	return nil
}

// answer is the comment that was chosen to answer a post, nil if none was.
func (p *page) answer(it v1.Post) (*v1.Comment, error) {
	if it.AnswerID == nil || it.Removed || it.Deleted {
		return nil, nil
	}
	id := *it.AnswerID
	found, err := ask(p, address("/comments/"+strconv.FormatInt(id, 10), "context", "0"), p.site.API.Comment, v1.CommentQuery{CommentPath: v1.CommentPath{ID: id}})
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &found.Comment, err
}

func postPath(id int64) string { return "/post/" + strconv.FormatInt(id, 10) }

// postTitle is a post's title, or what became of it.
func postTitle(it v1.Post) string {
	switch {
	case it.Title != "":
		return it.Title
	case it.Deleted:
		return "Deleted by its author"
	case it.Removed:
		return "Removed by a moderator"
	}
	return "Untitled"
}

// whole is an address of a picture with where this server is.
func (s *Site) whole(address string) string {
	if strings.HasPrefix(address, "/") {
		return s.Origin + address
	}
	return address
}

func (p *page) whole(address string) string { return p.site.whole(address) }

// thumbOf is what a post looks like in a list; nothing of what somebody has to
// ask for first.
func thumbOf(it v1.Post) string {
	if it.Sensitive || it.Veil != "" || it.Removed || it.Deleted {
		return ""
	}
	for _, a := range it.Media {
		if a.Thumb != "" {
			return a.Thumb
		}
	}
	if it.Preview != nil {
		return it.Preview.Thumb
	}
	return ""
}
