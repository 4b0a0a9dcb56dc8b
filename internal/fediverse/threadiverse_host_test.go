package fediverse_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody of ours takes part in a group on another server of the
// threadiverse, which announces what happens by its own habits, and moderates
// it; both sides agree on everything.

func TestOurPeopleOnLemmy(t *testing.T)    { visitThem(t, fediverse.NewLemmy(t)) }
func TestOurPeopleOnOldLemmy(t *testing.T) { visitThem(t, fediverse.NewOldLemmy(t)) }
func TestOurPeopleOnPieFed(t *testing.T)   { visitThem(t, fediverse.NewPieFed(t)) }
func TestOurPeopleOnMbin(t *testing.T)     { visitThem(t, fediverse.NewMbin(t)) }

func visitThem(t *testing.T, there *fediverse.Neighbour, change ...func(*federation.Options)) {
	t.Helper()
	here := server.New(t, testdb.SQLiteDSN(t), change...)
	nora := there.Account("nora")
	s := &guest{n: there, nora: nora, otto: there.Account("otto"), birds: there.Community("birds", nora), bob: here.User("bob")}
	s.room, s.there = s.birds.ID, "birds@"+there.Host
	perform(t, there, []scene{
		{"find", s.find},
		{"follow", s.follow},
		{"post", s.post},
		{"comment", s.comment},
		{"vote", s.vote},
		{"polls", s.polls},
		{"edit", s.edit},
		{"be moderated", s.beModerated},
		{"moderate", s.moderate},
		{"report", s.report},
		{"ban", s.ban},
		{"delete", s.delete},
		{"leave", s.leave},
	})
}

// A guest is bob, one of ours, in a group that nora has elsewhere, where otto
// is a member.
type guest struct {
	n          *fediverse.Neighbour
	nora, otto *fediverse.Actor
	birds      *fediverse.Actor
	room       string // its id
	there      string // its name, as bob writes it
	bob        *server.User

	welcome, noras, ottos, bobs v1.Post // as they are here
	norasAnswer, bobsAnswer     v1.Comment
}

func (s *guest) me() string { return s.bob.Server.URL + "/u/bob" }

func (s *guest) list() string { return "/groups/" + s.there + "/posts" }

func (s *guest) find(t *testing.T) {
	id := s.n.Post(t, s.nora, s.room, "Welcome", "Feathers only")
	s.n.Pin(t, s.nora, id, true)
	var found v1.Resolved
	s.bob.Call(t, "GET", "/resolve?q=!"+s.there, nil, &found)
	if found.Kind != "group" || found.Group.URL != s.room {
		t.Fatalf("resolved to %+v", found)
	}
	s.bob.Call(t, "GET", "/groups/"+s.there, nil, nil) // to look at it is to have it read
	s.welcome = seePost(t, s.bob, s.list(), func(p v1.Post) bool { return p.URL == id && p.Featured })
	if s.welcome.Title != "Welcome" || s.welcome.Body != "Feathers only" || s.welcome.Author.Handle != "nora@"+s.n.Host {
		t.Errorf("bob sees %+v", s.welcome)
	}
}

func (s *guest) follow(t *testing.T) {
	s.bob.Call(t, "PUT", "/groups/"+s.there+"/membership", nil, nil)
	s.member(t, "the Accept", func(m *v1.Membership) bool { return m != nil && m.State == community.Accepted })
	holds(t, s.n, s.room, "bob's Follow", func(r *fediverse.Room) bool { return r.Followers[s.me()] != "" })
}

// member waits until bob sees a membership.
func (s *guest) member(t *testing.T, what string, ok func(*v1.Membership) bool) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		var g v1.Group
		s.bob.Call(t, "GET", "/groups/"+s.there, nil, &g)
		return ok(g.Membership), map[string]any{"membership": g.Membership, "refused": s.n.Refusals()}
	})
}

func (s *guest) post(t *testing.T) {
	id := s.n.Post(t, s.nora, s.room, "Owls", "Two of them")
	s.noras = seePost(t, s.bob, s.list(), func(p v1.Post) bool { return p.URL == id })
	if s.noras.Title != "Owls" || s.noras.Body != "Two of them" {
		t.Errorf("bob sees %+v", s.noras)
	}
	id = s.n.Post(t, s.otto, s.room, "Cats", "One of them")
	s.ottos = seePost(t, s.bob, s.list(), func(p v1.Post) bool { return p.URL == id })
	s.bob.Call(t, "POST", s.list(), v1.PostDraft{Title: "A robin", Body: "Such a *red* one"}, &s.bobs)
	knows(t, s.n, s.bobs.URL, "bob's post", func(p *fediverse.Piece) bool {
		return p.Title == "A robin" && strings.Contains(p.Text, "<em>red</em>") && p.Author == s.me()
	})
}

