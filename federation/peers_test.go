package federation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// TestPeersAreAsked: what a server runs is known before the first post goes
// to it, and is asked for again after a day.
func TestPeersAreAsked(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		follows := 0
		follow := func(a *fediverse.Actor) *community.Peer {
			follows++
			h.send(a, map[string]any{"@context": as.NS, "type": "Follow", "id": fmt.Sprint(a.ID, "/f/", follows), "actor": a.ID, "object": h.cats.IRI})
			peer, err := db.PeerByHost(t.Context(), a.Peer.Host, h.now())
			if err != nil {
				t.Fatal(err)
			}
			return peer
		}
		lemmy := fediverse.NewPeer(t, "Lemmy")
		lena := lemmy.Person("lena")
		if p := follow(lena); p.Software != "lemmy" || p.Version != "1.0" || p.Forms() != community.Wrapped|community.Aware {
			t.Errorf("a Lemmy is %+v", p)
		}
		follow(lena)
		if n := len(lemmy.Requests("nodeinfo")); n != 2 {
			t.Errorf("it was asked with %d requests, want 2", n)
		}
		lemmy.Software = "piefed"
		h.pass(25 * time.Hour)
		lena.Peer.Clock(h.now)
		if p := follow(lena); p.Software != "piefed" {
			t.Errorf("after a day it is %+v", p)
		}

		silent := fediverse.NewPeer(t, "")
		silent.Clock(h.now)
		if p := follow(silent.Person("sam")); p.Software != "" || p.CheckedAt.IsZero() || p.Forms() != community.Wrapped|community.Boosted|community.Extended {
			t.Errorf("one that says nothing is %+v", p)
		}
		liar := fediverse.NewPeer(t, "")
		liar.Clock(h.now)
		liar.ServeFunc("/.well-known/nodeinfo", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"links": []any{map[string]any{
				"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": lemmy.URL + "/nodeinfo/2.1",
			}}})
		})
		if p := follow(liar.Person("lou")); p.Software != "" {
			t.Errorf("one that points elsewhere is %+v", p)
		}
	})
}

// TestPeersAreAskedAgain is the schedule.
func TestPeersAreAskedAgain(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "mbin")
	alice := peer.Person("alice")
	h.send(alice, note(alice, "1", h.cats.IRI)) // speaks, and nobody asked what it runs
	for _, schedule := range h.fed.Schedules() {
		if err := schedule.Run(t.Context()); err != nil {
			t.Errorf("%s: %v", schedule.Name, err)
		}
	}
	p, err := h.db.PeerByHost(t.Context(), peer.Host, h.now())
	if err != nil || p.Software != "mbin" {
		t.Errorf("the peer is %+v (%v)", p, err)
	}
}

// TestReceivedBytesAreKept: what a group announces is what it got (FEP-1b12).
func TestReceivedBytesAreKept(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "").Person("alice")
		activity := note(alice, "odd", h.cats.IRI)
		activity["x-unknown"] = map[string]any{"b": 1, "a": []int{2}}
		body := bytes.Replace(fediverse.JSON(t, activity), []byte(`{"`), []byte("{ \n \""), 1)
		h.send(alice, body)
		var fact community.Fact
		err := db.Bun().NewSelect().Model(&fact).ExcludeColumn("id").Where("kind = ?", community.PostPublished).Limit(1).Scan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fact.Raw, body) {
			t.Errorf("the fact has %s, want %s", fact.Raw, body)
		}
	})
}
