package guard

import "net/netip"

// special are the addresses that no public server has: the IANA registries
// of special-purpose addresses (RFC 6890 and its successors), multicast, and
// every way to write an IPv4 address as an IPv6 one, since a router or
// translator beyond us may undo it.
var special = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // carrier-grade NAT
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, and the metadata services of clouds
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.31.196.0/24", // AS112
	"192.52.193.0/24", // AMT
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112
	"198.18.0.0/15",   // benchmarking
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and 255.255.255.255

	"::/96",             // unspecified, loopback, IPv4-compatible
	"::ffff:0:0/96",     // IPv4-mapped
	"::ffff:0:0:0/96",   // IPv4-translated
	"64:ff9b::/96",      // NAT64
	"64:ff9b:1::/48",    // NAT64, local use
	"100::/64",          // discard
	"2001::/23",         // protocol assignments: Teredo, benchmarking, ORCHID
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
	"fc00::/7",          // unique local
	"fe80::/10",         // link-local
	"fec0::/10",         // site-local
	"ff00::/8",          // multicast
)

// global is all of IPv6 that is given to networks: whatever is outside of
// it is not public, listed above or not.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func within(addr netip.Addr, list []netip.Prefix) bool {
	for _, prefix := range list {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// inAllowRanges reports whether the operator allowed addr by hand.
func (c *Client) inAllowRanges(addr netip.Addr) bool {
	return addr.Zone() == "" && within(addr.Unmap(), c.options.AllowRanges)
}

// checkAddr says why addr may not be dialled.
func (c *Client) checkAddr(addr netip.Addr) error {
	if c.inAllowRanges(addr) {
		return nil
	}
	addr = addr.Unmap()
	switch {
	case !addr.IsValid(), addr.Zone() != "", within(addr, special), addr.Is6() && !global.Contains(addr):
		return refuse("%s is no public address", addr)
	}
	return nil
}
