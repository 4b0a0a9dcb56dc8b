package testdb

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the script below
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"drystone/storage"
)

//go:embed postgres.sh
var script string

// A server is a Postgres for tests and the name of the migrated database in it
// that the others are copies of.
type server struct {
	url      *url.URL
	admin    *storage.DB
	template string

	// A server that we started lives while this is open; here it is not
	// garbage before the process ends.
	lifeline io.Closer
}

// privateServer finds or starts the server of this test process.
var privateServer = sync.OnceValues(func() (*server, error) {
	s := &server{}
	dsn := os.Getenv("DRYSTONE_TEST_POSTGRES")
	if dsn == "" {
		var err error
		if dsn, s.lifeline, err = start(); err != nil {
			return nil, err
		}
	}
	var err error
	if s.url, err = url.Parse(dsn); err != nil {
		return nil, fmt.Errorf("testdb: DRYSTONE_TEST_POSTGRES cannot be read: %w", err)
	}
	// A server on a TCP port may be somebody's; a socket in a folder that was
	// made for it is not.
	if !strings.HasPrefix(s.url.Query().Get("host"), "/") {
		return nil, errors.New("testdb: DRYSTONE_TEST_POSTGRES must name a socket, as in postgres://postgres@/postgres?host=/path")
	}
	ctx := context.Background()
	if s.admin, err = storage.Open(ctx, dsn); err != nil {
		return nil, fmt.Errorf("testdb: %w", err)
	}
	// Many tests wait here at once; few need to talk at once.
	s.admin.Bun().SetMaxOpenConns(4)
	return s, s.makeTemplate(ctx)
})

// Durable starts a server for benchmarks, which keeps what it commits as a
// server in production does, until lifeline is closed.
func Durable() (dsn string, lifeline io.Closer, err error) { return start("durable") }

// start runs the script that starts a server. The script ends it when its input
// ends: when lifeline is closed, which the kernel does when this process is
// gone, however it went.
func start(kind ...string) (dsn string, lifeline io.Closer, err error) {
	cmd := exec.Command("bash", append([]string{"-c", script, "postgres.sh"}, kind...)...)
	// A group of its own: Ctrl-C ends the tests, and only by that the server,
	// so that it has the time to tidy up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("testdb: %w", err)
	}
	if lifeline, err = cmd.StdinPipe(); err != nil {
		return "", nil, fmt.Errorf("testdb: %w", err)
	}
	// Not our own standard error: go test waits until nobody holds it.
	complaint, err := os.CreateTemp("", "drystone-testdb")
	if err != nil {
		return "", nil, fmt.Errorf("testdb: %w", err)
	}
	defer os.Remove(complaint.Name())
	defer complaint.Close()
	cmd.Stderr = complaint
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("testdb: the tests start Postgres with bash: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		said, _ := os.ReadFile(complaint.Name())
		return "", nil, errors.New(strings.TrimSpace(string(said)))
	}
	return strings.TrimSpace(line), lifeline, nil
}

// makeTemplate makes the migrated database, unless another test process that
// uses the same server has made it.
func (s *server) makeTemplate(ctx context.Context) error {
	sum, err := schemaSum()
	if err != nil {
		return err
	}
	s.template = "drystone_template_" + sum

	// The lock belongs to a connection, so all of this happens on one.
	conn, err := s.admin.Bun().Conn(ctx)
	if err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(7209)"); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	defer conn.ExecContext(ctx, "SELECT pg_advisory_unlock(7209)") //nolint:errcheck // closing the connection would do it too

	var made bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", s.template).Scan(&made); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	if made {
		return nil
	}
	// It gets its name when it is complete: a process may die half-way.
	draft := s.template + "_draft"
	if _, err := conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+draft+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE "+draft); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	if err := migrate(ctx, s.dsn(draft)); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "ALTER DATABASE "+draft+" RENAME TO "+s.template); err != nil {
		return fmt.Errorf("testdb: %w", err)
	}
	return nil
}

// create makes a database and returns its address and how to drop it.
func (s *server) create(ctx context.Context) (dsn string, drop func() error, err error) {
	name := "drystone_test_" + strings.ToLower(rand.Text())
	if _, err := s.admin.Bun().ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template); err != nil {
		return "", nil, fmt.Errorf("testdb: %w", err)
	}
	return s.dsn(name), func() error {
		// FORCE, because a test that failed may have left connections.
		_, err := s.admin.Bun().ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)")
		if err != nil {
			return fmt.Errorf("testdb: %w", err)
		}
		return nil
	}, nil
}

// dsn is the address of the database called name.
func (s *server) dsn(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// schemaSum names the schema by the files that make it, so that a server which
// outlives a change of them is not believed.
func schemaSum() (string, error) {
	_, self, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("testdb: tests must be built with their source paths")
	}
	sum := sha256.New()
	root := filepath.Join(filepath.Dir(self), "..", "..", "migrations")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", entry.Name(), len(content))
		sum.Write(content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("testdb: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}
