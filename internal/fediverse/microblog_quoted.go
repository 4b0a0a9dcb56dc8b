package fediverse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
)

// quoted is who may quote what is written on a Microblog (FEP-044f).
type quoted struct {
	refuse bool
	stamps map[string]string // approvals, by the id of what quotes
}

// RefuseQuotes makes everybody here say no to who wants to quote them.
func (m *Microblog) RefuseQuotes() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.quoted.refuse = true
}

// quoteAsked answers a QuoteRequest, in the author's name: with an approval
// that it serves, or with no.
func (m *Microblog) quoteAsked(_ context.Context, doc as.Doc) error {
	instrument, ok := doc.Embedded("instrument")
	if !ok || instrument.Ref("attributedTo") != doc.Actor() || instrument.Ref("quote") != doc.Ref("object") || !as.SameHost(doc.ID(), doc.Actor()) {
		return errors.New("it does not hold what quotes")
	}
	m.mu.Lock()
	status, refuse := m.statuses[doc.Ref("object")], m.quoted.refuse
	var author *Account
	if status != nil {
		author = m.accounts[status.Author]
	}
	m.mu.Unlock()
	if author == nil || status.mine == nil {
		return errors.New("what is to be quoted was not written here")
	}
	request := map[string]any{"type": as.KindQuoteRequest, "id": doc.ID(), "actor": doc.Actor(), "object": status.ID, "instrument": instrument.ID()}
	if refuse {
		author.say(m.t, author.activity(as.KindReject, status.ID, map[string]any{"object": request, "to": doc.Actor()}), doc.Actor())
		return nil
	}
	stamp := m.approve(status, instrument.ID())
	author.say(m.t, author.activity(as.KindAccept, status.ID, map[string]any{"object": request, "result": stamp, "to": doc.Actor()}), doc.Actor())
	return nil
}

// approve serves an approval and returns where.
func (m *Microblog) approve(status *Status, instrument string) string {
	path := fmt.Sprintf("%s/quote_authorizations/%d", strings.TrimPrefix(status.Author, m.URL), m.next())
	stamp := m.Serve(path, map[string]any{
		"@context": []any{as.NS, map[string]any{"QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization"}},
		"type":     as.KindQuoteAuthorization, "id": m.URL + path, "attributedTo": status.Author,
		"interactingObject": instrument, "interactionTarget": status.ID,
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.quoted.stamps == nil {
		m.quoted.stamps = map[string]string{}
	}
	m.quoted.stamps[instrument] = stamp
	return stamp
}

// TakeBack ends the approval for something to quote a, and tells its author.
func (a *Account) TakeBack(t testing.TB, instrument, author string) {
	t.Helper()
	a.m.mu.Lock()
	stamp := a.m.quoted.stamps[instrument]
	a.m.mu.Unlock()
	if stamp == "" {
		t.Fatalf("%s was not approved", instrument)
	}
	a.m.ServeFunc(strings.TrimPrefix(stamp, a.m.URL), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	a.say(t, a.activity(as.KindDelete, stamp, map[string]any{"object": stamp, "to": []string{author}}), author)
}
