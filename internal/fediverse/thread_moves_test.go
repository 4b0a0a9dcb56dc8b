package fediverse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Threads that move between two groups of ours, and between two of theirs, and
// what each software makes of it (FEDERATION.md, section 8).

// grounds are two groups of ann's, with a thread by her in the garden.
type grounds struct {
	ann            *server.User
	garden, meadow string // their ids
	post           v1.Post
}

func newGrounds(t *testing.T, home *server.Server) *grounds {
	t.Helper()
	g := &grounds{ann: home.User("ann"), garden: home.URL + "/c/garden", meadow: home.URL + "/c/meadow"}
	for _, name := range []string{"garden", "meadow"} {
		g.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: name, Title: name}, nil)
	}
	return g
}

func (g *grounds) begin(t *testing.T, title string) {
	t.Helper()
	g.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: title, Body: "Who wants some?"}, &g.post)
}

// move has ann move a thread to the meadow.
func (g *grounds) move(t *testing.T, id int64) {
	t.Helper()
	g.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/group", id), v1.ThreadMove{Group: "meadow", Why: v1.Why{Reason: "Better there."}}, nil)
}

func (g *grounds) comment(t *testing.T, body string) (c v1.Comment) {
	t.Helper()
	g.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", g.post.ID), v1.CommentDraft{Body: body}, &c)
	return c
}

// member has somebody there find a group of ours, and follow it.
func member(t *testing.T, n *fediverse.Neighbour, who *fediverse.Actor, home *server.Server, name string) {
	t.Helper()
	room := n.Find(t, home.Host, name)
	n.Follow(t, who, room.ID)
	holds(t, n, room.ID, "the Accept of "+name, func(r *fediverse.Room) bool { return r.Members[who.ID] })
}

// PieFed moves what we move, though nobody there follows where it goes; and
// says what it says from then on to the other group.
func TestPieFedTakesOurMoves(t *testing.T) {
	home, there := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewPieFed(t)
	g, lena := newGrounds(t, home), there.Account("lena")
	member(t, there, lena, home, "garden")
	g.begin(t, "Seedlings")
	knows(t, there, g.post.URL, "the thread", func(p *fediverse.Piece) bool { return p.Room == g.garden })
	answer := there.Comment(t, lena, g.post.URL, "Me!")
	seeComment(t, g.ann, g.post.ID, func(c v1.Comment) bool { return c.URL == answer })
	lenas := there.Post(t, lena, g.garden, "Beans", "They grow")
	copied := seePost(t, g.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == lenas })

	for _, id := range []int64{g.post.ID, copied.ID} {
		g.move(t, id)
	}
	for _, id := range []string{g.post.URL, answer, lenas} {
		knows(t, there, id, "the move of "+id, func(p *fediverse.Piece) bool { return p.Room == g.meadow && !p.Removed && !p.Deleted })
	}
	late := there.Comment(t, lena, g.post.URL, "Still me!")
	c := seeComment(t, g.ann, g.post.ID, func(c v1.Comment) bool { return c.URL == late })
	if p := getPost(t, g.ann, g.post.ID); p.Group.Name != "meadow" || p.CommentCount != 2 || c.Body != "Still me!" {
		t.Errorf("here it is %+v with %+v", p, c)
	}
}

// Lemmy and Mbin know no Move. They are sent nothing that they would refuse, the
// thread stays where it was there, and what is said in it still arrives where
// both groups are followed.
func TestThoseWhoKnowNoMoves(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *fediverse.Neighbour{
		"Lemmy": fediverse.NewLemmy, "Lemmy 0.19": fediverse.NewOldLemmy, "Mbin": fediverse.NewMbin,
	} {
		t.Run(name, func(t *testing.T) {
			home, there := server.New(t, testdb.SQLiteDSN(t)), start(t)
			g, lena := newGrounds(t, home), there.Account("lena")
			member(t, there, lena, home, "garden")
			member(t, there, lena, home, "meadow")
			g.begin(t, "Seedlings")
			knows(t, there, g.post.URL, "the thread", func(*fediverse.Piece) bool { return true })
			g.move(t, g.post.ID)
			late := g.comment(t, "Now here.")
			knows(t, there, late.URL, "what is said now", func(p *fediverse.Piece) bool { return p.Parent == g.post.URL })
			if p := there.Piece(g.post.URL); p.Room != g.garden || p.Removed || p.Deleted {
				t.Errorf("there it is %+v", p)
			}
			for _, d := range there.Deliveries() {
				inner, _ := d.Doc.Embedded("object")
				if inner.Kind() == as.KindMove && there.Software == "lemmy" {
					t.Errorf("it was sent %s", d.Body)
				}
			}
			answer := there.Comment(t, lena, g.post.URL, "Where?") // to the group where it was
			seeComment(t, g.ann, g.post.ID, func(c v1.Comment) bool { return c.URL == answer })
		})
	}
}

