package fediverse_test

import (
	"fmt"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/federation"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody on b follows a group on a; what either side says and takes back
// travels to the other.
func TestTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		play(t, server.New(t, dsn), server.New(t, other(t)))
	})
}

// The same between two servers that show nothing to whoever does not sign:
// neither waits for the other, and neither misses anything.
func TestTwoServersThatAskWhoReads(t *testing.T) {
	ask := func(o *federation.Options) { o.AuthorizedFetch = true }
	play(t, server.New(t, testdb.SQLiteDSN(t), ask), server.New(t, testdb.SQLiteDSN(t), ask))
}

func play(t *testing.T, a, b *server.Server) {
	t.Helper()
	s := &story{ann: a.User("ann"), bob: b.User("bob")}
	s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	for _, scene := range []struct {
		name string
		play func(*testing.T)
	}{
		{"follow", s.follow},
		{"post", s.post},
		{"answer", s.answer},
		{"vote", s.vote},
		{"change a vote", s.changeVote},
		{"undo a vote", s.undoVote},
		{"edit", s.edit},
		{"delete", s.delete},
		{"moderate", s.moderate},
		{"leave", s.leave},
	} {
		if !t.Run(scene.name, scene.play) {
			return
		}
	}
}

// A story is what two people on two servers do, and what each has seen.
type story struct {
	ann, bob     *server.User
	there        string  // the group, as bob writes it
	annsPost     v1.Post // on ann's server
	bobsCopy     v1.Post // of ann's post, on bob's
	bobsComment  v1.Comment
	annsCopy     v1.Comment // of bob's comment
	annsComment  v1.Comment
	bobsOwnPost  v1.Post
	annsCopyOfIt v1.Post
}

func (s *story) follow(t *testing.T) {
	s.there = "garden@" + s.ann.Server.Host
	var found v1.Resolved
	s.bob.Call(t, "GET", "/resolve?q=!"+s.there, nil, &found)
	if found.Kind != "group" || found.Group.Title != "Gardening" {
		t.Fatalf("resolved to %+v", found)
	}
	s.bob.Call(t, "PUT", "/groups/"+s.there+"/membership", nil, nil)
	server.Eventually(t, "bob's membership", func() (bool, any) {
		var g v1.Group
		s.bob.Call(t, "GET", "/groups/"+s.there, nil, &g)
		return g.Membership != nil && g.Membership.State == "accepted", g.Membership
	})
	server.Eventually(t, "the group's second member", func() (bool, any) {
		var g v1.Group
		s.ann.Call(t, "GET", "/groups/garden", nil, &g)
		return g.Members == 2, g
	})
}

func (s *story) post(t *testing.T) {
	s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings", Body: "Who *wants* some?"}, &s.annsPost)
	s.bobsCopy = seePost(t, s.bob, "/groups/"+s.there+"/posts", func(p v1.Post) bool { return p.URL == s.annsPost.URL })
	if s.bobsCopy.Title != "Seedlings" || !strings.Contains(s.bobsCopy.HTML, "<em>wants</em>") || s.bobsCopy.Body != "Who *wants* some?" {
		t.Errorf("bob sees %+v", s.bobsCopy)
	}
	if s.bobsCopy.Author.Handle != "ann@"+s.ann.Server.Host {
		t.Errorf("bob sees it as written by %q", s.bobsCopy.Author.Handle)
	}
	// The other way round: bob posts in the group.
	s.bob.Call(t, "POST", "/groups/"+s.there+"/posts", v1.PostDraft{Title: "Pots to swap"}, &s.bobsOwnPost)
	s.annsCopyOfIt = seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == s.bobsOwnPost.URL })
}

func (s *story) answer(t *testing.T) {
	s.bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.bobsCopy.ID), v1.CommentDraft{Body: "Me!"}, &s.bobsComment)
	s.annsCopy = seeComment(t, s.ann, s.annsPost.ID, func(c v1.Comment) bool { return c.URL == s.bobsComment.URL })
	if s.annsCopy.Body != "Me!" || s.annsCopy.Author.Handle != "bob@"+s.bob.Server.Host || s.annsCopy.ParentID != nil {
		t.Errorf("ann sees %+v", s.annsCopy)
	}
	s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.annsPost.ID),
		v1.CommentDraft{Body: "They are yours.", ParentID: &s.annsCopy.ID}, &s.annsComment)
	got := seeComment(t, s.bob, s.bobsCopy.ID, func(c v1.Comment) bool { return c.URL == s.annsComment.URL })
	if got.ParentID == nil || *got.ParentID != s.bobsComment.ID || got.Depth != 1 {
		t.Errorf("bob sees ann's answer at %+v", got)
	}
	server.Eventually(t, "bob's notification of the answer", func() (bool, any) {
		var notes v1.List[v1.Notification]
		s.bob.Call(t, "GET", "/notifications", nil, &notes)
		return len(notes.Items) > 0, notes
	})
}

