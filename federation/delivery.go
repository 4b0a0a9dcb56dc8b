package federation

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/storage"
)

const (
	// leaseFor is how long a peer stays with a process that says nothing more.
	leaseFor = 15 * time.Second
	// A crash repeats what was delivered to a peer since it was saved: at most
	// about saveAfter deliveries, or those of saveWithin. Peers know what they
	// heard; a row written for every delivery would cost more than the log.
	saveEvery  = 500 * time.Millisecond // who is due is looked for
	saveAfter  = 32
	saveWithin = leaseFor / 2
	// lookEvery is for activities of other processes, which ring no bell here.
	lookEvery = time.Second
	// napFor is how long a peer that we gave up on sleeps until we look whether
	// it spoke to another process.
	napFor = time.Hour
	// grace is what requests under way get when the server stops.
	grace = 10 * time.Second

	maxWorking  = 512 // peers worked on at once
	maxSuspects = 128 // of them, those that failed last time
	maxFlying   = 512 // requests under way
	logBatch    = 500 // activities read at once by the dispatcher
)

// deliveryOptions is what delivery needs of the rest of the package.
type deliveryOptions struct {
	DB *storage.DB
	// Post takes an activity to an inbox, signed as sign does it.
	Post func(ctx context.Context, inbox string, a *community.Activity, sign func(way) guard.Signer) error
	// Key is the key that an actor of ours signs an activity with.
	Key func(ctx context.Context, actor community.ActorID, activity community.ActivityID) (keyID string, key *rsa.PrivateKey, err error)
	// Peer is what we know of a server, after asking it if we never did.
	Peer func(ctx context.Context, host string) (*community.Peer, error)
	// Members is the header that tells a server who of its people belongs to
	// the group that speaks; empty for what needs none.
	Members func(ctx context.Context, a *community.Activity, peer community.PeerID) (string, error)
	Log     *slog.Logger
	Now     func() time.Time
}

// delivery takes what the log of activities holds to the servers that are to
// hear it. One dispatcher follows the log and hands each activity to the
// couriers of its peers; a courier keeps the order of its peer's lanes and
// waits when its peer fails, and nobody waits for another. A courier that has
// everything delivered does not exist, or soon will not: the log and each
// peer's position in it are all there is to know.
type delivery struct {
	deliveryOptions
	worker string // the name that peers are leased under

	listeners memo[community.ActorID, []storage.Listener]
	inboxes   memo[inboxesKey, []string]

	shared sharedSignatures // delivery_shared.go

	head     atomic.Int64  // the dispatcher's position in the log
	bell     chan struct{} // the agenda changed
	working  chan struct{}
	suspects chan struct{}
	flying   chan struct{}
	signing  chan func() // RSA is all CPU: more at once only delays the rest of the server

	// The dispatcher's own: what it knows of operators' decisions.
	heeded  time.Time // when it last looked
	touched time.Time // the newest that it saw
	touches map[community.PeerID]time.Time

	mu       sync.Mutex
	couriers map[community.PeerID]*courier
	agenda   agenda
	running  sync.WaitGroup
}

// inboxesKey names the inboxes that reach an actor's followers on one server.
type inboxesKey struct {
	actor community.ActorID
	peer  community.PeerID
}

// deliveryOptions are those of the delivery of s.
func (s *Server) deliveryOptions() deliveryOptions {
	return deliveryOptions{
		DB: s.DB, Key: s.signer, Peer: s.peerOf, Members: s.synchronization, Log: s.Log, Now: s.now, Post: s.post,
	}
}

// post takes an activity to an inbox in the way that its server wants.
func (s *Server) post(ctx context.Context, inbox string, a *community.Activity, sign func(way) guard.Signer) error {
	v := visit{host: as.Host(inbox), query: strings.Contains(inbox, "?"), delivery: true}
	v.shared = s.SharedSignatures && s.delivery.shared.of(ctx, a).may
	return s.manners.knock(ctx, v, func(w way) error {
		_, err := s.Client.Post(ctx, inbox, as.ContentType, a.Body, sign(w))
		return err
	})
}

