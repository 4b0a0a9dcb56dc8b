// Package storage is every query that the server asks its database, on bun,
// for Postgres and for SQLite.
//
// A method is one question or one change; rules that decide whether a change
// may be made belong to community and service. SQL appears nowhere else, and
// what the two databases do differently is in dialect.go and nowhere else
// here. Migrations are applied by whoever opens the program, not by this
// package.
package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// A DB is a database, or a transaction in one: methods do not care. A
// transaction is got by InTx and must not outlive it.
type DB struct {
	write bun.IDB // a *bun.DB, or the transaction
	read  bun.IDB // the same, but for SQLite's readers
	root  *root
	rings map[Topic]bool // what the transaction will ring for after its commit
	batch *batch         // nil but in a batch
}

// root is what all transactions of a database share.
type root struct {
	write, read *bun.DB
	dialect     dialect
	bells       bells
	letters     atomic.Bool // whether this server sends mail
}

// Open connects to a database: "sqlite:path" or "postgres://…". It does not
// create tables; migrations.Apply does.
func Open(ctx context.Context, dsn string) (*DB, error) {
	d, err := dialectOf(dsn)
	if err != nil {
		return nil, err
	}
	write, read, err := d.open(ctx, dsn)
	if err != nil {
		return nil, fault.Because(err, fault.Unavailable, "The database cannot be opened")
	}
	r := &root{write: write, read: read, dialect: d}
	return &DB{write: write, read: read, root: r}, nil
}

// Close closes the connections.
func (db *DB) Close() error {
	err := db.root.write.Close()
	if db.root.read != db.root.write {
		err = errors.Join(err, db.root.read.Close())
	}
	return err
}

// Bun returns the connection that may write, for migrations and tests.
func (db *DB) Bun() *bun.DB { return db.root.write }

// Writers is how many transactions that write get on side by side.
func (db *DB) Writers() int { return db.root.dialect.writers() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.root.read.PingContext(ctx) }

// InTx runs f in a transaction: what f did stays if it returns nil and is
// undone otherwise. Inside a transaction it joins it.
func (db *DB) InTx(ctx context.Context, f func(tx *DB) error) error {
	if db.rings != nil {
		return f(db)
	}
	if err := outside(ctx); err != nil {
		return err
	}
	rings := map[Topic]bool{}
	err := db.root.write.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error {
		clear(rings)
		return f(&DB{write: tx, read: tx, root: db.root, rings: rings})
	})
	if err != nil {
		return db.classify(err)
	}
	for topic := range rings {
		db.root.bells.ring(topic)
	}
	return nil
}

// classify gives an error of the database its code: a duplicate is a
// Conflict, an absent row NotFound, a busy or lost database Unavailable.
func (db *DB) classify(err error) error {
	if err == nil {
		return nil
	}
	if _, coded := fault.As(err); coded {
		return err
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.Because(err, fault.NotFound, community.Nothing)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone):
		return fault.Because(err, fault.Unavailable, "The server was too busy to answer.")
	}
	if code := db.root.dialect.code(err); code != fault.None {
		return fault.Because(err, code, "The database refused")
	}
	return err
}

// wrap is deferred by exported methods: it classifies and names the question.
func (db *DB) wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = db.classify(*err)
		fault.Wrap(err, "storage."+format, args...)
	}
}

// hold makes the transaction wait until no other holds what the words name,
// and holds it until its end.
func (db *DB) hold(ctx context.Context, format string, args ...any) error {
	return db.root.dialect.lock(ctx, db.write, fmt.Sprintf(format, args...))
}

// A Topic is what a waiting reader waits for.
type Topic string

// The topics.
const (
	NewFacts      Topic = "facts"
	NewJobs       Topic = "jobs"
	NewActivities Topic = "activities"
	NewNotices    Topic = "notices"
)

// Wait returns a channel that is closed when something new was committed
// under topic by this process. Readers also look again after a while, since
// other processes ring their own bells.
func (db *DB) Wait(topic Topic) <-chan struct{} { return db.root.bells.wait(topic) }

// ring wakes those who wait for topic, after the commit.
func (db *DB) ring(topic Topic) {
	if db.rings != nil {
		db.rings[topic] = true
		return
	}
	db.root.bells.ring(topic)
}

type bells struct {
	mu sync.Mutex
	m  map[Topic]chan struct{}
}

func (b *bells) wait(topic Topic) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[Topic]chan struct{}{}
	}
	if b.m[topic] == nil {
		b.m[topic] = make(chan struct{})
	}
	return b.m[topic]
}

func (b *bells) ring(topic Topic) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ch := b.m[topic]; ch != nil {
		close(ch)
		delete(b.m, topic)
	}
}

// affected reports how many rows a statement changed.
func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one reports whether a statement changed something.
func one(res sql.Result, err error) (bool, error) {
	n, err := affected(res, err)
	return n > 0, err
}

// sortedKeys returns the keys of m, smallest first.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
