package jobs

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// batch is how many facts a reader gets at once.
const batch = 500

// follow feeds a reader with facts until ctx ends.
func (r *Runner) follow(ctx context.Context, reader Reader) {
	defer r.release(ctx, reader.Name)
	fails := 0
	for ctx.Err() == nil {
		bell := r.DB.Wait(storage.NewFacts) // before looking, so that no ring is missed
		if !r.lease(ctx, reader.Name) {
			sleep(ctx, LeaseFor/3, nil)
			continue
		}
		n, err := r.readOnce(ctx, reader)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			fails++
			r.Log.Error("jobs: reader", "name", reader.Name, "fails", fails, "error", err)
			sleep(ctx, min(community.Backoff(fails), LeaseFor), nil)
			continue
		}
		fails = 0
		if n < batch {
			sleep(ctx, lookAgain, bell)
		}
	}
}

// readOnce hands the next facts to a reader and returns how many there were.
func (r *Runner) readOnce(ctx context.Context, reader Reader) (int, error) {
	if err := r.DB.NumberFacts(ctx); err != nil {
		return 0, err
	}
	position, err := r.DB.Position(ctx, reader.Name)
	if err != nil {
		return 0, err
	}
	facts, err := r.DB.Facts(ctx, position, batch)
	if err != nil || len(facts) == 0 {
		return 0, err
	}
	err = r.DB.InTx(ctx, func(tx *storage.DB) error {
		// First, because it locks the cursor: a reader who lost it waits here
		// and finds out, instead of doing the work twice.
		if err := tx.Advance(ctx, reader.Name, r.worker, facts[len(facts)-1].ID); err != nil {
			return err
		}
		return safely(func() error { return reader.Handle(ctx, tx, facts) })
	})
	if fault.Is(err, fault.Conflict) {
		return 0, nil // somebody else reads now
	}
	return len(facts), err
}

// repeat runs a schedule until ctx ends.
func (r *Runner) repeat(ctx context.Context, schedule Schedule) {
	name := "schedule:" + schedule.Name
	for sleep(ctx, schedule.Every, nil) {
		now := r.Now()
		// The lease is kept until the next turn: other processes skip theirs.
		held, err := r.DB.Lease(ctx, name, r.worker, now, now.Add(max(LeaseFor, schedule.Every-time.Second)))
		if err == nil && held {
			err = safely(func() error { return schedule.Run(ctx) })
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Error("jobs: schedule", "name", schedule.Name, "error", err)
		}
	}
}
