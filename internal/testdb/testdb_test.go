package testdb_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drystone/internal/testdb"
	"drystone/storage"
)

func TestEachGivesBothDatabasesMigratedAndApart(t *testing.T) {
	var seen atomic.Int32
	t.Run("group", func(t *testing.T) {
		for range 3 {
			testdb.Each(t, func(t *testing.T, db *storage.DB) {
				seen.Add(1)
				// It fails where another test has left a table of that name.
				if _, err := db.Bun().ExecContext(t.Context(), "CREATE TABLE mine (id INTEGER)"); err != nil {
					t.Error(err)
				}
				// It fails where nothing was migrated.
				if _, err := db.Bun().ExecContext(t.Context(), "SELECT id FROM posts"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	if got := seen.Load(); got != 6 {
		t.Errorf("ran on %d databases, want 6", got)
	}
}

func TestPostgresIsDroppedAfterTheTest(t *testing.T) {
	var dsn string
	t.Run("uses one", func(t *testing.T) { dsn = testdb.PostgresDSN(t) })
	if db, err := storage.Open(t.Context(), dsn); err == nil {
		t.Errorf("%s is still there", dsn)
		_ = db.Close()
	}
}

// The promise of postgres.sh: when its input ends, nothing is left.
func TestServerEndsWithItsInput(t *testing.T) {
	cmd := exec.Command("bash", "postgres.sh")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := output.Read(line)
	if err != nil {
		t.Fatal("it printed no address:", err)
	}
	_, rest, _ := strings.Cut(string(line[:n]), "host=")
	dir, _, _ := strings.Cut(rest, "&")
	pid, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it is still running")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	first, _, _ := strings.Cut(string(pid), "\n")
	if _, err := os.Stat("/proc/" + first); err == nil {
		t.Errorf("process %s is still running", first)
	}
}
