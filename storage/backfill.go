package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
)

// AskBackfill notes that something is to be read from its server, and reports
// whether that is news: what was asked for after stale is not read again.
func (db *DB) AskBackfill(ctx context.Context, b *community.Backfill, stale time.Time) (_ bool, err error) {
	defer db.wrap(&err, "AskBackfill(%s)", b.IRI)
	n, err := affected(db.write.NewInsert().Model(b).On("CONFLICT (iri) DO UPDATE").
		Set("state = EXCLUDED.state, asked_at = EXCLUDED.asked_at").
		Where("backfill.asked_at <= ?", stale).Returning("NULL").Exec(ctx))
	return n > 0, err
}

// Backfill returns what was read of the thing called iri; nil, without an
// error, if nobody asked for it.
func (db *DB) Backfill(ctx context.Context, iri string) (_ *community.Backfill, err error) {
	defer db.wrap(&err, "Backfill(%s)", iri)
	b := new(community.Backfill)
	err = db.read.NewSelect().Model(b).Where("iri = ?", iri).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return b, err
}

// SaveBackfill stores how far reading has come.
func (db *DB) SaveBackfill(ctx context.Context, b *community.Backfill) (err error) {
	defer db.wrap(&err, "SaveBackfill(%s)", b.IRI)
	_, err = db.write.NewUpdate().Model(b).WherePK().Column("state", "fetched", "trouble", "tag", "read_at").Exec(ctx)
	return err
}

// TrimBackfills forgets what nobody asked for since a time.
func (db *DB) TrimBackfills(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimBackfills")
	_, err = db.write.NewDelete().Model((*community.Backfill)(nil)).Where("asked_at < ?", before).Exec(ctx)
	return err
}

// MirrorFeatured makes the posts with ids, and no others, the ones on top of a
// group that lives elsewhere.
func (db *DB) MirrorFeatured(ctx context.Context, group community.ActorID, ids []community.PostID, now time.Time) (err error) {
	defer db.wrap(&err, "MirrorFeatured(%d)", group)
	if len(ids) == 0 {
		ids = []community.PostID{0}
	}
	_, err = db.write.NewRaw("UPDATE posts SET featured_at = NULL WHERE group_id = ? AND featured_at IS NOT NULL AND id NOT IN (?)", group, bun.List(ids)).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = db.write.NewRaw("UPDATE posts SET featured_at = ? WHERE group_id = ? AND featured_at IS NULL AND id IN (?)", now, group, bun.List(ids)).Exec(ctx)
	return err
}
