package community

import "time"

// SnapshotID names a snapshot.
type SnapshotID int64

// KeepSnapshots is how long the words of a case outlive its end.
const KeepSnapshots = 30 * 24 * time.Hour

// MostSnapshots bounds the versions of one thing that are kept with a case.
const MostSnapshots = 10

// A Snapshot is what was reported as it was shown at that moment: its author
// may change it or take it away since. Nobody reads it but those who decide
// about the reports.
type Snapshot struct {
	ID       SnapshotID `bun:",pk,autoincrement"`
	CaseID   ReportID
	AuthorID ActorID
	Title    string // of a post; of a person, the name
	HTML     string // sanitised
	Link     string
	Forget   bool // its author is gone with all words: it ends with the case
	TakenAt  time.Time
}

// Says reports whether two snapshots say the same.
func (s *Snapshot) Says(other *Snapshot) bool {
	return s.Title == other.Title && s.HTML == other.HTML && s.Link == other.Link
}

// Snapshot is the post as it is shown.
func (p *Post) Snapshot() *Snapshot {
	return &Snapshot{AuthorID: p.AuthorID, Title: p.Title, HTML: p.HTML, Link: p.Link}
}

// Snapshot is the comment as it is shown.
func (c *Comment) Snapshot() *Snapshot { return &Snapshot{AuthorID: c.AuthorID, HTML: c.HTML} }

// Snapshot is the message as it is shown.
func (m *Message) Snapshot() *Snapshot { return &Snapshot{AuthorID: m.SenderID, HTML: m.HTML} }

// Snapshot is what the actor says about themselves.
func (a *Actor) Snapshot() *Snapshot {
	return &Snapshot{AuthorID: a.ID, Title: a.DisplayName(), HTML: a.SummaryHTML}
}
