package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// WarningID names a warning.
type WarningID int64

// A Warning is what a moderator of a group, or an administrator of the site,
// told somebody in private about how they behave. Moderators of the group see
// which were given there.
type Warning struct {
	ID        WarningID `bun:",pk,autoincrement"`
	IRI       string    // the id of its Warn; it answers nobody
	GroupID   ActorID   `bun:",nullzero"` // none: it is the site's
	TargetID  ActorID
	ByID      ActorID
	PostID    PostID    `bun:",nullzero"`
	CommentID CommentID `bun:",nullzero"`
	Reason    string
	CreatedAt time.Time
}

// CheckWarning reports what is wrong with the text of a warning given here.
func CheckWarning(text string) error {
	if strings.TrimSpace(text) == "" {
		return fault.Field("reason", "Say what should be different.")
	}
	return checkText("reason", "The warning", text, MaxComplaint)
}

// A WarningView is a warning with the people in it.
type WarningView struct {
	*Warning
	Group  *Actor // nil: the site's
	Target *Actor
	By     *Actor
}
