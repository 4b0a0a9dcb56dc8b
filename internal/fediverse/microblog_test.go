package fediverse_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/federation"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A fake Mastodon and a fake GoToSocial live with a group of ours for a
// while: everything that people do there and here reaches the other side, and
// nothing that we send is refused. Neither knows votes against, locks,
// moderators of a group or bans from one, and neither has groups of its own;
// what becomes of our words about these is in docs/interop.md.
func TestMastodon(t *testing.T) {
	withMicroblog(t, testdb.PostgresDSN(t), fediverse.NewMastodon(t))
}

func TestGoToSocial(t *testing.T) {
	withMicroblog(t, testdb.SQLiteDSN(t), fediverse.NewGoToSocial(t))
}

// GoToSocial shows nothing to whoever does not sign. Where we do not either,
// each still reads what it has to read to check the other.
func TestGoToSocialAndAuthorizedFetch(t *testing.T) {
	withMicroblog(t, testdb.SQLiteDSN(t), fediverse.NewGoToSocial(t), func(o *federation.Options) { o.AuthorizedFetch = true })
}

func withMicroblog(t *testing.T, dsn string, m *fediverse.Microblog, change ...func(*federation.Options)) {
	t.Helper()
	s := &blogStory{m: m, alice: m.Account("alice"), max: m.Account("max")}
	clock := func(o *federation.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(s.later.Load())) }
	}
	s.home = server.New(t, dsn, append(change, clock)...)
	s.ann, s.bob = s.home.User("ann"), s.home.User("bob")
	s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	for _, scene := range []struct {
		name string
		play func(*testing.T)
	}{
		{"follow", s.follow},
		{"a post from here", s.postHere},
		{"posts from there", s.postThere},
		{"comments from here", s.commentHere},
		{"comments from there", s.commentThere},
		{"votes", s.votes},
		{"edits", s.edits},
		{"a poll here", s.pollHere},
		{"a poll there", s.pollThere},
		{"reports", s.report},
		{"moderation", s.moderate},
		{"a ban", s.ban},
		{"a personal block", s.block},
		{"a group's new title", s.rename},
		{"a group's new key", s.rotate},
		{"deletions", s.delete},
		{"leaving", s.leave},
	} {
		if !t.Run(scene.name, scene.play) {
			return
		}
	}
}

// A blogStory is what people here and on a microblog do.
type blogStory struct {
	home       *server.Server
	later      atomic.Int64 // by how much its federation's clock is fast
	m          *fediverse.Microblog
	ann, bob   *server.User
	alice, max *fediverse.Account
	garden     string // the group's id
	person     string // ann's

	annsPost     v1.Post // and, by their ids, what alice wrote
	alicesPost   string
	annsCopy     v1.Post // of alicesPost
	annsComment  v1.Comment
	alicesAnswer string
	answerCopy   v1.Comment
}

// shown waits until the microblog shows a status in a way.
func (s *blogStory) shown(t *testing.T, what, iri string, is func(*fediverse.Status) bool) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		status := s.m.Status(iri)
		return status != nil && is(status), status
	})
}

// boosted waits until the microblog shows so many boosts of a status.
func (s *blogStory) boosted(t *testing.T, iri string, times int) {
	t.Helper()
	server.Eventually(t, fmt.Sprintf("%d boosts of %s", times, iri), func() (bool, any) {
		return s.m.Boosted(s.garden, iri) == times, s.m.Refusals()
	})
}

// refused waits until the group has told somebody there, and nobody else, why
// it does not show what they wrote.
func (s *blogStory) refused(t *testing.T, who *fediverse.Account, iri, why string) {
	t.Helper()
	server.Eventually(t, "the refusal of "+iri, func() (bool, any) {
		list := s.m.Notices(who)
		return slices.ContainsFunc(list, func(n fediverse.Notice) bool {
			status := s.m.Status(n.Status)
			return n.Kind == "message" && n.From == s.garden && status.InReplyTo == iri && strings.Contains(status.Content, why)
		}), list
	})
	if s.m.Boosted(s.garden, iri) != 0 {
		t.Errorf("%s is refused, and boosted", iri)
	}
}

// quiet waits until the server has thought about everything that it was sent.
func quiet(t *testing.T, home *server.Server) {
	t.Helper()
	server.Eventually(t, "an empty inbox", func() (bool, any) {
		n, err := home.DB.JobsWaiting(t.Context(), "inbox")
		return err == nil && n == 0, n
	})
}

