package fediverse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"drystone/federation/as"
)

// apply changes the model as an activity says.
func (n *Neighbour) apply(ctx context.Context, a as.Doc, room string) error {
	switch a.Kind() {
	case as.KindCreate, as.KindUpdate:
		return n.written(ctx, a, room)
	case as.KindLike, as.KindEmojiReact:
		return n.change(ctx, a, room, func(p *Piece) error { p.Votes[a.Actor()] = 1; return nil })
	case as.KindDislike:
		return n.change(ctx, a, room, func(p *Piece) error { p.Votes[a.Actor()] = -1; return nil })
	case as.KindPollVote:
		return n.chosen(ctx, a.Actor(), a.Ref("object"), room, a.Text("choice_text"))
	case as.KindDelete:
		return n.taken(ctx, a, room, true)
	case as.KindLock:
		return n.decide(ctx, a, room, func(p *Piece) { p.Locked = true })
	case as.KindAdd, as.KindRemove:
		return n.listed(ctx, a, room)
	case as.KindBlock:
		return n.banned(a, room, true)
	case as.KindFlag:
		return n.flagged(a)
	case as.KindResolve:
		return n.resolved(a)
	case as.KindUndo:
		return n.undone(ctx, a, room)
	case as.KindMove:
		return n.carried(ctx, a, room)
	}
	return errMeaningless
}

func (n *Neighbour) undone(ctx context.Context, a as.Doc, room string) error {
	inner, ok := a.Embedded("object")
	if !ok || inner.Actor() != a.Actor() {
		return errors.New("what is taken back is not embedded, or is of somebody else")
	}
	switch inner.Kind() {
	case as.KindLike, as.KindDislike, as.KindEmojiReact:
		return n.change(ctx, inner, room, func(p *Piece) error { delete(p.Votes, a.Actor()); return nil })
	case as.KindDelete:
		return n.taken(ctx, inner, room, false)
	case as.KindLock:
		return n.decide(ctx, inner, room, func(p *Piece) { p.Locked = false })
	case as.KindBlock:
		return n.banned(inner, room, false)
	}
	return errMeaningless
}

// obtain makes sure that a post or comment is known: what is not is fetched,
// with what it answers.
func (n *Neighbour) obtain(ctx context.Context, id, room string, deep int) error {
	if n.Piece(id) != nil {
		return nil
	}
	if as.SameHost(id, n.URL) || deep > 10 {
		return fmt.Errorf("%s is not known", id)
	}
	object, err := n.fetch(ctx, id)
	if err != nil {
		return err
	}
	return n.store(ctx, object, object.Ref("attributedTo"), room, deep)
}

// written handles Create and Update.
func (n *Neighbour) written(ctx context.Context, a as.Doc, room string) error {
	if isBallot(a) {
		return n.balloted(ctx, a, room)
	}
	object, ok := a.Embedded("object")
	switch {
	case !ok:
		return errors.New("the object is not embedded")
	case object.Kind() == as.KindGroup:
		n.mu.Lock()
		defer n.mu.Unlock()
		if object.ID() != room || !n.moderates(a.Actor(), room, room) {
			return fmt.Errorf("%s does not change %s", a.Actor(), object.ID())
		}
		n.rooms[room].Title = object.Text("name")
		return nil
	case as.IsActor(object.Kind()):
		return nil
	}
	known := n.Piece(object.ID())
	if known != nil && known.Author != a.Actor() {
		sensitive, _ := object.Bool("sensitive")
		return n.decide(ctx, a, room, func(p *Piece) { p.Sensitive = sensitive })
	}
	if object.Ref("attributedTo") != a.Actor() || len(object.Refs("attributedTo")) != 1 {
		return fmt.Errorf("%s is attributed to %s", object.ID(), object.Refs("attributedTo"))
	}
	if known != nil && a.Kind() == as.KindCreate {
		return nil
	}
	return n.store(ctx, object, a.Actor(), room, 0)
}

// store takes an object over.
func (n *Neighbour) store(ctx context.Context, object as.Doc, author, room string, deep int) error {
	poll, err := asked(object)
	if err != nil {
		return fmt.Errorf("%s: %w", object.ID(), err)
	}
	var event *Event
	if n.Software == "piefed" {
		if event, err = happening(object); err != nil {
			return fmt.Errorf("%s: %w", object.ID(), err)
		}
	}
	parent := object.Ref("inReplyTo")
	if parent != "" {
		if err := n.obtain(ctx, parent, room, deep+1); err != nil {
			return fmt.Errorf("what %s answers: %w", object.ID(), err)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if ban, ok := n.rooms[room].Banned[author]; ok && (ban.Until.IsZero() || ban.Until.After(time.Now())) {
		return fmt.Errorf("%s is banned from %s", author, room)
	}
	p := n.pieces[object.ID()]
	if p == nil {
		if parent != "" && n.pieces[parent].Locked {
			return fmt.Errorf("%s is locked", parent)
		}
		p = &Piece{ID: object.ID(), Room: room, Author: author, Parent: parent, At: object.Time("published"), Votes: map[string]int{}}
		n.pieces[p.ID] = p
	} else {
		p.Edited = true
	}
	p.Title, p.Text = n.manners.titled(object), object.Text("content")
	if as.SameHost(p.ID, n.URL) { // where it was written as text
		p.Text = unparagraph(strings.TrimPrefix(p.Text, headed(p.Title)))
	}
	p.Sensitive, _ = object.Bool("sensitive")
	if poll != nil && p.Poll != nil {
		poll.cast = p.Poll.cast
	}
	p.Poll, p.Event = poll, event
	return nil
}

// change changes what an activity is about.
func (n *Neighbour) change(ctx context.Context, a as.Doc, room string, f func(*Piece) error) error {
	id := a.Ref("object")
	if err := n.obtain(ctx, id, room, 0); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pieces[id]
	if p.Room != room {
		return fmt.Errorf("%s is not in %s", id, room)
	}
	return f(p)
}

// decide changes something as a moderator.
func (n *Neighbour) decide(ctx context.Context, a as.Doc, room string, f func(*Piece)) error {
	return n.change(ctx, a, room, func(p *Piece) error {
		if !n.moderates(a.Actor(), p.ID, room) {
			return fmt.Errorf("%s does not moderate %s", a.Actor(), room)
		}
		f(p)
		return nil
	})
}

// moderates reports whether somebody may moderate an object in a room, or the
// room. Callers hold the lock.
func (n *Neighbour) moderates(by, object, room string) bool {
	return slices.Contains(n.rooms[room].Moderators, by) || n.manners.governs(by, object, room)
}

// taken handles Delete, and its Undo: of an author, or of a moderator, which
// is what a summary means.
func (n *Neighbour) taken(ctx context.Context, a as.Doc, room string, away bool) error {
	return n.change(ctx, a, room, func(p *Piece) error {
		if p.Author == a.Actor() && !a.Has("summary") {
			p.Deleted = away
			return nil
		}
		if !n.moderates(a.Actor(), p.ID, room) {
			return fmt.Errorf("%s does not moderate %s", a.Actor(), room)
		}
		p.Removed, p.Reason = away, ""
		if away {
			p.Reason = a.Text("summary")
		}
		return nil
	})
}

// listed handles Add and Remove: of moderators and of what is on top.
func (n *Neighbour) listed(ctx context.Context, a as.Doc, room string) error {
	add := a.Kind() == as.KindAdd
	r := n.Room(room)
	switch a.Ref("target") {
	case r.Featured:
		return n.decide(ctx, a, room, func(p *Piece) { p.Featured = add })
	case r.Governors:
	default:
		return fmt.Errorf("%s is nothing of %s", a.Ref("target"), room)
	}
	who := a.Ref("object")
	if !as.SameHost(who, n.URL) {
		if _, err := n.somebody(ctx, who); err != nil {
			return err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.moderates(a.Actor(), room, room) {
		return fmt.Errorf("%s does not moderate %s", a.Actor(), room)
	}
	list := &n.rooms[room].Moderators
	*list = slices.DeleteFunc(*list, func(id string) bool { return id == who })
	if add {
		*list = append(*list, who)
	}
	return nil
}

// banned handles Block of somebody from a room.
func (n *Neighbour) banned(a as.Doc, room string, away bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case a.Ref("target") != room:
		return errMeaningless
	case !n.moderates(a.Actor(), room, room):
		return fmt.Errorf("%s does not moderate %s", a.Actor(), room)
	}
	r, who := n.rooms[room], a.Ref("object")
	remove, _ := a.Bool("removeData")
	if remove {
		for _, p := range n.pieces {
			if p.Room == room && p.Author == who {
				p.Removed = away
			}
		}
	}
	if !away {
		delete(r.Banned, who)
		return nil
	}
	r.Banned[who] = Ban{Reason: a.Text("summary"), Until: n.manners.end(a), By: a.Actor()}
	return nil
}

// flagged handles a report.
func (n *Neighbour) flagged(a as.Doc) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if slices.ContainsFunc(n.reports, func(r Report) bool { return r.ID == a.ID() }) {
		return nil
	}
	if n.pieces[a.Ref("object")] == nil {
		return fmt.Errorf("%s is not known", a.Ref("object"))
	}
	n.reports = append(n.reports, Report{ID: a.ID(), By: a.Actor(), Object: a.Ref("object"), Reason: a.Text("summary")})
	return nil
}

// resolved handles the outcome of a report, which is embedded.
func (n *Neighbour) resolved(a as.Doc) error {
	flag, _ := a.Embedded("object")
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, r := range n.reports {
		if r.ID == flag.ID() {
			n.reports[i].Resolved = true
			return nil
		}
	}
	return fmt.Errorf("the report %s is not known", flag.ID())
}
