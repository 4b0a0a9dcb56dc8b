package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/jobs"
	"drystone/storage"
)

// start runs r until the test ends.
func start(t *testing.T, r *jobs.Runner) (stop func()) {
	t.Helper()
	r.Log = slog.New(slog.DiscardHandler)
	if r.Now == nil {
		r.Now = time.Now
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.Run(ctx); err != nil {
			t.Errorf("Run = %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// notes collects what handlers saw.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, s)
}

func (n *notes) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.list...)
}

func add(t *testing.T, db *storage.DB, list ...*community.Job) int {
	t.Helper()
	for _, job := range list {
		job.CreatedAt = time.Now()
		job.RunAt = job.CreatedAt
	}
	n, err := db.AddJobs(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestJobsOfALaneRunInOrderAndOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		var lanes [3]notes
		handler := func(_ context.Context, job *community.Job) error {
			lanes[job.Lane].add(string(job.Body))
			return nil
		}
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint(i))
			for lane := range lanes {
				add(t, db, &community.Job{Kind: "say", Lane: int64(lane), Body: []byte(fmt.Sprint(i))})
			}
		}
		// Two processes share the work.
		for range 2 {
			start(t, &jobs.Runner{DB: db, Handlers: map[string]jobs.Handler{"say": handler}})
		}
		for lane := range lanes {
			eventually(t, "all jobs ran", func() bool { return len(lanes[lane].all()) >= len(want) })
			if diff := cmp.Diff(want, lanes[lane].all()); diff != "" {
				t.Errorf("lane %d (-want +got):\n%s", lane, diff)
			}
		}
	})
}

func TestWhatBecomesOfAJob(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		runs   int
		done   bool
		parked bool
	}{
		{"it works", nil, 1, true, false},
		{"it was done before", fault.New(fault.Conflict, "known"), 1, true, false},
		{"it is wrong", fault.New(fault.Invalid, "wrong"), 1, true, false},
		{"it may not", fault.New(fault.Forbidden, "no"), 1, true, false},
		{"it is about nothing", fault.New(fault.NotFound, "gone"), 1, true, false},
		{"our fault", errors.New("boom"), 5, false, true},
		{"a peer is down", fault.New(fault.Unavailable, "later"), 12, false, true},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				var clock sync.Mutex
				now := time.Now().Add(time.Hour)
				runs := 0
				job := &community.Job{Kind: test.name, Key: []byte(test.name), Body: []byte("x")}
				add(t, db, job)
				handler := func(context.Context, *community.Job) error {
					clock.Lock()
					defer clock.Unlock()
					runs++
					return test.err
				}
				stop := start(t, &jobs.Runner{
					DB: db, Handlers: map[string]jobs.Handler{test.name: handler},
					Now: func() time.Time { // whatever the backoff, it is over at the next look
						clock.Lock()
						defer clock.Unlock()
						now = now.Add(25 * time.Hour)
						return now
					},
				})
				eventually(t, "nothing waits", func() bool {
					n, err := db.JobsWaiting(t.Context(), test.name)
					return err == nil && n == 0
				})
				stop()
				if runs != test.runs {
					t.Errorf("it ran %d times, want %d", runs, test.runs)
				}
				var got community.Job
				if err := db.Bun().NewSelect().Model(&got).Where("kind = ?", test.name).Scan(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got.DoneAt.IsZero() == test.done || got.ParkedAt.IsZero() == test.parked {
					t.Errorf("done at %v, parked at %v", got.DoneAt, got.ParkedAt)
				}
				if n := add(t, db, &community.Job{Kind: test.name, Key: []byte(test.name)}); n != 0 {
					t.Error("a job with a known key was taken again")
				}
			})
		}
	})
}

func TestAPanicParksTheJobAndNotTheServer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		var saw notes
		start(t, &jobs.Runner{DB: db, Handlers: map[string]jobs.Handler{
			"bad":  func(context.Context, *community.Job) error { panic("poison") },
			"good": func(context.Context, *community.Job) error { saw.add("good"); return nil },
		}})
		add(t, db, &community.Job{Kind: "bad"}, &community.Job{Kind: "good"})
		eventually(t, "the job after the poisoned one ran", func() bool { return len(saw.all()) == 1 })
	})
}

func TestReadersGetFactsInOrderAndWriteOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		var saw notes
		fails := 2
		reader := jobs.Reader{Name: "facts:test", Handle: func(ctx context.Context, tx *storage.DB, facts []community.Fact) error {
			// What a failing turn writes must be undone.
			for _, f := range facts {
				job := &community.Job{Kind: "written", Body: []byte(fmt.Sprint(f.ActorID)), RunAt: time.Now().Add(time.Hour), CreatedAt: time.Now()}
				if _, err := tx.AddJobs(ctx, []*community.Job{job}); err != nil {
					return err
				}
			}
			if fails > 0 {
				fails--
				return errors.New("not yet")
			}
			for _, f := range facts {
				saw.add(fmt.Sprint(f.ActorID))
			}
			return nil
		}}
		start(t, &jobs.Runner{DB: db, Readers: []jobs.Reader{reader}})
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprint(i+1))
			if err := db.Record(t.Context(), community.Fact{Kind: community.VoteCast, ActorID: community.ActorID(i + 1), At: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "all facts were read", func() bool { return len(saw.all()) >= len(want) })
		if diff := cmp.Diff(want, saw.all()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		var n int64
		eventually(t, "the last turn is committed", func() bool {
			var err error
			n, err = db.JobsWaiting(t.Context(), "written")
			return err == nil && int(n) >= len(want)
		})
		if int(n) != len(want) {
			t.Errorf("%d rows were written, want %d", n, len(want))
		}
	})
}

func TestASchedulerIsOne(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		var saw notes
		for i := range 2 {
			start(t, &jobs.Runner{DB: db, Schedules: []jobs.Schedule{{
				Name: "tick", Every: 10 * time.Millisecond,
				Run: func(context.Context) error { saw.add(fmt.Sprint(i)); return nil },
			}}})
		}
		eventually(t, "it ran ten times", func() bool { return len(saw.all()) >= 10 })
		for _, who := range saw.all() {
			if who != saw.all()[0] {
				t.Fatalf("two processes ran one schedule: %v", saw.all())
			}
		}
	})
}

// Jobs that can share a transaction still run in order with those that
// cannot, and one that spoils the transaction spoils nothing else.
func TestJobsTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		var alone notes
		write := func(ctx context.Context, db *storage.DB, body string) error {
			_, err := db.AddJobs(ctx, []*community.Job{{
				Kind: "written", Key: []byte(body), RunAt: time.Now().Add(time.Hour), CreatedAt: time.Now(), Body: []byte(body),
			}})
			return err
		}
		handler := func(ctx context.Context, job *community.Job) error {
			alone.add(string(job.Body))
			return write(ctx, db, string(job.Body))
		}
		together := func(_ context.Context, tx *storage.DB, _ []*community.Job) (jobs.Do, error) {
			return func(ctx context.Context, job *community.Job) (bool, error) {
				switch job.Body[0] {
				case 'l': // needs something else
					return false, nil
				case 'p':
					if err := write(ctx, tx, string(job.Body)); err != nil {
						return false, err
					}
					panic("poison")
				}
				return true, write(ctx, tx, string(job.Body))
			}, nil
		}
		bodies := []string{"a1", "a2", "l3", "a4", "l5", "a6", "p7", "a8", "a9"}
		for _, body := range bodies {
			add(t, db, &community.Job{Kind: "say", Body: []byte(body)})
		}
		start(t, &jobs.Runner{
			DB: db, Handlers: map[string]jobs.Handler{"say": handler}, Together: map[string]jobs.Together{"say": together},
		})
		var got []string
		eventually(t, "everything is written", func() bool {
			got = nil
			err := db.Bun().NewRaw("SELECT body FROM jobs WHERE kind = 'written' ORDER BY id").Scan(t.Context(), &got)
			return err == nil && len(got) >= len(bodies)
		})
		if diff := cmp.Diff(bodies, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		for _, body := range []string{"l3", "l5", "p7"} {
			if !slices.Contains(alone.all(), body) {
				t.Errorf("%s was not handled by itself: %v", body, alone.all())
			}
		}
	})
}