func (s *blogStory) follow(t *testing.T) {
	s.garden, s.person = s.home.URL+"/c/garden", s.home.URL+"/u/ann"
	if found := s.m.Resolve(t, "garden@"+s.home.Host); found != s.garden {
		t.Fatalf("found %s", found)
	}
	s.alice.Follow(t, s.garden)
	server.Eventually(t, "alice's membership", func() (bool, any) {
		return s.m.Follows(s.alice, s.garden) == "accepted", s.m.Refusals()
	})
	members(t, s.ann, 2)
	s.alice.Follow(t, s.garden) // asked again, it is answered again
	server.Eventually(t, "the second answer", func() (bool, any) { return s.m.Follows(s.alice, s.garden) == "accepted", nil })
	members(t, s.ann, 2)
}

func members(t *testing.T, u *server.User, want int64) {
	t.Helper()
	server.Eventually(t, fmt.Sprint(want, " members"), func() (bool, any) {
		var g v1.Group
		u.Call(t, "GET", "/groups/garden", nil, &g)
		return g.Members == want, g.Members
	})
}

func (s *blogStory) postHere(t *testing.T) {
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who *wants* some?"}, &s.annsPost)
	s.boosted(t, s.annsPost.URL, 1)
	status := s.m.Status(s.annsPost.URL)
	if !strings.Contains(status.Content, "Seedlings") && status.Warning != "Seedlings" || !strings.Contains(strings.ReplaceAll(status.Content, "em>", ""), "wants") {
		t.Errorf("it is shown as %+v", status)
	}
	if s.m.Software == "mastodon" && status.Warning != "" {
		t.Errorf("the teaser is a content warning: %+v", status)
	}
	if status.Author != s.person {
		t.Errorf("it is by %s", status.Author)
	}
}

func (s *blogStory) postThere(t *testing.T) {
	s.alicesPost = s.alice.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "Pots to swap\n\nClay ones."})
	s.annsCopy = seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL != "" && strings.HasPrefix(p.Title, "Pots") })
	if s.annsCopy.Title != "Pots to swap" || !strings.Contains(s.annsCopy.HTML, "Clay ones.") || s.annsCopy.Author.Handle != "alice@"+s.m.Host {
		t.Errorf("ann sees %+v", s.annsCopy)
	}
	s.boosted(t, s.alicesPost, 1)

	// Max follows nothing, and may post all the same.
	unlisted := s.max.Post(t, fediverse.Writing{
		Mention: []string{s.garden}, Text: "Slugs", Warning: "Slime", Unlisted: true, Picture: s.m.URL + "/slug.png",
	})
	// A content warning stands for what it hides, in lists too.
	slugs := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "Slime" })
	if !slugs.Sensitive || len(slugs.Media) != 1 || !slugs.Media[0].Foreign || !strings.Contains(slugs.HTML, "Slugs") {
		t.Errorf("ann sees %+v", slugs)
	}
	s.boosted(t, unlisted, 1)
	private := s.max.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "Between us", Private: true})
	s.refused(t, s.max, private, "It is not public")
	var list v1.List[v1.Post]
	s.ann.Call(t, "GET", "/groups/garden/posts", nil, &list)
	if len(list.Items) != 3 {
		t.Errorf("the group has %d posts, want 3: %+v", len(list.Items), list.Items)
	}
}

func (s *blogStory) commentHere(t *testing.T) {
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.annsCopy.ID), v1.CommentDraft{Body: "How *big*?"}, &s.annsComment)
	s.shown(t, "ann's comment", s.annsComment.URL, func(status *fediverse.Status) bool {
		return status.InReplyTo == s.alicesPost && strings.Contains(status.Content, "<em>big</em>") && status.Warning == ""
	})
	want := fediverse.Notice{To: s.alice.ID, Kind: "mention", From: s.person, Status: s.annsComment.URL}
	if got := s.m.Notices(s.alice); !slices.Contains(got, want) {
		t.Errorf("alice was told %+v", got)
	}
	if n := s.m.Boosted(s.garden, s.annsComment.URL); n != 0 {
		t.Errorf("a comment was boosted %d times", n)
	}
}

