package storage

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"drystone/community"
	"drystone/fault"
)

// A dialect is what Postgres and SQLite do differently. Everything else in
// this package is one query for both.
type dialect interface {
	// open returns the pool that writes and the pool that reads; they may be
	// one.
	open(ctx context.Context, dsn string) (write, read *bun.DB, err error)
	// code tells what kind of error the driver gave, or None.
	code(err error) fault.Code
	// skipLocked is appended to a SELECT that claims rows.
	skipLocked() string
	// forUpdate is appended to a SELECT of rows that nobody else may change or
	// refer to until the transaction ends.
	forUpdate() string
	// inOrder is appended to a SELECT of rows that are changed next: it waits
	// for them in the order of their ids. Empty where nobody else writes.
	inOrder() string
	// forKeyShare is appended to a SELECT of rows that must stay what they
	// are until the transaction ends, though their counters may move.
	forKeyShare() string
	// lock makes the transaction wait until no other holds the lock called
	// name.
	lock(ctx context.Context, tx bun.IDB, name string) error
	// reserve returns the numbers, above last, of n rows that the transaction
	// is going to add to a table.
	reserve(ctx context.Context, tx bun.IDB, table string, last int64, n int) ([]int64, error)
	// ofEach asks a question about each of some groups or people, called each_group in
	// it, and puts the answers together.
	ofEach(groups []community.ActorID, question string, args []any) (string, []any)
	// writers is how many transactions get on side by side.
	writers() int
	// keepWords puts documents into a table of full-text search, in the place
	// of those with their keys.
	keepWords(ctx context.Context, tx bun.IDB, table string, docs []document) error
	// forgetWords takes documents out of the tables of full-text search.
	forgetWords(ctx context.Context, tx bun.IDB, table string, keys []int64) error
	// hits returns the keys of what a probe asks for, the highest first.
	hits(ctx context.Context, db bun.IDB, table string, p probe) ([]int64, error)
	// stems are the forms under which the inflections of words in some
	// languages are kept, by word.
	stems(ctx context.Context, db bun.IDB, words, languages []string) (map[string][]string, error)
}

func dialectOf(dsn string) (dialect, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		return sqlite{}, nil
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return postgres{}, nil
	}
	return nil, fault.New(fault.Invalid, "a database is sqlite:PATH or postgres://…, not %q", dsn)
}
