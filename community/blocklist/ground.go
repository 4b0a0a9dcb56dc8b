package blocklist

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Ground is what no list may decide about by itself, and what is known here
// that lists only hint at. The zero value knows nothing.
type Ground struct {
	own, excepted map[string]bool
	known         map[string]string // hosts by their digests
}

// NewGround returns the ground of a server: the hosts that it is reached under
// and leans on (its own, of its media, of its mail), the hosts that somebody
// here excepted, and the hosts that are known here, which hidden names are
// compared with. All of them in one form (Normalise).
func NewGround(own, excepted, known []string) *Ground {
	g := &Ground{own: map[string]bool{}, excepted: map[string]bool{}, known: make(map[string]string, len(known))}
	for set, hosts := range map[*map[string]bool][]string{&g.own: own, &g.excepted: excepted} {
		for _, host := range hosts {
			for name := strings.ToLower(host); name != ""; {
				(*set)[name] = true
				_, name, _ = strings.Cut(name, ".")
			}
		}
	}
	for _, host := range known {
		sum := sha256.Sum256([]byte(host))
		g.known[hex.EncodeToString(sum[:])] = host
	}
	return g
}

// Forbids says why no list may decide about a host: a rule for it would hold
// for this server, or for one that was excepted, too.
func (g *Ground) Forbids(host string) Reason {
	switch {
	case g == nil:
		return ""
	case g.own[host]:
		return Ours
	case g.excepted[host]:
		return Excluded
	}
	return ""
}

// Behind returns the host that a digest is of, as Mastodon hides names: the
// SHA-256 of the true one. Empty if no host that is known here has it.
func (g *Ground) Behind(digest string) string {
	if g == nil {
		return ""
	}
	return g.known[strings.ToLower(strings.TrimSpace(digest))]
}
