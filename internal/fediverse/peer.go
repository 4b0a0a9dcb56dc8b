// Package fediverse is the fediverse for tests: fake peers that speak
// ActivityPub on loopback, with actors, keys and an inbox of their own.
//
// It is for tests only. What a peer says is what the test gives it; nothing
// here decides what is right.
package fediverse

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
)

// A Peer is a fake server: it serves its actors' documents, WebFinger and
// NodeInfo, and everything it is told to; it signs what it sends and records
// what it is sent.
type Peer struct {
	URL      string // "http://127.0.0.1:4711"
	Host     string // "127.0.0.1:4711"
	Software string // as NodeInfo says it; empty: it has no NodeInfo
	Client   *guard.Client

	t      testing.TB
	server *httptest.Server

	mu         sync.Mutex
	actors     map[string]*Actor // by path
	pages      map[string]http.HandlerFunc
	otherwise  http.HandlerFunc
	requests   []Request
	deliveries []Delivery
	arrived    chan struct{} // closed at the next delivery
	answer     func(Delivery) int
	gate       func(http.ResponseWriter, *http.Request) bool
	reader     *Actor
	keys       map[string]crypto.PublicKey // by their ids; nil: none is remembered
	asksAgain  bool
	now        func() time.Time
}

// A Request is a GET that a peer got.
type Request struct {
	Path   string // with the query
	Header http.Header
}

// A Delivery is something that was posted to a peer's inbox.
type Delivery struct {
	Path      string
	Header    http.Header
	Body      []byte
	Doc       as.Doc // zero if it cannot be parsed
	KeyID     string
	Signature error // why the signature is wrong; nil if it is right
}

// Options returns what lets a guard.Client reach loopback peers.
func Options() guard.Options {
	return guard.Options{
		AllowRanges: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		AllowHTTP:   true, AllowPorts: true, UserAgent: "fediverse-test",
	}
}

// NewPeer starts a peer that calls itself software ("" for one without
// NodeInfo). It ends with the test.
func NewPeer(t testing.TB, software string) *Peer {
	t.Helper()
	p := &Peer{
		Software: software, Client: guard.New(Options()), t: t,
		actors: map[string]*Actor{}, pages: map[string]http.HandlerFunc{}, arrived: make(chan struct{}), now: time.Now,
	}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	p.URL = p.server.URL
	p.Host = strings.TrimPrefix(p.URL, "http://")
	t.Cleanup(func() {
		p.Client.Close()
		p.server.Close()
	})
	return p
}

// Clock makes the peer sign and verify by another clock than the real one.
func (p *Peer) Clock(now func() time.Time) { p.now = now }

