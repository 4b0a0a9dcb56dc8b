package fediverse_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	v1 "drystone/api/v1"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The environment of a victim: a process that is this test binary and runs
// nothing but TestVictim.
const (
	victimDSN   = "DRYSTONE_TEST_VICTIM"       // its database
	victimPoint = "DRYSTONE_TEST_VICTIM_POINT" // where it dies: a moment and its number
	victimAhead = "DRYSTONE_TEST_VICTIM_AHEAD" // how far its clock is ahead
	// What the victim says on its standard output begins with this.
	victimSays = "@@ "
)

// TestVictim is a server that kills itself at a moment that it is told. It
// listens on the socket that it inherits. Nobody but TestKilledAnywhere can say
// which database and moment, so by itself it is skipped.
func TestVictim(t *testing.T) {
	dsn := os.Getenv(victimDSN)
	if dsn == "" {
		t.Skip("it is started by TestKilledAnywhere")
	}
	ahead, err := time.ParseDuration(os.Getenv(victimAhead))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	testdb.Watch(db, (&fate{point: os.Getenv(victimPoint), seen: map[string]int{}}).meet)
	server.Start{DB: db, Listener: listener, Now: func() time.Time { return time.Now().Add(ahead) }, NewKey: sameKey}.Run(t)
	fmt.Println(victimSays + "ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until whoever started it lets go
}

// A fate counts the moments at which a process can die so that it matters:
// before each statement that writes, and before and after the end of each
// transaction. Between two of them the database does not change.
type fate struct {
	point string
	mu    sync.Mutex
	last  string // the last statement within a transaction
	seen  map[string]int
}

var writes = regexp.MustCompile(`^\s*(INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)`)

func (f *fate) meet(after bool, statement string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var name string
	switch m := writes.FindStringSubmatch(statement); {
	case m != nil:
		name = m[1] + " " + m[2]
		f.last = name
	case strings.HasPrefix(statement, "COMMIT"):
		name = "COMMIT of " + f.last
	default:
		return
	}
	if after && !strings.HasPrefix(name, "COMMIT") {
		return // within a transaction, or the same as before the next
	}
	moment := map[bool]string{false: "before ", true: "after "}[after] + name
	f.seen[moment]++
	if f.point == "" {
		fmt.Println(victimSays + moment)
	}
	if f.point == fmt.Sprintf("%s #%d", moment, f.seen[moment]) {
		fmt.Println(victimSays + "dead")
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal is here
	}
}

// sameKey is one key for everybody on a victim: making one takes long.
var sameKey = func() func() (string, string, error) {
	type pair struct{ private, public string }
	once := sync.OnceValues(func() (p pair, err error) {
		key, err := httpsig.GenerateKey()
		if err != nil {
			return p, err
		}
		if p.private, err = httpsig.MarshalPrivate(key); err != nil {
			return p, err
		}
		p.public, err = httpsig.PublicPEM(&key.PublicKey)
		return p, err
	})
	return func() (string, string, error) {
		p, err := once()
		return p.private, p.public, err
	}
}()

// A victim is a server in a process of its own that is started again when it
// is dead.
type victim struct {
	t        *testing.T
	dsn      string
	db       *storage.DB // beside the process
	listener *net.TCPListener
	URL      string
	token    string

	unfinished string // for whoever waits in vain

	mu      sync.Mutex
	input   io.Closer
	moments []string // that it lived through
	output  bytes.Buffer
	died    atomic.Int32
	ended   chan error
}

// newVictim makes what the server has before anything happens: ann, her group
// and a token for the API.
func newVictim(t *testing.T, dsn string) *victim {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, dsn: dsn, listener: listener.(*net.TCPListener), URL: "http://" + listener.Addr().String(), ended: make(chan error, 1)}
	t.Cleanup(func() { _ = listener.Close() })
	if v.db, err = storage.Open(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.db.Close() })
	t.Run("before", func(t *testing.T) {
		db, err := storage.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		file := v.socket()
		defer file.Close()
		own, err := net.FileListener(file)
		if err != nil {
			t.Fatal(err)
		}
		ann := server.Start{DB: db, Listener: own, Now: time.Now, NewKey: sameKey}.Run(t).User("ann")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "cats", Title: "Cats"}, nil)
		v.token = ann.Token()
	})
	return v
}

func (v *victim) socket() *os.File {
	v.t.Helper()
	file, err := v.listener.File()
	if err != nil {
		v.t.Fatal(err)
	}
	return file
}

