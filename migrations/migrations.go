// Package migrations is the history of the schema: numbered SQL files for
// each database, embedded, and the code that applies them once each.
//
// Files are append-only and import no types of the program: what a released
// file did stays done. Queries belong in storage.
package migrations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// lockKey is the advisory lock under which Postgres migrates: it goes with
// the connection, so a crash cannot leave it behind as a row would.
const lockKey = 0x6472_7973 // "drys"

// A Migration is one step of the schema. AppliedAt is zero when it is still
// to be done.
type Migration struct {
	Name      string
	AppliedAt time.Time
}

// Apply brings db to the newest schema and returns the names of the steps
// that it took. Two processes may call it at once; one of them does the work.
func Apply(ctx context.Context, db *bun.DB) ([]string, error) {
	if db.Dialect().Name() == dialect.PG {
		unlock, err := lock(ctx, db)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	migrator, err := migrator(ctx, db)
	if err != nil {
		return nil, err
	}
	group, err := migrator.Migrate(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	var names []string
	for _, m := range group.Migrations {
		names = append(names, m.Name+"_"+m.Comment)
	}
	return names, nil
}

// Status lists every step, oldest first.
func Status(ctx context.Context, db *bun.DB) ([]Migration, error) {
	migrator, err := migrator(ctx, db)
	if err != nil {
		return nil, err
	}
	steps, err := migrator.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	var list []Migration
	for _, m := range steps {
		list = append(list, Migration{Name: m.Name + "_" + m.Comment, AppliedAt: m.MigratedAt})
	}
	return list, nil
}

func migrator(ctx context.Context, db *bun.DB) (*migrate.Migrator, error) {
	folder := "sqlite"
	if db.Dialect().Name() == dialect.PG {
		folder = "postgres"
	}
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	steps := migrate.NewMigrations()
	if err := steps.Discover(sub); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	// Without this option bun notes a failed step as done.
	migrator := migrate.NewMigrator(db, steps, migrate.WithMarkAppliedOnSuccess(true))
	if err := migrator.Init(ctx); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return migrator, nil
}

// lock waits for the advisory lock on a connection of its own.
func lock(ctx context.Context, db *bun.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lockKey); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lockKey)
		_ = conn.Close()
	}, nil
}
