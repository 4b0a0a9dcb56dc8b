package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddWarning stores a warning and sets its id. An id in the fediverse that is
// known already is a Conflict.
func (db *DB) AddWarning(ctx context.Context, w *community.Warning) (err error) {
	defer db.wrap(&err, "AddWarning(%d)", w.TargetID)
	_, err = db.write.NewInsert().Model(w).Returning("id").Exec(ctx)
	return err
}

// Warning returns the warning with id.
func (db *DB) Warning(ctx context.Context, id community.WarningID) (_ *community.Warning, err error) {
	defer db.wrap(&err, "Warning(%d)", id)
	w := new(community.Warning)
	if err := db.read.NewSelect().Model(w).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// WarningByIRI returns the warning that a Warn gave.
func (db *DB) WarningByIRI(ctx context.Context, iri string) (_ *community.Warning, err error) {
	defer db.wrap(&err, "WarningByIRI(%s)", iri)
	w := new(community.Warning)
	if err := db.read.NewSelect().Model(w).Where("iri = ?", iri).Scan(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

// WarningsByID returns the warnings with ids, by id.
func (db *DB) WarningsByID(ctx context.Context, ids []community.WarningID) (_ map[community.WarningID]*community.Warning, err error) {
	defer db.wrap(&err, "WarningsByID(%d)", len(ids))
	found := map[community.WarningID]*community.Warning{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Warning
	err = db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, w := range list {
		found[w.ID] = w
	}
	return found, err
}

// A WarningReader is who asks about warnings.
type WarningReader struct {
	ID     community.ActorID
	Groups []community.ActorID // in which they may warn
	Admin  bool                // they know all
}

// seenBy is the condition on warnings that a reader may know of: their own,
// those of the groups in which they may warn, and all for an administrator.
func seenBy(q *bun.SelectQuery, reader WarningReader) *bun.SelectQuery {
	if reader.Admin {
		return q
	}
	return q.Where("target_id = ? OR group_id IN (?)", reader.ID, bun.List(reader.Groups))
}

// Warnings lists the warnings that target was given, as far as reader may
// know, newest first, and returns the cursor of the next page.
func (db *DB) Warnings(ctx context.Context, target community.ActorID, reader WarningReader, page community.Page) (_ []*community.Warning, next string, err error) {
	defer db.wrap(&err, "Warnings(%d, %d)", target, reader.ID)
	var list []*community.Warning
	q := seenBy(db.read.NewSelect().Model(&list).Where("target_id = ?", target), reader)
	next, err = newest(ctx, q, &list, "id", page, func(x *community.Warning) int64 { return int64(x.ID) })
	return list, next, err
}

// WarningCounts counts the warnings that each of the targets was given, as far
// as reader may know.
func (db *DB) WarningCounts(ctx context.Context, targets []community.ActorID, reader WarningReader) (_ map[community.ActorID]int, err error) {
	defer db.wrap(&err, "WarningCounts(%d)", len(targets))
	counts := map[community.ActorID]int{}
	if len(targets) == 0 {
		return counts, nil
	}
	var rows []struct {
		TargetID community.ActorID
		N        int
	}
	err = seenBy(db.read.NewSelect().Model((*community.Warning)(nil)).Where("target_id IN (?)", bun.List(targets)), reader).
		ColumnExpr("target_id, count(*) AS n").GroupExpr("target_id").Scan(ctx, &rows)
	for _, row := range rows {
		counts[row.TargetID] = row.N
	}
	return counts, err
}

// WarningsSince counts the warnings that target was given in group (0: by the
// site) after a time.
func (db *DB) WarningsSince(ctx context.Context, target, group community.ActorID, since time.Time) (_ int, err error) {
	defer db.wrap(&err, "WarningsSince(%d, %d)", target, group)
	n, err := db.read.NewSelect().Model((*community.Warning)(nil)).
		Where("target_id = ? AND coalesce(group_id, 0) = ? AND created_at > ?", target, group, since).Count(ctx)
	return int(n), err
}