// deliver delivers what is said until ctx ends.
func (s *Server) deliver(ctx context.Context) {
	if err := s.delivery.run(ctx); err != nil {
		s.Log.ErrorContext(ctx, "delivery did not end well", "error", err)
	}
}

// wakePeer is told that a server has just spoken to us.
func (s *Server) wakePeer(id community.PeerID) { s.delivery.wake(id) }

func newDelivery(o deliveryOptions) *delivery {
	return &delivery{
		deliveryOptions: o,
		worker:          rand.Text(),
		listeners:       memo[community.ActorID, []storage.Listener]{keep: time.Minute, most: 2000, now: o.Now},
		inboxes:         memo[inboxesKey, []string]{keep: 5 * time.Minute, most: 50_000, now: o.Now},
		bell:            make(chan struct{}, 1),
		working:         make(chan struct{}, maxWorking),
		suspects:        make(chan struct{}, maxSuspects),
		flying:          make(chan struct{}, maxFlying),
		signing:         make(chan func()),
		touches:         map[community.PeerID]time.Time{},
		couriers:        map[community.PeerID]*courier{},
	}
}

// run delivers until ctx ends, then lets requests under way finish and saves
// how far everything came.
func (d *delivery) run(ctx context.Context) error {
	flight, land := context.WithCancel(context.WithoutCancel(ctx))
	defer land()
	saving, stopSaving := context.WithCancel(context.WithoutCancel(ctx))
	var saver sync.WaitGroup
	saver.Go(func() { d.keepSaving(saving) })

	for range runtime.GOMAXPROCS(0) {
		// Always the same, whose stacks have grown to what signing takes.
		go func() {
			for sign := range d.signing {
				sign()
			}
		}()
	}

	d.dispatch(ctx, flight)

	timer := time.AfterFunc(grace, land)
	d.running.Wait()
	close(d.signing)
	timer.Stop()
	stopSaving()
	saver.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	d.save(last)
	return d.DB.ReleasePeers(last, d.worker)
}

