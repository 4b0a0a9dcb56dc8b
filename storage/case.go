package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// OpenCase returns the report that leads the open case to which r belongs; nil,
// without an error, where r begins one.
func (db *DB) OpenCase(ctx context.Context, r *community.Report) (_ *community.Report, err error) {
	defer db.wrap(&err, "OpenCase(%d)", r.TargetID)
	lead := new(community.Report)
	err = about(db.read.NewSelect().Model(lead), r).Where("state = 'open' AND lead").OrderExpr("id").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return lead, err
}

// OpenIn returns the reports of a case that nobody has dealt with.
func (db *DB) OpenIn(ctx context.Context, id community.ReportID) (_ []*community.Report, err error) {
	defer db.wrap(&err, "OpenIn(%d)", id)
	var list []*community.Report
	err = db.read.NewSelect().Model(&list).Where("case_id = ? AND state = 'open'", id).OrderExpr("id").Scan(ctx)
	return list, err
}

// SettleCase has the right report lead a case after one of them changed: the
// first that is open, or else that was decided. With none open, the words of
// who is gone with all they wrote go.
func (db *DB) SettleCase(ctx context.Context, id community.ReportID) (err error) {
	defer db.wrap(&err, "SettleCase(%d)", id)
	_, err = db.write.NewRaw(`UPDATE reports SET lead = (id = (SELECT r.id FROM reports AS r WHERE r.case_id = ?0
		ORDER BY CASE r.state WHEN 'open' THEN 0 WHEN 'withdrawn' THEN 2 ELSE 1 END, r.id LIMIT 1)) WHERE case_id = ?0`, id).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Snapshot)(nil)).Where("case_id = ? AND forget", id).Where(closed).Exec(ctx)
	return err
}

// closed is the condition on snapshots of which no report is open.
const closed = "NOT EXISTS (SELECT 1 FROM reports AS r WHERE r.case_id = snapshot.case_id AND r.state = 'open')"

// Cases returns what belongs to each of some cases: at most most reports, the
// first, and all words.
func (db *DB) Cases(ctx context.Context, ids []community.ReportID, most int) (_ map[community.ReportID]*community.CaseOf, err error) {
	defer db.wrap(&err, "Cases(%d)", len(ids))
	cases := make(map[community.ReportID]*community.CaseOf, len(ids))
	for _, id := range ids {
		cases[id] = new(community.CaseOf)
	}
	if len(ids) == 0 {
		return cases, nil
	}
	numbered := db.read.NewSelect().Model((*community.Report)(nil)).ExcludeColumn("raw").
		ColumnExpr("row_number() OVER (PARTITION BY case_id ORDER BY id) AS place").
		ColumnExpr("sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END) OVER (PARTITION BY case_id) AS waiting").
		Where("case_id IN (?)", bun.List(ids))
	var rows []struct {
		community.Report
		Place, Waiting int
	}
	err = db.read.NewSelect().ColumnExpr("*").TableExpr("(?) AS numbered", numbered).Where("place <= ?", most).OrderExpr("id").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		c := cases[rows[i].CaseID]
		c.Open, c.Reports = rows[i].Waiting, append(c.Reports, &rows[i].Report)
	}
	words, err := db.snapshots(ctx, ids)
	for _, s := range words {
		cases[s.CaseID].Words = append(cases[s.CaseID].Words, s)
	}
	return cases, err
}

func (db *DB) snapshots(ctx context.Context, ids []community.ReportID) (list []*community.Snapshot, err error) {
	err = db.read.NewSelect().Model(&list).Where("case_id IN (?)", bun.List(ids)).OrderExpr("id").Scan(ctx)
	return list, err
}

// Snapshots returns the words that are kept with a case, the first ones first.
func (db *DB) Snapshots(ctx context.Context, id community.ReportID) (_ []*community.Snapshot, err error) {
	defer db.wrap(&err, "Snapshots(%d)", id)
	return db.snapshots(ctx, []community.ReportID{id})
}

// AddSnapshot stores words and sets their id.
func (db *DB) AddSnapshot(ctx context.Context, s *community.Snapshot) (err error) {
	defer db.wrap(&err, "AddSnapshot(%d)", s.CaseID)
	_, err = db.write.NewInsert().Model(s).Returning("id").Exec(ctx)
	return err
}

// ForgetSnapshots forgets what an author wrote, as it was reported: at once
// where the case is closed, and otherwise with its end.
func (db *DB) ForgetSnapshots(ctx context.Context, author community.ActorID) (err error) {
	defer db.wrap(&err, "ForgetSnapshots(%d)", author)
	_, err = db.write.NewDelete().Model((*community.Snapshot)(nil)).Where("author_id = ?", author).Where(closed).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewUpdate().Model((*community.Snapshot)(nil)).Set("forget = TRUE").Where("author_id = ?", author).Exec(ctx)
	return err
}

// TrimSnapshots forgets the words of cases that were closed before a time.
func (db *DB) TrimSnapshots(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimSnapshots")
	_, err = db.write.NewDelete().Model((*community.Snapshot)(nil)).
		Where("NOT EXISTS (SELECT 1 FROM reports AS r WHERE r.case_id = snapshot.case_id AND (r.state = 'open' OR r.handled_at >= ?))", before).Exec(ctx)
	return err
}
