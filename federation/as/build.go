package as

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-fed/activity/streams"
	"github.com/go-fed/activity/streams/vocab"

	"drystone/fault"
)

// The @context of what we write: of actors, and, short, of everything else,
// which is told many times and repeats it in every proof. Go-fed would name
// http://joinmastodon.org/ns, which is no document and breaks processors that
// fetch it; we define Mastodon's terms in place, as Mastodon does. What is
// protected comes after what may define the same.
const (
	actorContext = `["` + NS + `","https://w3id.org/security/v1",` +
		`"https://join-lemmy.org/context.json","https://purl.archive.org/socialweb/webfinger","https://w3id.org/security/multikey/v1",` +
		`{"toot":"http://joinmastodon.org/ns#","schema":"http://schema.org#",` +
		`"featured":{"@id":"toot:featured","@type":"@id"},"discoverable":"toot:discoverable",` +
		`"indexable":"toot:indexable","acceptPrivateMessages":"https://join.piefed.social/ns#acceptPrivateMessages","blurhash":"toot:blurhash","Hashtag":"as:Hashtag",` +
		`"manuallyApprovesFollowers":"as:manuallyApprovesFollowers","sensitive":"as:sensitive",` +
		`"alsoKnownAs":{"@id":"as:alsoKnownAs","@type":"@id"},"movedTo":{"@id":"as:movedTo","@type":"@id"},` +
		`"PropertyValue":"schema:PropertyValue","value":"schema:value",` +
		`"assertionMethod":{"@id":"https://w3id.org/security#assertionMethod","@type":"@id"}}]`

	objectContext = objectTerms + `]`
	objectTerms   = `["` + NS + `","https://join-lemmy.org/context.json","https://w3id.org/security/data-integrity/v2",` +
		`{"toot":"http://joinmastodon.org/ns#","Hashtag":"as:Hashtag","blurhash":"toot:blurhash","votersCount":"toot:votersCount"}`

	// What holds a post or comment says who may quote it, and is not told as
	// often as votes are.
	quotableContext = quotableTerms + `]`
	quotableTerms   = objectTerms + `,{"gts":"https://gotosocial.org/ns#","interactionPolicy":"gts:interactionPolicy",` +
		`"canQuote":"gts:canQuote","automaticApproval":{"@id":"gts:automaticApproval","@type":"@id"}}`

	// Few quote something themselves.
	quotingContext = quotableTerms + `,{"quote":{"@id":"https://w3id.org/fep/044f#quote","@type":"@id"},` +
		`"quoteAuthorization":{"@id":"https://w3id.org/fep/044f#quoteAuthorization","@type":"@id"},` +
		`"quoteUrl":"as:quoteUrl","_misskey_quote":"https://misskey-hub.net/ns#_misskey_quote"}]`
)

// policy is how a document that says who may quote it is told from others.
const policy = "interactionPolicy"

// asking is PieFed's word for what asks something, which few documents have.
const asking = "questionAnswer"

// asks says that a post, or all in a group, asks something.
func (b *builder) asks(yes bool) {
	if yes {
		b.over[asking] = true
		b.knows(asking, "https://join.piefed.social/ns#"+asking)
	}
}

// knows adds a word to the context.
func (b *builder) knows(word, iri string) {
	b.context = strings.TrimSuffix(b.context, "]") + `,{"` + word + `":"` + iri + `"}]`
}

// holds chooses the context for what a document holds.
func (b *builder) holds(documents ...json.RawMessage) {
	defer func() {
		for _, document := range documents {
			if bytes.Contains(document, []byte(`"`+asking+`":true`)) {
				b.knows(asking, "https://join.piefed.social/ns#"+asking)
				return
			}
		}
	}()
	for _, document := range documents {
		switch {
		case bytes.Contains(document, []byte(`"quote":"`)):
			b.context = quotingContext
			return
		case bytes.Contains(document, []byte(`"`+policy+`"`)):
			b.context = quotableContext
		}
	}
}

