package storage

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddJobs stores jobs in one statement and returns the new ones: a job whose
// kind and key are known already is left out.
func (db *DB) AddJobs(ctx context.Context, jobs []*community.Job) (_ int, err error) {
	defer db.wrap(&err, "AddJobs(%d)", len(jobs))
	if len(jobs) == 0 {
		return 0, nil
	}
	n, err := affected(db.write.NewInsert().Model(&jobs).ExcludeColumn("id").On("CONFLICT DO NOTHING").Returning("NULL").Exec(ctx))
	if err == nil && n > 0 {
		db.ring(NewJobs)
	}
	return int(n), err
}

// JobKnown reports whether a job of a kind with a key was stored before.
func (db *DB) JobKnown(ctx context.Context, kind string, key []byte) (_ bool, err error) {
	defer db.wrap(&err, "JobKnown(%s)", kind)
	return db.read.NewSelect().Model((*community.Job)(nil)).Where("kind = ? AND key = ?", kind, key).Exists(ctx)
}

// waits is what holds for a job that is neither done nor parked, as the index
// jobs_ready has it.
const waits = "done_at IS NULL AND parked_at IS NULL"

// DueLanes lists the lanes that hold a job to run now. It goes from lane to
// lane, however many jobs wait in each.
func (db *DB) DueLanes(ctx context.Context, now time.Time) (_ []int64, err error) {
	defer db.wrap(&err, "DueLanes")
	var lanes []int64
	err = db.read.NewRaw("WITH RECURSIVE l (lane) AS (SELECT min(lane) FROM jobs WHERE "+waits+
		" UNION ALL SELECT (SELECT min(j.lane) FROM jobs AS j WHERE j.lane > l.lane AND "+waits+") FROM l WHERE l.lane IS NOT NULL)"+
		" SELECT lane FROM l WHERE EXISTS (SELECT 1 FROM jobs AS j WHERE j.lane = l.lane AND run_at <= ? AND "+waits+")", now).Scan(ctx, &lanes)
	return lanes, err
}

// DueJobs returns the jobs of lanes that may run now, in order, at most so
// many of each lane.
func (db *DB) DueJobs(ctx context.Context, lanes []int64, now time.Time, each int) (_ []*community.Job, err error) {
	defer db.wrap(&err, "DueJobs(%d lanes)", len(lanes))
	if len(lanes) == 0 {
		return nil, nil
	}
	parts := make([]string, 0, len(lanes))
	args := make([]any, 0, 3*len(lanes))
	for _, lane := range lanes {
		parts = append(parts, "SELECT * FROM (SELECT * FROM jobs WHERE lane = ? AND run_at <= ? AND "+waits+" ORDER BY id LIMIT ?) AS due")
		args = append(args, lane, now, each)
	}
	var jobs []*community.Job
	err = db.read.NewRaw("SELECT * FROM ("+strings.Join(parts, " UNION ALL ")+") AS due ORDER BY id", args...).Scan(ctx, &jobs)
	return jobs, err
}

// FinishJobs notes that jobs are done. Those with a key stay, without their
// bodies, so that they are known when they come again.
func (db *DB) FinishJobs(ctx context.Context, ids []community.JobID, now time.Time) (err error) {
	defer db.wrap(&err, "FinishJobs(%d)", len(ids))
	if len(ids) == 0 {
		return nil
	}
	_, err = db.write.NewUpdate().Model((*community.Job)(nil)).Set("done_at = ?, body = NULL, error = ''", now).
		Where("id IN (?)", bun.List(ids)).Exec(ctx)
	return err
}

// SaveJob stores when a job is tried again, or that it is parked, and why.
func (db *DB) SaveJob(ctx context.Context, job *community.Job) (err error) {
	defer db.wrap(&err, "SaveJob(%d)", job.ID)
	_, err = db.write.NewUpdate().Model(job).WherePK().
		Column("attempts", "run_at", "done_at", "parked_at", "error").Exec(ctx)
	return err
}

// NextJobAt returns when the next job is due, zero if none waits.
func (db *DB) NextJobAt(ctx context.Context) (_ time.Time, err error) {
	defer db.wrap(&err, "NextJobAt")
	var at bun.NullTime
	err = db.read.NewSelect().Model((*community.Job)(nil)).ColumnExpr("min(run_at)").
		Where("done_at IS NULL AND parked_at IS NULL").Scan(ctx, &at)
	return at.Time, err
}

// JobsWaiting counts jobs of a kind that are neither done nor parked.
func (db *DB) JobsWaiting(ctx context.Context, kind string) (_ int64, err error) {
	defer db.wrap(&err, "JobsWaiting(%s)", kind)
	return db.read.NewSelect().Model((*community.Job)(nil)).
		Where("kind = ? AND done_at IS NULL AND parked_at IS NULL", kind).Count(ctx)
}

// TrimJobs deletes jobs that were done before a time.
func (db *DB) TrimJobs(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimJobs")
	_, err = db.write.NewDelete().Model((*community.Job)(nil)).Where("done_at < ?", before).Exec(ctx)
	return err
}
