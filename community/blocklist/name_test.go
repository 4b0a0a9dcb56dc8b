package blocklist

import (
	"strings"
	"testing"
)

// What lists in use have instead of names, and what becomes of each.
func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		raw, key string
		verdict  Verdict
		why      Reason
	}{
		{"bad.social", "bad.social", Accepted, ""},
		{"Bad.Social", "bad.social", Accepted, ""},
		{"  bad.social\r\n", "bad.social", Accepted, ""},
		{"sub.bad.social", "sub.bad.social", Accepted, ""},
		{"bücher.social", "xn--bcher-kva.social", Accepted, ""},
		{"BÜCHER.social", "xn--bcher-kva.social", Accepted, ""},
		{"xn--bcher-kva.social", "xn--bcher-kva.social", Accepted, ""},
		{"xn--80ak6aa92e.social", "xn--80ak6aa92e.social", Accepted, ""}, // Cyrillic alone
		{"日本ひらがな.social", "xn--v8j0cwa6g1563acvb.social", Accepted, ""},
		{"bad.social.", "bad.social", Held, Rewritten},
		{"https://bad.social/about", "bad.social", Held, Rewritten},
		{"hxxps://bad[.]social", "bad.social", Held, Rewritten},
		{"bad[.]social", "bad.social", Held, Rewritten},
		{"bad.]social", "bad.social", Held, Rewritten},
		{"bad。social", "bad.social", Held, Rewritten},
		{"ｂａｄ.social", "bad.social", Held, Rewritten},
		{"bad\u200b.social", "bad.social", Held, Hidden},
		{"b\u00adad.social", "bad.social", Held, Hidden},
		{"\u202ebad.social", "bad.social", Held, Hidden},
		{"bаd.social", "xn--bd-7kc.social", Held, MixedScripts}, // the a is Cyrillic
		{"*.bad.social", "", Held, Starred},
		{"b*d.social", "", Held, Starred},
		{"*ignorelist*", "", Held, Starred},
		{"cf", "", Rejected, SingleLabel},
		{"domain", "", Rejected, SingleLabel},
		{"localhost", "", Rejected, SingleLabel},
		{"co.in", "co.in", Held, PublicSuffix},
		{"com.tr", "com.tr", Held, PublicSuffix},
		{"herokuapp.com", "herokuapp.com", Held, PrivateSuffix},
		{"workers.dev", "workers.dev", Held, PrivateSuffix},
		{"app.herokuapp.com", "app.herokuapp.com", Accepted, ""},
		{".tk", "", Rejected, EmptyLabel},
		{".bad.social", "", Rejected, EmptyLabel},
		{"bad..social", "", Rejected, EmptyLabel},
		{"", "", Rejected, Empty},
		{" \t", "", Rejected, Empty},
		{"https://", "", Rejected, Empty},
		{"1.2.3.4", "", Rejected, Address},
		{"0x7f.1", "", Rejected, Address},
		{"2001:db8::1", "", Rejected, Address},
		{"[2001:db8::1]:443", "", Rejected, Address},
		{"1.2.3.4:80", "", Rejected, Address},
		{"localhost:51996", "", Rejected, Port},
		{"bad.social:8443", "", Rejected, Port},
		{"user@bad.social", "", Rejected, NotAHost},
		{"bad social", "", Rejected, NotAHost},
		{"bad_.social", "", Rejected, NotAHost},
		{"-bad.social", "", Rejected, NotAHost},
		{"bad-.social", "", Rejected, NotAHost},
		{"xn--bd-99999999.social", "", Rejected, NotAHost},
		{strings.Repeat("a", 64) + ".social", "", Rejected, NotAHost},
		{strings.Repeat("a.", 130) + "social", "", Rejected, NotAHost},
		{"bad.social\xff", "", Rejected, Malformed},
		{"dni.invalid", "", Rejected, ReservedName},
		{"example.com", "", Rejected, ReservedName},
		{"www.example.org", "", Rejected, ReservedName},
		{"wall.test", "", Rejected, ReservedName},
		{"printer.local", "", Rejected, ReservedName},
		{"1.0.0.127.in-addr.arpa", "", Rejected, ReservedName},
	} {
		if key, verdict, why := Normalise(c.raw); key != c.key || verdict != c.verdict || why != c.why {
			t.Errorf("Normalise(%q) = %q, %s, %s; want %q, %s, %s", c.raw, key, verdict, why, c.key, c.verdict, c.why)
		}
	}
}

