package fediverse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
)

// mbin has the manners of Mbin (shared/design/FEDERATION.md, sections 1, 3,
// 4, 5, 6 and 8), whose activities are in shared/fixtures/from-mbin.
type mbin struct{}

// NewMbin starts an Mbin.
func NewMbin(t testing.TB) *Neighbour { t.Helper(); return newNeighbour(t, "mbin", mbin{}) }

func (mbin) context(n *Neighbour) []string {
	return []string{as.NS, "https://w3id.org/security/v1", n.URL + "/contexts"}
}

func (mbin) places() places {
	return places{
		people: "/u/", groups: "/m/", inbox: "/f/inbox", itself: "/i/actor", moderators: "/moderators", featured: "/pinned",
		style: httpsig.Style{PathOnly: true}, headers: []string{"(request-target)", "date", "host", "digest"}, algorithm: "rsa-sha256",
	}
}

func (m mbin) dress(n *Neighbour, a *Actor) map[string]any {
	doc := map[string]any{
		"@context": m.context(n), "url": a.ID, "discoverable": true, "indexable": true, "manuallyApprovesFollowers": a.Kind == as.KindApplication,
		"published": "2023-07-01T10:00:00+00:00",
	}
	if a.Kind == as.KindGroup {
		maps.Copy(doc, map[string]any{
			"attributedTo": a.ID + "/moderators", "featured": a.ID + "/pinned", "summary": "", "sensitive": false,
			"source": map[string]any{"content": "", "mediaType": "text/markdown"}, "postingRestrictedToMods": false,
			"manuallyApprovesFollowers": nil,
		})
	}
	return doc
}

// titled is its name. A Question is a microblog there, which has no title.
func (mbin) titled(object as.Doc) string {
	if object.Kind() == as.KindQuestion {
		return ""
	}
	return object.Text("name")
}

func (mbin) address(kind, room string, serial int) string {
	magazine := room[strings.LastIndexByte(room, '/')+1:]
	switch kind {
	case "page":
		return fmt.Sprintf("/m/%s/t/%d/-", magazine, serial)
	case "note":
		return fmt.Sprintf("/m/%s/t/1/-/comment/%d", magazine, serial)
	case as.KindFlag:
		return fmt.Sprintf("/reports/45f8a01d-a73e-4575-bffa-%012d", serial)
	}
	return fmt.Sprintf("/f/object/2721ffc3-f8a9-417e-a124-%012d", serial)
}

// page has the text in content, the title again in summary, and no Markdown.
func (m mbin) page(n *Neighbour, p Piece) map[string]any {
	doc := map[string]any{
		"@context": m.context(n), "id": p.ID, "type": as.KindPage, "attributedTo": p.Author, "inReplyTo": nil,
		"to": []string{p.Room, as.Public}, "cc": []string{p.Author + "/followers"}, "name": p.Title, "audience": p.Room,
		"content": paragraph(p.Text), "summary": p.Title + " #test", "mediaType": "text/html", "source": nil,
		"tag":             []any{map[string]any{"type": as.KindHashtag, "href": n.URL + "/tag/test", "name": "#test"}},
		"commentsEnabled": !p.Locked, "sensitive": p.Sensitive, "stickied": p.Featured, "published": p.At.Format(time.RFC3339),
		"contentMap": map[string]any{"en": paragraph(p.Text)},
	}
	if p.Edited { // where nobody would look for it
		doc["object"] = map[string]any{"updated": time.Now().UTC().Format(time.RFC3339)}
	}
	return doc
}

func (m mbin) note(n *Neighbour, p Piece) map[string]any {
	doc := map[string]any{
		"@context": m.context(n), "id": p.ID, "type": as.KindNote, "attributedTo": p.Author, "inReplyTo": p.Parent,
		"to": []string{as.Public, n.Piece(p.Parent).Author}, "cc": []string{p.Room, p.Author + "/followers"}, "audience": p.Room,
		"sensitive": false, "content": paragraph(p.Text), "mediaType": "text/html", "url": p.ID, "published": p.At.Format(time.RFC3339),
		"source": map[string]any{"content": p.Text, "mediaType": "text/markdown"}, "tag": []any{},
		"contentMap": map[string]any{"en": paragraph(p.Text)},
	}
	if p.Edited {
		doc["object"] = map[string]any{"updated": time.Now().UTC().Format(time.RFC3339)}
	}
	return doc
}

