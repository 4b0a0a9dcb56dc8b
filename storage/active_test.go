package storage_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// TestCountActive: people are counted who did something since, once each, and
// not those who left.
func TestCountActive(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		const day = 24 * time.Hour
		for name, days := range map[string][]int{"often": {100, 29, 0}, "once": {100}, "long_ago": {200}, "never": nil, "left": {1}} {
			who := addActor(t, db, community.Person, name, "")
			if name == "left" {
				if err := db.DeleteActor(ctx, who.ID, noon); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.AddAccount(ctx, &community.Account{ActorID: who.ID, CreatedAt: noon}); err != nil {
				t.Fatal(err)
			}
			for _, ago := range days {
				if err := db.MarkActive(ctx, who.ID, noon.Add(-time.Duration(ago)*day)); err != nil {
					t.Fatal(err)
				}
			}
		}
		elsewhere := addActor(t, db, community.Person, "remote", "lemmy.test")
		if err := db.MarkActive(ctx, elsewhere.ID, noon); err != nil {
			t.Fatal(err)
		}
		month, half, err := db.CountActive(ctx, noon.Add(-30*day), noon.Add(-180*day))
		if err != nil || month != 1 || half != 2 {
			t.Errorf("%d within a month, %d within half a year, %v", month, half, err)
		}
	})
}
