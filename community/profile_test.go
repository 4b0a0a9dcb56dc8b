package community

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/fault"
)

func TestQuiet(t *testing.T) {
	clock := func(text string) int {
		var h, m int
		if _, err := fmt.Sscanf(text, "%d:%d", &h, &m); err != nil {
			t.Fatal(err)
		}
		return 60*h + m
	}
	tests := []struct {
		name, zone, from, to string
		at                   string // RFC 3339
		until                string // empty: not quiet
	}{
		{"by day", "Europe/Berlin", "22:00", "07:00", "2026-11-23T12:00:00+01:00", ""},
		{"in the evening", "Europe/Berlin", "22:00", "07:00", "2026-11-23T22:00:00+01:00", "2026-11-24T07:00:00+01:00"},
		{"after midnight", "Europe/Berlin", "22:00", "07:00", "2026-11-24T03:30:30+01:00", "2026-11-24T07:00:00+01:00"},
		{"the last minute", "Europe/Berlin", "22:00", "07:00", "2026-11-24T06:59:59+01:00", "2026-11-24T07:00:00+01:00"},
		{"the first that is loud", "Europe/Berlin", "22:00", "07:00", "2026-11-24T07:00:00+01:00", ""},
		{"a nap", "Asia/Kathmandu", "13:00", "14:30", "2026-11-23T13:45:00+05:45", "2026-11-23T14:30:00+05:45"},
		{"elsewhere it is night already", "Pacific/Auckland", "22:00", "07:00", "2026-11-23T12:00:00Z", "2026-11-23T18:00:00Z"},
		{"no hour is quiet", "Europe/Berlin", "00:00", "00:00", "2026-11-23T03:00:00Z", ""},
		{"nobody said where", "", "22:00", "07:00", "2026-11-23T03:00:00Z", ""},
		// On 29 March 2026, 02:00 is followed by 03:00 in Berlin.
		{"a short night", "Europe/Berlin", "22:00", "07:00", "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"},
		{"an end that is left out", "Europe/Berlin", "22:00", "02:30", "2026-03-29T01:59:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"hours that are left out", "Europe/Berlin", "02:00", "03:00", "2026-03-29T01:59:00+01:00", ""},
		// On 25 October 2026, 03:00 is followed by 02:00 again.
		{"a long night", "Europe/Berlin", "22:00", "07:00", "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"},
		{"an end that comes twice", "Europe/Berlin", "22:00", "02:30", "2026-10-25T02:10:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"and again", "Europe/Berlin", "22:00", "02:30", "2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+01:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			p := &Profile{Zone: test.zone, QuietFrom: clock(test.from), QuietTo: clock(test.to)}
			until, quiet := Quiet(p, at)
			if quiet != (test.until != "") {
				t.Fatalf("quiet: %v, until %v", quiet, until)
			}
			if want, _ := time.Parse(time.RFC3339, test.until); quiet && !until.Equal(want) {
				t.Errorf("until %v, want %v", until.In(want.Location()), want)
			}
		})
	}
	if _, quiet := Quiet(nil, time.Now()); quiet {
		t.Error("who said nothing wants quiet")
	}
}

func TestCheckQuiet(t *testing.T) {
	for _, test := range []struct {
		zone     string
		from, to int
		field    string
	}{
		{"", 0, 0, ""},
		{"Europe/Berlin", 1320, 420, ""},
		{"UTC", 0, 1439, ""},
		{"Mars/Olympus", 0, 0, "zone"},
		{"../../etc/passwd", 0, 0, "zone"},
		{strings.Repeat("A", 10_000), 0, 0, "zone"},
		{"", 1320, 420, "zone"},
		{"UTC", -1, 0, "quiet_from"},
		{"UTC", 1440, 0, "quiet_from"},
		{"UTC", 0, 1440, "quiet_to"},
		{"UTC\x00", 0, 0, "zone"},
	} {
		wantField(t, fmt.Sprintf("%.20q %d %d", test.zone, test.from, test.to), CheckQuiet(test.zone, test.from, test.to), test.field)
	}
}

