// Package blocklist knows what lists of servers to keep away say, and what may
// be believed of them: it reads each format that is published (Read), says of
// every row what would become of it and why, brings names into one form
// (Normalise), knows which names no list may decide about (Ground), notices
// that a list was emptied or flooded (Compare), and answers quickly what holds
// for a host (Compile).
//
// It is all rules and no I/O. Where lists come from, who trusts whom, and what
// is done about it belongs to service/blocklists and to storage. What somebody
// keeps away from themselves is community.Block and no business of this
// package.
//
// What the formats are and how real lists go wrong was measured; see
// MODERATION.md, section 1.
package blocklist

import "slices"

// A Level is what is asked for, the mildest first. The numbers are stored.
type Level int8

// The levels.
const (
	NoLevel Level = iota // no opinion
	Accept               // let it in: said of what others would keep out
	Label                // let it in and say something about it
	Filter               // let it in with limits, which Filters name
	Reject               // take nothing from it
	Drop                 // and have nothing to do with it: what exists is severed
)

var levelNames = [...]string{"", "accept", "label", "filter", "reject", "drop"}

// String is the level's name, as our own format and FIRES write it.
func (l Level) String() string {
	if l < 0 || int(l) >= len(levelNames) {
		return ""
	}
	return levelNames[l]
}

// ParseLevel returns the level called name, NoLevel if there is none.
func ParseLevel(name string) Level { return Level(max(0, slices.Index(levelNames[:], name))) }

// MarshalText writes the name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// A Limit is one thing that Filter does. The words are FIRES's.
type Limit string

// The limits that Mastodon's severities and columns stand for.
const (
	Unlisted      Limit = "auto-unlisted"    // out of public lists
	NoTrends      Limit = "prevent-trending" // out of what is recommended
	NoMedia       Limit = "reject-media"
	IgnoreReports Limit = "ignore-reports"
)

// A Kind is what a row is about. The words are stored.
type Kind string

// The kinds of entity.
const (
	Domain     Kind = "domain" // a server and those below its name
	Actor      Kind = "actor"
	LinkDomain Kind = "linkDomain" // what links lead to
	URL        Kind = "url"
	MediaHash  Kind = "mediaHash"
	Hashtag    Kind = "hashtag"
)

// A Verdict is what becomes of a row.
type Verdict string

// The verdicts.
const (
	Accepted Verdict = "accepted" // it counts
	Held     Verdict = "held"     // somebody has to look at it first
	Rejected Verdict = "rejected" // it does not count
)

// A Reason says why a row is held or rejected. The words are codes; Says puts
// each into a sentence.
type Reason string

// Why rows are rejected.
const (
	Empty        Reason = "empty"
	Malformed    Reason = "malformed"
	NotAHost     Reason = "not_a_host"
	Address      Reason = "ip_address"
	Port         Reason = "port"
	SingleLabel  Reason = "single_label"
	EmptyLabel   Reason = "empty_label"
	ReservedName Reason = "reserved_name"
	Canary       Reason = "canary"
	NoOpinion    Reason = "no_opinion"
	Repeated     Reason = "repeated"
	Unsupported  Reason = "unsupported"
)

// Why rows are held.
const (
	PublicSuffix  Reason = "public_suffix"
	PrivateSuffix Reason = "private_suffix"
	Ours          Reason = "ours"
	Excluded      Reason = "excluded"
	MixedScripts  Reason = "mixed_scripts"
	Hidden        Reason = "hidden_characters"
	Rewritten     Reason = "rewritten"
	Starred       Reason = "starred"
	UnknownLevel  Reason = "unknown_severity"
	UnknownFlag   Reason = "unknown_value"
	Contradicts   Reason = "contradicts"
)

var sayings = map[Reason]string{
	Empty:         "There is nothing in it.",
	Malformed:     "It cannot be read.",
	NotAHost:      "It is no name of a server.",
	Address:       "It is an address and no name.",
	Port:          "It has a port, which names of servers have not.",
	SingleLabel:   "It has a single part, like a top-level domain.",
	EmptyLabel:    "A part of the name is empty.",
	ReservedName:  "It is a name that is reserved and that nobody has.",
	Canary:        "It is there to notice who takes a list as it is.",
	NoOpinion:     "It asks for nothing.",
	Repeated:      "It is there already.",
	Unsupported:   "It is about something that is not kept here.",
	PublicSuffix:  "Everybody's names end in it.",
	PrivateSuffix: "Names of many people end in it.",
	Ours:          "It would be about this server itself.",
	Excluded:      "It would be about one that was excepted here.",
	MixedScripts:  "It mixes alphabets, as names do that want to be taken for others.",
	Hidden:        "It has characters that cannot be seen.",
	Rewritten:     "It had to be written otherwise to be a name.",
	Starred:       "Part of it is hidden, and none of the servers known here fits.",
	UnknownLevel:  "What it asks for is not known here.",
	UnknownFlag:   "One of its values is neither yes nor no.",
	Contradicts:   "Another row says something else of it.",
}

// Says is the sentence for people.
func (r Reason) Says() string { return sayings[r] }

// Reasons lists all of them, in the order of their codes.
func Reasons() []Reason {
	list := make([]Reason, 0, len(sayings))
	for r := range sayings {
		list = append(list, r)
	}
	slices.Sort(list)
	return list
}

// A Row is one thing that a list says, and what becomes of it.
type Row struct {
	Number int    // the line, or in JSON the position, from 1
	Raw    string // what names the entity, as it was written
	Kind   Kind
	Key    string // the name in one form, empty if it has none

	Level   Level
	Limits  []Limit
	Labels  []string
	Comment string // for everybody to read
	Private string // never leaves this server

	Evidence []string
	Change   Change // where the format has an append-only log
	ID       string // the change's, likewise

	Verdict Verdict
	Reason  Reason
}

// Change is what a row of a log does.
type Change string

// The kinds of change, as FIRES calls them; none: a row of a plain list.
const (
	Advises    Change = "Advisory"
	Recommends Change = "Recommendation"
	Retracts   Change = "Retraction"
	Buries     Change = "Tombstone" // only its ID is told: of the change that is to be forgotten
)

// hold and reject give a row its verdict, unless it has a worse one.
func (r *Row) hold(why Reason) {
	if r.Verdict == Accepted {
		r.Verdict, r.Reason = Held, why
	}
}

func (r *Row) reject(why Reason) {
	if r.Verdict != Rejected {
		r.Verdict, r.Reason = Rejected, why
	}
}

// A List is everything that was read of one.
type List struct {
	Format   Format
	Rows     []Row // all, in their order
	Canaries int
	Updated  string // as the list says, if it does
	Next     string // where its changes go on, if it says
}

// Count says how many rows have a verdict.
func (l *List) Count(v Verdict) (n int) {
	for i := range l.Rows {
		if l.Rows[i].Verdict == v {
			n++
		}
	}
	return n
}
