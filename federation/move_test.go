package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

func moves(who, target *fediverse.Actor) map[string]any {
	return map[string]any{
		"@context": as.NS, "type": "Move", "id": who.ID + "/moves/" + target.Name, "actor": who.ID, "object": who.ID, "target": target.ID,
		"to": who.ID + "/followers", "cc": public,
	}
}

// actorBy returns an actor as it is stored.
func (h *home) actorBy(iri string) *community.Actor {
	h.t.Helper()
	a, err := h.db.ActorByIRI(h.t.Context(), iri)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// in is what somebody is to a group.
func (h *home) in(group, who *community.Actor) *community.Membership {
	h.t.Helper()
	m, err := h.db.Membership(h.t.Context(), group.ID, who.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// TestAGroupMoves: who had joined it here asks to join it where it lives now.
func TestAGroupMoves(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		from, to := fediverse.NewPeer(t, "lemmy"), fediverse.NewPeer(t, "piefed")
		from.Clock(h.now)
		old, dogs := from.Group("dogs"), to.Group("dogs")
		h.read(old.ID, "group dogs@"+from.Host, old.ID)
		if _, err := h.groups.Join(t.Context(), h.ann, h.actorBy(old.ID), community.Origin{}); err != nil {
			t.Fatal(err)
		}
		// Nobody moves where they are not expected.
		h.send(old, moves(old, dogs))
		h.workAll()
		h.dropped("Move", "does not say that it is")
		if h.actorBy(old.ID).Moved() {
			t.Fatal("it moved where nobody expects it")
		}
		dogs.Extra["alsoKnownAs"] = old.ID // compacted, as GoToSocial writes it
		h.pass(11 * time.Minute)
		move := moves(old, dogs)
		move["id"] = old.ID + "/moves/again"
		h.send(old, move)
		h.workAll()
		was, is := h.actorBy(old.ID), h.actorBy(dogs.ID)
		if was.MovedTo != dogs.ID || was.MovedAt.IsZero() {
			t.Fatalf("moved to %q", was.MovedTo)
		}
		if m := h.in(was, h.ann); m != nil {
			t.Errorf("ann is still in the old group: %+v", m)
		}
		if m := h.in(is, h.ann); m == nil || m.State != community.Pending {
			t.Errorf("ann in the new group: %+v", m)
		}
		if _, err := h.groups.Join(t.Context(), h.ann, was, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("joining where it was: %v", err)
		}
		// Whoever took it over does not drag its members on.
		third := to.Group("cats")
		third.Extra["alsoKnownAs"] = []string{old.ID}
		h.send(old, moves(old, third))
		h.workAll()
		h.dropped("Move", "less than a week ago")
		if got := h.actorBy(old.ID).MovedTo; got != dogs.ID {
			t.Errorf("it moved on to %s", got)
		}
	})
}

// TestSomebodyMoves: what they were in groups here, they are under their new
// name.
func TestSomebodyMoves(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		from, to := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "gotosocial")
		lena, mara := from.Person("lena"), from.Person("mara")
		lena2, mara2 := to.Person("lena2"), to.Person("mara2")
		lena2.Extra["alsoKnownAs"], mara2.Extra["alsoKnownAs"] = []string{lena.ID}, []string{mara.ID}
		for _, a := range []*fediverse.Actor{lena, mara} {
			h.send(a, map[string]any{"@context": as.NS, "type": "Follow", "id": a.ID + "/f", "actor": a.ID, "object": h.cats.IRI})
		}
		m := h.in(h.cats, h.actorBy(lena.ID))
		m.Role = community.Moderator
		banned := h.in(h.cats, h.actorBy(mara.ID))
		banned.BannedUntil = community.Timestamp(h.now().Add(48 * time.Hour))
		for _, m := range []*community.Membership{m, banned} {
			if err := db.SaveMembership(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		h.send(lena, moves(lena, lena2))
		h.send(mara, moves(mara, mara2))
		h.workAll()
		if m := h.in(h.cats, h.actorBy(lena.ID)); m == nil || m.Role != community.Member {
			t.Errorf("the old account is %+v", m)
		}
		if m := h.in(h.cats, h.actorBy(lena2.ID)); m == nil || m.Role != community.Moderator || m.State != community.Absent {
			t.Errorf("the new account is %+v", m)
		}
		if m := h.in(h.cats, h.actorBy(mara2.ID)); m == nil || !m.BannedUntil.Equal(banned.BannedUntil) || m.Moderates() {
			t.Errorf("a ban that was to be left behind: %+v", m)
		}
	})
}

