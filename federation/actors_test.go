package federation_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// shape is what is compared of an actor; URLs without their host.
type shape struct {
	Kind                                                      community.ActorKind
	Name, Title, Summary, HTML, Icon, Image, URL              string
	SharedInbox, Outbox, Followers, Featured, Moderators, Key string
	Locked, Restricted, Sensitive, Discoverable, Indexable    bool
}

// TestActorShapes reads the actors of every software that we know of.
func TestActorShapes(t *testing.T) {
	tests := []struct {
		file, path string
		want       shape
	}{
		{"lemmy-group", "/c/birds", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Birds of the yard", Summary: "Feathers only",
			HTML: "<p>Feathers <strong>only</strong></p>", Icon: "/pictrs/birds.webp", Image: "/pictrs/sky.jpg",
			SharedInbox: "/inbox", Outbox: "/c/birds/outbox", Followers: "/c/birds/followers", Featured: "/c/birds/featured",
			Moderators: "/c/birds/moderators", Key: "/c/birds#main-key", Restricted: true, Discoverable: true, Indexable: true,
		}},
		{"lemmy-feed", "/m/yard", shape{
			Kind: community.FeedKind, Name: "yard", Title: "All about the yard", Summary: "Everything outdoors",
			HTML: "<p>Everything <strong>outdoors</strong></p>", Key: "/m/yard#main-key", Indexable: true,
		}},
		{"mastodon-person", "/users/wren", shape{
			Kind: community.Person, Name: "wren", Title: "Wren 🐦", Summary: "I sing", URL: "/@wren", Icon: "/avatars/wren.png",
			SharedInbox: "/inbox", Outbox: "/users/wren/outbox", Followers: "/users/wren/followers",
			Featured: "/users/wren/collections/featured", Key: "/users/wren#main-key", Locked: true, Discoverable: true,
		}},
		{"mastodon-bot", "/users/clock", shape{
			Kind: community.Service, Name: "clock", URL: "/@clock", Outbox: "/users/clock/outbox", Key: "/users/clock#main-key",
		}},
		{"piefed-group", "/c/birds", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Birds", Summary: "birds", HTML: "<p>birds</p>", URL: "/c/birds",
			SharedInbox: "/inbox", Outbox: "/c/birds/outbox", Followers: "/c/birds/followers", Featured: "/c/birds/featured",
			Moderators: "/c/birds/moderators", Key: "/c/birds#main-key", Sensitive: true, Discoverable: true, Indexable: true,
		}},
		{"mbin-magazine", "/m/birds", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Birds of kbin", Summary: "on the wire", HTML: "<p>on the wire</p>", URL: "/m/birds",
			SharedInbox: "/f/inbox", Outbox: "/m/birds/outbox", Followers: "/m/birds/followers", Featured: "/m/birds/pinned",
			Moderators: "/m/birds/moderators", Key: "/m/birds#main-key", Discoverable: true, Indexable: true,
		}},
		{"nodebb-category", "/category/7", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Birds & bees", Summary: "All about birds", HTML: "<p>All about birds</p>",
			URL: "/category/7/birds", Icon: "/assets/7.png", SharedInbox: "/inbox", Outbox: "/category/7/outbox",
			Key: "/category/7#key", Discoverable: true, Indexable: true,
		}},
		{"gotosocial-person", "/users/wren", shape{
			Kind: community.Person, Name: "wren", Title: "Wren", URL: "/@wren", Outbox: "/users/wren/outbox", Followers: "/users/wren/followers",
			Featured: "/users/wren/collections/featured", Key: "/users/wren/main-key", Locked: true,
		}},
		{"discourse-group", "/ap/actor/0123456789abcdef", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Bird forum", URL: "/c/birds/88", Icon: "/uploads/birds.png",
			SharedInbox: "/ap/users/inbox", Outbox: "/ap/actor/0123456789abcdef/outbox", Followers: "/ap/actor/0123456789abcdef/followers",
			Key: "/ap/actor/0123456789abcdef#main-key", Discoverable: true, Indexable: true,
		}},
		{"peertube-channel", "/video-channels/birds", shape{
			Kind: community.GroupKind, Name: "birds", Title: "Bird films", Summary: "Plain text in two paragraphs", URL: "/video-channels/birds",
			Icon: "/avatars/48.jpg", SharedInbox: "/inbox", Outbox: "/video-channels/birds/outbox",
			Followers: "/video-channels/birds/followers", Key: "/video-channels/birds#main-key", Restricted: true, Discoverable: true, Indexable: true,
		}},
	}
	h := newHome(t, testdb.SQLite(t))
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			peer := fediverse.NewPeer(t, "")
			body, err := os.ReadFile(filepath.Join("testdata/in/actors", test.file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			id := peer.Serve(test.path, strings.ReplaceAll(string(body), "https://peer.test", peer.URL))
			if _, err := h.fed.Resolve(t.Context(), h.ann, id); err != nil {
				t.Fatal(err)
			}
			a, err := h.db.ActorByIRI(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			path := func(u string) string { return strings.TrimPrefix(u, peer.URL) }
			got := shape{
				a.Kind, a.Name, a.Title, a.Summary, strings.TrimSpace(a.SummaryHTML), path(a.Icon), path(a.Image), path(a.URL),
				path(a.SharedInbox), path(a.Outbox), path(a.Followers), path(a.Featured), path(a.Moderators), path(a.KeyID),
				a.Locked, a.Restricted, a.Sensitive, a.Discoverable, a.Indexable,
			}
			if test.want.HTML == "" { // what is not compared: links, paragraphs of plain text
				got.HTML = ""
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the actor (-want +got):\n%s", diff)
			}
			if a.Host != peer.Host || a.PeerID == 0 || a.PublicKey == "" || a.FetchedAt.IsZero() {
				t.Errorf("the actor is %+v", a)
			}
		})
	}
}

