package reports_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/service/notifications"
	"drystone/service/reports"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A world is the group garden, which mod and mow moderate and in which ada
// wrote a post and bo answered it; cats is a group elsewhere, in which ada and
// rem wrote. boss administers the server, and zoe has nothing to do with any
// of it.
type world struct {
	t       testing.TB
	db      *storage.DB
	reports *reports.Service
	notes   *notifications.Service
	now     time.Time

	garden, cats                             *community.Actor
	mod, mow, ada, bo, zoe, boss, rem, masto *community.Actor
	post, remote, adas                       *community.Post
	comment                                  *community.Comment
	accounts                                 map[community.ActorID]*community.Account
	read                                     community.FactID
}

func newWorld(t testing.TB, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, now: noon, accounts: map[community.ActorID]*community.Account{}}
	clock := func() time.Time { return w.now }
	w.reports = &reports.Service{DB: db, Origin: "https://here.test", Now: clock}
	w.notes = &notifications.Service{DB: db, Now: clock}
	w.garden, w.cats = w.actor(community.GroupKind, "garden", ""), w.actor(community.GroupKind, "cats", "far.test")
	w.mod, w.mow, w.ada = w.actor(community.Person, "mod", ""), w.actor(community.Person, "mow", ""), w.actor(community.Person, "ada", "")
	w.bo, w.zoe, w.boss = w.actor(community.Person, "bo", ""), w.actor(community.Person, "zoe", ""), w.actor(community.Person, "boss", "")
	w.rem, w.masto = w.actor(community.Person, "rem", "far.test"), w.actor(community.Application, "masto.test", "masto.test")
	w.member(w.garden, w.mod, community.Owner)
	w.member(w.garden, w.mow, community.Moderator)
	w.member(w.garden, w.ada, community.Member)
	w.post, w.adas, w.remote = w.publish(w.ada, w.garden), w.publish(w.ada, w.cats), w.publish(w.rem, w.cats)
	w.comment = &community.Comment{PostID: w.post.ID, AuthorID: w.bo.ID, GroupID: w.garden.ID, Body: "No.", HTML: "<p>No.</p>", CreatedAt: noon, ArrivedAt: noon}
	w.check(db.AddComment(t.Context(), w.comment, nil, "https://here.test/comment/"))
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused wants an error with a code.
func (w *world) refused(err error, code fault.Code) {
	w.t.Helper()
	if got := fault.CodeOf(err); got != code {
		w.t.Errorf("the error is %v (%q), want the code %q", err, got, code)
	}
}

// hidden wants an error that does not tell what is hidden from what is absent.
func (w *world) hidden(err, absent error) {
	w.t.Helper()
	w.refused(err, fault.NotFound)
	a, _ := fault.As(absent)
	if b, ok := fault.As(err); !ok || a.Message != b.Message {
		w.t.Errorf("what is hidden (%v) is told from what does not exist (%v)", err, absent)
	}
}

func (w *world) actor(kind community.ActorKind, name, host string) *community.Actor {
	w.t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://here.test/" + name, CreatedAt: noon, UpdatedAt: noon}
	if host != "" {
		a.IRI = "https://" + host + "/" + name
	}
	w.check(w.db.AddActor(w.t.Context(), a))
	if host == "" && kind == community.Person {
		account := &community.Account{ActorID: a.ID, Admin: name == "boss", CreatedAt: noon}
		w.check(w.db.AddAccount(w.t.Context(), account))
		w.accounts[a.ID] = account
	}
	return a
}

func (w *world) member(group, who *community.Actor, role community.Role) {
	w.t.Helper()
	w.check(w.db.SaveMembership(w.t.Context(), &community.Membership{
		GroupID: group.ID, ActorID: who.ID, Role: role, State: community.Accepted, CreatedAt: noon,
	}))
}

func (w *world) publish(by, group *community.Actor) *community.Post {
	w.t.Helper()
	p := &community.Post{
		GroupID: group.ID, AuthorID: by.ID, Kind: community.TextPost, Title: "Beans", Body: "Runner beans.", HTML: "<p>Runner beans.</p>",
		Local: group.Local(), CreatedAt: noon, ArrivedAt: noon,
	}
	w.check(w.db.AddPost(w.t.Context(), p, "https://here.test/post/"))
	return p
}

// file reports a subject to the moderators.
func (w *world) file(by *community.Actor, subject community.Subject) *community.Report {
	w.t.Helper()
	r, err := w.reports.File(w.t.Context(), by, subject, reports.Draft{Reason: "It is spam", Scope: community.ToModerators})
	w.check(err)
	return r
}

func person(a *community.Actor) community.Subject {
	return community.Subject{Kind: community.SubjectActor, ID: int64(a.ID)}
}

// list returns the ids of the reports that reader sees in a list.
func (w *world) list(reader *community.Actor, of community.ReportsOf, state community.ReportState) []community.ReportID {
	w.t.Helper()
	views, _, err := w.reports.List(w.t.Context(), reader, community.ReportQuery{Of: of, State: state, Page: community.Page{Limit: 50}})
	w.check(err)
	var ids []community.ReportID
	for _, v := range views {
		ids = append(ids, v.ID)
	}
	return ids
}

// told reads the facts since it was last asked and returns who has which
// notifications now, newest first.
func (w *world) told(who *community.Actor) []*community.NotificationView {
	w.t.Helper()
	ctx := w.t.Context()
	w.check(w.db.NumberFacts(ctx))
	facts, err := w.db.Facts(ctx, w.read, 1000)
	w.check(err)
	w.check(w.notes.Read(ctx, w.db, facts))
	if len(facts) > 0 {
		w.read = facts[len(facts)-1].ID
	}
	list, _, err := w.notes.List(ctx, w.accounts[who.ID], community.NoticeQuery{Page: community.Page{Limit: 50}})
	w.check(err)
	return list
}

// facts returns the kinds of everything that was recorded, in order.
func (w *world) facts() []community.FactKind {
	w.t.Helper()
	w.check(w.db.NumberFacts(w.t.Context()))
	list, err := w.db.Facts(w.t.Context(), 0, 1000)
	w.check(err)
	var kinds []community.FactKind
	for _, f := range list {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}
