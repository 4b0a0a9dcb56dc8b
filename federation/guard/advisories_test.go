package guard

import (
	"net/netip"
	"testing"
)

// The advisories of docs/security.md that are about where a request
// may go.

// refused wants none of the addresses to be dialled, by name or by number.
func refused(t *testing.T, addresses ...string) {
	t.Helper()
	c := New(Options{})
	for _, text := range addresses {
		if err := c.checkAddr(netip.MustParseAddr(text)); err == nil {
			t.Errorf("%s would be dialled", text)
		}
	}
}

// Mastodon took IPv4-compatible IPv6 addresses and several special ranges for
// public ones.
func TestCVE202622245SpecialRanges(t *testing.T) {
	refused(t, "::7f00:1", "::a00:1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "192.0.0.1", "198.19.255.255", "240.0.0.1", "100.127.255.255")
}

// Translators beyond us turn these back into IPv4.
func TestGHSAvwhj3g83v276Translators(t *testing.T) {
	refused(t, "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1")
}

// What is local to a link or a site is not public.
func TestGHSAcrr47rm48gpwLocalAddresses(t *testing.T) {
	refused(t, "fe80::1", "febf::1", "fec0::1", "fdff::1", "fc00::1", "ff05::2")
}

// Neither is what is reserved.
func TestGHSAxx554rrg8xg6Reserved(t *testing.T) {
	refused(t, "0.0.0.0", "0.1.2.3", "255.255.255.255", "192.175.48.1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "4000::1")
}

// Fedify's list of private ranges had gaps; ours says what is public instead:
// of IPv6 only what is given to networks, of IPv4 all but the registries'.
func TestCVE202650131GapsInTheList(t *testing.T) {
	c := New(Options{})
	for high := range 256 {
		addr := netip.AddrFrom16([16]byte{byte(high), 0x34, 15: 1})
		public := high >= 0x20 && high < 0x40
		if got := c.checkAddr(addr) == nil; got != public {
			t.Errorf("%s would be dialled: %v, want %v", addr, got, public)
		}
	}
}
