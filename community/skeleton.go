package community

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"drystone/fault"
)

// Skeleton is what a name of this server looks like: two names with the same
// skeleton are read as one another, so only one of them is given away. It is
// stored, and migrations compute the same in SQL.
//
// A capital I, a one and a small L are one stroke; a zero is an o; rn is an m,
// vv a w; and a line below says nothing. A small i keeps its dot: Ian and Lan
// are two people.
func Skeleton(name string) string {
	folded := strings.ToLower(strings.ReplaceAll(name, "I", "l"))
	bare := strings.NewReplacer("1", "l", "0", "o", "_", "").Replace(folded)
	if bare == "" {
		return folded // lines only
	}
	return strings.ReplaceAll(strings.ReplaceAll(bare, "rn", "m"), "vv", "w")
}

// NameTaken says that a name cannot be had because of another, which it is or
// looks like.
func NameTaken(name, other string, cause error) error {
	err := fault.Because(cause, fault.Conflict, "The name %q is taken. Choose another.", name)
	if FoldName(name) != FoldName(other) {
		err.Message = "The name " + name + " looks like " + other + ", which is taken. Choose another."
	}
	err.Field = "name"
	return err
}

// appearance is what any text looks like to somebody who reads in a hurry: its
// letters and digits in the shape of small Latin ones, without accents. It is
// the skeleton of Unicode TR39, widened by what is done with plain letters, and
// empty for text in a script that looks like no other.
//
// It is for comparing with the names of a few people only: many names that
// nobody would mix up look alike under it.
func appearance(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if shape, ok := shapes[r]; ok {
			b.WriteString(shape)
			continue
		}
		switch {
		case r >= 0x1F1E6 && r <= 0x1F1FF: // regional indicators
			r = 'a' + r - 0x1F1E6
		case r >= 0x1F150 && r <= 0x1F169: // white on a circle
			r = 'a' + r - 0x1F150
		case r >= 0x1F170 && r <= 0x1F189: // white on a square
			r = 'a' + r - 0x1F170
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return loosely.Replace(clustered.Replace(b.String()))
}

// What plain letters and digits are mistaken for. Pairs come first.
var (
	clustered = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")
	loosely   = strings.NewReplacer("0", "o", "1", "i", "l", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b")
)

// shapes are letters of other scripts, and rare Latin ones, that look like
// Latin letters; after TR39's confusables.txt, as far as names use them. What
// is compatible with a Latin letter (fullwidth, mathematical, circled) is made
// one before.
var shapes = shapesOf(
	// Cyrillic
	"аa вb сc ԁd еe ѐe ёe гr һh іi їi јj кk ӏl мm нh оo рp ԛq ѕs тt уy ўy ѵv ԝw хx зe бb",
	"АA ВB СC ЕE ЁE НH ІI ЇI ЈJ КK ӀI МM ОO РP ЅS ТT УY ХX ԌG ԜW ЗE",
	// Greek
	"αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ωw ϲc ϳj σo",
	"ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC",
	// Armenian
	"օo ոn սu հh յj ցg զq",
	// Cherokee
	"ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ",
	// Latin, with a stroke, without a dot, small capitals, phonetic
	"ıi ȷj ɑa ɐa ɡg łl ŁL øo ØO đd ĐD ħh ĦH ŧt ŦT ɩi ɪi ʟl ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ᴊj ᴋk ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɛe ɔc ʋv",
)

// shapesOf reads pairs of a letter and what it looks like.
func shapesOf(lists ...string) map[rune]string {
	found := map[rune]string{}
	for _, list := range lists {
		for _, pair := range strings.Fields(list) {
			runes := []rune(pair)
			found[runes[0]] = strings.ToLower(string(runes[len(runes)-1]))
		}
	}
	return found
}

// Staff are those who look after this server, and after its groups: nobody
// else may look like them.
type Staff struct {
	Admins     []*Actor
	Moderators []*Actor // of groups of this server
}

// roles are words that no person may be called who has not the role. A group
// may: some talk about security.
var roles = []string{
	"admin", "admins", "administrator", "administrators", "moderator", "moderators", "mod", "mods", "official",
	"support", "security", "system", "root", "staff",
}

// CheckFace reports why an actor of this server cannot have its name and
// title: it would be taken for somebody who looks after the server. by is who
// wants it, nil for somebody new.
//
// Of an administrator neither the words nor the looks may be taken. Many people
// share the name of some moderator by honest chance, so of those only the looks
// in other letters are refused: nobody writes half a name in Cyrillic by
// chance.
func (s Staff) CheckFace(by, actor *Actor) error {
	for _, a := range s.Admins {
		if by != nil && a.ID == by.ID {
			return nil
		}
	}
	if err := s.checkName(actor); err != nil {
		return err
	}
	return s.checkTitle(actor)
}

func (s Staff) checkName(actor *Actor) error {
	look := appearance(actor.Name)
	for _, a := range s.Admins {
		if a.ID == actor.ID || look != appearance(a.Name) {
			continue
		}
		if Skeleton(actor.Name) == Skeleton(a.Name) { // they came first, a moment ago
			return NameTaken(actor.Name, a.Name, nil)
		}
		return fault.Field("name", "The name %q looks like %s, who administers this server. Choose another.", actor.Name, a.Name)
	}
	return nil
}

func (s Staff) checkTitle(actor *Actor) error {
	look := appearance(actor.Title)
	if look == "" {
		return nil
	}
	for _, role := range roles {
		if actor.IsPerson() && look == appearance(role) {
			return fault.Field("title", "%q is kept for those who look after this server. Choose another.", actor.Title)
		}
	}
	for _, a := range s.Admins {
		if look == appearance(a.Name) || look == appearance(a.Title) {
			return fault.Field("title", "That looks like %s, who administers this server. Choose another.", a.DisplayName())
		}
	}
	for _, a := range s.Moderators {
		if a.ID == actor.ID {
			continue
		}
		for _, known := range []string{a.Name, a.Title} {
			if look == appearance(known) && plain(actor.Title) != plain(known) {
				return fault.Field("title", "That looks like %s, who moderates here, in other letters. Choose another.", a.DisplayName())
			}
		}
	}
	return nil
}

// plain is text as people type it, without regard to case, width or space.
func plain(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(text)), ""))
}

