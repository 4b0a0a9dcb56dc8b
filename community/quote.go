package community

import (
	"time"

	"drystone/fault"
)

// QuoteID names a quote.
type QuoteID int64

// A Quote is somebody elsewhere showing a post or comment of somebody here
// beside words of their own, with the author's approval (FEP-044f).
type Quote struct {
	ID         QuoteID   `bun:",pk,autoincrement"`
	IRI        string    // where the approval can be read
	PostID     PostID    // of the comment too
	CommentID  CommentID // none: the post itself
	GroupID    ActorID
	AuthorID   ActorID // of what is quoted
	ActorID    ActorID // who quotes
	Instrument string  // the id of what quotes
	CreatedAt  time.Time
}

// Quotable reports whether everybody may quote what is said in the group: what
// is for some people only is nobody's to show to others.
func (a *Actor) Quotable() bool { return !a.Closed() }

// MayBeQuotedBy reports why by, with membership m in the group and ban from
// its server, may not quote what is said in it. Of a group that is not for
// everybody, nobody is told that there is something to quote.
func (a *Actor) MayBeQuotedBy(by *Actor, m *Membership, ban *SiteBan, now time.Time) error {
	if !a.Quotable() {
		return Unseen()
	}
	if err := by.MaySpeak(now); err != nil {
		return err
	}
	if m.Banned(now) {
		return fault.New(fault.Forbidden, "%s is banned from %s.", by.Handle(), a.DisplayName())
	}
	return ban.MayPost(a, now)
}
