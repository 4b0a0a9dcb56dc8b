package delivery

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
)

// onStage runs f with a database and a clock of its own, which moves on when
// everything waits.
func onStage(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f(t, newStage(t, testdb.SQLite(t)))
	})
}

func TestDeliveryKeepsOrderInALaneAndNotAcross(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		var mu sync.Mutex
		flying, most := map[int]int{}, 0
		s.answer = func(_, iri string, _ int) error {
			lane, number := laneAndNumber(iri)
			mu.Lock()
			if flying[lane]++; flying[lane] > 1 {
				t.Errorf("two of lane %d are under way", lane)
			}
			most = max(most, len(flying))
			mu.Unlock()
			time.Sleep(time.Duration(1+number%3) * time.Second) // of the test's clock
			mu.Lock()
			defer mu.Unlock()
			delete(flying, lane)
			return nil
		}
		for i := range 60 {
			s.say(int64(i % 4))
		}
		stop := s.run(s.delivery())
		time.Sleep(time.Hour)
		stop()
		got := s.got("peer.test")
		if len(got) != 60 {
			t.Fatalf("%d arrived, want 60", len(got))
		}
		last := map[int]int{}
		for _, iri := range got {
			lane, number := laneAndNumber(iri)
			if number < last[lane] {
				t.Errorf("%s came after number %d of its lane", iri, last[lane])
			}
			last[lane] = number
		}
		if most < 4 {
			t.Errorf("at most %d lanes were under way at once, want 4", most)
		}
		if p := s.peer("peer.test"); p.Position != 60 {
			t.Errorf("position %d was saved, want 60", p.Position)
		}
	})
}

func TestDeliveryToOnePeerWaitsForNoOther(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("slow.test", "ann", "https://slow.test/inbox")
		s.follow("quick.test", "bob", "https://quick.test/inbox")
		release := make(chan struct{})
		s.answer = func(host, _ string, _ int) error {
			if host == "slow.test" {
				<-release
			}
			return nil
		}
		stop := s.run(s.delivery())
		for i := range 200 {
			s.say(int64(i % 20))
			synctest.Wait()
		}
		if got := len(s.got("quick.test")); got != 200 {
			t.Errorf("the quick peer heard %d while the slow one did not answer, want 200", got)
		}
		close(release)
		time.Sleep(time.Minute)
		stop()
		if got := len(s.got("slow.test")); got != 200 {
			t.Errorf("the slow peer heard %d in the end, want 200", got)
		}
	})
}

func TestDeliveryBacksOffAndRecovers(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		var at []time.Time
		s.answer = func(_, _ string, try int) error {
			at = append(at, time.Now()) // one request at a time: one lane
			if try <= 4 {
				return errDown
			}
			return nil
		}
		var want []string
		for range 3 {
			want = append(want, s.say(1))
		}
		stop := s.run(s.delivery())
		time.Sleep(8 * time.Second)
		synctest.Wait()
		if p := s.peer("peer.test"); p.Fails == 0 || p.FailingSince.IsZero() || p.LastError == "" || p.NextAttemptAt.IsZero() {
			t.Errorf("the row says nothing of the failures: %+v", p)
		}
		time.Sleep(time.Minute)
		stop()
		if got := s.got("peer.test"); !slices.Equal(got, want) {
			t.Errorf("heard %v, want %v", got, want)
		}
		for i := 1; i < 5; i++ {
			if wait, least := at[i].Sub(at[i-1]), community.Backoff(i); wait < least || wait > 2*least {
				t.Errorf("waited %v after failure %d, want about %v", wait, i, least)
			}
		}
		if p := s.peer("peer.test"); p.Fails != 0 || !p.FailingSince.IsZero() || p.DeliveredAt.IsZero() {
			t.Errorf("the row says nothing of the recovery: %+v", p)
		}
	})
}

