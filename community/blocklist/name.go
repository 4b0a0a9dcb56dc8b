package blocklist

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// MaxName is how long a name of a host may be, in bytes.
const MaxName = 253

// Normalise brings the name of a server into the one form that is compared:
// lower case, in ASCII. Whatever had to be changed beyond case and surrounding
// space has somebody look at it, since a name that was meant to be read as
// another is what gets the wrong server blocked. The key is empty where the
// name is rejected.
func Normalise(raw string) (key string, verdict Verdict, why Reason) {
	text := strings.Trim(raw, " \t\r\n")
	switch {
	case text == "":
		return "", Rejected, Empty
	case !utf8.ValidString(text):
		return "", Rejected, Malformed
	case plain(text):
		return judged(text, false)
	}
	return written(text)
}

// written is Normalise for what is not in its one form yet.
func written(text string) (string, Verdict, Reason) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", Rejected, NotAHost
	}
	if strings.ContainsFunc(text, invisible) {
		return heldAs(text, Hidden)
	}
	name := strings.ToLower(text)
	if plain(name) { // only case
		return judged(name, false)
	}
	if strings.ContainsRune(name, '*') {
		return "", Held, Starred
	}
	bare := naked(name)
	if why := unlike(bare); why != "" {
		return "", Rejected, why
	}
	ascii, err := names.ToASCII(bare)
	if err != nil {
		return "", Rejected, NotAHost
	}
	shown, err := names.ToUnicode(ascii)
	changed := err != nil || shown != name && ascii != name
	if mixed(shown) {
		key, verdict, why := judged(ascii, changed)
		if verdict != Rejected {
			verdict, why = Held, MixedScripts
		}
		return key, verdict, why
	}
	return judged(ascii, changed)
}

// heldAs is the key that a name would have, held whatever it is.
func heldAs(text string, why Reason) (string, Verdict, Reason) {
	visible := strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, text)
	key, verdict, other := Normalise(visible)
	if verdict == Rejected {
		return "", Rejected, other
	}
	return key, Held, why
}

// names is how browsers look up hosts, but strict about what DNS takes.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// invisible reports whether a character changes a name and not what is seen
// of it: spaces of no width, marks of direction, soft hyphens.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 || 0xFE00 <= r && r <= 0xFE0F || 0x180B <= r && r <= 0x180F
}

// plain reports whether a name consists of what names in their one form do.
func plain(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return !strings.Contains(name, "xn--") // which has to be looked into
}

// naked takes off what people put around names: a scheme, a path, a last dot,
// and what keeps programs from making a link of it.
func naked(name string) string {
	for _, scheme := range []string{"https://", "http://", "hxxps://", "hxxp://", "//"} {
		if rest, found := strings.CutPrefix(name, scheme); found {
			name = rest
			break
		}
	}
	name, _, _ = strings.Cut(name, "/")
	name, _, _ = strings.Cut(name, "?")
	name, _, _ = strings.Cut(name, "#")
	name = strings.NewReplacer("[dot]", ".", "(dot)", ".", "[.", ".", ".]", ".", "(.", ".", ".)", ".", "{.", ".", ".}", ".").Replace(name)
	name = strings.NewReplacer(".]", ".", ".)", ".", ".}", ".", "。", ".", "．", ".", "｡", ".").Replace(name)
	return strings.TrimSuffix(name, ".")
}

// unlike says why something can be no name, before anything is made of it.
func unlike(bare string) Reason {
	switch {
	case bare == "":
		return Empty
	case strings.ContainsRune(bare, '@'):
		return NotAHost
	case isAddress(bare):
		return Address
	case strings.ContainsRune(bare, ':'):
		return Port
	case strings.HasPrefix(bare, ".") || strings.Contains(bare, ".."):
		return EmptyLabel
	}
	return ""
}

