package as

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// maxID bounds what is taken for an id: an index over longer ones is none.
const maxID = 2048

// ID returns the id of d, or "" if it is not a string.
func (d Doc) ID() string { return asID(d.fields["id"]) }

// Actor returns the id of the (first) actor.
func (d Doc) Actor() string { return d.Ref("actor") }

// Refs returns the ids that key holds: strings, the id of embedded objects,
// the href of links. Other values are dropped, such as the numbers that
// NodeBB writes into cc.
func (d Doc) Refs(key string) []string {
	var ids []string
	for _, raw := range elements(d.fields[key]) {
		if id := refOf(raw); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Ref returns the first of Refs, or "".
func (d Doc) Ref(key string) string {
	for _, raw := range elements(d.fields[key]) {
		if id := refOf(raw); id != "" {
			return id
		}
	}
	return ""
}

func refOf(raw json.RawMessage) string {
	if raw[0] != '{' {
		return asID(raw)
	}
	object := open(raw)
	if id := object.ID(); id != "" {
		return id
	}
	return asID(object.fields["href"])
}

func asID(raw json.RawMessage) string {
	id, ok := unquote(raw)
	if !ok || len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsControl(r) || r == ' ' }) {
		return ""
	}
	return id
}

// Embedded returns the object that key holds, if it holds exactly one thing
// and that is an object. So Embedded(key).ID() and Ref(key) never speak of
// different objects.
func (d Doc) Embedded(key string) (Doc, bool) {
	list := elements(d.fields[key])
	if len(list) != 1 || list[0][0] != '{' {
		return Doc{}, false
	}
	return open(list[0]), true
}

// Embeddeds returns all objects that key holds.
func (d Doc) Embeddeds(key string) []Doc {
	var docs []Doc
	for _, raw := range elements(d.fields[key]) {
		if raw[0] == '{' {
			docs = append(docs, open(raw))
		}
	}
	return docs
}

// IsPublicID reports whether id is one of the three ways to write Public
// (ActivityPub, 5.6).
func IsPublicID(id string) bool { return id == Public || id == "as:Public" || id == "Public" }

// IsPublic reports whether d is addressed to everybody, be it in to or, as
// what Mastodon calls unlisted, in cc.
func (d Doc) IsPublic() bool {
	return slices.ContainsFunc(d.Refs("to"), IsPublicID) || slices.ContainsFunc(d.Refs("cc"), IsPublicID)
}

// Mentions returns the href of every tag of type Mention.
func (d Doc) Mentions() []string {
	var ids []string
	for _, tag := range d.Embeddeds("tag") {
		if href := asID(tag.fields["href"]); href != "" && tag.Kind() == KindMention {
			ids = append(ids, href)
		}
	}
	return ids
}

// Audience returns everybody whom d names, once each and without Public: its
// audience, to, cc and mentions, in this order, in which Lemmy too looks for
// the group that a post is meant for.
func (d Doc) Audience() []string {
	var all []string
	for _, ids := range [][]string{d.Refs("audience"), d.Refs("to"), d.Refs("cc"), d.Mentions()} {
		for _, id := range ids {
			if !IsPublicID(id) && !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}
