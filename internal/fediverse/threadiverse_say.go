package fediverse

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/federation/as"
)

// Follow has by follow a group that Find has found.
func (n *Neighbour) Follow(t testing.TB, by *Actor, room string) map[string]any {
	t.Helper()
	a := n.manners.act(n, deed{kind: as.KindFollow, by: by, room: room, object: room})
	n.send(t, by, n.Room(room).Inbox, a)
	return a
}

// Leave takes a Follow back.
func (n *Neighbour) Leave(t testing.TB, by *Actor, room string, follow map[string]any) {
	t.Helper()
	n.send(t, by, n.Room(room).Inbox, n.manners.act(n, deed{kind: as.KindUndo, by: by, room: room, object: follow, author: room}))
}

// Post has by begin a thread in a group, its own or one elsewhere, and
// returns its id.
func (n *Neighbour) Post(t testing.TB, by *Actor, room, title, text string) string {
	t.Helper()
	p := Piece{ID: n.address("page", room), Room: room, Author: by.ID, Title: title, Text: text, At: time.Now().UTC()}
	n.say(t, deed{kind: as.KindCreate, by: by, room: room, object: n.manners.page(n, p)})
	return p.ID
}

// Comment has by answer a post or comment, and returns the answer's id.
func (n *Neighbour) Comment(t testing.TB, by *Actor, parent, text string) string {
	t.Helper()
	above := n.Piece(parent)
	if above == nil {
		t.Fatalf("%s does not know %s", n.Software, parent)
	}
	p := Piece{ID: n.address("note", above.Room), Room: above.Room, Author: by.ID, Parent: parent, Text: text, At: time.Now().UTC()}
	n.say(t, deed{kind: as.KindCreate, by: by, room: p.Room, object: n.manners.note(n, p), author: above.Author})
	return p.ID
}

// Edit has by write other words.
func (n *Neighbour) Edit(t testing.TB, by *Actor, id, title, text string) {
	t.Helper()
	p := *n.Piece(id)
	p.Title, p.Text, p.Edited = title, text, true
	d := deed{kind: as.KindUpdate, by: by, room: p.Room}
	if d.object = n.manners.page(n, p); p.Parent != "" {
		d.object, d.author = n.manners.note(n, p), n.Piece(p.Parent).Author
	}
	n.say(t, d)
}

// Do has by do something of a kind with a post or comment: Like, Dislike,
// Delete, Lock, Flag, or Delete as a moderator, if extra has a summary. It
// returns the activity, for Undo.
func (n *Neighbour) Do(t testing.TB, by *Actor, kind, id string, extra map[string]any) map[string]any {
	t.Helper()
	p := n.Piece(id)
	if p == nil {
		t.Fatalf("%s does not know %s", n.Software, id)
	}
	return n.say(t, deed{kind: kind, by: by, room: p.Room, object: id, author: p.Author, extra: extra})
}

// Undo takes back what Do, Ban or List did.
func (n *Neighbour) Undo(t testing.TB, by *Actor, room string, activity map[string]any) {
	t.Helper()
	n.say(t, deed{kind: as.KindUndo, by: by, room: room, object: activity, extra: map[string]any{"inner": activity["type"]}})
}

// Pin has by put a post on top of its group, or take it down.
func (n *Neighbour) Pin(t testing.TB, by *Actor, id string, on bool) {
	t.Helper()
	n.list(t, by, n.Piece(id).Room, id, n.Room(n.Piece(id).Room).Featured, on)
}

// Promote has by make somebody a moderator of a group, or end that.
func (n *Neighbour) Promote(t testing.TB, by *Actor, room, who string, on bool) {
	t.Helper()
	n.list(t, by, room, who, n.Room(room).Governors, on)
}

func (n *Neighbour) list(t testing.TB, by *Actor, room, object, target string, on bool) {
	t.Helper()
	kind := as.KindRemove
	if on {
		kind = as.KindAdd
	}
	n.say(t, deed{kind: kind, by: by, room: room, object: object, extra: map[string]any{"target": target}})
}

// Ban has by ban somebody from a group, for good if until is zero.
func (n *Neighbour) Ban(t testing.TB, by *Actor, room, who, reason string, until time.Time) map[string]any {
	t.Helper()
	extra := map[string]any{"target": room, "summary": reason}
	maps.Copy(extra, n.manners.until(until))
	return n.say(t, deed{kind: as.KindBlock, by: by, room: room, object: who, extra: extra})
}

// Banish has by ban somebody from the whole server, which every server hears
// whose Application it knows, with what they wrote.
func (n *Neighbour) Banish(t testing.TB, by *Actor, who, reason string) map[string]any {
	t.Helper()
	return n.proclaim(t, deed{kind: as.KindBlock, by: by, object: who, extra: map[string]any{
		"target": n.URL + "/", "summary": reason, "removeData": true,
	}})
}

// Readmit takes a Banish back.
func (n *Neighbour) Readmit(t testing.TB, by *Actor, block map[string]any) {
	t.Helper()
	n.proclaim(t, deed{kind: as.KindUndo, by: by, object: block, extra: map[string]any{"restoreData": true, "inner": as.KindBlock}})
}

func (n *Neighbour) proclaim(t testing.TB, d deed) map[string]any {
	t.Helper()
	a := n.manners.act(n, d)
	a["cc"] = []string{}
	delete(a, "audience")
	n.keep(a)
	n.mu.Lock()
	var inboxes []string
	for _, site := range n.sites {
		inboxes = append(inboxes, site.Ref("inbox"))
	}
	n.mu.Unlock()
	for _, inbox := range inboxes {
		n.send(t, d.by, inbox, a)
	}
	return a
}

