package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// A moving is a thread by lena in dogs, with an answer; puppies is another
// group of the same server, and birds one of a third.
type moving struct {
	*abroad
	puppies, birds *fediverse.Actor
	mod            *fediverse.Actor
	p              *community.Post
}

func newMoving(t *testing.T, db *storage.DB) *moving {
	t.Helper()
	m := &moving{abroad: newAbroad(t, db)}
	m.puppies, m.birds, m.mod = m.lemmy.Group("puppies"), m.third.Group("birds"), m.lemmy.Person("mod")
	m.puppies.Extra["attributedTo"] = m.puppies.ID + "/moderators"
	m.p = m.post("p")
	m.announce(m.act("Create", m.lena, reply(m.lena, "c", m.p.IRI)))
	return m
}

// move is a Move as PieFed writes it.
func (m *moving) move(by *fediverse.Actor, object string, from, to string) map[string]any {
	return m.act("Move", by, object, "origin", from, "target", to, "to", []string{public}, "cc", []string{from})
}

// context serves the thread as NodeBB does: a collection that says whose it
// is.
func (m *moving) context(owner string) string {
	iri := m.lemmy.URL + "/topic/1"
	m.lemmy.Serve("/topic/1", map[string]any{
		"@context": as.NS, "id": iri, "type": "OrderedCollection", "attributedTo": owner, "audience": owner,
		"totalItems": 2, "orderedItems": []string{m.p.IRI, m.lemmy.URL + "/comment/c"},
	})
	return iri
}

// in wants the thread, all of it, in a group.
func (m *moving) wantIn(iri string) {
	m.t.Helper()
	group := m.actorBy(iri)
	p := m.again(m.p)
	if p.GroupID != group.ID || p.Hidden() {
		m.t.Errorf("the post is in %d, want %s; hidden: %v", p.GroupID, group.Handle(), p.Hidden())
	}
	for _, c := range m.comments() {
		if c.PostID == p.ID && c.GroupID != group.ID {
			m.t.Errorf("an answer is in %d, want %s", c.GroupID, group.Handle())
		}
	}
	n, err := m.db.Counters(m.t.Context(), community.SubjectActor, []int64{int64(group.ID)})
	if err != nil || n[int64(group.ID)].Posts != 1 || n[int64(group.ID)].Comments != 1 {
		m.t.Errorf("%s counts %+v, %v", group.Handle(), n, err)
	}
}

