package fediverse

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
)

// A Crowd is many small servers at once, each with one person, or as many as
// are asked for, for whom it takes deliveries. Unlike a Peer it answers nothing else, keeps one key for
// everybody and needs no test.
type Crowd struct {
	Hosts    []string
	Software string // of all of them
	Verify   bool   // whether signatures are checked; what is wrong is answered 401
	Forget   bool   // what was heard is counted and not kept
	Delay    time.Duration
	Key      *rsa.PrivateKey
	Client   *guard.Client // what they follow with

	public  string // Key's public half, as PEM
	servers []*http.Server
	total   atomic.Int64
	refused atomic.Int64
	keys    sync.Map // of senders, by keyId

	mu    sync.Mutex
	heard map[string][]string // bodies by host, in the order of arrival
	gate  chan struct{}       // closed: deliveries are taken
}

// NewCrowd starts n servers on loopback that say they run software.
func NewCrowd(n int, software string) (*Crowd, error) {
	key, err := httpsig.GenerateKey()
	if err != nil {
		return nil, err
	}
	public, err := httpsig.PublicPEM(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	open := make(chan struct{})
	close(open)
	c := &Crowd{
		Software: software, Verify: true, Key: key, Client: guard.New(Options()), public: public,
		heard: map[string][]string{}, gate: open,
	}
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			c.Close()
			return nil, err
		}
		host := listener.Addr().String()
		server := &http.Server{
			Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(host, w, r) }),
			ReadHeaderTimeout: time.Minute,
		}
		c.Hosts, c.servers = append(c.Hosts, host), append(c.servers, server)
		go func() { _ = server.Serve(listener) }()
	}
	return c, nil
}

// Close ends all of them.
func (c *Crowd) Close() {
	for _, s := range c.servers {
		_ = s.Close()
	}
	c.Client.Close()
}

// Hold makes all of them keep deliveries waiting until the returned function
// is called.
func (c *Crowd) Hold() (release func()) {
	gate := make(chan struct{})
	c.mu.Lock()
	c.gate = gate
	c.mu.Unlock()
	return func() { close(gate) }
}

// Total is how many deliveries were taken.
func (c *Crowd) Total() int64 { return c.total.Load() }

// Refused is how many deliveries were not taken, for their signatures.
func (c *Crowd) Refused() int64 { return c.refused.Load() }

// Heard returns the bodies that one of the servers took.
func (c *Crowd) Heard(host string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.heard[host]...)
}

// PersonAt is the id of the person who lives on a host of the crowd.
func PersonAt(host string) string { return "http://" + host + "/u/one" }

// Sign signs a request as the person at host.
func (c *Crowd) Sign(host string, body []byte) guard.Signer { return c.SignAs(PersonAt(host), body) }

// SignAs signs a request as somebody of the crowd, who has any name.
func (c *Crowd) SignAs(person string, body []byte) guard.Signer {
	return func(r *http.Request) error {
		return httpsig.Sign(r, body, person+"#main-key", c.Key, time.Now())
	}
}

// Follow makes the person at host follow a group.
func (c *Crowd) Follow(ctx context.Context, host, group string) error {
	person := PersonAt(host)
	body, err := as.Follow{ID: person + "/follow", Actor: person, Object: as.ObjectID(group), To: []string{group}}.Marshal()
	if err != nil {
		return err
	}
	_, err = c.Client.Post(ctx, group+"/inbox", as.ContentType, body, c.Sign(host, body))
	return err
}

func (c *Crowd) serve(host string, w http.ResponseWriter, r *http.Request) {
	origin := "http://" + host
	switch {
	case r.Method == http.MethodPost:
		c.take(host, w, r)
	case strings.HasPrefix(r.URL.Path, "/u/"):
		id := origin + r.URL.Path
		write(w, as.ContentType, map[string]any{
			"@context": []string{as.NS, "https://w3id.org/security/v1"},
			"id":       id, "type": as.KindPerson, "preferredUsername": path.Base(r.URL.Path),
			"inbox": id + "/inbox", "outbox": id + "/outbox", "endpoints": map[string]any{"sharedInbox": origin + "/inbox"},
			"publicKey": map[string]any{"id": id + "#main-key", "owner": id, "publicKeyPem": c.public},
		})
	case r.URL.Path == "/.well-known/webfinger":
		write(w, "application/jrd+json", map[string]any{"subject": "acct:one@" + host, "links": []any{
			map[string]any{"rel": "self", "type": as.ContentType, "href": PersonAt(host)},
		}})
	case r.URL.Path == "/.well-known/nodeinfo":
		write(w, "application/json", map[string]any{"links": []any{map[string]any{
			"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": origin + "/nodeinfo/2.1",
		}}})
	case r.URL.Path == "/nodeinfo/2.1":
		write(w, "application/json", map[string]any{"version": "2.1", "software": map[string]any{"name": c.Software, "version": "1.0"}})
	default:
		http.NotFound(w, r)
	}
}

// take takes a delivery.
func (c *Crowd) take(host string, w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	<-gate
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender is gone
	}
	if c.Verify {
		if err := c.check(host, r, body); err != nil {
			c.refused.Add(1)
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
	}
	time.Sleep(c.Delay)
	if !c.Forget {
		c.mu.Lock()
		c.heard[host] = append(c.heard[host], string(body))
		c.mu.Unlock()
	}
	c.total.Add(1)
	w.WriteHeader(http.StatusAccepted)
}

// check verifies a signature with a key that is fetched once.
func (c *Crowd) check(host string, r *http.Request, body []byte) error {
	sig, err := httpsig.Parse(r)
	if err != nil {
		return err
	}
	key, known := c.keys.Load(sig.KeyID)
	if !known {
		if key, err = c.fetchKey(r.Context(), sig.KeyID); err != nil {
			return err
		}
		c.keys.Store(sig.KeyID, key)
	}
	return sig.Verify(r, body, key, httpsig.Expect{Host: host, Scheme: "http", Now: time.Now()})
}

func (c *Crowd) fetchKey(ctx context.Context, keyID string) (crypto.PublicKey, error) {
	resp, err := c.Client.Get(ctx, keyID, as.AcceptHeader, nil)
	if err != nil {
		return nil, err
	}
	var actor struct {
		PublicKey struct{ ID, PublicKeyPem string }
	}
	if err := json.Unmarshal(resp.Body, &actor); err != nil {
		return nil, err
	}
	if actor.PublicKey.ID != keyID {
		return nil, errors.New(keyID + " is the key of nobody")
	}
	key, err := httpsig.ParsePublicKey(actor.PublicKey.PublicKeyPem)
	if err != nil {
		return nil, fmt.Errorf("the key %s: %w", keyID, err)
	}
	return key, nil
}
