package jobs

import (
	"context"
	"time"

	"drystone/community"
	"drystone/storage"
)

const (
	batchFor  = 100 * time.Millisecond // then a batch ends: others write too
	batchMost = 10 * time.Second       // then something is wrong with it
)

// A bunch is jobs on their way through one transaction.
type bunch struct {
	jobs  []*community.Job
	done  []community.JobID
	alone map[int64]bool // lanes whose next job is to be handled by itself
	at    int            // the job being done; -1 before and after
}

// together does as many of the jobs as can be done in one transaction, their
// being done included. It returns how many that were, and the lanes whose next
// job has to be handled by itself.
func (r *Runner) together(ctx context.Context, jobs []*community.Job) (int, map[int64]bool) {
	b := &bunch{jobs: jobs, alone: map[int64]bool{}}
	err := r.tryTogether(ctx, b)
	if err != nil && b.at > 0 && ctx.Err() == nil {
		// One of them spoils it. Those before it have done no harm.
		spoiler := jobs[b.at]
		r.Log.Debug("jobs: not together", "job", spoiler.ID, "kind", spoiler.Kind, "error", err)
		b = &bunch{jobs: jobs[:b.at], alone: map[int64]bool{}}
		err = r.tryTogether(ctx, b)
		b.alone[spoiler.Lane] = true
	}
	if err != nil {
		r.Log.Debug("jobs: not together", "jobs", len(jobs), "error", err)
		b.done = nil
		for _, job := range jobs {
			b.alone[job.Lane] = true
		}
	}
	return len(b.done), b.alone
}

func (r *Runner) tryTogether(ctx context.Context, b *bunch) error {
	if len(r.Together) == 0 {
		for _, job := range b.jobs {
			b.alone[job.Lane] = true
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, batchMost)
	defer cancel()
	return r.DB.InBatch(ctx, func(ctx context.Context, tx *storage.DB) error {
		b.at = -1
		do, err := r.prepare(ctx, tx, b.jobs)
		if err != nil {
			return err
		}
		until := time.Now().Add(batchFor)
		for i, job := range b.jobs {
			if time.Now().After(until) {
				break
			}
			if b.alone[job.Lane] {
				continue
			}
			b.at = i
			did := false
			if do[job.Kind] != nil {
				err = safely(func() (err error) {
					did, err = do[job.Kind](ctx, job)
					return err
				})
			}
			switch {
			case err != nil:
				return err
			case did:
				b.done = append(b.done, job.ID)
			default:
				b.alone[job.Lane] = true
			}
		}
		b.at = -1
		return tx.FinishJobs(ctx, b.done, r.Now())
	})
}

// prepare lets every kind load what its jobs need.
func (r *Runner) prepare(ctx context.Context, tx *storage.DB, jobs []*community.Job) (map[string]Do, error) {
	kinds := map[string][]*community.Job{}
	for _, job := range jobs {
		if r.Together[job.Kind] != nil {
			kinds[job.Kind] = append(kinds[job.Kind], job)
		}
	}
	do := map[string]Do{}
	for kind, list := range kinds {
		err := safely(func() (err error) {
			do[kind], err = r.Together[kind](ctx, tx, list)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return do, nil
}
