package fediverse_test

import (
	"net/http"
	"slices"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
)

// ask begins a poll.
func ask(t *testing.T, who *server.User, group, title string, options ...string) (p v1.Post) {
	t.Helper()
	who.Call(t, "POST", "/groups/"+group+"/posts", v1.PostDraft{Title: title, Body: "It is *cold*.", Poll: &v1.PollDraft{Options: options}}, &p)
	return p
}

// tells waits until a neighbour has a poll with so many votes for each option.
func tells(t *testing.T, n *fediverse.Neighbour, id, what string, want ...int64) {
	t.Helper()
	knows(t, n, id, what, func(p *fediverse.Piece) bool {
		return p.Poll != nil && slices.EqualFunc(p.Poll.Options, want, func(o fediverse.Option, votes int64) bool { return o.Votes == votes })
	})
}

// polls: what is asked on one side is answered on the other, and both count
// the same. Lemmy is sent none, and would refuse it; Mbin sends none.
func (s *visit) polls(t *testing.T) {
	asked := ask(t, s.ann, "garden", "When do we sow?", "March", "April <3")
	if s.n.Software == "lemmy" {
		return
	}
	tells(t, s.n, asked.URL, "ann's poll", 0, 0)
	choose(t, s.cem, asked, 0)
	tells(t, s.n, asked.URL, "cem's vote", 1, 0)
	if s.n.Software == "mbin" {
		return
	}
	s.n.Choose(t, s.lena, asked.URL, "April <3")
	counts(t, s.ann, asked.ID, 2, 1, 1)
	s.n.Ballot(t, s.n.Account("leo"), asked.URL, "April <3")
	if p := counts(t, s.ann, asked.ID, 3, 1, 2); p.EditedAt != nil {
		t.Errorf("counts make it look edited, at %s", p.EditedAt)
	}
	tells(t, s.n, asked.URL, "all votes", 1, 2)

	id := s.n.Ask(t, s.lena, s.room, "Which beans?", "To eat", "Runner", "Broad")
	seen := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
	if seen.Kind != "poll" || seen.Title != "Which beans?" || seen.Body != "To eat" || seen.HTML != "<p>To eat</p>\n" || !seen.Poll.CanVote {
		t.Errorf("ann sees %+v", seen)
	}
	choose(t, s.ann, seen, 1)
	tells(t, s.n, id, "ann's vote", 0, 1)
	counts(t, s.cem, seen.ID, 1, 0, 1)
	s.n.Choose(t, s.n.Account("liv"), id, "Runner")
	if p := counts(t, s.ann, seen.ID, 2, 1, 1); p.EditedAt != nil || !p.Poll.Options[1].Mine || p.Poll.CanVote {
		t.Errorf("in the end ann sees %+v", p)
	}
	s.acrossServers(t, id, seen)
}

// acrossServers: who lives on a third server votes in lena's poll. That
// server's PieFed tells our group, which tells lena's server.
func (s *visit) acrossServers(t *testing.T, id string, seen v1.Post) {
	t.Helper()
	third := fediverse.NewPieFed(t)
	third.Find(t, s.ann.Server.Host, "garden")
	tom := third.Account("tom")
	follows := third.Follow(t, tom, s.room)
	holds(t, third, s.room, "the Accept", func(r *fediverse.Room) bool { return r.Members[tom.ID] })
	choose(t, s.cem, seen, 0)
	tells(t, third, id, "the poll", 2, 1)
	third.Choose(t, tom, id, "Broad")
	tells(t, s.n, id, "tom's vote", 2, 2)
	counts(t, s.ann, seen.ID, 4, 2, 2)
	tells(t, third, id, "the counts", 2, 2)
	third.Leave(t, tom, s.room, follows)
}

// polls: the same in a group there. In one on Lemmy nobody can ask.
func (s *guest) polls(t *testing.T) {
	if s.n.Software == "lemmy" {
		draft := v1.PostDraft{Title: "Which?", Poll: &v1.PollDraft{Options: []string{"Owl", "Robin"}}}
		if status, text := s.bob.Try(t, "POST", s.list(), draft); status != http.StatusUnprocessableEntity {
			t.Errorf("bob, who asks on a Lemmy, is answered %d: %s", status, text)
		}
		return
	}
	asked := ask(t, s.bob, s.there, "Which is it?", "Owl", "Robin")
	tells(t, s.n, asked.URL, "bob's poll", 0, 0)
	choose(t, s.bob, asked, 1)
	tells(t, s.n, asked.URL, "bob's own vote", 0, 1)
	if s.n.Software == "mbin" {
		return
	}
	s.n.Choose(t, s.otto, asked.URL, "Owl") // which the group announces
	counts(t, s.bob, asked.ID, 2, 1, 1)
	s.n.Ballot(t, s.nora, asked.URL, "Robin")
	counts(t, s.bob, asked.ID, 3, 1, 2)
	tells(t, s.n, asked.URL, "all votes", 1, 2)

	id := s.n.Ask(t, s.nora, s.room, "How many?", "Eggs, that is", "One", "Two")
	seen := seePost(t, s.bob, s.list(), func(p v1.Post) bool { return p.URL == id })
	if seen.Kind != "poll" || seen.Title != "How many?" || seen.Body != "Eggs, that is" || !seen.Poll.CanVote {
		t.Errorf("bob sees %+v", seen)
	}
	s.n.Choose(t, s.otto, id, "One")
	counts(t, s.bob, seen.ID, 1, 1, 0)
	choose(t, s.bob, seen, 1)
	tells(t, s.n, id, "bob's vote", 1, 1)
	if p := counts(t, s.bob, seen.ID, 2, 1, 1); p.EditedAt != nil || p.Poll.CanVote {
		t.Errorf("in the end bob sees %+v", p)
	}
}
