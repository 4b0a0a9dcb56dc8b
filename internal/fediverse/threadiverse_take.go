package fediverse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"drystone/federation/as"
)

// errMeaningless is what a software knows nothing about. It is dropped, which
// is no refusal.
var errMeaningless = errors.New("it means nothing here")

// self is the last link to an actor in a WebFinger answer, which is the one
// that Lemmy takes.
func self(body []byte) (id string, err error) {
	var answer struct {
		Subject string
		Links   []struct{ Rel, Type, Href string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", err
	}
	for _, link := range answer.Links {
		if link.Rel == "self" && link.Type == as.ContentType {
			id = link.Href
		}
	}
	if id == "" || answer.Subject == "" {
		return "", fmt.Errorf("no actor in %s", body)
	}
	return id, nil
}

// take handles a delivery: it is the neighbour's inbox.
func (n *Neighbour) take(d Delivery) int {
	err := n.handle(context.Background(), d)
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err == nil:
	case errors.Is(err, errMeaningless):
		n.dropped = append(n.dropped, fmt.Sprintf("%s by %s", d.Doc.Kind(), d.Doc.Actor()))
	default:
		n.refusals = append(n.refusals, fmt.Sprintf("%s by %s: %v\n%s", d.Doc.Kind(), d.Doc.Actor(), err, d.Body))
		return 400
	}
	return 0
}

func (n *Neighbour) handle(ctx context.Context, d Delivery) error {
	a := d.Doc
	if d.Signature != nil {
		return fmt.Errorf("the signature: %w", d.Signature)
	}
	if !as.SameHost(d.KeyID, a.Actor()) || a.ID() == "" || !as.SameHost(a.ID(), a.Actor()) {
		return fmt.Errorf("key, id and actor are of several hosts")
	}
	if d.Header.Get("Signature-Input") != "" {
		return errors.New("signed by RFC 9421, which this software does not know")
	}
	if err := n.manners.admit(d); err != nil {
		return err
	}
	inner, _ := a.Embedded("object")
	switch {
	case a.Kind() == as.KindFollow:
		return n.followed(ctx, a)
	case a.Kind() == as.KindUndo && inner.Kind() == as.KindFollow:
		return n.unfollowed(inner)
	case a.Kind() == as.KindAccept || a.Kind() == as.KindReject:
		return n.answered(a, inner)
	}
	if yes, err := n.shelved(ctx, a); yes {
		return err
	}
	if a.Kind() == as.KindAnnounce {
		return n.announced(ctx, a)
	}
	if isFarewell(a) {
		return n.departed(a)
	}
	if isSiteBan(a) || a.Kind() == as.KindUndo && isSiteBan(inner) {
		return n.siteBanned(a)
	}
	room := n.meant(a)
	if room == nil {
		return errMeaningless
	}
	if err := n.heed(ctx, a, room.ID); err != nil {
		return err
	}
	if room.Own != nil && !slices.Contains([]string{as.KindFlag, as.KindResolve}, a.Kind()) && !isBallot(a) {
		var verbatim map[string]any
		if err := json.Unmarshal(d.Body, &verbatim); err != nil {
			return err
		}
		n.tell(room.ID, verbatim, false)
	}
	n.recount(votedIn(a))
	return nil
}

// isSiteBan reports whether a Block is from a whole server.
func isSiteBan(block as.Doc) bool {
	return block.Kind() == as.KindBlock && block.Ref("target") == root(block.Ref("target"))
}