// mostMarks is how many marks may stand on one letter: Vietnamese needs two,
// Hebrew with all its points four.
const mostMarks = 4

// checkLine refuses what a line that names somebody must not hold: what turns
// the direction of the text around it, what cannot be seen, towers of marks.
// All scripts are welcome, with the joiners that some of them, and emoji, need.
func checkLine(field, what, text string) error {
	marks, seen := 0, false
	var before rune
	for _, r := range text {
		marks++
		if !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Me, r) {
			marks = 0
		}
		switch {
		case unicode.IsControl(r):
			return fault.Field(field, "%s must be one line.", what)
		case turns(r):
			return fault.Field(field, "%s holds a hidden character that changes the direction of text. Remove it.", what)
		case hidden(before, r):
			return fault.Field(field, "%s holds a character that nobody can see. Remove it.", what)
		case marks > mostMarks:
			return fault.Field(field, "%s has too many marks on one letter.", what)
		}
		seen = seen || unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != 0x2800 // Braille's blank
		before = r
	}
	if text != "" && !seen {
		return fault.Field(field, "%s has nothing that can be seen.", what)
	}
	return nil
}

// turns reports whether a character embeds, overrides or isolates a direction.
// The plain marks (U+200E, U+200F) are needed between Hebrew and digits.
func turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// needJoiners are scripts that are not written right without them.
var needJoiners = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Phags_Pa, unicode.Tibetan,
	unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
	unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Balinese, unicode.Javanese,
}

// hidden reports whether a character behind another cannot be seen and does
// nothing good there.
func hidden(before, r rune) bool {
	switch r {
	case 0x200C: // non-joiner
		return !unicode.In(before, needJoiners...)
	case 0x200D: // joiner
		emoji := unicode.Is(unicode.So, before) || before == 0xFE0F || before >= 0x1F3FB && before <= 0x1F3FF
		return !emoji && !unicode.In(before, needJoiners...)
	case 0x200E, 0x200F: // left-to-right and right-to-left marks
		return false
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, 0x17B4, 0x17B5: // fillers that count as letters or marks
		return true
	case 0x2028, 0x2029:
		return true
	}
	if r >= 0xE0020 && r <= 0xE007F { // tags, of which the flags of England, Scotland and Wales are made
		return before != 0x1F3F4 && (before < 0xE0020 || before > 0xE007F)
	}
	return unicode.Is(unicode.Cf, r)
}