// live starts the server, to die at a point ("": at none), and again when it
// is dead, later by what work is leased for.
func (v *victim) live(point string) {
	v.t.Helper()
	go func() {
		ahead := time.Duration(0)
		for {
			err := v.once(point, ahead)
			if !strings.HasPrefix(fmt.Sprint(err), "signal: killed") || point == "" {
				v.ended <- err
				return
			}
			v.died.Add(1)
			point, ahead = "none", 20*time.Second
		}
	}()
	v.t.Cleanup(func() {
		if v.t.Failed() {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.t.Logf("the server said:\n%s", v.output.Bytes()[max(0, v.output.Len()-8000):])
		}
	})
}

// once is one life of the server.
func (v *victim) once(point string, ahead time.Duration) error {
	file := v.socket()
	defer file.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), victimDSN+"="+v.dsn, victimPoint+"="+point, victimAhead+"="+ahead.String())
	cmd.ExtraFiles = []*os.File{file}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = cmd.Stdout
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.input = input
	v.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		v.mu.Lock()
		if moment, ok := strings.CutPrefix(lines.Text(), victimSays); ok {
			v.moments = append(v.moments, moment)
		} else {
			v.output.WriteString(lines.Text() + "\n")
		}
		v.mu.Unlock()
	}
	return cmd.Wait()
}

// end lets the server end in peace.
func (v *victim) end() {
	v.t.Helper()
	v.mu.Lock()
	_ = v.input.Close()
	v.mu.Unlock()
	select {
	case err := <-v.ended:
		if err != nil {
			v.t.Errorf("the server did not end well: %v", err)
		}
	case <-time.After(time.Minute):
		v.t.Error("the server did not end")
	}
}

// until repeats try until it reports that it is done.
func (v *victim) until(what string, try func() bool) {
	v.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !try() {
		select {
		case err := <-v.ended:
			v.ended <- err
			v.t.Fatalf("%s: the server ended: %v", what, err)
		default:
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("waited in vain for %s %s", what, v.unfinished)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// call calls the API as ann and reports whether it succeeded; a dead server
// does not.
func (v *victim) call(method, path string, body any) bool {
	v.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, v.URL+v1.Prefix+path, bytes.NewReader(content))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+v.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 400 && resp.StatusCode < 500 {
		v.t.Fatalf("%s %s answered %d: %s", method, path, resp.StatusCode, text)
	}
	return resp.StatusCode < 300
}

// TestKilledAnywhere kills a server at every kind of moment at which its
// database changes, while others write to it and it writes to others, and
// starts it again. Whoever got no answer says it again, as everybody does.
// In the end everything is as if nothing had happened. It takes longer than the
// rest of the package together, hence not under -short, which nothing of ours
// uses.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts and kills many servers")
	}
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		fresh, most := testdb.SQLiteDSN, 16
		if strings.HasPrefix(dsn, "postgres") {
			fresh, most = testdb.PostgresDSN, 6
		}
		// All of them take a minute or two: DRYSTONE_TEST_KILLS=1000.
		if n, err := strconv.Atoi(os.Getenv("DRYSTONE_TEST_KILLS")); err == nil {
			most = n
		}
		calm := newTale(t, dsn)
		want := calm.play("")
		points := pointsOf(calm.moments, most)
		t.Logf("it lived through %d moments; it dies at %d of them", len(calm.moments), len(points))
		var died atomic.Int32
		slots := make(chan struct{}, 4)
		t.Run("kill", func(t *testing.T) {
			for _, point := range points {
				t.Run(strings.ReplaceAll(point, " ", "_"), func(t *testing.T) {
					t.Parallel()
					slots <- struct{}{}
					defer func() { <-slots }()
					tale := newTale(t, fresh(t))
					got := tale.play(point)
					died.Add(tale.died.Load())
					if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
						t.Errorf("what became of it (-without a kill +with one):\n%s", diff)
					}
				})
			}
		})
		// What runs beside is not always as often there.
		if int(died.Load()) < len(points)*3/4 {
			t.Errorf("only %d of %d were killed", died.Load(), len(points))
		}
	})
}

// pointsOf chooses moments: each kind of them early and later, as many as are
// wanted, evenly over the whole.
func pointsOf(moments []string, most int) []string {
	count := map[string]int{}
	for _, moment := range moments {
		if strings.HasPrefix(moment, "before ") || strings.HasPrefix(moment, "after ") {
			count[moment]++
		}
	}
	var first, later []string
	for _, moment := range slices.Sorted(maps.Keys(count)) {
		if strings.HasSuffix(moment, " cursors") {
			continue // leases, which change nothing else
		}
		first = append(first, moment+" #1")
		if n := count[moment]; n > 2 {
			later = append(later, fmt.Sprintf("%s #%d", moment, 1+n/2))
		}
	}
	all := append(first, later...)
	if len(all) <= most {
		return all
	}
	var points []string
	for i := range most {
		points = append(points, all[i*len(all)/most])
	}
	return points
}