// TestSilenceIsNoConsent is FEP-5feb: what a person says of being found by
// their words counts, and who says nothing agreed to nothing. A group keeps
// nobody out by saying nothing.
func TestSilenceIsNoConsent(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "")
	for name, test := range map[string]struct {
		kind string
		say  any
		want [2]bool // listed, found
	}{
		"silent": {"Person", nil, [2]bool{}}, "yes": {"Person", true, [2]bool{true, true}}, "no": {"Person", false, [2]bool{}},
		"odd": {"Person", "yes", [2]bool{}}, "bot": {"Service", nil, [2]bool{}},
		"group": {"Group", nil, [2]bool{true, true}}, "shygroup": {"Group", false, [2]bool{}},
	} {
		a := peer.Person(name)
		a.Kind, a.Extra = test.kind, map[string]any{}
		if test.say != nil {
			a.Extra["discoverable"], a.Extra["indexable"] = test.say, test.say
		}
		if _, err := h.fed.Resolve(t.Context(), h.ann, a.ID); err != nil {
			t.Fatal(name, err)
		}
		got, err := h.db.ActorByIRI(t.Context(), a.ID)
		if err != nil || [2]bool{got.Discoverable, got.Indexable} != test.want {
			t.Errorf("%s: %v %v, want %v (%v)", name, got.Discoverable, got.Indexable, test.want, err)
		}
	}
}

