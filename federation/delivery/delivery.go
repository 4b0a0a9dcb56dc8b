package delivery

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/memo"
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

// Options is what delivery needs of federation.
type Options struct {
	DB *storage.DB
	// Post takes a parcel to an inbox, signed as the peer wants it.
	Post func(ctx context.Context, inbox string, p Parcel) error
	// Key is the key that an actor of ours signs an activity with.
	Key func(ctx context.Context, actor community.ActorID, activity community.ActivityID) (keyID string, key *rsa.PrivateKey, err error)
	// Peer is what we know of a server, after asking it if we never did. nil:
	// nobody is asked.
	Peer func(ctx context.Context, host string) (*community.Peer, error)
	// Members is the header that tells a server who of its people belongs to
	// the group that speaks; empty for what needs none. nil: nothing does.
	Members func(ctx context.Context, a *community.Activity, peer community.PeerID) (string, error)
	// Shares reports whether an activity may carry a signature that any of its
	// receivers could take to another server. nil: none may.
	Shares func(ctx context.Context, a *community.Activity) bool
	Log    *slog.Logger
	Now    func() time.Time
}

// A Delivery takes what the log of activities holds to the servers that are to
// hear it. One dispatcher follows the log and hands each activity to the
// couriers of its peers; a courier keeps the order of its peer's lanes and
// waits when its peer fails, and nobody waits for another. A courier that has
// everything delivered does not exist, or soon will not: the log and each
// peer's position in it are all there is to know.
type Delivery struct {
	Options
	worker string // the name that peers are leased under

	listeners *memo.Memo[community.ActorID, []storage.Listener]
	inboxes   *memo.Memo[inboxesKey, []string]

	shared sharedSignatures // shared.go

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

// New returns the delivery of one process. It delivers while Run runs.
func New(o Options) *Delivery {
	return &Delivery{
		Options:   o,
		worker:    rand.Text(),
		listeners: memo.New[community.ActorID, []storage.Listener](time.Minute, 2000, o.Now),
		inboxes:   memo.New[inboxesKey, []string](5*time.Minute, 50_000, o.Now),
		bell:      make(chan struct{}, 1),
		working:   make(chan struct{}, maxWorking),
		suspects:  make(chan struct{}, maxSuspects),
		flying:    make(chan struct{}, maxFlying),
		signing:   make(chan func()),
		touches:   map[community.PeerID]time.Time{},
		couriers:  map[community.PeerID]*courier{},
	}
}

// Run delivers until ctx ends, then lets requests under way finish and saves
// how far everything came.
func (d *Delivery) Run(ctx context.Context) error {
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
func (d *Delivery) dispatch(ctx, flight context.Context) {
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
func (d *Delivery) begin(ctx context.Context) error {
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
func (d *Delivery) follow(ctx, flight context.Context) error {
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
func (d *Delivery) handOut(ctx context.Context, list []*community.Activity) (start []*courier, err error) {
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
func (d *Delivery) peersOf(ctx context.Context, a *community.Activity) ([]community.PeerID, error) {
	if a.PeerID != 0 {
		// Who follows was told so before hearing anything else: what we
		// remember of the followers is out of date as soon as one is accepted.
		if a.Kind == as.KindAccept || a.Kind == as.KindReject {
			d.listeners.Forget(a.ActorID)
			d.inboxes.Forget(inboxesKey{a.ActorID, a.PeerID})
		}
		return []community.PeerID{a.PeerID}, nil
	}
	if a.Audience == 0 {
		return nil, nil
	}
	if !a.Public {
		d.listeners.Forget(a.Audience) // who left a moment ago is not to hear it
	}
	list, err := d.listeners.Get(a.Audience, func() ([]storage.Listener, error) {
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
func (d *Delivery) startDue(ctx, flight context.Context) error {
	d.mu.Lock()
	due := d.agenda.due(d.Now())
	for _, c := range due {
		c.running = true
	}
	d.mu.Unlock()
	return d.start(ctx, flight, due)
}

// untilDue is how long the dispatcher may sleep.
func (d *Delivery) untilDue() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := d.agenda.next(); ok {
		return min(lookEvery, max(0, at.Sub(d.Now())))
	}
	return lookEvery
}

// ring makes the dispatcher look at the agenda.
func (d *Delivery) ring() {
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// Wake is told that a server has just spoken to us: if we wait for it, the
// wait is over.
func (d *Delivery) Wake(id community.PeerID) {
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
