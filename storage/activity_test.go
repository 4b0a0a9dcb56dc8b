package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// say appends an activity and returns its position.
func say(t *testing.T, db *storage.DB, a community.Activity) community.ActivityID {
	t.Helper()
	head, err := db.ActivityHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.IRI, a.Kind, a.Body = fmt.Sprintf("https://here.test/activities/%d", head+1), "Announce", []byte("{}")
	if a.CreatedAt.IsZero() {
		a.CreatedAt = noon
	}
	if err := db.AddActivity(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// saveDelivery stores how far deliveries to p have come, as who delivers does.
func saveDelivery(t *testing.T, db *storage.DB, p *community.Peer) {
	t.Helper()
	later := noon.Add(time.Minute)
	if _, _, err := db.LeasePeers(t.Context(), []community.PeerID{p.ID}, "me", noon, later); err != nil {
		t.Fatal(err)
	}
	saved, err := db.SaveDeliveries(t.Context(), []*community.Peer{p}, "me", later)
	if err != nil || len(saved) != 1 {
		t.Fatalf("SaveDeliveries = %v, %v", saved, err)
	}
}

func TestWhoHearsWhat(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		garden, bread := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.GroupKind, "bread", "")
		peer := func(host, software string) *community.Peer {
			p, err := db.PeerByHost(ctx, host, noon)
			if err != nil {
				t.Fatal(err)
			}
			p.Software = software
			if err := db.SavePeerSoftware(ctx, p); err != nil {
				t.Fatal(err)
			}
			return p
		}
		lemmy, mastodon, unknown := peer("l.test", "lemmy"), peer("m.test", "mastodon"), peer("u.test", "")
		follow := func(a *community.Actor, p *community.Peer) {
			if err := db.AddAudience(ctx, a.ID, p.ID); err != nil {
				t.Fatal(err)
			}
		}
		before := say(t, db, community.Activity{ActorID: garden.ID, Audience: garden.ID, Form: community.Wrapped, Public: true})
		for _, p := range []*community.Peer{lemmy, mastodon, unknown} {
			follow(garden, p)
		}
		wrapped := say(t, db, community.Activity{ActorID: garden.ID, Audience: garden.ID, Form: community.Wrapped, Public: true})
		boost := say(t, db, community.Activity{ActorID: garden.ID, Audience: garden.ID, Form: community.Boosted, Public: true})
		toAll := say(t, db, community.Activity{ActorID: garden.ID, Audience: garden.ID, Public: true})
		say(t, db, community.Activity{ActorID: bread.ID, Audience: bread.ID, Form: community.Wrapped, Public: true})
		direct := say(t, db, community.Activity{ActorID: garden.ID, PeerID: mastodon.ID, Inbox: "https://m.test/inbox"})
		say(t, db, community.Activity{ActorID: garden.ID, Public: true}) // only kept
		follow(bread, lemmy)                                             // too late for what bread said

		want := map[*community.Peer][]community.ActivityID{
			lemmy: {wrapped, toAll}, mastodon: {boost, toAll, direct}, unknown: {wrapped, boost, toAll},
		}
		for p, ids := range want {
			for _, limit := range []int{1, 100} {
				var got []community.ActivityID
				for at := community.ActivityID(0); ; {
					list, err := db.ActivitiesFor(ctx, p, at, limit)
					if err != nil {
						t.Fatal(err)
					}
					if len(list) == 0 {
						break
					}
					for _, a := range list {
						got, at = append(got, a.ID), a.ID
					}
				}
				if diff := cmp.Diff(ids, got); diff != "" {
					t.Errorf("%s, %d at a time, hears (-want +got):\n%s", p.Host, limit, diff)
				}
			}
		}
		_ = before

		due, err := db.PeersWithDeliveries(ctx)
		if err != nil || len(due) != 3 {
			t.Errorf("%d servers wait for something, %v; want 3", len(due), err)
		}
		for p, ids := range want {
			p.Position = ids[len(ids)-1]
			saveDelivery(t, db, p)
		}
		if due, err = db.PeersWithDeliveries(ctx); err != nil || len(due) != 0 {
			t.Errorf("after everything was delivered %d servers wait, %v", len(due), err)
		}
	})
}

func TestAnAudienceCountsItsFollowers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		garden := addActor(t, db, community.GroupKind, "garden", "")
		far := addActor(t, db, community.Person, "far", "far.test")
		for range 2 {
			if err := db.AddAudience(ctx, garden.ID, far.PeerID); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []int{1, 0} {
			if err := db.DropAudience(ctx, garden.ID, far.PeerID); err != nil {
				t.Fatal(err)
			}
			if list, err := db.Listeners(ctx, garden.ID); err != nil || len(list) != want {
				t.Errorf("%d servers listen, %v; want %d", len(list), err, want)
			}
		}
	})
}

func TestOldWordsToFollowersAreForgotten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		far := addActor(t, db, community.Person, "far", "far.test")
		old := noon.Add(-60 * 24 * time.Hour)
		public := say(t, db, community.Activity{ActorID: far.ID, Public: true, CreatedAt: old})
		say(t, db, community.Activity{ActorID: far.ID, Audience: far.ID, CreatedAt: old})
		delivered := say(t, db, community.Activity{ActorID: far.ID, PeerID: far.PeerID, CreatedAt: old})
		waiting := say(t, db, community.Activity{ActorID: far.ID, PeerID: far.PeerID, CreatedAt: old})
		fresh := say(t, db, community.Activity{ActorID: far.ID, Audience: far.ID})
		last := say(t, db, community.Activity{ActorID: far.ID, Audience: far.ID, CreatedAt: old}) // positions go on from it
		saveDelivery(t, db, &community.Peer{ID: far.PeerID, Position: delivered})
		if err := db.TrimActivities(ctx, noon.Add(-30*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		left, err := db.ActivitiesAfter(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var ids []community.ActivityID
		for _, a := range left {
			ids = append(ids, a.ID)
		}
		if diff := cmp.Diff([]community.ActivityID{public, waiting, fresh, last}, ids); diff != "" {
			t.Errorf("what is left (-want +got):\n%s", diff)
		}
	})
}
