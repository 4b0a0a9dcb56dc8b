package delivery

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"drystone/community"
	"drystone/federation/guard"
	"drystone/internal/testdb"
)

const (
	burst    = 120                   // activities that are said at once
	lanesOf  = 12                    // threads that they are in
	every    = 20 * time.Second      // then there is one more, for an hour
	answerIn = 50 * time.Millisecond // what a server in good health needs to answer
	healthy  = 3                     // of those
	patient  = guard.DefaultTimeout  // how long we wait for an answer
	enough   = 4 * time.Hour         // within which everything is to have arrived
	everyone = burst + int(time.Hour/every)
)

// errCut is the guard's true error for a server that closes connections.
var errCut = sync.OnceValue(func() error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	defer server.Close()
	client := guard.New(guard.Options{
		AllowHTTP: true, AllowPorts: true, AllowRanges: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	defer client.Close()
	if _, err := client.Post(context.Background(), server.URL, "text/plain", []byte("x"), nil); err != nil {
		return err
	}
	panic("a connection that was cut is an answer")
})

// A day is what one hour of a server's life came to.
type day struct {
	got   map[string][]string      // by host
	delay map[string]time.Duration // by host: from when it was said to when it was taken, all together
	done  map[string]time.Duration // by host: when it had everything
	tries map[string]int           // by host: requests that it got
}

// live has everything said within an hour that is to be said, to servers in
// good health and to some that answer as ill does, given how long it has been
// so.
func live(t *testing.T, ills int, ill func(since time.Duration) error) (d day) {
	t.Helper()
	_ = errCut()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, testdb.SQLite(t))
		d = s.live(ills, ill)
	})
	return d
}

func (s *stage) live(ills int, ill func(since time.Duration) error) day {
	for i := range healthy {
		s.follow(fmt.Sprintf("well%d.test", i), "ann", fmt.Sprintf("https://well%d.test/inbox", i))
	}
	for i := range ills {
		s.follow(fmt.Sprintf("ill%d.test", i), "ann", fmt.Sprintf("https://ill%d.test/inbox", i))
	}
	began, said := time.Now(), map[string]time.Time{}
	d := day{delay: map[string]time.Duration{}, done: map[string]time.Duration{}, tries: map[string]int{}}
	s.answer = func(host, iri string, _ int) error {
		var err error
		if host[0] == 'w' {
			time.Sleep(answerIn)
		} else {
			err = ill(time.Since(began))
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		d.tries[host]++
		if err == nil {
			d.delay[host] += time.Since(said[iri])
			d.done[host] = time.Since(began)
		}
		return err
	}
	say := func(n int) {
		iri := s.say(int64(n % lanesOf))
		s.mu.Lock()
		defer s.mu.Unlock()
		said[iri] = time.Now()
	}
	for n := range burst {
		say(n)
	}
	stop := s.run(s.delivery())
	for n := burst; n < everyone; n++ {
		time.Sleep(every)
		say(n)
	}
	for time.Since(began) < enough && len(s.got("ill0.test")) < everyone {
		time.Sleep(time.Minute)
	}
	time.Sleep(time.Minute)
	stop()
	d.got = s.heard
	return d
}

// ordered reports what is wrong with what a server heard: everything, in the
// order of its thread, once.
func ordered(got []string) error {
	newest, seen := map[int]int{}, map[string]bool{}
	for _, iri := range got {
		lane, number := laneAndNumber(iri)
		if seen[iri] {
			return fmt.Errorf("%s was heard twice", iri)
		}
		if number < newest[lane] {
			return fmt.Errorf("%s was heard after number %d of its thread", iri, newest[lane])
		}
		seen[iri], newest[lane] = true, number
	}
	if len(got) != everyone {
		return fmt.Errorf("%d were heard, want %d", len(got), everyone)
	}
	return nil
}

// Whatever is the matter with a server, in the end it hears everything in
// order and once, is asked no more than it can bear, and nobody else waits for
// it.
func TestFaults(t *testing.T) {
	t.Parallel()
	calm := live(t, 0, nil)
	for host, got := range calm.got {
		if err := ordered(got); err != nil {
			t.Fatalf("%s, without anybody ill: %v", host, err)
		}
	}
	down := func(err error) func(time.Duration) error {
		return func(since time.Duration) error {
			if since < time.Hour {
				return err
			}
			return nil
		}
	}
	slowly := func(d time.Duration, answer func(time.Duration) error) func(time.Duration) error {
		return func(since time.Duration) error {
			time.Sleep(d)
			return answer(since)
		}
	}
	for _, test := range []struct {
		name  string
		ills  int
		ill   func(since time.Duration) error
		tries int // requests that it gets at most, beside those that it takes
	}{
		{"answers 500 for an hour", 1, down(answered(500)), firstWindow + 16},
		{"closes connections for an hour", 1, down(errCut()), firstWindow + 16},
		{"hangs for an hour", 1, slowly(patient, down(errDown)), firstWindow + 16},
		{"answers 429 and when to come again", 1, down(answered(429)), firstWindow + 30},
		{"needs nine seconds for an answer", 1, slowly(9*time.Second, down(nil)), 0},
		{"fails now and then", 1, func(since time.Duration) error {
			if int(since/time.Second)%7 == 0 {
				return answered(500)
			}
			return nil
		}, everyone},
		{"hangs for an hour, with many others", 20, slowly(patient, down(errDown)), firstWindow + 16},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := live(t, test.ills, test.ill)
			for host, got := range d.got {
				if err := ordered(got); err != nil {
					t.Errorf("%s: %v", host, err)
				}
			}
			if len(d.got) != healthy+test.ills {
				t.Errorf("%d servers heard something, want %d", len(d.got), healthy+test.ills)
			}
			if extra := d.tries["ill0.test"] - everyone; extra > test.tries {
				t.Errorf("it was asked %d times in vain, want at most %d", extra, test.tries)
			}
			for i := range healthy {
				host := fmt.Sprintf("well%d.test", i)
				for what, took := range map[string][2]time.Duration{"waited": {d.delay[host], calm.delay[host]}, "was done after": {d.done[host], calm.done[host]}} {
					if took[0] > took[1]*11/10 {
						t.Errorf("%s %s %v, and %v without anybody ill", host, what, took[0], took[1])
					}
				}
			}
			t.Logf("ill: asked %d times, done after %v; well: waited %v (%v)", d.tries["ill0.test"], d.done["ill0.test"], d.delay["well0.test"], calm.delay["well0.test"])
		})
	}
}