func (s *story) vote(t *testing.T) {
	before := getPost(t, s.ann, s.annsPost.ID)
	s.bob.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", s.bobsCopy.ID), v1.Choice{Value: 1}, nil)
	seePost1(t, s.ann, s.annsPost.ID, "bob's vote", func(p v1.Post) bool { return p.Ups == before.Ups+1 })
	s.ann.Call(t, "PUT", fmt.Sprintf("/comments/%d/vote", s.annsCopy.ID), v1.Choice{Value: 1}, nil)
	was := s.bobsComment.Ups
	seeComment(t, s.bob, s.bobsCopy.ID, func(c v1.Comment) bool { return c.ID == s.bobsComment.ID && c.Ups == was+1 })
}

func (s *story) changeVote(t *testing.T) {
	s.bob.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", s.bobsCopy.ID), v1.Choice{Value: -1}, nil)
	seePost1(t, s.ann, s.annsPost.ID, "bob's other vote", func(p v1.Post) bool { return p.Downs == 1 })
}

func (s *story) undoVote(t *testing.T) {
	s.bob.Call(t, "PUT", fmt.Sprintf("/posts/%d/vote", s.bobsCopy.ID), v1.Choice{}, nil)
	seePost1(t, s.ann, s.annsPost.ID, "the end of bob's vote", func(p v1.Post) bool { return p.Downs == 0 })
}

func (s *story) edit(t *testing.T) {
	title, body := "Seedlings, free", "*Some* are left."
	s.ann.Call(t, "PATCH", fmt.Sprintf("/posts/%d", s.annsPost.ID), v1.PostChange{Title: &title, Body: &body}, nil)
	got := seePost1(t, s.bob, s.bobsCopy.ID, "ann's edit", func(p v1.Post) bool { return p.Title == title })
	if got.Body != body || got.EditedAt == nil {
		t.Errorf("bob sees %+v", got)
	}
	answer := "Me, please!"
	s.bob.Call(t, "PATCH", fmt.Sprintf("/comments/%d", s.bobsComment.ID), v1.CommentChange{Body: &answer}, nil)
	seeComment(t, s.ann, s.annsPost.ID, func(c v1.Comment) bool { return c.URL == s.bobsComment.URL && c.Body == answer })
}

func (s *story) delete(t *testing.T) {
	s.bob.Call(t, "DELETE", fmt.Sprintf("/comments/%d", s.bobsComment.ID), nil, nil)
	seeComment(t, s.ann, s.annsPost.ID, func(c v1.Comment) bool { return c.URL == s.bobsComment.URL && c.Deleted && c.Body == "" })
	s.ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", s.annsPost.ID), nil, nil)
	seePost1(t, s.bob, s.bobsCopy.ID, "the end of ann's post", func(p v1.Post) bool { return p.Deleted && p.Title == "" })
}

// moderate: ann removes what bob posted, and thinks better of it.
func (s *story) moderate(t *testing.T) {
	path := fmt.Sprintf("/posts/%d/removal", s.annsCopyOfIt.ID)
	s.ann.Call(t, "POST", path, map[string]string{"reason": "Off topic"}, nil)
	seePost1(t, s.bob, s.bobsOwnPost.ID, "the removal", func(p v1.Post) bool { return p.Removed })
	s.ann.Call(t, "DELETE", path, nil, nil)
	seePost1(t, s.bob, s.bobsOwnPost.ID, "the restoration", func(p v1.Post) bool { return !p.Removed })
}

func (s *story) leave(t *testing.T) {
	s.bob.Call(t, "DELETE", "/groups/"+s.there+"/membership", nil, nil)
	server.Eventually(t, "bob's leaving", func() (bool, any) {
		var g v1.Group
		s.ann.Call(t, "GET", "/groups/garden", nil, &g)
		return g.Members == 1, g
	})
}

// seePost waits until somebody sees a post in a list.
func seePost(t *testing.T, u *server.User, path string, is func(v1.Post) bool) (seen v1.Post) {
	t.Helper()
	server.Eventually(t, "a post in "+path, func() (bool, any) {
		var list v1.List[v1.Post]
		u.Call(t, "GET", path+"?sort=new", nil, &list)
		for _, p := range list.Items {
			if is(p) {
				seen = p
				return true, nil
			}
		}
		return false, list.Items
	})
	return seen
}

// seePost1 waits until somebody sees one post in a state.
func seePost1(t *testing.T, u *server.User, id int64, what string, is func(v1.Post) bool) (seen v1.Post) {
	t.Helper()
	server.Eventually(t, what, func() (bool, any) {
		seen = getPost(t, u, id)
		return is(seen), seen
	})
	return seen
}

func getPost(t *testing.T, u *server.User, id int64) (p v1.Post) {
	t.Helper()
	u.Call(t, "GET", fmt.Sprintf("/posts/%d", id), nil, &p)
	return p
}

// seeComment waits until somebody sees a comment in a thread.
func seeComment(t *testing.T, u *server.User, post int64, is func(v1.Comment) bool) (seen v1.Comment) {
	t.Helper()
	server.Eventually(t, "a comment", func() (bool, any) {
		var list v1.List[v1.Comment]
		u.Call(t, "GET", fmt.Sprintf("/posts/%d/comments", post), nil, &list)
		for _, c := range list.Items {
			if is(c) {
				seen = c
				return true, nil
			}
		}
		return false, list.Items
	})
	return seen
}
