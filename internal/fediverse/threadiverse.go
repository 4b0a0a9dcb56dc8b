package fediverse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
)

// A Neighbour is a fake server of the threadiverse. Unlike a plain Peer it
// understands what it is sent: it keeps a small model of the groups that it
// hosts and of those that its people follow, and changes it by the rules of
// its software, which are its manners. What these refuse fails the test,
// unless the test expects it.
type Neighbour struct {
	*Peer
	Itself *Actor // the server's own actor, which signs what it fetches

	manners  manners
	outgoing chan func()
	ended    chan struct{}

	mu       sync.Mutex
	rooms    map[string]*Room
	pieces   map[string]*Piece
	reports  []Report
	said     map[string]map[string]any // by path: the activities that it serves
	known    map[string]as.Doc         // the actors of others
	sites    map[string]as.Doc         // the Applications of other servers, by their roots
	outcasts map[string]Ban            // who is banned from whole servers: "root who"
	refusals []string
	expected []string
	dropped  []string
	feeds    map[string]*feed
	shelves  map[string]*Shelf
	gone     map[string]int // actors elsewhere who said that they deleted themselves, and how often
	votes    []any          // of a PieFed: those that wait
	serial   int
}

// A Room is a group as a Neighbour knows it: its own, or one that somebody on
// it follows.
type Room struct {
	ID         string
	Title      string
	Own        *Actor // nil: it lives elsewhere
	Inbox      string
	Featured   string // the address of the collection
	Governors  string // and that of the moderators
	Moderators []string
	Followers  map[string]string // of its own: their inboxes, by who they are
	Members    map[string]bool   // of one elsewhere: those of its people whom it accepted
	Banned     map[string]Ban
}

// A Ban is one from a Room.
type Ban struct {
	Reason string
	Until  time.Time
	By     string
}

// A Piece is a post or a comment as a Neighbour knows it.
type Piece struct {
	ID, Room, Author string
	Parent           string // of a comment
	Title, Text      string
	At               time.Time
	Edited           bool
	Votes            map[string]int // by who cast them
	Deleted, Removed bool
	Reason           string
	Locked, Featured bool
	Sensitive        bool
	Poll             *Poll  // nil: nothing is asked
	Event            *Event // nil: nothing happens, or nobody there knows
}

// A Report is a Flag that a Neighbour took.
type Report struct {
	ID, By, Object, Reason string
	Resolved               bool
}

// Manners are what a software of the threadiverse does in its own way.
type manners interface {
	places() places
	// dress is what documents of its actors say beside what all do.
	dress(n *Neighbour, a *Actor) map[string]any
	// page, note and act write a post, a comment and an activity.
	page(n *Neighbour, p Piece) map[string]any
	note(n *Neighbour, p Piece) map[string]any
	act(n *Neighbour, a deed) map[string]any
	// titled is the title that a post gets, by its document.
	titled(object as.Doc) string
	// pass is how a group of its own tells its followers of an activity.
	pass(n *Neighbour, room *Actor, activity map[string]any, own bool) []parcel
	// admit reports what is wrong with how something was delivered.
	admit(d Delivery) error
	// unwrap returns the activities that a group announces.
	unwrap(ctx context.Context, n *Neighbour, announce as.Doc) ([]as.Doc, error)
	// judge reports what is wrong with an activity in a room.
	judge(ctx context.Context, n *Neighbour, a as.Doc, room string) error
	// governs reports whether somebody who is no moderator of a room may
	// still moderate what is there.
	governs(by, object, room string) bool
	// banishes reports whether a ban of who from a whole server counts.
	banishes(by, who string) bool
	// end is when a ban ends, and until says so.
	end(block as.Doc) time.Time
	until(end time.Time) map[string]any
	// address is the path of a "page", a "note" or an activity of a kind.
	address(kind, room string, serial int) string
	// pinned and newest are the items of a group's featured and outbox.
	pinned(n *Neighbour, posts []Piece) []any
	newest(n *Neighbour, room *Actor, posts []Piece) []any
	// finds reports what is wrong with what a server shows of a group.
	finds(ctx context.Context, n *Neighbour, group as.Doc) error
}

