package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drystone/config"
	"drystone/internal/testdb"
	"drystone/storage"
)

// command runs the program as main does, with settings and standard input.
func command(t *testing.T, settings map[string]string, input string, args ...string) (code int, out, errs string) {
	t.Helper()
	env := func(name string) (string, bool) { v, ok := settings[name]; return v, ok }
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, env, strings.NewReader(input), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// must wants a command to work and returns what it printed.
func must(t *testing.T, settings map[string]string, input string, args ...string) string {
	t.Helper()
	code, out, errs := command(t, settings, input, args...)
	if code != 0 {
		t.Fatalf("%q ended with %d: %s", args, code, errs)
	}
	return out
}

func TestMigrate(t *testing.T) {
	settings := map[string]string{"DRYSTONE_DATABASE": "sqlite:" + filepath.Join(t.TempDir(), "deep", "x.db")}
	for _, step := range []struct{ list, apply string }{
		{"to do", "applied 20261123000001_first"},
		{"done 20", "up to date"},
	} {
		if out := must(t, settings, "", "migrate", "--list"); !strings.Contains(out, "20261123000001_first") || !strings.Contains(out, step.list) {
			t.Errorf("migrate --list printed %q, want %q", out, step.list)
		}
		if out := must(t, settings, "", "migrate"); !strings.Contains(out, step.apply) {
			t.Errorf("migrate printed %q, want %q", out, step.apply)
		}
	}
}

func TestAccountGroupToken(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		settings := map[string]string{"DRYSTONE_DATABASE": dsn}
		if code, _, errs := command(t, settings, "", "group", "create", "garden"); code != 1 || !strings.Contains(errs, "Nobody administers") {
			t.Errorf("a group of nobody's ended with %d: %s", code, errs)
		}
		if code, _, errs := command(t, settings, "short\n", "account", "create", "alice", "--password-stdin"); code != 1 || !strings.Contains(errs, "at least 10 characters") {
			t.Errorf("a short password ended with %d: %s", code, errs)
		}
		out := must(t, settings, "correct horse battery\n", "account", "create", "alice", "--password-stdin", "--admin", "--email", "alice@example.org")
		if !strings.Contains(out, "http://localhost:8080/u/alice") {
			t.Errorf("account create printed %q", out)
		}
		if code, _, errs := command(t, settings, "correct horse battery\n", "account", "create", "Alice", "--password-stdin"); code != 1 || !strings.Contains(errs, "taken") {
			t.Errorf("a name taken twice ended with %d: %s", code, errs)
		}
		if out := must(t, settings, "", "account", "recover", "alice"); !strings.Contains(out, "and the password") || strings.Count(out, "-") < 30 {
			t.Errorf("account recover printed %q", out)
		}
		if out := must(t, settings, "", "account", "create", "keyed"); strings.Contains(out, "and the password") || !strings.Contains(out, "/login?lost=1") || strings.Count(out, "-") < 30 {
			t.Errorf("account create without a password printed %q", out)
		}
		must(t, settings, "", "group", "create", "garden", "--title", "The Garden") // the first administrator's
		must(t, settings, "", "group", "create", "bread", "--moderator", "alice")
		if code, _, errs := command(t, settings, "", "account", "delete", "alice"); code != 1 || !strings.Contains(errs, "only administrator") {
			t.Errorf("the last administrator's leaving ended with %d: %s", code, errs)
		}
		must(t, settings, "correct horse battery\n", "account", "create", "bob", "--password-stdin")
		if out := must(t, settings, "", "account", "delete", "bob", "--now", "--with-posts"); !strings.Contains(out, "Deleted the account bob") {
			t.Errorf("account delete printed %q", out)
		}
		if code, _, errs := command(t, settings, "", "account", "delete", "bob"); code != 1 || !strings.Contains(errs, "nobody called") {
			t.Errorf("deleting it twice ended with %d: %s", code, errs)
		}
		for _, name := range []string{"alice", "garden", "localhost:8080"} {
			if out := must(t, settings, "", "key", "rotate", name); !strings.Contains(out, "gets new keys") {
				t.Errorf("key rotate %s printed %q", name, out)
			}
		}
		if code, _, errs := command(t, settings, "", "key", "rotate", "nobody"); code != 1 || !strings.Contains(errs, "Nobody here is called nobody") {
			t.Errorf("new keys of nobody's ended with %d: %s", code, errs)
		}
		words := strings.Fields(must(t, settings, "", "token", "create", "alice"))
		whoIs(t, settings, words[len(words)-1])
	})
}

func TestPeerVotes(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		settings := map[string]string{"DRYSTONE_DATABASE": dsn}
		if out := must(t, settings, "", "peer", "votes"); !strings.HasPrefix(out, "SERVER") || strings.Count(out, "\n") != 1 {
			t.Errorf("peer votes printed %q", out)
		}
		if code, _, errs := command(t, settings, "", "peer", "discard-votes", "nobody.example"); code != 1 || !strings.Contains(errs, "never heard of nobody.example") {
			t.Errorf("votes of nobody's ended with %d: %s", code, errs)
		}
		db, err := storage.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.PeerByHost(t.Context(), "lemmy.example", time.Now()); err != nil {
			t.Fatal(err)
		}
		if out := must(t, settings, "", "peer", "discard-votes", "lemmy.example"); !strings.Contains(out, "Forgot 0 votes") {
			t.Errorf("peer discard-votes printed %q", out)
		}
	})
}

