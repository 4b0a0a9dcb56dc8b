package storage

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// A batch is a transaction in which many things of the same kind are done,
// such as the activities that arrived. What is about to be asked for can be
// loaded ahead (Expect), what was asked for is remembered, and rows that are
// only added wait and are written together. The methods of DB are the same: a
// use case does not know that it runs in a batch.
//
// Whatever else goes to the database sees what waits, because it is written
// first, and whatever else writes makes the batch forget what it remembers.
type batch struct {
	tx    *DB // the transaction, past the batch
	known memory
	wrote int // statements that wrote, and rows that waited
	err   error

	posts    []*community.Post
	comments []*community.Comment
	votes    []*community.Vote
	deltas   []delta
	facts    []*factRow
	said     []*community.Activity
	news     []*community.Notification

	ids  map[string][]int64 // reserved and not given out, by table
	last map[string]int64   // the highest reserved
}

// inBatch marks contexts within a batch.
type inBatch struct{}

// InBatch is InTx for many things of the same kind; see batch.
func (db *DB) InBatch(ctx context.Context, f func(ctx context.Context, tx *DB) error) error {
	return db.InTx(ctx, func(tx *DB) error {
		conn, plain := tx.write.(bun.Tx)
		if !plain {
			return f(ctx, tx) // in a batch already
		}
		b := &batch{tx: tx, ids: map[string][]int64{}, last: map[string]int64{}}
		b.known.forget()
		through := batchConn{conn, b}
		within := &DB{write: through, read: through, root: tx.root, rings: tx.rings, batch: b}
		if err := f(context.WithValue(ctx, inBatch{}, true), within); err != nil {
			return err
		}
		return b.flush(ctx)
	})
}

// outside is an error for who is in a batch and asks for a transaction beside
// it: SQLite would have them wait for themselves.
func outside(ctx context.Context) error {
	if ctx.Value(inBatch{}) != nil {
		return fault.New(fault.Internal, "a transaction beside the batch")
	}
	return nil
}

// Written counts what was written in a batch so far, so that who fails can
// tell whether they left something behind.
func (db *DB) Written() int {
	if db.batch == nil {
		return 0
	}
	return db.batch.wrote
}

// flush writes what waits.
func (b *batch) flush(ctx context.Context) error {
	if b.err != nil {
		return b.err
	}
	if err := insertAll(ctx, b.tx, &b.posts); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, &b.comments); err != nil {
		return err
	}
	if err := b.flushVotes(ctx); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, &b.deltas); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, &b.said); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, &b.news); err != nil {
		return err
	}
	facts := b.facts
	b.facts = nil
	return b.tx.addFacts(ctx, facts)
}

// flushVotes writes the votes of those who had none. Somebody may have voted
// elsewhere meanwhile: then the batch is undone, and done otherwise.
func (b *batch) flushVotes(ctx context.Context) error {
	votes := b.votes
	b.votes = nil
	for part := range slices.Chunk(votes, insertRows) {
		n, err := affected(b.tx.write.NewInsert().Model(&part).On("CONFLICT DO NOTHING").Exec(ctx))
		if err == nil && int(n) < len(part) {
			err = fault.New(fault.Unavailable, "Somebody voted twice at the same moment.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// insertRows is how many rows one statement adds: more gain little and make it
// long.
const insertRows = 100

func insertAll[T any](ctx context.Context, tx *DB, rows *[]T) error {
	list := *rows
	*rows = nil
	for part := range slices.Chunk(list, insertRows) {
		if _, err := tx.write.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reserve returns the number of the next row of a table.
func (db *DB) reserve(ctx context.Context, table string) (int64, error) {
	b := db.batch
	if b == nil {
		ids, err := db.root.dialect.reserve(ctx, db.write, table, 0, 1)
		if err != nil {
			return 0, err
		}
		return ids[0], nil
	}
	if len(b.ids[table]) == 0 {
		const ahead = 50
		ids, err := db.root.dialect.reserve(ctx, b.tx.write, table, b.last[table], ahead)
		if err != nil {
			return 0, err
		}
		b.ids[table], b.last[table] = ids, ids[len(ids)-1]
	}
	id := b.ids[table][0]
	b.ids[table] = b.ids[table][1:]
	return id, nil
}

// before is called with every statement that goes past what waits. A row that
// is added may belong to a post or a comment that waits, without a word of it.
func (b *batch) before(ctx context.Context, query string) error {
	if len(b.posts)+len(b.comments) > 0 && strings.HasPrefix(query, "INSERT ") {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	for table, waits := range map[string]bool{
		"posts": len(b.posts) > 0, "comments": len(b.comments) > 0, "votes": len(b.votes) > 0,
		"deltas": len(b.deltas) > 0, "facts": len(b.facts) > 0, "activities": len(b.said) > 0,
		"notifications": len(b.news) > 0,
	} {
		if waits && strings.Contains(query, table) {
			if err := b.flush(ctx); err != nil {
				return err
			}
			break
		}
	}
	if !onlyReads(query) {
		b.wrote++
		if slices.ContainsFunc(rememberedTables, func(table string) bool { return strings.Contains(query, table) }) {
			b.known.forget()
		}
	}
	return nil
}

// rememberedTables are those whose rows a batch remembers.
var rememberedTables = []string{"actors", "posts", "comments", "memberships", "votes", "accounts", "activities", "named_roles", "role_grants"}

// onlyReads reports whether a statement certainly changes nothing.
func onlyReads(query string) bool {
	if strings.HasPrefix(query, "SELECT ") {
		return true
	}
	return strings.HasPrefix(query, "WITH ") && !strings.Contains(query, "UPDATE ") &&
		!strings.Contains(query, "INSERT ") && !strings.Contains(query, "DELETE ")
}

// batchConn is a transaction whose statements go past the batch.
type batchConn struct {
	bun.Tx
	b *batch
}

func (c batchConn) NewSelect() *bun.SelectQuery { return c.Tx.NewSelect().Conn(c) }
func (c batchConn) NewInsert() *bun.InsertQuery { return c.Tx.NewInsert().Conn(c) }
func (c batchConn) NewUpdate() *bun.UpdateQuery { return c.Tx.NewUpdate().Conn(c) }
func (c batchConn) NewDelete() *bun.DeleteQuery { return c.Tx.NewDelete().Conn(c) }

func (c batchConn) NewRaw(query string, args ...any) *bun.RawQuery {
	return c.Tx.NewRaw(query, args...).Conn(c)
}

func (c batchConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := c.b.before(ctx, query); err != nil {
		return nil, err
	}
	if len(args) == 0 { // bun wrote the arguments into it
		return c.Tx.Tx.QueryContext(ctx, query)
	}
	return c.Tx.QueryContext(ctx, query, args...)
}

func (c batchConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := c.b.before(ctx, query); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return c.Tx.Tx.ExecContext(ctx, query)
	}
	return c.Tx.ExecContext(ctx, query, args...)
}

// QueryRowContext has no way to say what went wrong before the query: the
// whole batch fails with it.
func (c batchConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := c.b.before(ctx, query); err != nil && c.b.err == nil {
		c.b.err = err
	}
	if len(args) == 0 {
		return c.Tx.Tx.QueryRowContext(ctx, query)
	}
	return c.Tx.QueryRowContext(ctx, query, args...)
}
