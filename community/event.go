package community

import "time"

// MaxPlace bounds what is kept of where something happens, in characters.
const MaxPlace = 300

// An Event is when and where what a post tells of happens.
type Event struct {
	PostID   PostID `bun:",pk"`
	StartsAt time.Time
	EndsAt   time.Time `bun:",nullzero"`
	Place    string
	URL      string // where it happens online, or where to learn more
}

// Fits cuts what a remote author said to what we keep, and reports whether
// that is an event: it has to begin at some time.
func (e *Event) Fits() bool {
	if e.StartsAt.IsZero() {
		return false
	}
	if e.EndsAt.Before(e.StartsAt) {
		e.EndsAt = time.Time{}
	}
	e.Place = cut(clean(e.Place), MaxPlace)
	if checkLink(e.URL) != nil {
		e.URL = ""
	}
	return true
}