// Somebody who fails over one thing, whatever it is, hears the rest meanwhile,
// but for what follows it in its lane.
func TestDeliveryGoesOnBesideWhatBreaks(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.answer = func(_, iri string, _ int) error {
			if lane, number := laneAndNumber(iri); lane == 1 && number == 2 {
				return answered(500)
			}
			return nil
		}
		stop := s.run(s.delivery())
		before := s.say(1)
		synctest.Wait()
		broken := s.say(1)
		synctest.Wait()
		var beside []string
		for range 20 {
			beside = append(beside, s.say(2))
			synctest.Wait()
		}
		behind := s.say(1)
		synctest.Wait()
		if got, want := s.got("peer.test"), append([]string{before}, beside...); !slices.Equal(got, want) {
			t.Errorf("at once it heard %v, want %v", got, want)
		}
		if p := s.peer("peer.test"); p.Fails != 0 {
			t.Errorf("the peer has failed %d times", p.Fails)
		}
		time.Sleep(time.Hour)
		stop()
		if n := s.tried("peer.test", broken); n != brokenTries {
			t.Errorf("tried %d times, want %d", n, brokenTries)
		}
		if got := s.got("peer.test"); got[len(got)-1] != behind {
			t.Errorf("the last that it heard is %s, want %s", got[len(got)-1], behind)
		}
	})
}

func TestDeliveryAnswers(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		until   int           // tries that get this answer; 0: all
		tries   int           // of the activity
		arrives bool          // in the end
		after   time.Duration // at the earliest
		others  time.Duration // when another lane has arrived, at the latest
	}{
		{"410 is for good", 410, 0, 1, false, 0, time.Second},
		{"404 is for good", 404, 0, 1, false, 0, time.Second},
		{"403 is for good", 403, 0, 1, false, 0, time.Second},
		{"400 is for good", 400, 0, 1, false, 0, time.Second},
		{"401 may be about a key that could not be fetched", 401, 2, 3, true, 20 * time.Second, time.Second},
		{"401 again and again is for good", 401, 0, unsureTries, false, 0, time.Second},
		{"424 is like 401", 424, 1, 2, true, 8 * time.Second, time.Second},
		{"429 says when", 429, 1, 2, true, 120 * time.Second, 150 * time.Second},
		{"503 says when", 503, 1, 2, true, 120 * time.Second, 150 * time.Second},
		{"500 again and again, for one only", 500, 0, brokenTries, false, 0, time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				s.follow("peer.test", "ann", "https://peer.test/inbox")
				bad := s.say(1)
				began := time.Now()
				arrived := map[string]time.Duration{}
				s.answer = func(_, iri string, try int) error {
					if iri == bad && (test.until == 0 || try <= test.until) {
						return answered(test.status)
					}
					s.mu.Lock()
					defer s.mu.Unlock()
					arrived[iri] = time.Since(began)
					return nil
				}
				next, other := s.say(1), s.say(2)
				stop := s.run(s.delivery())
				// Others come all the time, so that the peer is seen to be alive.
				for range 6 {
					time.Sleep(130 * time.Second)
					s.say(3)
				}
				time.Sleep(10 * time.Minute)
				stop()
				if got := s.tried("peer.test", bad); got != test.tries {
					t.Errorf("%d tries, want %d", got, test.tries)
				}
				if at, ok := arrived[bad]; ok != test.arrives || at < test.after {
					t.Errorf("arrived %v after %v, want %v after at least %v", ok, at, test.arrives, test.after)
				}
				if at, ok := arrived[other]; !ok || at > test.others {
					t.Errorf("another lane arrived %v after %v, want it within %v", ok, at, test.others)
				}
				if _, ok := arrived[next]; !ok {
					t.Error("what comes after it in its lane never arrived")
				}
				if p := s.peer("peer.test"); p.Position != 9 {
					t.Errorf("position %d, want 9", p.Position)
				}
			})
		})
	}
}

