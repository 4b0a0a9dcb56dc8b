package storage_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What is for everybody reaches every server on which somebody is known, at
// one inbox, whether or not it follows anything.
func TestEverybodyHears(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		alice := addActor(t, db, community.Person, "alice", "")
		one, two := addActor(t, db, community.Person, "one", "l.test"), addActor(t, db, community.Person, "two", "l.test")
		shared := addActor(t, db, community.Person, "three", "m.test")
		shared.SharedInbox = "https://m.test/inbox"
		if err := db.SaveRemoteActor(ctx, shared); err != nil {
			t.Fatal(err)
		}
		addActor(t, db, community.Person, "four", "m.test")
		left := addActor(t, db, community.Person, "left", "g.test")
		if err := db.DeleteActor(ctx, left.ID, noon); err != nil {
			t.Fatal(err)
		}
		stranger, err := db.PeerByHost(ctx, "s.test", noon)
		if err != nil {
			t.Fatal(err)
		}
		last := say(t, db, community.Activity{ActorID: alice.ID, Audience: community.Everybody, Public: true})

		list, err := db.Listeners(ctx, community.Everybody)
		if err != nil {
			t.Fatal(err)
		}
		var ids []community.PeerID
		for _, l := range list {
			ids = append(ids, l.PeerID)
		}
		if diff := cmp.Diff([]community.PeerID{one.PeerID, shared.PeerID}, ids); diff != "" {
			t.Errorf("hears (-want +got):\n%s", diff)
		}
		for peer, want := range map[community.PeerID][]string{
			two.PeerID: {one.Inbox}, shared.PeerID: {"https://m.test/inbox"}, left.PeerID: nil, stranger.ID: nil,
		} {
			got, err := db.AudienceInboxes(ctx, community.Everybody, peer)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("at server %d (-want +got):\n%s", peer, diff)
			}
		}
		peer, err := db.Peer(ctx, one.PeerID)
		if err != nil {
			t.Fatal(err)
		}
		due, err := db.ActivitiesFor(ctx, peer, 0, 10)
		if err != nil || len(due) != 1 || due[0].ID != last {
			t.Errorf("%d activities are due, %v", len(due), err)
		}
		waiting, err := db.PeersWithDeliveries(ctx)
		if err != nil || len(waiting) != 4 {
			t.Errorf("%d servers wait, %v", len(waiting), err)
		}
		views, err := db.PeerViews(ctx, []*community.Peer{peer})
		if err != nil || views[0].Waiting != 1 {
			t.Errorf("shown as waiting: %+v, %v", views, err)
		}
		peer.Position = last
		saveDelivery(t, db, peer)
		if due, err = db.ActivitiesFor(ctx, peer, peer.Position, 10); err != nil || len(due) != 0 {
			t.Errorf("it hears %d again, %v", len(due), err)
		}
	})
}
