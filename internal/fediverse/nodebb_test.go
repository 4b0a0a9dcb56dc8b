package fediverse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A fake NodeBB, whose people take part in a group of ours, and ours in a
// category of it. What it can and cannot do is in docs/interop.md.
func TestNodeBB(t *testing.T) {
	withNodeBB(t, server.New(t, testdb.PostgresDSN(t)))
}

// The same where we show nothing to whoever does not sign: NodeBB fetches
// keys without signing, and looks at what it will read with a HEAD.
func TestNodeBBAndAuthorizedFetch(t *testing.T) {
	withNodeBB(t, server.New(t, testdb.SQLiteDSN(t), func(o *federation.Options) { o.AuthorizedFetch = true }))
}

func withNodeBB(t *testing.T, home *server.Server) {
	t.Helper()
	n := fediverse.NewNodeBB(t)
	s := &forumStory{home: home, n: n, ann: home.User("ann"), bob: home.User("bob"), nina: n.User(2, "nina"), cem: n.User(3, "cem")}
	s.birds = n.Category(7, "birds", s.nina)
	s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	for _, scene := range []struct {
		name string
		play func(*testing.T)
	}{
		{"our group", s.join},
		{"posts in it", s.posts},
		{"comments", s.comments},
		{"votes", s.votes},
		{"edits", s.edits},
		{"reports", s.report},
		{"moderation", s.moderate},
		{"a ban", s.ban},
		{"deletions", s.deletions},
		{"leaving", s.leave},
		{"their category", s.joinCategory},
		{"topics in it", s.topics},
		{"replies", s.replies},
		{"votes there", s.votesThere},
		{"edits there", s.editsThere},
		{"moderation there", s.moderateThere},
		{"deletions there", s.deletionsThere},
		{"leaving it", s.leaveCategory},
	} {
		n.HangUp() // NodeBB closes connections that are idle for 5 seconds
		if !t.Run(scene.name, scene.play) {
			return
		}
	}
}

// A forumStory is what people here and on a NodeBB do.
type forumStory struct {
	home      *server.Server
	n         *fediverse.NodeBB
	ann, bob  *server.User
	nina, cem *fediverse.ForumUser
	birds     *fediverse.Actor
	garden    string // our group's id
	there     string // their category, as bob writes it

	annsPost, bobsPost v1.Post // in our group
	ninasTopic         string
	ninasCopy          v1.Post // of it, here
	annsComment        v1.Comment
	ninasReply         string

	topic, reply string // of nina, in birds
	topicCopy    v1.Post
	bobsTopic    v1.Post // of bob, in birds
	bobsReply    v1.Comment
}

// has waits until the forum has a post in a state.
func (s *forumStory) has(t *testing.T, what, iri string, is func(*fediverse.ForumPost) bool) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		post := s.n.Post(iri)
		return post != nil && is(post), []any{post, s.n.Refusals()}
	})
}

func (s *forumStory) scores(t *testing.T, what, iri string, want int) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) { return s.n.Score(iri) == want, []any{s.n.Score(iri), s.n.Refusals()} })
}

func (s *forumStory) join(t *testing.T) {
	s.garden = s.n.Resolve(t, "garden@"+s.home.Host)
	s.nina.Join(t, s.garden)
	server.Eventually(t, "nina's membership", func() (bool, any) {
		return s.n.Joined(s.nina, s.garden) == "accepted", s.n.Refusals()
	})
	members(t, s.ann, 2)
}

func (s *forumStory) posts(t *testing.T) {
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who *wants* some?"}, &s.annsPost)
	s.has(t, "ann's post", s.annsPost.URL, func(p *fediverse.ForumPost) bool {
		return p.Title == "Seedlings" && strings.Contains(p.Content, "<em>wants</em>") && p.Category == s.garden
	})
	s.bob.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Adverts"}, &s.bobsPost)
	s.has(t, "bob's post", s.bobsPost.URL, func(p *fediverse.ForumPost) bool { return p.Title == "Adverts" })
	s.ninasTopic = s.nina.Topic(t, s.garden, "Compost", "What goes in.")
	s.ninasCopy = seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "Compost" })
	if s.ninasCopy.Body != "What goes in." || s.ninasCopy.Author.Handle != "nina@"+s.n.Host || s.ninasCopy.URL != s.ninasTopic {
		t.Errorf("ann sees %+v", s.ninasCopy)
	}
}