// TestBadActors are documents that are refused, whatever led to them.
func TestBadActors(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, other := fediverse.NewPeer(t, ""), fediverse.NewPeer(t, "")
	tests := []struct {
		name   string
		change map[string]any
		reason string
	}{
		{"an id of another server", map[string]any{"id": other.URL + "/users/a"}, "another server"},
		{"an id of ours", map[string]any{"id": h.ann.IRI}, "another server"},
		{"a key of another", map[string]any{"publicKey": map[string]any{"id": peer.URL + "/k", "owner": other.URL + "/x", "publicKeyPem": "x"}}, "belongs to"},
		{"an inbox elsewhere", map[string]any{"inbox": other.URL + "/inbox"}, "no inbox"},
		{"no inbox", map[string]any{"inbox": nil}, "no inbox"},
		{"no name", map[string]any{"preferredUsername": nil, "name": nil}, "preferredUsername"},
		{"a name with an @", map[string]any{"preferredUsername": "a@b"}, "preferredUsername"},
		{"something else", map[string]any{"type": "Shelf"}, "Shelf"},
		{"a feed without groups", map[string]any{"type": "Feed"}, "where its groups are"},
		{"a feed whose groups are elsewhere", map[string]any{"type": "Feed", "following": other.URL + "/following"}, "where its groups are"},
	}
	for i, test := range tests {
		a := peer.Person("bad" + string(rune('a'+i)))
		a.Extra = test.change
		_, err := h.fed.Resolve(t.Context(), h.ann, a.ID)
		if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %v, want NotFound because of %q", test.name, err, test.reason)
		}
	}
	if a, err := h.db.ActorByIRI(t.Context(), h.ann.IRI); err != nil || !a.Local() || a.Name != "ann" {
		t.Errorf("ann is %+v (%v)", a, err)
	}
}

// TestFetchOrigin is about whose word an answer is.
func TestFetchOrigin(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, other := fediverse.NewPeer(t, ""), fediverse.NewPeer(t, "")
	alice, eve := peer.Person("alice"), other.Person("eve")
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	object := func(a *fediverse.Actor, name string) map[string]any {
		return note(a, name, h.cats.IRI)["object"].(map[string]any)
	}
	served := func(a *fediverse.Actor, name string) string {
		return a.Peer.Serve("/users/"+a.Name+"/statuses/"+name, object(a, name))
	}
	plain := fediverse.JSON(t, object(alice, "plain"))
	tests := []struct {
		name, address string
		found         bool
	}{
		{"an id", served(alice, "1"), true},
		{"a page that leads to it", peer.Serve("/@alice/2", fediverse.JSON(t, withServed(object(alice, "2"), served(alice, "2")))), true},
		{"a redirect to it", peer.ServeFunc("/r/3", redirect(served(alice, "3"))), true},
		{"a redirect to another server's own", other.ServeFunc("/r/4", redirect(served(alice, "4"))), true},
		{"an id that redirects to another server", peer.ServeFunc("/users/alice/statuses/5", redirect(other.Serve("/x/5", object(alice, "5")))), false},
		{"another server's word", other.Serve("/x/6", object(alice, "6")), false},
		{"a page that leads elsewhere", peer.Serve("/@alice/7", object(alice, "nowhere")), false},
		{"a file that somebody uploaded", peer.ServeFunc("/users/alice/statuses/plain", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(plain)
		}), false},
		{"an author of another server", peer.Serve("/y/8", map[string]any{
			"id": peer.URL + "/y/8", "type": "Note", "attributedTo": eve.ID, "to": public, "cc": h.cats.IRI, "content": "x",
		}), false},
		{"a redirect to us", peer.ServeFunc("/r/9", redirect(h.URL+"/c/cats")), false},
		{"a loop", peer.ServeFunc("/r/10", redirect(peer.URL+"/r/10")), false},
	}
	for _, test := range tests {
		found, err := h.fed.Resolve(t.Context(), h.ann, test.address)
		if test.found && (err != nil || found.Post == nil) {
			t.Errorf("%s: %v", test.name, err)
		}
		if !test.found && err == nil {
			t.Errorf("%s: it was found: %+v", test.name, found.Post)
		}
	}
	for _, r := range peer.Requests("/users/alice/statuses/1") {
		if !strings.Contains(r.Header.Get("Signature"), h.URL+"/#main-key") || r.Header.Get("Accept") != as.AcceptHeader {
			t.Errorf("the request has %v", r.Header)
		}
	}
}

func withServed(object map[string]any, id string) map[string]any {
	object["id"] = id
	return object
}
