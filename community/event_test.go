package community_test

import (
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func TestEventsMadeHere(t *testing.T) {
	at := noon.AddDate(0, 1, 0)
	tests := []struct {
		name  string
		event community.Event
		field string
	}{
		{"a beginning", community.Event{StartsAt: at}, ""},
		{"all of it", community.Event{StartsAt: at, EndsAt: at.Add(time.Hour), Zone: "Europe/Berlin", Place: "The barn", URL: "https://example.org/"}, ""},
		{"long ago", community.Event{StartsAt: at.AddDate(-40, 0, 0)}, ""},
		{"at no time", community.Event{Place: "The barn"}, "event.starts_at"},
		{"in a year that was mistyped", community.Event{StartsAt: time.Date(26, 7, 1, 12, 0, 0, 0, time.UTC)}, "event.starts_at"},
		{"over as it begins", community.Event{StartsAt: at, EndsAt: at}, "event.ends_at"},
		{"over before", community.Event{StartsAt: at, EndsAt: at.Add(-time.Hour)}, "event.ends_at"},
		{"over never", community.Event{StartsAt: at, EndsAt: at.AddDate(500, 0, 0)}, "event.ends_at"},
		{"by no clock", community.Event{StartsAt: at, Zone: "Europe/Atlantis"}, "event.zone"},
		{"by the clock of the machine", community.Event{StartsAt: at, Zone: "Local"}, "event.zone"},
		{"by a file", community.Event{StartsAt: at, Zone: "../etc/localtime"}, "event.zone"},
		{"at a long place", community.Event{StartsAt: at, Place: strings.Repeat("ü", 301)}, "event.place"},
		{"at no text", community.Event{StartsAt: at, Place: "a\x00b"}, "event.place"},
		{"at a script", community.Event{StartsAt: at, URL: "javascript:alert(1)"}, "event.url"},
	}
	for _, test := range tests {
		err := test.event.Check()
		coded, _ := fault.As(err)
		if (err == nil) != (test.field == "") || coded != nil && coded.Field != test.field {
			t.Errorf("%s: %v, want an error in %q", test.name, err, test.field)
		}
	}
	tidy := community.Event{StartsAt: at, Place: "  The\n barn ", URL: " https://example.org/ "}
	if err := tidy.Check(); err != nil || tidy.Place != "The barn" || tidy.URL != "https://example.org/" {
		t.Errorf("tidied, it is %+v, %v", tidy, err)
	}
}

func TestClockOfAnEvent(t *testing.T) {
	for zone, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "": "UTC", "Local": "UTC", "Nowhere/At_All": "UTC"} {
		e := community.Event{StartsAt: noon, Zone: zone}
		if got := e.Clock().String(); got != want {
			t.Errorf("the clock of %q is that of %s, want %s", zone, got, want)
		}
		kept := ""
		if zone == want {
			kept = zone
		}
		if !e.Fits() || e.Zone != kept {
			t.Errorf("from elsewhere, %q becomes %q", zone, e.Zone)
		}
	}
}

// An event has one link, its own.
func TestEventsHaveOneLink(t *testing.T) {
	p := community.Post{Kind: community.EventPost, Title: "Dance", Link: "https://example.org/"}
	coded, _ := fault.As(p.Check())
	if coded == nil || coded.Field != "link" {
		t.Errorf("with a link, it is refused by %v", coded)
	}
}
