package roles_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/roles"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// A world is a group, garden, that olga owns and mia moderates, of which bo is
// a member; far lives elsewhere, chief administers the server, dan is nobody in
// particular.
type world struct {
	t      *testing.T
	db     *storage.DB
	now    time.Time
	svc    *roles.Service
	mod    *moderation.Service
	posts  *posts.Service
	who    map[string]*community.Actor
	garden *community.Actor
	seen   community.FactID
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := &world{t: t, db: db, now: noon, who: map[string]*community.Actor{}}
		clock := func() time.Time { return w.now }
		w.svc = &roles.Service{DB: db, Now: clock}
		w.mod = &moderation.Service{DB: db, Now: clock}
		w.posts = &posts.Service{DB: db, Origin: "https://here.test", Now: clock}
		w.garden = w.actor(community.GroupKind, "garden", "")
		for _, name := range []string{"olga", "mia", "bo", "dan", "eve", "chief"} {
			w.who[name] = w.actor(community.Person, name, "")
			w.ok(db.AddAccount(t.Context(), &community.Account{ActorID: w.who[name].ID, Admin: name == "chief", CreatedAt: noon.Add(-400 * day)}))
		}
		w.who["far"] = w.actor(community.Person, "far", "far.test")
		w.member("olga", community.Owner)
		w.member("mia", community.Moderator)
		w.member("bo", community.Member)
		f(t, w)
	})
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused fails the test unless err is of a kind.
func (w *world) refused(err error, want fault.Code, what string) {
	w.t.Helper()
	if fault.CodeOf(err) != want {
		w.t.Errorf("%s = %v, want %q", what, err, want)
	}
}

func (w *world) actor(kind community.ActorKind, name, host string) *community.Actor {
	w.t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://" + host + "x/" + name, CreatedAt: noon.Add(-400 * day), UpdatedAt: noon}
	w.ok(w.db.AddActor(w.t.Context(), a))
	return a
}

func (w *world) member(name string, role community.Role) {
	w.t.Helper()
	m := &community.Membership{GroupID: w.garden.ID, ActorID: w.who[name].ID, Role: role, State: community.Accepted, CreatedAt: noon.Add(-400 * day)}
	if role != community.Member {
		m.ModeratesSince = noon.Add(-400 * day)
	}
	w.ok(w.db.SaveMembership(w.t.Context(), m))
}

func (w *world) here() roles.Place { return roles.Place{Group: w.garden} }

// give has by give somebody a role in the garden.
func (w *world) give(by, whom string, gift roles.Gift) (*community.RoleGrant, error) {
	return w.svc.Give(w.t.Context(), w.who[by], w.who[whom], w.here(), gift)
}

func (w *world) given(by, whom string, gift roles.Gift) *community.RoleGrant {
	w.t.Helper()
	g, err := w.give(by, whom, gift)
	w.ok(err)
	return g
}

// made makes a role in the garden.
func (w *world) made(by, name string, permits ...community.Permission) *community.NamedRole {
	w.t.Helper()
	r, err := w.svc.Make(w.t.Context(), w.who[by], w.here(), roles.Draft{Name: name, Permits: permits})
	w.ok(err)
	return r
}

// may reports whether somebody may do something in the garden now.
func (w *world) may(name string, p community.Permission) bool {
	w.t.Helper()
	m, err := w.db.Membership(w.t.Context(), w.garden.ID, w.who[name].ID)
	w.ok(err)
	return m.May(p, w.now)
}

// thread is a post of bo's.
func (w *world) thread() *community.Post {
	w.t.Helper()
	p, err := w.posts.Publish(w.t.Context(), w.who["bo"], w.garden, posts.Draft{Title: "Beans"})
	w.ok(err)
	return p
}

// log lists the decisions of the garden, newest first.
func (w *world) log() []*community.DecisionView {
	w.t.Helper()
	list, _, err := w.mod.Log(w.t.Context(), w.who["olga"], w.garden, community.Page{Limit: 100})
	w.ok(err)
	return list
}
