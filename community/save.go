package community

import "time"

// SaveID names a save.
type SaveID int64

// A Save is that somebody of this server keeps a post or comment for later.
// Nobody else sees it, and no other server hears of it.
type Save struct {
	ID        SaveID `bun:",pk,autoincrement"`
	ActorID   ActorID
	PostID    PostID    // of the comment too
	CommentID CommentID // none: the post itself
	CreatedAt time.Time
}

// MostSaves bounds what one person keeps.
const MostSaves = 20_000

// A SavedView is what somebody keeps, as they see it: a post or a comment.
type SavedView struct {
	*Save
	Post    *PostView
	Comment *CommentView
}
