// Package jobs runs what happens later: readers that follow the log of facts,
// handlers of durable jobs, and schedules.
//
// It knows no feature: whoever has work registers it. Every piece of work is
// leased, so that several processes share one database, and a process that
// dies loses its work to another within LeaseFor. Delivery to other servers
// has cursors of its own, in federation.
package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"drystone/community"
	"drystone/storage"
)

// LeaseFor is how long a process may hold work without a sign of life.
const LeaseFor = 10 * time.Second

// lookAgain is how long a waiting reader sleeps when no bell rings: what other
// processes write rings only theirs.
const lookAgain = time.Second

// turn is how long a reader that was just busy lets facts gather before it
// reads on: every turn is a commit or two, which on a busy server would
// otherwise be as many as the facts. Whoever was idle reads at once.
const turn = 100 * time.Millisecond

// A Reader follows the facts. Handle gets them in order, in a transaction
// that also saves the reader's position, so that what it writes happens once.
type Reader struct {
	Name   string // "facts:…"; names its cursor
	Handle func(ctx context.Context, tx *storage.DB, facts []community.Fact) error
}

// A Handler does one job. The code of its error says what becomes of the job;
// see settle.
type Handler func(ctx context.Context, job *community.Job) error

// Together does jobs of one kind many to a transaction, where that is safe:
// those that ask nobody elsewhere. It is given the jobs in order, to load what
// they need, and returns what does one of them within tx.
type Together func(ctx context.Context, tx *storage.DB, jobs []*community.Job) (Do, error)

// Do does a job and reports whether it did; what is wrong with the job itself
// counts as done. A job that it leaves is handled by itself, and must not have
// written anything. An error undoes the whole transaction.
type Do func(ctx context.Context, job *community.Job) (done bool, err error)

// A Schedule runs again and again, in one process at a time.
type Schedule struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

// Runner runs all of it until its context ends.
type Runner struct {
	DB        *storage.DB
	Log       *slog.Logger
	Now       func() time.Time
	Readers   []Reader
	Handlers  map[string]Handler
	Together  map[string]Together // by kind of job, beside its handler
	Schedules []Schedule

	worker string
}

// Run works until ctx ends, and returns once everything has stopped.
func (r *Runner) Run(ctx context.Context) error {
	r.worker = Worker()
	var wg sync.WaitGroup
	for _, reader := range r.Readers {
		wg.Go(func() { r.follow(ctx, reader) })
	}
	for _, schedule := range r.Schedules {
		wg.Go(func() { r.repeat(ctx, schedule) })
	}
	wg.Go(func() { r.work(ctx) })
	wg.Wait()
	return nil
}

// Worker returns a name for this process that no other has.
func Worker() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:8])
}

// sleep waits for d, a bell or the end, and reports whether to go on.
func sleep(ctx context.Context, d time.Duration, bell <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-bell:
	case <-timer.C:
	}
	return ctx.Err() == nil
}

// A hold is work that this process has leased.
type hold struct {
	name  string
	mu    sync.Mutex
	until time.Time // ours at least until then
}

// keep takes the work or goes on holding it, and reports whether this process
// has it. It writes only when a third of the lease is over, so that idle work
// and busy work both cost next to nothing.
func (r *Runner) keep(ctx context.Context, h *hold) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := r.Now()
	if now.Before(h.until.Add(-2 * LeaseFor / 3)) {
		return true
	}
	until := now.Add(LeaseFor)
	held, err := r.DB.Lease(ctx, h.name, r.worker, now, until)
	if err != nil {
		if ctx.Err() == nil {
			r.Log.Error("jobs: lease", "name", h.name, "error", err)
		}
		h.until = now // it may be ours, and then it is to be given back
		return false
	}
	if !held {
		h.until = time.Time{}
		return false
	}
	h.until = until
	return true
}

// release gives work back, even when ctx has ended.
func (r *Runner) release(ctx context.Context, h *hold) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until.IsZero() {
		return
	}
	h.until = time.Time{}
	if err := r.DB.Release(context.WithoutCancel(ctx), h.name, r.worker); err != nil {
		r.Log.Error("jobs: release", "name", h.name, "error", err)
	}
}

// safely runs f and turns a panic into an error: one poisoned piece of work
// must not end the server.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
