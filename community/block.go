package community

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"drystone/fault"
)

// BlockID names a block.
type BlockID int64

// BlockKind is what is kept away. The words are stored.
type BlockKind string

// The kinds of block.
const (
	BlockPerson BlockKind = "person"
	BlockGroup  BlockKind = "group"
	BlockServer BlockKind = "server"
	BlockWords  BlockKind = "words" // these are only ever muted
)

// Place is where words are looked for, one bit each. The numbers are stored.
type Place int

// The places.
const (
	InFeeds Place = 1 << iota // and in what is found
	InThreads
	InNotifications
	InMessages

	Everywhere = InFeeds | InThreads | InNotifications | InMessages
)

// Bounds of blocks.
const (
	MostBlocks   = 5000 // that one person has, of people, groups and servers together
	MostWords    = 200
	MaxWords     = 100 // characters of one of them
	MaxBlockNote = 200
)

// A Block is something that somebody keeps away from themselves. A block of a
// person holds for both: neither reads the other's words where they can be kept
// away, and the one who is blocked cannot write to the other, answer or quote
// them. What is muted only its owner does not see, and nobody is told.
type Block struct {
	ID        BlockID `bun:",pk,autoincrement"`
	OwnerID   ActorID
	Kind      BlockKind
	Mute      bool
	TargetID  ActorID // the person or group
	Host      string  // the server
	Words     string  // as they were written
	Folded    string  // and as they are compared
	Whole     bool    // not within longer words
	Places    Place
	Note      string // to oneself
	Told      bool   // the person's server knows
	IRI       string // the Block by which the server of the owner told us
	CreatedAt time.Time
	Until     time.Time `bun:",nullzero"` // zero: until it is taken away
}

// Over reports whether the block ended by itself.
func (b *Block) Over(now time.Time) bool { return !b.Until.IsZero() && !now.Before(b.Until) }

// Check reports what is wrong with a block that somebody makes, and folds its
// words.
func (b *Block) Check(now time.Time) error {
	b.Note = strings.TrimSpace(b.Note)
	if err := checkText("note", "The note", b.Note, MaxBlockNote); err != nil {
		return err
	}
	if !b.Until.IsZero() && !b.Until.After(now) {
		return fault.Field("until", "That is over already. Choose a time to come, or none.")
	}
	switch b.Kind {
	case BlockPerson, BlockGroup:
		return nil
	case BlockServer:
		return b.checkHost()
	case BlockWords:
		return b.checkWords()
	}
	return fault.Field("kind", "People, groups, servers and words can be kept away.")
}

func (b *Block) checkHost() error {
	host, ok := CleanHost(b.Host)
	if !ok {
		return fault.Field("host", "Write the name of a server, such as example.org.")
	}
	b.Host = host
	return nil
}

