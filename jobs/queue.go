package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Lanes is how many lanes the queue has. Jobs of one lane run one after
// another, so whoever needs order (an inbox, per sender) hashes into a lane.
const Lanes = 64

const (
	atOnce   = 16 // lanes worked on at the same time by one process
	laneRun  = 64 // jobs taken from a lane at once
	tries    = 5  // of a job that fails by our fault, before it is parked
	mostTime = 12 // failures of a job that waits for somebody else
)

// A crew is the lanes that one process works on.
type crew struct {
	mu    sync.Mutex
	busy  map[int64]bool
	holds map[int64]*hold
	slots chan struct{} // bounds lanes at work
	freed chan struct{} // a lane ended; look again
	wg    sync.WaitGroup
}

// start marks a lane as worked on; false if it is already.
func (c *crew) start(lane int64) (*hold, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[lane] {
		return nil, false
	}
	c.busy[lane] = true
	if c.holds[lane] == nil {
		c.holds[lane] = &hold{name: fmt.Sprintf("lane:%d", lane)}
	}
	return c.holds[lane], true
}

// end marks a lane as left, and has the queue looked at again if anything was
// done: more may have come meanwhile.
func (c *crew) end(lane int64, did bool) {
	c.mu.Lock()
	delete(c.busy, lane)
	c.mu.Unlock()
	<-c.slots
	if !did {
		return
	}
	select {
	case c.freed <- struct{}{}:
	default:
	}
}

// work runs due jobs until ctx ends.
func (r *Runner) work(ctx context.Context) {
	c := &crew{
		busy: map[int64]bool{}, holds: map[int64]*hold{},
		slots: make(chan struct{}, atOnce), freed: make(chan struct{}, 1),
	}
	defer func() {
		c.wg.Wait()
		for _, held := range c.holds {
			r.release(ctx, held)
		}
	}()
	for ctx.Err() == nil {
		bell := r.DB.Wait(storage.NewJobs)
		lanes, err := r.DB.DueLanes(ctx, r.Now())
		if err != nil && ctx.Err() == nil {
			r.Log.Error("jobs: due lanes", "error", err)
		}
		for _, lane := range lanes {
			held, ok := c.start(lane)
			if !ok {
				continue
			}
			c.slots <- struct{}{}
			c.wg.Go(func() { c.end(lane, r.lane(ctx, lane, held)) })
		}
		r.rest(ctx, bell, c.freed)
	}
}

// rest waits until there may be work: a bell, a lane that ended, or a while.
func (r *Runner) rest(ctx context.Context, bell, freed <-chan struct{}) {
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-bell:
	case <-freed:
	case <-timer.C:
	}
}

// lane works off one lane while it has due jobs, and reports whether it did
// any.
func (r *Runner) lane(ctx context.Context, lane int64, held *hold) (did bool) {
	for ctx.Err() == nil && r.keep(ctx, held) {
		jobs, err := r.DB.DueJobs(ctx, lane, r.Now(), laneRun)
		if err != nil && ctx.Err() == nil {
			r.Log.Error("jobs: due jobs", "lane", lane, "error", err)
		}
		if err != nil || len(jobs) == 0 || !r.run(ctx, held, jobs) {
			return did
		}
		did = true
	}
	return did
}

// run does a lane's jobs in order. Finished jobs are noted together: a crash
// before that runs some again, and every handler may be run again. It reports
// whether to go on.
func (r *Runner) run(ctx context.Context, held *hold, jobs []*community.Job) (ok bool) {
	var done []community.JobID
	defer func() {
		if err := r.DB.FinishJobs(context.WithoutCancel(ctx), done, r.Now()); err != nil {
			r.Log.Error("jobs: finish", "error", err)
			ok = false
		}
	}()
	for len(jobs) > 0 {
		if ctx.Err() != nil || !r.keep(ctx, held) {
			return false
		}
		if n := r.together(ctx, jobs); n > 0 {
			jobs = jobs[n:]
			continue
		}
		job := jobs[0]
		jobs = jobs[1:]
		err := safely(func() error { return r.handle(ctx, job) })
		if ctx.Err() != nil && err != nil {
			return false // cut short, not failed
		}
		if r.settle(ctx, job, err) {
			done = append(done, job.ID)
		}
	}
	return true
}

// together does as many of the first jobs as can be done in one transaction,
// their being done included, and returns how many that were.
func (r *Runner) together(ctx context.Context, jobs []*community.Job) int {
	const longest = 100 * time.Millisecond // others write too
	if kind, ok := r.Together[jobs[0].Kind]; !ok || !kind.Can(jobs[0]) {
		return 0
	}
	var done []community.JobID
	err := r.DB.InTx(ctx, func(tx *storage.DB) error {
		done = done[:0]
		until := time.Now().Add(longest)
		for _, job := range jobs {
			kind, ok := r.Together[job.Kind]
			if !ok || !kind.Can(job) || time.Now().After(until) {
				break
			}
			var did bool
			err := safely(func() (err error) {
				did, err = kind.Do(ctx, tx, job)
				return err
			})
			if err != nil {
				return err
			}
			if !did {
				break
			}
			done = append(done, job.ID)
		}
		return tx.FinishJobs(ctx, done, r.Now())
	})
	if err != nil {
		r.Log.Debug("jobs: not together", "kind", jobs[0].Kind, "error", err)
		return 0
	}
	return len(done)
}

func (r *Runner) handle(ctx context.Context, job *community.Job) error {
	handler := r.Handlers[job.Kind]
	if handler == nil {
		return fmt.Errorf("jobs: nobody handles %q", job.Kind)
	}
	return handler(ctx, job)
}

// settle decides what becomes of a job by the code of its error (STYLE.md):
// what is wrong with the job itself drops it, what waits for somebody else is
// tried again later, and what is our fault is tried a few times and parked.
func (r *Runner) settle(ctx context.Context, job *community.Job, err error) (finished bool) {
	code := fault.CodeOf(err)
	log := r.Log.With("job", job.ID, "kind", job.Kind, "sender", job.Sender)
	switch code {
	case fault.None, fault.Conflict:
		return true
	case fault.Invalid, fault.Forbidden, fault.NotFound, fault.Unauthenticated, fault.TooLarge:
		log.Debug("jobs: dropped", "reason", err)
		return true
	}
	job.Attempts++
	job.Error = err.Error()
	now := r.Now()
	most := tries
	if code == fault.Unavailable || code == fault.RateLimited {
		most = mostTime
	}
	if job.Attempts >= most {
		job.ParkedAt = now
		log.Error("jobs: parked", "attempts", job.Attempts, "error", err)
	} else {
		job.RunAt = now.Add(community.Backoff(job.Attempts + 2))
		log.Warn("jobs: will try again", "attempts", job.Attempts, "at", job.RunAt, "error", err)
	}
	if err := r.DB.SaveJob(context.WithoutCancel(ctx), job); err != nil {
		log.Error("jobs: save", "error", err)
	}
	return false
}
