package federation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/federation/guard"
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
	handlesAreRefused(t, inner,
		"localhost", inner.Host, "127.0.0.1", "10.0.0.1", "192.168.1.1:8080", "169.254.169.254", "[::1]", "[fd00::1]", "metadata.google.internal:80",
	)
}

func TestCVE_2026_33693_WebFingerOfTheUnspecifiedAddress(t *testing.T) {
	inner := fediverse.NewPeer(t, "")
	_, port, _ := strings.Cut(inner.Host, ":")
	handlesAreRefused(t, inner,
		"0.0.0.0", "0.0.0.0:"+port, "[::]:"+port, "[::ffff:127.0.0.1]:"+port, "0:"+port, "2130706433:"+port, "0x7f.1:"+port, "127.1:"+port,
	)
}

func handlesAreRefused(t *testing.T, inner *fediverse.Peer, hosts ...string) {
	t.Helper()
	h := newHomeBehind(t, testdb.SQLite(t), guard.Options{UserAgent: "test"}) // as in production
	for _, host := range hosts {
		for _, mark := range []string{"@", "!", "acct:"} {
			if got := found(h.fed.Resolve(t.Context(), h.ann, mark+"admin@"+host)); got != "not_found" && got != "unavailable" {
				t.Errorf("%sadmin@%s: %s", mark, host, got)
			}
		}
		for _, scheme := range []string{"http://", "https://"} {
			if got := found(h.fed.Resolve(t.Context(), h.ann, scheme+host+"/c/x")); got != "not_found" && got != "unavailable" {
				t.Errorf("%s%s: %s", scheme, host, got)
			}
		}
	}
	if asked := inner.Requests(""); len(asked) > 0 {
		t.Errorf("the inner server was asked: %v", asked)
	}
}