// say puts a deed into words and sends them where they belong: from a group
// of its own to the followers, else to the group.
func (n *Neighbour) say(t testing.TB, d deed) map[string]any {
	t.Helper()
	a := n.manners.act(n, d)
	n.keep(a)
	doc, err := as.Parse(t.Context(), JSON(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.apply(t.Context(), doc, d.room); err != nil {
		t.Fatalf("%s, %s itself: %v", n.Software, d.kind, err)
	}
	if room := n.Room(d.room); room.Own == nil {
		n.send(t, d.by, room.Inbox, a)
	} else {
		n.tell(d.room, a, true)
	}
	return a
}

// send delivers something at once.
func (n *Neighbour) send(t testing.TB, by *Actor, inbox string, a map[string]any) {
	t.Helper()
	if status, text := by.Send(t, inbox, a); status >= 300 {
		t.Fatalf("%s sent %s and was answered %d: %s", n.Software, JSON(t, a), status, text)
	}
}

// deliver posts a body to an inbox, signed by the actor. The error says why
// nothing answered.
func (a *Actor) deliver(ctx context.Context, inbox string, body []byte) (status int, text string, err error) {
	resp, err := a.Peer.Client.Post(ctx, inbox, as.ContentType, body, func(req *http.Request) error { return a.Sign(req, body) })
	if resp == nil {
		return 0, "", err
	}
	return resp.Status, string(resp.Body), nil
}

// address makes an id of a kind.
func (n *Neighbour) address(kind, room string) string {
	return n.URL + n.manners.address(kind, room, n.number())
}

func (n *Neighbour) number() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.serial++
	return n.serial
}

// here is who of its people has an id.
func (n *Neighbour) here(id string) *Actor {
	n.Peer.mu.Lock()
	defer n.Peer.mu.Unlock()
	return n.actors[strings.TrimPrefix(id, n.URL)]
}

// keep has the neighbour serve an activity at its id.
func (n *Neighbour) keep(a map[string]any) {
	id, _ := a["id"].(string)
	n.mu.Lock()
	defer n.mu.Unlock()
	if u, err := url.Parse(id); err == nil && strings.HasPrefix(id, n.URL) {
		n.said[u.Path] = a
	}
}

// show serves what the neighbour says and what its groups list.
func (n *Neighbour) show(w http.ResponseWriter, r *http.Request) {
	id := n.URL + r.URL.Path
	n.mu.Lock()
	said, piece := n.said[r.URL.Path], n.piece(id)
	n.mu.Unlock()
	switch {
	case said != nil:
		write(w, as.ContentType, said)
	case piece != nil && piece.Deleted:
		w.Header().Set("Content-Type", as.ContentType)
		w.WriteHeader(http.StatusGone)
		_ = json.NewEncoder(w).Encode(map[string]any{"@context": as.NS, "id": id, "type": as.KindTombstone})
	case piece != nil && !piece.Removed:
		write(w, as.ContentType, n.write(*piece))
	default:
		n.showList(w, r, id)
	}
}

// write is a post or comment as its document.
func (n *Neighbour) write(p Piece) map[string]any {
	if p.Parent != "" {
		return n.manners.note(n, p)
	}
	return n.manners.page(n, p)
}

func (n *Neighbour) showList(w http.ResponseWriter, r *http.Request, id string) {
	room := n.roomWith(id)
	if room == nil {
		http.NotFound(w, r)
		return
	}
	list := map[string]any{"@context": as.NS, "id": id, "type": as.KindOrderedCollection}
	items := []any{}
	switch {
	case id == room.Governors:
		for _, who := range room.Moderators {
			items = append(items, who)
		}
	case id == room.Featured:
		items = n.manners.pinned(n, n.threads(room.ID, true))
	case strings.HasSuffix(id, "/outbox"):
		items = n.manners.newest(n, room.Own, n.threads(room.ID, false))
	default: // followers: how many
		list["type"] = as.KindCollection
		list["items"], list["totalItems"] = items, len(room.Followers)
		write(w, as.ContentType, list)
		return
	}
	list["orderedItems"], list["totalItems"] = items, len(items)
	write(w, as.ContentType, list)
}

// roomWith returns the group of its own that has a collection.
func (n *Neighbour) roomWith(collection string) *Room {
	n.mu.Lock()
	var ids []string
	for id, room := range n.rooms {
		if room.Own != nil {
			ids = append(ids, id)
		}
	}
	n.mu.Unlock()
	for _, id := range ids {
		if room := n.Room(id); slices.Contains([]string{room.Featured, room.Governors, id + "/outbox", id + "/followers"}, collection) {
			return room
		}
	}
	return nil
}

// threads are the posts in a group that can be seen, the newest first, or
// those on top of it.
func (n *Neighbour) threads(room string, featured bool) []Piece {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []Piece
	for _, p := range n.pieces {
		if p.Room == room && p.Parent == "" && !p.Deleted && !p.Removed && (p.Featured || !featured) {
			list = append(list, *n.piece(p.ID))
		}
	}
	slices.SortFunc(list, func(a, b Piece) int { return b.At.Compare(a.At) })
	return list[:min(len(list), 50)]
}

// stamp is a time as this software writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// paragraph is text as HTML.
func paragraph(text string) string { return fmt.Sprintf("<p>%s</p>\n", text) }

func unparagraph(content string) string {
	return strings.TrimSuffix(strings.TrimPrefix(content, "<p>"), "</p>\n")
}
