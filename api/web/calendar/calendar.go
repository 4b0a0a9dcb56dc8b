// Package calendar writes events as iCalendar (RFC 5545, with the names of
// RFC 7986). What happens, and who may know of it, is decided before; nothing
// here asks for anything.
package calendar

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MediaType is what a calendar is sent as.
const MediaType = "text/calendar; charset=utf-8"

// A Calendar is a list of events.
type Calendar struct {
	Name, About string
	Page        string // where people find it
	Source      string // where this very document is
	Events      []*Event
}

// An Event is something that happens.
type Event struct {
	ID          string // never changes
	Page        string
	Title       string
	Description string // plain text
	Place       string
	Group       string
	Start, End  time.Time      // no end: it is open
	Zone        *time.Location // by whose clock it was said
	Created     time.Time
	Changed     time.Time // not before Created
	Cancelled   bool
}

// Changed is when anything in the calendar last was.
func (c *Calendar) Changed() time.Time {
	last := time.Unix(0, 0).UTC()
	for _, e := range c.Events {
		if e.Changed.After(last) {
			last = e.Changed
		}
	}
	return last.UTC().Truncate(time.Second)
}

// Write writes the calendar.
func (c *Calendar) Write() []byte {
	var out lines
	out.line("BEGIN", "VCALENDAR")
	out.line("VERSION", "2.0")
	out.line("PRODID", "-//Drystone//Drystone//EN")
	out.line("CALSCALE", "GREGORIAN")
	if c.Name != "" {
		out.text("NAME", c.Name)
		out.text("X-WR-CALNAME", c.Name) // what was there before NAME
	}
	out.text("DESCRIPTION", c.About)
	out.line("URL", c.Page)
	out.line("SOURCE;VALUE=URI", c.Source)
	out.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	out.line("X-PUBLISHED-TTL", "PT1H")
	for _, z := range c.zones() {
		z.write(&out)
	}
	for _, e := range c.Events {
		e.write(&out)
	}
	out.line("END", "VCALENDAR")
	return out.Bytes()
}

func (e *Event) write(out *lines) {
	out.line("BEGIN", "VEVENT")
	out.line("UID", e.ID)
	out.line("DTSTAMP", utc(e.Changed))
	out.line("CREATED", utc(e.Created))
	out.line("LAST-MODIFIED", utc(e.Changed))
	// It has to grow with each change, and these never come twice in a second.
	out.line("SEQUENCE", strconv.FormatInt(max(0, int64(e.Changed.Sub(e.Created)/time.Second)), 10))
	e.moment(out, "DTSTART", e.Start)
	if e.End.After(e.Start) {
		e.moment(out, "DTEND", e.End)
	}
	out.text("SUMMARY", e.Title)
	out.text("DESCRIPTION", e.Description)
	out.text("LOCATION", e.Place)
	out.text("CATEGORIES", e.Group)
	out.line("URL", e.Page)
	out.line("CLASS", "PUBLIC")
	if e.Cancelled {
		out.line("STATUS", "CANCELLED")
	} else {
		out.line("STATUS", "CONFIRMED")
	}
	out.line("END", "VEVENT")
}

// moment writes a time by the clock that was meant, so that a calendar that
// knows that clock better than we do is right, too.
func (e *Event) moment(out *lines, name string, t time.Time) {
	if !e.zoned() {
		out.line(name, utc(t))
		return
	}
	out.line(name+";TZID="+e.Zone.String(), t.In(e.Zone).Format("20060102T150405"))
}

func (e *Event) zoned() bool { return e.Zone != nil && e.Zone != time.UTC && e.Zone.String() != "UTC" }

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// zones are the clocks by which the events are told, with how far each has to
// be described, in order of their names.
func (c *Calendar) zones() []*zone {
	found := map[string]*zone{}
	for _, e := range c.Events {
		if !e.zoned() {
			continue
		}
		end := e.Start
		if e.End.After(end) {
			end = e.End
		}
		name := e.Zone.String()
		z := found[name]
		if z == nil {
			z = &zone{e.Zone, e.Start, end}
			found[name] = z
		}
		if e.Start.Before(z.from) {
			z.from = e.Start
		}
		if end.After(z.to) {
			z.to = end
		}
	}
	list := make([]*zone, 0, len(found))
	for _, z := range found {
		list = append(list, z)
	}
	slices.SortFunc(list, func(a, b *zone) int { return strings.Compare(a.at.String(), b.at.String()) })
	return list
}

// lines are the lines of a document, folded (RFC 5545, section 3.1).
type lines struct{ bytes.Buffer }

const longest = 75 // bytes in a line, without its end

// line writes a property. Values that are empty are left out, and what would
// end the line is too.
func (l *lines) line(name, value string) {
	if value == "" {
		return
	}
	value = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, value)
	room := longest
	for rest := name + ":" + value; ; {
		if len(rest) <= room {
			l.WriteString(rest + "\r\n")
			return
		}
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		l.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], longest-1
	}
}

var escapes = strings.NewReplacer("\\", `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text writes a property whose value is text.
func (l *lines) text(name, value string) { l.line(name, escapes.Replace(value)) }
