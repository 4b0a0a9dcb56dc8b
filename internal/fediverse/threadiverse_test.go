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

// Somebody on another server of the threadiverse takes part in a group of
// ours, and moderates it; both sides agree on everything.
// What each of them can do is in docs/interop.md.

func TestLemmyInOurGroup(t *testing.T)    { visitUs(t, fediverse.NewLemmy(t)) }
func TestOldLemmyInOurGroup(t *testing.T) { visitUs(t, fediverse.NewOldLemmy(t)) }
func TestPieFedInOurGroup(t *testing.T)   { visitUs(t, fediverse.NewPieFed(t)) }
func TestMbinInOurGroup(t *testing.T)     { visitUs(t, fediverse.NewMbin(t)) }

func visitUs(t *testing.T, there *fediverse.Neighbour, change ...func(*federation.Options)) {
	t.Helper()
	here := server.New(t, testdb.SQLiteDSN(t), change...)
	s := &visit{n: there, ann: here.User("ann"), cem: here.User("cem"), lena: there.Account("lena"), room: here.URL + "/c/garden"}
	perform(t, there, []scene{
		{"find", s.find},
		{"follow", s.follow},
		{"post", s.post},
		{"comment", s.comment},
		{"vote", s.vote},
		{"polls", s.polls},
		{"edit", s.edit},
		{"moderate", s.moderate},
		{"be moderated", s.beModerated},
		{"report", s.report},
		{"ban", s.ban},
		{"ban from everywhere", s.banish},
		{"delete", s.delete},
		{"leave", s.leave},
	})
}

type scene struct {
	name string
	play func(*testing.T)
}

// perform plays scenes one after the other, as long as they succeed.
func perform(t *testing.T, there *fediverse.Neighbour, scenes []scene) {
	t.Helper()
	for _, s := range scenes {
		if !t.Run(s.name, s.play) {
			t.Logf("%s refused: %s", there.Software, there.Refusals())
			return
		}
	}
}

// A visit is what lena, who lives elsewhere, and people of ours do in a group
// of ours.
type visit struct {
	n        *fediverse.Neighbour
	ann, cem *server.User
	lena     *fediverse.Actor
	room     string
	follows  map[string]any

	rules, anns, cems, lenas v1.Post // as they are here
	annsAnswer, lenasAnswer  v1.Comment
}

// knows waits until the neighbour knows a post or comment in a state.
func knows(t *testing.T, n *fediverse.Neighbour, id, what string, ok func(*fediverse.Piece) bool) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		p := n.Piece(id)
		return p != nil && ok(p), map[string]any{"piece": p, "refused": n.Refusals()}
	})
}

// holds waits until the neighbour knows a group in a state.
func holds(t *testing.T, n *fediverse.Neighbour, id, what string, ok func(*fediverse.Room) bool) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		r := n.Room(id)
		if r == nil {
			return false, "no room"
		}
		c := *r
		c.Own = nil
		return ok(r), map[string]any{"room": c, "refused": n.Refusals()}
	})
}

func (s *visit) find(t *testing.T) {
	s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Rules", Body: "Be kind."}, &s.rules)
	s.ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/featured", s.rules.ID), nil, nil)
	found := s.n.Find(t, s.ann.Server.Host, "garden")
	if found.ID != s.room || found.Title != "Gardening" || !slices.Equal(found.Moderators, []string{s.ann.Server.URL + "/u/ann"}) {
		t.Errorf("found %+v", found)
	}
	if p := s.n.Piece(s.rules.URL); p == nil || !p.Featured || p.Title != "Rules" {
		t.Errorf("on top of it is %+v", p)
	}
}

func (s *visit) follow(t *testing.T) {
	s.follows = s.n.Follow(t, s.lena, s.room)
	holds(t, s.n, s.room, "the Accept", func(r *fediverse.Room) bool { return r.Members[s.lena.ID] })
	seeMembers(t, s.ann, "garden", 2)
}

func seeMembers(t *testing.T, u *server.User, group string, want int64) {
	t.Helper()
	server.Eventually(t, fmt.Sprintf("%d members", want), func() (bool, any) {
		var g v1.Group
		u.Call(t, "GET", "/groups/"+group, nil, &g)
		return g.Members == want, g.Members
	})
}

