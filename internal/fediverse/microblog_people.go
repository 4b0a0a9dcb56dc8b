package fediverse

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"drystone/federation/as"
)

// An Account is somebody on a Microblog, who does there what people do.
type Account struct {
	*Actor
	m *Microblog

	Locked bool // approves followers by hand
}

// Account adds a person.
func (m *Microblog) Account(name string) *Account {
	m.t.Helper()
	actor := m.Person(name)
	m.dress(actor)
	actor.Extra["url"], actor.Extra["following"] = m.URL+"/@"+name, actor.ID+"/following"
	a := &Account{Actor: actor, m: m}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts[actor.ID] = a
	return a
}

// dress gives an actor what its software gives actors.
func (m *Microblog) dress(a *Actor) {
	if m.Software == "gotosocial" {
		a.KeyID, a.Extra["endpoints"], a.Extra["discoverable"] = a.ID+"/main-key", nil, false
		a.Headers = []string{"(request-target)", "host", "date", "digest"}
		a.ContentType = `application/ld+json; profile="` + as.NS + `"`
	}
}

// Writing is what somebody writes into the box, and for whom.
type Writing struct {
	Text     string   // paragraphs are divided by empty lines
	Mention  []string // ids of actors, before the text
	Answers  string   // the id of a status
	Unlisted bool
	Private  bool // for followers, and who is mentioned
	Warning  string
	Picture  string   // the address of one
	Options  []string // of a poll
}

// activity is one by a, with a new id.
func (a *Account) activity(kind, about string, more map[string]any) map[string]any {
	doc := map[string]any{"@context": as.NS, "id": a.m.rules.id(a, kind, about, a.m.next()), "type": kind, "actor": a.ID}
	for key, value := range more {
		doc[key] = value
	}
	return doc
}

// say sends what a does to whom it concerns.
func (a *Account) say(t testing.TB, doc map[string]any, to ...string) {
	t.Helper()
	a.m.deliver(t, a.Actor, a.m.rules.written(doc), to...)
}

// Follow asks to follow an actor elsewhere.
func (a *Account) Follow(t testing.TB, iri string) {
	t.Helper()
	a.m.mu.Lock()
	a.m.following[a.ID+" "+iri] = "asked"
	a.m.mu.Unlock()
	a.say(t, a.activity(as.KindFollow, iri, map[string]any{"object": iri, "to": []string{iri}}), iri)
}

// Unfollow ends it.
func (a *Account) Unfollow(t testing.TB, iri string) {
	t.Helper()
	a.m.mu.Lock()
	delete(a.m.following, a.ID+" "+iri)
	a.m.mu.Unlock()
	a.undo(t, a.activity(as.KindFollow, iri, map[string]any{"object": iri}), iri)
}

// undo takes an activity back.
func (a *Account) undo(t testing.TB, inner map[string]any, to ...string) {
	t.Helper()
	delete(inner, "@context")
	a.say(t, a.activity(as.KindUndo, "", map[string]any{"object": inner}), to...)
}

// Post writes a status and tells whom it names, and the author of what it
// answers. It returns its id.
func (a *Account) Post(t testing.TB, w Writing) string {
	t.Helper()
	status := &Status{ID: fmt.Sprintf("%s/statuses/%d", a.ID, 1000+a.m.next()), Author: a.ID, InReplyTo: w.Answers, mine: &w}
	for _, text := range w.Options {
		status.Options = append(status.Options, Option{Text: text})
	}
	object := a.m.object(t, status)
	status.told = a.m.concerned(t, &w)
	a.m.mu.Lock()
	status.told = append(status.told, a.m.followers[a.ID]...)
	a.m.mu.Unlock()
	a.m.publish(status, object)
	a.say(t, a.wrap(as.KindCreate, status, object), status.told...)
	return status.ID
}

func (a *Account) wrap(kind string, status *Status, object map[string]any) map[string]any {
	return a.activity(kind, status.ID, map[string]any{
		"object": object, "published": object["published"], "to": object["to"], "cc": object["cc"],
	})
}

// publish keeps a status and shows it to whoever reads its address.
func (m *Microblog) publish(status *Status, object map[string]any) {
	status.Content, _ = object["content"].(string)
	m.mu.Lock()
	m.statuses[status.ID] = status
	m.mu.Unlock()
	doc := map[string]any{"@context": as.NS}
	for key, value := range object {
		doc[key] = value
	}
	m.Serve(strings.TrimPrefix(status.ID, m.URL), m.rules.written(doc))
}

// concerned are whom a status is sent to.
func (m *Microblog) concerned(t testing.TB, w *Writing) []string {
	t.Helper()
	list := slices.Clone(w.Mention)
	if w.Answers != "" {
		parent, err := m.status(t.Context(), w.Answers)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, parent.Author)
	}
	return list
}

