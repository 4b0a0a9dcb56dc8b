package federation_test

import (
	"net/http"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A server that was away for days comes back with other keys, as one does that
// was set up anew: its people are asked once for theirs, and what they say and
// hear goes on.
func TestBackWithAnotherKey(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "lemmy")
		peer.Clock(h.now)
		lena := peer.Person("lena")
		follow := func(id string) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Follow", "id": lena.ID + id, "actor": lena.ID, "object": h.cats.IRI}
		}
		like := func(id string) map[string]any {
			return map[string]any{"@context": as.NS, "type": "Like", "id": lena.ID + id, "actor": lena.ID, "object": h.cats.IRI}
		}
		h.send(lena, follow("/f1"))
		accepted := func(id string) func(fediverse.Delivery) bool {
			return func(d fediverse.Delivery) bool {
				inner, _ := d.Doc.Embedded("object")
				return d.Doc.Kind() == as.KindAccept && inner.ID() == lena.ID+id && d.Signature == nil
			}
		}
		(&cellar{home: h}).tell()
		peer.Await(t, "Accept", accepted("/f1"))

		h.pass(4 * 24 * time.Hour)
		key, err := httpsig.GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		old := lena.Key
		lena.Key = key
		asked := len(peer.Requests("/users/lena"))
		for _, id := range []string{"/l1", "/l2", "/l3"} {
			h.send(lena, like(id))
		}
		if got := len(peer.Requests("/users/lena")) - asked; got != 1 {
			t.Errorf("lena's server was asked for her key %d times, want once", got)
		}
		h.send(lena, follow("/f2"))
		(&cellar{home: h}).tell()
		peer.Await(t, "Accept after the change", accepted("/f2"))

		// Whoever found the old key speaks for nobody.
		thief := *lena
		thief.Key = old
		if status, text := thief.Send(t, h.inbox(), like("/l4")); status != http.StatusUnauthorized {
			t.Errorf("with the old key the inbox answers %d: %s", status, text)
		}
	})
}