func (s *visit) post(t *testing.T) {
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who *wants* some?"}, &s.anns)
	s.cem.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Buy my watches", Link: "https://watches.test/"}, &s.cems)
	knows(t, s.n, s.anns.URL, "ann's post", func(p *fediverse.Piece) bool {
		return p.Title == "Seedlings" && strings.Contains(p.Text, "<em>wants</em>") && p.Author == s.ann.Server.URL+"/u/ann"
	})
	knows(t, s.n, s.cems.URL, "cem's post", func(p *fediverse.Piece) bool { return p.Title == "Buy my watches" })
	id := s.n.Post(t, s.lena, s.room, "Beans", "They grow")
	s.lenas = seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
	if s.lenas.Title != "Beans" || s.lenas.Body != "They grow" || s.lenas.Author.Handle != "lena@"+s.n.Host {
		t.Errorf("ann sees %+v", s.lenas)
	}
}

func (s *visit) comment(t *testing.T) {
	id := s.n.Comment(t, s.lena, s.anns.URL, "Me!")
	s.lenasAnswer = seeComment(t, s.ann, s.anns.ID, func(c v1.Comment) bool { return c.URL == id && c.Body == "Me!" })
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.anns.ID), v1.CommentDraft{Body: "Yours.", ParentID: &s.lenasAnswer.ID}, &s.annsAnswer)
	knows(t, s.n, s.annsAnswer.URL, "ann's answer", func(p *fediverse.Piece) bool { return p.Parent == id && strings.Contains(p.Text, "Yours.") })
}

func (s *visit) vote(t *testing.T) {
	like := s.n.Do(t, s.lena, as.KindLike, s.anns.URL, nil)
	seePost1(t, s.ann, s.anns.ID, "lena's vote", func(p v1.Post) bool { return p.Ups == 1 })
	s.n.Undo(t, s.lena, s.room, like)
	seePost1(t, s.ann, s.anns.ID, "the end of lena's vote", func(p v1.Post) bool { return p.Ups == 0 })
	s.n.Do(t, s.lena, as.KindDislike, s.cems.URL, nil)
	seePost1(t, s.ann, s.cems.ID, "lena's vote against", func(p v1.Post) bool { return p.Downs == 1 })

	ann := s.ann.Server.URL + "/u/ann"
	for _, value := range []int{1, -1, 0} {
		s.ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", s.lenas.ID), v1.Choice{Value: value}, nil)
		knows(t, s.n, s.lenas.URL, fmt.Sprint("ann's vote ", value), func(p *fediverse.Piece) bool { return p.Votes[ann] == value })
	}
	s.ann.Call(t, "PUT", fmt.Sprintf("/comments/%d/vote", s.lenasAnswer.ID), v1.Choice{Value: 1}, nil)
	knows(t, s.n, s.lenasAnswer.URL, "ann's vote on a comment", func(p *fediverse.Piece) bool { return p.Votes[ann] == 1 })
}

func (s *visit) edit(t *testing.T) {
	s.n.Edit(t, s.lena, s.lenas.URL, "Runner beans", "They climb")
	seePost1(t, s.ann, s.lenas.ID, "lena's edit", func(p v1.Post) bool {
		return p.Title == "Runner beans" && p.Body == "They climb" && p.EditedAt != nil
	})
	s.n.Edit(t, s.lena, s.lenasAnswer.URL, "", "Me, please!")
	seeComment(t, s.ann, s.anns.ID, func(c v1.Comment) bool { return c.ID == s.lenasAnswer.ID && c.Body == "Me, please!" })
	title, answer := "Seedlings, free", "All yours."
	s.ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.anns.ID), v1.PostChange{Title: &title}, nil)
	knows(t, s.n, s.anns.URL, "ann's edit", func(p *fediverse.Piece) bool { return p.Title == title && p.Edited })
	s.ann.Call(t, "PATCH", fmt.Sprintf("/comments/%d", s.annsAnswer.ID), v1.CommentChange{Body: &answer}, nil)
	knows(t, s.n, s.annsAnswer.URL, "ann's other edit", func(p *fediverse.Piece) bool { return strings.Contains(p.Text, answer) && p.Edited })
}

