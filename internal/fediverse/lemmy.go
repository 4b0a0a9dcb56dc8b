package fediverse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/federation/as"
)

// lemmy has the manners of Lemmy (shared/design/FEDERATION.md, sections 1, 3,
// 4, 5, 6 and 8).
type lemmy struct {
	old bool // 0.19, which most live servers run; else 1.0
}

// NewLemmy starts a Lemmy 1.0.
func NewLemmy(t testing.TB) *Neighbour { t.Helper(); return newNeighbour(t, "lemmy", lemmy{}) }

// NewOldLemmy starts a Lemmy 0.19.
func NewOldLemmy(t testing.TB) *Neighbour {
	t.Helper()
	return newNeighbour(t, "lemmy", lemmy{old: true})
}

const lemmyContext = "https://join-lemmy.org/context.json"

func (lemmy) places() places {
	return places{
		people: "/u/", groups: "/c/", inbox: "/inbox", itself: "/", moderators: "/moderators", featured: "/featured",
		headers: []string{"(request-target)", "content-type", "date", "digest", "host"}, algorithm: "hs2019",
	}
}

func (lemmy) dress(_ *Neighbour, a *Actor) map[string]any {
	doc := map[string]any{
		"@context": []string{lemmyContext, as.NS}, "published": "2022-06-02T16:43:50.799554Z",
		"source": map[string]any{"content": "Feathers **only**", "mediaType": "text/markdown"},
	}
	switch a.Kind {
	case as.KindGroup:
		doc["attributedTo"], doc["featured"] = a.ID+"/moderators", a.ID+"/featured"
		doc["postingRestrictedToMods"], doc["manuallyApprovesFollowers"], doc["sensitive"] = false, false, false
		doc["summary"] = "<p>Feathers <strong>only</strong></p>\n"
		doc["language"] = []any{map[string]any{"identifier": "en", "name": "English"}}
	default:
		doc["followers"] = nil // Lemmy's people have none
	}
	return doc
}

func (lemmy) address(kind, _ string, serial int) string {
	switch kind {
	case "page":
		return fmt.Sprintf("/post/%d", serial)
	case "note":
		return fmt.Sprintf("/comment/%d", serial)
	}
	return fmt.Sprintf("/activities/%s/7c1f0f34-0d3c-4f4e-9a51-%012d", strings.ToLower(kind), serial)
}

func (l lemmy) page(_ *Neighbour, p Piece) map[string]any {
	doc := map[string]any{
		"@context": []string{lemmyContext, as.NS}, "type": as.KindPage, "id": p.ID, "attributedTo": p.Author,
		"to": []string{p.Room, as.Public}, "cc": []string{}, "audience": p.Room, "name": p.Title, "content": paragraph(p.Text),
		"mediaType": "text/html", "source": map[string]any{"content": p.Text, "mediaType": "text/markdown"},
		"attachment": []any{}, "sensitive": p.Sensitive, "language": map[string]any{"identifier": "en", "name": "English"},
		"published": stamp(p.At),
	}
	if l.old {
		doc["commentsEnabled"] = !p.Locked
	} else {
		doc["context"] = p.ID + "/context"
		delete(doc, "cc") // 1.0 leaves it to the activity
	}
	if p.Edited {
		doc["updated"] = stamp(time.Now())
	}
	return doc
}

func (lemmy) note(n *Neighbour, p Piece) map[string]any {
	author := n.Piece(p.Parent).Author
	doc := map[string]any{
		"@context": []string{lemmyContext, as.NS}, "type": as.KindNote, "id": p.ID, "attributedTo": p.Author,
		"to": []string{as.Public}, "cc": []string{p.Room, author}, "audience": p.Room, "content": paragraph(p.Text),
		"mediaType": "text/html", "source": map[string]any{"content": p.Text, "mediaType": "text/markdown"},
		"inReplyTo": p.Parent, "published": stamp(p.At), "distinguished": false,
		"tag": []any{map[string]any{"href": author, "type": as.KindMention, "name": "@" + author}}, "attachment": []any{},
	}
	if p.Edited {
		doc["updated"] = stamp(time.Now())
	}
	return doc
}