// object is a status as a document.
func (m *Microblog) object(t testing.TB, status *Status) map[string]any {
	t.Helper()
	w := status.mine
	content, tags := m.mentions(t, w.Mention)
	for i, paragraph := range strings.Split(w.Text, "\n\n") {
		if i > 0 {
			content += "</p><p>"
		}
		content += strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>")
	}
	followers := status.Author + "/followers"
	to, cc := []string{as.Public}, append([]string{followers}, w.Mention...)
	switch {
	case w.Private:
		to, cc = []string{followers}, w.Mention
	case w.Unlisted:
		to, cc = []string{followers}, append([]string{as.Public}, w.Mention...)
	}
	object := map[string]any{
		"id": status.ID, "type": as.KindNote, "attributedTo": status.Author, "to": to, "cc": cc, "tag": tags, "published": m.stamp(),
		"content": "<p>" + content + "</p>", "contentMap": map[string]any{"en": "<p>" + content + "</p>"}, "attachment": []any{},
		"url": m.URL + "/@" + strings.TrimPrefix(status.ID, m.URL+"/users/"), "sensitive": w.Warning != "",
		"replies": map[string]any{"id": status.ID + "/replies", "type": as.KindCollection, "items": []any{}},
	}
	if w.Warning != "" {
		object["summary"] = w.Warning
	}
	if w.Answers != "" {
		object["inReplyTo"] = w.Answers
	}
	if w.Picture != "" {
		object["attachment"] = []any{map[string]any{"type": as.KindDocument, "mediaType": "image/png", "url": w.Picture, "name": "A picture"}}
	}
	if status.Edited != "" {
		object["updated"] = status.Edited
	}
	if m.Software == "mastodon" {
		object["interactionPolicy"] = map[string]any{"canQuote": map[string]any{"automaticApproval": []string{as.Public}}}
	}
	m.ask(status, object)
	return object
}

// ask makes a poll of a status that has options.
func (m *Microblog) ask(status *Status, object map[string]any) {
	if len(status.Options) == 0 {
		return
	}
	var options []any
	for _, o := range status.Options {
		options = append(options, map[string]any{
			"type": as.KindNote, "name": o.Text, "replies": map[string]any{"type": as.KindCollection, "totalItems": o.Votes},
		})
	}
	object["type"], object["oneOf"], object["votersCount"] = as.KindQuestion, options, status.Voters
	object["endTime"] = strconv.Itoa(m.now().UTC().Year()+1) + "-01-01T00:00:00Z"
}

// mentions are the names that a status begins with.
func (m *Microblog) mentions(t testing.TB, iris []string) (content string, tags []any) {
	t.Helper()
	tags = []any{}
	for _, iri := range iris {
		doc, err := m.meet(t.Context(), iri)
		if err != nil {
			t.Fatal(err)
		}
		name := doc.Text("preferredUsername")
		content += fmt.Sprintf(`<span class="h-card"><a href="%s" class="u-url mention">@<span>%s</span></a></span> `, iri, name)
		tags = append(tags, map[string]any{"type": as.KindMention, "href": iri, "name": "@" + name + "@" + as.Host(iri)})
	}
	return content, tags
}

// own finds a status that a wrote.
func (a *Account) own(t testing.TB, iri string) *Status {
	t.Helper()
	a.m.mu.Lock()
	defer a.m.mu.Unlock()
	status := a.m.statuses[iri]
	if status == nil || status.mine == nil || status.Author != a.ID {
		t.Fatalf("%s did not write %s", a.Name, iri)
	}
	return status
}

// Edit writes a status anew.
func (a *Account) Edit(t testing.TB, iri, text string) {
	t.Helper()
	status := a.own(t, iri)
	a.m.mu.Lock()
	status.mine.Text, status.Edited = text, a.m.stamp()
	a.m.mu.Unlock()
	a.tell(t, status)
}

// Count tells how a poll stands.
func (a *Account) Count(t testing.TB, iri string) {
	t.Helper()
	a.tell(t, a.own(t, iri))
}

func (a *Account) tell(t testing.TB, status *Status) {
	t.Helper()
	a.m.mu.Lock()
	now := *status
	now.Options = slices.Clone(status.Options)
	a.m.mu.Unlock()
	object := a.m.object(t, &now)
	a.m.publish(&now, object)
	a.say(t, a.wrap(as.KindUpdate, &now, object), now.told...)
}

