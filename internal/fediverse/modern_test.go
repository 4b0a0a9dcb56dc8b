package fediverse_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A server that takes nothing but RFC 9421 is read and delivered to. We find
// out once, by reading, and never send it both schemes in one request.
func TestModernPeer(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		home := server.New(t, dsn)
		home.User("ann").Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		peer := fediverse.NewPeer(t, "mastodon")
		alice := peer.Person("alice")
		document := fediverse.JSON(t, alice.Document())
		peer.ServeFunc("/users/alice", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Signature") != "" && r.Header.Get("Signature-Input") == "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			w.Header().Set("Content-Type", as.ContentType)
			_, _ = w.Write(document)
		})
		peer.Answer(func(d fediverse.Delivery) int {
			if d.Header.Get("Signature-Input") == "" {
				return http.StatusUnauthorized
			}
			return 0
		})
		group := home.URL + "/c/garden"
		follow := map[string]any{"@context": as.NS, "type": "Follow", "id": alice.ID + "/f", "actor": alice.ID, "object": group}
		if status, text := alice.Send(t, home.URL+"/inbox", follow); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, text)
		}
		accept := peer.Await(t, "an Accept", func(d fediverse.Delivery) bool { return d.Doc.Kind() == as.KindAccept })
		if accept.Signature != nil || accept.Header.Get("Signature-Input") == "" {
			t.Errorf("the Accept is signed %q: %v", accept.Header, accept.Signature)
		}
		for _, name := range []string{"Digest", "Date"} {
			if accept.Header.Get(name) != "" {
				t.Errorf("the Accept has the %s of the older scheme", name)
			}
		}
		for _, r := range peer.Requests("/users/alice") {
			signature := strings.Join(r.Header.Values("Signature"), ",")
			if signature != "" && strings.Contains(signature, "keyId") == (r.Header.Get("Signature-Input") != "") {
				t.Errorf("signed in both ways: %v", r.Header)
			}
		}
		row, err := home.DB.PeerByHost(t.Context(), peer.Host, time.Now())
		if err != nil || row.Signing != "rfc9421" || row.PathOnly || row.Unshared {
			t.Errorf("remembered is %+v, %v", row, err)
		}
	})
}