// Places are where a software has what.
type places struct {
	people, groups, inbox, itself, moderators, featured string
	headers                                             []string // what is signed
	algorithm                                           string
	style                                               httpsig.Style
}

// A deed is what somebody does, before its software puts it into words.
type deed struct {
	kind   string
	by     *Actor
	room   string
	object any
	author string // of what it is about
	extra  map[string]any
}

// A parcel is what is delivered to all followers of a group, signed by by.
type parcel struct {
	by       *Actor
	activity map[string]any
}

// newNeighbour starts one.
func newNeighbour(t testing.TB, software string, m manners) *Neighbour {
	t.Helper()
	n := &Neighbour{
		Peer: NewPeer(t, software), manners: m, outgoing: make(chan func(), 1000), ended: make(chan struct{}),
		rooms: map[string]*Room{}, pieces: map[string]*Piece{}, said: map[string]map[string]any{}, known: map[string]as.Doc{},
		sites: map[string]as.Doc{}, outcasts: map[string]Ban{}, gone: map[string]int{}, feeds: map[string]*feed{}, shelves: map[string]*Shelf{},
	}
	place := m.places()
	n.Itself = n.actor(as.KindApplication, place.itself)
	n.Itself.Name = n.Host
	n.ReadAs(n.Itself)
	n.RememberKeys(true)
	n.Otherwise(n.show)
	n.Answer(n.take)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case send := <-n.outgoing:
				send()
			case <-n.ended:
				return
			}
		}
	})
	t.Cleanup(func() {
		close(n.ended)
		wg.Wait()
		n.complain(t)
	})
	return n
}

// complain fails the test for what was refused, and for what should have been
// refused and was not.
func (n *Neighbour) complain(t testing.TB) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, refusal := range n.refusals {
		if !slices.ContainsFunc(n.expected, func(part string) bool { return strings.Contains(refusal, part) }) {
			t.Errorf("%s refused: %s", n.Software, refusal)
		}
	}
	for _, part := range n.expected {
		if !slices.ContainsFunc(n.refusals, func(refusal string) bool { return strings.Contains(refusal, part) }) {
			t.Errorf("%s did not refuse anything for %q", n.Software, part)
		}
	}
}

// Expect says that something will be refused with a reason that has part in
// it.
func (n *Neighbour) Expect(part string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expected = append(n.expected, part)
}

// Refusals returns what was refused so far, and why.
func (n *Neighbour) Refusals() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.refusals)
}

// Piece returns a post or comment as it is known now, nil if it is not.
func (n *Neighbour) Piece(id string) *Piece {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.piece(id)
}

func (n *Neighbour) piece(id string) *Piece {
	p := n.pieces[id]
	if p == nil {
		return nil
	}
	c := *p
	c.Votes, c.Poll = maps.Clone(p.Votes), p.Poll.clone()
	return &c
}

// Room returns a group as it is known now, nil if it is not.
func (n *Neighbour) Room(id string) *Room {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.rooms[id]
	if r == nil {
		return nil
	}
	c := *r
	c.Moderators = slices.Clone(r.Moderators)
	c.Followers, c.Members, c.Banned = maps.Clone(r.Followers), maps.Clone(r.Members), maps.Clone(r.Banned)
	return &c
}

// Reports returns the reports that came.
func (n *Neighbour) Reports() []Report {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.reports)
}

// Outcast returns the ban of somebody from the server with an address, as the
// neighbour heard of it.
func (n *Neighbour) Outcast(root, who string) (Ban, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ban, ok := n.outcasts[root+" "+who]
	return ban, ok
}

// Dropped returns what came and means nothing to this software.
func (n *Neighbour) Dropped() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.dropped)
}

// Account makes somebody with an account there.
func (n *Neighbour) Account(name string) *Actor {
	n.t.Helper()
	return n.actor(as.KindPerson, n.manners.places().people+name)
}

// Community makes a group there, which by owns.
func (n *Neighbour) Community(name string, by *Actor) *Actor {
	n.t.Helper()
	a := n.actor(as.KindGroup, n.manners.places().groups+name)
	place := n.manners.places()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rooms[a.ID] = &Room{
		ID: a.ID, Own: a, Inbox: a.Inbox, Featured: a.ID + place.featured, Governors: a.ID + place.moderators,
		Moderators: []string{by.ID}, Followers: map[string]string{}, Banned: map[string]Ban{},
	}
	return a
}