// TestMovesThatAreNone: nobody moves somebody else, nor into something else.
func TestMovesThatAreNone(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	from, to := fediverse.NewPeer(t, ""), fediverse.NewPeer(t, "")
	lena, mallory, dogs := from.Person("lena"), to.Person("mallory"), to.Group("dogs")
	mallory.Extra["alsoKnownAs"], dogs.Extra["alsoKnownAs"] = []string{lena.ID, h.cats.IRI}, []string{lena.ID}
	h.wrote(lena, 1)
	other := moves(mallory, mallory)
	other["object"] = lena.ID
	h.send(mallory, other)
	ours := moves(mallory, mallory)
	ours["id"], ours["object"] = mallory.ID+"/2", h.cats.IRI
	h.send(mallory, ours)
	h.send(lena, moves(lena, dogs))
	itself := moves(lena, lena)
	h.send(lena, itself)
	nowhere := moves(lena, mallory)
	nowhere["id"], nowhere["target"] = lena.ID+"/nowhere", to.URL+"/users/none"
	h.send(lena, nowhere)
	void := moves(lena, mallory)
	void["id"], void["target"] = lena.ID+"/void", nil
	h.send(lena, void)
	h.workAll()
	for _, iri := range []string{lena.ID, h.cats.IRI} {
		if a := h.actorBy(iri); a.Moved() {
			t.Errorf("%s moved to %s", iri, a.MovedTo)
		}
	}
	forged := moves(lena, mallory)
	forged["id"] = lena.ID + "/forged"
	if status, _ := mallory.Send(t, h.inbox(), forged); status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("a forged Move was answered %d", status)
	}
}

// TestMovingAway: who moves away from here is expected there first; then
// nothing more is begun here.
func TestMovingAway(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	ctx := t.Context()
	peer := fediverse.NewPeer(t, "mastodon")
	ann2, cats2 := peer.Person("ann2"), peer.Group("cats2")
	if err := h.fed.Move(ctx, h.ann, h.ann, "@ann2@"+peer.Host); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "Add "+h.ann.IRI) {
		t.Errorf("where nobody expects her: %v", err)
	}
	ann2.Extra["alsoKnownAs"], cats2.Extra["alsoKnownAs"] = []string{h.ann.IRI}, []string{h.cats.IRI}
	if err := h.fed.Move(ctx, h.ann, h.ann, cats2.ID); !fault.Is(err, fault.Invalid) {
		t.Errorf("into a group: %v", err)
	}
	if err := h.fed.Move(ctx, h.ann, h.cats, cats2.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.fed.Move(ctx, h.ann, h.ann, ann2.ID); err != nil {
		t.Fatal(err)
	}
	h.workAll()
	ann, cats := h.actorBy(h.ann.IRI), h.actorBy(h.cats.IRI)
	if ann.MovedTo != ann2.ID || cats.MovedTo != cats2.ID {
		t.Fatalf("moved to %q and %q", ann.MovedTo, cats.MovedTo)
	}
	if m := h.in(h.actorBy(cats2.ID), ann); m == nil || m.State != community.Pending {
		t.Errorf("the group's own people go along: %+v", m)
	}
	if err := ann.MayBegin(cats); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who moved posts: %v", err)
	}
	if err := h.groups.Stay(ctx, h.ann, h.ann); err != nil {
		t.Fatal(err)
	}
	if ann = h.actorBy(h.ann.IRI); ann.Moved() {
		t.Errorf("came back, and is at %s", ann.MovedTo)
	}
	if err := h.fed.Move(ctx, h.ann, ann, ann2.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice in a week: %v", err)
	}
}
