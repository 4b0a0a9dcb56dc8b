package federation

import (
	"context"
	"crypto/sha256"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/jobs"
	"drystone/storage"
)

const (
	jobInbox = "inbox"

	flushers  = 2   // batches written at the same time
	batchRows = 256 // activities in one batch
	flushTime = 8 * time.Second
	seenKeys  = 100_000
)

// The intake stores what arrives: whoever delivered waits until their
// activity is committed, and whatever arrives meanwhile is committed together
// with the next. That is three times as fast as a commit each, and needs no
// timer (PERFORMANCE.md, section 3).
type intake struct {
	db    *storage.DB
	log   *slog.Logger
	now   func() time.Time
	queue chan *arrival // unbuffered: those who wait are the queue
	done  chan struct{} // closed when nothing more is taken

	// seen spares the database the writing of what was stored a moment ago. Only
	// what was verified and committed is in it, so nobody can suppress an id
	// that is not theirs.
	seen *otter.Cache[string, struct{}]
}

// An arrival is one activity that somebody waits for.
type arrival struct {
	activity as.Doc
	job      *community.Job
	stored   chan error
}

func newIntake(db *storage.DB, log *slog.Logger, now func() time.Time) *intake {
	return &intake{
		db: db, log: log, now: now, queue: make(chan *arrival), done: make(chan struct{}),
		seen: otter.Must(&otter.Options[string, struct{}]{MaximumSize: seenKeys}),
	}
}

// inboxJob is the durable form of an activity that was verified. Jobs of one
// server share a lane: what it says arrives in the order in which it said it,
// so an Update never overtakes its Create, nor a vote the post.
func inboxJob(activity as.Doc, now time.Time) *community.Job {
	host := as.Host(activity.Actor())
	return &community.Job{
		Kind: jobInbox, Key: activityKey(activity.ID()), Lane: laneOf(host), Sender: activity.Actor(),
		Body: activity.Bytes(), RunAt: now, CreatedAt: now,
	}
}

// activityKey is what an activity is known by: a hash of its host, in the one
// form that hosts are compared in, and its id.
func activityKey(id string) []byte {
	sum := sha256.Sum256([]byte(as.Host(id) + "\n" + id))
	return sum[:16]
}

// laneOf spreads hosts over the lanes of the job queue.
func laneOf(host string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host))
	return int64(h.Sum32() % jobs.Lanes)
}

// add stores an activity, unless who speaks is banned from this server, and
// returns once it is committed. A repetition is no error and changes nothing.
func (in *intake) add(ctx context.Context, activity as.Doc) error {
	a := &arrival{activity: activity, job: inboxJob(activity, in.now()), stored: make(chan error, 1)}
	select {
	case in.queue <- a:
	case <-in.done:
		return fault.New(fault.Unavailable, "This server is shutting down.")
	case <-ctx.Done():
		return fault.Because(ctx.Err(), fault.Unavailable, "This server is too busy.")
	}
	select {
	case err := <-a.stored:
		return err
	case <-ctx.Done():
		// It may still be stored; then the repetition is one.
		return fault.Because(ctx.Err(), fault.Unavailable, "This server is too busy.")
	}
}

// run commits batches until ctx ends. Whoever waits then is told to try again
// later; nothing that was acknowledged is only in memory.
func (in *intake) run(ctx context.Context) {
	var wg sync.WaitGroup
	for range flushers {
		wg.Go(func() {
			for {
				select {
				case first := <-in.queue:
					in.flush(ctx, in.batch(first))
				case <-ctx.Done():
					return
				}
			}
		})
	}
	<-ctx.Done()
	close(in.done)
	wg.Wait()
}

// batch takes whoever waits beside first.
func (in *intake) batch(first *arrival) []*arrival {
	batch := []*arrival{first}
	for len(batch) < batchRows {
		select {
		case a := <-in.queue:
			batch = append(batch, a)
		default:
			return batch
		}
	}
	return batch
}

// flush commits what is welcome of a batch and tells everybody in it, even
// when ctx ends meanwhile.
func (in *intake) flush(ctx context.Context, batch []*arrival) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
	defer cancel()

	batch, err := in.welcome(ctx, batch)
	if err == nil {
		err = in.store(ctx, batch)
	}
	if err != nil && len(batch) > 1 && !fault.Is(err, fault.Unavailable) {
		// One of them may be what the database does not take: it must not
		// take the others with it.
		for _, a := range batch {
			in.flush(ctx, []*arrival{a})
		}
		return
	}
	if err != nil {
		in.log.Error("federation: inbox not stored", "activities", len(batch), "error", err)
	}
	for _, a := range batch {
		a.stored <- err
	}
}

// welcome tells those of a batch who are banned from this server that they
// are, and returns the others. The database is asked about all of them at once:
// a ban holds from the moment in which it is decided, whichever process that
// was in.
func (in *intake) welcome(ctx context.Context, batch []*arrival) ([]*arrival, error) {
	var actors []string
	for _, a := range batch {
		if bansBind(a.activity) {
			actors = append(actors, a.activity.Actor())
		}
	}
	banned, err := in.db.BannedHere(ctx, in.now(), actors...)
	if err != nil {
		return batch, err
	}
	return slices.DeleteFunc(batch, func(a *arrival) bool {
		refused := banned[a.activity.Actor()] && bansBind(a.activity)
		if refused {
			a.stored <- errBanned(a.activity)
		}
		return refused
	}), nil
}

// store commits what is new of a batch.
func (in *intake) store(ctx context.Context, batch []*arrival) error {
	var list []*community.Job
	for _, a := range batch {
		if _, known := in.seen.GetIfPresent(string(a.job.Key)); !known {
			list = append(list, a.job)
		}
	}
	if _, err := in.db.AddJobs(ctx, list); err != nil {
		return err
	}
	for _, job := range list {
		in.seen.Set(string(job.Key), struct{}{})
	}
	return nil
}
