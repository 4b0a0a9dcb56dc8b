package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// workAll does jobs until none is due.
func (h *home) workAll() {
	h.t.Helper()
	for range 20 {
		if errs := h.work(); len(errs) > 0 {
			h.t.Fatal(errs)
		}
		if h.waiting() == 0 {
			return
		}
	}
	h.t.Fatal("there is always more to do")
}

// read resolves a query as ann, does all that follows, and returns what was
// read of it.
func (h *home) read(query, want, iri string) *community.Backfill {
	h.t.Helper()
	if got := found(h.fed.Resolve(h.t.Context(), h.ann, query)); got != want {
		h.t.Fatalf("Resolve(%q) = %s, want %s", query, got, want)
	}
	h.workAll()
	b, err := h.db.Backfill(h.t.Context(), iri)
	if err != nil || b == nil {
		h.t.Fatalf("Backfill(%s) = %v, %v", iri, b, err)
	}
	return b
}

// titles are the posts of a group, oldest first, with a star if they are on
// top.
func (h *home) titles(iri string) string {
	h.t.Helper()
	group, err := h.db.ActorByIRI(h.t.Context(), iri)
	if err != nil {
		h.t.Fatal(err)
	}
	var titles []string
	for _, p := range h.feed(group) {
		title := p.Title
		if !p.FeaturedAt.IsZero() {
			title += "*"
		}
		titles = append(titles, title)
	}
	return strings.Join(titles, ", ")
}

func list(id string, items ...any) map[string]any {
	return map[string]any{"id": id, "type": "OrderedCollection", "totalItems": len(items), "orderedItems": append([]any{}, items...)}
}

func createOf(p map[string]any) map[string]any {
	return map[string]any{"type": "Create", "id": p["id"].(string) + "/create", "actor": p["attributedTo"], "object": p, "to": public}
}

// TestReadingBeforeJoining: whoever finds a group sees what is in it, in
// whichever shape its server shows that (FEDERATION.md, section 5).
func TestReadingBeforeJoining(t *testing.T) {
	tests := []struct {
		name  string
		serve func(*fediverse.Peer, *fediverse.Actor, *fediverse.Actor)
		want  string
		state community.BackfillState
		n     int64
	}{
		{"Lemmy: Announces inline, posts on top whole", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			dogs.Extra["featured"], dogs.Extra["attributedTo"] = dogs.ID+"/featured", dogs.ID+"/moderators"
			var items []any
			for i, name := range []string{"c", "b", "a"} {
				items = append(items, map[string]any{
					"type": "Announce", "id": fmt.Sprint(dogs.ID, "/a/", i), "actor": dogs.ID, "object": createOf(page(lena, name, dogs.ID)),
				})
			}
			p.Serve("/c/dogs/outbox", list(dogs.ID+"/outbox", items...))
			p.Serve("/c/dogs/featured", list(dogs.ID+"/featured", page(lena, "b", dogs.ID), page(lena, "old", dogs.ID)))
			p.Serve("/c/dogs/moderators", list(dogs.ID+"/moderators", lena.ID))
		}, "a by lena, b by lena*, c by lena, old by lena*", community.BackfillDone, 3},
		{"Mbin: an empty outbox, posts on top by their ids", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			dogs.Extra["featured"] = dogs.ID + "/pinned"
			p.Serve("/c/dogs/outbox", list(dogs.ID+"/outbox"))
			p.Serve("/c/dogs/pinned", list(dogs.ID+"/pinned", p.Serve("/post/a", page(lena, "a", dogs.ID)), p.URL+"/post/none"))
		}, "a by lena*", community.BackfillDone, 0},
		{"pages, one embedded, that lead on and back", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			one, two := dogs.ID+"/outbox?page=1", dogs.ID+"/outbox?page=2"
			p.ServeFunc("/c/dogs/outbox", func(w http.ResponseWriter, r *http.Request) {
				doc := map[string]any{"id": dogs.ID + "/outbox", "type": "OrderedCollection", "first": map[string]any{
					"type": "OrderedCollectionPage", "id": one, "next": two, "orderedItems": []any{createOf(page(lena, "b", dogs.ID))},
				}}
				if r.URL.RawQuery != "" {
					doc = map[string]any{"id": two, "type": "OrderedCollectionPage", "next": two, "orderedItems": []any{p.URL + "/post/a"}}
				}
				w.Header().Set("Content-Type", "application/activity+json")
				_, _ = w.Write(fediverse.JSON(t, doc))
			})
			p.Serve("/post/a", page(lena, "a", dogs.ID))
		}, "a by lena, b by lena", community.BackfillDone, 2},
		{"an outbox that fails", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			dogs.Extra["featured"] = dogs.ID + "/featured"
			p.ServeFunc("/c/dogs/outbox", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
			p.Serve("/c/dogs/featured", list(dogs.ID+"/featured", page(lena, "a", dogs.ID)))
		}, "a by lena*", community.BackfillFailed, 0},
		{"something that is no collection", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			p.Serve("/c/dogs/outbox", page(lena, "a", dogs.ID))
		}, "", community.BackfillFailed, 0},
		{"more than anybody wants", func(p *fediverse.Peer, dogs, lena *fediverse.Actor) {
			p.ServeFunc("/c/dogs/outbox", func(w http.ResponseWriter, r *http.Request) {
				n, items := len(p.Requests("/outbox")), []any{}
				for i := range 3 {
					items = append(items, p.Serve(fmt.Sprint("/post/", n, "-", i), page(lena, fmt.Sprint(n, "-", i), dogs.ID)))
				}
				w.Header().Set("Content-Type", "application/activity+json")
				_, _ = w.Write(fediverse.JSON(t, map[string]any{
					"id": dogs.ID + r.URL.Path, "type": "OrderedCollectionPage", "items": items, "first": fmt.Sprint(dogs.ID, "/outbox?", n), "next": fmt.Sprint(dogs.ID, "/outbox?", n),
				}))
			})
		}, "-", community.BackfillDone, 50},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				peer := fediverse.NewPeer(t, "")
				dogs, lena := peer.Group("dogs"), peer.Person("lena")
				test.serve(peer, dogs, lena)
				b := h.read(dogs.ID, "group dogs@"+peer.Host, dogs.ID)
				if b.State != test.state || b.Fetched != test.n || (b.Trouble != "") != (b.State == community.BackfillFailed) || b.ReadAt.IsZero() {
					t.Errorf("read: %+v", b)
				}
				if got := h.titles(dogs.ID); got != test.want && test.want != "-" {
					t.Errorf("the group has %q, want %q", got, test.want)
				}
				if dogs.Extra["attributedTo"] != nil {
					group, _ := db.ActorByIRI(t.Context(), dogs.ID)
					if lookers, err := db.Moderators(t.Context(), group.ID); err != nil || len(lookers) != 1 || lookers[0].IRI != lena.ID {
						t.Errorf("moderators: %v, %v", lookers, err)
					}
				}
			})
		}
	})
}