func (lemmy) act(n *Neighbour, d deed) map[string]any {
	a := map[string]any{
		"@context": []string{lemmyContext, as.NS}, "id": n.address(d.kind, d.room), "type": d.kind, "actor": d.by.ID, "object": bare(d.object),
	}
	maps.Copy(a, d.extra)
	kind := d.kind
	if inner, ok := a["inner"].(string); ok {
		kind = inner
		delete(a, "inner")
	}
	switch {
	case d.kind == as.KindFollow, d.kind == as.KindUndo && kind == as.KindUndo:
		a["to"] = []string{d.room}
	case d.kind == as.KindAccept:
		a["to"] = []string{d.author}
	case kind == as.KindLike || kind == as.KindDislike:
		a["audience"] = d.room // and nobody in to or cc
	case kind == as.KindFlag:
		a["to"], a["audience"] = []string{d.room}, d.room
	default:
		a["to"], a["cc"], a["audience"] = []string{as.Public}, []string{d.room}, d.room
		if d.kind == as.KindCreate && d.author != "" {
			a["cc"] = []string{d.room, d.author}
		}
	}
	return a
}

// titled is its name.
func (lemmy) titled(object as.Doc) string { return object.Text("name") }

// bare is an activity or object as it is embedded: without a context of its
// own.
func bare(object any) any {
	doc, ok := object.(map[string]any)
	if !ok {
		return object
	}
	doc = maps.Clone(doc)
	delete(doc, "@context")
	return doc
}

// pass announces everything; posts a second time by themselves, for Mastodon.
func (l lemmy) pass(n *Neighbour, room *Actor, activity map[string]any, _ bool) []parcel {
	wrap := func(object any) parcel {
		to := []string{as.Public}
		if !l.old {
			to = []string{room.ID, as.Public}
		}
		return parcel{by: room, activity: map[string]any{
			"@context": []string{lemmyContext, as.NS}, "id": n.address(as.KindAnnounce, room.ID), "type": as.KindAnnounce,
			"actor": room.ID, "object": bare(object), "to": to, "cc": []string{room.ID + "/followers"},
		}}
	}
	list := []parcel{wrap(activity)}
	kind, _ := activity["type"].(string)
	if page, ok := activity["object"].(map[string]any); ok && page["type"] == as.KindPage && (kind == as.KindCreate || kind == as.KindUpdate) {
		list = append(list, wrap(page))
	}
	return list
}

func (lemmy) admit(d Delivery) error {
	signature := d.Header.Get("Signature")
	switch {
	case !strings.Contains(d.KeyID, "#"):
		return fmt.Errorf("the keyId %s has no fragment", d.KeyID)
	case !strings.HasPrefix(d.Header.Get("Digest"), "SHA-256=") || strings.Contains(d.Header.Get("Digest"), ","):
		return fmt.Errorf("the Digest is %q", d.Header.Get("Digest"))
	case !strings.Contains(signature, "digest") || !strings.Contains(signature, "(request-target)"):
		return fmt.Errorf("not enough is signed: %s", signature)
	case d.Header.Get("Content-Type") != as.ContentType:
		return fmt.Errorf("it is a %q", d.Header.Get("Content-Type"))
	}
	return nil
}

// groupActivities are what a Lemmy group announces.
var groupActivities = []string{
	as.KindCreate, as.KindUpdate, as.KindDelete, as.KindUndo, as.KindLike, as.KindDislike, as.KindLock, as.KindAdd, as.KindRemove,
	as.KindBlock, as.KindFlag, as.KindResolve, as.KindChooseAnswer,
}

