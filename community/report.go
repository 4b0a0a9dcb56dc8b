package community

import (
	"strings"
	"time"

	"drystone/fault"
)

// ReportID names a report.
type ReportID int64

// ReportState is what became of a report. The words are stored.
type ReportState string

// The states.
const (
	OpenReport      ReportState = "open"
	ResolvedReport  ReportState = "resolved"  // something was done about it
	RejectedReport  ReportState = "rejected"  // nothing needed to be done
	WithdrawnReport ReportState = "withdrawn" // its reporter took it back
)

// ReportScope is who is asked to look. The words are stored.
type ReportScope string

// The scopes.
const (
	ToModerators ReportScope = "moderators" // of the group
	ToAdmins     ReportScope = "admins"     // of this server
)

// MaxComplaint bounds the reason of a report, the note of who handles it and the
// text of a warning, in characters.
const MaxComplaint = 1000

// MostOpenReports bounds how many reports of one reporter wait at a time.
// People never meet it; a server that floods us does.
const MostOpenReports = 200

// A Report says that somebody finds something wrong with a post, a comment, a
// message or an actor, and what became of that.
//
// Those about the same thing that wait together are a case, and are dealt with
// together. One of them leads, an open one where there is any: it stands for
// the others in lists.
type Report struct {
	ID         ReportID `bun:",pk,autoincrement"`
	CaseID     ReportID // the report that began the case
	Lead       bool
	IRI        string // the id of its Flag; it answers nobody
	ReporterID ActorID
	GroupID    ActorID   `bun:",nullzero"` // none: it is the site's
	TargetID   ActorID   // whose words they are, or who it is about
	PostID     PostID    `bun:",nullzero"` // a comment's thread, too
	CommentID  CommentID `bun:",nullzero"`
	MessageID  MessageID `bun:",nullzero"`
	Quoted     bool      // the sender's server may read the message too
	Reason     string
	Scope      ReportScope
	ForAdmins  bool // administrators are asked, by its scope or because nobody else can look
	State      ReportState
	ClaimedBy  ActorID   `bun:",nullzero"` // who is looking into it
	ClaimedAt  time.Time `bun:",nullzero"`
	HandledBy  ActorID   `bun:",nullzero"`
	HandledAt  time.Time `bun:",nullzero"`
	Note       string    // what the one who handled it said
	Told       bool      // that the note is for the reporter too
	Raw        []byte    `json:"-"` // the Flag as received
	CreatedAt  time.Time
}

// Open reports whether nobody has handled the report yet.
func (r *Report) Open() bool { return r.State == OpenReport }

// CheckComplaint reports what is wrong with the reason of a report made here.
func CheckComplaint(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.Field("reason", "Say in a few words what is wrong.")
	}
	return checkText("reason", "The reason", reason, MaxComplaint)
}

// FitReason cuts a reason from elsewhere to what we keep.
func FitReason(reason string) string { return cut(strings.TrimSpace(clean(reason)), MaxComplaint) }

// CheckVerdict reports why a report cannot end in state with a note.
func CheckVerdict(state ReportState, note string) error {
	if state != ResolvedReport && state != RejectedReport {
		return fault.Field("state", "A report is resolved or rejected.")
	}
	return checkText("note", "The note", note, MaxComplaint)
}

// Whom a new report is news to, as the value of its fact: to nobody, where
// others have reported the same and wait for an answer.
const (
	NewsToAll    = iota // who look after the place
	NewsToAdmins        // who are asked only now
	NewsToNobody
)

// ReportRights is what one person may do with a report.
type ReportRights struct {
	See      bool
	Handle   bool
	Withdraw bool
}

// RightsOn tells what by may do with the report: m is what they are to its
// group, admin whether they look after this server, and alone whether they are
// the only one who does. Nobody judges what is said about themselves while
// somebody else can, and moderators do not see it.
func (r *Report) RightsOn(by ActorID, m *Membership, admin, alone bool, now time.Time) ReportRights {
	about := r.TargetID == by
	moderates := r.GroupID != 0 && r.Scope == ToModerators && m.May(HandleReports, now) && !about
	mine := r.ReporterID == by
	return ReportRights{
		See:      mine || moderates || admin,
		Handle:   moderates || admin && (!about || alone),
		Withdraw: mine && r.Open(),
	}
}

// A ReportView is a report with what it is about, as one person sees it.
type ReportView struct {
	*Report
	Reporter *Actor
	Group    *Actor // nil: the site's
	Target   *Actor
	Claimer  *Actor
	Handler  *Actor
	Post     *PostView
	Comment  *CommentView
	Can      ReportRights
	Warnings int // that the target has had, as far as who looks may know

	// What follows is for who can handle it.
	Waiting int            // how many reports of the case are open
	Voices  []*ReportVoice // what each of them says, and what became of others; the first MostVoices
	Words   []*Snapshot    // as they were reported, where they are not so now
}

// Now is what is reported as it is shown now; nil where it is not shown.
func (v *ReportView) Now() *Snapshot {
	switch {
	case v.MessageID != 0:
		return nil // nobody looks but at what was reported
	case v.CommentID != 0:
		if v.Comment == nil || v.Comment.Hidden() {
			return nil
		}
		return v.Comment.Snapshot()
	case v.PostID != 0:
		if v.Post == nil || v.Post.Hidden() {
			return nil
		}
		return v.Post.Snapshot()
	case v.Target == nil || v.Target.Gone():
		return nil
	}
	return v.Target.Snapshot()
}

// MostVoices is how many of the reports of a case are shown with it.
const MostVoices = 50

// A ReportVoice is one of the reports of a case.
type ReportVoice struct {
	*Report
	Reporter *Actor
}

// A CaseOf is what belongs to a case beside what it is about.
type CaseOf struct {
	Open    int // reports that nobody has dealt with
	Reports []*Report
	Words   []*Snapshot
}

// ReportsOf is whose reports a list holds.
type ReportsOf string

// The lists of reports. The words are part of the API.
const (
	ReportsMine   ReportsOf = "mine"   // of the groups that the reader moderates
	ReportsServer ReportsOf = "server" // all that this server knows, for administrators
	ReportsFiled  ReportsOf = "filed"  // those that the reader made
)

// A ReportQuery says which reports are wanted.
type ReportQuery struct {
	Of     ReportsOf
	Reader ActorID
	Looks  []ActorID   // the groups whose reports the reader deals with, for ReportsMine
	Group  ActorID     // 0: any
	State  ReportState // empty: any
	Page
}

// ReportCounts says how much is reported and open, each counted to 100: things,
// however many people reported them.
type ReportCounts struct {
	Mine   int // in the groups that one moderates
	Server int // all that this server knows, for administrators
	Filed  int // one's own
}

// A Desk is what waits for somebody who looks after something.
type Desk struct {
	Moderates bool // a group, at least
	Admin     bool
	Open      int // things reported that wait, counted to 100
}