func (s *guest) comment(t *testing.T) {
	id := s.n.Comment(t, s.nora, s.bobs.URL, "Lovely")
	s.norasAnswer = seeComment(t, s.bob, s.bobs.ID, func(c v1.Comment) bool { return c.URL == id && c.Body == "Lovely" })
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.bobs.ID), v1.CommentDraft{Body: "Is it?", ParentID: &s.norasAnswer.ID}, &s.bobsAnswer)
	knows(t, s.n, s.bobsAnswer.URL, "bob's answer", func(p *fediverse.Piece) bool { return p.Parent == id })
}

func (s *guest) vote(t *testing.T) {
	pass := func() {
		if s.n.Software == "piefed" {
			s.n.PassVotes(s.birds)
		}
	}
	like := s.n.Do(t, s.nora, as.KindLike, s.bobs.URL, nil)
	s.n.Do(t, s.otto, as.KindLike, s.bobs.URL, nil)
	down := as.KindDislike
	if s.n.Software == "mbin" { // which does not send them
		down = as.KindLike
	}
	s.n.Do(t, s.nora, down, s.ottos.URL, nil)
	pass()
	seePost1(t, s.bob, s.bobs.ID, "two votes", func(p v1.Post) bool { return p.Ups == 2 })
	seePost1(t, s.bob, s.ottos.ID, "nora's vote", func(p v1.Post) bool { return p.Ups+p.Downs == 1 && (p.Downs == 1) == (down == as.KindDislike) })
	s.n.Undo(t, s.nora, s.room, like)
	seePost1(t, s.bob, s.bobs.ID, "the end of nora's vote", func(p v1.Post) bool { return p.Ups == 1 })
	for _, value := range []int{1, -1, 0} {
		s.bob.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", s.noras.ID), v1.Choice{Value: value}, nil)
		knows(t, s.n, s.noras.URL, fmt.Sprint("bob's vote ", value), func(p *fediverse.Piece) bool { return p.Votes[s.me()] == value })
	}
}

func (s *guest) edit(t *testing.T) {
	s.n.Edit(t, s.nora, s.noras.URL, "Three owls", "And an egg")
	seePost1(t, s.bob, s.noras.ID, "nora's edit", func(p v1.Post) bool { return p.Title == "Three owls" && p.Body == "And an egg" })
	s.n.Edit(t, s.nora, s.norasAnswer.URL, "", "Lovely, lovely")
	seeComment(t, s.bob, s.bobs.ID, func(c v1.Comment) bool { return c.ID == s.norasAnswer.ID && c.Body == "Lovely, lovely" })
	title, answer := "Two robins", "It is."
	s.bob.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.bobs.ID), v1.PostChange{Title: &title}, nil)
	knows(t, s.n, s.bobs.URL, "bob's edit", func(p *fediverse.Piece) bool { return p.Title == title && p.Edited })
	s.bob.Call(t, "PATCH", fmt.Sprintf("/comments/%d", s.bobsAnswer.ID), v1.CommentChange{Body: &answer}, nil)
	knows(t, s.n, s.bobsAnswer.URL, "bob's other edit", func(p *fediverse.Piece) bool { return strings.Contains(p.Text, answer) && p.Edited })
}

// beModerated: what nora decides about bob's post is so on his server.
func (s *guest) beModerated(t *testing.T) {
	see := func(what string, ok func(v1.Post) bool) {
		t.Helper()
		seePost1(t, s.bob, s.bobs.ID, what, ok)
	}
	lock := s.n.Do(t, s.nora, as.KindLock, s.bobs.URL, nil)
	see("nora's lock", func(p v1.Post) bool { return p.Locked })
	s.n.Undo(t, s.nora, s.room, lock)
	see("an open thread", func(p v1.Post) bool { return !p.Locked })
	s.n.Pin(t, s.nora, s.bobs.URL, true)
	see("a post on top", func(p v1.Post) bool { return p.Featured })
	s.n.Pin(t, s.nora, s.bobs.URL, false)
	see("a post no more on top", func(p v1.Post) bool { return !p.Featured })
	if s.n.Software == "mbin" { // whose moderators cannot take a removal back
		return
	}
	removal := s.n.Do(t, s.nora, as.KindDelete, s.bobs.URL, map[string]any{"summary": "Not a bird"})
	see("nora's removal", func(p v1.Post) bool { return p.Removed && p.RemovedReason == "Not a bird" })
	s.n.Undo(t, s.nora, s.room, removal)
	see("nora's second thoughts", func(p v1.Post) bool { return !p.Removed && p.Title == "Two robins" })
}