// A builder fills a go-fed value, and beside it what that would lose: arrays
// of one element, the exact spelling of IRIs (url.URL normalises them, but
// ids are compared byte by byte), and properties it has never heard of.
type builder struct {
	typed   vocab.Type
	over    map[string]any
	context string
	err     error
}

func newBuilder(typed vocab.Type) *builder {
	return &builder{typed: typed, over: make(map[string]any), context: objectContext}
}

func (b *builder) parse(iri string) *url.URL {
	u, err := url.Parse(iri)
	if err != nil || u.Scheme == "" {
		if b.err == nil {
			b.err = fault.New(fault.Internal, "%.200q cannot be sent as an id.", iri)
		}
		return &url.URL{}
	}
	return u
}

// A property of go-fed knows its own key.
type property interface{ Name() string }

// The setters below fill one property of go-fed and give it to set, a method
// of the value being built. Empty values leave the property out.

func (b *builder) id(id string) {
	if id == "" {
		return
	}
	p := streams.NewJSONLDIdProperty()
	p.Set(b.parse(id))
	b.typed.SetJSONLDId(p)
	b.over["id"] = id
}

func iri[P interface {
	property
	SetIRI(*url.URL)
}](b *builder, value string, p P, set func(P),
) {
	if value == "" {
		return
	}
	p.SetIRI(b.parse(value))
	set(p)
	b.over[p.Name()] = value
}

// one is iri for properties that may hold many values but shall hold one.
func one[P interface {
	property
	AppendIRI(*url.URL)
}](b *builder, value string, p P, set func(P),
) {
	if value == "" {
		return
	}
	p.AppendIRI(b.parse(value))
	set(p)
	b.over[p.Name()] = value
}

// many writes an array, also of one element, also of none; nil writes nothing.
func many[P interface {
	property
	AppendIRI(*url.URL)
}](b *builder, values []string, p P, set func(P),
) {
	if values == nil {
		return
	}
	for _, value := range values {
		p.AppendIRI(b.parse(value))
	}
	set(p)
	b.over[p.Name()] = values
}

func text[P interface{ AppendXMLSchemaString(string) }](value string, p P, set func(P)) {
	if value != "" {
		p.AppendXMLSchemaString(value)
		set(p)
	}
}

func moment[P interface{ Set(time.Time) }](value time.Time, p P, set func(P)) {
	if !value.IsZero() {
		p.Set(value.UTC().Truncate(time.Second))
		set(p)
	}
}

// extra sets a property that go-fed does not know, unless it is empty.
func (b *builder) extra(key, value string) {
	if value != "" {
		b.over[key] = value
	}
}

// fields returns what was built, without a context.
func (b *builder) fields() (map[string]any, error) {
	if b.err != nil {
		return nil, b.err
	}
	fields, err := b.typed.Serialize()
	if err != nil {
		return nil, err
	}
	delete(fields, "@context")
	maps.Copy(fields, b.over)
	return fields, nil
}

// marshal writes the document with our context.
func (b *builder) marshal() ([]byte, error) {
	fields, err := b.fields()
	if err != nil {
		return nil, err
	}
	fields["@context"] = json.RawMessage(b.context)
	var out bytes.Buffer
	if err := write(&out, fields); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// write is json.Marshal with keys in order, no HTML escapes, and raw values
// byte for byte: json.Marshal would take the spaces out of them.
func write(out *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case json.RawMessage:
		if !json.Valid(value) {
			return fault.New(fault.Internal, "What is to be embedded is not JSON.")
		}
		out.Write(value)
		return nil
	case map[string]any:
		return writeObject(out, value)
	case []any:
		return writeArray(out, value)
	case []json.RawMessage:
		return writeArray(out, value)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline
	return nil
}

func writeObject(out *bytes.Buffer, fields map[string]any) error {
	out.WriteByte('{')
	for i, key := range slices.Sorted(maps.Keys(fields)) {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(out, key); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := write(out, fields[key]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeArray[T any](out *bytes.Buffer, items []T) error {
	out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}