// dispatch follows the log and the agenda. Couriers that it starts stop
// taking on work when ctx ends; their requests have until flight ends.
func (d *delivery) dispatch(ctx, flight context.Context) {
	begun := false
	for ctx.Err() == nil {
		news := d.DB.Wait(storage.NewActivities)
		err := error(nil)
		if !begun {
			err = d.begin(ctx)
			begun = err == nil
		}
		if err == nil {
			err = d.follow(ctx, flight)
		}
		if err == nil {
			err = d.heed(ctx)
		}
		if err == nil {
			err = d.startDue(ctx, flight)
		}
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "delivery cannot read the log", "error", err)
		}
		timer := time.NewTimer(d.untilDue())
		select {
		case <-ctx.Done():
		case <-news:
		case <-d.bell:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// begin puts every server that has something to hear on the agenda.
func (d *delivery) begin(ctx context.Context) error {
	head, err := d.DB.ActivityHead(ctx)
	if err != nil {
		return err
	}
	peers, err := d.DB.PeersWithDeliveries(ctx)
	if err != nil {
		return err
	}
	d.head.Store(int64(head))
	now := d.Now()
	d.touched = now
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range peers {
		c := d.courier(p.ID)
		c.peer, c.behind = *p, true
		at := now
		c.patient = p.Fails > 0
		if p.LeasedBy != "" && p.LeasedUntil.After(now) {
			at, c.patient = p.LeasedUntil.Add(time.Millisecond), true
		}
		d.agenda.set(c, at)
	}
	return nil
}

// follow reads what is new in the log and hands it to couriers.
func (d *delivery) follow(ctx, flight context.Context) error {
	for {
		list, err := d.DB.ActivitiesAfter(ctx, community.ActivityID(d.head.Load()), logBatch)
		if err != nil {
			return err
		}
		start, err := d.handOut(ctx, list)
		// Those that were given something are started even then.
		if err := errors.Join(err, d.start(ctx, flight, start)); err != nil {
			return err
		}
		if len(list) < logBatch {
			return nil
		}
	}
}

// handOut gives activities to the couriers of those who are to hear them and
// returns the couriers that must be started.
func (d *delivery) handOut(ctx context.Context, list []*community.Activity) (start []*courier, err error) {
	for _, a := range list {
		peers, err := d.peersOf(ctx, a)
		if err != nil {
			return start, err
		}
		d.mu.Lock()
		for _, id := range peers {
			if c := d.courier(id); d.hand(c, a) {
				start = append(start, c)
			}
		}
		d.mu.Unlock()
		d.head.Store(int64(a.ID))
	}
	return start, nil
}

// peersOf returns the servers that are to hear a.
func (d *delivery) peersOf(ctx context.Context, a *community.Activity) ([]community.PeerID, error) {
	if a.PeerID != 0 {
		// Who follows was told so before hearing anything else: what we
		// remember of the followers is out of date as soon as one is accepted.
		if a.Kind == as.KindAccept || a.Kind == as.KindReject {
			d.listeners.forget(a.ActorID)
			d.inboxes.forget(inboxesKey{a.ActorID, a.PeerID})
		}
		return []community.PeerID{a.PeerID}, nil
	}
	if a.Audience == 0 {
		return nil, nil
	}
	if !a.Public {
		d.listeners.forget(a.Audience) // who left a moment ago is not to hear it
	}
	list, err := d.listeners.get(a.Audience, func() ([]storage.Listener, error) {
		return d.DB.Listeners(ctx, a.Audience)
	})
	if err != nil {
		return nil, err
	}
	peers := make([]community.PeerID, 0, len(list))
	for _, l := range list {
		// A server that was never asked what it is will be before it is told.
		if a.ID > l.Since && (l.CheckedAt.IsZero() || wants(l.Software, a)) {
			peers = append(peers, l.PeerID)
		}
	}
	return peers, nil
}

// wants reports whether a server that runs software hears of a in a's form.
func wants(software string, a *community.Activity) bool {
	return a.Form == 0 || a.Form&community.Forms(software) != 0
}

// startDue starts the couriers whose moment has come.
func (d *delivery) startDue(ctx, flight context.Context) error {
	d.mu.Lock()
	due := d.agenda.due(d.Now())
	for _, c := range due {
		c.running = true
	}
	d.mu.Unlock()
	return d.start(ctx, flight, due)
}

// untilDue is how long the dispatcher may sleep.
func (d *delivery) untilDue() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := d.agenda.next(); ok {
		return min(lookEvery, max(0, at.Sub(d.Now())))
	}
	return lookEvery
}

// ring makes the dispatcher look at the agenda.
func (d *delivery) ring() {
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// wake is told that a server has just spoken to us: if we wait for it, the
// wait is over.
func (d *delivery) wake(id community.PeerID) {
	d.mu.Lock()
	c := d.couriers[id]
	if c == nil || c.place == 0 || c.peer.Fails == 0 {
		d.mu.Unlock()
		return
	}
	// A server that speaks all the time and takes nothing is not asked all the
	// time, and one that named a time is believed.
	c.peer.FailingSince, c.peer.NextAttemptAt = time.Time{}, time.Time{}
	at := c.triedAt.Add(community.Backoff(min(c.peer.Fails, 6)))
	if c.promised.After(at) {
		at = c.promised
	}
	if at.Before(c.dueAt) {
		c.peer.NextAttemptAt = at
		d.agenda.set(c, at)
	}
	d.mu.Unlock()
	d.ring()
}

// sign signs requests with a's actor's key, when their turn has come.
func (d *delivery) sign(a *community.Activity, keyID string, key *rsa.PrivateKey) func(way) guard.Signer {
	return func(w way) guard.Signer {
		return func(req *http.Request) error {
			if w.shared {
				signature, err := d.shared.of(req.Context(), a).sign(a, keyID, key, d.Now())
				if err != nil {
					return err
				}
				signature.Sign(req)
				return nil
			}
			done := make(chan error, 1)
			d.signing <- func() { done <- w.Sign(req, a.Body, keyID, key, d.Now()) }
			return <-done
		}
	}
}
