package fediverse_test

import (
	"fmt"
	"net/http"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A group on a, whose owner makes somebody of b a moderator: what he decides
// there is so on both.
func TestAModeratorOnAnotherServer(t *testing.T) {
	a, b := server.New(t, testdb.SQLiteDSN(t)), server.New(t, testdb.SQLiteDSN(t))
	ann, cem, bob := a.User("ann"), a.User("cem"), b.User("bob")
	ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
	s := &story{ann: ann, bob: bob}
	s.follow(t)
	s.post(t)
	var rude v1.Post
	cem.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Rude"}, &rude)
	rudeCopy := seePost(t, bob, "/groups/"+s.there+"/posts", func(p v1.Post) bool { return p.URL == rude.URL })
	if status, _ := bob.Try(t, "POST", fmt.Sprintf("/posts/%d/lock", s.bobsCopy.ID), v1.Why{}); status != http.StatusForbidden {
		t.Errorf("bob, who moderates nothing, is answered %d", status)
	}

	ann.Call(t, "PUT", "/groups/garden/moderators/bob@"+b.Host, nil, nil)
	server.Eventually(t, "bob moderates on his server", func() (bool, any) {
		var g v1.Group
		bob.Call(t, "GET", "/groups/"+s.there, nil, &g)
		return g.Membership != nil && g.Membership.Role == community.Moderator, g.Membership
	})

	read := func(u *server.User, id int64) (p v1.Post) {
		t.Helper()
		u.Call(t, "GET", fmt.Sprintf("/posts/%d", id), nil, &p)
		return p
	}
	both := func(what string, ok func(v1.Post) bool) {
		t.Helper()
		server.Eventually(t, what, func() (bool, any) {
			here, there := read(ann, s.annsPost.ID), read(bob, s.bobsCopy.ID)
			return ok(here) && ok(there), []v1.Post{here, there}
		})
	}
	path := fmt.Sprintf("/posts/%d", s.bobsCopy.ID)
	bob.Call(t, "POST", path+"/lock", v1.Why{Reason: "Said."}, nil)
	both("a locked thread", func(p v1.Post) bool { return p.Locked })
	bob.Call(t, "DELETE", path+"/lock", nil, nil)
	both("an open thread", func(p v1.Post) bool { return !p.Locked })
	bob.Call(t, "PUT", path+"/featured", nil, nil)
	both("a post on top", func(p v1.Post) bool { return p.Featured })
	bob.Call(t, "DELETE", path+"/featured", nil, nil)
	both("a post no more on top", func(p v1.Post) bool { return !p.Featured })
	bob.Call(t, "PUT", path+"/sensitive", nil, nil)
	both("a sensitive post", func(p v1.Post) bool { return p.Sensitive && p.Title == "Seedlings" })
	bob.Call(t, "POST", path+"/removal", v1.Removal{Reason: "Off topic"}, nil)
	both("a removed post", func(p v1.Post) bool { return p.Removed && p.RemovedReason == "Off topic" })
	bob.Call(t, "DELETE", path+"/removal", nil, nil)
	both("a restored post", func(p v1.Post) bool { return !p.Removed && p.Title == "Seedlings" })

	// bob bans cem of a, with what he wrote; the ban holds where cem lives.
	bans := "/groups/" + s.there + "/bans/cem@" + a.Host
	bob.Call(t, "PUT", bans, v1.BanDraft{Reason: "rude", RemoveContent: true}, nil)
	server.Eventually(t, "cem's ban, on both", func() (bool, any) {
		status, text := cem.Try(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "But"})
		return status == http.StatusForbidden && read(ann, rude.ID).Removed && read(bob, rudeCopy.ID).Removed, string(text)
	})
	bob.Call(t, "DELETE", bans+"?restore_content=true", nil, nil)
	server.Eventually(t, "cem's return, on both", func() (bool, any) {
		var g v1.Group
		cem.Call(t, "GET", "/groups/garden", nil, &g)
		free := g.Membership == nil || g.Membership.BannedUntil == nil
		return free && !read(ann, rude.ID).Removed && !read(bob, rudeCopy.ID).Removed, g.Membership
	})

	// Both logs tell the same story: what, in that order.
	log := func(u *server.User, group string) (kinds []community.FactKind) {
		t.Helper()
		var list v1.List[v1.Decision]
		u.Call(t, "GET", "/groups/"+group+"/log", nil, &list)
		for _, d := range list.Items {
			kinds = append(kinds, d.Kind)
		}
		return kinds
	}
	here, there := log(ann, "garden"), log(bob, s.there)
	if fmt.Sprint(here) != fmt.Sprint(there) || len(here) != 10 {
		t.Errorf("the logs are\n%v and\n%v", here, there)
	}

	ann.Call(t, "DELETE", "/groups/garden/moderators/bob@"+b.Host, nil, nil)
	server.Eventually(t, "bob moderates no more", func() (bool, any) {
		var g v1.Group
		bob.Call(t, "GET", "/groups/"+s.there, nil, &g)
		return g.Membership != nil && g.Membership.Role == community.Member, g.Membership
	})
}