func (m mbin) act(n *Neighbour, d deed) map[string]any {
	a := map[string]any{
		"@context": m.context(n), "id": n.address(d.kind, d.room), "type": d.kind, "actor": d.by.ID, "object": bare(d.object), "audience": d.room,
	}
	followers := d.by.ID + "/followers"
	maps.Copy(a, d.extra)
	kind := d.kind
	if inner, ok := a["inner"].(string); ok {
		kind = inner
		delete(a, "inner")
	}
	switch kind {
	case as.KindFollow:
		delete(a, "audience")
	case as.KindAccept:
		a["to"] = []string{d.author}
		delete(a, "audience")
	case as.KindUndo: // of a Follow
		a["to"], a["cc"] = []string{d.room}, []string{}
	case as.KindCreate, as.KindUpdate:
		object, _ := d.object.(map[string]any)
		a["to"], a["cc"], a["published"] = object["to"], object["cc"], time.Now().UTC().Format(time.RFC3339)
	case as.KindDelete:
		if d.kind == as.KindDelete {
			a["object"] = map[string]any{"id": d.object, "type": as.KindTombstone}
			delete(a, "audience")
		}
		a["to"], a["cc"] = []string{d.room, as.Public}, []string{followers}
	case as.KindFlag:
		a["@context"], a["to"], a["content"] = as.NS, []string{d.room}, a["summary"]
	case as.KindLock:
		a["to"], a["cc"] = []string{as.Public}, []string{d.room, followers}
		delete(a, "audience")
	case as.KindLike:
		a["to"], a["cc"] = []string{as.Public}, []string{followers, d.room}
	default:
		a["to"], a["cc"] = []string{as.Public}, []string{d.room}
	}
	return a
}

// pass wraps what members elsewhere and moderators do. What its own people
// write goes to the subscribers as it is, by themselves.
func (m mbin) pass(n *Neighbour, room *Actor, activity map[string]any, own bool) []parcel {
	kind, _ := activity["type"].(string)
	_, removal := activity["summary"]
	if raw := kind == as.KindCreate || kind == as.KindUpdate || kind == as.KindDelete && !removal; own && raw {
		by, _ := activity["actor"].(string)
		return []parcel{{by: n.here(by), activity: activity}}
	}
	by, _ := activity["actor"].(string)
	return []parcel{{by: room, activity: map[string]any{
		"@context": m.context(n), "id": n.address(as.KindAnnounce, room.ID), "type": as.KindAnnounce, "actor": room.ID,
		"object": activity, "to": []string{as.Public}, "cc": []string{room.ID + "/followers", by + "/followers"},
		"published": time.Now().UTC().Format(time.RFC3339), "audience": room.ID,
	}}}
}

// admit looks at no date, but at the digest and at all hosts.
func (mbin) admit(d Delivery) error {
	switch {
	case d.Header.Get("Signature") == "" || d.Header.Get("Date") == "":
		return errors.New("Signature or Date is missing")
	case d.Header.Get("Digest") == "":
		return errors.New("the Digest is missing")
	}
	return nil
}