func (s *forumStory) comments(t *testing.T) {
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.ninasCopy.ID), v1.CommentDraft{Body: "Peel?"}, &s.annsComment)
	s.has(t, "ann's comment", s.annsComment.URL, func(p *fediverse.ForumPost) bool {
		return p.Parent == s.ninasTopic && p.Title == "" && strings.Contains(p.Content, "Peel?")
	})
	s.ninasReply = s.nina.Reply(t, s.annsComment.URL, "Peel.")
	got := seeComment(t, s.ann, s.ninasCopy.ID, func(c v1.Comment) bool { return c.URL == s.ninasReply })
	if got.ParentID == nil || *got.ParentID != s.annsComment.ID || got.Body != "Peel." {
		t.Errorf("ann sees %+v", got)
	}
}

func (s *forumStory) votes(t *testing.T) {
	was := getPost(t, s.ann, s.annsPost.ID).Ups
	s.nina.Like(t, s.annsPost.URL)
	seePost1(t, s.ann, s.annsPost.ID, "nina's vote", func(p v1.Post) bool { return p.Ups == was+1 })
	s.nina.Unlike(t, s.annsPost.URL)
	seePost1(t, s.ann, s.annsPost.ID, "its end", func(p v1.Post) bool { return p.Ups == was })
	path := fmt.Sprintf("/posts/%d/vote", s.ninasCopy.ID)
	for _, step := range []struct{ choice, score int }{{1, 1}, {-1, -1}, {0, 0}} {
		s.ann.Call(t, "PUT", path, v1.Choice{Value: step.choice}, nil)
		s.scores(t, fmt.Sprint("ann's vote of ", step.choice), s.ninasTopic, step.score)
	}
}

func (s *forumStory) edits(t *testing.T) {
	title, body := "Seedlings, free", "Some are *left*."
	s.ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.annsPost.ID), v1.PostChange{Title: &title, Body: &body}, nil)
	s.has(t, "ann's edit", s.annsPost.URL, func(p *fediverse.ForumPost) bool {
		return p.Title == title && strings.Contains(p.Content, "<em>left</em>")
	})
	s.nina.Edit(t, s.ninasTopic, "Compost heaps", "What stays out.")
	seePost1(t, s.ann, s.ninasCopy.ID, "nina's edit", func(p v1.Post) bool {
		return p.Title == "Compost heaps" && p.Body == "What stays out." && p.EditedAt != nil
	})
	s.nina.Edit(t, s.ninasReply, "", "All peel.")
	seeComment(t, s.ann, s.ninasCopy.ID, func(c v1.Comment) bool { return c.URL == s.ninasReply && c.Body == "All peel." })
}

func (s *forumStory) report(t *testing.T) {
	flag := s.nina.Report(t, s.bobsPost.URL, "An advert.")
	state := func(what string, is community.ReportState) {
		t.Helper()
		server.Eventually(t, what, func() (bool, any) {
			var list v1.List[v1.Report]
			s.ann.Call(t, "GET", "/reports?state="+string(is), nil, &list)
			return len(list.Items) == 1 && list.Items[0].Reason == "An advert." && list.Items[0].Reporter.Handle == "nina@"+s.n.Host, list
		})
	}
	state("nina's report", community.OpenReport)
	s.nina.Retract(t, flag, s.bobsPost.URL)
	state("its end", community.WithdrawnReport)
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", s.ninasCopy.ID), v1.ReportDraft{Reason: "Peel."}, nil)
	server.Eventually(t, "bob's report", func() (bool, any) { return len(s.n.Reports()) == 1, s.n.Refusals() })
	if flag := s.n.Reports()[0]; flag.Ref("object") != s.ninasTopic || flag.Text("content") != "Peel." || flag.Actor() != s.home.URL+"/u/bob" {
		t.Errorf("they read %s", flag.Bytes())
	}
}

// moderate: a group's word on posts of its own server is taken, and on posts
// of the forum it is not: nobody else deletes there.
func (s *forumStory) moderate(t *testing.T) {
	s.n.Expect("another host cannot delete it")
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/lock", s.annsPost.ID), v1.Why{}, nil)
	s.ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/featured", s.annsPost.ID), nil, nil)
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/removal", s.bobsPost.ID), v1.Removal{Reason: "An advert"}, nil)
	s.has(t, "the removal", s.bobsPost.URL, func(p *fediverse.ForumPost) bool { return p.Deleted })
	path := fmt.Sprintf("/posts/%d/removal", s.ninasCopy.ID)
	s.ann.Call(t, "POST", path, v1.Removal{Reason: "Off topic"}, nil)
	server.Eventually(t, "the refusal", func() (bool, any) { return len(s.n.Refusals()) == 1, s.n.Refusals() })
	s.ann.Call(t, "DELETE", path, nil, nil)
	if p := s.n.Post(s.ninasTopic); p.Deleted {
		t.Errorf("nina's topic is gone from her own forum: %+v", p)
	}
	s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d/lock", s.annsPost.ID), nil, nil)
}

