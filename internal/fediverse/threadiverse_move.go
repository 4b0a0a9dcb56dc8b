package fediverse

import (
	"context"
	"fmt"
	"testing"

	"drystone/federation/as"
)

// Carry has by move a thread from the group that it is in to another, as
// PieFed's moderators do.
func (n *Neighbour) Carry(t testing.TB, by *Actor, id, to string) {
	t.Helper()
	p := n.Piece(id)
	n.say(t, deed{kind: as.KindMove, by: by, room: p.Room, object: id, extra: map[string]any{"origin": p.Room, "target": to}})
}

// carried handles the Move of a thread: who moderates both groups may, and
// everything in the thread goes with it.
func (n *Neighbour) carried(ctx context.Context, a as.Doc, room string) error {
	origin, target, id := a.Ref("origin"), a.Ref("target"), a.Ref("object")
	if err := n.learn(ctx, target); err != nil {
		return err
	}
	if err := n.obtain(ctx, id, room, 0); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pieces[id]
	switch {
	case origin != room || p.Room != origin || p.Parent != "":
		return fmt.Errorf("%s is no thread in %s", id, origin)
	case !n.moderates(a.Actor(), origin, origin) || !n.moderates(a.Actor(), target, target):
		return fmt.Errorf("%s does not moderate both %s and %s", a.Actor(), origin, target)
	}
	p.Featured = false
	for _, other := range n.pieces {
		if n.root(other) == p {
			other.Room = target
		}
	}
	return nil
}

// root is the post that something is said under. Callers hold the lock.
func (n *Neighbour) root(p *Piece) *Piece {
	for p.Parent != "" {
		p = n.pieces[p.Parent]
	}
	return p
}

// learn reads a group of another server that nobody here follows.
func (n *Neighbour) learn(ctx context.Context, id string) error {
	if n.Room(id) != nil {
		return nil
	}
	group, err := n.somebody(ctx, id)
	if err != nil {
		return err
	}
	if group.Kind() != as.KindGroup {
		return fmt.Errorf("%s is a %s and no group", id, group.Kind())
	}
	n.mu.Lock()
	n.rooms[id] = &Room{
		ID: id, Title: group.Text("name"), Inbox: group.Ref("inbox"), Featured: group.Ref("featured"), Governors: group.Ref("attributedTo"),
		Members: map[string]bool{}, Banned: map[string]Ban{},
	}
	n.mu.Unlock()
	return n.readGovernors(ctx, id, group.Ref("attributedTo"))
}
