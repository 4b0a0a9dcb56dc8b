package federation_test

import (
	"net/http"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/relays"
	"drystone/storage"
)

// A relay is listened to once we asked and it agreed, and is never believed:
// what it names is read where it lives, and the banned stay banned
// (CVE-2026-23961).
func TestRelay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		far, hub := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "relay")
		relay, eve, bad := hub.Actor(as.KindApplication, "/actor"), far.Person("eve"), far.Person("bad")
		note := func(by *fediverse.Actor, name, title string) string {
			return far.Serve("/notes/"+name, map[string]any{
				"@context": as.NS, "type": "Note", "id": far.URL + "/notes/" + name, "attributedTo": by.ID, "content": "<p>" + title + "</p>",
				"to": []string{as.Public}, "cc": []string{h.cats.IRI}, "published": "2026-01-01T00:00:00Z",
			})
		}
		pass := func(name, id string) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Announce", "id": relay.ID + "/" + name, "actor": relay.ID, "object": id, "to": []string{as.Public}}
		}
		forward := func(by *fediverse.Actor, name, id string) map[string]any {
			return map[string]any{
				"@context": as.NS, "type": "Create", "id": by.ID + "/" + name, "actor": by.ID, "to": []string{as.Public},
				"object": map[string]any{"type": "Note", "id": id, "attributedTo": by.ID, "content": "<p>A lie</p>", "to": []string{as.Public}, "cc": []string{h.cats.IRI}},
			}
		}
		posts := func(want ...string) {
			t.Helper()
			var got []string
			for _, p := range h.feed(h.cats) {
				got = append(got, p.Title)
			}
			if len(got) != len(want) || len(got) > 0 && got[len(got)-1] != want[len(want)-1] {
				t.Fatalf("the posts are %q, want %q", got, want)
			}
		}
		refused := func(activity any) {
			t.Helper()
			if status, _ := relay.Send(t, h.inbox(), activity); status == http.StatusAccepted {
				t.Fatal("what somebody else signed was taken")
			}
		}

		// Nobody asked for it.
		h.send(relay, pass("1", note(eve, "1", "First")))
		refused(forward(eve, "2", note(eve, "2", "Second")))
		posts()

		service := &relays.Service{DB: db, Origin: h.URL, Now: h.now}
		at, err := h.fed.RelayAt(t.Context(), hub.URL+"/inbox")
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Subscribe(t.Context(), h.ann, at); err != nil {
			t.Fatal(err)
		}
		if err := service.Subscribe(t.Context(), h.ann, at); !fault.Is(err, fault.Conflict) {
			t.Errorf("subscribing twice: %v", err)
		}
		list, err := service.List(t.Context())
		if err != nil || len(list) != 1 || list[0].State != community.RelayAsked || list[0].Style != community.MastodonRelay {
			t.Fatalf("the relays are %+v, %v", list, err)
		}
		accept := func(by *fediverse.Actor) {
			h.send(by, map[string]any{"@context": as.NS, "type": "Accept", "id": by.ID + "/accept", "actor": by.ID, "object": list[0].Follow})
		}
		accept(eve)
		h.dropped("does not speak for the relay")
		h.send(relay, pass("3", note(eve, "3", "Third")))
		posts()

		accept(relay)
		h.send(relay, pass("4", note(eve, "4", "Fourth")))
		posts("Fourth")
		h.send(relay, forward(eve, "5", note(eve, "5", "Fifth")))
		posts("Fourth", "Fifth")
		h.send(relay, forward(eve, "6", far.URL+"/notes/none")) // is not there
		posts("Fourth", "Fifth")

		h.send(bad, map[string]any{"@context": as.NS, "type": "Follow", "id": bad.ID + "/f", "actor": bad.ID, "object": h.cats.IRI})
		banned, err := db.ActorByIRI(t.Context(), bad.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Bun().NewUpdate().Model(banned).WherePK().Set("banned_until = ?", h.now().Add(time.Hour)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.send(relay, pass("7", note(bad, "7", "Seventh")))
		h.send(relay, forward(bad, "8", note(bad, "8", "Eighth")))
		posts("Fourth", "Fifth")

		if err := service.Leave(t.Context(), h.ann, at.Address); err != nil {
			t.Fatal(err)
		}
		h.send(relay, pass("9", note(eve, "9", "Ninth")))
		refused(forward(eve, "10", note(eve, "10", "Tenth")))
		posts("Fourth", "Fifth")
	})
}
