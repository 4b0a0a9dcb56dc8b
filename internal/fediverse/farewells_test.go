package fediverse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A neighbourhood is one of each of the others, with somebody on it who
// follows the group garden of ann's server.
type neighbourhood struct {
	home *server.Server
	ann  *server.User
	ada  *server.User // whose server it is
	post v1.Post      // by ann, which all of them have

	threadiverse []*fediverse.Neighbour
	microblogs   []*fediverse.Microblog
	nodebb       *fediverse.NodeBB
}

func newNeighbourhood(t *testing.T) *neighbourhood {
	t.Helper()
	h := &neighbourhood{home: server.New(t, testdb.SQLiteDSN(t)), nodebb: fediverse.NewNodeBB(t)}
	h.ada, h.ann = h.home.User("ada"), h.home.User("ann")
	h.ada.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	garden := h.home.URL + "/c/garden"
	for _, start := range []func(testing.TB) *fediverse.Neighbour{
		fediverse.NewLemmy, fediverse.NewOldLemmy, fediverse.NewPieFed, fediverse.NewMbin,
	} {
		n := start(t)
		member(t, n, n.Account("lena"), h.home, "garden")
		h.threadiverse = append(h.threadiverse, n)
	}
	for _, start := range []func(testing.TB) *fediverse.Microblog{fediverse.NewMastodon, fediverse.NewGoToSocial} {
		m := start(t)
		alice := m.Account("alice")
		alice.Follow(t, m.Resolve(t, "garden@"+h.home.Host))
		server.Eventually(t, "alice's membership", func() (bool, any) { return m.Follows(alice, garden) == "accepted", m.Refusals() })
		h.microblogs = append(h.microblogs, m)
	}
	nina := h.nodebb.User(2, "nina")
	nina.Join(t, h.nodebb.Resolve(t, "garden@"+h.home.Host))
	server.Eventually(t, "nina's membership", func() (bool, any) { return h.nodebb.Joined(nina, garden) == "accepted", h.nodebb.Refusals() })

	h.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who wants some?"}, &h.post)
	for _, n := range h.threadiverse {
		knows(t, n, h.post.URL, "ann's post", func(*fediverse.Piece) bool { return true })
	}
	for _, m := range h.microblogs {
		server.Eventually(t, "ann's post", func() (bool, any) { return m.Status(h.post.URL) != nil, m.Refusals() })
	}
	server.Eventually(t, "ann's post", func() (bool, any) { return h.nodebb.Post(h.post.URL) != nil, h.nodebb.Refusals() })
	return h
}

// Somebody of ours deletes their account. Every server hears it once, in their
// own name: Lemmy, PieFed and Mbin keep what they wrote unless it goes with
// them, microblogs never do, and NodeBB knows nothing of it.
func TestOurFarewells(t *testing.T) {
	for _, all := range []bool{false, true} {
		t.Run(fmt.Sprintf("with posts %v", all), func(t *testing.T) {
			h := newNeighbourhood(t)
			who := h.home.URL + "/u/ann"
			h.ann.Depart(t, all)
			for _, n := range h.threadiverse {
				server.Eventually(t, n.Software+" to hear of it", func() (bool, any) { return n.Departed(who) > 0, n.Refusals() })
				if p := n.Piece(h.post.URL); p.Deleted != all {
					t.Errorf("on %s her post is %+v", n.Software, p)
				}
			}
			for _, m := range h.microblogs {
				server.Eventually(t, m.Software+" to hear of it", func() (bool, any) { return m.Departed(who) > 0, m.Refusals() })
				if s := m.Status(h.post.URL); s != nil {
					t.Errorf("on %s her post is %+v", m.Software, s)
				}
			}
			h.nodebb.Await(t, "the farewell", farewellOf(who))
			if len(h.nodebb.Refusals()) != 0 {
				t.Errorf("NodeBB refused %s", h.nodebb.Refusals())
			}
			// What is said afterwards comes after it: nobody was told twice.
			var last v1.Post
			h.ada.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Without ann"}, &last)
			for _, n := range h.threadiverse {
				knows(t, n, last.URL, "the next post", func(*fediverse.Piece) bool { return true })
			}
			for _, m := range h.microblogs {
				server.Eventually(t, "the next post", func() (bool, any) { return m.Status(last.URL) != nil, m.Refusals() })
			}
			server.Eventually(t, "the next post", func() (bool, any) { return h.nodebb.Post(last.URL) != nil, h.nodebb.Refusals() })
			h.each(func(p *fediverse.Peer) {
				count := 0
				for _, d := range p.Deliveries() {
					if farewellOf(who)(d) {
						count++
						if remove, said := d.Doc.Bool("removeData"); remove != all || !said || d.Signature != nil {
							t.Errorf("%s got %s, %v", p.Software, d.Body, d.Signature)
						}
					}
				}
				if count != 1 {
					t.Errorf("%s was told %d times", p.Software, count)
				}
			})
		})
	}
}