// unwrap takes activities that can be read where they were made, whose ids it
// passes on itself; and ids of objects, which it fetches.
func (mbin) unwrap(ctx context.Context, n *Neighbour, announce as.Doc) ([]as.Doc, error) {
	inner, embedded := announce.Embedded("object")
	if !embedded {
		if about, err := n.fetch(ctx, announce.Ref("object")); err != nil || about.Kind() == as.KindEvent {
			return nil, cmp.Or(err, errMeaningless)
		}
		return nil, n.obtain(ctx, announce.Ref("object"), announce.Actor(), 0)
	}
	if as.SameHost(inner.ID(), n.URL) || inner.Kind() == as.KindFlag || inner.Kind() == as.KindResolve {
		return []as.Doc{inner}, nil
	}
	served, err := n.fetch(ctx, inner.ID())
	if err == nil && (served.Kind() != inner.Kind() || served.Actor() != inner.Actor()) {
		err = fmt.Errorf("%s is another activity where it was made", inner.ID())
	}
	return []as.Doc{inner}, err
}

func (mbin) judge(ctx context.Context, n *Neighbour, a as.Doc, room string) error {
	switch {
	case slices.Contains([]string{as.KindResolve, as.KindChooseAnswer, as.KindPollVote, as.KindMove}, a.Kind()):
		return errMeaningless
	case a.Kind() == as.KindUndo && kindOf(a) == as.KindDelete, kindOf(a) == as.KindEvent:
		return errMeaningless
	case a.Kind() == as.KindLock && n.Piece(a.Ref("object")) != nil && n.Piece(a.Ref("object")).Parent != "":
		return errMeaningless
	case a.Kind() == as.KindFlag && !a.Has("summary"):
		return errors.New("a report has its reason in summary")
	}
	if actor, err := n.somebody(ctx, a.Actor()); err != nil {
		return err
	} else if _, ok := actor.Embedded("publicKey"); !ok {
		return fmt.Errorf("%s has no key", a.Actor())
	}
	if object, ok := a.Embedded("object"); ok && (a.Kind() == as.KindCreate || a.Kind() == as.KindUpdate) && !as.IsActor(object.Kind()) {
		if !as.SameHost(object.ID(), object.Ref("attributedTo")) || !object.IsPublic() {
			return fmt.Errorf("%s is not public, or of another host than its author", object.ID())
		}
		if object.Kind() != as.KindNote && object.Text("name") == "" {
			return errors.New("an entry needs a name")
		}
	}
	return nil
}

func kindOf(a as.Doc) string {
	inner, _ := a.Embedded("object")
	return inner.Kind()
}

// governs: whoever shares a host with what it is about, or with the magazine.
func (mbin) governs(by, object, room string) bool {
	return as.SameHost(by, room) || object != room && as.SameHost(by, object)
}

// banishes: a server bans its own people alone.
func (mbin) banishes(by, who string) bool { return as.SameHost(by, who) }

// end is expires alone.
func (mbin) end(block as.Doc) time.Time { return block.Time("expires") }

func (mbin) until(end time.Time) map[string]any {
	if end.IsZero() {
		return map[string]any{"expires": nil}
	}
	return map[string]any{"expires": end.UTC().Format(time.RFC3339)}
}

// pinned lists ids.
func (mbin) pinned(_ *Neighbour, posts []Piece) []any {
	items := []any{}
	for _, p := range posts {
		items = append(items, p.ID)
	}
	return items
}

// newest: Mbin's outboxes are empty.
func (mbin) newest(*Neighbour, *Actor, []Piece) []any { return []any{} }

// finds reads what is on top, whole or by ids. The outbox is signed for
// without its query, as everything is.
func (mbin) finds(ctx context.Context, n *Neighbour, group as.Doc) error {
	address := group.Ref("outbox") + "?page=1"
	resp, err := n.Client.Get(ctx, address, as.AcceptHeader, func(req *http.Request) error { return n.Itself.Sign(req, nil) })
	if err != nil || resp.Status != http.StatusOK {
		return fmt.Errorf("%s, signed without its query, cannot be read: %w", address, err)
	}
	featured, err := n.fetch(ctx, group.Ref("featured"))
	if err != nil {
		return err
	}
	for _, id := range featured.Refs("orderedItems") {
		if err := n.obtain(ctx, id, group.ID(), 0); err != nil {
			return err
		}
		n.mu.Lock()
		n.pieces[id].Featured = true
		n.mu.Unlock()
	}
	return nil
}