func (s *forumStory) ban(t *testing.T) {
	path := "/groups/garden/bans/nina@" + s.n.Host
	s.ann.Call(t, "PUT", path, v1.BanDraft{Reason: "Peel"}, nil)
	s.nina.Topic(t, s.garden, "Not now", "But why?")
	quiet(t, s.home)
	s.ann.Call(t, "DELETE", path, nil, nil)
	s.nina.Topic(t, s.garden, "Sorry", "It was late.")
	seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "Sorry" })
	var list v1.List[v1.Post]
	s.ann.Call(t, "GET", "/groups/garden/posts", nil, &list)
	if slices.ContainsFunc(list.Items, func(p v1.Post) bool { return p.Title == "Not now" }) {
		t.Error("what nina said while banned is shown")
	}
}

func (s *forumStory) deletions(t *testing.T) {
	s.ann.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.annsComment.ID), nil, nil)
	s.has(t, "the end of ann's comment", s.annsComment.URL, func(p *fediverse.ForumPost) bool { return p.Deleted })
	s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.annsPost.ID), nil, nil)
	s.has(t, "the end of ann's post", s.annsPost.URL, func(p *fediverse.ForumPost) bool { return p.Deleted })
	s.nina.Delete(t, s.ninasReply)
	seeComment(t, s.ann, s.ninasCopy.ID, func(c v1.Comment) bool { return c.URL == s.ninasReply && c.Deleted })
	s.nina.Delete(t, s.ninasTopic)
	seePost1(t, s.ann, s.ninasCopy.ID, "the end of nina's topic", func(p v1.Post) bool { return p.Deleted && p.Title == "" })
}

func (s *forumStory) leave(t *testing.T) {
	for _, iri := range []string{s.ninasReply, s.ninasTopic} { // her own words come back, and nobody is to have left by then
		s.n.Await(t, "the announced end of "+iri, func(d fediverse.Delivery) bool {
			inner, _ := d.Doc.Embedded("object")
			return inner.Kind() == as.KindDelete && inner.Actor() == s.nina.ID && inner.Ref("object") == iri
		})
	}
	s.nina.Leave(t, s.garden)
	members(t, s.ann, 1)
}

func (s *forumStory) joinCategory(t *testing.T) {
	s.there = "birds@" + s.n.Host
	var found v1.Resolved
	s.bob.Call(t, "GET", "/resolve?q=!"+s.there, nil, &found)
	if found.Kind != "group" || found.Group.Name != "birds" {
		t.Fatalf("resolved to %+v", found)
	}
	s.bob.Call(t, "PUT", "/groups/"+s.there+"/membership", nil, nil)
	server.Eventually(t, "bob's membership", func() (bool, any) {
		var g v1.Group
		s.bob.Call(t, "GET", "/groups/"+s.there, nil, &g)
		return g.Membership != nil && g.Membership.State == "accepted", []any{g.Membership, s.n.Refusals()}
	})
	if got := s.n.Followers(s.birds); !slices.Equal(got, []string{s.home.URL + "/u/bob"}) {
		t.Errorf("the category is followed by %v", got)
	}
}

func (s *forumStory) topics(t *testing.T) {
	s.topic = s.nina.Topic(t, s.birds.ID, "An owl", "By night.")
	s.topicCopy = seePost(t, s.bob, "/groups/"+s.there+"/posts", func(p v1.Post) bool { return p.Title == "An owl" })
	if s.topicCopy.Body != "By night." || s.topicCopy.URL != s.topic || s.topicCopy.Group.Handle != s.there {
		t.Errorf("bob sees %+v", s.topicCopy)
	}
	s.bob.Call(t, "POST", "/groups/"+s.there+"/posts", v1.PostDraft{Title: "A wren", Body: "By *day*."}, &s.bobsTopic)
	s.has(t, "bob's topic", s.bobsTopic.URL, func(p *fediverse.ForumPost) bool {
		return p.Title == "A wren" && p.Category == s.birds.ID && strings.Contains(p.Content, "<em>day</em>")
	})
	quiet(t, s.home) // the category announces it, and the first one twice
	var list v1.List[v1.Post]
	s.bob.Call(t, "GET", "/groups/"+s.there+"/posts", nil, &list)
	if len(list.Items) != 2 {
		t.Errorf("bob sees %d posts: %+v", len(list.Items), list.Items)
	}
}