// moderate: lena becomes a moderator, and does what moderators do.
func (s *visit) moderate(t *testing.T) {
	s.ann.Call(t, "PUT", "/groups/garden/moderators/lena@"+s.n.Host, nil, nil)
	holds(t, s.n, s.room, "lena among the moderators", func(r *fediverse.Room) bool { return slices.Contains(r.Moderators, s.lena.ID) })
	see := func(what string, ok func(v1.Post) bool) {
		t.Helper()
		seePost1(t, s.ann, s.cems.ID, what, ok)
	}
	locked := s.n.Do(t, s.lena, as.KindLock, s.cems.URL, map[string]any{"summary": "Said."})
	see("lena's lock", func(p v1.Post) bool { return p.Locked })
	s.n.Undo(t, s.lena, s.room, locked)
	see("an open thread", func(p v1.Post) bool { return !p.Locked })
	s.n.Pin(t, s.lena, s.cems.URL, true)
	see("a post that lena put on top", func(p v1.Post) bool { return p.Featured })
	s.n.Pin(t, s.lena, s.cems.URL, false)
	see("a post no more on top", func(p v1.Post) bool { return !p.Featured })
	removed := s.n.Do(t, s.lena, as.KindDelete, s.cems.URL, map[string]any{"summary": "Advert"})
	see("lena's removal", func(p v1.Post) bool { return p.Removed && p.RemovedReason == "Advert" })
	if s.n.Software != "mbin" { // which never takes a removal back
		s.n.Undo(t, s.lena, s.room, removed)
		see("lena's second thoughts", func(p v1.Post) bool { return !p.Removed })
	} else {
		s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d/removal", s.cems.ID), nil, nil)
	}
	ban := s.n.Ban(t, s.lena, s.room, s.ann.Server.URL+"/u/cem", "Adverts", time.Now().Add(48*time.Hour))
	banned := func(want bool) {
		t.Helper()
		server.Eventually(t, fmt.Sprintf("cem's ban: %v", want), func() (bool, any) {
			var g v1.Group
			s.cem.Call(t, "GET", "/groups/garden", nil, &g)
			return (g.Membership != nil && g.Membership.BannedUntil != nil) == want, g.Membership
		})
	}
	banned(true)
	if status, text := s.cem.Try(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "But"}); status != http.StatusForbidden {
		t.Errorf("cem, who is banned, is answered %d: %s", status, text)
	}
	s.n.Undo(t, s.lena, s.room, ban)
	banned(false)
	s.ann.Call(t, "DELETE", "/groups/garden/moderators/lena@"+s.n.Host, nil, nil)
	holds(t, s.n, s.room, "lena no more among them", func(r *fediverse.Room) bool { return !slices.Contains(r.Moderators, s.lena.ID) })
}

// beModerated: what ann decides about lena's post is so where lena lives.
func (s *visit) beModerated(t *testing.T) {
	path := fmt.Sprintf("/posts/%d", s.lenas.ID)
	see := func(what string, ok func(*fediverse.Piece) bool) {
		t.Helper()
		knows(t, s.n, s.lenas.URL, what, ok)
	}
	s.ann.Call(t, "POST", path+"/lock", v1.Why{Reason: "Said."}, nil)
	see("ann's lock", func(p *fediverse.Piece) bool { return p.Locked })
	s.ann.Call(t, "DELETE", path+"/lock", nil, nil)
	see("an open thread", func(p *fediverse.Piece) bool { return !p.Locked })
	s.ann.Call(t, "PUT", path+"/featured", nil, nil)
	see("a post on top", func(p *fediverse.Piece) bool { return p.Featured })
	s.ann.Call(t, "DELETE", path+"/featured", nil, nil)
	see("a post no more on top", func(p *fediverse.Piece) bool { return !p.Featured })
	s.ann.Call(t, "PUT", path+"/sensitive", nil, nil)
	see("a sensitive post", func(p *fediverse.Piece) bool { return p.Sensitive && p.Title == "Runner beans" })
	s.ann.Call(t, "POST", path+"/removal", v1.Removal{Reason: "Off topic"}, nil)
	see("ann's removal", func(p *fediverse.Piece) bool { return p.Removed && p.Reason == "Off topic" })
	s.ann.Call(t, "DELETE", path+"/removal", nil, nil)
	if s.n.Software != "mbin" {
		see("ann's second thoughts", func(p *fediverse.Piece) bool { return !p.Removed })
	}
	title := "Gardening, all year"
	s.ann.Call(t, "PATCH", "/groups/garden", v1.GroupChange{Title: &title}, nil)
	holds(t, s.n, s.room, "the group's new title", func(r *fediverse.Room) bool { return r.Title == title })
}

func (s *visit) report(t *testing.T) {
	s.n.Do(t, s.lena, as.KindFlag, s.cems.URL, map[string]any{"summary": "An advert"})
	server.Eventually(t, "lena's report", func() (bool, any) {
		var list v1.List[v1.Report]
		s.ann.Call(t, "GET", "/reports", nil, &list)
		return len(list.Items) == 1 && list.Items[0].Reason == "An advert" && list.Items[0].Reporter.Handle == "lena@"+s.n.Host, list
	})
	s.cem.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", s.lenas.ID), v1.ReportDraft{Reason: "Not true"}, nil)
	server.Eventually(t, "cem's report", func() (bool, any) {
		list := s.n.Reports()
		ok := func(r fediverse.Report) bool {
			return r.Object == s.lenas.URL && r.Reason == "Not true" && r.By == s.cem.Server.URL+"/u/cem"
		}
		return slices.ContainsFunc(list, ok), list
	})
}

