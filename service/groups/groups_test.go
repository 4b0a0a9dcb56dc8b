package groups_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type world struct {
	db       *storage.DB
	groups   *groups.Service
	ada, bo  *community.Actor // here
	far      *community.Actor // a person elsewhere
	farGroup *community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{db: db, groups: &groups.Service{
		DB: db, Origin: "https://here.test", Now: func() time.Time { return noon },
		NewKey: func() (string, string, error) { return "private", "public", nil },
	}}
	w.ada, w.bo = w.actor(t, community.Person, "ada", ""), w.actor(t, community.Person, "bo", "")
	w.far = w.actor(t, community.Person, "far", "far.test")
	w.farGroup = w.actor(t, community.GroupKind, "cats", "far.test")
	return w
}

func (w *world) actor(t *testing.T, kind community.ActorKind, name, host string) *community.Actor {
	t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://" + host + "x/" + name, CreatedAt: noon, UpdatedAt: noon}
	if host != "" {
		peer, err := w.db.PeerByHost(t.Context(), host, noon)
		if err != nil {
			t.Fatal(err)
		}
		a.PeerID = peer.ID
	}
	if err := w.db.AddActor(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) create(t *testing.T, name string) *community.Group {
	t.Helper()
	g, err := w.groups.Create(t.Context(), w.ada, groups.Draft{Name: name, Title: "The " + name, Summary: "About *it*."})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (w *world) facts(t *testing.T) []community.Fact {
	t.Helper()
	if err := w.db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	facts, err := w.db.Facts(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func kinds(facts []community.Fact) (list []community.FactKind) {
	for _, f := range facts {
		list = append(list, f.Kind)
	}
	return list
}

func TestCreate(t *testing.T) {
	tests := []struct {
		name  string
		draft groups.Draft
		want  fault.Code
	}{
		{"a group", groups.Draft{Name: "garden"}, fault.None},
		{"a name in other case", groups.Draft{Name: "GARDEN"}, fault.Conflict},
		{"the name of a person", groups.Draft{Name: "Ada"}, fault.Conflict},
		{"no name", groups.Draft{}, fault.Invalid},
		{"a name with a space", groups.Draft{Name: "my garden"}, fault.Invalid},
		{"a name in Cyrillic that looks Latin", groups.Draft{Name: "gаrden"}, fault.Invalid},
		{"a name kept for the server", groups.Draft{Name: "Admin"}, fault.Invalid},
		{"a name too long", groups.Draft{Name: strings.Repeat("a", 31)}, fault.Invalid},
		{"a title too long", groups.Draft{Name: "longtitle", Title: strings.Repeat("a", 81)}, fault.Invalid},
		{"a description too long", groups.Draft{Name: "longsum", Summary: strings.Repeat("a", 10_001)}, fault.Invalid},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				before := len(w.facts(t))
				_, err := w.groups.Create(t.Context(), w.ada, test.draft)
				if got := fault.CodeOf(err); got != test.want {
					t.Fatalf("Create = %v, want code %q", err, test.want)
				}
				if grew := len(w.facts(t)) - before; (grew == 1) != (err == nil) {
					t.Errorf("%d facts were recorded", grew)
				}
			})
		}
	})
}

func TestJoiningHereAndLeaving(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		garden := w.create(t, "garden")
		for range 2 { // the second time changes nothing
			m, err := w.groups.Join(ctx, w.bo, garden.Actor, community.Origin{})
			if err != nil || !m.Follows() {
				t.Fatalf("Join = %+v, %v", m, err)
			}
		}
		for range 2 {
			if err := w.groups.Leave(ctx, w.bo, garden.Actor, community.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		want := []community.FactKind{community.GroupCreated, community.MemberJoined, community.MemberLeft}
		if diff := cmp.Diff(want, kinds(w.facts(t))); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		for _, folded := range []bool{false, true} {
			if folded {
				fold(t, db)
			}
			found, err := w.groups.Find(ctx, w.bo, community.Handle{Name: "Garden"})
			if err != nil || found.Membership != nil || found.MemberCount != 1 || len(found.Moderators) != 1 {
				t.Errorf("folded %v: Find = %+v (%d members), %v", folded, found.Membership, found.MemberCount, err)
			}
		}
	})
}

func fold(t *testing.T, db *storage.DB) {
	t.Helper()
	if _, err := db.Fold(context.WithoutCancel(t.Context()), 1000); err != nil {
		t.Fatal(err)
	}
}

