package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"drystone/community"
)

// HoldReporter makes other transactions that report something in the name of
// actor wait for the end of this one: saying it twice at once is saying it
// once.
func (db *DB) HoldReporter(ctx context.Context, actor community.ActorID) (err error) {
	defer db.wrap(&err, "HoldReporter(%d)", actor)
	return db.hold(ctx, "reporter:%d", actor)
}

// AddReport stores a report and sets its id. One that belongs to no case
// begins one.
func (db *DB) AddReport(ctx context.Context, r *community.Report) (err error) {
	defer db.wrap(&err, "AddReport(%s)", r.IRI)
	r.Lead = r.CaseID == 0
	if _, err := db.write.NewInsert().Model(r).Returning("id").Exec(ctx); err != nil || !r.Lead {
		return err
	}
	r.CaseID = r.ID
	_, err = db.write.NewUpdate().Model(r).WherePK().Column("case_id").Exec(ctx)
	return err
}

// SaveReport stores what became of a report.
func (db *DB) SaveReport(ctx context.Context, r *community.Report) (err error) {
	defer db.wrap(&err, "SaveReport(%d)", r.ID)
	_, err = db.write.NewUpdate().Model(r).WherePK().
		Column("reason", "for_admins", "state", "claimed_by", "claimed_at", "handled_by", "handled_at", "note", "told").Exec(ctx)
	return err
}

