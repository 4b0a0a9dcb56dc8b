package calendar

import (
	"fmt"
	"time"
)

// A zone is a clock, from one moment to another. Each change of it between
// them is written down, rather than a rule by which it changes: laws change
// that, and what is written then stays true for these events.
type zone struct {
	at       *time.Location
	from, to time.Time
}

// most is how many changes of a clock are written at most: an event that
// another server says to last for centuries makes nobody's calendar long.
const most = 200

func (z *zone) write(out *lines) {
	out.line("BEGIN", "VTIMEZONE")
	out.line("TZID", z.at.String())
	t := z.from.In(z.at)
	for range most {
		start, end := t.ZoneBounds()
		observe(out, t, start)
		if end.IsZero() || end.After(z.to) {
			break
		}
		t = end
	}
	out.line("END", "VTIMEZONE")
}

// observe writes how a clock goes at t, since start; the zero time is for
// ever.
func observe(out *lines, t, start time.Time) {
	name, offset := t.Zone()
	before, onset := offset, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if !start.IsZero() {
		_, before = start.Add(-time.Second).Zone()
		// By the clock as it went until then.
		onset = start.UTC().Add(time.Duration(before) * time.Second)
	} else if t.Before(onset) {
		onset = t.UTC().AddDate(-1, 0, 0)
	}
	kind := "STANDARD"
	if t.IsDST() {
		kind = "DAYLIGHT"
	}
	out.line("BEGIN", kind)
	out.line("DTSTART", onset.Format("20060102T150405"))
	out.line("TZOFFSETFROM", hours(before))
	out.line("TZOFFSETTO", hours(offset))
	out.text("TZNAME", name)
	out.line("END", kind)
}

// hours is how far a clock is from Greenwich's, which is in seconds.
func hours(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