func (s *blogStory) commentThere(t *testing.T) {
	// As their box is filled: with who wrote it, and whom that named.
	s.alicesAnswer = s.alice.Post(t, fediverse.Writing{Mention: []string{s.person, s.garden}, Answers: s.annsComment.URL, Text: "That big."})
	s.answerCopy = seeComment(t, s.ann, s.annsCopy.ID, func(c v1.Comment) bool { return strings.Contains(c.Body, "That big.") })
	if s.answerCopy.ParentID == nil || *s.answerCopy.ParentID != s.annsComment.ID || s.answerCopy.Depth != 1 {
		t.Errorf("ann sees the answer at %+v", s.answerCopy)
	}
	// And with all of them taken out, to the post and to the comment.
	bare := s.max.Post(t, fediverse.Writing{Answers: s.annsPost.URL, Text: "Me."})
	seeComment(t, s.ann, s.annsPost.ID, func(c v1.Comment) bool { return c.Body == "Me." && c.Author.Handle == "max@"+s.m.Host })
	// Whoever reads the thread from there finds all of it.
	var own v1.Comment
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.annsPost.ID), v1.CommentDraft{Body: "Take them."}, &own)
	if found := s.m.Walk(t, s.annsPost.URL); !slices.Contains(found, bare) || !slices.Contains(found, own.URL) {
		t.Errorf("the thread is %v", found)
	}
	server.Eventually(t, "ann's notifications", func() (bool, any) {
		var notes v1.List[v1.Notification]
		s.ann.Call(t, "GET", "/notifications", nil, &notes)
		return len(notes.Items) >= 2, notes
	})
}

func (s *blogStory) votes(t *testing.T) {
	ups := func(want int64) func(v1.Post) bool { return func(p v1.Post) bool { return p.Ups == want } }
	was := getPost(t, s.ann, s.annsPost.ID).Ups
	s.alice.Favourite(t, s.annsPost.URL)
	seePost1(t, s.ann, s.annsPost.ID, "alice's favourite", ups(was+1))
	s.alice.Boost(t, s.annsPost.URL) // which is no vote
	quiet(t, s.home)
	if p := getPost(t, s.ann, s.annsPost.ID); p.Ups != was+1 {
		t.Errorf("a boost by a person counts: %+v", p)
	}
	s.alice.Unfavourite(t, s.annsPost.URL)
	seePost1(t, s.ann, s.annsPost.ID, "its end", ups(was))

	path := fmt.Sprintf("/posts/%d/vote", s.annsCopy.ID)
	favourites := func(what string, want ...string) {
		t.Helper()
		server.Eventually(t, what, func() (bool, any) {
			got := s.m.Favourites(s.alicesPost)
			return slices.Equal(got, want), got
		})
	}
	s.ann.Call(t, "PUT", path, v1.Choice{Value: 1}, nil)
	favourites("ann's favourite", s.person)
	s.ann.Call(t, "PUT", path, v1.Choice{Value: -1}, nil) // they know no votes against
	favourites("its end")
	s.ann.Call(t, "PUT", path, v1.Choice{Value: 1}, nil)
	favourites("ann's favourite again", s.person)
	s.ann.Call(t, "PUT", path, v1.Choice{}, nil)
	favourites("the end of that")
}

func (s *blogStory) edits(t *testing.T) {
	title, body := "Seedlings, free", "*Some* are left."
	s.ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.annsPost.ID), v1.PostChange{Title: &title, Body: &body}, nil)
	s.shown(t, "ann's edit", s.annsPost.URL, func(status *fediverse.Status) bool {
		return strings.Contains(status.Content+status.Warning, title) && strings.Contains(status.Content, "are left") && status.Edited != ""
	})
	answer := "How *small*?"
	s.ann.Call(t, "PATCH", fmt.Sprintf("/comments/%d", s.annsComment.ID), v1.CommentChange{Body: &answer}, nil)
	s.shown(t, "ann's other edit", s.annsComment.URL, func(status *fediverse.Status) bool {
		return strings.Contains(status.Content, "<em>small</em>") && status.Edited != ""
	})
	s.alice.Edit(t, s.alicesPost, "Pots to give away\n\nStill clay.")
	seePost1(t, s.ann, s.annsCopy.ID, "alice's edit", func(p v1.Post) bool {
		return p.Title == "Pots to give away" && strings.Contains(p.HTML, "Still clay.") && p.EditedAt != nil
	})
	s.alice.Edit(t, s.alicesAnswer, "This big.")
	seeComment(t, s.ann, s.annsCopy.ID, func(c v1.Comment) bool { return c.ID == s.answerCopy.ID && strings.Contains(c.Body, "This big.") })
}

