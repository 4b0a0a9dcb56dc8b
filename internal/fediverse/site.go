package fediverse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"drystone/federation/as"
	"drystone/federation/guard"
)

// A site is what the peers that think for themselves have in common: it knows
// whom it has met, reads documents in its server's name, and notes what it
// would not take and why. A refusal that the test did not expect fails it.
type site struct {
	*Peer
	Instance *Actor // who reads, and who reports

	mu       sync.Mutex
	met      map[string]as.Doc // actors elsewhere, by id
	refusals []string
	expected []string
	last     int // the number in the last id that was made
}

func newSite(t testing.TB, software, instance string) *site {
	t.Helper()
	s := &site{Peer: NewPeer(t, software), met: map[string]as.Doc{}}
	s.Instance = s.Actor(as.KindApplication, instance)
	t.Cleanup(func() {
		for _, why := range s.Refusals() {
			if !slices.ContainsFunc(s.expected, func(part string) bool { return strings.Contains(why, part) }) {
				t.Errorf("%s refused: %s", software, why)
			}
		}
	})
	return s
}

// Expect lets the peer refuse what it says part of when it does.
func (s *site) Expect(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = append(s.expected, part)
}

// Refusals are what the peer would not take so far, and why.
func (s *site) Refusals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refusals)
}

func (s *site) refuse(d Delivery, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = append(s.refusals, fmt.Sprintf("%s of %s by %s: %s", d.Doc.Kind(), d.Doc.Ref("object"), d.Doc.Actor(), why))
}

// next numbers what is made, so that no two ids are the same.
func (s *site) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return s.last
}

// signer makes a's signature an argument of guard.Client.
func signer(a *Actor) guard.Signer {
	return func(req *http.Request) error { return a.Sign(req, nil) }
}

// read fetches a document as the server, which signs.
func (s *site) read(ctx context.Context, iri string) (as.Doc, error) {
	resp, err := s.Client.Get(ctx, iri, as.AcceptHeader, signer(s.Instance))
	if err != nil {
		return as.Doc{}, fmt.Errorf("%s: %w", iri, err)
	}
	if !as.IsAS2ContentType(resp.ContentType) {
		return as.Doc{}, fmt.Errorf("%s is served as %q", iri, resp.ContentType)
	}
	doc, err := as.Parse(ctx, resp.Body)
	if err == nil && doc.ID() != iri && !strings.HasPrefix(iri, doc.ID()) {
		err = fmt.Errorf("%s calls itself %s", iri, doc.ID())
	}
	return doc, err
}

// finger asks WebFinger for the actor of a handle, and takes the first self
// link, as Mastodon does.
func (s *site) finger(ctx context.Context, handle string, sign guard.Signer) (iri string, err error) {
	_, host, _ := strings.Cut(handle, "@")
	address := "http://" + host + "/.well-known/webfinger?resource=" + url.QueryEscape("acct:"+handle)
	resp, err := s.Client.Get(ctx, address, "application/jrd+json, application/json", sign)
	if err != nil {
		return "", err
	}
	var jrd struct {
		Subject string
		Links   []struct{ Rel, Type, Href string }
	}
	if err := json.Unmarshal(resp.Body, &jrd); err != nil {
		return "", err
	}
	if jrd.Subject != "acct:"+handle {
		return "", fmt.Errorf("WebFinger of %s is about %q", handle, jrd.Subject)
	}
	for _, link := range jrd.Links {
		if link.Rel == "self" && as.IsAS2ContentType(link.Type) {
			return link.Href, nil
		}
	}
	return "", fmt.Errorf("WebFinger of %s has no self link", handle)
}

// Resolve finds an actor elsewhere, as somebody does who pastes its handle
// into the search: WebFinger, the actor, and back.
func (s *site) Resolve(t testing.TB, handle string) string {
	t.Helper()
	iri, err := s.finger(t.Context(), handle, s.fingers())
	if err == nil {
		_, err = s.meet(t.Context(), iri)
	}
	if err != nil {
		t.Fatalf("%s cannot find %s: %v", s.Software, handle, err)
	}
	return iri
}