// TestReadingIsPolite: a group is read again after a while and not at each
// look; a server that does not answer is asked again and then left alone.
func TestReadingIsPolite(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "lemmy")
	dogs, down := peer.Group("dogs"), true
	peer.ServeFunc("/c/dogs/outbox", func(w http.ResponseWriter, _ *http.Request) {
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(fediverse.JSON(t, list(dogs.ID+"/outbox")))
	})
	group := func() *community.Actor {
		t.Helper()
		r, err := h.fed.Resolve(t.Context(), h.ann, dogs.ID)
		if err != nil {
			t.Fatal(err)
		}
		return r.Group.Actor
	}
	dogsHere := group()
	if errs := h.work(); len(errs) != 1 {
		t.Fatalf("a server that is down: %v", errs)
	}
	b, err := h.fed.FreshenGroup(t.Context(), h.ann, dogsHere)
	if err != nil || !b.Open() || !strings.Contains(b.Trouble, "502") {
		t.Errorf("while it is tried again: %+v, %v", b, err)
	}
	down = false
	h.workAll()
	for range 3 {
		if b, err = h.fed.FreshenGroup(t.Context(), h.ann, dogsHere); err != nil || b.State != community.BackfillDone || b.Trouble != "" {
			t.Errorf("after: %+v, %v", b, err)
		}
	}
	if n := h.waiting(); n != 0 {
		t.Errorf("%d jobs for what was just read", n)
	}
	h.pass(7 * time.Hour)
	if b, err = h.fed.FreshenGroup(t.Context(), nil, dogsHere); err != nil || b.Open() {
		t.Errorf("a visitor made it read: %+v, %v", b, err)
	}
	for range 3 {
		if b, err = h.fed.FreshenGroup(t.Context(), h.ann, dogsHere); err != nil || b.State != community.BackfillAsked {
			t.Errorf("after a while: %+v, %v", b, err)
		}
	}
	if n := h.waiting(); n != 1 {
		t.Errorf("%d jobs for one group", n)
	}
}
