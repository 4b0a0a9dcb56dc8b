package storage_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A reader that runs beside writers whose transactions end out of order must
// see every fact once.
func TestReadersSeeEveryFactOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		const writers, each = 8, 30
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := db.InTx(t.Context(), func(tx *storage.DB) error {
						f := community.Fact{Kind: community.PostPublished, ActorID: community.ActorID(w*each + i + 1), At: noon}
						if err := tx.Record(t.Context(), f); err != nil {
							return err
						}
						// Hold some transactions open, so that numbers given out
						// early are committed late.
						if w%2 == 0 {
							time.Sleep(time.Millisecond)
						}
						return nil
					})
					if err != nil {
						t.Errorf("Record = %v", err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		seen := map[community.ActorID]int{}
		var position community.FactID
		read := func() {
			if err := db.NumberFacts(t.Context()); err != nil {
				t.Fatal(err)
			}
			facts, err := db.Facts(t.Context(), position, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range facts {
				seen[f.ActorID]++
				position = f.ID
			}
		}
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			read()
		}
		for range writers * each {
			read()
		}
		for id := community.ActorID(1); id <= writers*each; id++ {
			if seen[id] != 1 {
				t.Errorf("fact %d was seen %d times", id, seen[id])
			}
		}
	})
}

func TestACursorHasOneReader(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, name := t.Context(), "facts:test"
		lease := func(worker string, now time.Time) bool {
			held, err := db.Lease(ctx, name, worker, now, now.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return held
		}
		if !lease("one", noon) || !lease("one", noon.Add(time.Second)) {
			t.Fatal("the first reader cannot take and keep the cursor")
		}
		if lease("two", noon.Add(30*time.Second)) {
			t.Fatal("two readers hold one cursor")
		}
		if err := db.Advance(ctx, name, "one", 5); err != nil {
			t.Fatalf("Advance by its holder = %v", err)
		}
		if !lease("two", noon.Add(2*time.Minute)) {
			t.Fatal("a lease that ran out is not taken over")
		}
		if err := db.Advance(ctx, name, "one", 6); !fault.Is(err, fault.Conflict) {
			t.Errorf("Advance by who lost the cursor = %v, want a conflict", err)
		}
		if at, err := db.Position(ctx, name); err != nil || at != 5 {
			t.Errorf("Position = %d, %v; want 5: a takeover must not lose the place", at, err)
		}
	})
}

func TestFactsAreTrimmedBehindTheSlowestReader(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for range 10 {
			if err := db.Record(ctx, community.Fact{Kind: community.VoteCast, ActorID: 1, At: noon}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.NumberFacts(ctx); err != nil {
			t.Fatal(err)
		}
		for name, at := range map[string]community.FactID{"facts:fast": 10, "facts:slow": 4} {
			if _, err := db.Lease(ctx, name, "w", noon, noon); err != nil {
				t.Fatal(err)
			}
			if err := db.Advance(ctx, name, "w", at); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.TrimFacts(ctx, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		left, err := db.Facts(ctx, 0, 100)
		if err != nil || len(left) != 6 || left[0].ID != 5 {
			t.Errorf("%d facts are left (%v); want 5 to 10", len(left), err)
		}
	})
}

// TestRecordingReadsNoLog: on SQLite, where a fact gets its number at once, the
// log is searched by its index for it, however long it is.
func TestRecordingReadsNoLog(t *testing.T) {
	db := testdb.SQLite(t)
	var asked statements
	db.Bun().AddQueryHook(&asked) //nolint:staticcheck // what it advises is another one than db asks by
	if err := db.Record(t.Context(), community.Fact{Kind: community.VoteCast, ActorID: 1, At: noon}); err != nil {
		t.Fatal(err)
	}
	reads := 0
	for _, query := range slices.Clone(asked) {
		if !strings.HasPrefix(query, "SELECT") {
			continue
		}
		var id, parent, unused int
		var plan string
		if err := db.Bun().QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &unused, &plan); err != nil {
			t.Fatal(err)
		}
		reads++
		if !strings.Contains(plan, "facts_order") {
			t.Errorf("%s: %s", query, plan)
		}
	}
	if reads == 0 {
		t.Errorf("nothing was looked at, of %q", asked)
	}
}

// statements is what a database is asked.
type statements []string

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (s *statements) AfterQuery(_ context.Context, e *bun.QueryEvent) { *s = append(*s, e.Query) }
