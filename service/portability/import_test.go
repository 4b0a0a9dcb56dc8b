package portability_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/portability"
	"drystone/storage"
)

// A traveller brings lists along to a server whose clock the test sets.
type traveller struct {
	t       *testing.T
	db      *storage.DB
	s       *portability.Service
	account *community.Account
	who     *community.Actor
	now     time.Time
	asked   []string // whom other servers were asked for
	fails   map[string]error
}

func newTraveller(t *testing.T, db *storage.DB) *traveller {
	t.Helper()
	w := &traveller{t: t, db: db, now: noon, fails: map[string]error{}}
	w.s, w.account = newService(t, db, 0)
	w.who = &community.Actor{ID: w.account.ActorID}
	w.s.Now = func() time.Time { return w.now }
	w.s.Actions = portability.Actions{
		Find: func(_ context.Context, _ *community.Actor, address string) (*community.Actor, error) {
			w.asked = append(w.asked, address)
			if err := w.fails[address]; err != nil {
				return nil, err
			}
			return w.group(address), nil
		},
		Join: func(ctx context.Context, by, group *community.Actor) (*community.Membership, error) {
			m := &community.Membership{GroupID: group.ID, ActorID: by.ID, Role: community.Member, State: community.Pending, CreatedAt: noon}
			return m, db.SaveMembership(ctx, m)
		},
	}
	return w
}

func (w *traveller) group(address string) *community.Actor {
	w.t.Helper()
	name, host, _ := strings.Cut(address, "@")
	found, err := w.db.ActorByHandle(w.t.Context(), community.Handle{Name: name, Host: host})
	if err == nil {
		return found
	}
	g := &community.Actor{
		Kind: community.GroupKind, Name: name, Fold: name, Host: host, IRI: "https://" + host + "/c/" + name, CreatedAt: noon, UpdatedAt: noon,
	}
	testdb.Add(w.t, w.db, g)
	return g
}

func (w *traveller) bring(lines ...string) {
	w.t.Helper()
	text := "Account address,Show boosts\n" + strings.Join(lines, ",true\n") + ",true\n"
	if _, err := w.s.Receive(w.t.Context(), w.account, w.who, []portability.Upload{upload("follows.csv", text)}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.s.Start(w.t.Context(), w.account, false); err != nil {
		w.t.Fatal(err)
	}
}

// work does what is due, the last job twice: the server dies before it notes
// that it is done.
func (w *traveller) work() {
	w.t.Helper()
	for range 100 {
		var due []*community.Job
		err := w.db.Bun().NewSelect().Model(&due).Where("kind = ? AND done_at IS NULL AND run_at <= ?", portability.JobImport, w.now).OrderExpr("id").Scan(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		for _, job := range due {
			for range 2 {
				if err := w.s.GoOn(w.t.Context(), job); err != nil {
					w.t.Fatal(err)
				}
			}
			if err := w.db.FinishJobs(w.t.Context(), []community.JobID{job.ID}, w.now); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.t.Fatal("the work does not end")
}

func (w *traveller) line(target string) *community.ImportLine {
	w.t.Helper()
	lines, err := w.s.Lines(w.t.Context(), w.account, nil, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range lines {
		if l.Target == target {
			return l
		}
	}
	w.t.Fatalf("there is no line about %s", target)
	return nil
}

// A server is left alone between two questions, while others are asked.
func TestServersAreAskedSlowly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newTraveller(t, db)
		w.s.Pace = time.Hour
		w.bring("a@one.example", "b@one.example", "c@two.example", "d@one.example")
		for _, want := range []string{"a@one.example c@two.example", "b@one.example", "d@one.example", ""} {
			w.asked = nil
			w.work()
			if got := strings.Join(w.asked, " "); got != want {
				t.Errorf("at %s %q are asked for, want %q", w.now.Format("15:04"), got, want)
			}
			w.now = w.now.Add(time.Hour)
		}
		p, err := w.s.Import(t.Context(), w.account)
		if err != nil || p.State != community.ImportDone {
			t.Errorf("it is %+v, %v", p, err)
		}
		if l := w.line("b@one.example"); l.Outcome != community.AskedFor || l.Attempts != 1 {
			t.Errorf("a line ends as %+v", l)
		}
	})
}

// What a server is down for is tried again, and what is wrong is not.
func TestLinesThatFail(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newTraveller(t, db)
		w.s.Pace = time.Millisecond
		w.fails["down@one.example"] = fault.New(fault.Unavailable, "one.example does not answer.")
		w.fails["back@two.example"] = fault.New(fault.Unavailable, "two.example does not answer.")
		w.fails["none@three.example"] = fault.New(fault.NotFound, "Nothing was found.")
		w.bring("down@one.example", "back@two.example", "none@three.example", "fine@four.example")
		w.work()
		delete(w.fails, "back@two.example")
		for range 10 {
			w.now = w.now.Add(time.Hour)
			w.work()
		}
		for target, want := range map[string]struct {
			outcome community.Outcome
			tries   int
			reason  string
		}{
			"down@one.example": {community.Failed, 4, "one.example does not answer."}, "back@two.example": {community.AskedFor, 2, ""},
			"none@three.example": {community.Failed, 1, "Nothing was found."}, "fine@four.example": {community.AskedFor, 1, ""},
		} {
			if l := w.line(target); l.Outcome != want.outcome || l.Attempts != want.tries || l.Reason != want.reason {
				t.Errorf("%s ends as %+v, want %+v", target, l, want)
			}
		}
	})
}

// One import runs at a time, and it can be stopped.
func TestStoppingAnImport(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newTraveller(t, db)
		ctx := t.Context()
		w.bring("a@one.example", "b@one.example")
		file := upload("follows.csv", "Account address,Show boosts\nc@one.example,true\n")
		if _, err := w.s.Receive(ctx, w.account, w.who, []portability.Upload{file}); !fault.Is(err, fault.Conflict) {
			t.Errorf("another beside it: %v", err)
		}
		if err := w.s.Start(ctx, w.account, true); !fault.Is(err, fault.Conflict) {
			t.Errorf("started twice: %v", err)
		}
		w.work()
		if err := w.s.Stop(ctx, w.account); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		var due []*community.Job
		if err := db.Bun().NewSelect().Model(&due).Where("kind = ? AND done_at IS NULL", portability.JobImport).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		for _, job := range due {
			if err := w.s.GoOn(ctx, job); !fault.Is(err, fault.NotFound) {
				t.Errorf("the rest goes on: %v", err)
			}
		}
		if len(w.asked) != 1 {
			t.Errorf("%q were asked for", w.asked)
		}
		if _, err := w.s.Receive(ctx, w.account, w.who, []portability.Upload{file}); err != nil {
			t.Errorf("another after it: %v", err)
		}
	})
}
