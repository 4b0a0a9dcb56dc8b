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
	held := &hold{name: reader.Name}
	defer r.release(ctx, held)
	fails := 0
	for ctx.Err() == nil {
		bell := r.DB.Wait(storage.NewFacts) // before looking, so that no ring is missed
		if !r.keep(ctx, held) {
			sleep(ctx, lookAgain, nil)
			continue
		}
		n, err := r.readOnce(ctx, reader, held)
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
		switch {
		case n == 0:
			sleep(ctx, lookAgain, bell)
		case n < batch:
			sleep(ctx, turn, nil)
		}
	}
}

// readOnce hands the next facts to a reader and returns how many there were.
func (r *Runner) readOnce(ctx context.Context, reader Reader, held *hold) (int, error) {
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
	lost := false
	err = r.DB.InBatch(ctx, func(ctx context.Context, tx *storage.DB) error {
		// First, because it locks the cursor: a reader who lost it waits here
		// and finds out, instead of doing the work twice.
		if err := tx.Advance(ctx, reader.Name, r.worker, facts[len(facts)-1].ID); err != nil {
			lost = fault.Is(err, fault.Conflict)
			return err
		}
		return safely(func() error { return reader.Handle(ctx, tx, facts) })
	})
	if lost {
		held.until = time.Time{} // somebody else reads now
		return 0, nil
	}
	return len(facts), err
}

// repeat runs a schedule until ctx ends. The lease is kept from turn to turn,
// so other processes skip theirs.
func (r *Runner) repeat(ctx context.Context, schedule Schedule) {
	held := &hold{name: "schedule:" + schedule.Name}
	defer r.release(ctx, held)
	for sleep(ctx, schedule.Every, nil) {
		if !r.keep(ctx, held) {
			continue
		}
		err := safely(func() error { return schedule.Run(ctx) })
		if err != nil && ctx.Err() == nil {
			r.Log.Error("jobs: schedule", "name", schedule.Name, "error", err)
		}
	}
}
