package as

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// names maps what people write to what DNS knows; an underscore is no reason
// to disbelieve a peer.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// Host returns the host of an http or https IRI in the one form that hosts
// are compared in: lower-case ASCII, with the port unless it is the scheme's
// own. It returns "" for everything that should never be compared: other
// schemes, user names, empty or malformed hosts, a final dot.
func Host(iri string) string {
	u, err := url.Parse(iri)
	if err != nil || u.User != nil || u.Opaque != "" {
		return ""
	}
	var usual string
	switch u.Scheme {
	case "https":
		usual = "443"
	case "http":
		usual = "80"
	default:
		return ""
	}
	host := asciiHost(u.Hostname())
	if port := u.Port(); host != "" && port != "" && port != usual {
		host += ":" + port
	}
	return host
}

func asciiHost(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Is6() {
			return "[" + addr.String() + "]"
		}
		return addr.String()
	}
	host, err := names.ToASCII(host)
	if err != nil || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") || strings.Contains(host, "..") {
		return ""
	}
	odd := strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
	if odd {
		return ""
	}
	return host
}

// SameHost reports whether two IRIs are of the same host (FEP-fe34). It is
// false if either has none.
func SameHost(a, b string) bool {
	host := Host(a)
	return host != "" && host == Host(b)
}
