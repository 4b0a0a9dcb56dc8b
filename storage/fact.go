package storage

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// factRow is a fact on its way into the log.
type factRow struct {
	bun.BaseModel  `bun:"table:facts"`
	RowID          int64 `bun:",pk,autoincrement"`
	community.Fact `bun:",extend"`
}

// Record stores a fact in the transaction that makes it true.
func (db *DB) Record(ctx context.Context, fact community.Fact) (err error) {
	defer db.wrap(&err, "Record(%s)", fact.Kind)
	if fact.At.IsZero() {
		return fault.New(fault.Internal, "a fact without a time")
	}
	if b := db.batch; b != nil {
		b.facts = append(b.facts, &factRow{Fact: fact})
		b.wrote++
	} else if err := db.addFacts(ctx, []*factRow{{Fact: fact}}); err != nil {
		return err
	}
	db.ring(NewFacts)
	return nil
}

// addFacts appends to the log of facts.
func (db *DB) addFacts(ctx context.Context, facts []*factRow) error {
	if len(facts) == 0 {
		return nil
	}
	return db.InTx(ctx, func(tx *DB) error {
		if tx.root.dialect.writers() > 1 {
			return tx.insertFacts(ctx, facts, "id")
		}
		var last community.FactID
		// Not null, as the index says: without that SQLite would read the whole log.
		if err := tx.write.NewRaw("SELECT coalesce(max(id), 0) FROM facts WHERE id IS NOT NULL").Scan(ctx, &last); err != nil {
			return err
		}
		for i, f := range facts {
			f.ID = last + community.FactID(i) + 1
		}
		return tx.insertFacts(ctx, facts)
	})
}

func (db *DB) insertFacts(ctx context.Context, facts []*factRow, without ...string) error {
	for part := range slices.Chunk(facts, insertRows) {
		if _, err := db.write.NewInsert().Model(&part).ExcludeColumn(without...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// NumberFacts gives committed facts their place in the order that readers
// follow. Numbers follow commits, because a row is numbered only once it can
// be seen; the lock keeps two processes from giving out the same one. SQLite,
// which has one writer at a time, numbers them as they are added.
func (db *DB) NumberFacts(ctx context.Context) (err error) {
	defer db.wrap(&err, "NumberFacts")
	fresh, err := db.read.NewSelect().TableExpr("facts").Where("id IS NULL").Exists(ctx)
	if err != nil || !fresh {
		return err
	}
	return db.InTx(ctx, func(tx *DB) error {
		if err := tx.root.dialect.lock(ctx, tx.write, "facts"); err != nil {
			return err
		}
		_, err := tx.write.NewRaw(`UPDATE facts SET id = fresh.place FROM (
			SELECT row_id, (SELECT coalesce(max(id), 0) FROM facts WHERE id IS NOT NULL) + row_number() OVER (ORDER BY row_id) AS place
			FROM (SELECT row_id FROM facts WHERE id IS NULL ORDER BY row_id LIMIT 5000) AS unnumbered
			) AS fresh WHERE facts.row_id = fresh.row_id`).Exec(ctx)
		return err
	})
}

// Facts returns the facts after a position, in order.
func (db *DB) Facts(ctx context.Context, after community.FactID, limit int) (_ []community.Fact, err error) {
	defer db.wrap(&err, "Facts(%d)", after)
	var facts []community.Fact
	err = db.read.NewSelect().Model(&facts).Where("id > ?", after).OrderExpr("id").Limit(int64(limit)).Scan(ctx)
	return facts, err
}

// TrimFacts deletes facts that every reader has passed and that are older
// than before. The newest stays: numbers go on from it.
func (db *DB) TrimFacts(ctx context.Context, before time.Time) (err error) {
	defer db.wrap(&err, "TrimFacts")
	_, err = db.write.NewRaw(`DELETE FROM facts WHERE at < ? AND id <= (SELECT min(position) FROM cursors WHERE name LIKE 'facts:%')
		AND id < (SELECT max(id) FROM facts WHERE id IS NOT NULL)`, before).Exec(ctx)
	return err
}

// cursor is how far one reader has come.
type cursor struct {
	Name        string `bun:",pk"`
	Position    community.FactID
	LeasedBy    string
	LeasedUntil time.Time `bun:",nullzero"`
}

// Lease takes or keeps a reader's cursor for worker until a time, and reports
// whether worker has it. A cursor that is new starts at the beginning.
func (db *DB) Lease(ctx context.Context, name, worker string, now, until time.Time) (_ bool, err error) {
	defer db.wrap(&err, "Lease(%s)", name)
	return one(db.write.NewInsert().Model(&cursor{Name: name, LeasedBy: worker, LeasedUntil: until}).
		On("CONFLICT (name) DO UPDATE").Set("leased_by = EXCLUDED.leased_by, leased_until = EXCLUDED.leased_until").
		Where("cursor.leased_by = EXCLUDED.leased_by OR cursor.leased_until IS NULL OR cursor.leased_until < ?", now).Exec(ctx))
}

// Release gives a cursor back before its lease ends.
func (db *DB) Release(ctx context.Context, name, worker string) (err error) {
	defer db.wrap(&err, "Release(%s)", name)
	_, err = db.write.NewUpdate().Model((*cursor)(nil)).Set("leased_by = '', leased_until = NULL").
		Where("name = ? AND leased_by = ?", name, worker).Exec(ctx)
	return err
}

// Position returns how far a reader has come.
func (db *DB) Position(ctx context.Context, name string) (_ community.FactID, err error) {
	defer db.wrap(&err, "Position(%s)", name)
	c := cursor{Name: name}
	err = db.read.NewSelect().Model(&c).WherePK().Scan(ctx)
	return c.Position, err
}

// Advance saves how far a reader has come, in the transaction that did what
// the facts asked for. It is a Conflict if worker lost the cursor meanwhile.
func (db *DB) Advance(ctx context.Context, name, worker string, position community.FactID) (err error) {
	defer db.wrap(&err, "Advance(%s, %d)", name, position)
	held, err := one(db.write.NewUpdate().Model((*cursor)(nil)).Set("position = ?", position).
		Where("name = ? AND leased_by = ? AND position < ?", name, worker, position).Exec(ctx))
	if err == nil && !held {
		return fault.New(fault.Conflict, "%s is read by somebody else now", name)
	}
	return err
}