func TestThreadsMoveElsewhere(t *testing.T) {
	tests := []struct {
		name string
		play func(*moving)
	}{
		{"as PieFed's group announces it", func(m *moving) {
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.puppies.ID))
			m.wantIn(m.puppies.ID)
			// Again, and what was said under it since.
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.puppies.ID))
			m.dropped("inner_kind=Move", "is not in")
			if _, err := m.posts.Comment(m.t.Context(), m.ann, m.p.ID, 0, posts.Draft{Body: "And"}); err != nil {
				m.t.Error(err)
			}
		}},
		{"by a listed moderator of both, raw", func(m *moving) {
			m.moderators(m.nico)
			m.lemmy.Serve("/c/puppies/moderators", map[string]any{"id": m.puppies.ID + "/moderators", "type": "OrderedCollection", "orderedItems": []string{m.nico.ID}})
			m.send(m.nico, m.move(m.nico, m.p.IRI, m.dogs.ID, m.puppies.ID))
			m.wantIn(m.puppies.ID)
		}},
		{"by a listed moderator of one of them", func(m *moving) {
			m.moderators(m.nico)
			m.lemmy.Serve("/c/puppies/moderators", map[string]any{"id": m.puppies.ID + "/moderators", "type": "OrderedCollection", "orderedItems": []string{m.lena.ID}})
			m.send(m.nico, m.move(m.nico, m.p.IRI, m.dogs.ID, m.puppies.ID))
			m.dropped("kind=Move", "is no moderator")
			m.wantIn(m.dogs.ID)
		}},
		{"as NodeBB sends it: the context says so", func(m *moving) {
			m.send(m.mod, m.move(m.mod, m.context(m.puppies.ID), m.dogs.ID, m.puppies.ID))
			m.wantIn(m.puppies.ID)
		}},
		{"as NodeBB sends it, its Announce taken back before", func(m *moving) {
			m.send(m.dogs, m.act("Undo", m.dogs, m.act("Announce", m.dogs, m.p.IRI)))
			if !m.again(m.p).Hidden() {
				m.t.Fatal("the post is still shown")
			}
			m.send(m.mod, m.move(m.mod, m.context(m.puppies.ID), m.dogs.ID, m.puppies.ID))
			m.wantIn(m.puppies.ID)
		}},
		{"as NodeBB sends it, its Announce taken back after", func(m *moving) {
			m.send(m.mod, m.move(m.mod, m.context(m.puppies.ID), m.dogs.ID, m.puppies.ID))
			m.send(m.dogs, m.act("Undo", m.dogs, m.act("Announce", m.dogs, m.p.IRI)))
			m.wantIn(m.puppies.ID)
		}},
		{"but the context says otherwise", func(m *moving) {
			m.moderators(m.lena)
			m.send(m.mod, m.move(m.mod, m.context(m.dogs.ID), m.dogs.ID, m.puppies.ID))
			m.dropped("kind=Move", "is no moderator")
			m.wantIn(m.dogs.ID)
		}},
		{"by somebody of a third server, whatever the context says", func(m *moving) {
			m.moderators(m.lena)
			m.send(m.nico, m.move(m.nico, m.context(m.puppies.ID), m.dogs.ID, m.puppies.ID))
			m.dropped("kind=Move", "is no moderator")
			m.wantIn(m.dogs.ID)
		}},
		{"to another server", func(m *moving) {
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.birds.ID))
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.cats.IRI))
			m.dropped("inner_kind=Move", "groups of one server")
			m.wantIn(m.dogs.ID)
		}},
		{"announced by another group", func(m *moving) {
			m.announce(m.move(m.mod, m.p.IRI, m.puppies.ID, m.dogs.ID))
			m.dropped("inner_kind=Move", "no group that is known here")
			m.join(m.puppies)
			m.announce(m.move(m.mod, m.p.IRI, m.puppies.ID, m.dogs.ID))
			m.dropped("inner_kind=Move", "announces what is not in it")
			m.wantIn(m.dogs.ID)
		}},
		{"to a private group", func(m *moving) {
			m.puppies.Extra["manuallyApprovesFollowers"] = true
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.puppies.ID))
			m.dropped("inner_kind=Move", "everybody may read")
			m.wantIn(m.dogs.ID)
		}},
		{"to a person", func(m *moving) {
			m.announce(m.move(m.mod, m.p.IRI, m.dogs.ID, m.lena.ID))
			m.dropped("inner_kind=Move", "is no group")
			m.wantIn(m.dogs.ID)
		}},
		{"an answer alone", func(m *moving) {
			m.announce(m.move(m.mod, m.lemmy.URL+"/comment/c", m.dogs.ID, m.puppies.ID))
			m.dropped("inner_kind=Move", "as a whole")
			m.wantIn(m.dogs.ID)
		}},
		{"out of a category and into it, and into another", func(m *moving) {
			m.send(m.mod, m.act("Remove", m.mod, m.context(""), "target", m.dogs.ID))
			if !m.again(m.p).Hidden() {
				m.t.Fatal("the post is still shown")
			}
			m.send(m.mod, m.act("Add", m.mod, m.context(m.dogs.ID), "target", m.dogs.ID))
			m.wantIn(m.dogs.ID)
			m.send(m.mod, m.act("Remove", m.mod, m.context(m.dogs.ID), "target", m.dogs.ID))
			m.dropped("kind=Remove", "itself says")
			m.wantIn(m.dogs.ID)
			m.send(m.nico, m.act("Remove", m.nico, m.context(""), "target", m.dogs.ID))
			m.dropped("kind=Remove", "does not live on the server")
			m.wantIn(m.dogs.ID)
			m.join(m.puppies)
			m.send(m.mod, m.act("Add", m.mod, m.context(m.puppies.ID), "target", m.puppies.ID))
			m.wantIn(m.puppies.ID)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testdb.Each(t, func(t *testing.T, db *storage.DB) { test.play(newMoving(t, db)) })
		})
	}
}

// Groups of ours: a moderator of both who lives elsewhere moves a thread, and
// nobody else does.
func TestThreadsMoveHere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		kittens := testGroup(a.home, "kittens")
		p, err := a.posts.Publish(t.Context(), a.ann, a.cats, postDraft("Mine"))
		if err != nil {
			t.Fatal(err)
		}
		a.send(a.nico, a.act("Follow", a.nico, a.cats.IRI))
		nico := a.stored(a.nico)
		move := func() {
			a.send(a.nico, a.act("Move", a.nico, p.IRI, "origin", a.cats.IRI, "target", kittens.IRI, "summary", "Small ones."))
		}
		for _, group := range []*community.Actor{a.cats, kittens} {
			move()
			if got := a.again(p); got.GroupID != a.cats.ID {
				t.Fatalf("the post is in %d", got.GroupID)
			}
			err := a.db.SaveMembership(t.Context(), &community.Membership{
				GroupID: group.ID, ActorID: nico.ID, Role: community.Moderator, State: community.Accepted, CreatedAt: a.now(), ModeratesSince: a.now(),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		move()
		if got := a.again(p); got.GroupID != kittens.ID {
			t.Errorf("the post is in %d", got.GroupID)
		}
	})
}

func testGroup(h *home, name string) *community.Actor {
	h.t.Helper()
	g, err := h.groups.Create(h.t.Context(), h.ann, groups.Draft{Name: name})
	if err != nil {
		h.t.Fatal(err)
	}
	return g.Actor
}
