package storage

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"drystone/community"
	"drystone/fault"
)

type sqlite struct{}

// open makes one connection that writes and several that only read. SQLite
// has one writer at a time; letting database/sql queue for it is fair, where
// SQLite's own busy handler is not, and with immediate transactions the lock
// is taken before anything is read (STACK.md, 6.2).
func (sqlite) open(ctx context.Context, dsn string) (write, read *bun.DB, err error) {
	path := strings.TrimPrefix(dsn, "sqlite:")
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, nil, err
	}
	writer, err := sqlitePool(ctx, path, 1, url.Values{"_txlock": {"immediate"}})
	if err != nil {
		return nil, nil, err
	}
	reader, err := sqlitePool(ctx, path, max(4, runtime.NumCPU()), url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	return writer, reader, nil
}

func sqlitePool(ctx context.Context, path string, conns int, extra url.Values) (*bun.DB, error) {
	// busy_timeout comes first: switching to WAL can already meet a lock.
	options := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)",
		"cache_size(-16000)", "temp_store(memory)", "journal_size_limit(67108864)",
	}}
	for name, values := range extra {
		options[name] = append(options[name], values...)
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return bun.NewDB(pool, sqlitedialect.New()), nil
}

func (sqlite) code(err error) fault.Code {
	var e *driver.Error
	if !errors.As(err, &e) {
		return fault.None
	}
	switch e.Code() {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault.Conflict
	case codes.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault.NotFound
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_FULL, codes.SQLITE_IOERR:
		return fault.Unavailable
	}
	return fault.None
}

// skipLocked is empty: the writer is alone.
func (sqlite) skipLocked() string { return "" }

// forUpdate is empty, likewise.
func (sqlite) forUpdate() string { return "" }

// inOrder is empty, likewise.
func (sqlite) inOrder() string { return "" }

// forKeyShare is empty, likewise.
func (sqlite) forKeyShare() string { return "" }

// lock is nothing: a transaction that writes is alone.
func (sqlite) lock(context.Context, bun.IDB, string) error { return nil }

// reserve knows the number of the last row: nobody else adds any until the
// transaction ends.
func (sqlite) reserve(ctx context.Context, tx bun.IDB, table string, last int64, n int) ([]int64, error) {
	var used int64
	if err := tx.NewRaw("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", table).Scan(ctx, &used); err != nil {
		return nil, err
	}
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = max(used, last) + int64(i) + 1
	}
	return ids, nil
}

// ofEach is a query for each group: SQLite knows no other way that reads only
// the beginning of each.
func (sqlite) ofEach(groups []community.ActorID, question string, args []any) (string, []any) {
	parts, all := make([]string, len(groups)), make([]any, 0, len(groups)*len(args))
	for i, group := range groups {
		parts[i] = "SELECT * FROM (" + strings.ReplaceAll(question, "each_group", strconv.FormatInt(int64(group), 10)) + ")"
		all = append(all, args...)
	}
	return strings.Join(parts, " UNION ALL "), all
}

func (sqlite) writers() int { return 1 }