func TestJoiningAGroupElsewhereWaitsForItsAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		if err := w.groups.Answered(ctx, w.farGroup, w.ada, true); !fault.Is(err, fault.NotFound) {
			t.Errorf("an answer that nobody asked for = %v", err)
		}
		m, err := w.groups.Join(ctx, w.ada, w.farGroup, community.Origin{})
		if err != nil || m.State != community.Pending || !strings.HasPrefix(m.FollowIRI, "https://here.test/activities/") {
			t.Fatalf("Join = %+v, %v", m, err)
		}
		if err := w.groups.Answered(ctx, w.farGroup, w.ada, true); err != nil {
			t.Fatal(err)
		}
		joined, err := w.groups.Joined(ctx, w.ada)
		if err != nil || len(joined) != 1 {
			t.Fatalf("Joined = %v, %v", joined, err)
		}
		if err := w.groups.Answered(ctx, w.farGroup, w.ada, false); err != nil {
			t.Fatal(err)
		}
		if joined, err = w.groups.Joined(ctx, w.ada); err != nil || len(joined) != 0 {
			t.Errorf("after being put out, Joined = %v, %v", joined, err)
		}
		facts := w.facts(t)
		if len(facts) != 1 || facts[0].Kind != community.MemberAsked || facts[0].IRI != m.FollowIRI {
			t.Errorf("facts = %+v", facts)
		}
	})
}

// Whoever writes in a group on Lemmy is told in time that it takes no polls, and
// on Mbin, that it shows no events.
func TestGroupsThatTakeNoPolls(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.create(t, "garden")
		peer, err := db.Peer(ctx, w.farGroup.PeerID)
		if err != nil {
			t.Fatal(err)
		}
		wants := func(reader *community.Actor, name, host string, want bool) {
			t.Helper()
			g, err := w.groups.Find(ctx, reader, community.Handle{Name: name, Host: host})
			if err != nil || g.NoPolls != want || g.NoEvents != (peer.Software == "mbin" && host != "" && reader != nil) {
				t.Errorf("%s@%s on %q: NoPolls is not %t: %+v, %v", name, host, peer.Software, want, g, err)
			}
		}
		wants(w.ada, "garden", "", false)
		for software, want := range map[string]bool{"lemmy": true, "piefed": false, "mbin": false, "": false} {
			peer.Software = software
			if err := db.SavePeerSoftware(ctx, peer); err != nil {
				t.Fatal(err)
			}
			wants(w.ada, "cats", "far.test", want)
			wants(nil, "cats", "far.test", false) // cannot write anyway
		}
	})
}

func TestSomebodyElsewhereJoins(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		garden := w.create(t, "garden")
		from := community.Origin{IRI: "https://far.test/follow/1", Activity: []byte(`{"type":"Follow"}`)}
		for range 2 { // their server may have lost the first answer
			if _, err := w.groups.Join(ctx, w.far, garden.Actor, from); err != nil {
				t.Fatal(err)
			}
		}
		want := []community.FactKind{community.GroupCreated, community.MemberJoined, community.MemberJoined}
		if diff := cmp.Diff(want, kinds(w.facts(t))); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		peers, err := db.Listeners(ctx, garden.ID)
		if err != nil || len(peers) != 1 || peers[0].PeerID != w.far.PeerID {
			t.Errorf("Listeners = %v, %v", peers, err)
		}
		if err := w.groups.Leave(ctx, w.far, garden.Actor, community.Origin{Activity: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
		if peers, err = db.Listeners(ctx, garden.ID); err != nil || len(peers) != 0 {
			t.Errorf("after leaving, Listeners = %v, %v", peers, err)
		}
	})
}

func TestABannedStrangerIsRefusedAloud(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		garden := w.create(t, "garden")
		for _, who := range []*community.Actor{w.far, w.bo} {
			err := db.SaveMembership(ctx, &community.Membership{
				GroupID: garden.ID, ActorID: who.ID, Role: community.Member, State: community.Absent, BannedUntil: noon.Add(time.Hour), CreatedAt: noon,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.groups.Join(ctx, w.far, garden.Actor, community.Origin{IRI: "https://far.test/f", Activity: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
		if got := kinds(w.facts(t)); got[len(got)-1] != community.MemberRefused {
			t.Errorf("facts = %v, want a refusal to tell them", got)
		}
		if _, err := w.groups.Join(ctx, w.bo, garden.Actor, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a banned local = %v", err)
		}
	})
}

func TestWhoMayEditAGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		w.create(t, "garden")
		title := "The Garden"
		change := groups.Change{Title: &title}
		if _, err := w.groups.Edit(ctx, w.bo, community.Handle{Name: "garden"}, change); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger = %v", err)
		}
		if _, err := w.groups.Edit(ctx, w.ada, community.Handle{Name: "cats", Host: "far.test"}, change); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a group elsewhere = %v", err)
		}
		g, err := w.groups.Edit(ctx, w.ada, community.Handle{Name: "garden"}, change)
		if err != nil || g.Title != title {
			t.Errorf("its owner = %+v, %v", g, err)
		}
	})
}

// Everybody clicks at once, twice.
func TestMembersAreCountedOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		garden := w.create(t, "garden")
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				_, err := w.groups.Join(ctx, w.bo, garden.Actor, community.Origin{})
				if err != nil {
					t.Errorf("Join = %v", err)
				}
			})
		}
		wg.Wait()
		fold(t, db)
		g, err := db.Actor(ctx, garden.ID)
		if err != nil || g.MemberCount != 2 {
			t.Errorf("%d members, %v; want 2", g.MemberCount, err)
		}
	})
}
