package blocklist

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// someHost is a host of few letters and labels, so that many are below others.
func someHost(random *rand.Rand) string {
	labels := make([]string, 2+random.IntN(3))
	for i := range labels {
		labels[i] = string(rune('a' + random.IntN(6)))
	}
	return strings.Join(labels, ".")
}

// naive looks at all rules, one after the other.
func naive(rules []Rule, host string) *Rule {
	var best *Rule
	for i := range rules {
		r := &rules[i]
		if r.Key == host && r.Exact {
			if best == nil || !best.Exact || best.Key == host {
				best = r
			}
			continue
		}
		if r.Exact || host != r.Key && !strings.HasSuffix(host, "."+r.Key) || best != nil && best.Exact {
			continue
		}
		if best == nil || len(r.Key) >= len(best.Key) {
			best = r
		}
	}
	return best
}

func TestMatcherEqualsLookingAtAllRules(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pairs, hits := 0, 0
	for range 1000 {
		rules := make([]Rule, random.IntN(40))
		for i := range rules {
			rules[i] = Rule{Kind: Domain, Key: someHost(random), Level: Level(1 + random.IntN(5)), Exact: random.IntN(4) == 0, ID: int64(i)}
		}
		m := Compile(rules)
		for range 1000 {
			host := someHost(random)
			pairs++
			got, want := m.Host(host), naive(rules, host)
			if want != nil {
				hits++
			}
			if got != want {
				t.Fatalf("Host(%q) = %+v, want %+v, of %+v", host, got, want, rules)
			}
		}
	}
	if hits < pairs/10 {
		t.Errorf("only %d of %d pairs had a rule", hits, pairs)
	}
}

func TestMatcherByKind(t *testing.T) {
	zero, near, far := strings.Repeat("00", 32), strings.Repeat("00", 28)+"7fffffff", strings.Repeat("00", 28)+"ffffffff"
	m := Compile([]Rule{
		{Kind: Domain, Key: "bad.social"},
		{Kind: LinkDomain, Key: "ads.shop"},
		{Kind: Actor, Key: "https://odd.social/u/eve"},
		{Kind: URL, Key: "https://odd.social/x"},
		{Kind: Hashtag, Key: "spam"},
		{Kind: MediaHash, Key: "sha256:" + zero},
		{Kind: MediaHash, Key: "pdq:" + zero},
		{Kind: LinkDomain, Key: "one.shop", Exact: true},
	})
	for name, found := range map[string]bool{
		"a host":                         m.Host("x.bad.social") != nil,
		"a link":                         m.LinkTo("www.ads.shop") != nil,
		"a link exactly":                 m.LinkTo("one.shop") != nil && m.LinkTo("www.one.shop") == nil,
		"somebody":                       m.Named(Actor, "https://odd.social/u/eve") != nil,
		"a page":                         m.Named(URL, "https://odd.social/x") != nil,
		"a tag":                          m.Named(Hashtag, "spam") != nil,
		"a file":                         m.Named(MediaHash, "sha256:"+zero) != nil,
		"a picture that is nearly there": m.Looks("pdq:"+near) != nil,
		"not a server for its links":     m.Host("ads.shop") == nil,
		"not a link for its server":      m.LinkTo("bad.social") == nil,
		"not another picture":            m.Looks("pdq:"+far) == nil,
		"not what is no hash":            m.Looks("pdq:xyz") == nil,
		"not a longer name":              m.Host("notbad.social") == nil,
		"nothing without rules":          (*Matcher)(nil).Host("bad.social") == nil && (*Matcher)(nil).Named(Hashtag, "spam") == nil && (*Matcher)(nil).Looks("pdq:"+zero) == nil && (*Matcher)(nil).LinkTo("x.y") == nil,
	} {
		if !found {
			t.Errorf("%s: no", name)
		}
	}
}

// A million checks a second at 100,000 rules are wanted: 1,000 ns each.
func BenchmarkMatcher(b *testing.B) {
	rules := make([]Rule, 100_000)
	for i := range rules {
		rules[i] = Rule{Kind: Domain, Key: fmt.Sprintf("s%d.social", i), Level: Drop}
	}
	m := Compile(rules)
	hosts := make([]string, 4096)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("a.b.s%d.social", i*50)
	}
	for n := 0; b.Loop(); n++ {
		m.Host(hosts[n%len(hosts)])
	}
}

func BenchmarkRead(b *testing.B) {
	var list strings.Builder
	list.WriteString("#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n")
	const rows = 10_000
	for i := range rows {
		fmt.Fprintf(&list, "s%d.bad%d.social,suspend,true,true,\"spam, hate\",false\n", i, i%97)
	}
	for b.Loop() {
		if _, err := Read([]byte(list.String()), Reading{Ground: ground}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}
