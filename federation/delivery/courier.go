package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"drystone/community"
	"drystone/fault"
)

const (
	firstWindow = 8
	maxWindow   = 64
	maxHanded   = 100             // activities kept for a courier that has not come to them
	readAhead   = 100             // errands that a courier holds
	slow        = 5 * time.Second // an answer that took longer is a sign of too much
)

// A courier delivers to one peer. It exists while there is something to
// deliver, or to wait for, and runs while there is something to do now.
type courier struct {
	d       *Delivery
	id      community.PeerID
	nudge   chan struct{}
	results chan result

	// Guarded by d.mu.
	peer        community.Peer
	dirty       bool // peer says more than its row
	dirtySince  time.Time
	unsaved     int // deliveries since its row was written
	leasedUntil time.Time
	running     bool
	lost        bool                  // another process has the peer
	touched     bool                  // or nobody has, since an operator changed its row
	handed      []*community.Activity // fresh from the dispatcher
	behind      bool                  // the log has more than was handed over
	more        bool                  // and this grew
	patient     bool
	triedAt     time.Time // last failure
	promised    time.Time // when the peer asked us to come back
	dueAt       time.Time // for the agenda
	place       int       // for the agenda

	// The running goroutine's own.
	queue   lanes
	window  int
	streak  int                  // deliveries taken since the window grew
	taken   int                  // deliveries taken, ever
	broke   community.ActivityID // what the peer last failed over
	brokeAt int                  // how much it had taken then
	flying  int
	trouble *result // why the courier is about to wait
	wait    time.Duration
}

// run delivers until there is nothing more to do now.
func (c *courier) run(ctx, flight context.Context) {
	slots := c.d.working
	if c.peer.Fails > 0 {
		slots = c.d.suspects
	}
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		c.stop()
		return
	}
	c.meet(ctx)
	for !c.finished(ctx) {
		if !c.stopping(ctx) {
			if err := c.fill(ctx); err != nil {
				c.trouble = &result{answer: ours, err: err}
				continue
			}
			c.sendAll(ctx, flight)
		}
		if c.flying == 0 {
			continue
		}
		select {
		case r := <-c.results:
			c.judge(flight, r)
		case <-c.nudge:
		}
	}
}

// stopping reports whether nothing new is to be begun.
func (c *courier) stopping(ctx context.Context) bool {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	return c.trouble != nil || c.lost || ctx.Err() != nil
}

