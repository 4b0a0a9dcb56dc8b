package storage

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"drystone/community"
	"drystone/fault"
)

type postgres struct{}

func (postgres) open(ctx context.Context, dsn string) (write, read *bun.DB, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, err
	}
	// bun writes values into the query, so preparing each one would cost a
	// round trip for nothing.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "drystone"
	}
	config.RuntimeParams["timezone"] = "UTC"
	pool := stdlib.OpenDB(*config)
	conns := max(16, 4*runtime.NumCPU())
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	db := bun.NewDB(pool, pgdialect.New())
	return db, db, nil
}

func (postgres) code(err error) fault.Code {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) || errors.Is(err, sql.ErrConnDone) {
			return fault.Unavailable
		}
		return fault.None
	}
	switch {
	case pg.Code == "23505": // unique_violation
		return fault.Conflict
	case pg.Code == "23503": // foreign_key_violation
		return fault.NotFound
	case pg.Code == "40001", pg.Code == "40P01", // serialization, deadlock
		strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57"):
		return fault.Unavailable
	}
	return fault.None
}

func (postgres) skipLocked() string { return "FOR UPDATE SKIP LOCKED" }

func (postgres) forUpdate() string { return "FOR UPDATE" }

func (postgres) inOrder() string { return "ORDER BY id FOR NO KEY UPDATE" }

func (postgres) forKeyShare() string { return "FOR KEY SHARE" }

func (postgres) lock(ctx context.Context, tx bun.IDB, name string) error {
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext(?))", "drystone:"+name)
	return err
}

func (postgres) reserve(ctx context.Context, tx bun.IDB, table string, _ int64, n int) (ids []int64, err error) {
	err = tx.NewRaw("SELECT nextval(pg_get_serial_sequence(?, 'id')) FROM generate_series(1, ?)", table, n).Scan(ctx, &ids)
	return ids, err
}

// ofEach is one query that is planned once, however many groups there are.
func (postgres) ofEach(groups []community.ActorID, question string, args []any) (string, []any) {
	return "SELECT answer.* FROM unnest(?::bigint[]) AS each (each_group) CROSS JOIN LATERAL (" + question + ") AS answer",
		append([]any{pgdialect.Array(groups)}, args...)
}

// writers is what a few processors keep busy.
func (postgres) writers() int { return 4 }
