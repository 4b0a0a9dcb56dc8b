package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"drystone/federation/as"
	"drystone/internal/fediverse"
)

// An order is what the process of the others is asked for, one line of JSON,
// and an outcome what it answers.
type order struct {
	Do      string        // crowd, follow, wait, sign, fire
	Number  int           // servers; deliveries to wait for, from now on; people of each server who sign
	Delay   time.Duration // that every delivery takes
	Group   string        // whom to follow, or where to send
	Objects []string      // what to vote on or to answer
	Kind    string        // Like or Create
}

type outcome struct {
	Error  string
	Took   time.Duration
	Number int
}

// othersProcess is the end of it that gives orders.
type othersProcess struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

func startOthers(ctx context.Context) (*othersProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &othersProcess{cmd: exec.CommandContext(ctx, self, "others")}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = json.NewDecoder(out)
	return p, p.cmd.Start()
}

func (p *othersProcess) order(o order) (outcome, error) {
	if err := json.NewEncoder(p.in).Encode(o); err != nil {
		return outcome{}, err
	}
	var answer outcome
	if err := p.out.Decode(&answer); err != nil {
		return answer, err
	}
	if answer.Error != "" {
		return answer, fmt.Errorf("%s: %s", o.Do, answer.Error)
	}
	return answer, nil
}

func (p *othersProcess) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// troupe is the process of the others: servers that follow, and what they
// have ready to send.
type troupe struct {
	crowd *fediverse.Crowd
	ready []*http.Request
	sent  int
}

// others takes orders until they end.
func others(in io.Reader, out io.Writer) error {
	var all troupe
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return err
		}
		began := time.Now()
		n, err := all.do(o)
		answer := outcome{Took: time.Since(began), Number: n}
		if err != nil {
			answer.Error = err.Error()
		}
		if err := json.NewEncoder(out).Encode(answer); err != nil {
			return err
		}
	}
	if all.crowd != nil {
		all.crowd.Close()
	}
	return lines.Err()
}

func (a *troupe) do(o order) (n int, err error) {
	switch o.Do {
	case "crowd":
		a.crowd, err = fediverse.NewCrowd(o.Number, "lemmy")
		if err == nil {
			a.crowd.Verify, a.crowd.Forget, a.crowd.Delay = false, true, o.Delay
		}
		return o.Number, err
	case "follow":
		before := a.crowd.Total()
		for _, host := range a.crowd.Hosts {
			if err := a.crowd.Follow(context.Background(), host, o.Group); err != nil {
				return 0, err
			}
		}
		return a.await(before + int64(len(a.crowd.Hosts)))
	case "total":
		return int(a.crowd.Total()), nil
	case "wait":
		return a.await(int64(o.Number))
	case "sign":
		return a.sign(o)
	case "fire":
		return a.fire()
	}
	return 0, fmt.Errorf("nobody knows how to %s", o.Do)
}

func (a *troupe) await(total int64) (int, error) {
	for deadline := time.Now().Add(5 * time.Minute); a.crowd.Total() < total; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return 0, fmt.Errorf("%d of %d deliveries came", a.crowd.Total(), total)
		}
	}
	return int(a.crowd.Total()), nil
}

// sign makes the requests that fire will send: everybody's vote on, or answer
// to, one of the objects.
func (a *troupe) sign(o order) (int, error) {
	a.ready = nil
	var people []string
	for n := range o.Number {
		for _, host := range a.crowd.Hosts {
			a.sent++
			person := fmt.Sprintf("http://%s/u/p%d", host, n)
			body, err := activity(o, person, o.Objects[n%len(o.Objects)], a.sent)
			if err != nil {
				return 0, err
			}
			req, err := http.NewRequest(http.MethodPost, o.Group+"/inbox", bytes.NewReader(body))
			if err != nil {
				return 0, err
			}
			req.Header.Set("Content-Type", as.ContentType)
			a.ready, people = append(a.ready, req), append(people, person)
		}
	}
	errs := make([]error, len(a.ready))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range cores() {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(a.ready); i = next.Add(1) - 1 {
				req := a.ready[i]
				body, _ := req.GetBody()
				content, _ := io.ReadAll(body)
				errs[i] = a.crowd.SignAs(people[i], content)(req)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return len(a.ready), nil
}

// activity writes a vote on an object or an answer to it.
func activity(o order, person, object string, number int) ([]byte, error) {
	id := fmt.Sprintf("%s/%s/%d", person, o.Kind, number)
	if o.Kind == as.KindLike {
		return as.Like{ID: id, Actor: person, Object: as.ObjectID(object)}.Marshal()
	}
	note, err := as.Note{
		ID: id + "/note", AttributedTo: person, InReplyTo: object, To: []string{as.Public}, CC: []string{o.Group},
		Content:   "<p>What <em>I</em> think of it, at some length, with a <a href=\"https://example.org/\">link</a>.</p>",
		Published: time.Now(),
	}.Marshal()
	if err != nil {
		return nil, err
	}
	return as.Create{
		ID: id, Actor: person, Object: as.WithoutContext(note), To: []string{as.Public}, CC: []string{o.Group},
	}.Marshal()
}

// fire sends all that is ready, 128 at once, and returns how many were
// accepted.
func (a *troupe) fire() (int, error) {
	const atOnce = 128
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var next, accepted atomic.Int64
	var said sync.Map
	for range atOnce {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(a.ready); i = next.Add(1) - 1 {
				resp, err := client.Do(a.ready[i])
				if err != nil {
					said.Store(err.Error(), true)
					continue
				}
				text, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusAccepted {
					accepted.Add(1)
				} else {
					said.Store(resp.Status+" "+string(text), true)
				}
			}
		})
	}
	wg.Wait()
	var err error
	said.Range(func(what, _ any) bool {
		err = fmt.Errorf("not all were accepted: %v", what)
		return false
	})
	return int(accepted.Load()), err
}
