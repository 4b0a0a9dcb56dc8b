package fediverse

import (
	"maps"
	"strings"
	"testing"

	"drystone/federation/as"
)

// isFarewell reports whether somebody says that they deleted themselves.
func isFarewell(a as.Doc) bool {
	return a.Kind() == as.KindDelete && a.Actor() != "" && a.Ref("object") == a.Actor()
}

// departed forgets somebody elsewhere, once. What they wrote stays unless they
// say otherwise (removeData), as Lemmy, PieFed and Mbin have it. Whom nobody
// here knows means nothing.
func (n *Neighbour) departed(a as.Doc) error {
	who := a.Actor()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known[who].IsZero() && n.gone[who] == 0 {
		return errMeaningless
	}
	n.gone[who]++
	delete(n.known, who)
	if remove, _ := a.Bool("removeData"); remove {
		for _, p := range n.pieces {
			if p.Author == who {
				p.Deleted = true
			}
		}
	}
	for _, room := range n.rooms {
		delete(room.Followers, who)
	}
	return nil
}

// Departed is how often somebody elsewhere said here that they are gone.
func (n *Neighbour) Departed(who string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.gone[who]
}

// Farewell has by delete their account, with what they wrote if all: every
// server that is known is told, and by is not to be read any more. Lemmy and
// PieFed leave the choice, and Mbin always takes everything down.
func (n *Neighbour) Farewell(t testing.TB, by *Actor, all bool) {
	t.Helper()
	n.Gone(strings.TrimPrefix(by.ID, n.URL))
	n.mu.Lock()
	for _, p := range n.pieces {
		p.Deleted = p.Deleted || all && p.Author == by.ID
	}
	inboxes := map[string]bool{}
	for _, site := range n.sites {
		inboxes[site.Ref("inbox")] = true
	}
	for _, room := range n.rooms {
		for _, inbox := range room.Followers {
			inboxes[inbox] = true
		}
		if len(n.sites) == 0 && room.Own == nil { // Mbin looks for no Application
			inboxes[room.Inbox] = true
		}
	}
	n.mu.Unlock()
	a := n.manners.act(n, deed{kind: as.KindDelete, by: by, object: by.ID})
	a["object"], a["to"], a["cc"] = by.ID, []string{as.Public}, []string{}
	delete(a, "audience")
	a["removeData"] = all
	n.keep(a)
	for inbox := range maps.Keys(inboxes) {
		if !strings.HasPrefix(inbox, n.URL) {
			n.send(t, by, inbox, a)
		}
	}
}

// buried forgets somebody elsewhere with everything by them, whatever they say
// about that. Callers hold the lock.
func (m *Microblog) buried(who string) {
	m.gone[who]++
	for id, status := range m.statuses {
		if status.Author == who {
			delete(m.statuses, id)
		}
	}
	for id, b := range m.boosts {
		if m.statuses[b.status] == nil {
			delete(m.boosts, id)
		}
	}
	delete(m.met, who)
}

// Departed is how often somebody elsewhere said here that they are gone.
func (m *Microblog) Departed(who string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone[who]
}

// Farewell has a delete their account, of which nothing remains. Microblogs
// say nothing of what was written: it goes.
func (a *Account) Farewell(t testing.TB, tell ...string) {
	t.Helper()
	a.m.Gone(strings.TrimPrefix(a.ID, a.m.URL))
	a.m.mu.Lock()
	for id, status := range a.m.statuses {
		if status.Author == a.ID {
			delete(a.m.statuses, id)
			defer a.m.Gone(strings.TrimPrefix(id, a.m.URL))
		}
	}
	a.m.mu.Unlock()
	a.say(t, a.activity(as.KindDelete, a.ID, map[string]any{"object": a.ID, "to": []string{as.Public}}), tell...)
}
