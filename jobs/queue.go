package jobs

import (
	"context"
	"fmt"
	"slices"
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
	atOnce   = 16  // lanes of which one process does jobs one by one, at the same time
	laneRun  = 64  // jobs taken from such a lane at once
	batchRun = 256 // jobs taken together
	leastRun = 4   // of them, from every lane
	tries    = 5   // of a job that fails by our fault, before it is parked
	mostTime = 12  // failures of a job that waits for somebody else
)

// A part is every so many-th lane: as many parts as transactions get on side
// by side. One process at a time works on a part.
type part struct {
	number, of int64
	held       *hold
	slots      chan struct{} // bounds the lanes at work, in all parts
	freed      chan struct{} // a lane ended; look again
	wg         sync.WaitGroup

	mu   sync.Mutex
	busy map[int64]bool // lanes whose jobs are done one by one
}

// idle returns those of the lanes that are of this part and not worked on.
func (p *part) idle(lanes []int64) []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(lanes, func(lane int64) bool { return lane%p.of != p.number || p.busy[lane] })
}

// start marks a lane as worked on, if there is a slot for it.
func (p *part) start(lane int64) bool {
	select {
	case p.slots <- struct{}{}:
	default:
		return false // it is looked at again when a lane ends
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[lane] = true
	return true
}

// end marks a lane as left, and has the queue looked at again: more may have
// come meanwhile.
func (p *part) end(lane int64) {
	p.mu.Lock()
	delete(p.busy, lane)
	p.mu.Unlock()
	<-p.slots
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// work runs due jobs until ctx ends.
func (r *Runner) work(ctx context.Context) {
	slots := make(chan struct{}, atOnce)
	parts := r.DB.Writers()
	var wg sync.WaitGroup
	for i := range parts {
		p := &part{
			number: int64(i), of: int64(parts), held: &hold{name: fmt.Sprintf("jobs:%d", i)},
			slots: slots, freed: make(chan struct{}, 1), busy: map[int64]bool{},
		}
		wg.Go(func() {
			r.workOn(ctx, p)
			p.wg.Wait()
			r.release(ctx, p.held)
		})
	}
	wg.Wait()
}

func (r *Runner) workOn(ctx context.Context, p *part) {
	for ctx.Err() == nil {
		bell := r.DB.Wait(storage.NewJobs)
		if !r.keep(ctx, p.held) || !r.round(ctx, p) {
			r.rest(ctx, bell, p.freed)
		}
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

// round does due jobs together, as far as that goes, and begins with those
// that are to be done one by one. It reports whether it did any together.
func (r *Runner) round(ctx context.Context, p *part) (did bool) {
	now := r.Now()
	lanes, err := r.DB.DueLanes(ctx, now)
	var jobs []*community.Job
	if lanes = p.idle(lanes); err == nil && len(lanes) > 0 {
		jobs, err = r.DB.DueJobs(ctx, lanes, now, max(leastRun, batchRun/len(lanes)))
	}
	if err != nil && ctx.Err() == nil {
		r.Log.Error("jobs: due jobs", "error", err)
	}
	if err != nil || len(jobs) == 0 {
		return false
	}
	n, alone := r.together(ctx, jobs)
	for lane := range alone {
		if ctx.Err() == nil && p.start(lane) {
			p.wg.Go(func() {
				defer p.end(lane)
				r.lane(ctx, lane, p.held)
			})
		}
	}
	return n > 0
}

// lane does due jobs of one lane one by one, in order, until there is one that
// might be done together with others.
func (r *Runner) lane(ctx context.Context, lane int64, held *hold) {
	jobs, err := r.DB.DueJobs(ctx, []int64{lane}, r.Now(), laneRun)
	if err != nil && ctx.Err() == nil {
		r.Log.Error("jobs: due jobs", "lane", lane, "error", err)
	}
	var done []community.JobID
	// Finished jobs are noted together: a crash before that runs some again,
	// and every handler may be run again.
	defer func() {
		if err := r.DB.FinishJobs(context.WithoutCancel(ctx), done, r.Now()); err != nil {
			r.Log.Error("jobs: finish", "error", err)
		}
	}()
	for i, job := range jobs {
		if ctx.Err() != nil || !r.keep(ctx, held) || i > 0 && r.Together[job.Kind] != nil {
			return
		}
		err := safely(func() error { return r.handle(ctx, job) })
		if ctx.Err() != nil && err != nil {
			return // cut short, not failed
		}
		if r.settle(ctx, job, err) {
			done = append(done, job.ID)
		}
	}
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
