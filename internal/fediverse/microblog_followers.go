package fediverse

import (
	"context"
	"errors"
	"slices"
	"testing"

	"drystone/federation/as"
)

// followed takes a Follow of somebody here, who accepts it at once or decides
// by hand.
func (m *Microblog) followed(_ context.Context, doc as.Doc) error {
	who := m.person(doc.Ref("object"))
	if who == nil {
		return errors.New("nobody here is followed")
	}
	m.mu.Lock()
	m.waiting[doc.Actor()+" "+who.ID] = doc
	m.mu.Unlock()
	if who.Locked {
		return nil
	}
	who.answer(m.t, doc.Actor(), as.KindAccept)
	return nil
}

// answer says what comes of a Follow, which is held as Mastodon and GoToSocial
// do: whole.
func (a *Account) answer(t testing.TB, who, kind string) {
	t.Helper()
	a.m.mu.Lock()
	follow, asked := a.m.waiting[who+" "+a.ID]
	if kind == as.KindAccept && asked && !slices.Contains(a.m.followers[a.ID], who) {
		a.m.followers[a.ID] = append(a.m.followers[a.ID], who)
	}
	a.m.mu.Unlock()
	if !asked {
		t.Errorf("%s never asked %s", who, a.ID)
		return
	}
	a.say(t, a.activity(kind, follow.ID(), map[string]any{
		"to":     []string{who},
		"object": map[string]any{"type": as.KindFollow, "id": follow.ID(), "actor": who, "object": a.ID},
	}), who)
}

// Accept lets somebody elsewhere follow a, who asked to, and Reject does not;
// later, too.
func (a *Account) Accept(t testing.TB, who string) {
	t.Helper()
	a.answer(t, who, as.KindAccept)
}

// Reject is the other answer.
func (a *Account) Reject(t testing.TB, who string) {
	t.Helper()
	a.m.mu.Lock()
	a.m.followers[a.ID] = slices.DeleteFunc(a.m.followers[a.ID], func(iri string) bool { return iri == who })
	a.m.mu.Unlock()
	a.answer(t, who, as.KindReject)
}

// Followers are who elsewhere follows a, and Asking who wants to.
func (m *Microblog) Followers(a *Account) (followers []string, asking int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.waiting {
		if key[len(key)-len(a.ID):] == a.ID {
			asking++
		}
	}
	return slices.Clone(m.followers[a.ID]), asking
}