func TestDeliveryCrashRepeatsOnlyWhatWasNotSaved(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		first := s.delivery()
		kill := s.crash(first)
		say := func(n int) {
			for i := range n {
				s.say(int64(i % 5))
			}
			synctest.Wait()
		}
		say(40)
		first.save(t.Context())
		say(7)
		kill()
		if got := len(s.got("peer.test")); got != 47 {
			t.Fatalf("%d arrived before the crash, want 47", got)
		}
		stop := s.run(s.delivery())
		say(3)
		time.Sleep(2 * leaseFor)
		stop()
		count := map[string]int{}
		for _, iri := range s.got("peer.test") {
			count[iri]++
		}
		repeated := 0
		for _, n := range count {
			repeated += n - 1
		}
		if len(count) != 50 || repeated != 7 {
			t.Errorf("%d arrived and %d of them again, want 50 and 7", len(count), repeated)
		}
	})
}

func TestDeliveryLease(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		release := make(chan struct{})
		s.answer = func(_, _ string, try int) error {
			if try == 1 {
				<-release
			}
			return nil
		}
		iri := s.say(1)
		stopOne := s.run(s.delivery())
		synctest.Wait()
		stopTwo := s.run(s.delivery())
		time.Sleep(10 * leaseFor)
		if got := s.tried("peer.test", iri); got != 1 {
			t.Errorf("%d requests while the first process is at work, want 1", got)
		}
		close(release)
		stopOne()
		s.say(1)
		time.Sleep(2 * leaseFor)
		stopTwo()
		if got := s.got("peer.test"); len(got) != 2 {
			t.Errorf("heard %v, want two activities", got)
		}
	})
}

func TestDeliveryLeaseIsTakenOver(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		hang := make(chan struct{})
		s.answer = func(_, _ string, try int) error {
			if try == 1 {
				<-hang
				return errDown
			}
			return nil
		}
		iri := s.say(1)
		kill := s.crash(s.delivery()) // it holds the lease and renews nothing
		synctest.Wait()
		stop := s.run(s.delivery())
		time.Sleep(leaseFor / 2)
		synctest.Wait()
		if got := s.got("peer.test"); len(got) != 0 {
			t.Error("the second process did not wait for the lease to end")
		}
		time.Sleep(2 * leaseFor)
		synctest.Wait()
		if got := s.got("peer.test"); !slices.Equal(got, []string{iri}) {
			t.Errorf("the second process delivered %v, want %s", got, iri)
		}
		close(hang)
		kill()
		stop()
	})
}

func TestDeliveryGivesAPeerUpUntilItSpeaks(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		p := s.peer("peer.test")
		down := true
		s.answer = func(string, string, int) error {
			if down {
				return errDown
			}
			return nil
		}
		iri := s.say(1)
		// It has been failing for almost as long as we are patient.
		p.Fails, p.FailingSince = 8, time.Now().UTC().Add(-community.GiveUpAfter).Add(time.Second)
		p.LeasedBy = "gone"
		if _, err := s.db.Bun().NewUpdate().Model(p).WherePK().Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		d := s.delivery()
		stop := s.run(d)
		time.Sleep(2 * time.Second)
		s.say(1)
		tries := s.tried("peer.test", iri)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if got := s.tried("peer.test", iri); got != tries || tries == 0 {
			t.Errorf("%d tries, %d of them after it was given up", got, got-tries)
		}
		down = false
		if err := s.db.PeerSpoke(t.Context(), p.ID, time.Now().UTC()); err != nil {
			t.Fatal(err)
		}
		d.Wake(p.ID)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := s.got("peer.test"); len(got) != 2 {
			t.Errorf("heard %v after it spoke, want two activities", got)
		}
		stop()
	})
}

