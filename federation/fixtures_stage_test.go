package federation_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/service/posts"
)

// A recorded activity takes much for granted: that its object was published,
// its group is followed, its Follow was sent. A stage supplies that, so that
// what becomes of the activity is not always that its object is unknown.

var groupAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/(?:c|m|category|video-channels|ap/actor|groups)/[A-Za-z0-9_-]+`)

// stage makes a recorded activity happen among people and posts that are here,
// and returns what is then to be sent.
func (m *museum) stage(doc map[string]any) map[string]any {
	m.t.Helper()
	parsed, err := as.Parse(m.t.Context(), fediverse.JSON(m.t, doc))
	if err != nil {
		return doc
	}
	group := m.group(parsed)
	if answered := parsed.Ref("inReplyTo"); answered != "" {
		m.stand(answered, "", group)
	}
	if parsed.Actor() == "" || isObject(parsed) {
		return doc
	}
	doc = maps.Clone(doc)
	m.meet(doc)
	m.publish(doc, group)
	m.sayBefore(doc, group)
	return m.announced(doc, group)
}

// sayBefore has said before what an Undo takes back, in the way in which the
// Undo comes.
func (m *museum) sayBefore(doc map[string]any, group *community.Actor) {
	inner, ok := doc["object"].(map[string]any)
	if !ok {
		return
	}
	var first map[string]any
	switch doc["type"] {
	case as.KindUndo:
		first = m.announced(inner, group)
	case as.KindAnnounce:
		said, ok := inner["object"].(map[string]any)
		if !ok || inner["type"] != as.KindUndo {
			return
		}
		m.n++
		first = maps.Clone(doc)
		first["id"], first["object"] = fmt.Sprintf("%s/announced/%d", group.IRI, m.n), said
	default:
		return
	}
	if actor, body := m.activity(first); body != nil {
		m.deliver(actor, body)
	}
}

// meet replaces the strangers whom recorded Follows ask, or who are answered,
// by those who live here.
func (m *museum) meet(doc map[string]any) {
	follow := doc
	if kind := doc["type"]; kind == as.KindUndo || kind == as.KindAccept || kind == as.KindReject {
		inner, ok := doc["object"].(map[string]any)
		if !ok || inner["type"] != as.KindFollow {
			return
		}
		follow = maps.Clone(inner)
		doc["object"] = follow
	}
	if follow["type"] != as.KindFollow {
		return
	}
	asked, _ := doc["actor"].(string)
	if kind := doc["type"]; kind == as.KindFollow || kind == as.KindUndo {
		follow["object"] = m.cats.IRI
		return
	}
	follow["actor"], follow["object"], doc["to"] = m.ann.IRI, asked, []string{m.ann.IRI}
	found, err := m.fed.Resolve(m.t.Context(), m.ann, asked)
	if err != nil || found.Group == nil {
		return
	}
	_ = m.groups.Leave(m.t.Context(), m.ann, found.Group.Actor, community.Origin{})
	joined, err := m.groups.Join(m.t.Context(), m.ann, found.Group.Actor, community.Origin{})
	if err != nil {
		m.t.Fatal(err)
	}
	follow["id"] = joined.FollowIRI
}

// group finds the group that an activity names anywhere; ours if it names
// none.
func (m *museum) group(doc as.Doc) *community.Actor {
	for _, iri := range groupAddress.FindAllString(strings.ReplaceAll(string(doc.Bytes()), `\/`, "/"), -1) {
		if a, err := m.db.ActorByIRI(m.t.Context(), iri); err == nil && a.IsGroup() {
			m.join(a)
			return a
		}
	}
	return m.cats
}

// join makes ann a member of a group elsewhere, if she is none.
func (m *museum) join(group *community.Actor) {
	m.t.Helper()
	if group.Local() {
		return
	}
	if _, err := m.groups.Join(m.t.Context(), m.ann, group, community.Origin{}); err != nil {
		m.t.Fatal(err)
	}
	if err := m.groups.Answered(m.t.Context(), group, m.ann, true); err != nil {
		m.t.Fatal(err)
	}
}

// publish puts here what an activity is about, or answers, if nobody recorded
// it.
func (m *museum) publish(doc map[string]any, group *community.Actor) {
	kind, _ := doc["type"].(string)
	actor, _ := doc["actor"].(string)
	switch object := doc["object"].(type) {
	case map[string]any:
		if as.IsActor(fmt.Sprint(object["type"])) {
			return
		}
		if answered, ok := object["inReplyTo"].(string); ok {
			m.stand(answered, "", group)
		}
		if id, ok := object["id"].(string); ok && object["type"] == as.KindTombstone {
			m.publish(map[string]any{"type": kind, "actor": actor, "summary": doc["summary"], "object": id}, group)
		}
		m.publish(object, group)
	case string:
		target, _ := doc["target"].(string)
		switch {
		case kind == as.KindAnnounce:
			m.show(object, group)
		case kind == as.KindBlock, strings.HasSuffix(target, "/moderators"):
			m.person(object)
		case kind != as.KindFollow && kind != as.KindCreate:
			author := ""
			if removal := doc["summary"] != nil; kind == as.KindDelete && !removal {
				author = actor
			}
			m.stand(object, author, group)
		}
	case []any:
		for _, one := range object {
			m.publish(map[string]any{"type": kind, "actor": actor, "object": one}, group)
		}
	}
}

// stand publishes a post under an id that nobody recorded.
func (m *museum) stand(iri, author string, group *community.Actor) {
	m.t.Helper()
	ctx := m.t.Context()
	origin, path := split(iri)
	kind, _ := m.docs[iri]["type"].(string)
	if origin == "" || strings.HasPrefix(iri, m.URL) || groupPath.MatchString(path) || as.IsActor(kind) || iri == author ||
		!objectPath.MatchString(path) {
		return
	}
	if _, err := m.db.PostByIRI(ctx, iri); err == nil {
		return
	}
	if _, err := m.db.CommentByIRI(ctx, iri); err == nil {
		return
	}
	if author == "" {
		author = origin + "/u/somebody"
	}
	found, err := m.fed.Resolve(ctx, m.ann, author)
	if err != nil || found.Person == nil {
		return
	}
	_, err = m.posts.Publish(ctx, found.Person, group, posts.Draft{
		Title: "What was there before", HTML: "<p>Said earlier.</p>",
		From: community.Origin{IRI: iri, Activity: []byte("{}")},
	})
	if err != nil && !fault.Is(err, fault.Forbidden) {
		m.t.Fatal(err)
	}
}

// person makes somebody known whose name was scrubbed.
func (m *museum) person(iri string) {
	origin, path := split(iri)
	if origin == "" || m.docs[iri] != nil || !strings.HasPrefix(path, "/scrubbed/") {
		return
	}
	m.docs[iri] = map[string]any{"id": iri, "type": as.KindPerson, "preferredUsername": "scrubbed" + strings.TrimPrefix(path, "/scrubbed/")}
	if _, err := m.fed.Resolve(m.t.Context(), m.ann, iri); err != nil {
		m.t.Fatal(err)
	}
}

// show serves an object that is announced by its id and that nobody recorded.
func (m *museum) show(iri string, group *community.Actor) {
	origin, path := split(iri)
	if origin == "" || m.docs[iri] != nil || !objectPath.MatchString(path) {
		return
	}
	m.docs[iri] = map[string]any{
		"@context": as.NS, "id": iri, "type": as.KindPage, "attributedTo": origin + "/u/somebody", "name": "Announced",
		"content": "<p>Announced by its id.</p>", "to": []string{group.IRI, public}, "audience": group.IRI,
	}
}

func split(iri string) (origin, path string) {
	parts := strings.SplitN(iri, "/", 4)
	if len(parts) < 4 {
		return "", ""
	}
	return strings.Join(parts[:3], "/"), "/" + parts[3]
}

// moderatorsSay are activities that count when a group elsewhere passes them
// on.
var moderatorsSay = []string{as.KindAdd, as.KindRemove, as.KindLock, as.KindBlock, as.KindResolve}

// announced wraps what only counts in a group's own words: what its
// moderators did, and what is taken back of it.
func (m *museum) announced(doc map[string]any, group *community.Actor) map[string]any {
	kind, _ := doc["type"].(string)
	if inner, ok := doc["object"].(map[string]any); ok && kind == as.KindUndo {
		kind, _ = inner["type"].(string)
	}
	_, removal := doc["summary"]
	needed := slices.Contains(moderatorsSay, kind) || kind == as.KindDelete && removal
	if !needed || group.Local() || doc["type"] == as.KindAnnounce {
		return doc
	}
	m.n++
	return map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/announced/%d", group.IRI, m.n), "type": as.KindAnnounce, "actor": group.IRI,
		"object": doc, "to": public, "cc": []string{group.IRI + "/followers"},
	}
}