// Report returns the report with id.
func (db *DB) Report(ctx context.Context, id community.ReportID) (_ *community.Report, err error) {
	defer db.wrap(&err, "Report(%d)", id)
	r := new(community.Report)
	if err := db.read.NewSelect().Model(r).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// HoldReport is Report for who is about to change it: other transactions that
// hold it, or another about the same, wait for the end of this one.
func (db *DB) HoldReport(ctx context.Context, id community.ReportID) (_ *community.Report, err error) {
	defer db.wrap(&err, "HoldReport(%d)", id)
	r, err := db.Report(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := db.HoldReported(ctx, r); err != nil {
		return nil, err
	}
	return db.Report(ctx, id)
}

// HoldReported makes other transactions that say or decide something about
// what r is about wait for the end of this one.
func (db *DB) HoldReported(ctx context.Context, r *community.Report) (err error) {
	defer db.wrap(&err, "HoldReported(%d)", r.TargetID)
	return db.hold(ctx, "reported:%d:%d:%d:%d", r.TargetID, r.PostID, r.CommentID, r.MessageID)
}

// ReportsByIRI returns the reports that one Flag made: one for each thing that
// it was about.
func (db *DB) ReportsByIRI(ctx context.Context, iri string) (_ []*community.Report, err error) {
	defer db.wrap(&err, "ReportsByIRI(%s)", iri)
	var list []*community.Report
	err = db.read.NewSelect().Model(&list).Where("iri = ?", iri).OrderExpr("id").Scan(ctx)
	return list, err
}

// ReportsByID returns the reports with ids, by id.
func (db *DB) ReportsByID(ctx context.Context, ids []community.ReportID) (_ map[community.ReportID]*community.Report, err error) {
	defer db.wrap(&err, "ReportsByID(%d)", len(ids))
	found := map[community.ReportID]*community.Report{}
	if len(ids) == 0 {
		return found, nil
	}
	var list []*community.Report
	err = db.read.NewSelect().Model(&list).Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, r := range list {
		found[r.ID] = r
	}
	return found, err
}

// SameReport returns what r repeats: the same Flag about the same thing, or
// what its reporter said of it before and nobody has handled. Nil if it is
// new.
func (db *DB) SameReport(ctx context.Context, r *community.Report) (_ *community.Report, err error) {
	defer db.wrap(&err, "SameReport(%d, %d)", r.ReporterID, r.TargetID)
	same := new(community.Report)
	err = about(db.read.NewSelect().Model(same), r).
		Where("reporter_id = ?", r.ReporterID).
		Where("state = 'open' OR iri = ?", r.IRI).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return same, err
}

// about narrows q to reports about what r is about, to those who r is for.
func about(q *bun.SelectQuery, r *community.Report) *bun.SelectQuery {
	return q.Where("target_id = ? AND scope = ?", r.TargetID, r.Scope).
		Where("coalesce(comment_id, 0) = ? AND coalesce(post_id, 0) = ? AND coalesce(group_id, 0) = ? AND coalesce(message_id, 0) = ?",
			r.CommentID, r.PostID, r.GroupID, r.MessageID)
}

// OpenReportsBy counts the reports of one reporter that wait, up to most.
func (db *DB) OpenReportsBy(ctx context.Context, reporter community.ActorID, most int) (_ int, err error) {
	defer db.wrap(&err, "OpenReportsBy(%d)", reporter)
	var n int
	err = db.read.NewRaw("SELECT count(*) FROM (SELECT 1 FROM reports WHERE reporter_id = ? AND state = 'open' LIMIT ?) AS waiting",
		reporter, most).Scan(ctx, &n)
	return n, err
}

// Reports lists reports, newest first, and returns the cursor of the next
// page: one for each case, but all that somebody made themselves.
func (db *DB) Reports(ctx context.Context, query community.ReportQuery) (_ []*community.Report, next string, err error) {
	defer db.wrap(&err, "Reports(%+v)", query)
	var list []*community.Report
	q := asked(db.read.NewSelect().Model(&list), query)
	next, err = newest(ctx, q, &list, "id", query.Page, func(x *community.Report) int64 { return int64(x.ID) })
	return list, next, err
}

// asked narrows q to the reports that a query asks for.
func asked(q *bun.SelectQuery, query community.ReportQuery) *bun.SelectQuery {
	switch query.Of {
	case community.ReportsMine:
		q = q.Where("lead AND scope = 'moderators' AND target_id <> ?", query.Reader).
			Where("group_id IN (?)", bun.List(query.Looks))
	case community.ReportsFiled:
		q = q.Where("reporter_id = ?", query.Reader)
	case community.ReportsServer:
		q = q.Where("lead")
	}
	if query.Group != 0 {
		q = q.Where("group_id = ?", query.Group)
	}
	if query.State != "" {
		q = q.Where("state = ?", query.State)
	}
	return q
}

// CountReports counts the reports that a query asks for, up to most.
func (db *DB) CountReports(ctx context.Context, query community.ReportQuery, most int) (_ int, err error) {
	defer db.wrap(&err, "CountReports(%+v)", query)
	some := asked(db.read.NewSelect().Model((*community.Report)(nil)).ColumnExpr("1"), query).Limit(int64(most))
	var n int
	err = db.read.NewRaw("SELECT count(*) FROM (?) AS waiting", some).Scan(ctx, &n)
	return n, err
}

// WaitingReports counts the cases that wait for actor, up to 100: those of
// groups with whose reports they deal and, for an administrator, those that
// nobody else can look at.
func (db *DB) WaitingReports(ctx context.Context, actor community.ActorID, groups []community.ActorID, admin bool) (_ int, err error) {
	defer db.wrap(&err, "WaitingReports(%d)", actor)
	const waiting = "SELECT * FROM (SELECT r.id FROM reports AS r" +
		" WHERE r.group_id IN (?) AND r.state = 'open' AND r.lead AND r.scope = 'moderators' AND r.target_id <> ? LIMIT 100) AS g"
	query, args := waiting, []any{bun.List(groups), actor}
	if admin {
		query += " UNION SELECT * FROM (SELECT r.id FROM reports AS r WHERE r.state = 'open' AND r.lead AND r.for_admins LIMIT 100) AS s"
	}
	var n int
	err = db.read.NewRaw("SELECT count(*) FROM ("+query+") AS waiting", args...).Scan(ctx, &n)
	return min(n, 100), err
}
