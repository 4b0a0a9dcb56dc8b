package as

import (
	"encoding/json"
	"strings"

	"drystone/fault"
)

// protected are the words that decide what a document does. A context may
// define them, but only as what they are.
var protected = wordSet(
	"id type actor object target origin instrument result to cc bto bcc audience attributedTo inReplyTo",
	"name content summary url href tag attachment replies source mediaType published updated",
	"inbox outbox followers following preferredUsername endpoints sharedInbox alsoKnownAs movedTo",
	"publicKey owner publicKeyPem items orderedItems first next partOf totalItems formerType",
)

func wordSet(lines ...string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(strings.Join(lines, " ")) {
		set[word] = true
	}
	return set
}

// isProtected covers the types of ActivityStreams too.
func isProtected(word string) bool { return protected[word] || kinds[word] == standard }

// checkContexts refuses contexts that give one of the protected words another
// meaning, or its meaning another word. A context by URL is not looked at: we
// read plain JSON, and a peer that applies it must trust it for itself.
func checkContexts(contexts []json.RawMessage) error {
	for _, raw := range contexts {
		terms := make(map[string]json.RawMessage)
		for _, context := range elements(raw) {
			if err := checkContext(terms, context); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkContext adds the terms of one context to those before it.
func checkContext(terms map[string]json.RawMessage, context json.RawMessage) (err error) {
	members(context, func(term string, definition json.RawMessage) { terms[term] = definition })
	members(context, func(term string, definition json.RawMessage) {
		if err != nil {
			return
		}
		if word, bad := aliased(terms, term, definition); bad {
			err = fault.New(fault.Invalid, "The context of the document redefines %.100q.", word)
			return
		}
		if scoped := open(definition).RawOf("@context"); scoped != nil {
			err = checkContexts([]json.RawMessage{scoped})
		}
	})
	return err
}

// aliased reports whether a term and what it stands for do not go together.
func aliased(terms map[string]json.RawMessage, term string, definition json.RawMessage) (word string, bad bool) {
	if strings.HasPrefix(term, "@") {
		return "", false // @vocab, @language and the like
	}
	id, ok := unquote(definition)
	if !ok {
		object := open(definition)
		if object.Has("@reverse") || object.Has("@nest") {
			return term, true
		}
		if id, ok = unquote(object.RawOf("@id")); !ok {
			// {"to": {"@type": "@id"}} keeps the meaning; null takes it away.
			return term, isProtected(term) && object.fields["@type"] == nil
		}
	}
	if strings.HasPrefix(id, "@") {
		return term, (term != "id" || id != "@id") && (term != "type" || id != "@type")
	}
	if term == "as" {
		return term, id != NS+"#"
	}
	name, standard := standardName(terms, id)
	switch {
	case isProtected(term):
		return term, name != term
	case standard && isProtected(name):
		return name, true
	}
	return "", false
}

// standardName reduces an IRI to its last part, and reports whether it is one
// of the ActivityStreams namespace. Prefixes are looked up once.
func standardName(terms map[string]json.RawMessage, id string) (name string, standard bool) {
	if prefix, rest, ok := strings.Cut(id, ":"); ok && !strings.HasPrefix(rest, "//") && prefix != "as" {
		if base, ok := unquote(terms[prefix]); ok {
			id = base + rest
		}
	}
	for _, prefix := range []string{"as:", NS + "#", "http://www.w3.org/ns/activitystreams#"} {
		if rest, ok := strings.CutPrefix(id, prefix); ok {
			return rest, true
		}
	}
	return id[strings.LastIndexAny(id, "#/:")+1:], false
}
