package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// wrote has somebody post in cats, and answer it.
func (h *home) wrote(who *fediverse.Actor, n int) {
	h.t.Helper()
	for i := range n {
		name := fmt.Sprint(who.Name, i)
		p := page(who, name, h.cats.IRI)
		h.send(who, createOf2(p))
		h.send(who, createOf2(reply(who, name, p["id"].(string))))
	}
}

// createOf2 is a Create with an id and an addressee, as inboxes want it.
func createOf2(object map[string]any) map[string]any {
	return map[string]any{
		"@context": as.NS, "type": "Create", "id": object["id"].(string) + "/create", "actor": object["attributedTo"],
		"object": object, "to": []string{public},
	}
}

// words are what is left of what was written by somebody.
func (h *home) words(iri string) (posts, comments int, gone bool) {
	h.t.Helper()
	who, err := h.db.ActorByIRI(h.t.Context(), iri)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range h.feed(h.cats) {
		if p.AuthorID == who.ID && p.DeletedAt.IsZero() && p.Title != "" {
			posts++
		}
	}
	for _, c := range h.comments() {
		if c.AuthorID == who.ID && c.DeletedAt.IsZero() && c.Body != "" {
			comments++
		}
	}
	return posts, comments, who.Gone()
}

// TestWhoIsGoneIsForgotten: with whoever deletes themselves goes what they
// wrote, unless their server says that it stays.
func TestWhoIsGoneIsForgotten(t *testing.T) {
	tests := []struct {
		name  string
		leave func(*home, *fediverse.Actor)
		gone  bool
		stays bool
	}{
		{"Mastodon: with the account goes all", func(h *home, a *fediverse.Actor) {
			h.send(a, map[string]any{"@context": as.NS, "type": "Delete", "id": a.ID + "#delete", "actor": a.ID, "object": a.ID, "to": public})
		}, true, false},
		{"Lemmy: with removeData", func(h *home, a *fediverse.Actor) {
			h.send(a, map[string]any{"@context": as.NS, "type": "Delete", "id": a.ID + "/d", "actor": a.ID, "object": a.ID, "to": public, "removeData": true})
		}, true, false},
		{"Lemmy: without", func(h *home, a *fediverse.Actor) {
			h.send(a, map[string]any{"@context": as.NS, "type": "Delete", "id": a.ID + "/d", "actor": a.ID, "object": a.ID, "to": public, "removeData": false})
		}, true, true},
		{"a Tombstone where they were", func(h *home, a *fediverse.Actor) {
			a.Peer.Serve("/users/"+a.Name, map[string]any{"@context": as.NS, "type": "Tombstone", "id": a.ID})
			h.look(a)
		}, true, false},
		{"410 where they were", func(h *home, a *fediverse.Actor) {
			a.Peer.Gone("/users/" + a.Name)
			h.look(a)
		}, true, false},
		{"404, which may be a mistake", func(h *home, a *fediverse.Actor) {
			a.Peer.ServeFunc("/users/"+a.Name, http.NotFound)
			h.look(a)
		}, false, true},
		{"a server that is down", func(h *home, a *fediverse.Actor) {
			a.Peer.ServeFunc("/users/"+a.Name, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
			h.look(a)
		}, false, true},
		{"somebody else says so", func(h *home, a *fediverse.Actor) {
			elsewhere := fediverse.NewPeer(h.t, "")
			elsewhere.Clock(h.now)
			b := elsewhere.Person("mallory")
			status, _ := b.Send(h.t, h.inbox(), map[string]any{"@context": as.NS, "type": "Delete", "id": b.ID + "/d", "actor": b.ID, "object": a.ID, "to": public})
			if status != http.StatusForbidden {
				h.t.Errorf("answered %d", status)
			}
		}, false, true},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				peer := fediverse.NewPeer(t, "")
				peer.Clock(h.now)
				lena, nico := peer.Person(fmt.Sprint("lena", i)), peer.Person(fmt.Sprint("nico", i))
				many := 2
				if i == 0 {
					many = 51 // more than is forgotten at once
				}
				h.wrote(lena, many)
				h.wrote(nico, 1)
				test.leave(h, lena)
				h.workAll()
				posts, comments, gone := h.words(lena.ID)
				want := 0
				if test.stays {
					want = many
				}
				if posts != want || comments != want || gone != test.gone {
					t.Errorf("%d posts and %d comments are left of %d, gone %v", posts, comments, want, gone)
				}
				if posts, comments, gone = h.words(nico.ID); posts != 1 || comments != 1 || gone {
					t.Errorf("of somebody else %d posts and %d comments are left, gone %v", posts, comments, gone)
				}
				group, err := db.Actor(t.Context(), h.cats.ID)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Fold(t.Context(), 5000); err != nil {
					t.Fatal(err)
				}
				left := 0
				for _, p := range h.feed(group) {
					if p.DeletedAt.IsZero() {
						left++
					}
				}
				if group, err = db.Actor(t.Context(), h.cats.ID); err != nil || group.PostCount != int64(left) {
					t.Errorf("the group counts %d posts of %d", group.PostCount, left)
				}
			})
		}
	})
}

// look makes the actor be read again, as it is after a day.
func (h *home) look(a *fediverse.Actor) {
	h.t.Helper()
	h.pass(25 * time.Hour)
	_, _ = h.fed.Resolve(h.t.Context(), h.ann, a.Peer.Serve("/post/look"+a.Name, page(a, "look"+a.Name, a.Peer.URL+"/c/none")))
	h.workAll()
}

// TestGroupsPassOnWhoIsGone: once each, with the bytes that were received.
func TestGroupsPassOnWhoIsGone(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	lena := fediverse.NewPeer(t, "").Person("lena")
	h.wrote(lena, 3)
	h.send(lena, map[string]any{"@context": as.NS, "type": "Delete", "id": lena.ID + "/d", "actor": lena.ID, "object": lena.ID, "to": public, "odd": 1.50})
	h.workAll()
	if err := h.db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	facts, err := h.db.Facts(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var gone []community.Fact
	for _, f := range facts {
		if f.Kind == community.PersonGone {
			gone = append(gone, f)
		}
		if f.Kind == community.PostDeleted || f.Kind == community.CommentDeleted {
			t.Errorf("a fact for each word: %+v", f)
		}
	}
	if len(gone) != 1 || !strings.Contains(string(gone[0].Raw), `"odd"`) {
		t.Fatalf("facts: %+v", gone)
	}
	err = h.db.InTx(t.Context(), func(tx *storage.DB) error { return h.fed.Readers()[0].Handle(t.Context(), tx, gone) })
	if err != nil {
		t.Fatal(err)
	}
	said, err := h.db.ActivitiesAfter(t.Context(), 0, 100)
	if err != nil || len(said) != 1 || said[0].Kind != as.KindAnnounce || said[0].ActorID != h.cats.ID || !strings.Contains(string(said[0].Body), string(gone[0].Raw)) {
		t.Errorf("said: %+v, %v", said, err)
	}
}
