package storage_test

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

func named(kind community.ActorKind, name, host string) *community.Actor {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://" + host + "/" + string(kind) + "/" + name, CreatedAt: now, UpdatedAt: now}
}

// A name that is read as another is not given away, whatever has the other and
// whether or not it is gone; elsewhere names are no business of ours.
func TestLookalikes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		add := func(kind community.ActorKind, name, host string) error {
			return db.AddActor(t.Context(), named(kind, name, host))
		}
		if err := add(community.Person, "modern_Bob", ""); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"modern_bob", "m0dernbob", "MODEM_BOB"} {
			for _, kind := range []community.ActorKind{community.Person, community.GroupKind, community.FeedKind} {
				err := add(kind, name, "")
				if e, ok := fault.As(err); !ok || e.Code != fault.Conflict || e.Field != "name" || !strings.Contains(e.Message, "taken") {
					t.Errorf("a %s called %s: %v", kind, name, err)
				}
			}
		}
		gone := named(community.GroupKind, "walls", "")
		if err := db.AddActor(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if err := db.DeleteActor(t.Context(), gone.ID, gone.CreatedAt); err != nil {
			t.Fatal(err)
		}
		if err := add(community.Person, "wa11s", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("the name of a group that is gone: %v", err)
		}
		for _, host := range []string{"peer.test", "other.test"} {
			if err := add(community.Person, "modem_bob", host); err != nil {
				t.Errorf("somebody elsewhere: %v", err)
			}
		}
	})
}

// Of two who want names that look alike at once, one gets theirs.
func TestLookalikesTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		names := []string{"corn", "com", "c0m", "co_rn"}
		errs := make([]error, len(names))
		var wg sync.WaitGroup
		for i, name := range names {
			wg.Go(func() {
				errs[i] = db.InTx(t.Context(), func(tx *storage.DB) error {
					return tx.AddActor(t.Context(), named(community.Person, name, ""))
				})
			})
		}
		wg.Wait()
		got := 0
		for _, err := range errs {
			if err == nil {
				got++
			} else if !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if got != 1 {
			t.Errorf("%d got their name", got)
		}
	})
}

// What the migration computes for those who are there already is what a new
// name is compared with.
func TestSkeletonsInSQL(t *testing.T) {
	text, err := os.ReadFile("../migrations/sqlite/20261124040000_skeletons.tx.up.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, update, _ := strings.Cut(string(text), "UPDATE")
	update, _, _ = strings.Cut("UPDATE"+update, ";")
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		names := []string{"alice", "ALICE2", "Ian_1", "lan_0", "m0dern_vvalls", "r_n", "__", "_1_", "garden.test", "Irnrnvv"}
		for _, name := range names {
			a := named(community.Person, name, "")
			a.Fold = "fold of " + name
			if _, err := db.Bun().NewInsert().Model(a).Returning("id").Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.Bun().ExecContext(t.Context(), update); err != nil {
			t.Fatal(err)
		}
		var rows []*community.Actor
		if err := db.Bun().NewSelect().Model(&rows).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, a := range rows {
			if want := community.Skeleton(a.Name); a.Skeleton != want {
				t.Errorf("%s: SQL says %q, Go %q", a.Name, a.Skeleton, want)
			}
		}
	})
}

func TestStaff(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		people := map[string]*community.Actor{}
		for name, host := range map[string]string{"ada": "", "mod": "", "member": "", "bob": "", "walls": "", "far": "far.test"} {
			people[name] = named(community.Person, name, host)
			if err := db.AddActor(ctx, people[name]); err != nil {
				t.Fatal(err)
			}
		}
		for name, admin := range map[string]bool{"ada": true, "bob": false} {
			if err := db.AddAccount(ctx, &community.Account{ActorID: people[name].ID, Admin: admin, CreatedAt: people[name].CreatedAt}); err != nil {
				t.Fatal(err)
			}
		}
		for name, m := range map[string]community.Membership{
			"mod":    {GroupID: people["walls"].ID, Role: community.Moderator},
			"member": {GroupID: people["walls"].ID, Role: community.Member},
			"bob":    {GroupID: people["far"].ID, Role: community.Moderator},
		} {
			m.ActorID, m.State, m.CreatedAt = people[name].ID, community.Accepted, people[name].CreatedAt
			if err := db.SaveMembership(ctx, &m); err != nil {
				t.Fatal(err)
			}
		}
		staff, err := db.Staff(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(staff.Admins) != 1 || staff.Admins[0].Name != "ada" || len(staff.Moderators) != 1 || staff.Moderators[0].Name != "mod" {
			t.Errorf("staff %+v", staff)
		}
	})
}
