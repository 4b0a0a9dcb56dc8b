package community

import "time"

// ImportID names an import.
type ImportID int64

// ImportState is how far an import has come. The words are stored.
type ImportState string

// The states.
const (
	ImportRead    ImportState = "read"    // nothing is done before its owner says so
	ImportRunning ImportState = "running" // line by line
	ImportDone    ImportState = "done"
	ImportFailed  ImportState = "failed" // by our fault; it can go on
)

// An Import is lists that somebody brought along. Each account has one at most.
type Import struct {
	ID         ImportID `bun:",pk,autoincrement"`
	AccountID  AccountID
	State      ImportState
	Replaces   bool // what is here and not in the lists goes
	Trouble    string
	CreatedAt  time.Time
	FinishedAt time.Time `bun:",nullzero"`
	ExpiresAt  time.Time
}

// KeepImport is how long what became of an import can be read.
const KeepImport = 7 * 24 * time.Hour

// LineKind is what a line of an import asks for. The words are stored.
type LineKind string

// The kinds of line.
const (
	LineFollow      LineKind = "follow"  // a group, or a person, in Mastodon's list
	LineJoin        LineKind = "join"    // a group
	LineLeave       LineKind = "leave"   // a group that is not in the lists; only where they replace
	LineFeed        LineKind = "feed"    // a feed of somebody's, to follow
	LineList        LineKind = "list"    // a group, in a feed of one's own, which is the detail
	LineBlock       LineKind = "block"   // a person
	LineBlockGroup  LineKind = "hide"    // a group
	LineBlockServer LineKind = "server"  // a whole server
	LineMute        LineKind = "mute"    // a person
	LineLift        LineKind = "lift"    // what is kept away and not in the lists; only where they replace
	LineWord        LineKind = "word"    // a word
	LineProfile     LineKind = "profile" // the field that target names is to be detail
	LinePicture     LineKind = "picture" // what the picture that the detail names is for
	LineFacet       LineKind = "facet"   // a group, in which to appear as the detail says
	LineSaved       LineKind = "saved"   // a post or comment
	LineLeft        LineKind = "left"    // a file that is not read
)

// Outcome is what became of a line. The words are stored.
type Outcome string

// The outcomes.
const (
	Outstanding Outcome = ""
	Joined      Outcome = "joined"
	AskedFor    Outcome = "asked" // the group has to answer
	Already     Outcome = "already"
	Done        Outcome = "done"
	Failed      Outcome = "failed"
	Unsupported Outcome = "unsupported" // there is no such thing here
)

// An ImportLine is one thing that an import asks for.
type ImportLine struct {
	ImportID ImportID `bun:",pk"`
	N        int      `bun:",pk"`
	File     string
	Line     int // of the file; 0 where it has none
	Kind     LineKind
	Target   string
	Detail   string
	Host     string // the server that is asked; none for this one
	Outcome  Outcome
	Reason   string // why not
	Attempts int
	RunAt    time.Time
}

// LineCount is how many lines of a kind had an outcome.
type LineCount struct {
	Kind    LineKind
	Outcome Outcome
	N       int
	Tried   int // of them, those that were tried more than once
}
