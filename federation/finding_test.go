package federation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// pageOf is a page for people, which answers so whatever it is asked for.
func pageOf(head string, link ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, l := range link {
			w.Header().Add("Link", l)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><html><head><title>A page</title>%s</head><body><p>Hello", head)
	}
}

// TestPagesLeadToWhatTheyShow: what somebody copied from their browser is
// found by what the page says of itself.
func TestPagesLeadToWhatTheyShow(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, third := fediverse.NewPeer(t, "nodebb"), fediverse.NewPeer(t, "mastodon")
	dogs, lena := peer.Group("dogs"), peer.Person("lena")
	peer.Serve("/post/p", page(lena, "p", dogs.ID))
	alternate := func(href string) string {
		return `<link rel="alternate" type="application/activity+json" href="` + href + `">`
	}
	const other = `<link rel="alternate" type="application/rss+xml" href="/feed">`
	for path, f := range map[string]http.HandlerFunc{
		"/category/1/dogs": pageOf(other + alternate(dogs.ID)),
		"/topic/1/p":       pageOf(alternate("/post/p")),
		"/d/p":             pageOf("", `</feed>; rel="alternate"; type="application/rss+xml", <`+peer.URL+`/post/p>; rel="alternate"; type="application/activity+json"`),
		"/odd":             pageOf("", `<https://x.test/a,b;c>; rel="x", </post/p>; type="application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""; rel="shortlink alternate"`),
		"/@lena":           pageOf(alternate(lena.ID)),
		"/nothing":         pageOf(other),
		"/itself":          pageOf(alternate("/itself")),
		"/mail":            pageOf(alternate("mailto:lena@" + peer.Host)),
		"/late":            pageOf(strings.Repeat("<meta>", 3000) + alternate(dogs.ID)),
		"/liar":            pageOf(alternate("/posing")),
		"/refused":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	} {
		peer.ServeFunc(path, f)
	}
	peer.Serve("/posing", page(third.Person("nico"), "posing", dogs.ID))
	third.ServeFunc("/about/dogs", pageOf(alternate(dogs.ID)))
	for address, want := range map[string]string{
		peer.URL + "/category/1/dogs": "group dogs@" + peer.Host,
		peer.URL + "/topic/1/p":       "post p by lena",
		peer.URL + "/d/p?sort=new#x":  "post p by lena",
		peer.URL + "/odd":             "post p by lena",
		peer.URL + "/@lena":           "person lena@" + peer.Host,
		third.URL + "/about/dogs":     "group dogs@" + peer.Host,
		peer.URL + "/nothing":         "not_found",
		peer.URL + "/itself":          "not_found",
		peer.URL + "/mail":            "not_found",
		peer.URL + "/late":            "not_found",
		peer.URL + "/liar":            "not_found", // its id is of another server
		peer.URL + "/refused":         "not_found",
	} {
		if got := found(h.fed.Resolve(t.Context(), h.ann, address)); got != want {
			t.Errorf("Resolve(%q) = %s, want %s", address, got, want)
		}
	}
}

// TestHostMeta: a server whose WebFinger is elsewhere says so in its
// host-meta.
func TestHostMeta(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, front := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "")
	peer.Person("lena")
	meta := func(link string) {
		front.ServeFunc("/.well-known/host-meta", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xrd+xml")
			fmt.Fprintf(w, `<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">%s</XRD>`, link)
		})
	}
	front.ServeFunc("/finger", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:"), "@"+front.Host)
		_ = json.NewEncoder(w).Encode(map[string]any{"subject": "acct:" + name + "@" + peer.Host})
	})
	for i, test := range []struct{ link, want string }{
		{`<Link rel="lrdd" template="` + front.URL + `/finger?resource={uri}"/>`, "person lena@" + peer.Host},
		{`<Link rel="other" template="` + front.URL + `/finger?resource={uri}"/>`, "not_found"},
		{`<Link rel="lrdd" template="` + front.URL + `/finger"/>`, "not_found"},
		{`<Link rel="lrdd" template="` + front.URL + `/.well-known/webfinger?resource={uri}"/>`, "not_found"},
		{`<Link rel="lrdd" template="file:///etc/passwd?{uri}"/>`, "not_found"},
		{`<Link`, "not_found"},
	} {
		meta(test.link)
		if got := found(h.fed.Resolve(t.Context(), h.ann, "@lena@"+front.Host)); got != test.want {
			t.Errorf("%d: %s: %s, want %s", i, test.link, got, test.want)
		}
	}
}

