package community

import (
	"strings"
	"testing"

	"drystone/fault"
)

func TestSkeleton(t *testing.T) {
	same := [][]string{
		{"allce", "al1ce_", "_alIce"},
		{"bob", "b0b", "B_0_B", "BOB"},
		{"modern", "modem", "m0dern", "mode_rn"},
		{"wlllow", "vv1l1ow", "w1110w"},
	}
	for _, names := range same {
		for _, name := range names {
			if Skeleton(name) != Skeleton(names[0]) {
				t.Errorf("%s has the skeleton %s, %s has %s", name, Skeleton(name), names[0], Skeleton(names[0]))
			}
		}
	}
	for _, pair := range [][2]string{{"ian", "lan"}, {"anna", "ana"}, {"anna2", "annaz"}, {"__", "___"}, {"mia", "mla"}} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%s and %s cannot both be had", pair[0], pair[1])
		}
	}
}

func TestReservedNames(t *testing.T) {
	for _, name := range []string{"admin", "ADMIN", "adm1n", "adrnin", "a_d_m_i_n", "r00t", "m0d", "5upport", "he1p", "moderat0r", "aII", "a11", "dry5tone"} {
		if err := CheckName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s can be had: %v", name, err)
		}
	}
	for _, name := range []string{"ali", "adam", "modesty", "rooted", "alla", "heresy", "apl"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s cannot be had: %v", name, err)
		}
	}
}

func TestTitlesOfAllScripts(t *testing.T) {
	for _, title := range []string{
		"", "Ada Lovelace", "Ödön von Horváth", "Анна Каренина", "Ελένη", "李小龍", "ひまわり", "김연아", "שָׁלוֹם", "محمد", "می\u200cخواهم", "नमस्ते", "क्\u200dष", "ราชา",
		"👩‍💻 Mia", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Nguyễn", "M. O'Neil (she/her)", "אבג \u200e12", "Кирилл & John", "❤️‍🔥", "🤷🏽‍♀️",
	} {
		if err := CheckProfile(title, ""); err != nil {
			t.Errorf("%q is refused: %v", title, err)
		}
	}
}

func TestHostileTitles(t *testing.T) {
	for name, title := range map[string]string{
		"a right-to-left override": "Ada \u202Enimda", "an embedding": "\u202AAda", "an isolate": "\u2066Ada\u2069",
		"a zero-width space": "A\u200Bda", "a joiner in plain words": "A\u200Dda", "a non-joiner in plain words": "A\u200Cda",
		"a word joiner": "A\u2060da", "a byte order mark": "\uFEFFAda", "a soft hyphen": "A\u00ADda", "two lines": "Ada\nLovelace",
		"a line separator": "Ada\u2028Lovelace", "a tab": "Ada\tL", "nothing to see": "\u2800\u2800", "a filler": "\u3164", "NUL": "A\x00da",
		"no text": "A\xff", "a tower": "A" + strings.Repeat("\u0301", 12), "hidden tags": "Ada\U000E0041\U000E0042", "too much": strings.Repeat("a", 10_000),
		"an escape": "A\x1b[31mda",
	} {
		err := CheckProfile(title, "")
		if e, ok := fault.As(err); !ok || e.Code != fault.Invalid || e.Field != "title" || e.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFaces(t *testing.T) {
	ada := &Actor{ID: 1, Kind: Person, Name: "ada", Title: "Ada Stone"}
	sam := &Actor{ID: 2, Kind: Person, Name: "sam", Title: "Sam Поле"}
	staff := Staff{Admins: []*Actor{ada}, Moderators: []*Actor{ada, sam}}
	bob := &Actor{ID: 3, Kind: Person, Name: "bob"}
	tests := []struct {
		what        string
		by          *Actor
		kind        ActorKind
		name, title string
		field       string
	}{
		{"somebody else", nil, Person, "carl", "Carl", ""},
		{"the title of an administrator", nil, Person, "carl", "Ada Stone", "title"},
		{"in Cyrillic", nil, Person, "carl", "Аdа Stоnе", "title"},
		{"in mathematics", nil, Person, "carl", "𝐀𝐝𝐚 𝕊𝕥𝕠𝕟𝕖", "title"},
		{"in full width", nil, Person, "carl", "ＡＤＡ　ＳＴＯＮＥ", "title"},
		{"with accents and stars", nil, Person, "carl", "★ Ádá Stöne ★", "title"},
		{"in flags", nil, Person, "carl", "🇦🇩🇦", "title"},
		{"in circles", nil, Person, "carl", "🅐🅓🅐", "title"},
		{"in Cherokee", nil, Person, "carl", "ᎪᎠᎪ", "title"},
		{"in Greek", nil, Person, "carl", "Αda", "title"},
		{"the name of an administrator", nil, Person, "4da", "", "name"},
		{"the name of a moderator, by chance", nil, Person, "carl", "Sam", ""},
		{"the name of a moderator, by trick", nil, Person, "carl", "Sаm", "title"},
		{"the title of a moderator, by chance", nil, Person, "carl", "sam  поле", ""},
		{"the title of a moderator, by trick", nil, Person, "carl", "Ѕam Поле", "title"},
		{"a role", nil, Person, "carl", "Administrator", "title"},
		{"a role in Cyrillic", nil, Person, "carl", "Аdmin ✔", "title"},
		{"a role in spaces", nil, Person, "carl", "A D M I N", "title"},
		{"a group about a role", bob, GroupKind, "walls", "Security", ""},
		{"a group like an administrator", bob, GroupKind, "walls", "Аdа", "title"},
		{"a feed like an administrator", bob, FeedKind, "walls", "ada stone", "title"},
		{"an administrator's own", ada, GroupKind, "adas", "Ada Stone", ""},
		{"another alphabet, another name", nil, Person, "carl", "Наталья", ""},
		{"no letters", nil, Person, "carl", "☀️", ""},
	}
	for _, test := range tests {
		err := staff.CheckFace(test.by, &Actor{Kind: test.kind, Name: test.name, Title: test.title})
		field := ""
		if e, ok := fault.As(err); ok {
			field = e.Field
		}
		if field != test.field {
			t.Errorf("%s (%q): the error is about %q, want %q: %v", test.what, test.title, field, test.field, err)
		}
	}
	if err := staff.CheckFace(sam, &Actor{ID: sam.ID, Kind: Person, Name: "sam", Title: "Ѕаm"}); err != nil {
		t.Errorf("a moderator in their own name: %v", err)
	}
}
