// Command bench measures what the design promises, in one run: the limits of
// the machine (signatures, syncs, commits) and, taken in turns with them, the
// server: received activities until they are visible, deliveries, feeds,
// listeners, start and idle memory, on SQLite and on Postgres. It prints medians and
// ratios, since the ratio to a limit survives another machine.
//
// It starts everything that it needs in its own temporary folder: the built
// program, a Postgres of its own, and the servers that follow and answer, in
// a process apart so that their work is not counted as ours.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"drystone/internal/testdb"
	"drystone/migrations"
	"drystone/storage"
)

// settings is what a run is asked for.
type settings struct {
	rounds int
	most   int    // posts in the largest feed
	only   string // parts, or all
	base   string // databases, or all
	keep   string // where profiles go, or nowhere
	dir    string
	binary string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "others" {
		exitOn(others(os.Stdin, os.Stdout))
		return
	}
	var s settings
	flag.IntVar(&s.rounds, "rounds", 5, "how often limits and ours are taken in turns")
	flag.IntVar(&s.most, "max", 1_000_000, "posts in the largest feed, and in the largest search")
	flag.StringVar(&s.only, "only", "", "federation, inbox (of federation, what arrives), shared, feeds, search, live or start; all if empty")
	flag.StringVar(&s.base, "database", "", "sqlite or postgres; both if empty")
	flag.StringVar(&s.keep, "profile", "", "a folder for CPU profiles of the server, one for each thing that it does")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exitOn(run(ctx, s))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) (err error) {
	if s.dir, err = os.MkdirTemp("", "drystone-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	s.binary = filepath.Join(s.dir, "drystone")
	args := []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", s.binary}
	if s.keep != "" {
		args = append(args, "-tags", "profile")
	}
	build := exec.CommandContext(ctx, "go", append(args, "./cmd/drystone")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	postgres, lifeline, err := testdb.Durable()
	if err != nil {
		return err
	}
	defer lifeline.Close()
	targets := []*target{
		{name: "sqlite", dsn: "sqlite:" + filepath.Join(s.dir, "bench.db")},
		{name: "postgres", dsn: postgres},
	}
	targets = slices.DeleteFunc(targets, func(t *target) bool { return s.base != "" && s.base != t.name })
	fmt.Printf("%s, %d cores, %s, %d rounds, medians [least..most]\n\n", runtime.Version(), runtime.NumCPU(), runtime.GOARCH, s.rounds)
	machine := watchMachine()
	for _, part := range []struct {
		name string
		run  func(context.Context, settings, []*target) error
	}{{"federation", federationPart}, {"inbox", federationPart}, {"shared", sharedPart}, {"feeds", feedsPart}, {"search", searchPart}, {"live", livePart}, {"start", startPart}} {
		if s.only != part.name && (s.only != "" || part.name == "inbox") {
			continue
		}
		if err := part.run(ctx, s, targets); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	fmt.Printf("Others on this machine used %.0f%% of it meanwhile; above 5%% the run says little.\n", 100*machine.foreign())
	return nil
}

// A target is one of the two databases.
type target struct {
	name string
	dsn  string
	db   *storage.DB
}

// fresh makes an empty, migrated database called name and opens it.
func (t *target) fresh(ctx context.Context, name string) (*target, error) {
	dsn := strings.TrimSuffix(t.dsn, ".db") + "-" + name + ".db"
	if t.name == "postgres" {
		admin, err := storage.Open(ctx, t.dsn)
		if err != nil {
			return nil, err
		}
		_, err = admin.Bun().ExecContext(ctx, "CREATE DATABASE bench_"+name)
		if err = errors.Join(err, admin.Close()); err != nil {
			return nil, err
		}
		dsn = strings.Replace(t.dsn, "/postgres?", "/bench_"+name+"?", 1)
	}
	db, err := storage.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if _, err := migrations.Apply(ctx, db.Bun()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &target{name: t.name, dsn: dsn, db: db}, nil
}

// A series is one number, measured several times.
type series []float64

func (s *series) add(v float64) { *s = append(*s, v) }

func (s series) at(share float64) float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func (s series) median() float64 { return s.at(0.5) }

// String is the median and what it was taken from.
func (s series) String() string {
	return fmt.Sprintf("%s [%s..%s]", short(s.median()), short(s.at(0)), short(s.at(1)))
}

// short writes a number with three digits that matter.
func short(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// perSecond is how often something happened, per second.
func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }
