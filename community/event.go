package community

import (
	"strings"
	"time"
	_ "time/tzdata" // machines that serve often have no zones of their own

	"drystone/fault"
)

// MaxPlace bounds what is kept of where something happens, in characters.
const MaxPlace = 300

// The years in which an event that is written here can be: what is beyond was
// mistyped.
const (
	firstEventYear = 1970
	lastEventYear  = 2200
)

// An Event is when and where what a post tells of happens.
type Event struct {
	PostID   PostID `bun:",pk"`
	StartsAt time.Time
	EndsAt   time.Time `bun:",nullzero"`
	Zone     string    // whose clock is meant, such as Europe/Berlin; empty where nobody said
	Place    string
	URL      string // where it happens online, or where to learn more
}

// Check reports what is wrong with an event that is written here.
func (e *Event) Check() error {
	switch {
	case e.StartsAt.IsZero():
		return fault.Field("event.starts_at", "Say when it begins.")
	case !likely(e.StartsAt):
		return fault.Field("event.starts_at", "It cannot begin in the year %d.", e.StartsAt.Year())
	case !e.EndsAt.IsZero() && !e.EndsAt.After(e.StartsAt):
		return fault.Field("event.ends_at", "It ends before it begins. Leave the end out if it is open.")
	case !e.EndsAt.IsZero() && !likely(e.EndsAt):
		return fault.Field("event.ends_at", "It cannot end in the year %d.", e.EndsAt.Year())
	case e.Zone != "" && zone(e.Zone) == nil:
		return fault.Field("event.zone", "“%.60s” is no time zone. They are called like Europe/Berlin.", e.Zone)
	}
	e.Place = strings.Join(strings.Fields(e.Place), " ")
	if err := checkText("event.place", "The place", e.Place, MaxPlace); err != nil {
		return err
	}
	e.URL = strings.TrimSpace(e.URL)
	return checkLink("event.url", e.URL)
}

func likely(t time.Time) bool { return t.Year() >= firstEventYear && t.Year() <= lastEventYear }

// Fits cuts what a remote author said to what we keep, and reports whether
// that is an event: it has to begin at some time.
func (e *Event) Fits() bool {
	if e.StartsAt.IsZero() {
		return false
	}
	if e.EndsAt.Before(e.StartsAt) {
		e.EndsAt = time.Time{}
	}
	if zone(e.Zone) == nil {
		e.Zone = ""
	}
	e.Place = cut(clean(e.Place), MaxPlace)
	if checkLink("event.url", e.URL) != nil {
		e.URL = ""
	}
	return true
}

// Clock is the clock by which the event was written: that of its zone, or
// that of Greenwich.
func (e *Event) Clock() *time.Location {
	if at := zone(e.Zone); at != nil {
		return at
	}
	return time.UTC
}

// zone is the time zone of this name, nil if there is none. What the machine
// takes for local is no name to tell others.
func zone(name string) *time.Location {
	if name == "" || name == "Local" {
		return nil
	}
	at, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return at
}