// A microblog shows the thread as boosted by the group that it went to, and no
// more by the other.
func TestMicroblogsFollowMoves(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *fediverse.Microblog{
		"Mastodon": fediverse.NewMastodon, "GoToSocial": fediverse.NewGoToSocial,
	} {
		t.Run(name, func(t *testing.T) {
			home, m := server.New(t, testdb.SQLiteDSN(t)), start(t)
			g, alice := newGrounds(t, home), m.Account("alice")
			for _, group := range []string{"garden", "meadow"} {
				id := m.Resolve(t, group+"@"+home.Host)
				alice.Follow(t, id)
				server.Eventually(t, "alice's membership", func() (bool, any) { return m.Follows(alice, id) == "accepted", m.Refusals() })
			}
			g.begin(t, "Seedlings")
			boosted := func(what string, garden, meadow int) {
				t.Helper()
				server.Eventually(t, what, func() (bool, any) {
					return m.Boosted(g.garden, g.post.URL) == garden && m.Boosted(g.meadow, g.post.URL) == meadow, m.Refusals()
				})
			}
			boosted("the thread", 1, 0)
			g.move(t, g.post.ID)
			boosted("its move", 0, 1)
			if m.Status(g.post.URL) == nil {
				t.Error("the post itself is gone")
			}
		})
	}
}

// bob, one of ours, follows birds on a PieFed; nora, who has barn too, moves
// his thread there.
func TestPieFedMovesThreads(t *testing.T) {
	home, there := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewPieFed(t)
	bob, nora, otto := home.User("bob"), there.Account("nora"), there.Account("otto")
	birds, barn := there.Community("birds", nora), there.Community("barn", nora)
	inBirds, inBarn := "birds@"+there.Host, "barn@"+there.Host
	join(t, bob, inBirds)
	var post v1.Post
	bob.Call(t, "POST", "/groups/"+inBirds+"/posts", v1.PostDraft{Title: "An owl", Body: "By night"}, &post)
	knows(t, there, post.URL, "bob's post", func(*fediverse.Piece) bool { return true })
	answer := there.Comment(t, otto, post.URL, "Where?")
	seeComment(t, bob, post.ID, func(c v1.Comment) bool { return c.URL == answer })

	// Somebody who moderates nothing there says so by themselves.
	forged := map[string]any{
		"@context": as.NS, "id": there.URL + "/activities/move/1", "type": as.KindMove, "actor": otto.ID, "object": post.URL,
		"origin": birds.ID, "target": barn.ID, "to": []string{as.Public}, "cc": []string{birds.ID},
	}
	if status, text := otto.Send(t, home.URL+"/inbox", forged); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, text)
	}
	quiet(t, home)
	if p := getPost(t, bob, post.ID); p.Group.Handle != inBirds {
		t.Fatalf("otto moved it to %s", p.Group.Handle)
	}
	there.Carry(t, nora, post.URL, barn.ID)
	seePost1(t, bob, post.ID, "nora's move", func(p v1.Post) bool { return p.Group.Handle == inBarn })
	told(t, bob, inBarn)
	var late v1.Comment
	bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", post.ID), v1.CommentDraft{Body: "In the barn."}, &late)
	knows(t, there, late.URL, "bob's answer", func(p *fediverse.Piece) bool { return p.Room == barn.ID })
}

// join has one of ours find a group elsewhere, and join it.
func join(t *testing.T, who *server.User, group string) {
	t.Helper()
	who.Call(t, "GET", "/resolve?q=!"+group, nil, nil)
	who.Call(t, "PUT", "/groups/"+group+"/membership", nil, nil)
	server.Eventually(t, "the membership in "+group, func() (bool, any) {
		var g v1.Group
		who.Call(t, "GET", "/groups/"+group, nil, &g)
		return g.Membership != nil && g.Membership.State == community.Accepted, g.Membership
	})
}

