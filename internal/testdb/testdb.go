// Package testdb gives tests real databases: each its own, migrated and empty,
// in SQLite and in Postgres, so that no test needs a mock or meets the rows of
// another.
//
// It is for tests only. Nothing has to be set up: unless the environment
// variable DRYSTONE_TEST_POSTGRES names a server made for tests (make test
// does), a private one is started when the first test asks, and it ends with
// the test process. A missing Postgres is a failure, never a skip.
package testdb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"drystone/migrations"
	"drystone/storage"
)

// Each runs f on both databases, as the parallel subtests "sqlite" and
// "postgres". As with all parallel subtests, what the caller defers runs before
// they do; use t.Cleanup.
func Each(t *testing.T, f func(t *testing.T, db *storage.DB)) {
	t.Helper()
	EachDSN(t, func(t *testing.T, dsn string) {
		f(t, open(t, dsn))
	})
}

// EachDSN is Each for tests that open the database themselves, because they
// start whole servers or stop and start one.
func EachDSN(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLiteDSN(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, PostgresDSN(t))
	})
}

// SQLite returns a migrated, empty database in a file of its own.
func SQLite(t testing.TB) *storage.DB {
	t.Helper()
	return open(t, SQLiteDSN(t))
}

// Postgres returns a migrated, empty database on the private server.
func Postgres(t testing.TB) *storage.DB {
	t.Helper()
	return open(t, PostgresDSN(t))
}

// SQLiteDSN returns the address of a migrated, empty SQLite database.
func SQLiteDSN(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "drystone.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// PostgresDSN returns the address of a migrated, empty Postgres database, which
// is dropped when the test ends.
func PostgresDSN(t testing.TB) string {
	t.Helper()
	server, err := privateServer()
	if err != nil {
		t.Fatal(err)
	}
	dsn, drop, err := server.create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// Add inserts rows, each a pointer to a model of package community or to a
// slice of them, past all rules: it is how a test says what is already there.
func Add(t testing.TB, db *storage.DB, rows ...any) {
	t.Helper()
	for _, row := range rows {
		if _, err := db.Bun().NewInsert().Model(row).Exec(t.Context()); err != nil {
			t.Fatalf("testdb: cannot add %T: %v", row, err)
		}
	}
}

func open(t testing.TB, dsn string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// sqliteTemplate is the content of a migrated database file; copying it is
// quicker than migrating each time.
var sqliteTemplate = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "drystone-testdb")
	if err != nil {
		return nil, fmt.Errorf("testdb: %w", err)
	}
	defer os.RemoveAll(dir)

	path := filepath.Join(dir, "template.db")
	// Closing moves everything out of the write-ahead log into the file.
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("testdb: %w", err)
	}
	return content, nil
})

// migrate brings the database at dsn to the newest schema.
func migrate(ctx context.Context, dsn string) error {
	db, err := storage.Open(ctx, dsn)
	if err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	if _, err := migrations.Apply(ctx, db.Bun()); err != nil {
		_ = db.Close()
		return fmt.Errorf("testdb: %w", err)
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	return nil
}
