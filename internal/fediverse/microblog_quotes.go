package fediverse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"drystone/federation/as"
)

// A Quote is a status here that shows one of somebody elsewhere, as Mastodon
// has it (FEP-044f): hidden until its author approves, and again when the
// approval is gone.
type Quote struct {
	Status, Of, Author string
	State              string // "pending", "accepted", "rejected" or "revoked"
	Approval           string // the id of what stands for it

	request string
}

// Quote writes a status that quotes another and asks its author. It returns
// the status' id.
func (a *Account) Quote(t testing.TB, iri, text string) string {
	t.Helper()
	author := a.m.authorOf(t, iri)
	status := &Status{ID: fmt.Sprintf("%s/statuses/%d", a.ID, 1000+a.m.next()), Author: a.ID, mine: &Writing{Text: text}}
	object := a.m.object(t, status)
	object["quote"], object["quoteUri"], object["_misskey_quote"] = iri, iri, iri
	object["content"] = fmt.Sprintf(`<p class="quote-inline">RE: <a href="%s">%s</a></p>%s`, iri, iri, object["content"])
	a.m.publish(status, object)
	quote := &Quote{Status: status.ID, Of: iri, Author: author, State: "pending", request: fmt.Sprintf("%s/quote_requests/%d", a.ID, a.m.next())}
	a.m.mu.Lock()
	a.m.quotes[status.ID] = quote
	a.m.mu.Unlock()
	request := map[string]any{"id": quote.request, "type": as.KindQuoteRequest, "actor": a.ID, "object": iri, "instrument": object}
	doc, _ := a.m.rules.written(request).(map[string]any)
	doc["@context"] = []any{as.NS, map[string]any{
		"QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest", "quote": map[string]any{"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
	}}
	a.m.deliver(t, a.Actor, doc, author)
	return status.ID
}

// quoteAnswered handles Accept and Reject of a request: by who was asked, and
// in one case with an approval that can be read and is of this quote.
func (m *Microblog) quoteAnswered(doc, request as.Doc) error {
	m.mu.Lock()
	quote := m.quotes[request.Ref("instrument")]
	m.mu.Unlock()
	switch {
	case quote == nil || quote.request != request.ID():
		return errors.New("nobody here asked for that quote")
	case quote.Author != doc.Actor() || request.Ref("object") != quote.Of:
		return errors.New("it is not for who was quoted to say")
	case doc.Kind() == as.KindReject:
		m.setQuote(quote, "rejected", "")
		return nil
	}
	if err := m.approves(m.t.Context(), doc.Ref("result"), quote); err != nil {
		return err
	}
	m.setQuote(quote, "accepted", doc.Ref("result"))
	return nil
}

// approves reads what stands for an approval where it lives.
func (m *Microblog) approves(ctx context.Context, iri string, quote *Quote) error {
	approval, err := m.read(ctx, iri)
	switch {
	case err != nil:
		return err
	case !as.SameHost(iri, quote.Of) || approval.Kind() != as.KindQuoteAuthorization || approval.Ref("attributedTo") != quote.Author:
		return fmt.Errorf("%s approves nothing for %s", iri, quote.Author)
	case approval.Ref("interactingObject") != quote.Status || approval.Ref("interactionTarget") != quote.Of:
		return fmt.Errorf("%s is for another quote", iri)
	}
	return nil
}

func (m *Microblog) setQuote(quote *Quote, state, approval string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	quote.State, quote.Approval = state, approval
}

// quoteRevoked handles the Delete of an approval by who gave it. Callers hold
// the lock.
func (m *Microblog) quoteRevoked(iri, by string) error {
	for _, quote := range m.quotes {
		if quote.Approval != iri {
			continue
		}
		if quote.Author != by {
			return errors.New("only who approved takes it back")
		}
		quote.State = "revoked"
	}
	return nil
}

// QuoteIn is how the quote in a status stands.
func (m *Microblog) QuoteIn(status string) Quote {
	m.mu.Lock()
	defer m.mu.Unlock()
	if quote := m.quotes[status]; quote != nil {
		return *quote
	}
	return Quote{}
}

// Approved reads an approval again, and reports whether it is still there.
func (m *Microblog) Approved(t testing.TB, quote Quote) bool {
	t.Helper()
	err := m.approves(t.Context(), quote.Approval, &quote)
	if err != nil && !strings.Contains(err.Error(), "404") {
		t.Errorf("%s: %v", quote.Approval, err)
	}
	return err == nil
}
