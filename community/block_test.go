package community_test

import (
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
)

func words(t *testing.T, text string, whole bool) *community.Block {
	t.Helper()
	b := &community.Block{Kind: community.BlockWords, Mute: true, Words: text, Whole: whole, Places: community.InFeeds}
	if err := b.Check(time.Now()); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return b
}

// Words are found however they are written, and nothing in them is special.
func TestWordsAreFound(t *testing.T) {
	const zeroWidth, override = "\u200b", "\u202e"
	for _, c := range []struct {
		words, text string
		whole, want bool
	}{
		{"spoiler", "No SPOILERS here", false, true},
		{"spoiler", "No SPOILERS here", true, false},
		{"spoiler", "No SPOILER.", true, true},
		{"spoiler", "spoilers, and one spoiler", true, true},
		{"world cup", "the World\n\tCup", true, true},
		{"world cup", "the Worldcup", false, false},
		{".*", "everything", false, false},
		{".*", "a regular .* one", false, true},
		{"a+b(c", "so A+B(C it is", true, true},
		{"100%_", "a 100%_ like", false, true},
		{"100%_", "a 1000x like", false, false},
		{"strasse", "Die Straße", true, true},
		{"ΟΔΟΣ", "οδός", false, false}, // an accent makes another word
		{"ΟΔΟΣ", "οδος", true, true},
		{"café", "cafe\u0301", true, true},
		{"ﬁne", "fine", true, true},
		{"spo" + zeroWidth + "iler", "spoiler", true, true},
		{"spoiler", "s" + zeroWidth + "p" + override + "oiler", true, true},
		{"spoiler", "spo\u00adiler", true, true},
		{"שלום", "אמר שלום לכולם", true, true},
		{"שלום", "השלום", true, false},
		{"猫が", "黒猫がいる", false, true},
		{"c++", "C++ is old", true, true},
		{"is", "it's his", true, false},
		{"aa", "aaa aa", true, true},
		{"ok", "", false, false},
	} {
		if got := words(t, c.words, c.whole).In(community.Fold(c.text)); got != c.want {
			t.Errorf("%q in %q (whole: %v) = %v, want %v", c.words, c.text, c.whole, got, c.want)
		}
	}
}

func TestHostileWords(t *testing.T) {
	for field, b := range map[string]*community.Block{
		"words":  {Kind: community.BlockWords, Words: strings.Repeat("x", 10_000), Places: community.InFeeds},
		"words ": {Kind: community.BlockWords, Words: "a\x00b", Places: community.InFeeds},
		"words 1": {
			Kind: community.BlockWords, Words: "\u200b\u200b\u202e\u2066", Places: community.InFeeds,
		},
		"words 2":  {Kind: community.BlockWords, Words: "  x ", Places: community.InFeeds},
		"words 3":  {Kind: community.BlockWords, Words: "\xff\xfe", Places: community.InFeeds},
		"places":   {Kind: community.BlockWords, Words: "fine"},
		"places 2": {Kind: community.BlockWords, Words: "fine", Places: 1 << 20},
		"note":     {Kind: community.BlockPerson, Note: strings.Repeat("n", 201)},
		"note 2":   {Kind: community.BlockPerson, Note: "a\x00"},
		"until":    {Kind: community.BlockPerson, Until: time.Now().Add(-time.Second)},
		"kind":     {Kind: "planet"},
		"host":     {Kind: community.BlockServer, Host: "not a host"},
		"host 1":   {Kind: community.BlockServer, Host: ""},
		"host 2":   {Kind: community.BlockServer, Host: "com"},
		"host 3":   {Kind: community.BlockServer, Host: strings.Repeat("a.", 5000) + "b"},
		"host 4":   {Kind: community.BlockServer, Host: "a..b"},
		"host 5":   {Kind: community.BlockServer, Host: "x.example/path"},
		"host 6":   {Kind: community.BlockServer, Host: "%.example"},
	} {
		name, _, _ := strings.Cut(strings.TrimSpace(field), " ")
		err := b.Check(time.Now())
		if f, ok := fault.As(err); !ok || f.Code != fault.Invalid || f.Field != name {
			t.Errorf("%s: %v", field, err)
		}
	}
	for text, want := range map[string]string{
		"Example.ORG": "example.org", " https://example.org/ ": "example.org", "@example.org": "example.org",
		"bücher.example": "xn--bcher-kva.example", "127.0.0.1:8080": "127.0.0.1:8080", "localhost:8080": "localhost:8080",
	} {
		if got, ok := community.CleanHost(text); !ok || got != want {
			t.Errorf("CleanHost(%q) = %q, %v", text, got, ok)
		}
	}
}

func TestWhoSeesEverything(t *testing.T) {
	var nobody *community.Sight
	if !nobody.Clear() || nobody.Has(community.InFeeds) || nobody.Hides(community.InFeeds, 1, "x") {
		t.Error("who is not signed in keeps something away")
	}
	s := &community.Sight{Viewer: 7, Words: []*community.Block{words(t, "frost", true)}}
	switch {
	case s.Clear(), !s.Hides(community.InFeeds, 1, "A title", "and frost"):
		t.Error("the words are not found")
	case s.Hides(community.InThreads, 1, "frost"), s.Has(community.InThreads):
		t.Error("they are found where they were not looked for")
	case s.Hides(community.InFeeds, 7, "frost"):
		t.Error("one's own words are hidden")
	case s.Hides(community.InFeeds, 1, "de", "frost" /* not joined to one word */) != true:
		t.Error("texts run into each other")
	}
}

func TestWhatABlockBars(t *testing.T) {
	other := &community.Actor{Name: "bob"}
	if err := (community.Between{}).Bars("answer", other); err != nil {
		t.Error(err)
	}
	for _, b := range []community.Between{{Mine: true}, {Theirs: true}, {Mine: true, Theirs: true}} {
		if err := b.Bars("answer", other); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "answer") {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Straße", "ꮁ Ꮁ ᏸ", "\u200b", "a  b", "\xff", "ﬁ", "İ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := community.Fold(text)
		if twice := community.Fold(once); twice != once {
			t.Errorf("%q folds to %q and then to %q", text, once, twice)
		}
	})
}
