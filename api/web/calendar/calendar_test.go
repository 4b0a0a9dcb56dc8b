package calendar_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ical "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"drystone/api/web/calendar"
)

// read parses a calendar with a library of other people's, after a look at the
// form of its lines.
func read(t *testing.T, c *calendar.Calendar) (*ical.Calendar, string) {
	t.Helper()
	text := string(c.Write())
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
		t.Errorf("not whole:\n%s", text)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	parsed, err := ical.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("cannot be read: %v\n%s", err, text)
	}
	return parsed, text
}

func at(t *testing.T, zone string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var day = time.Date(2026, 12, 11, 19, 0, 0, 0, time.UTC)

func TestEvents(t *testing.T) {
	hostile := "Line one, two; three\\four\r\nBEGIN:VEVENT\nüñí" + strings.Repeat("漢字", 60) + "\x00\x1b\u202e"
	e := &calendar.Event{
		ID: "https://stone.example/post/7", Page: "https://stone.example/post/7", Title: "Dance, with; all", Description: hostile,
		Place: "The barn", Group: "Gardening", Start: day, End: day.Add(2 * time.Hour), Zone: at(t, "Europe/Berlin"), Created: day.Add(-48 * time.Hour), Changed: day.Add(-47 * time.Hour),
	}
	open := &calendar.Event{ID: "urn:x", Page: "https://stone.example/post/8", Title: "Open", Start: day, Created: day, Changed: day, Cancelled: true}
	c, text := read(t, &calendar.Calendar{Name: "Gardening", Page: "https://stone.example/c/garden", Source: "https://stone.example/c/garden.ics", Events: []*calendar.Event{e, open}})
	events := c.Events()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	want := map[ical.ComponentProperty]string{
		ical.ComponentPropertyUniqueId: "https://stone.example/post/7", ical.ComponentPropertySummary: "Dance, with; all",
		ical.ComponentPropertySequence: "3600", ical.ComponentPropertyStatus: "CONFIRMED", ical.ComponentPropertyLocation: "The barn",
		ical.ComponentPropertyDtstamp: "20261209T200000Z", ical.ComponentPropertyDtStart: "20261211T200000", ical.ComponentPropertyDtEnd: "20261211T220000",
	}
	got := map[ical.ComponentProperty]string{}
	for name := range want {
		if p := events[0].GetProperty(name); p != nil {
			got[name] = ical.FromText(p.Value)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, text)
	}
	if start, err := events[0].GetStartAt(); err != nil || !start.Equal(day) {
		t.Errorf("it starts at %v: %v", start, err)
	}
	said := ical.FromText(events[0].GetProperty(ical.ComponentPropertyDescription).Value)
	if wanted := strings.NewReplacer("\r\n", "\n", "\x00", "", "\x1b", "").Replace(hostile); said != wanted {
		t.Errorf("the description became %q", said)
	}
	if events[1].GetProperty(ical.ComponentPropertyStatus).Value != "CANCELLED" || events[1].GetProperty(ical.ComponentPropertyDtEnd) != nil ||
		events[1].GetProperty(ical.ComponentPropertyDtStart).Value != "20261211T190000Z" {
		t.Errorf("the open one: %s", text)
	}
}

// A clock is described with each change between the first event and the last.
func TestZones(t *testing.T) {
	berlin, saigon := at(t, "Europe/Berlin"), at(t, "Asia/Ho_Chi_Minh")
	event := func(start time.Time, zone *time.Location) *calendar.Event {
		return &calendar.Event{ID: start.String(), Title: "x", Start: start, Zone: zone, Created: day, Changed: day}
	}
	_, text := read(t, &calendar.Calendar{Events: []*calendar.Event{
		event(day, berlin), event(day.AddDate(0, 6, 0), berlin), event(day, saigon), event(day, time.UTC),
	}})
	if n := strings.Count(text, "BEGIN:VTIMEZONE"); n != 2 {
		t.Errorf("%d zones:\n%s", n, text)
	}
	for _, want := range []string{
		"BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n",
		"BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n",
		"TZID:Asia/Ho_Chi_Minh\r\nBEGIN:STANDARD\r\n", "TZOFFSETTO:+0700",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "BEGIN:DAYLIGHT"); n != 1 {
		t.Errorf("%d summers", n)
	}
	long := event(day, berlin)
	long.End = day.AddDate(3000, 0, 0)
	if _, text := read(t, &calendar.Calendar{Events: []*calendar.Event{long}}); len(text) > 40_000 {
		t.Errorf("an endless event takes %d bytes", len(text))
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("A, b; c\\", "x\r\nEND:VCALENDAR")
	f.Add(strings.Repeat("é", 80), "\xff\xfe")
	f.Fuzz(func(t *testing.T, title, about string) {
		c := &calendar.Calendar{Name: title, Events: []*calendar.Event{{ID: "x", Title: title, Description: about, Place: about, Start: day, Created: day, Changed: day}}}
		text := string(c.Write())
		if n := strings.Count(text, "\r\nEND:"); n != 2 {
			t.Errorf("%d ends: %q", n, text)
		}
		for line := range strings.SplitSeq(text, "\r\n") {
			if len(line) > 75 {
				t.Errorf("a long line: %q", line)
			}
		}
	})
}
