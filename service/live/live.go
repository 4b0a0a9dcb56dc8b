// Package live tells pages that are open what is new: in the threads and feeds
// that they show, and in their reader's notifications.
//
// Every process follows the log of facts by itself, and tells those who listen
// to it; so it does not matter which process somebody listens to, nor which
// one wrote. What is told names things and says nothing of what they hold:
// that is got as always, by who may read it. Even so, whoever may not read
// something, or keeps it away, does not hear of it.
package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Bounds of what is held.
const (
	// Most is how many listeners a process has at most, if no other number is
	// set.
	Most = 10_000
	// MostOfOne is how many of them one account may have: browsers, and
	// programs.
	MostOfOne = 12
	// waiting is how many events a listener may be behind. Whoever reads more
	// slowly than things happen is dropped, and comes back.
	waiting = 64
	// remembered is how many facts are kept for those who come back.
	remembered = 2000
)

// Times between looks.
const (
	again = time.Second            // when no bell rings: other processes ring their own
	gap   = 250 * time.Millisecond // after a look, so that what happens at once is told at once
	sweep = 5 * time.Second        // between looks for sessions that ended while nothing happened
	fold  = 2500 * time.Millisecond
)

// A Service tells who listens. Run it in every process that has listeners.
type Service struct {
	DB   *storage.DB
	Log  *slog.Logger
	Now  func() time.Time
	Most int // listeners; 0: as many as usual

	mu      sync.Mutex
	open    bool // it runs
	lines   map[*Line]bool
	of      map[community.AccountID]int
	arrived chan struct{} // somebody listens now

	// What follows is Run's alone.
	awake   bool
	at      community.FactID         // the last fact that was looked at
	noticed community.NotificationID // and the last notification
	recent  []community.Fact         // those after from that pages are told of
	from    community.FactID
	votes   map[voted]time.Time // what was voted on, and when it was first
	swept   time.Time
}

// A Wish is what somebody wants to hear.
type Wish struct {
	Account *community.Account
	Actor   *community.Actor
	Session community.SessionID // it ends with this
	Threads []community.PostID
	Feeds   []community.LiveFeed
	After   community.FactID // what they heard last; 0: they begin
}

// A Line is one listener.
type Line struct {
	Wish
	events  chan community.LiveEvent
	threads map[community.PostID]bool
	service *Service
	fresh   bool // it has heard nothing yet
}

// Events are what the listener is told. It is closed when the line ends.
func (l *Line) Events() <-chan community.LiveEvent { return l.events }

// Close ends a line.
func (l *Line) Close() { l.service.end(l) }

// Open begins to tell somebody. Threads and feeds that they may not read are
// as silent as those in which nothing happens.
func (s *Service) Open(wish Wish) (*Line, error) {
	if len(wish.Threads) > community.MaxLiveThreads || len(wish.Feeds) > community.MaxLiveFeeds {
		return nil, fault.New(fault.Invalid, "Listen to at most %d threads and %d feeds at once.", community.MaxLiveThreads, community.MaxLiveFeeds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.Most
	if most == 0 {
		most = Most
	}
	switch {
	case !s.open:
		return nil, fault.New(fault.Unavailable, "Nothing is told live at the moment.")
	case len(s.lines) >= most:
		return nil, fault.New(fault.Unavailable, "Too many listen already. Ask for what is new now and then instead.")
	case s.of[wish.Account.ID] >= MostOfOne:
		return nil, fault.New(fault.RateLimited, "You listen %d times already. Close a page or a program first.", MostOfOne)
	}
	l := &Line{Wish: wish, events: make(chan community.LiveEvent, waiting), threads: map[community.PostID]bool{}, service: s, fresh: true}
	for _, id := range wish.Threads {
		l.threads[id] = true
	}
	s.lines[l] = true
	s.of[wish.Account.ID]++
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return l, nil
}

// end takes a line out, once.
func (s *Service) end(l *Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(l)
}

// drop is end for who holds the lock.
func (s *Service) drop(l *Line) {
	if !s.lines[l] {
		return
	}
	delete(s.lines, l)
	if s.of[l.Account.ID]--; s.of[l.Account.ID] == 0 {
		delete(s.of, l.Account.ID)
	}
	close(l.events)
}

// push tells a line something. One that is too far behind ends: what waits
// for it would only grow.
func (s *Service) push(l *Line, event community.LiveEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lines[l] {
		return
	}
	select {
	case l.events <- event:
	default:
		s.drop(l)
	}
}

// listeners are those who listen now, and which of them are new.
func (s *Service) listeners() (all, fresh []*Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.lines {
		all = append(all, l)
		if l.fresh {
			l.fresh, fresh = false, append(fresh, l)
		}
	}
	return all, fresh
}

// Listening is how many listen to this process.
func (s *Service) Listening() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lines)
}

// Run tells those who listen until ctx ends; then nobody listens any more.
func (s *Service) Run(ctx context.Context) error {
	s.mu.Lock()
	s.open, s.lines, s.of = true, map[*Line]bool{}, map[community.AccountID]int{}
	s.arrived = make(chan struct{}, 1)
	s.mu.Unlock()
	s.votes = map[voted]time.Time{}
	defer s.Close()
	for ctx.Err() == nil {
		facts, notices := s.DB.Wait(storage.NewFacts), s.DB.Wait(storage.NewNotices)
		busy, err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Error("live: look", "error", err)
		}
		if busy {
			facts, notices = nil, nil
		}
		s.rest(ctx, busy, facts, notices)
	}
	return nil
}

// Close ends all lines: nobody listens any more, and nobody can begin.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = false
	for l := range s.lines {
		s.drop(l)
	}
}

// rest waits for something to look at.
func (s *Service) rest(ctx context.Context, busy bool, facts, notices <-chan struct{}) {
	wait := again
	if busy {
		wait = gap
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	due := timer.C
	if !s.awake {
		due, facts, notices = nil, nil, nil // nobody listens
	}
	select {
	case <-ctx.Done():
	case <-facts:
	case <-notices:
	case <-due:
	case <-s.arrived:
	}
}
