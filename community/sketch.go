package community

import (
	"encoding/json"
	"strings"
	"time"

	"drystone/fault"
)

// SketchID names a sketch.
type SketchID int64

// Bounds of sketches.
const (
	MostSketches  = 200 // of one person
	MostScheduled = 50  // of those
	maxSketchKey  = 64
	// MaxAhead is how far ahead something can be scheduled.
	MaxAhead = 366 * 24 * time.Hour
)

// A Sketch is what somebody is still writing: a draft of a post, or of an
// answer. It is kept here so that they find it on every device; nobody else
// ever sees it.
type Sketch struct {
	ID        SketchID `bun:",pk,autoincrement"`
	OwnerID   ActorID
	Key       string // chosen by the program that writes it
	Version   int64  // how often it was changed: who changes it says which they saw
	PostID    PostID `bun:",nullzero"` // of an answer
	ParentID  CommentID
	GroupName string // of a post, as it was typed
	Title     string
	Body      string
	Link      string
	Language  string
	Sensitive bool
	Beside    string    // a Beside as JSON
	PublishAt time.Time `bun:",nullzero"`
	GroupID   ActorID   `bun:",nullzero"` // where it is published then
	Trouble   string    // why it could not be
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Beside is what a sketch of a post has beside its words, as far as it is
// written: none of it need be whole.
type Beside struct {
	Poll  *PollSketch  `json:"poll,omitempty"`
	Event *EventSketch `json:"event,omitempty"`
	Quote *QuoteSketch `json:"quote,omitempty"`
}

// A PollSketch is a poll that is being put together.
type PollSketch struct {
	Options  []string `json:"options"`
	Multiple bool     `json:"multiple"`
	Runs     int64    `json:"runs"` // in seconds, from when it is published
}

// An EventSketch is an event that is being written, with times as the clocks of
// its zone show them: 2006-01-02T15:04.
type EventSketch struct {
	Starts string `json:"starts"`
	Ends   string `json:"ends"`
	Zone   string `json:"zone"`
	Place  string `json:"place"`
	URL    string `json:"url"`
}

// A QuoteSketch is what a sketch quotes.
type QuoteSketch struct {
	Post    PostID    `json:"post"`
	Comment CommentID `json:"comment,omitempty"`
}

// Besides is what the sketch has beside its words.
func (s *Sketch) Besides() (b Beside) {
	_ = json.Unmarshal([]byte(s.Beside), &b) // we wrote it
	return b
}

// SetBeside notes what the sketch has beside its words.
func (s *Sketch) SetBeside(b Beside) {
	s.Beside = ""
	if b != (Beside{}) {
		text, _ := json.Marshal(b) // words and numbers
		s.Beside = string(text)
	}
}

// Check reports what cannot be kept of a sketch. Whatever is merely unfinished
// can.
func (s *Sketch) Check() error {
	if s.Key == "" || len(s.Key) > maxSketchKey || strings.Trim(s.Key, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fault.Field("key", "The key of a draft has up to %d small letters, digits and dashes.", maxSketchKey)
	}
	for _, text := range []struct {
		field, what, text string
		most              int
	}{
		{"group", "The name of the group", s.GroupName, MaxLink},
		{"title", "The title", s.Title, MaxTitle},
		{"body", "The text", s.Body, MaxBody},
		{"link", "The link", s.Link, MaxLink},
		{"language", "The language", s.Language, 35},
	} {
		if err := checkText(text.field, text.what, text.text, text.most); err != nil {
			return err
		}
	}
	b := s.Besides()
	if err := b.Poll.check(); err != nil {
		return err
	}
	return b.Event.check()
}

func (p *PollSketch) check() error {
	if p == nil {
		return nil
	}
	if len(p.Options) > MaxOptions {
		return fault.Field("poll.options", "A poll has %d to %d options.", MinOptions, MaxOptions)
	}
	for _, option := range p.Options {
		if err := checkText("poll.options", "An option", option, MaxOption); err != nil {
			return err
		}
	}
	return nil
}

func (e *EventSketch) check() error {
	if e == nil {
		return nil
	}
	for _, text := range []struct {
		field, what, text string
		most              int
	}{
		{"event.starts", "The beginning", e.Starts, 32},
		{"event.ends", "The end", e.Ends, 32},
		{"event.zone", "The time zone", e.Zone, 100},
		{"event.place", "The place", e.Place, MaxPlace},
		{"event.url", "The address", e.URL, MaxLink},
	} {
		if err := checkText(text.field, text.what, text.text, text.most); err != nil {
			return err
		}
	}
	return nil
}

// Same reports whether two sketches say the same.
func (s *Sketch) Same(o *Sketch) bool {
	return s.PostID == o.PostID && s.ParentID == o.ParentID && s.GroupName == o.GroupName && s.Title == o.Title && s.Body == o.Body &&
		s.Link == o.Link && s.Language == o.Language && s.Sensitive == o.Sensitive && s.Beside == o.Beside
}

// Empty reports whether nothing is written in the sketch yet.
func (s *Sketch) Empty() bool {
	return strings.TrimSpace(s.Title+s.Body+s.Link+s.Beside) == ""
}

// Event is the event as it is published; nil if it has none.
func (e *EventSketch) Event() *Event {
	if e == nil {
		return nil
	}
	clock := zone(e.Zone)
	if clock == nil {
		clock = time.UTC
	}
	event := &Event{Zone: e.Zone, Place: e.Place, URL: e.URL}
	event.StartsAt, event.EndsAt = wall(e.Starts, clock), wall(e.Ends, clock)
	return event
}

// wall is when a clock shows what an input for date and time says; zero if that
// is no time.
func wall(text string, clock *time.Location) time.Time {
	at, err := time.ParseInLocation("2006-01-02T15:04", text, clock)
	if err != nil {
		return time.Time{}
	}
	return Timestamp(at)
}

// Poll is the poll as it is published now; nil if it has none.
func (p *PollSketch) Poll(now time.Time) *Poll {
	if p == nil {
		return nil
	}
	poll := &Poll{Multiple: p.Multiple}
	if p.Runs > 0 {
		poll.ClosesAt = Timestamp(now.Add(time.Duration(min(p.Runs, 2*int64(MaxPollTime.Seconds()))) * time.Second))
	}
	for _, text := range p.Options {
		if strings.TrimSpace(text) != "" {
			poll.Options = append(poll.Options, PollOption{Text: text})
		}
	}
	return poll
}

// CheckPublishAt reports why nothing can be scheduled for a time.
func CheckPublishAt(at, now time.Time) error {
	switch {
	case at.IsZero():
		return fault.Field("publish_at", "Say when it is to be published.")
	case !at.After(now):
		return fault.Field("publish_at", "That time has passed. Choose a later one, or post it now.")
	case at.After(now.Add(MaxAhead)):
		return fault.Field("publish_at", "At most a year ahead can be planned.")
	}
	return nil
}

// A SketchView is a sketch as its owner sees it.
type SketchView struct {
	*Sketch
	Media []*Attachment // beside its text
	Post  *Post         // that is answered; nil if it cannot be read any more
	Quote *Post         // that is quoted, or whose comment is
	Cited string        // the id of what is quoted
}