func isAddress(name string) bool {
	if _, err := netip.ParseAddrPort(name); err == nil {
		return true
	}
	host, _, _ := strings.Cut(name, "%")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// judged says what becomes of a name in ASCII.
func judged(name string, changed bool) (string, Verdict, Reason) {
	if rest, dotted := strings.CutSuffix(name, "."); dotted {
		name, changed = rest, true
	}
	if why := malformed(name); why != "" {
		return "", Rejected, why
	}
	if reserved(name) {
		return "", Rejected, ReservedName
	}
	if suffix, icann := publicsuffix.PublicSuffix(name); suffix == name {
		if icann {
			return name, Held, PublicSuffix
		}
		return name, Held, PrivateSuffix
	}
	if changed {
		return name, Held, Rewritten
	}
	return name, Accepted, ""
}

// malformed says why DNS has no such name.
func malformed(name string) Reason {
	if name == "" {
		return Empty
	}
	if len(name) > MaxName {
		return NotAHost
	}
	if !strings.Contains(name, ".") {
		return SingleLabel
	}
	digits := false
	for label := range strings.SplitSeq(name, ".") {
		if label == "" {
			return EmptyLabel
		}
		if len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return NotAHost
		}
		digits = strings.Trim(label, "0123456789") == ""
	}
	if digits { // of the last label: such a name is read as an address
		return Address
	}
	return ""
}

// reservedEnds are the ends of names that the DNS gives to nobody (RFC 2606,
// 6761, 6762, 8375, 9476) and that companies use inside.
var reservedEnds = map[string]bool{
	"test": true, "example": true, "invalid": true, "localhost": true, "local": true, "internal": true, "alt": true, "arpa": true,
	"lan": true, "home": true, "corp": true, "localdomain": true,
	"example.com": true, "example.net": true, "example.org": true,
}

func reserved(name string) bool {
	for at := 0; ; {
		if reservedEnds[name[at:]] {
			return true
		}
		dot := strings.IndexByte(name[at:], '.')
		if dot < 0 {
			return false
		}
		at += dot + 1
	}
}

// Display is a key as people read it: what punycode stands for, unless it
// mixes alphabets and is better seen for what it is.
func Display(key string) string {
	shown, err := names.ToUnicode(key)
	if err != nil || mixed(shown) {
		return key
	}
	return shown
}

// together are alphabets that are written with each other.
var together = [][]*unicode.RangeTable{
	{unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Latin, unicode.Han, unicode.Hangul},
	{unicode.Latin, unicode.Han, unicode.Bopomofo},
}

// mixed reports whether a part of a name is written in alphabets that nobody
// writes together (UTS 39, highly restrictive).
func mixed(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if !ascii(label) && !oneScript(label) && !anyHolds(label) {
			return true
		}
	}
	return false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func oneScript(label string) bool {
	var script *unicode.RangeTable
	for _, r := range label {
		if unicode.In(r, unicode.Common, unicode.Inherited) {
			continue
		}
		if script == nil {
			script = scriptOf(r)
		}
		if script == nil || !unicode.Is(script, r) {
			return false
		}
	}
	return true
}

func scriptOf(r rune) *unicode.RangeTable {
	for _, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return table
		}
	}
	return nil
}

func anyHolds(label string) bool {
	for _, set := range together {
		if strings.IndexFunc(label, func(r rune) bool {
			return !unicode.In(r, set...) && !unicode.In(r, unicode.Common, unicode.Inherited)
		}) < 0 {
			return true
		}
	}
	return false
}

// actorName brings the id of somebody elsewhere, or their handle, into one
// form.
func actorName(raw string) (key string, verdict Verdict, why Reason) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return "", Rejected, Empty
	}
	if name, host, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(text, "acct:"), "@"), "@"); ok && !strings.Contains(text, "/") {
		key, verdict, why := Normalise(host)
		if name == "" || strings.ContainsAny(name, " :*") {
			return "", Rejected, Malformed
		}
		if verdict == Rejected {
			return "", verdict, why
		}
		return strings.ToLower(name) + "@" + key, actorHost(verdict, why), actorWhy(why)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || len(u.Path) < 2 {
		return "", Rejected, Malformed
	}
	host, verdict, why := Normalise(u.Host)
	if verdict == Rejected {
		return "", verdict, why
	}
	u.Host = host
	return u.String(), actorHost(verdict, why), actorWhy(why)
}

// Somebody may well be of a server whose name others' names end in.
func actorHost(verdict Verdict, why Reason) Verdict {
	if actorWhy(why) == "" {
		return Accepted
	}
	return verdict
}

func actorWhy(why Reason) Reason {
	if why == PublicSuffix || why == PrivateSuffix {
		return ""
	}
	return why
}
