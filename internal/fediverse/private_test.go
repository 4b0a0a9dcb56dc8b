package fediverse_test

import (
	"fmt"
	"net/http"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A private group on a: bob, on b, asks, is let in, and talks with ann and
// with cleo, on c, who reads what he wrote though his own server does not know
// that she is a member. eve, on b too, sees nothing of it, before and after.
func TestPrivateGroupOnThreeServers(t *testing.T) {
	a, b, c := server.New(t, testdb.SQLiteDSN(t)), server.New(t, testdb.SQLiteDSN(t)), server.New(t, testdb.SQLiteDSN(t))
	ann, bob, eve, cleo := a.User("ann"), b.User("bob"), b.User("eve"), c.User("cleo")
	ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "cellar", Title: "The cellar", Visibility: "private"}, nil)
	there := "cellar@" + a.Host
	for _, who := range []*server.User{bob, eve, cleo} {
		var found v1.Resolved
		who.Call(t, "GET", "/resolve?q=!"+there, nil, &found)
		if found.Group == nil || found.Group.Visibility != "private" || found.Group.Readable {
			t.Fatalf("%s resolved it to %+v", who.Name, found.Group)
		}
		if who == eve {
			continue
		}
		var m v1.Membership
		who.Call(t, "PUT", "/groups/"+there+"/membership", nil, &m)
		if m.State != "pending" {
			t.Fatalf("%s is %s", who.Name, m.State)
		}
		let := fmt.Sprintf("/groups/cellar/requests/%s@%s", who.Name, who.Server.Host)
		server.Eventually(t, who.Name+" is let in", func() (bool, any) {
			status, text := ann.Try(t, "PUT", let, nil)
			return status == http.StatusNoContent, string(text)
		})
		server.Eventually(t, who.Name+" knows", func() (bool, any) {
			var g v1.Group
			who.Call(t, "GET", "/groups/"+there, nil, &g)
			return g.Membership != nil && g.Membership.State == "accepted" && g.Readable, g
		})
	}
	var post v1.Post
	ann.Call(t, "POST", "/groups/cellar/posts", v1.PostDraft{Title: "Where the key is"}, &post)
	mine := func(p v1.Post) bool { return p.URL == post.URL }
	bobs := seePost(t, bob, "/groups/"+there+"/posts", mine)
	cleos := seePost(t, cleo, "/groups/"+there+"/posts", mine)
	var answer v1.Comment
	bob.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", bobs.ID), v1.CommentDraft{Body: "Under the pot?"}, &answer)
	seeComment(t, ann, post.ID, func(c v1.Comment) bool { return c.URL == answer.URL })
	seeComment(t, cleo, cleos.ID, func(c v1.Comment) bool { return c.URL == answer.URL })
	blind := func(when string) {
		t.Helper()
		for _, path := range []string{fmt.Sprintf("/posts/%d", bobs.ID), fmt.Sprintf("/posts/%d/comments", bobs.ID), "/resolve?q=" + post.URL, "/groups/" + there + "/posts"} {
			if status, text := eve.Try(t, "GET", path, nil); status != http.StatusNotFound && status != http.StatusForbidden {
				t.Errorf("%s: eve gets %s: %d %s", when, path, status, text)
			}
		}
	}
	blind("before")
	ann.Call(t, "DELETE", fmt.Sprintf("/groups/cellar/members/bob@%s", b.Host), nil, nil)
	server.Eventually(t, "bob is out", func() (bool, any) {
		status, text := bob.Try(t, "GET", fmt.Sprintf("/posts/%d", bobs.ID), nil)
		return status == http.StatusNotFound, string(text)
	})
	blind("after")
}
