package storage

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddImport stores what somebody brought along, in the place of what they
// brought before.
func (db *DB) AddImport(ctx context.Context, im *community.Import, lines []*community.ImportLine) (err error) {
	defer db.wrap(&err, "AddImport(%d, %d lines)", im.AccountID, len(lines))
	if err := db.DropImport(ctx, im.AccountID); err != nil {
		return err
	}
	if _, err := db.write.NewInsert().Model(im).Returning("id").Exec(ctx); err != nil {
		return err
	}
	for i, l := range lines {
		l.ImportID, l.N = im.ID, i+1
	}
	return db.AddImportLines(ctx, lines)
}

// AddImportLines stores lines of an import.
func (db *DB) AddImportLines(ctx context.Context, lines []*community.ImportLine) (err error) {
	defer db.wrap(&err, "AddImportLines(%d)", len(lines))
	for some := range slices.Chunk(lines, 500) {
		if _, err := db.write.NewInsert().Model(&some).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Import returns an account's import.
func (db *DB) Import(ctx context.Context, account community.AccountID) (_ *community.Import, err error) {
	defer db.wrap(&err, "Import(%d)", account)
	return db.importWhere(ctx, "account_id = ?", account)
}

// ImportByID returns an import.
func (db *DB) ImportByID(ctx context.Context, id community.ImportID) (_ *community.Import, err error) {
	defer db.wrap(&err, "ImportByID(%d)", id)
	return db.importWhere(ctx, "id = ?", id)
}

// HoldImport returns an import, and makes other transactions that hold it wait
// for the end of this one.
func (db *DB) HoldImport(ctx context.Context, id community.ImportID) (_ *community.Import, err error) {
	defer db.wrap(&err, "HoldImport(%d)", id)
	if err := db.hold(ctx, "import:%d", id); err != nil {
		return nil, err
	}
	return db.importWhere(ctx, "id = ?", id)
}

func (db *DB) importWhere(ctx context.Context, where string, arg any) (*community.Import, error) {
	im := new(community.Import)
	if err := db.read.NewSelect().Model(im).Where(where, arg).Scan(ctx); err != nil {
		return nil, err
	}
	return im, nil
}

// SaveImport stores how far an import has come.
func (db *DB) SaveImport(ctx context.Context, im *community.Import) (err error) {
	defer db.wrap(&err, "SaveImport(%d)", im.ID)
	_, err = db.write.NewUpdate().Model(im).WherePK().Column("state", "replaces", "trouble", "finished_at", "expires_at").Exec(ctx)
	return err
}

// NextLine returns the line of an import that may be done first, whether or not
// its time has come. Nothing waits where it is NotFound.
func (db *DB) NextLine(ctx context.Context, im community.ImportID) (_ *community.ImportLine, err error) {
	defer db.wrap(&err, "NextLine(%d)", im)
	line := new(community.ImportLine)
	err = db.read.NewSelect().Model(line).Where("import_id = ? AND outcome = ''", im).OrderExpr("run_at, n").Limit(1).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return line, nil
}

// SaveLine stores what became of a line.
func (db *DB) SaveLine(ctx context.Context, line *community.ImportLine) (err error) {
	defer db.wrap(&err, "SaveLine(%d, %d)", line.ImportID, line.N)
	_, err = db.write.NewUpdate().Model(line).WherePK().Column("outcome", "reason", "attempts", "run_at").Exec(ctx)
	return err
}

// RestHost has what waits for a server wait until a time, in all imports.
func (db *DB) RestHost(ctx context.Context, host string, until time.Time) (err error) {
	defer db.wrap(&err, "RestHost(%s)", host)
	_, err = db.write.NewUpdate().Model((*community.ImportLine)(nil)).Set("run_at = ?", until).
		Where("host = ? AND host <> '' AND outcome = '' AND run_at < ?", host, until).Exec(ctx)
	return err
}

// CountLines counts the lines of an import by kind and outcome.
func (db *DB) CountLines(ctx context.Context, im community.ImportID) (list []community.LineCount, err error) {
	defer db.wrap(&err, "CountLines(%d)", im)
	err = db.read.NewRaw("SELECT kind, outcome, count(*) AS n, sum(CASE WHEN attempts > 1 THEN 1 ELSE 0 END) AS tried"+
		" FROM import_lines WHERE import_id = ? GROUP BY kind, outcome ORDER BY kind, outcome", im).Scan(ctx, &list)
	return list, err
}

// ImportLines lists up to most lines of an import that come after one; with
// outcomes, those that have one of them.
func (db *DB) ImportLines(ctx context.Context, im community.ImportID, outcomes []community.Outcome, after, most int) (_ []*community.ImportLine, err error) {
	defer db.wrap(&err, "ImportLines(%d)", im)
	var list []*community.ImportLine
	q := db.read.NewSelect().Model(&list).Where("import_id = ? AND n > ?", im, after)
	if len(outcomes) > 0 {
		q = q.Where("outcome IN (?)", bun.List(outcomes))
	}
	err = q.OrderExpr("n").Limit(int64(most)).Scan(ctx)
	return list, err
}

// DropLines forgets the lines of an import that are of some kinds.
func (db *DB) DropLines(ctx context.Context, im community.ImportID, kinds ...community.LineKind) (err error) {
	defer db.wrap(&err, "DropLines(%d, %v)", im, kinds)
	_, err = db.write.NewDelete().Model((*community.ImportLine)(nil)).Where("import_id = ? AND kind IN (?)", im, bun.List(kinds)).Exec(ctx)
	return err
}

// DropImport forgets an account's import, however far it has come.
func (db *DB) DropImport(ctx context.Context, account community.AccountID) (err error) {
	defer db.wrap(&err, "DropImport(%d)", account)
	return db.dropImports(ctx, "account_id = ?", account)
}

// DropExpiredImports forgets imports that nobody reads any more.
func (db *DB) DropExpiredImports(ctx context.Context, now time.Time) (err error) {
	defer db.wrap(&err, "DropExpiredImports")
	return db.InTx(ctx, func(tx *DB) error { return tx.dropImports(ctx, "expires_at < ? AND state <> 'running'", now) })
}

func (db *DB) dropImports(ctx context.Context, where string, arg any) error {
	_, err := db.write.NewDelete().Model((*community.ImportLine)(nil)).
		Where("import_id IN (SELECT id FROM imports WHERE "+where+")", arg).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewDelete().Model((*community.Import)(nil)).Where(where, arg).Exec(ctx)
	return err
}
