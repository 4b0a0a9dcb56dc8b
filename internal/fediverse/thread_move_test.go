package fediverse_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// ann moves a thread from her garden to her meadow. bob of b follows the one,
// and cyd of c the other: both find it, with its answers, where it is now.
func TestAThreadMovesOnThreeServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b, c := server.New(t, dsn), server.New(t, other(t)), server.New(t, testdb.SQLiteDSN(t))
		s := &story{ann: a.User("ann"), bob: b.User("bob")}
		ann, bob, cyd := s.ann, s.bob, c.User("cyd")
		for _, name := range []string{"garden", "meadow"} {
			title := map[string]string{"garden": "Gardening", "meadow": "Meadows"}[name]
			ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: name, Title: title}, nil)
		}
		s.follow(t)
		meadow := "meadow@" + a.Host
		cyd.Call(t, "GET", "/resolve?q=!"+meadow, nil, nil)
		cyd.Call(t, "PUT", "/groups/"+meadow+"/membership", nil, nil)
		server.Eventually(t, "cyd's membership", func() (bool, any) {
			var g v1.Group
			cyd.Call(t, "GET", "/groups/"+meadow, nil, &g)
			return g.Membership != nil && g.Membership.State == community.Accepted, g.Membership
		})
		s.post(t)
		s.answer(t)
		path := fmt.Sprintf("/posts/%d/featured", s.annsPost.ID)
		ann.Call(t, "PUT", path, nil, nil)
		seePost1(t, bob, s.bobsCopy.ID, "it on top", func(p v1.Post) bool { return p.Featured })

		move := v1.ThreadMove{Group: "meadow", Why: v1.Why{Reason: "Better there."}}
		if status, _ := bob.Try(t, "POST", fmt.Sprintf("/posts/%d/group", s.bobsCopy.ID), v1.ThreadMove{Group: meadow}); status != http.StatusForbidden && status != http.StatusNotFound {
			t.Errorf("bob, who moderates nothing, is answered %d", status)
		}
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/group", s.annsPost.ID), move, nil)
		seePost1(t, ann, s.annsPost.ID, "it moved here", func(p v1.Post) bool { return p.Group.Name == "meadow" && !p.Featured })
		seePost1(t, bob, s.bobsCopy.ID, "it moved at b", func(p v1.Post) bool { return p.Group.Handle == meadow && !p.Featured && !p.Removed })
		seePost(t, cyd, "/groups/"+meadow+"/posts", func(p v1.Post) bool { return p.URL == s.annsPost.URL })
		for _, u := range []struct {
			who    *server.User
			group  string
			want   community.FactKind
			reason string
		}{
			{ann, "garden", community.PostMoved, "Better there."},
			{ann, "meadow", community.PostArrived, "Better there."},
			{bob, s.there, community.PostMoved, "Better there."},
			{bob, meadow, community.PostArrived, "Better there."},
		} {
			var log v1.List[v1.Decision]
			u.who.Call(t, "GET", "/groups/"+u.group+"/log", nil, &log)
			if len(log.Items) == 0 || log.Items[0].Kind != u.want || log.Items[0].Reason != u.reason {
				t.Errorf("the log of %s at %s says %+v", u.group, u.who.Server.Host, log.Items)
			}
		}
		// Whoever wrote it elsewhere is told there.
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/group", s.annsCopyOfIt.ID), move, nil)
		seePost1(t, bob, s.bobsOwnPost.ID, "the move of his own", func(p v1.Post) bool { return p.Group.Handle == meadow })
		told(t, bob, meadow)
		// What is said in it now is told by the meadow.
		var late v1.Comment
		cydsCopy := seePost(t, cyd, "/groups/"+meadow+"/posts", func(p v1.Post) bool { return p.URL == s.annsPost.URL })
		ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", s.annsPost.ID), v1.CommentDraft{Body: "Now here."}, &late)
		seeComment(t, cyd, cydsCopy.ID, func(c v1.Comment) bool { return c.URL == late.URL })
		cyd.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", cydsCopy.ID), v1.CommentDraft{Body: "Welcome."}, &late)
		seeComment(t, ann, s.annsPost.ID, func(c v1.Comment) bool { return c.URL == late.URL })
	})
}
