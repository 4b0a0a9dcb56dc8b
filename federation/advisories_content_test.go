package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The advisories of docs/security.md that are about what is inside of
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
			if _, ok := h.log.find("attachments left out", "id="+alice.ID+"/statuses/"+name, "reason="); !ok {
				t.Errorf("%s: the log does not say that it was left out", name)
			}
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
		refused := func(name string, activity map[string]any, says string) {
			t.Helper()
			body := fediverse.JSON(t, activity)
			sign := func(r *http.Request) {
				if err := alice.Sign(r, body); err != nil {
					t.Error(err)
				}
			}
			status := http.StatusForbidden
			if says == "has no id" || says == "has not exactly one actor" {
				status = http.StatusBadRequest
			}
			h.refused(name, body, status, says, sign)
		}
		h.send(alice, note(alice, "hello", h.cats.IRI)) // is known
		before := h.contents()
		for i, host := range []string{
			"%2f" + peer.Host, peer.Host + "%2f.evil.test", peer.Host + "\\.evil.test", "user@" + peer.Host, peer.Host + ".",
			"evil.test／." + peer.Host, "evil.test%00" + peer.Host,
		} {
			a, b, c := note(alice, "a", h.cats.IRI), note(alice, fmt.Sprint("b", i), h.cats.IRI), note(alice, "c", h.cats.IRI)
			at := "http://" + host + "/users/alice"
			a["id"] = at + "/statuses/a/activity"
			refused("an id on "+host, a, "has no id")
			b["object"].(map[string]any)["id"] = at + "/statuses/b"
			refused("an object on "+host, b, "cannot speak for")
			c["actor"] = at
			refused("an actor on "+host, c, "has not exactly one actor")
		}
		// Other letters for the same host are the same host, and no other's.
		for i, host := range []string{"xn--80ak6aa92e.com", "аррӏе.com", "a.test", "evil.test@" + peer.Host, "127.0.0.1"} {
			b := note(alice, fmt.Sprint("d", i), h.cats.IRI)
			b["object"].(map[string]any)["id"] = "http://" + host + "/users/alice/statuses/y"
			refused("an object on "+host, b, "cannot speak for")
		}
		h.work()
		if after := h.contents(); after != before {
			t.Errorf("there was %s and is %s", before, after)
		}
		if as.SameHost("https://a.test%2f/x", "https://a.test/x") || as.SameHost("https://xn--a.test/", "https://a.test/") {
			t.Error("hosts are taken for each other")
		}
	})
}
