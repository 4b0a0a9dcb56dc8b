package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/blocks"
	"drystone/service/messages"
	"drystone/storage"
)

// Somebody elsewhere blocks ann, as Mastodon tells it: what holds between two
// people here holds between them, until they take it back; and nobody but they
// can.
func TestPersonalBlocksFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		masto := fediverse.NewPeer(t, "mastodon")
		mia, moe := masto.Person("mia"), masto.Person("moe")
		act := func(by *fediverse.Actor, kind string, object any) map[string]any {
			return map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": by.ID + "#" + kind + "/1", "type": kind, "actor": by.ID, "object": object}
		}
		block := act(mia, "Block", h.ann.IRI)
		h.send(mia, block)
		remote, err := db.ActorByIRI(t.Context(), mia.ID)
		if err != nil {
			t.Fatal(err)
		}
		between := func(want community.Between) {
			t.Helper()
			if got, err := db.Between(t.Context(), h.ann, remote, h.now()); err != nil || got != want {
				t.Errorf("between ann and mia: %+v, %v; want %+v", got, err, want)
			}
		}
		between(community.Between{Theirs: true})
		if _, err := h.messages.Send(t.Context(), h.ann, remote, messages.Draft{Body: "x"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("ann writes to her: %v", err)
		}
		h.send(moe, act(moe, "Undo", block)) // he cannot
		between(community.Between{Theirs: true})
		h.send(mia, act(mia, "Undo", block))
		between(community.Between{})

		// And the other way round.
		if _, err := h.blocks.Put(t.Context(), h.ann, blocks.Wish{Target: remote}); err != nil {
			t.Fatal(err)
		}
		h.send(mia, letter(mia, "1", h.ann.IRI))
		h.wantLetters(h.ann)
		h.send(mia, act(mia, "Follow", h.ann.IRI))
		if f, err := db.Follow(t.Context(), remote.ID, h.ann.ID); err != nil || f != nil {
			t.Errorf("who is blocked follows: %v, %v", f, err)
		}
		if err := h.blocks.Drop(t.Context(), h.ann, blocks.Wish{Target: remote}); err != nil {
			t.Fatal(err)
		}
		h.send(mia, again("Create", mia.ID+"/2", letter(mia, "2", h.ann.IRI)))
		h.wantLetters(h.ann, "mia: <p>Hello <b>there</b>.</p>")
		if _, err := h.blocks.Put(t.Context(), h.ann, blocks.Wish{Host: masto.Host}); err != nil {
			t.Fatal(err)
		}
		h.send(moe, letter(moe, "3", h.ann.IRI))
		h.wantLetters(h.ann)
	})
}
