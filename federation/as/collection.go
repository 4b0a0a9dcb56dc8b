package as

import (
	"bytes"
	"encoding/json"

	"github.com/go-fed/activity/streams"

	"drystone/fault"
)

// An OrderedCollection is written in one piece, as Lemmy reads it: with its
// items inline, or as a mere count.
type OrderedCollection struct {
	ID    string
	Total int               // the number of Items if that is greater
	Items []json.RawMessage // documents or ObjectID; nil for a mere count
}

// Marshal writes the document. The items stay the bytes that they are.
func (c OrderedCollection) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.OrderedCollection(%s)", c.ID)

	typed := streams.NewActivityStreamsOrderedCollection()
	b := newBuilder(typed)
	b.id(c.ID)
	total := streams.NewActivityStreamsTotalItemsProperty()
	total.Set(max(c.Total, len(c.Items)))
	typed.SetActivityStreamsTotalItems(total)
	if c.Items != nil {
		b.over["orderedItems"] = c.Items
		b.holds(c.Items...)
	}
	return b.marshal()
}

// A Collection is one in no order, in one piece: what a feed lists is read in
// no other form, by Lemmy and PieFed.
type Collection struct {
	ID    string
	Items []string // ids
}

// Marshal writes the document.
func (c Collection) Marshal() (_ []byte, err error) {
	defer fault.Wrap(&err, "as.Collection(%s)", c.ID)

	typed := streams.NewActivityStreamsCollection()
	b := newBuilder(typed)
	b.id(c.ID)
	total := streams.NewActivityStreamsTotalItemsProperty()
	total.Set(len(c.Items))
	typed.SetActivityStreamsTotalItems(total)
	b.over["items"] = append([]string{}, c.Items...)
	return b.marshal()
}

// WithoutContext leaves the @context out of a document that we wrote, so that
// it can be put into another one of ours, whose context says the same. Fifty
// contexts in an outbox would be most of it. What was received keeps its own,
// and so does an Event, whose context says more.
func WithoutContext(document []byte) json.RawMessage {
	fields := make(map[string]any)
	members(document, func(key string, value json.RawMessage) {
		if key != "@context" || string(value) == eventContext {
			fields[key] = value
		}
	})
	var out bytes.Buffer
	if err := writeObject(&out, fields); err != nil {
		return nil // not a document that we wrote
	}
	return out.Bytes()
}