func TestRelays(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		settings := map[string]string{"DRYSTONE_DATABASE": dsn}
		const inbox = "https://relay.example/inbox"
		if out := must(t, settings, "", "relay", "join", inbox); !strings.Contains(out, inbox+" is asked") {
			t.Errorf("relay join printed %q", out)
		}
		if code, _, errs := command(t, settings, "", "relay", "join", inbox); code != 1 || !strings.Contains(errs, "subscribed to "+inbox+" already") {
			t.Errorf("joining twice ended with %d: %s", code, errs)
		}
		if code, _, errs := command(t, settings, "", "relay", "join", "http://localhost:8080/inbox"); code != 1 || !strings.Contains(errs, "no address of another server") {
			t.Errorf("joining ourselves ended with %d: %s", code, errs)
		}
		if out := must(t, settings, "", "relay", "list"); !strings.Contains(out, inbox) || !strings.Contains(out, "asked") {
			t.Errorf("relay list printed %q", out)
		}
		if out := must(t, settings, "", "relay", "leave", inbox); !strings.Contains(out, "no longer subscribed") {
			t.Errorf("relay leave printed %q", out)
		}
		if out := must(t, settings, "", "relay", "list"); strings.Contains(out, inbox) {
			t.Errorf("after leaving, relay list printed %q", out)
		}
		if code, _, errs := command(t, settings, "", "relay", "leave", inbox); code != 1 || !strings.Contains(errs, "not subscribed") {
			t.Errorf("leaving twice ended with %d: %s", code, errs)
		}
	})
}

// whoIs asks the whole server, wired as serve does, whom a token signs in.
func whoIs(t *testing.T, settings map[string]string, token string) {
	t.Helper()
	c, err := config.Load("", func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	p := &program{ctx: t.Context(), config: c, log: slog.New(slog.DiscardHandler)}
	h, err := p.open(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer h.db.Close()
	fediverse, err := p.neighbours(h)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := p.handler(h, fediverse)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "http://localhost:8080/api/v1/me", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"name":"alice"`) {
		t.Errorf("the token signs in %d %s", answer.Code, answer.Body)
	}
	// The same address, asked for by a server.
	request = httptest.NewRequest(http.MethodGet, "http://localhost:8080/c/garden", nil)
	request.Header.Set("Accept", "application/activity+json")
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if got := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || got != "application/activity+json" {
		t.Errorf("a server that asks for the group gets %d %s", answer.Code, got)
	}
}

// TestDemo runs the demo as people do, wired as the program wires it: a
// service that it lacks would be missed here and not by whoever tries it.
func TestDemo(t *testing.T) {
	settings := map[string]string{"DRYSTONE_DATABASE": "sqlite:" + filepath.Join(t.TempDir(), "demo.db")}
	if out := must(t, settings, "", "demo"); !strings.Contains(out, "sign in as alice") {
		t.Errorf("the demo printed %q", out)
	}
	if code, _, errs := command(t, settings, "", "demo"); code != 1 || !strings.Contains(errs, "empty database") {
		t.Errorf("a second demo ended with %d: %s", code, errs)
	}
}

func TestWrongUseIsExplained(t *testing.T) {
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.yaml")
	if err := os.WriteFile(broken, []byte("DRYSTONE_HOTS: a.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		settings map[string]string
		args     []string
		code     int
		want     string
	}{
		{"no such command", nil, []string{"dance"}, 2, "dance"},
		{"a setting that cannot be", map[string]string{"DRYSTONE_LISTEN": "here"}, []string{"migrate"}, 2, "DRYSTONE_LISTEN"},
		{"a misspelt name in the file", nil, []string{"--config", broken, "migrate"}, 2, "DRYSTONE_HOTS"},
		{"a database that does not answer", map[string]string{"DRYSTONE_DATABASE": "postgres://127.0.0.1:1/x"}, []string{"migrate"}, 1, "The database cannot be opened"},
		{"an authority that is none", map[string]string{"DRYSTONE_EXTRA_CA": broken, "DRYSTONE_DATABASE": "sqlite:" + filepath.Join(folder, "x.db")}, []string{"serve"}, 2, "DRYSTONE_EXTRA_CA"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, _, errs := command(t, test.settings, "", test.args...)
			if code != test.code || !strings.Contains(errs, test.want) {
				t.Errorf("it ended with %d and said %q; want %d and %q", code, errs, test.code, test.want)
			}
		})
	}
	if out := must(t, nil, "", "--help"); !strings.Contains(out, "serve") || !strings.Contains(out, "demo") {
		t.Errorf("--help printed %q", out)
	}
}