func (h *neighbourhood) each(f func(*fediverse.Peer)) {
	for _, n := range h.threadiverse {
		f(n.Peer)
	}
	for _, m := range h.microblogs {
		f(m.Peer)
	}
	f(h.nodebb.Peer)
}

func farewellOf(who string) func(fediverse.Delivery) bool {
	return func(d fediverse.Delivery) bool {
		return d.Doc.Kind() == as.KindDelete && d.Doc.Actor() == who && d.Doc.Ref("object") == who
	}
}

// Somebody on a neighbour deletes their account: they are gone here, with what
// they wrote if their server says so. Mbin always does.
func TestTheirFarewells(t *testing.T) {
	tests := []struct {
		name  string
		start func(testing.TB) *fediverse.Neighbour
		all   []bool
	}{
		{"Lemmy", fediverse.NewLemmy, []bool{false, true}},
		{"Lemmy 0.19", fediverse.NewOldLemmy, []bool{false, true}},
		{"PieFed", fediverse.NewPieFed, []bool{false, true}},
		{"Mbin", fediverse.NewMbin, []bool{true}},
	}
	for _, test := range tests {
		for _, all := range test.all {
			t.Run(fmt.Sprintf("%s, with posts %v", test.name, all), func(t *testing.T) {
				home, n := server.New(t, testdb.SQLiteDSN(t)), test.start(t)
				ann, lena, otto := home.User("ann"), n.Account("lena"), n.Account("otto")
				ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
				member(t, n, lena, home, "garden")
				seeMembers(t, ann, "garden", 2)
				id := n.Post(t, lena, home.URL+"/c/garden", "Beans", "They grow")
				copied := seePost(t, ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == id })
				forged := map[string]any{
					"@context": as.NS, "id": n.URL + "/activities/delete/1", "type": as.KindDelete, "actor": otto.ID, "object": lena.ID,
					"to": []string{as.Public}, "cc": []string{}, "removeData": true,
				}
				if status, text := otto.Send(t, home.URL+"/inbox", forged); status != http.StatusAccepted {
					t.Fatalf("%d %s", status, text)
				}
				quiet(t, home)
				if p := getPost(t, ann, copied.ID); p.Deleted || p.Author.Deleted {
					t.Fatalf("otto deleted lena: %+v", p)
				}
				n.Farewell(t, lena, all)
				wentFrom(t, ann, "lena@"+n.Host, copied.ID, all)
				seeMembers(t, ann, "garden", 1)
			})
		}
	}
}

func TestFarewellsOfMicroblogs(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *fediverse.Microblog{
		"Mastodon": fediverse.NewMastodon, "GoToSocial": fediverse.NewGoToSocial,
	} {
		t.Run(name, func(t *testing.T) {
			home, m := server.New(t, testdb.SQLiteDSN(t)), start(t)
			ann, alice := home.User("ann"), m.Account("alice")
			ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
			garden := m.Resolve(t, "garden@"+home.Host)
			alice.Follow(t, garden)
			members(t, ann, 2)
			id := alice.Post(t, fediverse.Writing{Mention: []string{garden}, Text: "Pots to swap\n\nClay ones."})
			server.Eventually(t, "the boost", func() (bool, any) { return m.Boosted(garden, id) == 1, m.Refusals() })
			copied := seePost(t, ann, "/groups/garden/posts", func(p v1.Post) bool { return strings.HasPrefix(p.Title, "Pots") })
			alice.Farewell(t, garden)
			wentFrom(t, ann, "alice@"+m.Host, copied.ID, true)
			members(t, ann, 1)
		})
	}
}

// wentFrom waits until somebody is gone from here, and what they wrote is gone
// or kept under nobody's name.
func wentFrom(t *testing.T, u *server.User, handle string, post int64, all bool) {
	t.Helper()
	server.Eventually(t, "the end of "+handle, func() (bool, any) {
		status, text := u.Try(t, "GET", "/people/"+handle, nil)
		return status == http.StatusNotFound, string(text)
	})
	seePost1(t, u, post, "what becomes of their words", func(p v1.Post) bool {
		return p.Author.Deleted && p.Deleted == all && (p.Title == "") == all
	})
	quiet(t, u.Server)
	if p := getPost(t, u, post); p.Deleted != all {
		t.Errorf("in the end it is %+v", p)
	}
}