// Answer makes the peer answer deliveries with the status that f returns; 0
// means what is usual: 202, or 401 for a wrong signature.
func (p *Peer) Answer(f func(Delivery) int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

// Gate makes the peer ask f before it answers a GET: f answers itself and
// returns true, or lets it pass.
func (p *Peer) Gate(f func(http.ResponseWriter, *http.Request) (answered bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = f
}

// ReadAs makes the peer sign as a when it fetches the keys of who sends to it.
func (p *Peer) ReadAs(a *Actor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reader = a
}

// RememberKeys makes the peer ask for a key once, and again only if again says
// so and something does not fit it.
func (p *Peer) RememberKeys(again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys, p.asksAgain = map[string]crypto.PublicKey{}, again
}

// HangUp closes the connections that are idle, as a server does that is tired
// of waiting.
func (p *Peer) HangUp() {
	p.server.Config.SetKeepAlivesEnabled(false)
	p.server.Config.SetKeepAlivesEnabled(true)
}

// An Actor is somebody on a Peer.
type Actor struct {
	Peer  *Peer
	Name  string
	Kind  string // as.KindPerson, as.KindGroup, …
	ID    string
	Inbox string
	KeyID string
	Key   *rsa.PrivateKey
	Style httpsig.Style // how it signs
	// Headers are what it signs instead, as hs2019 unless Algorithm says
	// otherwise.
	Headers   []string
	Algorithm string
	// ContentType is what it calls its activities; as.ContentType if empty.
	ContentType string

	Extra map[string]any // properties that replace those of its document; nil values leave them out
}

// Person adds a person whose address is /users/name.
func (p *Peer) Person(name string) *Actor { return p.Actor(as.KindPerson, "/users/"+name) }

// Group adds a group whose address is /c/name.
func (p *Peer) Group(name string) *Actor { return p.Actor(as.KindGroup, "/c/"+name) }

// Actor adds an actor of any kind at a path; the last part is its name.
func (p *Peer) Actor(kind, path string) *Actor {
	p.t.Helper()
	id := p.URL + path
	a := &Actor{
		Peer: p, Name: path[strings.LastIndexByte(path, '/')+1:], Kind: kind, ID: id, Inbox: id + "/inbox",
		KeyID: id + "#main-key", Key: nextKey(p.t), Extra: map[string]any{},
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.actors[path] = a
	return a
}

// Document is the actor's document.
func (a *Actor) Document() map[string]any {
	pem, err := httpsig.PublicPEM(&a.Key.PublicKey)
	if err != nil {
		a.Peer.t.Error(err)
	}
	doc := map[string]any{
		"@context": []string{as.NS, "https://w3id.org/security/v1"},
		"id":       a.ID, "type": a.Kind, "preferredUsername": a.Name, "name": strings.ToUpper(a.Name[:1]) + a.Name[1:],
		"inbox": a.Inbox, "outbox": a.ID + "/outbox", "followers": a.ID + "/followers",
		"endpoints": map[string]any{"sharedInbox": a.Peer.URL + "/inbox"},
		"publicKey": map[string]any{"id": a.KeyID, "owner": a.ID, "publicKeyPem": pem},
	}
	maps.Copy(doc, a.Extra)
	for key, value := range doc {
		if value == nil {
			delete(doc, key)
		}
	}
	return doc
}

// Sign signs a request as the actor, at the peer's time.
func (a *Actor) Sign(req *http.Request, body []byte) error {
	if len(a.Headers) > 0 {
		return a.signHeaders(req, body)
	}
	return a.Style.Sign(req, body, a.KeyID, a.Key, a.Peer.now())
}

// Get fetches a URL of any peer, signed by the actor, and returns the answer
// whatever it is.
func (a *Actor) Get(ctx context.Context, url string) (status int, body []byte, err error) {
	resp, err := a.Peer.Client.Get(ctx, url, as.AcceptHeader, func(req *http.Request) error { return a.Sign(req, nil) })
	if resp == nil {
		return 0, nil, err
	}
	return resp.Status, resp.Body, nil
}

// Send posts an activity, given as JSON bytes or as something to marshal, to
// an inbox, signed by the actor, and returns the status and the text of the
// answer.
func (a *Actor) Send(t testing.TB, inbox string, activity any) (status int, text string) {
	t.Helper()
	body := JSON(t, activity)
	resp, err := a.Peer.Client.Post(t.Context(), inbox, cmp.Or(a.ContentType, as.ContentType), body, func(req *http.Request) error {
		return a.Sign(req, body)
	})
	if resp == nil {
		t.Fatalf("%s cannot send to %s: %v", a.Name, inbox, err)
	}
	return resp.Status, string(resp.Body)
}

// JSON returns activity as bytes: as it is, or marshalled.
func JSON(t testing.TB, activity any) []byte {
	t.Helper()
	switch v := activity.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	case json.RawMessage:
		return v
	}
	body, err := json.Marshal(activity)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Serve makes the peer serve an ActivityStreams document, JSON bytes or
// something to marshal, at a path, and returns its URL.
func (p *Peer) Serve(path string, doc any) string {
	body := JSON(p.t, doc)
	return p.ServeFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", as.ContentType)
		_, _ = w.Write(body)
	})
}

// ServeFunc makes the peer answer at a path as f does.
func (p *Peer) ServeFunc(path string, f http.HandlerFunc) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages[path] = f
	return p.URL + path
}

// Gone makes a path answer 410, an actor's too.
func (p *Peer) Gone(path string) {
	p.ServeFunc(path, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
}

// Otherwise makes the peer answer GETs of every path that it knows nothing
// about as f does.
func (p *Peer) Otherwise(f http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.otherwise = f
}

// Requests returns the GETs that the peer got so far, for paths that contain
// part.
func (p *Peer) Requests(part string) []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Request
	for _, r := range p.requests {
		if strings.Contains(r.Path, part) {
			list = append(list, r)
		}
	}
	return list
}

// Deliveries returns what was posted to the peer's inboxes so far.
func (p *Peer) Deliveries() []Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Delivery(nil), p.deliveries...)
}

// Await returns the first delivery that is wanted, now or within ten seconds.
func (p *Peer) Await(t testing.TB, what string, wanted func(Delivery) bool) Delivery {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		p.mu.Lock()
		list, arrived := p.deliveries, p.arrived
		p.mu.Unlock()
		for _, d := range list {
			if wanted(d) {
				return d
			}
		}
		select {
		case <-arrived:
		case <-timeout:
			t.Fatalf("%s got no %s; it got %s", p.Host, what, kinds(list))
		}
	}
}

// Kind is for Await: an activity of a kind.
func Kind(kind string) func(Delivery) bool {
	return func(d Delivery) bool { return d.Doc.Kind() == kind }
}

func kinds(list []Delivery) string {
	var names []string
	for _, d := range list {
		names = append(names, fmt.Sprintf("%s(%s)", d.Doc.Kind(), d.Doc.Ref("object")))
	}
	return fmt.Sprintf("%d: %s", len(list), strings.Join(names, ", "))
}

