package community

import "time"

// MostVersions is how much of the past of one post or comment is kept: what it
// said first, and what it said of late.
const MostVersions = 50

// A Version is what a post or comment said before it was changed.
type Version struct {
	ID         int64  `bun:",pk,autoincrement"`
	PostID     PostID // or the post of the comment
	CommentID  CommentID
	AuthorID   ActorID
	Title      string // posts only
	Body       string
	HTML       string
	Link       string // posts only
	WrittenAt  time.Time
	ReplacedAt time.Time // zero: it stands
}

// Version is what the post says now.
func (p *Post) Version() *Version {
	return &Version{
		PostID: p.ID, AuthorID: p.AuthorID, Title: p.Title, Body: p.Body, HTML: p.HTML, Link: p.Link, WrittenAt: latest(p.CreatedAt, p.EditedAt),
	}
}

// Version is what the comment says now.
func (c *Comment) Version() *Version {
	return &Version{PostID: c.PostID, CommentID: c.ID, AuthorID: c.AuthorID, Body: c.Body, HTML: c.HTML, WrittenAt: latest(c.CreatedAt, c.EditedAt)}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Says reports whether two versions say the same.
func (v *Version) Says(o *Version) bool {
	return v.Title == o.Title && v.Body == o.Body && v.HTML == o.HTML && v.Link == o.Link
}
