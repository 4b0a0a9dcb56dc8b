package as

import (
	"github.com/go-fed/activity/streams"

	"drystone/fault"
)

// quoteContext is the @context of what is said about quotes. A request keeps
// it in the answer that repeats it.
const quoteContext = `["` + NS + `",{"gts":"https://gotosocial.org/ns#",` +
	`"QuoteAuthorization":"https://w3id.org/fep/044f#QuoteAuthorization","QuoteRequest":"https://w3id.org/fep/044f#QuoteRequest",` +
	`"interactingObject":{"@id":"gts:interactingObject","@type":"@id"},"interactionTarget":{"@id":"gts:interactionTarget","@type":"@id"}}]`

// A QuoteRequest is repeated in the answer to it, with ids only: what quotes
// may be for fewer people than what is quoted (FEP-044f).
type QuoteRequest struct {
	ID         string
	Actor      string // who quotes
	Object     string // what is quoted
	Instrument string // what quotes
}

// Marshal writes the document.
func (q QuoteRequest) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.QuoteRequest(%s)", q.ID)

	return quotation(KindQuoteRequest, q.ID, map[string]string{"actor": q.Actor, "object": q.Object, "instrument": q.Instrument})
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

	return quotation(KindQuoteAuthorization, q.ID, map[string]string{
		"attributedTo": q.AttributedTo, "interactingObject": q.InteractingObject, "interactionTarget": q.InteractionTarget,
	})
}

// quotation writes a document that names others and nothing else; go-fed has
// no word for either.
func quotation(kind, id string, refs map[string]string) ([]byte, error) {
	b := newBuilder(streams.NewActivityStreamsObject())
	b.context = quoteContext
	b.id(id)
	b.over["type"] = kind
	for key, ref := range refs {
		b.parse(ref)
		b.over[key] = ref
	}
	return b.marshal()
}
