package community

import "time"

// NotificationID is a position in one person's notifications.
type NotificationID int64

// NotificationKind says why somebody is told. The words are stored.
type NotificationKind string

// The kinds of notification.
const (
	Reply   NotificationKind = "reply"
	Mention NotificationKind = "mention"
	Removal NotificationKind = "moderation"
	Carried NotificationKind = "thread_moved" // the thread that one began is in another group now

	Watched NotificationKind = "watched" // a comment in a thread that one watches
	Posted  NotificationKind = "posted"  // a post in a group that one watches
	Voted   NotificationKind = "votes"   // what one wrote was voted up; once a day

	Asked    NotificationKind = "join_request"  // somebody wants to join a group that one moderates
	Admitted NotificationKind = "join_accepted" // a group has let one in
	Refused  NotificationKind = "join_refused"  // or not

	Courted  NotificationKind = "follow_request"  // somebody wants to follow one
	Followed NotificationKind = "follow"          // somebody follows one
	LetIn    NotificationKind = "follow_accepted" // somebody who decides who follows them lets one

	Applied    NotificationKind = "application" // somebody wants to come to this server, and one reviews that
	AskedBack  NotificationKind = "application_asked"
	Welcomed   NotificationKind = "application_accepted"
	TurnedAway NotificationKind = "application_refused"

	Barred     NotificationKind = "banned"
	Readmitted NotificationKind = "unbanned"
	Promoted   NotificationKind = "moderator" // made a moderator
	Demoted    NotificationKind = "no_moderator"

	GroupMoved NotificationKind = "group_moved" // a group that one had joined lives elsewhere now, and one with it
	MovedIn    NotificationKind = "moved_in"    // an account of one's own elsewhere moved to one's own here
	RoleTaken  NotificationKind = "role_moved"  // somebody who moderates a group with one has another account now

	KeyCopied     NotificationKind = "passkey_copied"     // somebody signed with a copy of one's passkey, and was refused
	CodeUsed      NotificationKind = "recovery_code_used" // somebody came in by one's recovery code
	SecretChanged NotificationKind = "password_changed"

	Ended  NotificationKind = "poll"   // a poll that one made or voted in is over
	Chosen NotificationKind = "answer" // one's comment answers a post
	Quoted NotificationKind = "quote"  // somebody shows beside their words what one wrote

	Trusted  NotificationKind = "role"        // one was given a role, or has it for another time
	Released NotificationKind = "role_ended"  // and has it no more
	Review   NotificationKind = "role_review" // one is to look again whether somebody should have a role

	Offered    NotificationKind = "group_offered"     // a group is one's own, if one wants it
	HandedOver NotificationKind = "group_handed_over" // a group that one offered belongs to somebody else now
	NewKeeper  NotificationKind = "group_claimed"     // somebody looks after a group that one belongs to, whom nobody looked after
	Claimed    NotificationKind = "claim"             // somebody would like to look after a group
	Unclaimed  NotificationKind = "claim_refused"     // one does not get the group

	Stuck NotificationKind = "schedule_failed" // what one had scheduled could not be published

	Flagged NotificationKind = "report"         // something waits for whoever looks after a group, or the site
	Handled NotificationKind = "report_handled" // what became of what one reported
	Warned  NotificationKind = "warning"        // a moderator says what should be different
	Bared   NotificationKind = "picture_taken"  // a picture of one's own was taken away
)

// ByPeople are the kinds of notification that tell what other people did to
// somebody, who may keep that away. All else is theirs to know.
var ByPeople = []NotificationKind{Reply, Mention, Quoted, Followed, Watched, Posted}

// A Notification tells one local account of something.
type Notification struct {
	ID        NotificationID `bun:",pk,autoincrement"`
	AccountID AccountID
	Kind      NotificationKind
	ActorID   ActorID   // who did it
	PostID    PostID    `bun:",nullzero"`
	CommentID CommentID `bun:",nullzero"`
	GroupID   ActorID   `bun:",nullzero"` // where it is about no post, or where that went; a ban without one is from this server
	ItemID    int64     `bun:",nullzero"` // the report or warning that it is about
	Many      int       // of Voted: how many upvotes; ItemID is on how many things more than the one named
	CreatedAt time.Time

	Shown  bool      // on the page
	Push   bool      // and where it rings
	Mail   MailWay   // and by which letter
	Bundle string    // what it is shown together with; see Bundled
	DueAt  time.Time `bun:",nullzero"` // when a letter or a browser tells of it; zero: none does any more
	Seen   bool      // by itself; see also Account.ReadUpTo
}

// Tell sets how somebody is told, and reports whether they are at all.
func (n *Notification) Tell(choice NoticeChoice) bool {
	n.Shown, n.Push, n.Mail, n.Bundle = choice.Page, choice.Push, choice.Mail, n.Bundled()
	if n.DueAt = (time.Time{}); choice.Push || choice.Mail != MailOff {
		n.DueAt = n.CreatedAt
	}
	return !choice.Silent()
}

// A NotificationView is a notification with what it is about.
type NotificationView struct {
	*Notification
	Actor   *Actor
	Post    *Post
	Comment *Comment
	Group   *Actor
	Report  *Report    // of Flagged and Handled
	Warning *Warning   // of Warned
	Reason  string     // of Bared
	Quote   *Quote     // of Quoted; nil: it was taken back
	Grant   *RoleGrant // of Trusted, Released and Review
	Read    bool
	Others  int      // who did the same, beside Actor
	People  []*Actor // some of them, the last first
}
