package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// The server is killed while it tells 200 others of three threads, and started
// again. In the end every one of them has heard everything, each thread in
// order; what they heard twice is reported.
func TestKilledWhileDelivering(t *testing.T) {
	binary := built(t)
	t.Run("databases", func(t *testing.T) {
		testdb.EachDSN(t, func(t *testing.T, dsn string) {
			const servers = 200
			crowd, err := fediverse.NewCrowd(servers, "lemmy")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(crowd.Close)
			p := newProcess(t, binary, dsn)
			p.command("correct horse battery staple", "account", "create", "alice", "--admin", "--password-stdin")
			p.command("", "group", "create", "garden", "--moderator", "alice")
			words := strings.Fields(p.command("", "token", "create", "alice"))
			p.token = words[len(words)-1]
			p.start()
			p.followedBy(crowd)

			release := crowd.Hold()
			before := crowd.Total()
			said := p.speak()
			release()
			third := before + int64(said*servers)/3
			wait(t, "a third of the deliveries", func() (bool, string) {
				return crowd.Total() >= third, fmt.Sprint(crowd.Total(), " of ", third)
			})
			p.kill()
			t.Logf("killed after %d of %d deliveries", crowd.Total()-before, said*servers)
			p.start()
			check(t, dsn, crowd, said)
			p.stop()
		})
	})
}

// check waits until every server has heard all of the log that is for it and
// looks at the order.
func check(t *testing.T, dsn string, crowd *fediverse.Crowd, said int) {
	t.Helper()
	db, err := storage.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var log []*community.Activity
	wait(t, "the log", func() (bool, string) {
		all, err := db.ActivitiesAfter(t.Context(), 0, 1e6)
		if err != nil {
			t.Fatal(err)
		}
		log = nil
		for _, a := range all {
			if a.Audience != 0 && a.Form&community.Wrapped != 0 {
				log = append(log, a)
			}
		}
		return len(log) >= said, fmt.Sprintf("%d of %d activities", len(log), said)
	})
	place := map[string]*community.Activity{}
	for _, a := range log {
		place[string(a.Body)] = a
	}
	if len(place) != len(log) {
		t.Fatalf("%d activities have %d bodies", len(log), len(place))
	}
	repeated := 0
	for _, host := range crowd.Hosts {
		var times map[community.ActivityID]int
		wait(t, "what "+host+" is to hear", func() (bool, string) {
			times = map[community.ActivityID]int{}
			for _, body := range crowd.Heard(host) {
				if a := place[body]; a != nil {
					times[a.ID]++
				}
			}
			return len(times) == len(log), fmt.Sprintf("%d of %d", len(times), len(log))
		})
		newest := map[int64]community.ActivityID{}
		seen := map[community.ActivityID]bool{}
		for _, body := range crowd.Heard(host) {
			a := place[body]
			if a == nil {
				continue // the Accept
			}
			if seen[a.ID] {
				repeated++
				continue
			}
			seen[a.ID] = true
			if a.ID < newest[a.Lane] {
				t.Errorf("%s heard %d after %d of the same thread", host, a.ID, newest[a.Lane])
			}
			newest[a.Lane] = a.ID
		}
	}
	t.Logf("%d servers heard %d activities each; %d deliveries were repeated (%.1f%%); %d were refused",
		len(crowd.Hosts), len(log), repeated, 100*float64(repeated)/float64(len(log)*len(crowd.Hosts)), crowd.Refused())
}

// built builds the program and returns where it is. That, starting it and
// killing it again takes longer than all other tests here, hence not under
// -short, which nothing of ours uses.
func built(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds and starts the program")
	}
	binary := filepath.Join(t.TempDir(), "drystone")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// A process is the built program on a database.
type process struct {
	t      *testing.T
	binary string
	host   string
	env    []string
	token  string
	log    *os.File
	cmd    *exec.Cmd
}