// moderate: bob becomes a moderator there, and what he decides is so there.
func (s *guest) moderate(t *testing.T) {
	s.n.Promote(t, s.nora, s.room, s.me(), true)
	s.member(t, "bob's part", func(m *v1.Membership) bool { return m != nil && m.Role == community.Moderator })
	path := fmt.Sprintf("/posts/%d", s.ottos.ID)
	see := func(what string, ok func(*fediverse.Piece) bool) {
		t.Helper()
		knows(t, s.n, s.ottos.URL, what, ok)
	}
	s.bob.Call(t, "POST", path+"/lock", v1.Why{Reason: "Cats"}, nil)
	see("bob's lock", func(p *fediverse.Piece) bool { return p.Locked })
	s.bob.Call(t, "DELETE", path+"/lock", nil, nil)
	see("an open thread", func(p *fediverse.Piece) bool { return !p.Locked })
	s.bob.Call(t, "PUT", path+"/featured", nil, nil)
	see("a post that bob put on top", func(p *fediverse.Piece) bool { return p.Featured })
	s.bob.Call(t, "DELETE", path+"/featured", nil, nil)
	see("a post no more on top", func(p *fediverse.Piece) bool { return !p.Featured })
	s.bob.Call(t, "PUT", path+"/sensitive", nil, nil)
	see("a sensitive post", func(p *fediverse.Piece) bool { return p.Sensitive })
	s.bob.Call(t, "POST", path+"/removal", v1.Removal{Reason: "A cat"}, nil)
	see("bob's removal", func(p *fediverse.Piece) bool { return p.Removed && p.Reason == "A cat" })
	s.bob.Call(t, "DELETE", path+"/removal", nil, nil)
	if s.n.Software != "mbin" {
		see("bob's second thoughts", func(p *fediverse.Piece) bool { return !p.Removed })
	}
	until := time.Now().Add(48 * time.Hour).Truncate(time.Second).UTC()
	bans := "/groups/" + s.there + "/bans/otto@" + s.n.Host
	s.bob.Call(t, "PUT", bans, v1.BanDraft{Reason: "Cats", Until: &until}, nil)
	holds(t, s.n, s.room, "otto's ban", func(r *fediverse.Room) bool {
		ban := r.Banned[s.otto.ID]
		return ban.By == s.me() && ban.Reason == "Cats" && ban.Until.Equal(until)
	})
	s.bob.Call(t, "DELETE", bans, nil, nil)
	holds(t, s.n, s.room, "otto's return", func(r *fediverse.Room) bool { _, banned := r.Banned[s.otto.ID]; return !banned })
	mods := "/groups/" + s.there + "/moderators/otto@" + s.n.Host
	s.bob.Call(t, "PUT", mods, nil, nil)
	holds(t, s.n, s.room, "otto among the moderators", func(r *fediverse.Room) bool { return slices.Contains(r.Moderators, s.otto.ID) })
	s.n.Promote(t, s.nora, s.room, s.me(), false)
	s.member(t, "bob's part to end", func(m *v1.Membership) bool { return m != nil && m.Role == community.Member })
}

func (s *guest) report(t *testing.T) {
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", s.ottos.ID), v1.ReportDraft{Reason: "It is a cat"}, nil)
	server.Eventually(t, "bob's report", func() (bool, any) {
		list := s.n.Reports()
		return len(list) == 1 && list[0].Object == s.ottos.URL && list[0].Reason == "It is a cat" && list[0].By == s.me(), list
	})
}

func (s *guest) ban(t *testing.T) {
	ban := s.n.Ban(t, s.nora, s.room, s.me(), "Rude", time.Now().Add(72*time.Hour))
	s.member(t, "bob's ban", func(m *v1.Membership) bool { return m != nil && m.BannedUntil != nil && m.BanReason == "Rude" })
	if status, text := s.bob.Try(t, "POST", s.list(), v1.PostDraft{Title: "But"}); status != http.StatusForbidden {
		t.Errorf("bob, who is banned, is answered %d: %s", status, text)
	}
	s.n.Undo(t, s.nora, s.room, ban)
	s.member(t, "bob's return", func(m *v1.Membership) bool { return m != nil && m.BannedUntil == nil })
}

func (s *guest) delete(t *testing.T) {
	s.n.Do(t, s.nora, as.KindDelete, s.norasAnswer.URL, nil)
	seeComment(t, s.bob, s.bobs.ID, func(c v1.Comment) bool { return c.ID == s.norasAnswer.ID && c.Deleted && c.Body == "" })
	s.n.Do(t, s.nora, as.KindDelete, s.noras.URL, nil)
	seePost1(t, s.bob, s.noras.ID, "the end of nora's post", func(p v1.Post) bool { return p.Deleted })
	s.bob.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.bobsAnswer.ID), nil, nil)
	knows(t, s.n, s.bobsAnswer.URL, "the end of bob's answer", func(p *fediverse.Piece) bool { return p.Deleted })
	s.bob.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.bobs.ID), nil, nil)
	knows(t, s.n, s.bobs.URL, "the end of bob's post", func(p *fediverse.Piece) bool { return p.Deleted })
}

func (s *guest) leave(t *testing.T) {
	s.bob.Call(t, "DELETE", "/groups/"+s.there+"/membership", nil, nil)
	holds(t, s.n, s.room, "bob's leaving", func(r *fediverse.Room) bool { return r.Followers[s.me()] == "" })
}
