package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is what /proc counts CPU time in.
const tick = 10 * time.Millisecond

// A server is the built program, serving a database.
type server struct {
	binary string
	host   string
	env    []string
	token  string
	cmd    *exec.Cmd
	keep   string // where profiles go, or nowhere
}

// profiled does something and keeps a profile of what the server did meanwhile.
func (s *server) profiled(name string, do func() error) error {
	if s.keep == "" {
		return do()
	}
	signal := func() error { return s.cmd.Process.Signal(syscall.SIGUSR1) }
	if err := errors.Join(signal(), do(), signal()); err != nil {
		return err
	}
	time.Sleep(time.Second) // it writes
	return os.Rename(s.binary+".prof", filepath.Join(s.keep, name+".prof"))
}

// serverOn prepares the program for a database; it is not running yet.
func serverOn(s settings, t *target) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	host := listener.Addr().String()
	return &server{binary: s.binary, host: host, keep: s.keep, env: append(os.Environ(),
		"DRYSTONE_HOST="+host, "DRYSTONE_SCHEME=http", "DRYSTONE_LISTEN="+host, "DRYSTONE_DATABASE="+t.dsn,
		"DRYSTONE_MEDIA=file:"+filepath.Join(s.dir, "media"), "DRYSTONE_ALLOW_RANGES=127.0.0.0/8", "DRYSTONE_LOG=error text", "DRYSTONE_LIMITS=off",
	)}, listener.Close()
}

// command runs a command of the program and returns the last word it prints.
func (s *server) command(ctx context.Context, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env, cmd.Stdin, cmd.Stderr = s.env, strings.NewReader(input+"\n"), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w", args, err)
	}
	words := strings.Fields(string(out))
	return words[len(words)-1], nil
}

// start serves and returns how long it took until the first good answer.
func (s *server) start(ctx context.Context) (time.Duration, error) {
	s.cmd = exec.CommandContext(ctx, s.binary, "serve")
	s.cmd.Env, s.cmd.Stderr = s.env, os.Stderr
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	for time.Since(began) < 30*time.Second {
		resp, err := http.Get("http://" + s.host + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("the server did not start")
}

// stop asks the server to end and waits for it.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// cpu is the CPU time that the server has used.
func (s *server) cpu() time.Duration { return cpuOf(s.cmd.Process.Pid) }

// resident is the memory that the server holds, in MB.
func (s *server) resident() float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kb float64
	_, _ = fmt.Sscan(rest, &kb)
	return kb / 1024
}

// call calls the API and returns the id and the address in the answer.
func (s *server) call(ctx context.Context, method, path string, body any) (id int64, address string, err error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, "", err
	}
	status, text := http.StatusTooManyRequests, []byte(nil)
	for status == http.StatusTooManyRequests { // nobody else is as quick
		if status, text, err = s.request(ctx, method, path, content); err != nil {
			return 0, "", err
		}
		if status == http.StatusTooManyRequests {
			time.Sleep(100 * time.Millisecond)
		}
	}
	if status >= 300 {
		return 0, "", fmt.Errorf("%s %s: %d %s", method, path, status, text)
	}
	var answer struct {
		ID  int64
		URL string
	}
	return answer.ID, answer.URL, json.Unmarshal(text, &answer)
}

func (s *server) request(ctx context.Context, method, path string, content []byte) (status int, text []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.host+"/api/v1"+path, bytes.NewReader(content))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// cpuOf is the CPU time that a process has used.
func cpuOf(pid int) time.Duration {
	fields := statOf(pid)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// statOf is /proc/PID/stat after the name, which may hold anything.
func statOf(pid int) []string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(rest)
}

// A machine watches how busy the machine is, and how much of that is ours.
type machine struct {
	began time.Time
	busy  time.Duration
	ours  time.Duration
}

func watchMachine() machine {
	return machine{time.Now(), busyCPU(), familyCPU("")}
}

// foreign is the share of the machine that others used since.
func (m machine) foreign() float64 {
	others := busyCPU() - m.busy - (familyCPU("") - m.ours)
	return max(0, others.Seconds()/time.Since(m.began).Seconds()/float64(cores()))
}

// busyCPU is the CPU time that all have used.
func busyCPU() time.Duration {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	var sum int64
	for i, field := range strings.Fields(line)[1:] {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil && i != 3 && i != 4 && i < 8 { // idle, iowait
			sum += n
		}
	}
	return time.Duration(sum) * tick
}

func cores() int {
	info, _ := os.ReadFile("/proc/stat")
	return max(1, strings.Count(string(info), "\ncpu"))
}

// familyCPU is the CPU time of this process and of those that it started,
// with those that they waited for; of those called name only, if there is one.
func familyCPU(name string) (sum time.Duration) {
	parents := map[int]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if fields := statOf(pid); len(fields) > 1 {
			parents[pid], _ = strconv.Atoi(fields[1])
		}
	}
	for pid := range parents {
		for up := pid; up > 1; up = parents[up] {
			if up != os.Getpid() {
				continue
			}
			if comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); name != "" && strings.TrimSpace(string(comm)) != name {
				break
			}
			sum += cpuOf(pid)
			if fields := statOf(pid); len(fields) > 14 {
				user, _ := strconv.ParseInt(fields[13], 10, 64)
				system, _ := strconv.ParseInt(fields[14], 10, 64)
				sum += time.Duration(user+system) * tick
			}
			break
		}
	}
	return sum
}