// CleanHost is the name of a server as handles hold it.
func CleanHost(text string) (string, bool) {
	host := strings.ToLower(strings.TrimSpace(text))
	host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
	host = strings.TrimSuffix(strings.TrimPrefix(host, "@"), "/")
	name, port, _ := strings.Cut(host, ":")
	if _, err := netip.ParseAddr(name); err != nil {
		if name, err = idna.Lookup.ToASCII(name); err != nil || !strings.Contains(name, ".") && port == "" || strings.Contains(name, "..") {
			return "", false
		}
	}
	if len(name) > 253 || len(port) > 5 || strings.ContainsFunc(name+port, notInHosts) || strings.ContainsFunc(port, notDigit) {
		return "", false
	}
	if port != "" {
		name += ":" + port
	}
	return name, true
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

func notInHosts(r rune) bool {
	return r != '.' && r != '-' && notDigit(r) && (r < 'a' || r > 'z')
}

func (b *Block) checkWords() error {
	b.Words = strings.Join(strings.Fields(b.Words), " ")
	if err := checkText("words", "The words", b.Words, MaxWords); err != nil {
		return err
	}
	b.Folded = Fold(b.Words)
	switch {
	case utf8.RuneCountInString(b.Folded) < 2:
		return fault.Field("words", "Write at least two characters that can be seen: less is in nearly everything.")
	case b.Places&Everywhere == 0, b.Places&^Everywhere != 0:
		return fault.Field("places", "Choose where the words are looked for.")
	}
	return nil
}

// Fold is text as words are looked for in it: without regard to case, to how a
// character is composed, to how much space is between words, and to what
// cannot be seen.
func Fold(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == 0x034F:
			return -1 // zero widths, soft hyphens, changes of direction
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	text = strings.Map(foldCherokee, cases.Fold().String(norm.NFKC.String(text)))
	text = norm.NFKC.String(text)
	return strings.Join(strings.Fields(text), " ")
}

// foldCherokee makes small letters of that script large, as Unicode folds them:
// package cases only changes one into the other.
func foldCherokee(r rune) rune {
	switch {
	case r >= 0xAB70 && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case r >= 0x13F8 && r <= 0x13FD:
		return r - 8
	}
	return r
}

// In reports whether the words are in a text that was folded.
func (b *Block) In(folded string) bool {
	for from := 0; ; {
		i := strings.Index(folded[from:], b.Folded)
		if i < 0 {
			return false
		}
		start := from + i
		if !b.Whole || !joined(folded[:start], b.Folded) && !joined(b.Folded, folded[start+len(b.Folded):]) {
			return true
		}
		_, size := utf8.DecodeRuneInString(folded[start:])
		from = start + size
	}
}

// joined reports whether a word goes on from one text into the next.
func joined(before, after string) bool {
	left, _ := utf8.DecodeLastRuneInString(before)
	right, _ := utf8.DecodeRuneInString(after)
	return before != "" && after != "" && inWord(left) && inWord(right)
}

func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// A Veil is why something stands closed before a reader. The words are part of
// the API.
type Veil string

// The veils. All but the last can be lifted by who reads.
const (
	NoVeil      Veil = ""
	VeilPerson  Veil = "person" // its author is kept away
	VeilServer  Veil = "server" // where they live is
	VeilWords   Veil = "words"  // it holds words that are
	VeilBlocked Veil = "closed" // its author keeps the reader away: its words are not for them
)

// A Sight is what one reader keeps away, as far as lists need to know. Nil
// sees everything.
type Sight struct {
	Viewer  ActorID
	At      time.Time
	People  bool // there is somebody whom they keep away
	Groups  bool
	Servers bool
	Shunned bool // somebody keeps them away
	Words   []*Block
}

// Clear reports whether nothing is kept away.
func (s *Sight) Clear() bool {
	return s == nil || !s.People && !s.Groups && !s.Servers && !s.Shunned && len(s.Words) == 0
}

// Hides reports whether words that the reader keeps out of a place are in any
// of texts by author. One's own are never hidden.
func (s *Sight) Hides(in Place, author ActorID, texts ...string) bool {
	if s == nil || len(s.Words) == 0 || author == s.Viewer {
		return false
	}
	folded := ""
	for _, b := range s.Words {
		if b.Places&in == 0 {
			continue
		}
		if folded == "" {
			folded = Fold(strings.Join(texts, "\n"))
		}
		if b.In(folded) {
			return true
		}
	}
	return false
}

// Has reports whether words are looked for in a place.
func (s *Sight) Has(in Place) bool {
	return s != nil && slices.ContainsFunc(s.Words, func(b *Block) bool { return b.Places&in != 0 })
}

// Between is what stands between two people, as one of them, who is about to
// do something, meets it.
type Between struct {
	Mine   bool // who acts blocked the other
	Theirs bool // the other blocked them
}

// Bars reports why one of two people may not do to other what a block keeps
// them from; doing is what, as in "answer".
func (b Between) Bars(doing string, other *Actor) error {
	switch {
	case b.Theirs:
		return fault.New(fault.Forbidden, "You cannot %s %s: they do not want that.", doing, other.Handle())
	case b.Mine:
		return fault.New(fault.Forbidden, "You blocked %s. Take the block away before you %s them.", other.Handle(), doing)
	}
	return nil
}

// MayBlock reports why by cannot keep target away.
func MayBlock(by, target *Actor, mute bool) error {
	switch {
	case by.ID == target.ID:
		return fault.New(fault.Forbidden, "You cannot block or mute yourself.")
	case target.IsGroup(), target.IsPerson():
		return nil
	case mute:
		return fault.New(fault.Invalid, "People, groups, servers and words can be muted.")
	}
	return fault.New(fault.Invalid, "People, groups and servers can be blocked.")
}

// A BlockView is a block with whom it is about.
type BlockView struct {
	*Block
	Target *Actor // of a person or group
}

// Under is what is left of what a reader may do with something that stands
// closed before them.
func (c Can) Under(v Veil) Can {
	if v == VeilBlocked {
		c.Reply, c.Vote, c.Answer = false, false, false
	}
	return c
}
