package community

import (
	"strconv"
	"strings"
	"time"

	"drystone/fault"
)

// CitationID names a citation.
type CitationID int64

// CitationState is how far a citation has come. The words are part of the API.
type CitationState string

// The states.
const (
	CitationPending  CitationState = "pending" // its author elsewhere was asked
	CitationAccepted CitationState = "accepted"
	CitationRefused  CitationState = "refused"
)

// A Citation is what a post or comment written here quotes: one other post or
// comment, from here or elsewhere. A Quote is the other side of it.
type Citation struct {
	ID              CitationID `bun:",pk,autoincrement"`
	PostID          PostID     // of the comment too
	CommentID       CommentID  // none: the post itself quotes
	AuthorID        ActorID    // who quotes
	QuotedPostID    PostID     // of the quoted comment too
	QuotedCommentID CommentID  // none: the post itself is quoted
	QuotedID        ActorID    // the author of what is quoted
	State           CitationState
	Approval        string // where the author's approval can be read; empty for one's own words
	CreatedAt       time.Time
}

// Name tells what quotes from everything else that does; it can be part of an
// id.
func (c *Citation) Name() string {
	if c.CommentID != 0 {
		return "comment-" + strconv.FormatInt(int64(c.CommentID), 10)
	}
	return "post-" + strconv.FormatInt(int64(c.PostID), 10)
}

// ParseCitationName reads a Name: which post or which comment quotes.
func ParseCitationName(name string) (post PostID, comment CommentID, ok bool) {
	kind, number, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != number {
		return 0, 0, false
	}
	switch kind {
	case "post":
		return PostID(n), 0, true
	case "comment":
		return 0, CommentID(n), true
	}
	return 0, 0, false
}

// MayBeSettledBy reports why by has no say in whether something is quoted:
// only its author has.
func (c *Citation) MayBeSettledBy(by *Actor) error {
	if by.ID != c.QuotedID {
		return fault.New(fault.Forbidden, "%s did not write what is quoted.", by.Handle())
	}
	return nil
}

// MayCite reports why nothing that everybody may read, which is what can be
// quoted, is quoted in a group: who is asked would have to read what is not for
// them.
func (a *Actor) MayCite() error {
	if !a.Quotable() {
		return fault.Field("quote", "%s is not for everybody. Who is quoted is asked, and would have to read it: link to it instead.", a.DisplayName())
	}
	return nil
}

// A CitationView is a citation as one reader sees it.
type CitationView struct {
	*Citation
	Mine    bool     // the reader wrote what quotes
	Author  *Actor   // of what is quoted
	Post    *Post    // what is quoted, or the post of the comment that is; nil: it is gone
	Comment *Comment // where a comment is quoted
}

// Gone reports whether what is quoted is not to be seen any more.
func (v *CitationView) Gone() bool { return v.Post == nil }

// A QuoteView is a quote as the author of what is quoted sees it.
type QuoteView struct {
	*Quote
	By      *Actor
	Post    *Post
	Comment *Comment // nil: the post itself is quoted
}