// told waits until somebody is told that their thread is in another group.
func told(t *testing.T, who *server.User, group string) {
	t.Helper()
	server.Eventually(t, "the notification of a move to "+group, func() (bool, any) {
		var list v1.List[v1.Notification]
		who.Call(t, "GET", "/notifications", nil, &list)
		for _, n := range list.Items {
			if n.Kind == community.Carried && n.Group != nil && n.Group.Handle == group && n.Post != nil {
				return true, nil
			}
		}
		return false, list
	})
}

// A NodeBB moves what we move, since our group says it of the thread's context;
// and tells us in the same way.
func TestNodeBBTakesOurMoves(t *testing.T) {
	home, n := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewNodeBB(t)
	g, nina := newGrounds(t, home), n.User(2, "nina")
	nina.Join(t, n.Resolve(t, "garden@"+home.Host))
	server.Eventually(t, "nina's membership", func() (bool, any) { return n.Joined(nina, g.garden) == "accepted", n.Refusals() })
	g.begin(t, "Seedlings")
	in := func(iri, category string) {
		t.Helper()
		server.Eventually(t, iri+" in "+category, func() (bool, any) {
			p := n.Post(iri)
			return p != nil && p.Category == category && !p.Deleted, []any{p, n.Refusals()}
		})
	}
	in(g.post.URL, g.garden)
	reply := nina.Reply(t, g.post.URL, "Me!")
	seeComment(t, g.ann, g.post.ID, func(c v1.Comment) bool { return c.URL == reply })
	g.move(t, g.post.ID)
	in(g.post.URL, g.meadow)
	in(reply, g.meadow)
	late := nina.Reply(t, g.post.URL, "Still me!")
	seeComment(t, g.ann, g.post.ID, func(c v1.Comment) bool { return c.URL == late && c.Body == "Still me!" })
	for _, d := range n.Deliveries() {
		if d.Doc.Kind() == as.KindMove && (d.Doc.Actor() != g.garden || !strings.HasPrefix(d.KeyID, g.garden+"#")) {
			t.Errorf("%s says that it moved, signed with %s", d.Doc.Actor(), d.KeyID)
		}
	}
}

func TestNodeBBMovesTopics(t *testing.T) {
	home, n := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewNodeBB(t)
	bob, nina, cem := home.User("bob"), n.User(2, "nina"), n.User(3, "cem")
	birds, barn := n.Category(7, "birds", nina), n.Category(8, "barn", nina)
	inBirds, inBarn := "birds@"+n.Host, "barn@"+n.Host
	join(t, bob, inBirds)
	topic := cem.Topic(t, birds.ID, "An owl", "By night.")
	copied := seePost(t, bob, "/groups/"+inBirds+"/posts", func(p v1.Post) bool { return p.URL == topic })
	var answer v1.Comment
	bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", copied.ID), v1.CommentDraft{Body: "Where?"}, &answer)
	server.Eventually(t, "bob's reply", func() (bool, any) { return n.Post(answer.URL) != nil, n.Refusals() })

	nina.Move(t, topic, barn)
	seePost1(t, bob, copied.ID, "nina's move", func(p v1.Post) bool { return p.Group.Handle == inBarn && !p.Removed })
	quiet(t, home) // her category takes its Announce back, which is nothing to the post now
	if p := getPost(t, bob, copied.ID); p.Group.Handle != inBarn || p.Removed || p.Deleted {
		t.Errorf("in the end it is %+v", p)
	}
	late := cem.Reply(t, answer.URL, "In the barn.")
	if n.Post(late).Category != barn.ID {
		t.Errorf("cem answered in %s", n.Post(late).Category)
	}
	join(t, bob, inBarn)
	other := cem.Topic(t, barn.ID, "Two owls", "By night, both.")
	second := seePost(t, bob, "/groups/"+inBarn+"/posts", func(p v1.Post) bool { return p.URL == other })
	nina.Uncategorize(t, other)
	seePost1(t, bob, second.ID, "the end of a topic in no category", func(p v1.Post) bool { return p.Deleted && p.Title == "" })
}