func (s *blogStory) pollHere(t *testing.T) {
	var asked v1.Post
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "When?", Poll: &v1.PollDraft{Options: []string{"March", "April"}}}, &asked)
	s.boosted(t, asked.URL, 1)
	s.shown(t, "ann's poll", asked.URL, func(status *fediverse.Status) bool {
		return strings.Contains(status.Content, "When?") && len(status.Options) == 2
	})
	s.alice.Choose(t, asked.URL, "April")
	s.shown(t, "its counts", asked.URL, func(status *fediverse.Status) bool {
		return status.Options[1] == fediverse.Option{Text: "April", Votes: 1} && status.Voters == 1 && status.Edited == ""
	})
	s.alice.Choose(t, asked.URL, "March") // votes are final
	quiet(t, s.home)
	if p := getPost(t, s.ann, asked.ID); p.Poll.Voters != 1 || p.Poll.Options[0].Votes != 0 {
		t.Errorf("the poll stands at %+v", p.Poll)
	}
}

func (s *blogStory) pollThere(t *testing.T) {
	asked := s.alice.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "Which?", Options: []string{"Peas", "Beans"}})
	seen := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "Which?" })
	if seen.Kind != "poll" || seen.Poll == nil || len(seen.Poll.Options) != 2 {
		t.Fatalf("ann sees %+v", seen)
	}
	s.boosted(t, asked, 1)
	s.ann.Call(t, "PUT", fmt.Sprintf("/posts/%d/poll/vote", seen.ID), v1.Ballot{Options: []int64{seen.Poll.Options[1].ID}}, nil)
	s.shown(t, "ann's vote", asked, func(status *fediverse.Status) bool { return status.Options[1].Votes == 1 })
	s.alice.Count(t, asked)
	seePost1(t, s.ann, seen.ID, "the counts", func(p v1.Post) bool { return p.Poll.Options[1].Votes == 1 && p.Poll.Voters == 1 })
}

// report: from there nobody in particular reports, and neither does anybody
// from here.
func (s *blogStory) report(t *testing.T) {
	var advert v1.Post // by somebody who does not look after the group: nobody is shown what is said about themselves
	s.bob.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Pots, cheap"}, &advert)
	s.boosted(t, advert.URL, 1)
	s.m.Report(t, s.home.URL+"/u/bob", "An advert.", advert.URL)
	server.Eventually(t, "the report", func() (bool, any) {
		var list v1.List[v1.Report]
		s.ann.Call(t, "GET", "/reports", nil, &list)
		return len(list.Items) == 1 && list.Items[0].Reason == "An advert." && list.Items[0].Post != nil &&
			list.Items[0].Post.ID == advert.ID && list.Items[0].Reporter.Host == s.m.Host, list
	})
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/reports", s.annsCopy.ID), v1.ReportDraft{Reason: "No pots."}, nil)
	server.Eventually(t, "bob's report", func() (bool, any) { return len(s.m.Reports()) == 1, s.m.Refusals() })
	flag := s.m.Reports()[0]
	if !slices.Equal(flag.Refs("object"), []string{s.alice.ID, s.alicesPost}) || flag.Text("content") != "No pots." || flag.Actor() != s.home.URL+"/" {
		t.Errorf("they read %s", flag.Bytes())
	}
}

// moderate: what a moderator takes out of the group is boosted no more, and
// stays with who wrote it.
func (s *blogStory) moderate(t *testing.T) {
	path := fmt.Sprintf("/posts/%d/removal", s.annsCopy.ID)
	s.ann.Call(t, "POST", path, v1.Removal{Reason: "Off topic"}, nil)
	s.boosted(t, s.alicesPost, 0)
	if s.m.Status(s.alicesPost) == nil {
		t.Error("alice's post is gone from her own server")
	}
	s.ann.Call(t, "DELETE", path, nil, nil)
	s.boosted(t, s.alicesPost, 1)
	own := fmt.Sprintf("/posts/%d", s.annsPost.ID)
	s.ann.Call(t, "POST", own+"/lock", v1.Why{}, nil) // nothing that a microblog knows
	late := s.max.Post(t, fediverse.Writing{Mention: []string{s.garden}, Answers: s.annsPost.URL, Text: "Too late."})
	s.refused(t, s.max, late, "locked")
	var list v1.List[v1.Comment]
	s.ann.Call(t, "GET", own+"/comments", nil, &list)
	if len(list.Items) != 2 {
		t.Errorf("the locked thread has %d comments: %+v", len(list.Items), list.Items)
	}
	s.ann.Call(t, "DELETE", own+"/lock", nil, nil)
}

