package delivery

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A stage is a database with a group, servers that follow it, and a network
// that the test plays.
type stage struct {
	t     testing.TB
	db    *storage.DB
	group *community.Actor
	next  int

	mu     sync.Mutex
	heard  map[string][]string // by host: ids of activities, in the order of arrival
	answer func(host, iri string, try int) error
	tries  map[string]int
}

// testKey is one key for all tests; making one takes long.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := httpsig.GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
})

func newStage(t testing.TB, db *storage.DB) *stage {
	t.Helper()
	s := &stage{t: t, db: db, heard: map[string][]string{}, tries: map[string]int{}}
	s.group = s.actor(community.GroupKind, "garden", "", "")
	return s
}

func (s *stage) actor(kind community.ActorKind, name, host, sharedInbox string) *community.Actor {
	s.t.Helper()
	home := host
	if host == "" {
		home = "here.test"
	}
	a := &community.Actor{
		Kind: kind, Name: name, Fold: community.FoldName(name), Host: host, IRI: "https://" + home + "/" + name,
		Inbox: "https://" + home + "/" + name + "/inbox", SharedInbox: sharedInbox,
		CreatedAt: time.Now().UTC(), UpdatedAt: time.Now().UTC(),
	}
	if host != "" {
		a.PeerID = s.peer(host).ID
	}
	testdb.Add(s.t, s.db, a)
	return a
}

func (s *stage) peer(host string) *community.Peer {
	s.t.Helper()
	p, err := s.db.PeerByHost(s.t.Context(), host, time.Now().UTC())
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// follow makes a server follow the group through somebody called name.
func (s *stage) follow(host, name, sharedInbox string) *community.Actor {
	s.t.Helper()
	a := s.actor(community.Person, name, host, sharedInbox)
	testdb.Add(s.t, s.db, &community.Membership{
		GroupID: s.group.ID, ActorID: a.ID, Role: community.Member, State: community.Accepted, CreatedAt: time.Now().UTC(),
	})
	if err := s.db.AddAudience(s.t.Context(), s.group.ID, a.PeerID); err != nil {
		s.t.Fatal(err)
	}
	return a
}

// runs says what software a server runs.
func (s *stage) runs(host, software string) {
	s.t.Helper()
	p := s.peer(host)
	p.Software, p.CheckedAt = software, time.Now().UTC()
	if err := s.db.SavePeerSoftware(s.t.Context(), p); err != nil {
		s.t.Fatal(err)
	}
}

// say appends an activity to the followers of the group, in a lane.
func (s *stage) say(lane int64) string {
	return s.sayIn(community.Activity{Lane: lane, Kind: "Announce", Audience: s.group.ID})
}

func (s *stage) sayIn(a community.Activity) string {
	s.t.Helper()
	s.next++
	a.IRI = fmt.Sprintf("%d/%d", a.Lane, s.next)
	a.ActorID, a.Body, a.CreatedAt = s.group.ID, []byte(a.IRI), time.Now().UTC()
	if err := s.db.AddActivity(s.t.Context(), &a); err != nil {
		s.t.Fatal(err)
	}
	return a.IRI
}

// post is the network: it asks the test what happens and records what
// arrived.
func (s *stage) post(ctx context.Context, inbox string, p Parcel) error {
	u, err := url.Parse(inbox)
	if err != nil {
		return err
	}
	iri := string(p.Activity.Body)
	s.mu.Lock()
	s.tries[u.Host+" "+iri]++
	try, answer := s.tries[u.Host+" "+iri], s.answer
	s.mu.Unlock()
	if answer != nil {
		if err := answer(u.Host, iri, try); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := u.Host
	if u.Path != "/inbox" {
		key += u.Path
	}
	s.heard[key] = append(s.heard[key], iri)
	return nil
}

func (s *stage) got(host string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard[host])
}

func (s *stage) tried(host, iri string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries[host+" "+iri]
}

// delivery is a process that delivers; it is not running yet.
func (s *stage) delivery() *Delivery {
	return New(Options{
		DB: s.db, Post: s.post,
		Key: func(context.Context, community.ActorID, community.ActivityID) (string, *rsa.PrivateKey, error) {
			return s.group.IRI + "#main-key", nil, nil
		},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return community.Timestamp(time.Now()) },
	})
}

// run delivers until the returned function is called.
func (s *stage) run(d *Delivery) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		s.t.Helper()
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	}
}

// crash delivers until the returned function is called, and then ends without
// saving anything or giving anything back.
func (s *stage) crash(d *Delivery) (kill func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { d.dispatch(ctx, ctx) })
	return func() {
		cancel()
		wg.Wait()
		d.running.Wait()
	}
}

var errDown = fault.New(fault.Unavailable, "peer.test cannot be reached.")

// answered is what the guard says of a peer that answers with a status.
func answered(status int) error {
	resp := guard.Response{URL: "https://peer.test/inbox", Status: status, Header: http.Header{"Retry-After": {"120"}}}
	return resp.Err()
}

// laneAndNumber reads the lane out of an activity's id.
func laneAndNumber(iri string) (lane, number int) {
	_, _ = fmt.Sscanf(iri, "%d/%d", &lane, &number)
	return lane, number
}
