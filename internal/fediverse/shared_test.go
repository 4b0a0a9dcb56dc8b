package fediverse_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// One signature goes to all who take it; who does not gets their own, and is
// remembered. What is for one server is always signed for it.
func TestSharedSignatures(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		home := server.New(t, dsn, func(o *federation.Options) { o.SharedSignatures = true })
		ann := home.User("ann")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		shared := func(d fediverse.Delivery) bool {
			return strings.Contains(d.Header.Get("Signature"), `headers="date digest"`)
		}
		easy, easier, strict := fediverse.NewPeer(t, "lemmy"), fediverse.NewPeer(t, "lemmy"), fediverse.NewPeer(t, "lemmy")
		take := func(d fediverse.Delivery) int {
			if shared(d) {
				return http.StatusAccepted // what is covered is right: see httpsig
			}
			return 0
		}
		easy.Answer(take)
		easier.Answer(take)
		follow(t, home, easy.Person("one"), easier.Person("two"), strict.Person("three"))
		post := func(title string) (found map[*fediverse.Peer]fediverse.Delivery) {
			var p v1.Post
			ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: title}, &p)
			found = map[*fediverse.Peer]fediverse.Delivery{}
			for peer, want := range map[*fediverse.Peer]bool{easy: true, easier: true, strict: false} {
				found[peer] = peer.Await(t, title, func(d fediverse.Delivery) bool {
					return d.Doc.Kind() == as.KindAnnounce && strings.Contains(string(d.Body), p.URL) && shared(d) == want && (want || d.Signature == nil)
				})
			}
			return found
		}
		got := post("First")
		if got[easy].Header.Get("Signature") != got[easier].Header.Get("Signature") {
			t.Error("two servers got different signatures of one activity")
		}
		again := post("Second")
		if again[easy].Header.Get("Signature") == got[easy].Header.Get("Signature") {
			t.Error("two activities have the same signature")
		}
		tries := 0
		for _, d := range strict.Deliveries() {
			if shared(d) {
				tries++
			}
		}
		if tries != 1 {
			t.Errorf("the strict server was asked %d times to take a shared signature, want once", tries)
		}
		for _, peer := range []*fediverse.Peer{easy, easier} {
			for _, d := range peer.Deliveries() {
				if d.Doc.Kind() != as.KindAnnounce && shared(d) {
					t.Errorf("a %s has a shared signature", d.Doc.Kind())
				}
			}
		}
		for peer, want := range map[*fediverse.Peer]bool{easy: false, strict: true} {
			row, err := home.DB.PeerByHost(t.Context(), peer.Host, time.Now())
			if err != nil || row.Unshared != want || row.Signing != "" {
				t.Errorf("remembered is %+v, %v", row, err)
			}
		}
	})
}

// follow makes actors follow the group garden and waits until all are told
// that they do.
func follow(t *testing.T, home *server.Server, actors ...*fediverse.Actor) {
	t.Helper()
	for _, a := range actors {
		activity := map[string]any{"@context": as.NS, "type": "Follow", "id": a.ID + "/f", "actor": a.ID, "object": home.URL + "/c/garden"}
		if status, text := a.Send(t, home.URL+"/inbox", activity); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, text)
		}
		a.Peer.Await(t, "an Accept", func(d fediverse.Delivery) bool { return d.Doc.Kind() == as.KindAccept })
	}
}

// Two of us refuse each other's shared signatures, and nothing is lost.
func TestTwoServersThatShareSignatures(t *testing.T) {
	share := func(o *federation.Options) { o.SharedSignatures = true }
	play(t, server.New(t, testdb.SQLiteDSN(t), share), server.New(t, testdb.SQLiteDSN(t), share))
}
