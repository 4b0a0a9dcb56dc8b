package guard

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// CheckURL returns the URL that a request for rawURL would go to, or why it
// may not: the name in ASCII, no fragment. It looks at the URL alone; the
// address is checked again when it is dialled, whatever the name resolves to.
func (c *Client) CheckURL(rawURL string) (*url.URL, error) {
	if len(rawURL) > maxURL {
		return nil, refuse("the URL is longer than %d bytes", maxURL)
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Opaque != "" {
		return nil, refuse("%.100q is no URL", rawURL)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !c.options.AllowHTTP) {
		return nil, refuse("%q is not among the schemes that are fetched", u.Scheme)
	}
	if u.User != nil {
		return nil, refuse("the URL contains a user name or password")
	}
	if strings.HasSuffix(u.Host, ":") || (u.Port() != "" && !c.options.AllowPorts) {
		return nil, refuse("%s names a port", u.Host)
	}
	host, err := c.checkHost(u.Hostname())
	if err != nil {
		return nil, err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host, u.Fragment, u.RawFragment = host, "", ""
	return u, nil
}

// names maps what people write to what DNS knows. Underscores are let
// through: they are not allowed in host names, and used.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// checkHost returns the ASCII form of a host that may be asked.
func (c *Client) checkHost(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if !c.inAllowRanges(addr) {
			return "", refuse("%s is an address, not a name", host)
		}
		return addr.String(), nil
	}
	ascii, err := names.ToASCII(host)
	if err != nil || !isHostName(ascii) {
		return "", refuse("%q is no host name", host)
	}
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if isNumber(last) {
		// 127.1, 0x7f.1, 2130706433: some resolvers take these for
		// addresses (WHATWG URL, "ends in a number").
		return "", refuse("%s is an address, not a name", ascii)
	}
	if c.isLocal(ascii, last) {
		return "", refuse("%s is a local name", ascii)
	}
	return ascii, nil
}

// isHostName reports whether ascii has only the characters of names, and no
// empty label: a final dot would give one host two names.
func isHostName(ascii string) bool {
	if ascii == "" || len(ascii) > 253 {
		return false
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, b := range []byte(label) {
			if (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '_' {
				return false
			}
		}
	}
	return true
}

func isNumber(label string) bool {
	digits := "0123456789"
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		label, digits = rest, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}

// isLocal reports whether a name can only mean this machine or its network
// (RFC 6761, RFC 6762, ICANN's "internal"). Where the operator allowed
// private ranges such names are wanted.
func (c *Client) isLocal(name, last string) bool {
	if len(c.options.AllowRanges) > 0 {
		return false
	}
	switch last {
	case "localhost", "local", "internal", "localdomain", "lan", "home", "corp", "onion", "invalid":
		return true
	}
	return !strings.Contains(name, ".") || strings.HasSuffix(name, ".home.arpa")
}