func wantField(t *testing.T, what string, err error, field string) {
	t.Helper()
	e, _ := fault.As(err)
	switch {
	case err == nil && field == "":
	case err == nil, e == nil, e.Field != field, e.Code != fault.Invalid, len(e.Message) > 400:
		t.Errorf("%s: %v, want a complaint about %q", what, err, field)
	}
}

// Words as people who mean harm write them.
var hostile = map[string]string{
	"a right-to-left override": "evil\u202egnp.exe",
	"an isolate":               "a\u2066b",
	"zero width":               "ali\u200bce",
	"only what nobody sees":    "\u200b\u200d\ufeff",
	"NUL":                      "a\x00b",
	"a bell":                   "a\ab",
	"no UTF-8":                 "a\xff\xfe",
	"two lines":                "a\nb",
	"10,000 characters":        strings.Repeat("ä", 10_000),
	"a tower of marks":         "a" + strings.Repeat("\u0301", 40),
	"tags":                     "a\U000e0041",
}

// Words as people of all scripts write them.
var kind = []string{"עברית", "مرحبا بالعالم", "日本語", "नमस्ते", "👩\u200d👩\u200d👧 family", "Ærøskøbing", "می\u200cخواهم", "O’Brien"}

func TestCheckFields(t *testing.T) {
	for what, text := range hostile {
		_, err := CheckFields([]ProfileField{{Name: text, Value: "x"}})
		wantField(t, "a name of "+what, err, "fields")
		_, err = CheckFields([]ProfileField{{Name: "x", Value: text}})
		wantField(t, "a value of "+what, err, "fields")
	}
	for _, text := range kind {
		if _, err := CheckFields([]ProfileField{{Name: text, Value: text}}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	got, err := CheckFields([]ProfileField{{Name: " Web ", Value: " https://a.example "}, {}, {Name: "City", Value: "Ghent"}})
	if err != nil || len(got) != 2 || got[0].Name != "Web" || got[0].Value != "https://a.example" || got[1].Place != 1 {
		t.Errorf("CheckFields = %+v, %v", got, err)
	}
	_, err = CheckFields([]ProfileField{{Value: "x"}})
	wantField(t, "no name", err, "fields")
	_, err = CheckFields([]ProfileField{{Name: "x"}})
	wantField(t, "no value", err, "fields")
	many := make([]ProfileField, MaxFields+1)
	for i := range many {
		many[i] = ProfileField{Name: "x", Value: "y"}
	}
	_, err = CheckFields(many)
	wantField(t, "too many", err, "fields")
}

func TestCheckInterests(t *testing.T) {
	got, err := CheckInterests([]string{" #Gardening", "dry  stone walls", "", "GARDENING", "日本語"})
	if want := "Gardening\ndry stone walls\n日本語"; err != nil || got != want {
		t.Errorf("CheckInterests = %q, %v; want %q", got, err, want)
	}
	if list := (&Profile{Interests: got}).InterestList(); len(list) != 3 || list[1] != "dry stone walls" {
		t.Errorf("InterestList = %q", list)
	}
	for what, text := range hostile {
		if what == "two lines" {
			continue // become one
		}
		_, err := CheckInterests([]string{text})
		wantField(t, what, err, "interests")
	}
	many := make([]string, MaxInterests+1)
	for i := range many {
		many[i] = fmt.Sprint("thing ", i)
	}
	_, err = CheckInterests(many)
	wantField(t, "too many", err, "interests")
}

func TestCheckLanguages(t *testing.T) {
	got, err := CheckLanguages([]string{"DE", "pt-br", " en ", "de", ""})
	if want := "de pt-BR en"; err != nil || got != want {
		t.Errorf("CheckLanguages = %q, %v; want %q", got, err, want)
	}
	for what, text := range hostile {
		_, err := CheckLanguages([]string{text})
		wantField(t, what, err, "languages")
	}
	for _, text := range []string{"english", "und", "x", "de_", "<b>", "zz-zz-zz-zz"} {
		_, err := CheckLanguages([]string{text})
		wantField(t, text, err, "languages")
	}
	_, err = CheckLanguages([]string{"en", "de", "fr", "nl", "da", "sv", "fi", "pl", "cs", "es", "pt"})
	wantField(t, "too many", err, "languages")
}
