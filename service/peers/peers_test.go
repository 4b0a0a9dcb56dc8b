package peers_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/peers"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A world is a group here that people of two servers follow.
type world struct {
	t      *testing.T
	db     *storage.DB
	s      *peers.Service
	garden *community.Actor
	alice  *community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, s: &peers.Service{DB: db, Now: func() time.Time { return noon }}}
	w.garden = w.actor(community.GroupKind, "garden", "")
	w.alice = w.actor(community.Person, "alice", "")
	return w
}

func (w *world) actor(kind community.ActorKind, name, host string) *community.Actor {
	w.t.Helper()
	a := &community.Actor{
		Kind: kind, Name: name, Fold: name, Host: host, IRI: "https://" + host + "/" + name, Inbox: "https://" + host + "/inbox",
		CreatedAt: noon, UpdatedAt: noon,
	}
	if host != "" {
		a.PeerID = w.peer(host).ID
	}
	testdb.Add(w.t, w.db, a)
	return a
}

func (w *world) peer(host string) *community.Peer {
	w.t.Helper()
	p, err := w.db.PeerByHost(w.t.Context(), host, noon)
	w.check(err)
	return p
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// member has somebody of a server join garden, with a role.
func (w *world) member(name, host string, role community.Role) *community.Actor {
	w.t.Helper()
	a := w.actor(community.Person, name, host)
	testdb.Add(w.t, w.db, &community.Membership{GroupID: w.garden.ID, ActorID: a.ID, Role: role, State: community.Accepted, CreatedAt: noon})
	w.check(w.db.AddAudience(w.t.Context(), w.garden.ID, a.PeerID))
	w.check(w.db.CountMember(w.t.Context(), w.garden.ID, 1))
	return a
}

// set changes a peer's row as delivery does.
func (w *world) set(host string, change func(*community.Peer)) {
	w.t.Helper()
	p := w.peer(host)
	change(p)
	if _, err := w.db.Bun().NewUpdate().Model(p).WherePK().Exec(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) say() {
	w.t.Helper()
	w.check(w.db.AddActivity(w.t.Context(), &community.Activity{
		IRI: "https://here/" + time.Now().String(), ActorID: w.garden.ID, Kind: "Announce", Body: []byte("{}"), Audience: w.garden.ID, CreatedAt: noon,
	}))
}

func TestListSaysHowDeliveriesGo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.member("ann", "well.test", community.Member)
		w.member("bob", "failing.test", community.Member)
		w.member("cat", "dormant.test", community.Member)
		w.peer("paused.test")
		w.set("failing.test", func(p *community.Peer) { p.Fails, p.FailingSince = 3, noon.Add(-time.Hour) })
		w.set("dormant.test", func(p *community.Peer) { p.Fails, p.FailingSince = 30, noon.Add(-4*24*time.Hour) })
		w.check(w.s.Pause(t.Context(), "paused.test"))
		for range 3 {
			w.say()
		}
		w.set("well.test", func(p *community.Peer) { p.Position = 3 })

		states := map[community.PeerState]string{
			community.PeerWell: "well.test", community.PeerFailing: "failing.test",
			community.PeerDormant: "dormant.test", community.PeerPaused: "paused.test",
		}
		overview, err := w.s.Overview(t.Context())
		w.check(err)
		for state, host := range states {
			list, next, err := w.s.List(t.Context(), community.PeerQuery{State: state, Page: community.Page{Limit: 10}})
			w.check(err)
			if len(list) != 1 || list[0].Host != host || list[0].State(noon) != state || next != "" || overview[state] != 1 {
				t.Errorf("%s: %d servers, %d in the overview, next %q; want %s", state, len(list), overview[state], next, host)
			}
		}
		for host, want := range map[string]int64{"well.test": 0, "failing.test": 3, "paused.test": 0} {
			v, err := w.s.Find(t.Context(), host)
			w.check(err)
			if v.Waiting != want {
				t.Errorf("%d wait for %s, want %d", v.Waiting, host, want)
			}
		}
		first, next, err := w.s.List(t.Context(), community.PeerQuery{Page: community.Page{Limit: 3}})
		w.check(err)
		second, end, err := w.s.List(t.Context(), community.PeerQuery{Page: community.Page{Limit: 3, After: next}})
		w.check(err)
		if len(first) != 3 || len(second) != 1 || end != "" || second[0].Host <= first[2].Host {
			t.Errorf("pages of %d and %d, then %q", len(first), len(second), end)
		}
		found, _, err := w.s.List(t.Context(), community.PeerQuery{Words: "DORM", Page: community.Page{Limit: 3}})
		w.check(err)
		if len(found) != 1 {
			t.Errorf("%d servers hold \"DORM\", want 1", len(found))
		}
		if all, _, err := w.s.List(t.Context(), community.PeerQuery{Words: "%", Page: community.Page{Limit: 3}}); err != nil || len(all) != 0 {
			t.Errorf("%d servers hold %%, %v", len(all), err)
		}
	})
}

func TestForgetLetsGoOfFollowersAndKeepsRoles(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		member := w.member("ann", "gone.test", community.Member)
		moderator := w.member("bob", "gone.test", community.Moderator)
		other := w.member("cat", "other.test", community.Member)
		w.check(w.db.SaveFollow(ctx, &community.Follow{FollowerID: member.ID, TargetID: w.alice.ID, State: community.Accepted, CreatedAt: noon}))
		w.check(w.db.AddAudience(ctx, w.alice.ID, member.PeerID))
		w.check(w.db.CountMember(ctx, w.alice.ID, 1))
		w.say()

		w.check(w.s.Forget(ctx, " GONE.test "))
		if _, err := w.db.Fold(ctx, 100); err != nil {
			t.Fatal(err)
		}
		v, err := w.s.Find(ctx, "gone.test")
		w.check(err)
		if v.Followers != 0 || v.Waiting != 0 {
			t.Errorf("%d follow from there and %d wait, want none", v.Followers, v.Waiting)
		}
		for who, want := range map[*community.Actor]community.MembershipState{moderator: community.Absent, other: community.Accepted} {
			m, err := w.db.Membership(ctx, w.garden.ID, who.ID)
			w.check(err)
			if m == nil || m.State != want {
				t.Errorf("%s is %v, want %s", who.Name, m, want)
			}
		}
		if m, err := w.db.Membership(ctx, w.garden.ID, member.ID); err != nil || m != nil {
			t.Errorf("the member is %v, %v; want nothing", m, err)
		}
		garden, err := w.db.Actor(ctx, w.garden.ID)
		w.check(err)
		alice, err := w.db.Actor(ctx, w.alice.ID)
		w.check(err)
		if garden.MemberCount != 1 || alice.MemberCount != 0 {
			t.Errorf("garden has %d members and alice %d followers, want 1 and 0", garden.MemberCount, alice.MemberCount)
		}
		list, err := w.db.Listeners(ctx, w.garden.ID)
		w.check(err)
		if len(list) != 1 {
			t.Errorf("%d servers hear garden, want 1", len(list))
		}
	})
}

func TestUnknownServers(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for name, err := range map[string]error{
			"retry": w.s.Retry(t.Context(), "no.test"), "pause": w.s.Pause(t.Context(), "no.test"),
			"resume": w.s.Resume(t.Context(), "no.test"), "forget": w.s.Forget(t.Context(), "no.test"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s = %v, want NotFound", name, err)
			}
		}
	})
}