// A server that is away for four days is given up after three, though this
// one starts again meanwhile. When it speaks again it hears everything.
func TestAwayForFourDays(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ann := s.follow("away.test", "ann", "https://away.test/inbox")
		s.follow("well.test", "bob", "https://well.test/inbox")
		away := true
		s.answer = func(host, _ string, _ int) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if away && host == "away.test" {
				return errDown
			}
			return nil
		}
		var want []string
		for day := range 4 {
			for range 4 { // it is restarted every six hours; between, nothing happens here
				stop := s.run(s.delivery())
				want = append(want, s.say(1), s.say(2))
				time.Sleep(10 * time.Minute)
				stop()
				time.Sleep(6*time.Hour - 10*time.Minute)
			}
			if p := s.peer("away.test"); (p.State(time.Now()) == community.PeerDormant) != (day >= 3) {
				t.Errorf("after %d days it is %s", day+1, p.State(time.Now()))
			}
		}
		if got := s.got("well.test"); len(got) != len(want) {
			t.Errorf("the other heard %d, want %d", len(got), len(want))
		}
		s.mu.Lock()
		away = false
		s.mu.Unlock()
		d := s.delivery()
		stop := s.run(d)
		time.Sleep(time.Minute)
		if got := s.got("away.test"); len(got) != 0 {
			t.Errorf("%d arrived at a server that was given up", len(got))
		}
		if err := s.db.PeerSpoke(t.Context(), ann.PeerID, time.Now().UTC()); err != nil {
			t.Fatal(err)
		}
		d.Wake(ann.PeerID)
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		got := s.got("away.test")
		for _, lane := range []string{"1/", "2/"} {
			of := func(list []string) []string {
				return slices.DeleteFunc(slices.Clone(list), func(iri string) bool { return iri[:2] != lane })
			}
			if !slices.Equal(of(got), of(want)) {
				t.Errorf("when it was back it heard %v of thread %s, want %v", of(got), lane, of(want))
			}
		}
	})
}