func (p *Peer) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		p.receive(w, r)
		return
	}
	p.mu.Lock()
	p.requests = append(p.requests, Request{Path: r.URL.RequestURI(), Header: r.Header.Clone()})
	page, actor, otherwise, gate := p.pages[r.URL.Path], p.actors[r.URL.Path], p.otherwise, p.gate
	p.mu.Unlock()
	switch {
	case gate != nil && gate(w, r):
	case page != nil:
		page(w, r)
	case actor != nil:
		write(w, as.ContentType, actor.Document())
	case r.URL.Path == "/.well-known/webfinger":
		p.webFinger(w, r)
	case r.URL.Path == "/.well-known/nodeinfo" && p.Software != "":
		write(w, "application/json", map[string]any{"links": []any{map[string]any{
			"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": p.URL + "/nodeinfo/2.1",
		}}})
	case r.URL.Path == "/nodeinfo/2.1" && p.Software != "":
		write(w, "application/json", map[string]any{
			"version": "2.1", "software": map[string]any{"name": p.Software, "version": "1.0"}, "protocols": []string{"activitypub"},
		})
	case otherwise != nil:
		otherwise(w, r)
	default:
		http.NotFound(w, r)
	}
}

// webFinger answers for actors by their names; people and groups may share
// one, as on Lemmy.
func (p *Peer) webFinger(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	p.mu.Lock()
	defer p.mu.Unlock()
	var links []any
	for _, a := range p.actors {
		if resource == "acct:"+a.Name+"@"+p.Host {
			links = append(links, map[string]any{
				"rel": "self", "type": as.ContentType, "href": a.ID,
				"properties": map[string]string{as.NS + "#type": a.Kind},
			})
		}
	}
	if links == nil {
		http.NotFound(w, r)
		return
	}
	write(w, "application/jrd+json", map[string]any{"subject": resource, "links": links})
}

func write(w http.ResponseWriter, contentType string, doc any) {
	w.Header().Set("Content-Type", contentType)
	_ = json.NewEncoder(w).Encode(doc)
}

// receive records a delivery, having verified its signature with the key that
// the sender's server publishes.
func (p *Peer) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return
	}
	d := Delivery{Path: r.URL.Path, Header: r.Header.Clone(), Body: body}
	d.KeyID, d.Signature = p.check(r, body)
	d.Doc, _ = as.Parse(r.Context(), bytes.Clone(body))

	p.mu.Lock()
	answer := p.answer
	p.mu.Unlock()
	status := 0
	if answer != nil {
		status = answer(d)
	}
	if status == 0 {
		status = http.StatusAccepted
		if d.Signature != nil {
			status = http.StatusUnauthorized
		}
	}
	p.mu.Lock()
	p.deliveries = append(p.deliveries, d)
	close(p.arrived)
	p.arrived = make(chan struct{})
	p.mu.Unlock()
	w.WriteHeader(status)
}

// check verifies a request with the key that its keyId leads to, or led to.
func (p *Peer) check(r *http.Request, body []byte) (keyID string, err error) {
	sig, err := httpsig.Parse(r)
	if err != nil {
		return "", err
	}
	expect := httpsig.Expect{Host: p.Host, Scheme: "http", Now: p.now()}
	p.mu.Lock()
	known, reader, asksAgain := p.keys[sig.KeyID], p.reader, p.asksAgain
	p.mu.Unlock()
	if known != nil {
		if err := sig.Verify(r, body, known, expect); err == nil || !asksAgain {
			return sig.KeyID, err
		}
	}
	public, err := p.fetchKey(r.Context(), reader, sig.KeyID)
	if err != nil {
		return sig.KeyID, err
	}
	if err := sig.Verify(r, body, public, expect); err != nil {
		return sig.KeyID, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys != nil {
		p.keys[sig.KeyID] = public
	}
	return sig.KeyID, nil
}

// pin remembers the key that an actor's document holds, if keys are remembered:
// whom a server knows it need not ask for their key when they are gone.
func (p *Peer) pin(actor as.Doc) {
	key, _ := actor.Embedded("publicKey")
	public, err := httpsig.ParsePublicKey(key.Text("publicKeyPem"))
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.keys != nil && p.keys[key.ID()] == nil {
		p.keys[key.ID()] = public
	}
}

// fetchKey reads a key where its id leads, signed by reader unless that is
// nil.
func (p *Peer) fetchKey(ctx context.Context, reader *Actor, keyID string) (crypto.PublicKey, error) {
	var sign guard.Signer
	if reader != nil {
		sign = signer(reader)
	}
	resp, err := p.Client.Get(ctx, keyID, as.AcceptHeader, sign)
	if err != nil {
		return nil, err
	}
	doc, err := as.Parse(ctx, resp.Body)
	if err != nil {
		return nil, err
	}
	key, ok := doc.Embedded("publicKey")
	if !ok || key.ID() != keyID || key.Ref("owner") != doc.ID() {
		return nil, fmt.Errorf("%s is no key of %s", keyID, doc.ID())
	}
	return httpsig.ParsePublicKey(key.Text("publicKeyPem"))
}