func (s *forumStory) replies(t *testing.T) {
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.topicCopy.ID), v1.CommentDraft{Body: "Where?"}, &s.bobsReply)
	s.has(t, "bob's reply", s.bobsReply.URL, func(p *fediverse.ForumPost) bool { return p.Parent == s.topic && p.Category == s.birds.ID })
	s.reply = s.nina.Reply(t, s.bobsReply.URL, "In the barn.")
	got := seeComment(t, s.bob, s.topicCopy.ID, func(c v1.Comment) bool { return c.URL == s.reply })
	if got.ParentID == nil || *got.ParentID != s.bobsReply.ID {
		t.Errorf("bob sees %+v", got)
	}
	s.cem.Reply(t, s.bobsTopic.URL, "Small.")
	seeComment(t, s.bob, s.bobsTopic.ID, func(c v1.Comment) bool { return c.Body == "Small." && c.Author.Handle == "cem@"+s.n.Host })
}

func (s *forumStory) votesThere(t *testing.T) {
	path := fmt.Sprintf("/posts/%d/vote", s.topicCopy.ID)
	for _, step := range []struct{ choice, score int }{{1, 1}, {-1, -1}, {0, 0}} {
		s.bob.Call(t, "PUT", path, v1.Choice{Value: step.choice}, nil)
		s.scores(t, fmt.Sprint("bob's vote of ", step.choice), s.topic, step.score)
	}
	was := getPost(t, s.bob, s.bobsTopic.ID).Ups
	s.cem.Like(t, s.bobsTopic.URL)
	seePost1(t, s.bob, s.bobsTopic.ID, "cem's vote", func(p v1.Post) bool { return p.Ups == was+1 })
	s.cem.Unlike(t, s.bobsTopic.URL)
	seePost1(t, s.bob, s.bobsTopic.ID, "its end", func(p v1.Post) bool { return p.Ups == was })
}

func (s *forumStory) editsThere(t *testing.T) {
	title, body := "A wren at noon", "By day."
	s.bob.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.bobsTopic.ID), v1.PostChange{Title: &title, Body: &body}, nil)
	s.has(t, "bob's edit", s.bobsTopic.URL, func(p *fediverse.ForumPost) bool { return p.Title == title })
	s.nina.Edit(t, s.topic, "Two owls", "By night, both.")
	seePost1(t, s.bob, s.topicCopy.ID, "nina's edit", func(p v1.Post) bool { return p.Title == "Two owls" && p.EditedAt != nil })
}

// moderateThere: who moderates the category takes away what bob wrote there.
func (s *forumStory) moderateThere(t *testing.T) {
	var advert v1.Post
	s.bob.Call(t, "POST", "/groups/"+s.there+"/posts", v1.PostDraft{Title: "Cages, cheap"}, &advert)
	s.has(t, "bob's advert", advert.URL, func(*fediverse.ForumPost) bool { return true })
	s.nina.Remove(t, advert.URL)
	seePost1(t, s.bob, advert.ID, "its removal", func(p v1.Post) bool { return p.Removed && !p.Deleted })
}

func (s *forumStory) deletionsThere(t *testing.T) {
	s.bob.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.bobsReply.ID), nil, nil)
	s.has(t, "the end of bob's reply", s.bobsReply.URL, func(p *fediverse.ForumPost) bool { return p.Deleted })
	s.bob.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.bobsTopic.ID), nil, nil)
	s.has(t, "the end of bob's topic", s.bobsTopic.URL, func(p *fediverse.ForumPost) bool { return p.Deleted })
	s.nina.Delete(t, s.reply)
	seeComment(t, s.bob, s.topicCopy.ID, func(c v1.Comment) bool { return c.URL == s.reply && c.Deleted })
	s.nina.Delete(t, s.topic)
	seePost1(t, s.bob, s.topicCopy.ID, "the end of nina's topic", func(p v1.Post) bool { return p.Deleted })
}

func (s *forumStory) leaveCategory(t *testing.T) {
	s.bob.Call(t, "DELETE", "/groups/"+s.there+"/membership", nil, nil)
	server.Eventually(t, "bob's leaving", func() (bool, any) { return len(s.n.Followers(s.birds)) == 0, s.n.Refusals() })
}
