// Package as is the vocabulary that federation talks in: it reads the
// ActivityStreams 2.0 documents that peers send and writes ours. It is the
// only home of go-fed's streams and vocab.
//
// A document that was received is kept as the bytes it came in. What it says
// is read from those bytes, tolerantly, because no two peers write alike;
// go-fed's types are there for who wants them (Doc.Type) and never a
// condition, since they do not know half of what is spoken (Lock, Resolve,
// Hashtag, sensitive) and take text like "PSA: update now" for a URL.
//
// Documents are read as plain JSON and not as JSON-LD: no context is fetched
// or applied. What only makes sense to a JSON-LD processor, and would make it
// see another document than we see, is refused (Parse).
//
// Who may say what does not belong here, nor does fetching, signing, or any
// type of the community: see federation's inbox and fetch.
package as

import (
	"context"
	"encoding/json"
	"slices"

	"drystone/fault"
)

// NS is the ActivityStreams namespace and the URL of its context.
const NS = "https://www.w3.org/ns/activitystreams"

// Public is the collection that addresses everybody (ActivityPub, 5.6).
const Public = NS + "#Public"

// A Doc is one object of a received document. Its accessors give zero values
// for what is missing or not understood, and never fail. The zero Doc is
// empty. A Doc is read-only and safe for concurrent use.
type Doc struct {
	body   json.RawMessage
	fields map[string]json.RawMessage
}

// Parse reads a document within the limits of this package, refusing, as
// fault.Invalid, what cannot be read in one way only: duplicate keys,
// invalid UTF-8, JSON-LD's graph keywords (CVE-2026-46349 and relatives) and
// contexts that give a word of ActivityStreams another meaning. It does not
// look at what the document says. Parse keeps body: do not change it.
func Parse(_ context.Context, body []byte) (_ Doc, err error) {
	defer fault.Wrap(&err, "as.Parse")

	contexts, err := scan(body)
	if err != nil {
		return Doc{}, err
	}
	if !json.Valid(body) {
		return Doc{}, notJSON()
	}
	if err := checkContexts(contexts); err != nil {
		return Doc{}, err
	}
	return open(body), nil
}

func notJSON() error { return fault.New(fault.Invalid, "The document is not valid JSON.") }

// open reads one level of an object that is known to be valid JSON. The
// values point into body: they are its bytes and not copies.
func open(body json.RawMessage) Doc {
	fields := make(map[string]json.RawMessage)
	members(body, func(key string, value json.RawMessage) {
		fields[key] = value
	})
	return Doc{body: body, fields: fields}
}

// IsZero reports whether d is no document at all.
func (d Doc) IsZero() bool { return d.body == nil }

// Bytes returns the object as it was received, byte for byte. Do not change
// them.
func (d Doc) Bytes() []byte { return d.body }

// RawOf returns the value of key as it was received, byte for byte, or nil.
func (d Doc) RawOf(key string) json.RawMessage { return d.fields[key] }

// Has reports whether key has a value other than null. (A Delete with a
// summary, even an empty one, is a moderator's.)
func (d Doc) Has(key string) bool {
	raw := d.fields[key]
	return len(raw) > 0 && raw[0] != 'n'
}

// Without returns the object as it was received but for some keys, of which
// only what is outermost is meant.
func (d Doc) Without(keys ...string) []byte {
	out := []byte{'{'}
	members(d.body, func(key string, value json.RawMessage) {
		if slices.Contains(keys, key) {
			return
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(key) // a string always marshals
		out = append(append(append(out, name...), ':'), value...)
	})
	return append(out, '}')
}
