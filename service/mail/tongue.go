package mail

import (
	"fmt"
	"strings"
	"time"

	"drystone/community"
)

// English is written at the top of templates, and every other language in a
// directory of its own. A letter that a language lacks is sent in English.
const english = "en"

// tongues are how languages tell days and times: the names of the months, a
// day made of its number, month and year, and a time of that day where the
// clocks show it.
var tongues = map[string]struct {
	months    string
	first     string // of a month, where it is not the number
	day, when string
}{
	english: {"January February March April May June July August September October November December", "1", "%s %s %d", "%s, %s (%s)"},
	"de":    {"Januar Februar März April Mai Juni Juli August September Oktober November Dezember", "1.", "%s %s %d", "%s um %s Uhr (%s)"},
	"fr":    {"janvier février mars avril mai juin juillet août septembre octobre novembre décembre", "1er", "%s %s %d", "%s à %s (%s)"},
	"es":    {"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", "1", "%s de %s de %d", "%s a las %s (%s)"},
}

// A reader is for whom a letter is written: in which language, and by which
// clock.
type reader struct {
	lang string
	zone *time.Location
}

// readerOf is who reads a letter. The language that they said they know best
// decides; who said nothing of themselves reads English, by UTC.
func readerOf(p *community.Profile) reader {
	r := reader{english, time.UTC}
	if p == nil {
		return r
	}
	if spoken := p.LanguageList(); len(spoken) > 0 {
		base, _, _ := strings.Cut(strings.ToLower(spoken[0]), "-")
		if _, known := tongues[base]; known {
			r.lang = base
		}
	}
	if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "" {
		r.zone = zone
	}
	return r
}

// day is the day of a moment where the reader lives.
func (r reader) day(at time.Time) string {
	at, how := at.In(r.zone), tongues[r.lang]
	number := fmt.Sprint(at.Day())
	switch {
	case at.Day() == 1:
		number = how.first
	case r.lang == "de":
		number += "."
	}
	return fmt.Sprintf(how.day, number, strings.Fields(how.months)[at.Month()-1], at.Year())
}

// when is a moment as the reader's clock shows it, with the zone named.
func (r reader) when(at time.Time) string {
	return fmt.Sprintf(tongues[r.lang].when, r.day(at), at.In(r.zone).Format("15:04"), r.zone)
}

// words are what a letter says for its words: one line each, and the moment
// until which something lasts as a day where the reader lives.
func (r reader) words(words map[string]string) map[string]string {
	said := map[string]string{}
	for name, word := range words {
		said[name] = oneLine(word)
		if at, err := time.Parse(community.LetterDay, word); err == nil && name == "until" {
			said[name] = r.day(at)
		}
	}
	return said
}
