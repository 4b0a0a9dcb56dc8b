package community

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"drystone/fault"
)

// OptionID names one of the things that a poll lets people choose.
type OptionID int64

// Bounds of polls that people make here.
const (
	MinOptions   = 2
	MaxOptions   = 12
	MaxOption    = 100 // characters
	MinPollTime  = 5 * time.Minute
	MaxPollTime  = 366 * 24 * time.Hour
	BasePollTime = 7 * 24 * time.Hour // unless its author says otherwise
)

// What other servers may send at most: they have other bounds, but a vote must
// name an option exactly, so nothing is cut to fit.
const (
	mostOptions = 40
	mostOption  = 500 // characters
)

// PollGrace is how long after its end a poll of another server is waited for:
// its last counts travel too.
const PollGrace = 5 * time.Minute

// A Poll is a choice that a post offers.
type Poll struct {
	PostID    PostID `bun:",pk"`
	Multiple  bool   // more than one option may be chosen
	Ours      bool   // its author is of this server, which counts
	Voters    int64
	ClosesAt  time.Time `bun:",nullzero"` // never, when zero
	EndedAt   time.Time `bun:",nullzero"` // when its end was noticed
	ToldAt    time.Time // when others last heard the counts
	ChangedAt time.Time `bun:",nullzero"` // when counts changed that nobody heard of yet

	Options []PollOption `bun:"-"`
}

// A PollOption is one thing to choose.
type PollOption struct {
	ID       OptionID `bun:",pk,autoincrement"`
	PostID   PostID
	Position int
	Text     string
	Votes    int64
}

// A PollVote is one option that somebody chose.
type PollVote struct {
	PostID    PostID
	ActorID   ActorID
	OptionID  OptionID
	CreatedAt time.Time
}

// A PollView is a poll as one reader sees it.
type PollView struct {
	*Poll
	Mine    map[OptionID]bool // what the reader chose
	Closed  bool
	CanVote bool
}

// Closed reports whether the poll takes no more votes.
func (p *Poll) Closed(now time.Time) bool { return !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt) }

// Check reports what is wrong with a poll that is made here.
func (p *Poll) Check(now time.Time) error {
	seen := map[string]bool{}
	for i := range p.Options {
		text := strings.Join(strings.Fields(p.Options[i].Text), " ")
		if text == "" {
			return fault.Field("poll.options", "Write something into option %d, or take it out.", i+1)
		}
		if err := checkText("poll.options", "An option", text, MaxOption); err != nil {
			return err
		}
		if seen[strings.ToLower(text)] {
			return fault.Field("poll.options", "“%s” is there twice.", text)
		}
		seen[strings.ToLower(text)] = true
		p.Options[i].Text, p.Options[i].Position = text, i
	}
	if n := len(p.Options); n < MinOptions || n > MaxOptions {
		return fault.Field("poll.options", "A poll has %d to %d options.", MinOptions, MaxOptions)
	}
	if p.ClosesAt.IsZero() {
		p.ClosesAt = now.Add(BasePollTime)
	}
	if left := p.ClosesAt.Sub(now); left < MinPollTime || left > MaxPollTime {
		return fault.Field("poll.closes_at", "A poll is open for at least five minutes and at most a year.")
	}
	return nil
}

// Fits reports whether a poll from elsewhere can be shown and voted in here.
// One that cannot is a text without a poll.
func (p *Poll) Fits() bool {
	if len(p.Options) == 0 || len(p.Options) > mostOptions {
		return false
	}
	seen := map[string]bool{}
	for i := range p.Options {
		o := &p.Options[i]
		o.Text = clean(o.Text)
		if strings.TrimSpace(o.Text) == "" || utf8.RuneCountInString(o.Text) > mostOption || seen[o.Text] {
			return false
		}
		seen[o.Text] = true
		o.Position, o.Votes = i, max(o.Votes, 0)
	}
	p.Voters = max(p.Voters, 0)
	return true
}

// SameChoice reports whether two polls ask for the same: then only counts and
// times differ.
func (p *Poll) SameChoice(other *Poll) bool {
	text := func(o PollOption) string { return o.Text }
	return p.Multiple == other.Multiple && slices.EqualFunc(p.Options, other.Options, func(a, b PollOption) bool { return text(a) == text(b) })
}

// Option finds an option by what it says.
func (p *Poll) Option(text string) (OptionID, bool) {
	for _, o := range p.Options {
		if o.Text == text {
			return o.ID, true
		}
	}
	return 0, false
}

// MayVote reports why somebody who chose before, from here or elsewhere,
// may not choose chosen. People here choose once and for all; votes from
// elsewhere arrive one by one.
func (p *Poll) MayVote(chosen, before []OptionID, here bool, now time.Time) error {
	for i, id := range chosen {
		if !slices.ContainsFunc(p.Options, func(o PollOption) bool { return o.ID == id }) {
			return fault.Field("options", "That is not among the options of this poll.")
		}
		if slices.Contains(chosen[:i], id) {
			return fault.Field("options", "Choose each option once.")
		}
	}
	switch {
	case len(chosen) == 0:
		return fault.Field("options", "Choose something.")
	case !p.Multiple && len(chosen) > 1:
		return fault.Field("options", "Choose one option: this poll has a single answer.")
	case p.Closed(now):
		return fault.New(fault.Forbidden, "This poll is closed.")
	case len(before) > 0 && (here || !p.Multiple || slices.ContainsFunc(chosen, func(id OptionID) bool { return slices.Contains(before, id) })):
		return fault.New(fault.Conflict, "You have voted in this poll already. A vote stays as it was cast.")
	}
	return nil
}