// ban: what somebody who is banned says does not appear, until they are let
// back. Their server would not understand the ban, so the group tells them when
// they write.
func (s *blogStory) ban(t *testing.T) {
	path := "/groups/garden/bans/max@" + s.m.Host
	s.ann.Call(t, "PUT", path, v1.BanDraft{Reason: "Slime"}, nil)
	s.refused(t, s.max, s.max.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "More slugs"}), "banned you")
	// Moving house does not help.
	maxine := s.m.Account("maxine")
	s.max.Move(t, maxine, s.garden)
	moved := "/groups/garden/bans/maxine@" + s.m.Host
	server.Eventually(t, "the ban of who max is now", func() (bool, any) {
		var list v1.List[v1.Ban]
		s.ann.Call(t, "GET", "/groups/garden/bans", nil, &list)
		return slices.ContainsFunc(list.Items, func(b v1.Ban) bool { return b.Person.Name == "maxine" }), list
	})
	s.refused(t, maxine, maxine.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "More slugs"}), "banned you")
	s.ann.Call(t, "DELETE", moved, nil, nil)
	maxine.Post(t, fediverse.Writing{Mention: []string{s.garden}, Text: "Sorry"})
	seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.Title == "Sorry" })
	var list v1.List[v1.Post]
	s.ann.Call(t, "GET", "/groups/garden/posts", nil, &list)
	if slices.ContainsFunc(list.Items, func(p v1.Post) bool { return p.Title == "More slugs" }) {
		t.Error("what max said while banned is shown")
	}
}

func (s *blogStory) block(t *testing.T) {
	s.alice.Block(t, s.person)
	s.alice.Unblock(t, s.person)
	quiet(t, s.home)
	members(t, s.ann, 2)
}

func (s *blogStory) rename(t *testing.T) {
	title := "Gardens"
	s.ann.Call(t, "PATCH", "/groups/garden", v1.GroupChange{Title: &title}, nil)
	server.Eventually(t, "the group's new title", func() (bool, any) {
		name := s.m.Name(s.garden)
		return name == title, name
	})
}

// rotate: the old key says that there is a new one, and the new one is taken.
// Another process may have replaced it, so the old one signs ten seconds longer.
func (s *blogStory) rotate(t *testing.T) {
	if _, err := s.home.Accounts.Rotate(t.Context(), "garden", false); err != nil {
		t.Fatal(err)
	}
	fresh := s.garden + "#main-key-2"
	s.m.Await(t, "the new key", func(d fediverse.Delivery) bool {
		group, _ := d.Doc.Embedded("object")
		key, _ := group.Embedded("publicKey")
		return d.Doc.Kind() == as.KindUpdate && key.ID() == fresh && d.KeyID == s.garden+"#main-key" && d.Signature == nil
	})
	s.later.Store(int64(time.Minute))
	var post v1.Post
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Under a new key"}, &post)
	s.boosted(t, post.URL, 1)
	d := s.m.Await(t, "the boost", func(d fediverse.Delivery) bool { return d.Doc.Ref("object") == post.URL })
	if d.KeyID != fresh {
		t.Errorf("it is signed with %s", d.KeyID)
	}
}

func (s *blogStory) delete(t *testing.T) {
	s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.annsPost.ID), nil, nil)
	server.Eventually(t, "the end of ann's post", func() (bool, any) {
		return s.m.Status(s.annsPost.URL) == nil && s.m.Boosted(s.garden, s.annsPost.URL) == 0, s.m.Refusals()
	})
	s.ann.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.annsComment.ID), nil, nil)
	server.Eventually(t, "the end of ann's comment", func() (bool, any) { return s.m.Status(s.annsComment.URL) == nil, s.m.Refusals() })
	s.alice.Delete(t, s.alicesAnswer)
	seeComment(t, s.ann, s.annsCopy.ID, func(c v1.Comment) bool { return c.ID == s.answerCopy.ID && c.Deleted && c.Body == "" })
	s.alice.Delete(t, s.alicesPost)
	seePost1(t, s.ann, s.annsCopy.ID, "the end of alice's post", func(p v1.Post) bool { return p.Deleted && p.Title == "" })
	s.boosted(t, s.alicesPost, 0)
}

func (s *blogStory) leave(t *testing.T) {
	s.alice.Unfollow(t, s.garden)
	members(t, s.ann, 1)
}
