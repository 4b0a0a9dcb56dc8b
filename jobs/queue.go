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

// work runs due jobs until ctx ends.
func (r *Runner) work(ctx context.Context) {
	busy := make(map[int64]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, atOnce)
	freed := make(chan struct{}, 1) // a lane ended; look again
	for ctx.Err() == nil {
		bell := r.DB.Wait(storage.NewJobs)
		lanes, err := r.DB.DueLanes(ctx, r.Now())
		if err != nil && ctx.Err() == nil {
			r.Log.Error("jobs: due lanes", "error", err)
		}
		for _, lane := range lanes {
			mu.Lock()
			taken := busy[lane]
			busy[lane] = true
			mu.Unlock()
			if taken {
				continue
			}
			slots <- struct{}{}
			wg.Go(func() {
				r.lane(ctx, lane)
				mu.Lock()
				delete(busy, lane)
				mu.Unlock()
				<-slots
				select {
				case freed <- struct{}{}:
				default:
				}
			})
		}
		r.rest(ctx, bell, freed)
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

// lane works off one lane while it has due jobs.
func (r *Runner) lane(ctx context.Context, lane int64) {
	name := fmt.Sprintf("lane:%d", lane)
	if !r.lease(ctx, name) {
		return
	}
	defer r.release(ctx, name)
	renew := r.Now().Add(LeaseFor / 3)
	for ctx.Err() == nil {
		jobs, err := r.DB.DueJobs(ctx, lane, r.Now(), laneRun)
		if err != nil {
			if ctx.Err() == nil {
				r.Log.Error("jobs: due jobs", "lane", lane, "error", err)
			}
			return
		}
		if len(jobs) == 0 {
			return
		}
		if !r.run(ctx, name, jobs, &renew) {
			return
		}
	}
}

// run does a lane's jobs in order and reports whether to go on. Finished jobs
// are noted together: a crash before that runs some again, and every handler
// may be run again.
func (r *Runner) run(ctx context.Context, lease string, jobs []*community.Job, renew *time.Time) bool {
	var done []community.JobID
	defer func() {
		if err := r.DB.FinishJobs(context.WithoutCancel(ctx), done, r.Now()); err != nil {
			r.Log.Error("jobs: finish", "error", err)
		}
	}()
	for _, job := range jobs {
		if ctx.Err() != nil {
			return false
		}
		if now := r.Now(); now.After(*renew) {
			if !r.lease(ctx, lease) {
				return false
			}
			*renew = now.Add(LeaseFor / 3)
		}
		err := safely(func() error { return r.handle(ctx, job) })
		if ctx.Err() != nil && err != nil {
			return false // cut short, not failed
		}
		if finished := r.settle(ctx, job, err); finished {
			done = append(done, job.ID)
		}
	}
	return true
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