// actor is Peer.Actor in the manner of the software.
func (n *Neighbour) actor(kind, path string) *Actor {
	a := n.Actor(kind, path)
	place := n.manners.places()
	a.Style, a.Headers, a.Algorithm = place.style, place.headers, place.algorithm
	a.Extra["endpoints"] = map[string]any{"sharedInbox": n.URL + place.inbox}
	if path == place.itself {
		a.Inbox = n.URL + place.inbox
		a.Extra["name"], a.Extra["preferredUsername"] = n.Host, n.Host
		a.Extra["outbox"], a.Extra["followers"] = n.URL+"/outbox", nil
	}
	maps.Copy(a.Extra, n.manners.dress(n, a))
	return a
}

// fetch reads a document of another server, as the server itself.
func (n *Neighbour) fetch(ctx context.Context, id string) (as.Doc, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	resp, err := n.Client.Get(ctx, id, as.AcceptHeader, func(req *http.Request) error { return n.Itself.Sign(req, nil) })
	if err != nil {
		return as.Doc{}, fmt.Errorf("%s cannot be fetched: %w", id, err)
	}
	if kind := resp.ContentType; kind != as.ContentType {
		return as.Doc{}, fmt.Errorf("%s is served as %q", id, kind)
	}
	doc, err := as.Parse(ctx, resp.Body)
	if err == nil && doc.ID() != id {
		err = fmt.Errorf("%s is called %s", id, doc.ID())
	}
	return doc, err
}

// somebody reads an actor of another server, once.
func (n *Neighbour) somebody(ctx context.Context, id string) (as.Doc, error) {
	n.mu.Lock()
	doc, ok := n.known[id]
	n.mu.Unlock()
	if ok {
		return doc, nil
	}
	doc, err := n.fetch(ctx, id)
	if err != nil {
		return doc, err
	}
	for _, key := range []string{"preferredUsername", "inbox", "outbox", "publicKey"} {
		if !doc.Has(key) {
			return doc, fmt.Errorf("the actor %s has no %s", id, key)
		}
	}
	n.pin(doc)
	n.mu.Lock()
	n.known[id] = doc
	n.mu.Unlock()
	return doc, nil
}

// Find looks a group up by its handle as this software does, reads what it
// reads of it, and knows it from then on.
func (n *Neighbour) Find(t testing.TB, host, name string) *Room {
	t.Helper()
	ctx := t.Context()
	resp, err := n.Client.Get(ctx, "http://"+host+"/.well-known/webfinger?resource=acct:"+name+"@"+host, "application/jrd+json", nil)
	if err != nil {
		t.Fatalf("%s: WebFinger of %s: %v", n.Software, name, err)
	}
	id, err := self(resp.Body)
	if err != nil {
		t.Fatalf("%s: WebFinger of %s: %v", n.Software, name, err)
	}
	group, err := n.somebody(ctx, id)
	if err != nil {
		t.Fatalf("%s: %v", n.Software, err)
	}
	n.mu.Lock()
	n.rooms[id] = &Room{
		ID: id, Title: group.Text("name"), Inbox: group.Ref("inbox"), Featured: group.Ref("featured"), Governors: group.Ref("attributedTo"),
		Members: map[string]bool{}, Banned: map[string]Ban{},
	}
	n.mu.Unlock()
	if err := errors.Join(n.manners.finds(ctx, n, group), n.readGovernors(ctx, id, group.Ref("attributedTo"))); err != nil {
		t.Errorf("%s, finding %s: %v", n.Software, name, err)
	}
	return n.Room(id)
}

// readGovernors reads who moderates a group: Lemmy, PieFed and Mbin want a
// list of ids (section 5).
func (n *Neighbour) readGovernors(ctx context.Context, room, address string) error {
	list, err := n.fetch(ctx, address)
	if err != nil {
		return err
	}
	if list.Kind() != as.KindOrderedCollection || len(list.Embeddeds("orderedItems")) > 0 || len(list.Refs("orderedItems")) == 0 {
		return fmt.Errorf("the moderators are no list of ids: %s", list.Bytes())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rooms[room].Moderators = list.Refs("orderedItems")
	return nil
}