func newProcess(t *testing.T, binary, dsn string) *process {
	t.Helper()
	// The name must be known beforehand, and while the server is dead nobody else
	// may be given its port: hence an address of its own, where the machine has
	// more than one for itself.
	listener, err := net.Listen("tcp", fmt.Sprintf("127.77.%d.%d:0", rand.IntN(256), 1+rand.IntN(250)))
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, binary: binary, host: host, log: log, env: append(os.Environ(),
		"DRYSTONE_HOST="+host, "DRYSTONE_SCHEME=http", "DRYSTONE_LISTEN="+host, "DRYSTONE_DATABASE="+dsn,
		"DRYSTONE_MEDIA=file:"+t.TempDir(), "DRYSTONE_ALLOW_RANGES=127.0.0.0/8", "DRYSTONE_LOG=info text",
	)}
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the server's log:\n%s", text[max(0, len(text)-20_000):])
		}
		_ = log.Close()
	})
	return p
}

// command runs a command of the program and returns what it prints.
func (p *process) command(input string, args ...string) string {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.binary, args...)
	cmd.Env, cmd.Stdin, cmd.Stderr = p.env, strings.NewReader(input+"\n"), p.log
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("%v: %v", args, err)
	}
	return string(out)
}

// start serves, and returns when the server is ready.
func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(p.binary, "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	wait(p.t, "the server", func() (bool, string) {
		resp, err := http.Get("http://" + p.host + "/readyz")
		if err != nil {
			return false, err.Error()
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK, resp.Status
	})
}

// kill ends the server as the power would.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Error(err)
	}
	_ = p.cmd.Wait()
	p.cmd = nil
}

// stop asks the server to end.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Error(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the server did not end well: %v", err)
	}
	p.cmd = nil
}

// call calls the API as alice and returns the id in the answer.
func (p *process) call(method, path string, body any) (id int64) {
	p.t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.host+"/api/v1"+path, bytes.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.t.Fatalf("%s %s answered %s: %s (%v)", method, path, resp.Status, text, err)
	}
	if resp.StatusCode == http.StatusNoContent {
		return 0
	}
	var answer struct{ ID, Members int64 }
	if err := json.Unmarshal(text, &answer); err != nil {
		p.t.Fatal(err)
	}
	return max(answer.ID, answer.Members)
}

// followedBy makes all of a crowd follow the group, and waits until they know
// that they do.
func (p *process) followedBy(crowd *fediverse.Crowd) {
	p.t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 20)
	for _, host := range crowd.Hosts {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := crowd.Follow(p.t.Context(), host, "http://"+p.host+"/c/garden"); err != nil {
				p.t.Error(err)
			}
		})
	}
	wg.Wait()
	wait(p.t, "everybody's Accept", func() (bool, string) {
		return crowd.Total() >= int64(len(crowd.Hosts)), fmt.Sprint(crowd.Total())
	})
}

// speak makes three threads with comments and votes, and returns how many
// activities the group's followers are to hear.
func (p *process) speak() (said int) {
	p.t.Helper()
	var posts []int64
	for thread := range 3 {
		posts = append(posts, p.call("POST", "/groups/garden/posts", map[string]any{"title": fmt.Sprintf("Thread %d", thread)}))
		said++
	}
	for n := range 5 {
		for _, post := range posts {
			comment := p.call("POST", fmt.Sprintf("/posts/%d/comments", post), map[string]any{"body": fmt.Sprintf("Answer %d", n)})
			p.call("PUT", fmt.Sprintf("/comments/%d/vote", comment), map[string]any{"value": -1})
			said += 2
		}
	}
	for _, post := range posts {
		p.call("PUT", fmt.Sprintf("/posts/%d/vote", post), map[string]any{"value": -1})
		said++
	}
	return said
}

// wait waits until ok, and ends the test when that takes two minutes.
func wait(t *testing.T, what string, ok func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		done, saw := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s; last seen: %s", what, saw)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
