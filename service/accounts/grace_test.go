package accounts

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

// administrator is somebody who administers the server.
func (w *world) administrator(t *testing.T, name string) *Who {
	t.Helper()
	return must(w.Create(t.Context(), SignUp{Name: name, Password: password, Admin: true}))(t)
}

// Two administrators do not both leave, also when the other is only about to
// go.
func TestWhoIsLeavingCountsNoMore(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		first, second := w.administrator(t, "first"), w.administrator(t, "second")
		wantCode(t, w.Leave(ctx, first, false), fault.None)
		wantCode(t, w.Leave(ctx, second, false), fault.Conflict)
		wantCode(t, w.Leave(ctx, first, true), fault.Forbidden)
		wantCode(t, w.Return(ctx, first), fault.None)
		wantCode(t, w.Leave(ctx, second, false), fault.None)
	})
}

// The grace is two weeks, and near its end there is a reminder.
func TestTheGrace(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		db.SendLetters(true)
		w.administrator(t, "ada")
		erin := must(w.Create(ctx, SignUp{Name: "erin", Password: password}))(t)
		erin.Account.SetEmail("erin@mail.example", noon)
		if err := db.SaveAccount(ctx, erin.Account); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.StartSession(ctx, erin, "a browser"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, w.Leave(ctx, erin, false), fault.None)
		if left := must(w.Sessions(ctx, erin, community.BrowserSession))(t); len(left) != 0 {
			t.Errorf("%d browsers are still signed in", len(left))
		}
		for _, step := range []struct {
			after   time.Duration
			letters int64
			there   bool
		}{
			{0, 1, true},
			{11 * 24 * time.Hour, 1, true},
			{12*24*time.Hour + time.Minute, 2, true},
			{13 * 24 * time.Hour, 2, true},
			{14*24*time.Hour - time.Second, 2, true},
			{14 * 24 * time.Hour, 2, false},
			{15 * 24 * time.Hour, 2, false},
		} {
			w.time.Store(noon.Add(step.after).UnixNano())
			wantCode(t, w.EndGraces(ctx), fault.None)
			if n := must(db.JobsWaiting(ctx, community.JobLetter))(t); n != step.letters {
				t.Errorf("after %s there are %d letters, want %d", step.after, n, step.letters)
			}
			if gone := must(db.Actor(ctx, erin.Actor.ID))(t).Gone(); gone == step.there {
				t.Errorf("after %s gone is %t", step.after, gone)
			}
		}
	})
}