// fingers is who signs WebFinger: GoToSocial signs it too.
func (s *site) fingers() guard.Signer {
	if s.Software == "gotosocial" {
		return signer(s.Instance)
	}
	return nil
}

// meet reads an actor and holds it to what everybody requires of one
// (FEDERATION.md, section 1).
func (s *site) meet(ctx context.Context, iri string) (as.Doc, error) {
	s.mu.Lock()
	doc, known := s.met[iri]
	s.mu.Unlock()
	if known {
		return doc, nil
	}
	doc, err := s.read(ctx, iri)
	if err != nil {
		return doc, err
	}
	key, _ := doc.Embedded("publicKey")
	switch {
	case !as.IsActor(doc.Kind()) || !strings.Contains(string(doc.RawOf("@context")), as.NS):
		err = fmt.Errorf("%s is a %s, which is no actor", iri, doc.Kind())
	case doc.Text("preferredUsername") == "" || doc.Ref("inbox") == "" || key.Ref("owner") != doc.ID() || key.Text("publicKeyPem") == "":
		err = fmt.Errorf("%s lacks a name, an inbox or its own key", iri)
	case doc.Text("webfinger") != "" && !strings.HasPrefix(doc.Text("webfinger"), doc.Text("preferredUsername")+"@"):
		err = fmt.Errorf("%s is called %q and %q", iri, doc.Text("preferredUsername"), doc.Text("webfinger"))
	}
	if err == nil && s.Software != "nodebb" {
		var back string
		if back, err = s.finger(ctx, doc.Text("preferredUsername")+"@"+as.Host(iri), s.fingers()); err == nil && back != iri {
			err = fmt.Errorf("WebFinger of %s leads to %s", iri, back)
		}
	}
	if err != nil {
		return doc, err
	}
	s.pin(doc)
	s.mu.Lock()
	s.met[iri] = doc
	s.mu.Unlock()
	return doc, nil
}

// deliver sends an activity to the servers of actors elsewhere, by their
// shared inboxes, once to each. Anything but 202 fails the test.
func (s *site) deliver(t testing.TB, by *Actor, activity any, to ...string) {
	t.Helper()
	var inboxes []string
	for _, iri := range to {
		if as.Host(iri) == s.Host || as.IsPublicID(iri) || strings.HasSuffix(iri, "/followers") {
			continue
		}
		actor, err := s.meet(t.Context(), iri)
		if err != nil {
			t.Fatalf("%s cannot deliver: %v", by.Name, err)
		}
		inbox := actor.Ref("inbox")
		if endpoints, ok := actor.Embedded("endpoints"); ok && endpoints.Ref("sharedInbox") != "" {
			inbox = endpoints.Ref("sharedInbox")
		}
		if !slices.Contains(inboxes, inbox) {
			inboxes = append(inboxes, inbox)
		}
	}
	for _, inbox := range inboxes {
		if status, text := by.Send(t, inbox, activity); status != http.StatusAccepted {
			t.Errorf("%s was answered %d by %s: %s", by.Name, status, inbox, text)
		}
	}
}

// signed says what is wrong with who signed a delivery.
func (d Delivery) signed() (status int, err error) {
	owner, _, _ := strings.Cut(d.KeyID, "#")
	switch {
	case d.Signature != nil:
		return http.StatusUnauthorized, d.Signature
	case owner != d.Doc.Actor():
		return http.StatusForbidden, fmt.Errorf("it is signed with %s", d.KeyID)
	case d.Doc.ID() == "" && d.Doc.Kind() != as.KindAccept:
		return http.StatusBadRequest, errors.New("it has no id")
	}
	return 0, nil
}

// stamp is now as everybody writes it.
func (p *Peer) stamp() string { return p.now().UTC().Format("2006-01-02T15:04:05Z") }
