package federation

import (
	"encoding/json"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Relays hear of nothing until they accepted us, and then of public posts
// alone, each in its own style.
func TestTellRelays(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		server, err := s.Accounts.Instance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		addTestPost(t, db, community.Post{ID: 7, GroupID: gardenID, AuthorID: aliceID, Title: "Seedlings"})
		addTestPost(t, db, community.Post{ID: 8, GroupID: gardenID, AuthorID: aliceID, Title: "Beans"})
		addTestPost(t, db, community.Post{ID: 9, GroupID: catsID, AuthorID: aliceID, Title: "Cats"})
		hub := &community.Relay{
			Address: "https://hub.test/inbox", Style: community.MastodonRelay, Inbox: "https://hub.test/inbox",
			Follow: "https://home.test/activities/follow/relay-1", State: community.RelayAsked, CreatedAt: noon,
		}
		pub := &community.Relay{
			Address: "https://pub.test/relay", Style: community.LitePubRelay, Inbox: "https://pub.test/relay/inbox", Actor: "https://pub.test/relay",
			Follow: "https://home.test/activities/follow/relay-2", State: community.RelayAsked, CreatedAt: noon,
		}
		testdb.Add(t, db, hub, pub,
			&community.Peer{ID: 50, Host: "hub.test", CreatedAt: noon}, &community.Peer{ID: 51, Host: "pub.test", CreatedAt: noon})
		published := func(group community.ActorID, id community.PostID) map[string]*community.Activity {
			heard := map[string]*community.Activity{}
			for _, a := range tell(t, s, community.Fact{Kind: community.PostPublished, ActorID: aliceID, GroupID: group, PostID: id}) {
				heard[a.Inbox] = a
			}
			return heard
		}
		if heard := published(gardenID, 7); heard[hub.Inbox] != nil || heard[pub.Inbox] != nil {
			t.Error("a relay heard of a post before it accepted us")
		}
		about := func(kind community.FactKind, r *community.Relay) community.Fact {
			return community.Fact{Kind: kind, ActorID: server.ID, ItemID: int64(r.ID), IRI: r.Follow}
		}
		one := func(name string, f community.Fact, inbox string) {
			t.Helper()
			rows := tell(t, s, f)
			if len(rows) != 1 || rows[0].Inbox != inbox || rows[0].Public {
				t.Fatalf("%s: %d rows", name, len(rows))
			}
			golden(t, name, rows[0].Body)
		}
		one("follow_relay", about(community.RelayJoined, hub), hub.Inbox)
		one("follow_relay_actor", about(community.RelayJoined, pub), pub.Inbox)
		followed := about(community.RelayFollowed, pub)
		followed.Raw = json.RawMessage(`{"type":"Follow","id":"https://pub.test/follows/1","actor":"https://pub.test/relay","object":"https://home.test/"}`)
		one("accept_relay", followed, pub.Inbox)

		hub.State, hub.Actor, pub.State = community.RelayAccepted, "https://hub.test/actor", community.RelayAccepted
		for _, r := range []*community.Relay{hub, pub} {
			if err := db.SaveRelay(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		heard := published(gardenID, 8)
		if a := heard[hub.Inbox]; a == nil || a.Kind != "Create" {
			t.Errorf("the relay of Mastodon's style heard %v", a)
		}
		if a := heard[pub.Inbox]; a == nil || a.Kind != "Announce" {
			t.Errorf("the relay of LitePub's style heard %v", a)
		} else {
			golden(t, "announce_to_relay", a.Body)
		}
		if heard := published(catsID, 9); heard[hub.Inbox] != nil || heard[pub.Inbox] != nil {
			t.Error("a relay heard of a post that is another server's to tell")
		}
		undone := false
		for _, a := range tell(t, s, community.Fact{Kind: community.PostDeleted, ActorID: aliceID, GroupID: gardenID, PostID: 8}) {
			if a.Inbox == pub.Inbox {
				undone = a.Kind == "Undo"
				golden(t, "undo_announce_to_relay", a.Body)
			}
		}
		if !undone {
			t.Error("the relay still shows what was deleted")
		}
		one("undo_follow_relay", about(community.RelayQuit, hub), hub.Inbox)
	})
}
