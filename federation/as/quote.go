package as

import (
	"encoding/json"

	"github.com/go-fed/activity/streams"

	"drystone/fault"
)

// quoteContext is the @context of what is said about quotes. A request keeps
// it in the answer that repeats it.
const quoteContext = `["` + NS + `",{"gts":"https://gotosocial.org/ns#",` +
	`"QuoteAuthorization":"https://w3id.org/fep/044f#QuoteAuthorization","QuoteRequest":"https://w3id.org/fep/044f#QuoteRequest",` +
	`"interactingObject":{"@id":"gts:interactingObject","@type":"@id"},"interactionTarget":{"@id":"gts:interactionTarget","@type":"@id"}}]`

// A Quote is what a post or comment quotes (FEP-044f).
type Quote struct {
	Object        string
	Authorization string // where its author's approval can be read; none of one's own words
	Approved      bool
}

// write says what is quoted. Those who know nothing of approvals are told only
// of what was approved.
func (q *Quote) write(b *builder) {
	b.parse(q.Object)
	b.context = quotingContext
	b.over["quote"] = q.Object
	if !q.Approved {
		return
	}
	b.over["quoteUrl"], b.over["_misskey_quote"] = q.Object, q.Object
	if q.Authorization != "" {
		b.parse(q.Authorization)
		b.over["quoteAuthorization"] = q.Authorization
	}
}

// A QuoteRequest is repeated in the answer to it, with ids only: what quotes
// may be for fewer people than what is quoted (FEP-044f).
type QuoteRequest struct {
	ID         string
	Actor      string          // who quotes
	Object     string          // what is quoted
	Instrument string          // what quotes
	Whole      json.RawMessage // or, where it is asked, the whole of that
	To         string          // who is asked
}

// Marshal writes the document.
func (q QuoteRequest) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.QuoteRequest(%s)", q.ID)

	refs := map[string]string{"actor": q.Actor, "object": q.Object, "instrument": q.Instrument}
	if q.Whole != nil {
		delete(refs, "instrument")
	}
	b := quotation(KindQuoteRequest, q.ID, refs)
	if q.Whole != nil {
		b.over["instrument"], b.over["to"], b.over["cc"] = q.Whole, []string{q.To}, []string{}
	}
	return b.marshal()
}

// A QuoteAuthorization is an author's approval of a quote (FEP-044f).
type QuoteAuthorization struct {
	ID                string
	AttributedTo      string // the author of what is quoted
	InteractingObject string // what quotes
	InteractionTarget string // what is quoted
}

// Marshal writes the document.
func (q QuoteAuthorization) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.QuoteAuthorization(%s)", q.ID)

	b := quotation(KindQuoteAuthorization, q.ID, map[string]string{
		"attributedTo": q.AttributedTo, "interactingObject": q.InteractingObject, "interactionTarget": q.InteractionTarget,
	})
	return b.marshal()
}

// quotation is a document that names others; go-fed has no word for either.
func quotation(kind, id string, refs map[string]string) *builder {
	b := newBuilder(streams.NewActivityStreamsObject())
	b.context = quoteContext
	b.id(id)
	b.over["type"] = kind
	for key, ref := range refs {
		b.parse(ref)
		b.over[key] = ref
	}
	return b
}
