package storage_test

import (
	"slices"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A peer belongs to whoever leased it, until the lease ends; what another
// process saves meanwhile changes nothing.
func TestPeerLeases(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		var ids []community.PeerID
		for _, host := range []string{"a.test", "b.test", "c.test"} {
			p, err := db.PeerByHost(ctx, host, now)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, p.ID)
		}
		steps := []struct {
			name        string
			worker      string
			ids         []community.PeerID
			at          time.Duration
			kept, taken []community.PeerID
		}{
			{"free ones are taken", "one", ids[:2], 0, nil, ids[:2]},
			{"held ones are not", "two", ids, time.Second, nil, ids[2:]},
			{"one's own are kept", "one", ids, 2 * time.Second, ids[:2], nil},
			{"and kept when the lease has ended", "one", ids[:1], time.Hour, ids[:1], nil},
			{"but others take them then", "two", ids, time.Hour + time.Second, ids[2:], ids[1:2]},
		}
		for _, step := range steps {
			at := now.Add(step.at)
			kept, taken, err := db.LeasePeers(ctx, step.ids, step.worker, at, at.Add(15*time.Second))
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := peerIDs(kept); !slices.Equal(got, step.kept) {
				t.Errorf("%s: kept %v, want %v", step.name, got, step.kept)
			}
			if got := peerIDs(taken); !slices.Equal(got, step.taken) {
				t.Errorf("%s: taken %v, want %v", step.name, got, step.taken)
			}
		}
		var rows []*community.Peer
		for _, id := range ids {
			rows = append(rows, &community.Peer{
				ID: id, Position: 7, Fails: 2, FailingSince: now, LastError: "it's down", DeliveredAt: now,
			})
		}
		held, err := db.SaveDeliveries(ctx, rows, "two", now.Add(2*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(held)
		if !slices.Equal(held, ids[1:]) {
			t.Errorf("saved %v, want %v", held, ids[1:])
		}
		for i, id := range ids {
			p, err := db.Peer(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			saved := p.Position == 7 && p.Fails == 2 && p.FailingSince.Equal(now) && p.LastError == "it's down" &&
				p.NextAttemptAt.IsZero() && p.LeasedUntil.Equal(now.Add(2*time.Hour))
			if saved != (i > 0) {
				t.Errorf("saved = %v for %s: %+v", saved, p.Host, p)
			}
		}
		if err := db.ReleasePeers(ctx, "two"); err != nil {
			t.Fatal(err)
		}
		if _, taken, err := db.LeasePeers(ctx, ids, "three", now, now); err != nil || len(taken) != 2 {
			t.Errorf("after the release %v, %v were taken, want two", peerIDs(taken), err)
		}
	})
}

func peerIDs(peers []*community.Peer) []community.PeerID {
	var ids []community.PeerID
	for _, p := range peers {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}
