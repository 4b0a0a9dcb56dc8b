package posts_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A world is a group, its moderator, and people in and outside it.
type world struct {
	db                   *storage.DB
	posts                *posts.Service
	moderation           *moderation.Service
	garden               *community.Actor
	mod, ada, bo, remote *community.Actor
}

func newWorld(t testing.TB, db *storage.DB) *world {
	t.Helper()
	w := &world{db: db, posts: &posts.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return noon }}}
	w.moderation = &moderation.Service{DB: db, Now: w.posts.Now}
	w.garden = w.actor(t, community.GroupKind, "garden", "")
	w.mod, w.ada, w.bo = w.actor(t, community.Person, "mod", ""), w.actor(t, community.Person, "ada", ""), w.actor(t, community.Person, "bo", "")
	w.remote = w.actor(t, community.Person, "rem", "far.test")
	w.member(t, w.mod, community.Moderator, time.Time{})
	return w
}

func (w *world) actor(t testing.TB, kind community.ActorKind, name, host string) *community.Actor {
	t.Helper()
	origin := "https://here.test/"
	if host != "" {
		origin = "https://" + host + "/"
	}
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: origin + name, CreatedAt: noon, UpdatedAt: noon}
	if err := w.db.AddActor(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (w *world) member(t testing.TB, who *community.Actor, role community.Role, banned time.Time) {
	t.Helper()
	err := w.db.SaveMembership(t.Context(), &community.Membership{
		GroupID: w.garden.ID, ActorID: who.ID, Role: role, State: community.Accepted, BannedUntil: banned, CreatedAt: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) publish(t testing.TB, by *community.Actor, title string) *community.Post {
	t.Helper()
	p, err := w.posts.Publish(t.Context(), by, w.garden, posts.Draft{Title: title, Body: "Some *words*."})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) answer(t testing.TB, by *community.Actor, post *community.Post, parent community.CommentID) *community.Comment {
	t.Helper()
	c, err := w.posts.Comment(t.Context(), by, post.ID, parent, posts.Draft{Body: "An answer."})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func draft(body string) posts.Draft { return posts.Draft{Body: body} }

// facts returns the kinds of everything that was recorded, in order.
func (w *world) facts(t testing.TB) []community.FactKind {
	t.Helper()
	if err := w.db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := w.db.Facts(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []community.FactKind
	for _, f := range list {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}