// Delete takes a status away.
func (a *Account) Delete(t testing.TB, iri string) {
	t.Helper()
	status := a.own(t, iri)
	a.m.mu.Lock()
	delete(a.m.statuses, iri)
	a.m.mu.Unlock()
	a.m.ServeFunc(strings.TrimPrefix(iri, a.m.URL), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	a.say(t, a.activity(as.KindDelete, iri, map[string]any{
		"object": a.m.rules.tombstone(iri), "to": []string{as.Public},
	}), status.told...)
}

// Favourite tells the author of a status that a likes it.
func (a *Account) Favourite(t testing.TB, iri string) {
	t.Helper()
	a.say(t, a.activity(as.KindLike, iri, map[string]any{"object": iri}), a.m.authorOf(t, iri))
}

// Unfavourite takes it back.
func (a *Account) Unfavourite(t testing.TB, iri string) {
	t.Helper()
	a.undo(t, a.activity(as.KindLike, iri, map[string]any{"object": iri}), a.m.authorOf(t, iri))
}

// Boost shows a status to the followers of a, and tells its author.
func (a *Account) Boost(t testing.TB, iri string) {
	t.Helper()
	author := a.m.authorOf(t, iri)
	a.m.mu.Lock()
	to := append([]string{author}, a.m.followers[a.ID]...)
	a.m.mu.Unlock()
	a.say(t, a.activity(as.KindAnnounce, iri, map[string]any{
		"object": iri, "published": a.m.stamp(), "to": []string{as.Public}, "cc": []string{author, a.ID + "/followers"},
	}), to...)
}

func (m *Microblog) authorOf(t testing.TB, iri string) string {
	t.Helper()
	status, err := m.status(t.Context(), iri)
	if err != nil {
		t.Fatal(err)
	}
	return status.Author
}

// Choose votes in a poll elsewhere.
func (a *Account) Choose(t testing.TB, iri, option string) {
	t.Helper()
	author := a.m.authorOf(t, iri)
	id := fmt.Sprintf("%s#votes/%d", a.ID, a.m.next())
	a.say(t, a.activity(as.KindCreate, id, map[string]any{"to": []string{author}, "object": map[string]any{
		"id": id, "type": as.KindNote, "name": option, "attributedTo": a.ID, "to": []string{author}, "inReplyTo": iri,
	}}), author)
}

// Report tells the server of an account elsewhere what somebody here finds
// wrong with it and with statuses of it, without saying who.
func (m *Microblog) Report(t testing.TB, account, reason string, statuses ...string) {
	t.Helper()
	m.deliver(t, m.Instance, m.rules.written(map[string]any{
		"@context": as.NS, "id": fmt.Sprintf("%s/reports/%d", m.URL, m.next()), "type": as.KindFlag, "actor": m.Instance.ID,
		"content": reason, "object": append([]string{account}, statuses...), "to": account,
	}), account)
}

// Block hides a and somebody elsewhere from each other.
func (a *Account) Block(t testing.TB, iri string) {
	t.Helper()
	a.say(t, a.activity(as.KindBlock, iri, map[string]any{"object": iri}), iri)
}

// Unblock ends that.
func (a *Account) Unblock(t testing.TB, iri string) {
	t.Helper()
	a.undo(t, a.activity(as.KindBlock, iri, map[string]any{"object": iri}), iri)
}

// Move says that a lives at another account of the same server now.
func (a *Account) Move(t testing.TB, to *Account, tell ...string) {
	t.Helper()
	a.m.Peer.mu.Lock()
	to.Extra["alsoKnownAs"], a.Extra["movedTo"] = []string{a.ID}, to.ID
	a.m.Peer.mu.Unlock()
	a.say(t, a.activity(as.KindMove, to.ID, map[string]any{"object": a.ID, "target": to.ID}), tell...)
}

// Walk reads what answers a status, and what answers that, from the replies
// of where it lives, and keeps it.
func (m *Microblog) Walk(t testing.TB, iri string) (found []string) {
	t.Helper()
	for queue := []string{iri}; len(queue) > 0 && len(found) < 500; queue = queue[1:] {
		if as.Host(queue[0]) == m.Host {
			found = append(found, queue[0])
			continue
		}
		object, err := m.read(t.Context(), queue[0])
		if err != nil {
			t.Fatal(err)
		}
		if queue[0] != iri {
			if _, err := m.keep(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			found = append(found, queue[0])
		}
		replies, embedded := object.Embedded("replies")
		if !embedded {
			if replies, err = m.read(t.Context(), object.Ref("replies")); err != nil {
				t.Fatal(err)
			}
		}
		if first := replies.Ref("first"); first != "" {
			if replies, err = m.read(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
		queue = append(queue, append(replies.Refs("items"), replies.Refs("orderedItems")...)...)
	}
	return found
}
