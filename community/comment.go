package community

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"drystone/fault"
)

// CommentID names a comment.
type CommentID int64

// MaxComment bounds a comment's text, in characters.
const MaxComment = 20_000

// A Comment is an answer to a post or to another comment.
type Comment struct {
	ID       CommentID `bun:",pk,autoincrement"`
	IRI      string
	PostID   PostID
	ParentID CommentID `bun:",nullzero"` // none: it answers the post itself
	TopID    CommentID `bun:",nullzero"` // the comment directly under the post that it descends from; its own id there
	Depth    int       // 0 directly under the post
	Path     []byte    // sorts the thread depth first, oldest first; see Path
	AuthorID ActorID
	GroupID  ActorID
	Body     string
	HTML     string
	URL      string
	Language string

	Ups        int64
	Downs      int64
	Score      int64
	ReplyCount int64 // everything below it
	Born       float64
	Hot        float64

	Raw           []byte `json:"-"`
	CreatedAt     time.Time
	ArrivedAt     time.Time
	EditedAt      time.Time `bun:",nullzero"`
	DeletedAt     time.Time `bun:",nullzero"`
	RemovedAt     time.Time `bun:",nullzero"`
	RemovedBy     ActorID   `bun:",nullzero"`
	RemovedReason string
	RemovedIn     DecisionID `bun:",nullzero"` // what took it down, with whatever else it did
	LockedAt      time.Time  `bun:",nullzero"` // nothing below it is answered any more
}

// Subject is the comment as a subject of votes and counters.
func (c *Comment) Subject() Subject { return Subject{SubjectComment, int64(c.ID)} }

// Hidden reports whether only a stub of the comment is shown.
func (c *Comment) Hidden() bool { return !c.DeletedAt.IsZero() || !c.RemovedAt.IsZero() }

// MayAnswer reports why nobody may answer the comment. The locks of what is
// above it hold too; see Locks.
func (c *Comment) MayAnswer() error {
	if !c.LockedAt.IsZero() {
		return errBranchLocked()
	}
	return nil
}

func errBranchLocked() error {
	return fault.New(fault.Forbidden, "A moderator locked this part of the thread.")
}

// Locks are the paths of a thread's locked comments.
type Locks [][]byte

// MayAnswer reports why nobody may answer what has a path: something above it
// is locked. (Below the depth that paths reach, only a comment's own lock
// counts.)
func (l Locks) MayAnswer(path []byte) error {
	for _, locked := range l {
		if bytes.HasPrefix(path, locked) {
			return errBranchLocked()
		}
	}
	return nil
}

// Check reports what is wrong with what a local author wrote.
func (c *Comment) Check() error {
	if strings.TrimSpace(c.Body) == "" {
		return fault.Field("body", "Write something first.")
	}
	return checkText("body", "The comment", c.Body, MaxComment)
}

const (
	segment = 6 // bytes of an id in a path: ids below 2^48
	// pathLevels is how deep paths grow. Postgres indexes keys up to 2704
	// bytes; deeper comments hang from their ancestor at this level, where
	// their rising ids still put parents before children.
	pathLevels = 400
)

// Path returns the path of comment id under a parent's path: ids in big-endian
// order, so that bytes sort as a depth-first walk, siblings oldest first.
func Path(parent []byte, id CommentID) []byte {
	keep := min(len(parent), (pathLevels-1)*segment)
	path := make([]byte, keep, keep+segment)
	copy(path, parent)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(id))
	return append(path, b[8-segment:]...)
}

// Above returns the comments above c, the topmost first, as its path has them,
// and whether these are all.
func (c *Comment) Above() (ids []CommentID, whole bool) {
	levels := len(c.Path)/segment - 1
	for i := range levels {
		var b [8]byte
		copy(b[8-segment:], c.Path[i*segment:])
		ids = append(ids, CommentID(binary.BigEndian.Uint64(b[:])))
	}
	return ids, levels == c.Depth
}

// A CommentView is a comment as one reader sees it.
type CommentView struct {
	*Comment
	Author *Actor
	Group  *Actor
	Post   *Post // where a list mixes threads
	MyVote int
	Saved  bool
	Quotes *CitationView // nil: nothing
	Media  []*Attachment // beside its text
	Can    Can
	Veil   Veil
}

// Fit cuts what a remote author wrote to what we keep.
func (c *Comment) Fit() { c.Body = cut(clean(c.Body), MaxBody) }
