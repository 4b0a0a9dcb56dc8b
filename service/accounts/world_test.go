package accounts

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// A world is a service whose clock the test moves, and whose passwords and
// keys cost nothing.
type world struct {
	*Service
	time *atomic.Int64
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{time: new(atomic.Int64)}
	w.time.Store(noon.UnixNano())
	var keys atomic.Int64
	svc, err := New(Options{
		DB: db, Origin: "https://garden.test", Host: "garden.test", Name: "The Garden",
		Now: func() time.Time { return time.Unix(0, w.time.Load()) },
		NewKey: func() (string, string, error) {
			n := keys.Add(1)
			return fmt.Sprintf("private %d", n), fmt.Sprintf("public %d", n), nil
		},
		PasswordCost: Cost{Memory: 64, Rounds: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = svc
	return w
}

// joins settles how people come here: everybody at once, without work, until
// change says otherwise.
func (w *world) joins(change func(*community.Joining)) {
	j := community.NewJoining(community.JoinOpen)
	j.Proof, j.PerAddress, j.PerNetwork = 0, 0, 0
	change(&j)
	w.Joining = func(context.Context, *storage.DB) (*community.Joining, error) { return &j, nil }
}

// wait moves the clock.
func (w *world) wait(d time.Duration) { w.time.Add(int64(d)) }

const password = "stone upon stone"

// join makes an account with the password above.
func (w *world) join(t *testing.T, name string) *Who {
	t.Helper()
	return must(w.SignUp(t.Context(), SignUp{Name: name, Password: password}))(t)
}

// must ends the test if there was an error, and returns what came with it:
// must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantCode fails the test unless err has the code.
func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != want {
		t.Errorf("error %v has code %q, want %q", err, got, want)
	}
}

// facts returns the kinds of fact that were recorded.
func facts(t *testing.T, db *storage.DB) []community.FactKind {
	t.Helper()
	if err := db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	var kinds []community.FactKind
	for _, fact := range must(db.Facts(t.Context(), 0, 100))(t) {
		kinds = append(kinds, fact.Kind)
	}
	return kinds
}

// each runs f on both databases.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) { f(t, newWorld(t, db)) })
}

func ptr[T any](v T) *T { return &v }