func TestDeliveryGoesToEveryInboxThatIsNeeded(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("shared.test", "ann", "https://shared.test/inbox")
		s.follow("shared.test", "amy", "https://shared.test/inbox")
		s.follow("single.test", "bob", "")
		s.follow("single.test", "ben", "")
		stop := s.run(s.delivery())
		want := []string{s.say(1), s.say(1)}
		time.Sleep(time.Minute)
		stop()
		for _, inbox := range []string{"shared.test", "single.test/bob/inbox", "single.test/ben/inbox"} {
			if got := s.got(inbox); !slices.Equal(got, want) {
				t.Errorf("%s heard %v, want %v", inbox, got, want)
			}
		}
	})
}

func TestDeliveryRetriesOnlyTheInboxThatFailed(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("single.test", "bob", "")
		s.follow("single.test", "ben", "")
		failed := false
		s.answer = func(string, string, int) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !failed {
				failed = true
				return errDown
			}
			return nil
		}
		s.say(1)
		stop := s.run(s.delivery())
		time.Sleep(time.Minute)
		stop()
		if bob, ben := len(s.got("single.test/bob/inbox")), len(s.got("single.test/ben/inbox")); bob != 1 || ben != 1 {
			t.Errorf("bob heard it %d times and ben %d times, want once each", bob, ben)
		}
	})
}

func TestDeliveryHearsOfNewFollowers(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("old.test", "ann", "https://old.test/inbox")
		stop := s.run(s.delivery())
		s.say(1)
		synctest.Wait() // who follows is remembered now
		late := s.follow("new.test", "bob", "")
		accept := s.sayIn(community.Activity{Lane: 2, Kind: "Accept", PeerID: late.PeerID, Inbox: late.Inbox})
		post := s.say(1)
		time.Sleep(time.Minute)
		stop()
		if got := s.got("new.test/bob/inbox"); !slices.Equal(got, []string{accept, post}) {
			t.Errorf("the new follower heard %v, want the Accept %s and then %s", got, accept, post)
		}
	})
}

func TestDeliveryChoosesTheForm(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		for host, software := range map[string]string{"lemmy.test": "lemmy", "gts.test": "gotosocial", "odd.test": "oddity"} {
			s.follow(host, "ann", "https://"+host+"/inbox")
			s.runs(host, software)
		}
		wrapped := s.sayIn(community.Activity{Lane: 1, Audience: s.group.ID, Form: community.Wrapped})
		stop := s.run(s.delivery())
		synctest.Wait()
		boosted := s.sayIn(community.Activity{Lane: 1, Audience: s.group.ID, Form: community.Boosted})
		anyForm := s.sayIn(community.Activity{Lane: 1, Audience: s.group.ID})
		time.Sleep(time.Minute)
		stop()
		for host, want := range map[string][]string{
			"lemmy.test": {wrapped, anyForm}, "gts.test": {boosted, anyForm}, "odd.test": {wrapped, boosted, anyForm},
		} {
			if got := s.got(host); !slices.Equal(got, want) {
				t.Errorf("%s heard %v, want %v", host, got, want)
			}
		}
	})
}

func TestDeliveryLetsGoOfIdlePeers(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		d := s.delivery()
		stop := s.run(d)
		s.say(1)
		time.Sleep(3 * leaseFor)
		d.mu.Lock()
		idle := len(d.couriers)
		d.mu.Unlock()
		if idle != 0 {
			t.Errorf("%d couriers have nothing to do", idle)
		}
		s.say(1)
		time.Sleep(time.Second)
		stop()
		if got := len(s.got("peer.test")); got != 2 {
			t.Errorf("%d arrived, want 2", got)
		}
	})
}

func TestDeliveryStopsGracefully(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.answer = func(string, string, int) error {
			time.Sleep(4 * time.Second)
			return nil
		}
		s.say(1)
		s.say(1)
		stop := s.run(s.delivery())
		time.Sleep(time.Second)
		stop()
		p := s.peer("peer.test")
		if got := s.got("peer.test"); len(got) != 1 || p.Position != 1 || p.LeasedBy != "" {
			t.Errorf("heard %v, position %d, leased by %q; want one, 1, nobody", got, p.Position, p.LeasedBy)
		}
	})
}