// siteBanned handles a ban from a whole server, and its Undo. Only servers
// whose Application is known have a say (section 1).
func (n *Neighbour) siteBanned(a as.Doc) error {
	block := a
	if a.Kind() == as.KindUndo {
		block, _ = a.Embedded("object")
	}
	target, who := block.Ref("target"), block.Ref("object")
	if !n.manners.banishes(a.Actor(), who) {
		return errMeaningless
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch _, known := n.sites[target]; {
	case !known:
		return fmt.Errorf("the server %s has no Application that is known here", target)
	case !as.SameHost(a.Actor(), target) || block.Actor() != a.Actor():
		return fmt.Errorf("%s does not speak for %s", a.Actor(), target)
	case !a.Has("to") || !a.Has("cc") || !a.IsPublic():
		return errors.New("ObjectIsNotPublic")
	case a.Kind() == as.KindUndo:
		delete(n.outcasts, target+" "+who)
		return nil
	}
	n.outcasts[target+" "+who] = Ban{Reason: block.Text("summary"), Until: n.manners.end(block), By: a.Actor()}
	return nil
}

// heed applies an activity in a room, if the software has nothing against it.
func (n *Neighbour) heed(ctx context.Context, a as.Doc, room string) error {
	if err := n.manners.judge(ctx, n, a, room); err != nil {
		return err
	}
	return n.apply(ctx, a, room)
}

// meant returns the room that an activity is about, nil if none is known.
func (n *Neighbour) meant(a as.Doc) *Room {
	var places []string
	for doc, deep := a, 0; !doc.IsZero() && deep < 3; deep++ {
		places = append(places, doc.Ref("audience"), doc.Ref("target"))
		places = append(places, doc.Refs("to")...)
		places = append(places, doc.Refs("cc")...)
		places = append(places, doc.Ref("object"), doc.Ref("inReplyTo"))
		doc, _ = doc.Embedded("object")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, place := range places {
		if room := n.rooms[place]; room != nil {
			return room
		}
		if p := n.pieces[place]; p != nil {
			return n.rooms[p.Room]
		}
	}
	return nil
}

// followed handles a Follow of one of its groups.
func (n *Neighbour) followed(ctx context.Context, follow as.Doc) error {
	by, err := n.somebody(ctx, follow.Actor())
	if err != nil {
		return err
	}
	n.mu.Lock()
	room := n.rooms[follow.Ref("object")]
	if feed := n.feeds[follow.Ref("object")]; feed != nil {
		feed.followers[by.ID()] = by.Ref("inbox")
		n.mu.Unlock()
		accept := n.manners.act(n, deed{kind: as.KindAccept, by: feed.own, object: json.RawMessage(follow.Bytes()), author: by.ID()})
		n.later(feed.own, by.Ref("inbox"), accept)
		return nil
	}
	if room == nil || room.Own == nil {
		n.mu.Unlock()
		return fmt.Errorf("%s is no group here", follow.Ref("object"))
	}
	inbox := by.Ref("inbox")
	if shared, ok := by.Embedded("endpoints"); ok && shared.Ref("sharedInbox") != "" {
		inbox = shared.Ref("sharedInbox")
	}
	room.Followers[by.ID()] = inbox
	n.mu.Unlock()
	accept := n.manners.act(n, deed{kind: as.KindAccept, by: room.Own, object: json.RawMessage(follow.Bytes()), author: by.ID()})
	n.later(room.Own, by.Ref("inbox"), accept)
	return nil
}

func (n *Neighbour) unfollowed(follow as.Doc) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if feed := n.feeds[follow.Ref("object")]; feed != nil {
		delete(feed.followers, follow.Actor())
		return nil
	}
	room := n.rooms[follow.Ref("object")]
	if room == nil || room.Own == nil || room.Followers[follow.Actor()] == "" {
		return fmt.Errorf("%s does not follow %s", follow.Actor(), follow.Ref("object"))
	}
	delete(room.Followers, follow.Actor())
	return nil
}

// answered handles what a group says to a Follow, which must be embedded.
func (n *Neighbour) answered(a, follow as.Doc) error {
	if follow.Kind() != as.KindFollow || follow.Ref("object") != a.Actor() || !as.SameHost(follow.Actor(), n.URL) {
		return errors.New("it answers no Follow of ours")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.shelves[a.Actor()]; s != nil {
		s.Accepted = a.Kind() == as.KindAccept
		return nil
	}
	room := n.rooms[a.Actor()]
	if room == nil {
		return fmt.Errorf("nobody here asked %s", a.Actor())
	}
	room.Members[follow.Actor()] = a.Kind() == as.KindAccept
	return nil
}

// announced handles what a group passes on.
func (n *Neighbour) announced(ctx context.Context, a as.Doc) error {
	n.mu.Lock()
	room := n.rooms[a.Actor()]
	n.mu.Unlock()
	if room == nil || room.Own != nil {
		return fmt.Errorf("%s is no group that is followed here", a.Actor())
	}
	if !a.IsPublic() {
		return errors.New("the Announce is not public")
	}
	inners, err := n.manners.unwrap(ctx, n, a)
	if err != nil {
		return err
	}
	for _, inner := range inners {
		if as.SameHost(inner.Actor(), n.URL) {
			continue // it was said here, and comes back
		}
		if isFarewell(inner) {
			if err := n.departed(inner); err != nil && !errors.Is(err, errMeaningless) {
				return err
			}
			continue
		}
		if err := n.heed(ctx, inner, room.ID); err != nil && !errors.Is(err, errMeaningless) {
			return fmt.Errorf("announced %s: %w", inner.Kind(), err)
		}
		n.recount(votedIn(inner))
	}
	return nil
}

// tell has a group of its own tell its followers.
func (n *Neighbour) tell(room string, activity map[string]any, own bool) {
	n.ship(room, n.manners.pass(n, n.Room(room).Own, activity, own))
}

// ship delivers parcels to everybody who follows a group from elsewhere.
func (n *Neighbour) ship(room string, parcels []parcel) {
	n.mu.Lock()
	r := n.rooms[room]
	var inboxes []string
	for _, inbox := range r.Followers {
		if !slices.Contains(inboxes, inbox) && !strings.HasPrefix(inbox, n.URL) {
			inboxes = append(inboxes, inbox)
		}
	}
	n.mu.Unlock()
	for _, parcel := range parcels {
		n.keep(parcel.activity)
		for _, inbox := range inboxes {
			n.later(parcel.by, inbox, parcel.activity)
		}
	}
}

// later delivers something after everything that waits already.
func (n *Neighbour) later(by *Actor, inbox string, activity map[string]any) {
	body := JSON(n.t, activity)
	send := func() {
		status, text, err := by.deliver(context.Background(), inbox, body)
		switch {
		case err != nil:
			n.t.Logf("%s cannot send to %s: %v", n.Software, inbox, err)
		case status >= 300:
			n.t.Errorf("%s sent %s and was answered %d: %s", n.Software, body, status, text)
		}
	}
	select {
	case n.outgoing <- send:
	case <-n.ended:
	}
}
