package community_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"drystone/community"
)

// FuzzParseHandle looks for handles that are not read the same way when they
// are written again, and for such as nobody can have.
func FuzzParseHandle(f *testing.F) {
	for _, seed := range []string{
		"ann", "@ann", "!cats@Home.test", "acct:ann@other.test", "ann@HOME.test", "@@ann", "ann@", "@", "a@b@c", "ann@[::1]:80", "a b", "a\x00b", "\xff", "Ωmega@münchen.test",
		"acct:acct:ann@x", "@acct:ann", "ann@x.test ",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, ok := community.ParseHandle(text, "home.test")
		if !ok {
			return
		}
		if h.Name == "" || h.Host == "home.test" || h.Host != strings.ToLower(h.Host) || !utf8.ValidString(h.String()) ||
			strings.ContainsFunc(h.String(), func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("/ ?#", r) }) {
			t.Errorf("%q is read as %+v", text, h)
		}
		if again, ok := community.ParseHandle("acct:@"+h.String(), "home.test"); !ok || again != h {
			t.Errorf("%q is %+v, and then %+v", text, h, again)
		}
	})
}