// TestWebFingerSubject: an answer says whom it is about, and whoever is sent
// on finds the same there.
func TestWebFingerSubject(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, vain := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "")
	alice := peer.Person("alice")
	for _, test := range []struct {
		subject any
		want    string
	}{
		{"acct:alice@" + peer.Host, "person alice@" + peer.Host},
		{"acct:me@" + vain.Host, "person alice@" + peer.Host}, // alice's server agrees about alice
		{"acct:mallory@" + peer.Host, "not_found"},            // whom nobody knows there
		{"acct:alice", "not_found"},
		{"alice@" + peer.Host, "not_found"},
		{"", "not_found"},
		{nil, "not_found"},
	} {
		vain.ServeFunc("/.well-known/webfinger", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"subject": test.subject, "links": []any{
				map[string]any{"rel": "self", "type": as.ContentType, "href": alice.ID},
			}})
		})
		if got := found(h.fed.Resolve(t.Context(), h.ann, "@me@"+vain.Host)); got != test.want {
			t.Errorf("subject %v: %s, want %s", test.subject, got, test.want)
		}
	}
}

// Handles name hosts: none of them may make us ask inside of our own network
// (Lemmy CVE-2025-25194, and its bypass by 0.0.0.0, CVE-2026-33693).

func TestCVE_2025_25194_WebFingerOfAPrivateHost(t *testing.T) {
	inner := fediverse.NewPeer(t, "")
	handlesAreRefused(t, inner, map[string]string{
		"localhost": "localhost is a local name", inner.Host: "names a port", "127.0.0.1": "is an address, not a name",
		"10.0.0.1": "is an address, not a name", "192.168.1.1:8080": "names a port", "169.254.169.254": "is an address, not a name",
		"[::1]": "", "[fd00::1]": "", "metadata.google.internal:80": "names a port", "metadata.google.internal": "is a local name",
		"private" + zone: "10.0.0.1 is no public address", "loop" + zone: "127.0.0.1 is no public address",
		"metadata" + zone: "169.254.169.254 is no public address",
	})
}

func TestCVE_2026_33693_WebFingerOfTheUnspecifiedAddress(t *testing.T) {
	inner := fediverse.NewPeer(t, "")
	_, port, _ := strings.Cut(inner.Host, ":")
	handlesAreRefused(t, inner, map[string]string{
		"0.0.0.0": "is an address, not a name", "0.0.0.0:" + port: "names a port", "[::]:" + port: "", "[::ffff:127.0.0.1]:" + port: "",
		"0:" + port: "names a port", "2130706433:" + port: "names a port", "0x7f.1:" + port: "names a port", "127.1:" + port: "names a port",
		"127.1": "is an address, not a name", "0x7f.1": "is an address, not a name",
		"zero" + zone: "0.0.0.0 is no public address", "zeroes" + zone: ":: is no public address",
	})
}

// handlesAreRefused looks up handles on hosts, and addresses there, and wants
// nobody to be asked and the log to say why not; hosts in brackets make no
// handle, so of these only addresses come so far.
func handlesAreRefused(t *testing.T, inner *fediverse.Peer, hosts map[string]string) {
	t.Helper()
	names := map[string]string{"private": "10.0.0.1", "loop": "127.0.0.1", "metadata": "169.254.169.254", "zero": "0.0.0.0", "zeroes": "::"}
	h := besieged(t, func(name string) []netip.Addr {
		if text, ok := names[strings.TrimSuffix(name, zone)]; ok {
			return []netip.Addr{netip.MustParseAddr(text)}
		}
		return nil
	})
	before := h.contents()
	for host, why := range hosts {
		queries := []string{"http://" + host + "/c/x", "https://" + host + "/c/x"}
		if why != "" {
			queries = append(queries, "@admin@"+host, "!admin@"+host, "acct:admin@"+host)
		}
		for _, query := range queries {
			mark := h.log.mark()
			if got := found(h.fed.Resolve(t.Context(), h.ann, query)); got != "not_found" {
				t.Errorf("%s: %s", query, got)
			}
			says := why
			if strings.HasPrefix(query, "http://") || why == "" {
				says = "Refused: "
			}
			if line, ok := h.log.after(mark, "lookup refused", "query="+query, "reason=", says); !ok {
				t.Errorf("%s: the log does not say %q: %s", query, says, line)
			}
		}
	}
	if asked := inner.Requests(""); len(asked) > 0 {
		t.Errorf("the inner server was asked: %v", asked)
	}
	if after := h.contents(); after != before {
		t.Errorf("there was %s and is %s", before, after)
	}
}