// meet asks a server that we never asked what it is, since that decides what
// it hears.
func (c *courier) meet(ctx context.Context) {
	if c.d.Peer == nil || !c.peer.CheckedAt.IsZero() {
		return
	}
	known, err := c.d.Peer(ctx, c.peer.Host)
	if err != nil {
		return // it hears everything in both forms
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.peer.Software, c.peer.Version, c.peer.CheckedAt = known.Software, known.Version, known.CheckedAt
}

// fill takes on what was handed over, or reads the log.
func (c *courier) fill(ctx context.Context) error {
	if c.queue.len() > 2*readAhead {
		return nil
	}
	d := c.d
	d.mu.Lock()
	handed, behind, peer := c.handed, c.behind, c.peer
	c.handed = nil
	if behind {
		c.more = false
	}
	d.mu.Unlock()
	for _, a := range handed {
		if a.PeerID != 0 || wants(peer.Software, a) {
			c.queue.add(a)
		} else {
			c.queue.pass(a.ID)
		}
	}
	room := min(readAhead, max(firstWindow, 4*c.window)) - c.queue.len()
	if !behind || room < readAhead/4 && c.queue.len() > 0 {
		return nil
	}
	// Whatever is not in the answer will be handed over later.
	head := community.ActivityID(d.head.Load())
	list, err := d.DB.ActivitiesFor(ctx, &peer, c.queue.last, room)
	if err != nil {
		return err
	}
	for _, a := range list {
		c.queue.add(a)
	}
	if len(list) == room {
		return nil
	}
	c.queue.pass(head)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !c.more {
		c.behind = false
	}
	c.note()
	return nil
}

// note lets the position be saved. The caller holds d.mu.
func (c *courier) note() {
	if c.queue.position > c.peer.Position {
		c.peer.Position = c.queue.position
		c.soil()
	}
}

// soil notes that peer says more than its row. The caller holds d.mu.
func (c *courier) soil() {
	if !c.dirty {
		c.dirty, c.dirtySince = true, c.d.Now()
	}
}

// ripe reports whether the row is to be written now. The caller holds d.mu.
func (c *courier) ripe(now time.Time) bool {
	return c.dirty && (c.unsaved >= saveAfter || c.peer.Fails > 0 ||
		now.Sub(c.dirtySince) >= saveWithin || c.leasedUntil.Before(now.Add(leaseFor/3)))
}

// sendAll sends what may be sent now, as far as the window allows.
func (c *courier) sendAll(ctx, flight context.Context) {
	room := c.window
	if c.peer.Fails > 0 {
		room = 1 // one is enough to see whether it is back
	}
	for c.flying < room && c.trouble == nil {
		e := c.queue.next(c.d.Now())
		if e == nil {
			return
		}
		if !e.opened && !c.open(ctx, e) {
			continue
		}
		inbox := e.todo[0]
		e.todo = e.todo[1:]
		e.flying++
		c.flying++
		go c.send(ctx, flight, e, inbox)
	}
}

// open finds out where an errand goes, and reports whether it goes anywhere.
func (c *courier) open(ctx context.Context, e *errand) bool {
	a := e.activity
	inboxes := e.left
	switch {
	case inboxes != nil:
	case a.PeerID != 0:
		inboxes = []string{a.Inbox}
	default:
		var err error
		if !a.Public {
			c.d.inboxes.Forget(inboxesKey{a.Audience, c.id})
		}
		inboxes, err = c.d.inboxes.Get(inboxesKey{a.Audience, c.id}, func() ([]string, error) {
			return c.d.DB.AudienceInboxes(ctx, a.Audience, c.id)
		})
		if err != nil {
			c.trouble = &result{answer: ours, err: err}
			return false
		}
	}
	e.opened, e.todo = true, slices.Clip(inboxes) // others share the array
	if len(inboxes) == 0 {
		c.close(e)
		return false
	}
	return true
}

// send makes one request and says what came of it.
func (c *courier) send(ctx, flight context.Context, e *errand, inbox string) {
	r := result{errand: e, inbox: inbox}
	defer func() { c.results <- r }()
	select {
	case c.d.flying <- struct{}{}:
		defer func() { <-c.d.flying }()
	case <-ctx.Done():
		r.answer, r.err = dropped, ctx.Err()
		return
	}
	parcel, err := c.d.parcel(flight, e.activity, c.id)
	if err != nil {
		r.answer, r.err = ours, err
		return
	}
	began := c.d.Now()
	r.err = c.d.Post(flight, inbox, parcel)
	r.answer, r.took = answerOf(r.err), c.d.Now().Sub(began)
}

// close notes that an errand is done.
func (c *courier) close(e *errand) {
	c.queue.finish(e)
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.note()
}

// finished reports whether the goroutine has nothing left to do, and if so
// puts the courier into the state in which it waits for more.
func (c *courier) finished(ctx context.Context) bool {
	if c.flying > 0 {
		return false
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	switch {
	case ctx.Err() != nil, c.lost:
		c.rest()
		if c.lost {
			again := c.d.Now()
			if !c.touched {
				again = again.Add(leaseFor)
			}
			c.lost, c.touched = false, false
			c.d.putOff(c, again, true)
		}
		return true
	case c.trouble != nil:
		c.settle(ctx)
		return true
	case c.queue.len() > 0:
		if c.queue.next(c.d.Now()) != nil {
			return false
		}
		// Only errands that have to wait for a while are left.
		at := c.queue.nextAt()
		c.rest()
		c.d.putOff(c, at, false)
		return true
	case len(c.handed) > 0, c.behind:
		return false
	}
	c.running = false
	return true
}

// rest stops without waiting for anything. The caller holds d.mu.
func (c *courier) rest() {
	c.queue.park()
	c.running, c.trouble, c.wait = false, nil, 0
	c.behind, c.handed = true, nil
}

// stop is rest for a courier that has not begun.
func (c *courier) stop() {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.rest()
}

// settle makes the courier wait after trouble. The caller holds d.mu.
func (c *courier) settle(ctx context.Context) {
	now, why, wait := c.d.Now(), c.trouble, c.wait
	c.rest()
	if why.answer == ours {
		c.d.Log.ErrorContext(ctx, "delivery is stuck", "peer", c.peer.Host, "error", why.err)
		c.d.putOff(c, now.Add(5*lookEvery), false)
		return
	}
	p := &c.peer
	p.Fails++
	if p.FailingSince.IsZero() {
		p.FailingSince = now
		c.d.Log.InfoContext(ctx, "a peer takes no deliveries", "peer", p.Host, "error", why.err)
	}
	c.triedAt, c.promised = now, now.Add(wait)
	backoff := max(wait, community.Backoff(p.Fails))
	p.NextAttemptAt = now.Add(backoff + spread(c.id, backoff/8))
	p.LastError = shorten(why.err)
	c.soil()
	c.d.putOff(c, c.opensAt(now), true)
	if p.Dormant(now) {
		c.d.Log.WarnContext(ctx, "a peer is given up until it speaks to us", "peer", p.Host, "since", p.FailingSince)
	}
}

// spread is a part of most that differs from peer to peer, so that those who
// failed together are not all tried together.
func spread(id community.PeerID, most time.Duration) time.Duration {
	const golden = 0x9e3779b97f4a7c15 // multiples of it are far apart
	return time.Duration(uint64(id) * golden >> 32 % uint64(most+1))
}

// shorten keeps what a peer makes us say about it within bounds.
func shorten(err error) string {
	const most = 500
	text := fmt.Sprint(err)
	if e, ok := fault.As(err); ok {
		text = e.Message
	}
	if len(text) > most {
		text = text[:most]
	}
	return text
}
