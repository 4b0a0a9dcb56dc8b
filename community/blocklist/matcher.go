package blocklist

import (
	"encoding/hex"
	"math/bits"
	"strings"
)

// A Rule is a decision about an entity, as a Matcher has it.
type Rule struct {
	Kind   Kind
	Key    string // in its one form
	Level  Level
	Limits []Limit
	Exact  bool // of a domain: those below it are not meant
	ID     int64
}

// A Matcher answers what holds for a host, somebody, a link or a file. It is
// never changed: another one takes its place. The nil Matcher has no rules.
type Matcher struct {
	hosts, links           map[string]*Rule // of a name and those below it
	exactHosts, exactLinks map[string]*Rule
	named                  map[Kind]map[string]*Rule
	pictures               []picture
}

// picture is a perceptual hash of 256 bits.
type picture struct {
	hash [4]uint64
	rule *Rule
}

// MaxDistance is in how many of their 256 bits two pictures' hashes (PDQ) may
// differ and the pictures still be taken for the same.
const MaxDistance = 31

// Compile returns the Matcher of some rules. Of two for the same the later one
// holds.
func Compile(rules []Rule) *Matcher {
	m := &Matcher{
		hosts: make(map[string]*Rule, len(rules)), links: map[string]*Rule{},
		exactHosts: map[string]*Rule{}, exactLinks: map[string]*Rule{}, named: map[Kind]map[string]*Rule{},
	}
	for i := range rules {
		r := &rules[i]
		switch {
		case r.Kind == Domain && r.Exact:
			m.exactHosts[r.Key] = r
		case r.Kind == Domain:
			m.hosts[r.Key] = r
		case r.Kind == LinkDomain && r.Exact:
			m.exactLinks[r.Key] = r
		case r.Kind == LinkDomain:
			m.links[r.Key] = r
		case r.Kind == MediaHash && strings.HasPrefix(r.Key, "pdq:"):
			if hash, ok := bitsOf(r.Key); ok {
				m.pictures = append(m.pictures, picture{hash, r})
			}
		default:
			if m.named[r.Kind] == nil {
				m.named[r.Kind] = map[string]*Rule{}
			}
			m.named[r.Kind][r.Key] = r
		}
	}
	return m
}

// Host returns the rule for a server, nil if there is none. The longest name
// decides: what is said of a.b.example holds there, whatever is said of
// b.example. The host has to be in its one form.
func (m *Matcher) Host(host string) *Rule {
	if m == nil {
		return nil
	}
	return longest(host, m.exactHosts, m.hosts)
}

// LinkTo returns the rule for a host that a link leads to.
func (m *Matcher) LinkTo(host string) *Rule {
	if m == nil {
		return nil
	}
	return longest(host, m.exactLinks, m.links)
}

func longest(host string, exact, below map[string]*Rule) *Rule {
	if len(exact) > 0 {
		if r := exact[host]; r != nil {
			return r
		}
	}
	for {
		if r := below[host]; r != nil {
			return r
		}
		dot := strings.IndexByte(host, '.')
		if dot < 0 {
			return nil
		}
		host = host[dot+1:]
	}
}

// Named returns the rule for somebody, a link, a hashtag, or a file by the
// hash of its bytes.
func (m *Matcher) Named(kind Kind, key string) *Rule {
	if m == nil {
		return nil
	}
	return m.named[kind][key]
}

// Looks returns the rule for the picture that is closest to one with a
// perceptual hash (pdq: and 64 hex digits), nil if none is close enough.
func (m *Matcher) Looks(key string) *Rule {
	hash, ok := bitsOf(key)
	if m == nil || !ok {
		return nil
	}
	var best *Rule
	least := MaxDistance + 1
	for i := range m.pictures {
		p := &m.pictures[i]
		n := 0
		for j := range hash {
			n += bits.OnesCount64(hash[j] ^ p.hash[j])
		}
		if n < least {
			best, least = p.rule, n
		}
	}
	return best
}

func bitsOf(key string) (hash [4]uint64, ok bool) {
	raw, err := hex.DecodeString(strings.TrimPrefix(key, "pdq:"))
	if err != nil || len(raw) != 32 {
		return hash, false
	}
	for i, b := range raw {
		hash[i/8] = hash[i/8]<<8 | uint64(b)
	}
	return hash, true
}
