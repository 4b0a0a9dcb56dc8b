package groups_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/storage"
)

// Whoever runs the server says who belongs to a group of it, private or not;
// a ban holds all the same.
func TestEnrol(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.create(t, "open")
		vault, err := w.groups.Create(ctx, w.ada, groups.Draft{Name: "vault", Visibility: community.Private})
		if err != nil {
			t.Fatal(err)
		}
		members := func(name string) int64 {
			if _, err := db.Fold(ctx, 100); err != nil {
				t.Fatal(err)
			}
			g, err := db.ActorByHandle(ctx, community.Handle{Name: name}, community.GroupKind)
			if err != nil {
				t.Fatal(err)
			}
			return g.MemberCount
		}
		for range 2 { // saying it again changes nothing
			for _, name := range []string{"open", "vault"} {
				if err := w.groups.Enrol(ctx, w.bo, name); err != nil {
					t.Fatal(err)
				}
				if m, err := db.Membership(ctx, idOf(t, db, name), w.bo.ID); err != nil || !m.Follows() {
					t.Errorf("in %s: %+v, %v", name, m, err)
				}
				if got := members(name); got != 2 {
					t.Errorf("%s has %d members", name, got)
				}
			}
		}
		for range 2 {
			if err := w.groups.Withdraw(ctx, w.bo, "vault"); err != nil {
				t.Fatal(err)
			}
		}
		if got := members("vault"); got != 1 {
			t.Errorf("vault has %d members in the end", got)
		}

		if err := db.SaveMembership(ctx, &community.Membership{
			GroupID: vault.ID, ActorID: w.bo.ID, Role: community.Member, State: community.Absent, BannedUntil: noon.Add(time.Hour), CreatedAt: noon,
		}); err != nil {
			t.Fatal(err)
		}
		if err := w.groups.Enrol(ctx, w.bo, "vault"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody banned: %v", err)
		}
		if err := w.groups.Enrol(ctx, w.bo, "nowhere"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no group: %v", err)
		}
		if err := w.groups.Withdraw(ctx, w.bo, "nowhere"); err != nil {
			t.Errorf("out of no group: %v", err)
		}
	})
}

func idOf(t *testing.T, db *storage.DB, name string) community.ActorID {
	t.Helper()
	g, err := db.ActorByHandle(t.Context(), community.Handle{Name: name}, community.GroupKind)
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}
