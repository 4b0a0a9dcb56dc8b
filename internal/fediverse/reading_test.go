package fediverse_test

import (
	"fmt"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody on b pastes the address of a group's page on a, and reads its
// threads before they join.
func TestTwoServersReadingBeforeJoining(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		a, b := server.New(t, dsn), server.New(t, testdb.SQLiteDSN(t))
		ann, bob := a.User("ann"), b.User("bob")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		for i := range 3 {
			var post v1.Post
			ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: fmt.Sprint("Bed ", i)}, &post)
			var parent *int64
			for n := range i + 2 {
				var c v1.Comment
				ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", post.ID), v1.CommentDraft{Body: fmt.Sprint("Row ", n), ParentID: parent}, &c)
				parent = &c.ID
			}
		}
		var found v1.Resolved
		bob.Call(t, "GET", "/resolve?q="+a.URL+"/c/garden", nil, &found)
		if found.Kind != "group" || found.Group.Membership != nil {
			t.Fatalf("resolved to %+v", found)
		}
		there := "garden@" + a.Host
		server.Eventually(t, "the group being read", func() (bool, any) {
			var g v1.Group
			bob.Call(t, "GET", "/groups/"+there, nil, &g)
			return g.Backfill != nil && g.Backfill.State == "done" && g.Backfill.Fetched == 3 && g.Backfill.At != nil, g.Backfill
		})
		var list v1.List[v1.Post]
		bob.Call(t, "GET", "/groups/"+there+"/posts?sort=new", nil, &list)
		if len(list.Items) != 3 {
			t.Fatalf("bob sees %+v", list.Items)
		}
		for i, post := range list.Items {
			want := 4 - i
			if post.Title != fmt.Sprint("Bed ", 2-i) {
				t.Errorf("post %d is %q", i, post.Title)
			}
			server.Eventually(t, "the thread being read", func() (bool, any) {
				var p v1.Post
				bob.Call(t, "GET", fmt.Sprintf("/posts/%d", post.ID), nil, &p)
				return p.Backfill != nil && p.Backfill.State == "done" && p.Backfill.Fetched == int64(want), p.Backfill
			})
			var comments v1.List[v1.Comment]
			bob.Call(t, "GET", fmt.Sprintf("/posts/%d/comments?sort=old", post.ID), nil, &comments)
			if len(comments.Items) != want {
				t.Fatalf("thread %d has %d comments", i, len(comments.Items))
			}
			for n, c := range comments.Items {
				if c.Body != fmt.Sprint("Row ", n) || c.Depth != n || c.Author.Handle != "ann@"+a.Host {
					t.Errorf("comment %d is %+v", n, c)
				}
			}
		}
		var g v1.Group
		ann.Call(t, "GET", "/groups/garden", nil, &g)
		if g.Members != 1 {
			t.Errorf("reading made %d members", g.Members)
		}
	})
}
