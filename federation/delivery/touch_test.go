package delivery

import (
	"testing"
	"time"

	"drystone/community"
)

// touch is an operator who changes a peer's row.
func (s *stage) touch(host string, change func(*community.Peer)) {
	s.t.Helper()
	p := s.peer(host)
	change(p)
	p.TouchedAt = community.Timestamp(time.Now())
	if err := s.db.TouchPeer(s.t.Context(), p); err != nil {
		s.t.Fatal(err)
	}
}

func TestOperatorsRetryAPeerThatWasGivenUp(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.touch("peer.test", func(p *community.Peer) {
			p.Fails, p.FailingSince, p.LastError = 40, time.Now().Add(-community.GiveUpAfter-time.Hour).UTC(), "down"
		})
		s.say(1)
		stop := s.run(s.delivery())
		defer stop()
		time.Sleep(10 * time.Minute)
		if got := s.got("peer.test"); len(got) != 0 || s.peer("peer.test").State(time.Now()) != community.PeerDormant {
			t.Fatalf("a peer that was given up is %s and got %d", s.peer("peer.test").State(time.Now()), len(got))
		}
		s.touch("peer.test", (*community.Peer).Retry)
		time.Sleep(5 * time.Second)
		if got := s.got("peer.test"); len(got) != 1 {
			t.Errorf("%d arrived within seconds of a retry, want 1", len(got))
		}
	})
}

func TestOperatorsPauseAndResumeAPeer(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.follow("other.test", "bob", "https://other.test/inbox")
		stop := s.run(s.delivery())
		defer stop()
		s.say(1)
		time.Sleep(time.Minute)
		s.touch("peer.test", func(p *community.Peer) { p.PausedAt = time.Now().UTC() })
		time.Sleep(time.Minute)
		for range 200 { // more than is kept in memory
			s.say(1)
		}
		time.Sleep(20 * time.Minute)
		if got := s.got("peer.test"); len(got) != 1 {
			t.Errorf("%d arrived at a paused peer, want the one from before", len(got))
		}
		if got := s.got("other.test"); len(got) != 201 {
			t.Errorf("%d arrived at the other, want 201", len(got))
		}
		s.touch("peer.test", func(p *community.Peer) { p.PausedAt = time.Time{} })
		time.Sleep(time.Minute)
		if got := s.got("peer.test"); len(got) != 201 {
			t.Errorf("%d arrived after the pause, want 201", len(got))
		}
	})
}

func TestPausedPeersStayPausedWhenTheySpeakAndWhenTheServerStartsAgain(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ann := s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.touch("peer.test", func(p *community.Peer) { p.PausedAt = time.Now().UTC() })
		s.say(1)
		for range 2 {
			d := s.delivery()
			stop := s.run(d)
			time.Sleep(5 * time.Minute)
			d.Wake(ann.PeerID)
			time.Sleep(time.Minute)
			stop()
		}
		if got := s.got("peer.test"); len(got) != 0 {
			t.Errorf("%d arrived at a paused peer", len(got))
		}
	})
}

func TestForgottenPeersHearNothingOfWhatWaited(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		s.follow("peer.test", "ann", "https://peer.test/inbox")
		s.answer = func(string, string, int) error { return errDown }
		for range 5 {
			s.say(1)
		}
		stop := s.run(s.delivery())
		defer stop()
		time.Sleep(5 * time.Minute)
		s.touch("peer.test", func(p *community.Peer) {
			p.Retry()
			p.Position = 5
		})
		time.Sleep(time.Second)
		s.mu.Lock()
		s.answer = nil
		s.mu.Unlock()
		s.say(1)
		time.Sleep(time.Minute)
		if got := s.got("peer.test"); len(got) != 1 {
			t.Errorf("%v arrived, want the newest only", got)
		}
	})
}
