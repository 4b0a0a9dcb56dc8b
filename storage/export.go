package storage

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AddExport stores an export that begins, in the place of the account's last
// one.
func (db *DB) AddExport(ctx context.Context, e *community.Export) (err error) {
	defer db.wrap(&err, "AddExport(%d)", e.AccountID)
	if err := db.DropExport(ctx, e.AccountID); err != nil {
		return err
	}
	_, err = db.write.NewInsert().Model(e).Returning("id").Exec(ctx)
	return err
}

// Export returns an account's export.
func (db *DB) Export(ctx context.Context, account community.AccountID) (_ *community.Export, err error) {
	defer db.wrap(&err, "Export(%d)", account)
	e := new(community.Export)
	if err := db.read.NewSelect().Model(e).Where("account_id = ?", account).Scan(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// HoldExport returns the export called name, and makes other transactions that
// hold it wait for the end of this one.
func (db *DB) HoldExport(ctx context.Context, name string) (_ *community.Export, err error) {
	defer db.wrap(&err, "HoldExport")
	if err := db.hold(ctx, "export:%s", name); err != nil {
		return nil, err
	}
	return db.ExportNamed(ctx, name)
}

// ExportNamed returns the export called name.
func (db *DB) ExportNamed(ctx context.Context, name string) (_ *community.Export, err error) {
	defer db.wrap(&err, "ExportNamed")
	e := new(community.Export)
	if err := db.read.NewSelect().Model(e).Where("name = ?", name).Scan(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// SaveExport stores how far an export has come.
func (db *DB) SaveExport(ctx context.Context, e *community.Export) (err error) {
	defer db.wrap(&err, "SaveExport(%d)", e.ID)
	_, err = db.write.NewUpdate().Model(e).WherePK().
		Column("state", "file", "stage", "after", "rows", "trouble", "finished_at", "expires_at").Exec(ctx)
	return err
}

// ExportFiles lists the files of an export that were begun, in order.
func (db *DB) ExportFiles(ctx context.Context, export community.ExportID) (_ []*community.ExportFile, err error) {
	defer db.wrap(&err, "ExportFiles(%d)", export)
	var list []*community.ExportFile
	err = db.read.NewSelect().Model(&list).Where("export_id = ?", export).OrderExpr("file").Scan(ctx)
	return list, err
}

// SaveExportFile stores a file of an export as far as it is written.
func (db *DB) SaveExportFile(ctx context.Context, f *community.ExportFile) (err error) {
	defer db.wrap(&err, "SaveExportFile(%d, %s)", f.ExportID, f.Name)
	_, err = db.write.NewInsert().Model(f).On("CONFLICT (export_id, file) DO UPDATE").
		Set("rows = EXCLUDED.rows, parts = EXCLUDED.parts, crc = EXCLUDED.crc, size = EXCLUDED.size, packed = EXCLUDED.packed").Exec(ctx)
	return err
}

// AddExportPart stores a piece of a file.
func (db *DB) AddExportPart(ctx context.Context, p *community.ExportPart) (err error) {
	defer db.wrap(&err, "AddExportPart(%d, %d)", p.ExportID, p.File)
	_, err = db.write.NewInsert().Model(p).Exec(ctx)
	return err
}

// ExportPart returns a piece of a file.
func (db *DB) ExportPart(ctx context.Context, export community.ExportID, file, part int) (_ []byte, err error) {
	defer db.wrap(&err, "ExportPart(%d, %d, %d)", export, file, part)
	p := new(community.ExportPart)
	err = db.read.NewSelect().Model(p).Where("export_id = ? AND file = ? AND part = ?", export, file, part).Scan(ctx)
	return p.Body, err
}

// DropExport forgets an account's export, whatever became of it.
func (db *DB) DropExport(ctx context.Context, account community.AccountID) (err error) {
	defer db.wrap(&err, "DropExport(%d)", account)
	return db.dropExports(ctx, "account_id = ?", account)
}

// DropExpiredExports forgets exports that nobody may fetch any more.
func (db *DB) DropExpiredExports(ctx context.Context, now time.Time) (err error) {
	defer db.wrap(&err, "DropExpiredExports")
	return db.InTx(ctx, func(tx *DB) error { return tx.dropExports(ctx, "expires_at < ?", now) })
}

func (db *DB) dropExports(ctx context.Context, where string, arg any) error {
	var ids []community.ExportID
	err := db.write.NewSelect().TableExpr("exports").Column("id").Where(where, arg).Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, model := range []any{(*community.ExportPart)(nil), (*community.ExportFile)(nil)} {
		if _, err := db.write.NewDelete().Model(model).Where("export_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	_, err = db.write.NewDelete().Model((*community.Export)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
	return err
}