func (s *visit) ban(t *testing.T) {
	until := time.Now().Add(72 * time.Hour).Truncate(time.Second).UTC()
	bans := "/groups/garden/bans/lena@" + s.n.Host
	s.ann.Call(t, "PUT", bans, v1.BanDraft{Reason: "Rude", Until: &until}, nil)
	holds(t, s.n, s.room, "lena's ban", func(r *fediverse.Room) bool {
		ban, banned := r.Banned[s.lena.ID]
		return banned && ban.Reason == "Rude" && ban.Until.Equal(until)
	})
	s.ann.Call(t, "DELETE", bans, nil, nil)
	holds(t, s.n, s.room, "lena's return", func(r *fediverse.Room) bool { _, banned := r.Banned[s.lena.ID]; return !banned })
	s.ann.Call(t, "PUT", bans, v1.BanDraft{Reason: "Again"}, nil)
	holds(t, s.n, s.room, "lena's ban for good", func(r *fediverse.Room) bool {
		ban, banned := r.Banned[s.lena.ID]
		return banned && ban.Until.IsZero()
	})
	s.ann.Call(t, "DELETE", bans, nil, nil)
	holds(t, s.n, s.room, "lena's second return", func(r *fediverse.Room) bool { _, banned := r.Banned[s.lena.ID]; return !banned })
}

// banish: each server bans lena from the whole of it, and thinks better of it.
func (s *visit) banish(t *testing.T) {
	site, path := s.ann.Server.URL+"/", "/bans/lena@"+s.n.Host
	s.ann.Call(t, "PUT", path, v1.BanDraft{Reason: "Spam"}, nil)
	if s.n.Software == "mbin" { // which hears of its own server's bans only
		server.Eventually(t, "the ban to be dropped", func() (bool, any) {
			list := s.n.Dropped()
			return slices.ContainsFunc(list, func(what string) bool { return strings.HasPrefix(what, as.KindBlock) }), list
		})
		s.ann.Call(t, "DELETE", path, nil, nil)
		return
	}
	server.Eventually(t, "lena's ban from our server", func() (bool, any) {
		ban, ok := s.n.Outcast(site, s.lena.ID)
		return ok && ban.Reason == "Spam" && ban.Until.IsZero(), s.n.Refusals()
	})
	s.ann.Call(t, "DELETE", path, nil, nil)
	server.Eventually(t, "lena's return to our server", func() (bool, any) {
		_, ok := s.n.Outcast(site, s.lena.ID)
		return !ok, s.n.Refusals()
	})
	// Her own server takes everything down that she wrote, wherever that is.
	admin := s.n.Account("admin")
	ban := s.n.Banish(t, admin, s.lena.ID, "Spam")
	seePost1(t, s.ann, s.lenas.ID, "the end of everything by lena", func(p v1.Post) bool { return p.Removed })
	s.n.Readmit(t, admin, ban)
	seePost1(t, s.ann, s.lenas.ID, "lena's return", func(p v1.Post) bool { return !p.Removed && p.Title == "Runner beans" })
}

func (s *visit) delete(t *testing.T) {
	s.n.Do(t, s.lena, as.KindDelete, s.lenasAnswer.URL, nil)
	seeComment(t, s.ann, s.anns.ID, func(c v1.Comment) bool { return c.ID == s.lenasAnswer.ID && c.Deleted && c.Body == "" })
	s.n.Do(t, s.lena, as.KindDelete, s.lenas.URL, nil)
	seePost1(t, s.ann, s.lenas.ID, "the end of lena's post", func(p v1.Post) bool { return p.Deleted })
	s.ann.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.annsAnswer.ID), nil, nil)
	knows(t, s.n, s.annsAnswer.URL, "the end of ann's answer", func(p *fediverse.Piece) bool { return p.Deleted })
	s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.anns.ID), nil, nil)
	knows(t, s.n, s.anns.URL, "the end of ann's post", func(p *fediverse.Piece) bool { return p.Deleted })
}

func (s *visit) leave(t *testing.T) {
	s.n.Leave(t, s.lena, s.room, s.follows)
	var members int64 = 2 // ann, and cem, who posted
	var g v1.Group
	s.cem.Call(t, "GET", "/groups/garden", nil, &g)
	if g.Membership == nil || g.Membership.Role == community.Owner {
		members = 1
	}
	seeMembers(t, s.ann, "garden", members)
}
