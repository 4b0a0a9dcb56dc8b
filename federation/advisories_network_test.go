package federation_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drystone/federation/guard"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// The advisories of docs/security.md that are about where a request may go.
// The attacker owns a zone: a signed activity names an actor there, we look
// the name up, and it has the address that the attacker wants us to ask.

const zone = ".attacker.test"

// besieged is a home as in production, in a world where every name of the
// attacker's zone has the addresses that are asked for.
func besieged(t *testing.T, addresses func(name string) []netip.Addr) *home {
	t.Helper()
	return newHomeBehind(t, testdb.SQLite(t), guard.Options{UserAgent: "test", Timeout: 2 * time.Second, Resolver: fediverse.Names(t, addresses)})
}

// contents is how much there is, of what strangers could add to.
func (h *home) contents() string {
	h.t.Helper()
	// Our own actor is made when it is first needed.
	if _, err := h.fed.Accounts.Instance(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, table := range []string{"actors", "posts", "comments", "votes", "memberships", "follows", "facts", "activities", "jobs", "reports", "messages"} {
		n, err := h.db.Bun().NewSelect().Table(table).Count(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, fmt.Sprint(table, " ", n))
	}
	return strings.Join(all, ", ")
}

// neverCalled wants none of the addresses to be asked for anything, whoever
// names them, and the log to say which it would have been.
func neverCalled(t *testing.T, addresses ...string) {
	t.Helper()
	zoneFile := map[string]netip.Addr{}
	for i, text := range addresses {
		zoneFile[fmt.Sprint("n", i, zone)] = netip.MustParseAddr(text)
	}
	h := besieged(t, func(name string) []netip.Addr {
		if addr, ok := zoneFile[name]; ok {
			return []netip.Addr{addr}
		}
		return nil
	})
	eve := fediverse.NewPeer(t, "mastodon").Person("eve")
	before := h.contents()
	for name, addr := range zoneFile {
		eve.ID, eve.KeyID = "https://"+name+"/users/eve", "https://"+name+"/users/eve#main-key"
		body := fediverse.JSON(t, note(eve, "hello", h.cats.IRI))
		h.refused(addr.String(), body, http.StatusUnauthorized, addr.Unmap().String()+" is no public address", func(r *http.Request) {
			if err := eve.Sign(r, body); err != nil {
				t.Error(err)
			}
		})
	}
	if after := h.contents(); after != before {
		t.Errorf("there was %s and is %s", before, after)
	}
}

// edges are the first and the last address of each prefix.
func edges(prefixes ...string) (list []string) {
	for _, text := range prefixes {
		prefix := netip.MustParsePrefix(text)
		last := prefix.Addr().AsSlice()
		for i := prefix.Bits(); i < 8*len(last); i++ {
			last[i/8] |= 1 << (7 - i%8)
		}
		addr, _ := netip.AddrFromSlice(last)
		list = append(list, prefix.Addr().String(), addr.String())
	}
	return list
}

func TestAdvisoriesOfAddresses(t *testing.T) {
	t.Run("CVE-2026-22245: ranges that are special", func(t *testing.T) {
		neverCalled(t, edges("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
			"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
			"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4")...)
	})
	t.Run("GHSA-vwhj-3g83-v276: IPv4 within IPv6", func(t *testing.T) {
		neverCalled(t, append(edges("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
			"::ffff:127.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:a9fe:a9fe::1")...)
	})
	t.Run("GHSA-crr4-7rm4-8gpw: what is local to a link or a site", func(t *testing.T) {
		neverCalled(t, edges("fe80::/10", "fec0::/10", "fc00::/7", "ff00::/8")...)
	})
	t.Run("GHSA-xx55-4rrg-8xg6: what is reserved", func(t *testing.T) {
		neverCalled(t, edges("2001::/23", "2001:db8::/32", "3fff::/20", "100::/64", "5f00::/16", "192.175.48.0/24", "192.31.196.0/24", "192.52.193.0/24", "2620:4f:8000::/48")...)
	})
	t.Run("CVE-2026-50131: whatever no list names", func(t *testing.T) {
		// Of IPv6, only 2000::/3 was ever given to networks.
		neverCalled(t, edges("200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9")...)
	})
	t.Run("CVE-2026-22245: a name that has several", func(t *testing.T) {
		h := besieged(t, func(string) []netip.Addr {
			return []netip.Addr{netip.MustParseAddr("fe80::1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}
		})
		eve := fediverse.NewPeer(t, "mastodon").Person("eve")
		eve.ID, eve.KeyID = "https://many"+zone+"/users/eve", "https://many"+zone+"/users/eve#main-key"
		before := h.contents()
		if status, text := eve.Send(t, h.inbox(), note(eve, "hello", h.cats.IRI)); status != http.StatusUnauthorized {
			t.Errorf("%d %s", status, text)
		}
		if _, ok := h.log.find("inbox refused", "is no public address"); !ok || h.contents() != before {
			t.Errorf("there was %s and is %s; the log is %q", before, h.contents(), h.log.lines)
		}
	})
}

// A name may have another address a moment later, and a server may send us
// on. What counts is the address that is dialled, each time.
func TestAdvisoriesOfAddressesThatChange(t *testing.T) {
	inside := netip.MustParseAddr("10.0.0.1")
	here := netip.MustParseAddr("127.0.0.1")
	options := func(resolve func(string) []netip.Addr) guard.Options {
		o := fediverse.Options()
		o.AllowRanges = []netip.Prefix{netip.PrefixFrom(here, 32)}
		o.Resolver, o.Timeout = fediverse.Names(t, resolve), 2*time.Second
		return o
	}
	refused := func(t *testing.T, h *home, eve *fediverse.Actor, status int) {
		t.Helper()
		before := h.contents()
		body := fediverse.JSON(t, note(eve, "later", h.cats.IRI))
		h.refused(t.Name(), body, status, inside.String()+" is no public address", func(r *http.Request) {
			if err := eve.Sign(r, body); err != nil {
				t.Error(err)
			}
		})
		if after := h.contents(); after != before {
			t.Errorf("there was %s and is %s", before, after)
		}
	}
	t.Run("CVE-2025-25194: a name that changes its mind", func(t *testing.T) {
		var changed atomic.Bool
		h := newHomeBehind(t, testdb.SQLite(t), options(func(string) []netip.Addr {
			if changed.Load() {
				return []netip.Addr{inside}
			}
			return []netip.Addr{here}
		}))
		peer := fediverse.NewPeer(t, "mastodon")
		_, port, _ := strings.Cut(peer.Host, ":")
		at := func(name string) *fediverse.Actor {
			a := peer.Person(name)
			a.ID = "http://rebound" + zone + ":" + port + "/users/" + name
			a.KeyID, a.Inbox = a.ID+"#main-key", a.ID+"/inbox"
			return a
		}
		good := at("good")
		h.send(good, note(good, "1", h.cats.IRI))
		if len(h.feed(h.cats)) != 1 {
			t.Fatal("the first word of it is not heard")
		}
		changed.Store(true)
		peer.HangUp()
		refused(t, h, at("eve"), http.StatusUnauthorized)
	})
	t.Run("CVE-2026-22245: a redirect inside", func(t *testing.T) {
		h := newHomeBehind(t, testdb.SQLite(t), options(func(string) []netip.Addr { return []netip.Addr{inside} }))
		peer := fediverse.NewPeer(t, "mastodon")
		eve := peer.Person("eve")
		peer.ServeFunc("/users/eve", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://inner"+zone+"/users/eve", http.StatusFound)
		})
		refused(t, h, eve, http.StatusUnauthorized)
	})
}