// A key stays what it is, whatever it came from, and no list can make a rule
// that holds for this server.
func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"bad.social", "BÜCHER.social.", "hxxp://x[.]y", "b\u200bad.social", "wall.drystone.social", "social", "*.drystone.social", "。.drystone。social"} {
		f.Add(seed)
	}
	const own = "wall.drystone.social"
	ground := NewGround([]string{own}, nil, nil)
	f.Fuzz(func(t *testing.T, raw string) {
		key, verdict, why := Normalise(raw)
		if (verdict == Accepted) != (why == "") || verdict == Rejected && key != "" || verdict == Accepted && key == "" {
			t.Fatalf("Normalise(%q) = %q, %q, %q", raw, key, verdict, why)
		}
		if key == "" {
			return
		}
		again, second, _ := Normalise(key)
		if again != key || second == Rejected || verdict == Accepted && second != Accepted {
			t.Fatalf("Normalise(%q) = %q, and of that %q, %s", raw, key, again, second)
		}
		if verdict != Accepted || ground.Forbids(key) != "" {
			return
		}
		if Compile([]Rule{{Kind: Domain, Key: key, Level: Drop}}).Host(own) != nil {
			t.Fatalf("a rule for %q, from %q, holds for %s", key, raw, own)
		}
	})
}

func TestActors(t *testing.T) {
	for raw, want := range map[string]string{
		"https://bad.social/u/Eve":      "https://bad.social/u/Eve",
		"https://BAD.social/u/Eve":      "https://bad.social/u/Eve",
		"@Eve@Bad.social":               "eve@bad.social",
		"acct:eve@bad.social":           "eve@bad.social",
		"https://eve.github.io/actor":   "https://eve.github.io/actor",
		"https://github.io/users/eve":   "https://github.io/users/eve",
		"http://bad.social/u/eve":       "",
		"https://bad.social":            "",
		"https://eve@bad.social/u/eve":  "",
		"https://1.2.3.4/u/eve":         "",
		"eve":                           "",
		"@spam*:bad.social":             "",
		"https://bad.social:444/u/eve":  "",
		"javascript:alert(1)@bad.place": "",
	} {
		key, verdict, why := actorName(raw)
		if key != want || (verdict == Accepted) != (want != "") {
			t.Errorf("actorName(%q) = %q, %s, %s; want %q", raw, key, verdict, why, want)
		}
	}
}

func TestOtherNames(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	for _, c := range []struct {
		kind     Kind
		raw, key string
	}{
		{URL, "HTTP://Bad.social/Path?q=1#part", "https://bad.social/Path?q=1"},
		{URL, "https://bad.social", "https://bad.social/"},
		{URL, "https://herokuapp.com/x", "https://herokuapp.com/x"},
		{URL, "ftp://bad.social/", ""},
		{URL, "https://u:p@bad.social/", ""},
		{URL, "https://localhost/x", ""},
		{MediaHash, "SHA256:" + strings.ToUpper(sum), "sha256:" + sum},
		{MediaHash, "pdq:" + sum, "pdq:" + sum},
		{MediaHash, "md5:" + sum, ""},
		{MediaHash, "sha256:abc", ""},
		{Hashtag, "#Spam", "spam"},
		{Hashtag, "Ｓｐａｍ", "spam"},
		{Hashtag, "not a tag", ""},
		{Hashtag, "#", ""},
		{Hashtag, strings.Repeat("a", 101), ""},
		{"", "x", ""},
	} {
		if key, _, _ := otherName(c.kind, c.raw); key != c.key {
			t.Errorf("otherName(%s, %q) = %q, want %q", c.kind, c.raw, key, c.key)
		}
	}
}

func TestDisplay(t *testing.T) {
	for key, want := range map[string]string{"xn--bcher-kva.social": "bücher.social", "bad.social": "bad.social", "xn--bd-7kc.social": "xn--bd-7kc.social", "xn--\u200b": "xn--\u200b"} {
		if got := Display(key); got != want {
			t.Errorf("Display(%q) = %q, want %q", key, got, want)
		}
	}
}
