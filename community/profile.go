package community

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"drystone/fault"
)

// A Profile is what somebody of this server says about themselves beside what
// their actor holds. Where nothing was said there is none.
type Profile struct {
	ActorID   ActorID `bun:",pk"`
	Languages string  // BCP 47, those that they read, the best known first; see LanguageList
	Interests string  // one a line; see InterestList
	Zone      string  // the time zone that they live by, such as Europe/Berlin; theirs alone to see
	QuietFrom int     // minutes after midnight; the same as QuietTo where no hour is quiet
	QuietTo   int
	UpdatedAt time.Time
}

// LanguageList are the languages that somebody reads.
func (p *Profile) LanguageList() []string { return strings.Fields(p.Languages) }

// InterestList is what somebody is interested in.
func (p *Profile) InterestList() []string {
	return strings.FieldsFunc(p.Interests, func(r rune) bool { return r == '\n' })
}

// Bounds of a profile.
const (
	MaxFields     = 6
	MaxFieldName  = 60
	MaxFieldValue = 255
	MaxLanguages  = 10
	MaxInterests  = 20
	MaxInterest   = 40
)

// A ProfileField is a line of a profile: a name and what goes with it, of
// somebody here or elsewhere.
type ProfileField struct {
	ActorID ActorID `bun:",pk"`
	Place   int     `bun:",pk"` // from the top
	Name    string
	Value   string // plain text; of somebody elsewhere too
	HTML    string // safe to show

	Link       string    // the page that the whole value leads to, of somebody here
	CheckAt    time.Time `bun:",nullzero"` // when the page is looked at next
	CheckedAt  time.Time `bun:",nullzero"` // when it last answered
	VerifiedAt time.Time `bun:",nullzero"` // since when it leads back to the profile
}

// CheckFields tidies the lines of a profile, leaves out empty ones, and reports
// what is wrong with the rest.
func CheckFields(fields []ProfileField) ([]ProfileField, error) {
	kept := fields[:0:0]
	for _, f := range fields {
		f.Name, f.Value = strings.TrimSpace(f.Name), strings.TrimSpace(f.Value)
		switch {
		case f.Name == "" && f.Value == "":
			continue
		case f.Name == "":
			return nil, fault.Field("fields", "“%.40s” needs a name before it.", f.Value)
		case f.Value == "":
			return nil, fault.Field("fields", "“%.40s” needs something behind it.", f.Name)
		}
		if err := checkShort("fields", "The name of a line", f.Name, MaxFieldName); err != nil {
			return nil, err
		}
		if err := checkShort("fields", "What stands behind “"+f.Name+"”", f.Value, MaxFieldValue); err != nil {
			return nil, err
		}
		f.Place = len(kept)
		kept = append(kept, f)
	}
	if len(kept) > MaxFields {
		return nil, fault.Field("fields", "There is room for %d lines.", MaxFields)
	}
	return kept, nil
}

// checkShort is for what is one line and names something.
func checkShort(field, what, text string, most int) error {
	if err := checkText(field, what, text, most); err != nil {
		return err
	}
	return checkLine(field, what, text)
}

// CheckLanguages brings the names of languages into their usual form.
func CheckLanguages(names []string) (string, error) {
	var list []string
	for _, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		tag, err := language.Parse(name)
		if err != nil || len(name) > 35 || tag == language.Und || !utf8.ValidString(name) {
			return "", fault.Field("languages", "“%.35s” is no language. They are called like en, de or pt-BR.", name)
		}
		if !slices.Contains(list, tag.String()) {
			list = append(list, tag.String())
		}
	}
	if len(list) > MaxLanguages {
		return "", fault.Field("languages", "Choose at most %d languages.", MaxLanguages)
	}
	return strings.Join(list, " "), nil
}

// CheckInterests tidies what somebody is interested in: without a # before it,
// and each once.
func CheckInterests(words []string) (string, error) {
	var list []string
	known := map[string]bool{}
	for _, word := range words {
		word = strings.Join(strings.Fields(strings.TrimLeft(strings.TrimSpace(word), "#")), " ")
		if word == "" || known[strings.ToLower(word)] {
			continue
		}
		if err := checkShort("interests", "An interest", word, MaxInterest); err != nil {
			return "", err
		}
		known[strings.ToLower(word)] = true
		list = append(list, word)
	}
	if len(list) > MaxInterests {
		return "", fault.Field("interests", "Name at most %d interests.", MaxInterests)
	}
	return strings.Join(list, "\n"), nil
}

// day is a day's minutes.
const day = 24 * 60

// CheckQuiet reports what is wrong with a time zone and the hours, in minutes
// after midnight there, in which somebody wants to be left alone.
func CheckQuiet(name string, from, to int) error {
	switch {
	case name != "" && zone(name) == nil:
		return fault.Field("zone", "“%.60s” is no time zone. They are called like Europe/Berlin.", name)
	case from < 0 || from >= day:
		return fault.Field("quiet_from", "A time of day is from 00:00 to 23:59.")
	case to < 0 || to >= day:
		return fault.Field("quiet_to", "A time of day is from 00:00 to 23:59.")
	case name == "" && from != to:
		return fault.Field("zone", "Say in which time zone these hours are.")
	}
	return nil
}

// Quiet reports whether somebody wants to be left alone at a moment, and until
// when: mail and other things that ring wait for it. The hours are read off
// the clock on their wall, so that a night is an hour longer or shorter when
// their clocks change.
func Quiet(p *Profile, at time.Time) (until time.Time, quiet bool) {
	if p == nil || p.QuietFrom == p.QuietTo {
		return time.Time{}, false
	}
	wall := zone(p.Zone)
	if wall == nil || !p.quietAt(at.In(wall)) {
		return time.Time{}, false
	}
	until = at.Truncate(time.Minute)
	for p.quietAt(until.In(wall)) {
		until = until.Add(time.Minute)
	}
	return until, true
}

func (p *Profile) quietAt(wall time.Time) bool {
	m := wall.Hour()*60 + wall.Minute()
	if p.QuietFrom < p.QuietTo {
		return p.QuietFrom <= m && m < p.QuietTo
	}
	return p.QuietFrom <= m || m < p.QuietTo
}