// unwrap takes activities, embedded or by their ids. What else a group
// announces it cannot receive.
func (l lemmy) unwrap(ctx context.Context, n *Neighbour, announce as.Doc) ([]as.Doc, error) {
	if list := announce.Refs("object"); len(list) > 1 || len(announce.Embeddeds("object")) > 1 {
		return nil, errors.New("CannotReceivePage: several objects in one Announce")
	}
	inner, embedded := announce.Embedded("object")
	if !embedded {
		var err error
		if inner, err = n.fetch(ctx, announce.Ref("object")); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(groupActivities, inner.Kind()) {
		return nil, fmt.Errorf("CannotReceivePage: the Announce is of a %s, not of an activity", inner.Kind())
	}
	return []as.Doc{inner}, nil
}

func (l lemmy) judge(ctx context.Context, n *Neighbour, a as.Doc, room string) error {
	about := a
	if inner, ok := a.Embedded("object"); ok && a.Kind() == as.KindUndo {
		about = inner
	}
	vote := slices.Contains([]string{as.KindLike, as.KindDislike, as.KindFlag, as.KindResolve}, about.Kind())
	switch {
	case a.Kind() == as.KindChooseAnswer, a.Kind() == as.KindMove, about.Kind() == as.KindResolve && l.old:
		return errMeaningless
	case as.Host(a.ID()) != as.Host(a.Actor()) || a.ID() == "":
		return fmt.Errorf("the id %s is not of the host of %s", a.ID(), a.Actor())
	case !vote && (!a.Has("to") || !a.Has("cc")):
		return errors.New("it needs both to and cc")
	case !vote && !a.IsPublic():
		return errors.New("ObjectIsNotPublic")
	case a.Has("audience") && a.Ref("audience") != room:
		return fmt.Errorf("the audience is %s and not the group", a.Ref("audience"))
	case a.Kind() == as.KindFlag && (len(a.Refs("object")) != 1 || len(a.Refs("to")) != 1):
		return errors.New("a report is about one thing, to one group")
	}
	if err := l.user(ctx, n, a.Actor(), room); err != nil {
		return err
	}
	if object, ok := a.Embedded("object"); ok && (a.Kind() == as.KindCreate || a.Kind() == as.KindUpdate) && !as.IsActor(object.Kind()) {
		return l.judgeObject(n, a, object, room)
	}
	return nil
}

// user reports whether an actor may be somebody: Application is nobody.
func (lemmy) user(ctx context.Context, n *Neighbour, id, room string) error {
	if as.SameHost(id, n.URL) || id == room {
		return nil
	}
	actor, err := n.somebody(ctx, id)
	if err == nil && !slices.Contains([]string{as.KindPerson, as.KindService, as.KindOrganization}, actor.Kind()) {
		err = fmt.Errorf("%s is a %s and no user", id, actor.Kind())
	}
	return err
}

// judgeObject reports what is wrong with a post or comment.
func (lemmy) judgeObject(n *Neighbour, a, object as.Doc, room string) error {
	author := object.Ref("attributedTo")
	kinds := []string{as.KindPage, as.KindArticle, as.KindNote, as.KindEvent, as.KindVideo}
	if object.Ref("inReplyTo") != "" {
		kinds = []string{as.KindNote}
	}
	known := n.Piece(object.ID())
	switch {
	case !slices.Contains(kinds, object.Kind()):
		return fmt.Errorf("a %s is no post or comment", object.Kind())
	case object.Kind() == as.KindPage && object.Has("inReplyTo"):
		return errors.New("a Page answers nothing")
	case object.Kind() == as.KindPage && object.Text("name") == "":
		return errors.New("a Page needs a name")
	case len(object.Refs("attributedTo")) != 1 || strings.HasPrefix(string(object.RawOf("attributedTo")), "["):
		return fmt.Errorf("attributedTo is %s and not one author", object.RawOf("attributedTo"))
	case !as.SameHost(object.ID(), author):
		return fmt.Errorf("%s is not of the host of %s", object.ID(), author)
	case author != a.Actor() && (known == nil || a.Kind() == as.KindCreate):
		return fmt.Errorf("%s is not by %s", object.ID(), a.Actor())
	case !object.IsPublic():
		return errors.New("ObjectIsNotPublic")
	case object.Has("audience") && object.Ref("audience") != room:
		return fmt.Errorf("the audience of %s is %s and not the group", object.ID(), object.Ref("audience"))
	case object.Has("updated") && object.Time("updated").IsZero(), object.Time("published").IsZero():
		return errors.New("a time cannot be read")
	}
	return nil
}

// governs is what Lemmy believes since April 2026: who shares a host with the
// group, or with what it is about.
func (lemmy) governs(by, object, room string) bool {
	return as.SameHost(by, room) || object != room && as.SameHost(by, object)
}

// banishes: every server bans from its own groups.
func (lemmy) banishes(_, _ string) bool { return true }

// end is endTime alone.
func (lemmy) end(block as.Doc) time.Time { return block.Time("endTime") }

func (l lemmy) until(end time.Time) map[string]any {
	said := map[string]any{"removeData": false}
	if !end.IsZero() {
		said["endTime"] = stamp(end)
		if l.old {
			said["expires"] = stamp(end)
		}
	}
	return said
}

func (lemmy) pinned(n *Neighbour, posts []Piece) []any {
	items := []any{}
	for _, p := range posts {
		items = append(items, bare(n.write(p)))
	}
	return items
}

// newest is Announce{Create{Page}}, whole.
func (l lemmy) newest(n *Neighbour, room *Actor, posts []Piece) []any {
	items := []any{}
	for _, p := range posts {
		create := map[string]any{
			"id": n.URL + "/activities/create/of" + strings.ReplaceAll(strings.TrimPrefix(p.ID, n.URL), "/", "-"), "type": as.KindCreate, "actor": p.Author,
			"object": bare(n.write(p)), "to": []string{as.Public}, "cc": []string{room.ID}, "audience": room.ID,
		}
		items = append(items, bare(l.pass(n, room, create, true)[0].activity))
	}
	return items
}

// finds reads, after the group, the server's Application, without which it
// would not be sent what concerns whole servers, and the collections
// (section 5).
func (l lemmy) finds(ctx context.Context, n *Neighbour, group as.Doc) error {
	site, err := n.fetch(ctx, root(group.ID()))
	if err == nil && site.Kind() != as.KindApplication {
		err = fmt.Errorf("%s is a %s", site.ID(), site.Kind())
	}
	for _, key := range []string{"preferredUsername", "inbox", "outbox", "publicKey"} {
		if err == nil && !site.Has(key) {
			err = fmt.Errorf("the server's actor has no %s", key)
		}
	}
	n.mu.Lock()
	n.sites[site.ID()] = site
	n.mu.Unlock()
	return errors.Join(err, l.readOutbox(ctx, n, group), l.readFollowers(ctx, n, group), l.readFeatured(ctx, n, group))
}

// root is the address of a server.
func root(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

func (l lemmy) readOutbox(ctx context.Context, n *Neighbour, group as.Doc) error {
	outbox, err := n.fetch(ctx, group.Ref("outbox"))
	if err != nil {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(outbox.RawOf("orderedItems"), &list); err != nil || outbox.Kind() != as.KindOrderedCollection {
		return fmt.Errorf("the outbox holds nothing that can be read: %w", err)
	}
	if len(list) > 50 {
		return fmt.Errorf("the outbox holds %d", len(list))
	}
	for _, raw := range list {
		announce, err := as.Parse(ctx, raw)
		if err != nil {
			return err
		}
		create, _ := announce.Embedded("object")
		page, ok := create.Embedded("object")
		if announce.Kind() != as.KindAnnounce || announce.Actor() != group.ID() || create.Kind() != as.KindCreate || !ok {
			return fmt.Errorf("in the outbox is no Announce{Create{Page}}: %s", raw)
		}
		if page.Kind() == as.KindQuestion {
			continue
		}
		if err := l.judge(ctx, n, create, group.ID()); err != nil {
			return fmt.Errorf("in the outbox: %w", err)
		}
		if err := n.store(ctx, page, create.Actor(), group.ID(), 0); err != nil {
			return err
		}
	}
	return nil
}

func (lemmy) readFollowers(ctx context.Context, n *Neighbour, group as.Doc) error {
	followers, err := n.fetch(ctx, group.Ref("followers"))
	if err != nil {
		return err
	}
	if _, ok := followers.Int("totalItems"); !ok || followers.Kind() != as.KindCollection {
		return fmt.Errorf("the followers are not counted: %s", followers.Bytes())
	}
	return nil
}

func (lemmy) readFeatured(ctx context.Context, n *Neighbour, group as.Doc) error {
	featured, err := n.fetch(ctx, group.Ref("featured"))
	if err != nil {
		return err
	}
	pages := featured.Embeddeds("orderedItems")
	if featured.Kind() != as.KindOrderedCollection || len(pages) != len(featured.Refs("orderedItems")) {
		return fmt.Errorf("what is on top is not whole: %s", featured.Bytes())
	}
	for _, page := range pages {
		if page.Kind() != as.KindPage {
			return fmt.Errorf("on top is a %s", page.Kind())
		}
		if err := n.store(ctx, page, page.Ref("attributedTo"), group.ID(), 0); err != nil {
			return err
		}
		n.mu.Lock()
		n.pieces[page.ID()].Featured = true
		n.mu.Unlock()
	}
	return nil
}
