package federation_test

import (
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The advisories of FEDERATION.md, section 7, that are about what is inside of
// what arrives.

// Mastodon wrote files where an attachment's name told it to. Nothing of an
// attachment is stored here but its address, and that only if people can be
// sent there.
func TestCVE202336460OddAttachments(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "mastodon").Person("alice")
		for name, attachment := range map[string]any{
			"path":    map[string]any{"type": "Image", "url": "file:///etc/passwd", "name": "../../../../etc/cron.d/x"},
			"dots":    map[string]any{"type": "Document", "url": "/../../x", "mediaType": "text/html;/../x"},
			"script":  map[string]any{"type": "Link", "href": "javascript:alert(1)"},
			"data":    map[string]any{"type": "Image", "url": "data:text/html,<script>alert(1)</script>"},
			"number":  []any{4, nil, "x", map[string]any{"type": 7, "url": []any{1, map[string]any{"href": 2}}}},
			"slashes": map[string]any{"type": "Image", "url": "https://evil.test%2f@a.test\\x"},
		} {
			a := note(alice, name, h.cats.IRI)
			a["object"].(map[string]any)["attachment"] = attachment
			h.send(alice, a)
		}
		list := h.feed(h.cats)
		if len(list) != 6 {
			t.Fatalf("%d posts, want 6: what is odd about an attachment does not make a post vanish", len(list))
		}
		for _, p := range list {
			if p.Link != "" {
				t.Errorf("%s links to %q", p.Title, p.Link)
			}
		}
	})
}

// Mastodon showed what other sites gave as a preview without cleaning it.
// Every text of a post is cleaned or escaped, wherever it stands.
func TestCVE202336459ForeignHTML(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "nodebb").Person("alice")
		const attack = `<script>alert(1)</script><img src=x onerror=alert(1)><iframe srcdoc="<script>alert(1)</script>"></iframe>`
		a := note(alice, "x", h.cats.IRI)
		object := a["object"].(map[string]any)
		object["type"], object["name"], object["summary"], object["content"] = "Article", attack, attack, "<p>hi</p>"+attack
		object["preview"] = map[string]any{"type": "Note", "content": attack}
		object["attachment"] = []any{map[string]any{"type": "Link", "href": "https://a.test/", "name": attack, "preview": attack}}
		h.send(alice, a)
		list := h.feed(h.cats)
		if len(list) != 1 {
			t.Fatalf("%d posts, want one", len(list))
		}
		for _, bad := range []string{"<script", "onerror", "<iframe"} {
			if strings.Contains(strings.ToLower(list[0].HTML), bad) {
				t.Errorf("%q is shown: %s", bad, list[0].HTML)
			}
		}
	})
}

// Mastodon took a host with a slash or other letters for another one. A host
// here has one form, and what has none is nobody's.
func TestCVE202342451HostsThatLookAlike(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mastodon")
		alice := peer.Person("alice")
		before := len(h.feed(h.cats))
		for _, host := range []string{"%2f" + peer.Host, peer.Host + "%2f.evil.test", peer.Host + "\\.evil.test", "user@" + peer.Host, peer.Host + "."} {
			a := note(alice, "x", h.cats.IRI)
			a["id"] = "http://" + host + "/users/alice/statuses/x/activity"
			if status, text := alice.Send(t, h.inbox(), a); status != http.StatusBadRequest && status != http.StatusForbidden && status != http.StatusUnauthorized {
				t.Errorf("an id on %q was answered %d: %s", host, status, text)
			}
			b := note(alice, "y", h.cats.IRI)
			b["object"].(map[string]any)["id"] = "http://" + host + "/users/alice/statuses/y"
			alice.Send(t, h.inbox(), b)
		}
		h.work()
		if after := len(h.feed(h.cats)); after != before {
			t.Errorf("%d of them became posts", after-before)
		}
		if as.SameHost("https://a.test%2f/x", "https://a.test/x") || as.SameHost("https://xn--a.test/", "https://a.test/") {
			t.Error("hosts are taken for each other")
		}
	})
}

// Lemmy's image proxy put what it was given into a URL of its own. There is
// no proxy here: nothing fetches an address that a reader names.
func TestCVE202629178NoImageProxy(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	trap := fediverse.NewPeer(t, "trap")
	for _, path := range []string{"/image_proxy?url=", "/api/v3/image_proxy?url=", "/pictrs/image/proxy?url=", "/proxy?url="} {
		resp, err := http.Get(h.URL + path + trap.URL + "%2Fx%3Fa%26b")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s answers %d", path, resp.StatusCode)
		}
	}
	if got := trap.Requests(""); len(got) != 0 {
		t.Errorf("%d requests were made for a reader", len(got))
	}
}
