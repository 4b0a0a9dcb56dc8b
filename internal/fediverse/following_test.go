package fediverse_test

import (
	"fmt"
	"testing"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// how waits until somebody follows another in a way; "" is not at all.
func how(t *testing.T, u *server.User, person, want string) (seen v1.Person) {
	t.Helper()
	server.Eventually(t, fmt.Sprintf("that %s is followed: %q", person, want), func() (bool, any) {
		var p v1.Person
		u.Call(t, "GET", "/people/"+person, nil, &p)
		is := ""
		if p.Follow != nil {
			is = p.Follow.State
		}
		seen = p
		return is == want, p
	})
	return seen
}

// told waits until somebody has a notification of a kind, or none any more.
func toldOf(t *testing.T, u *server.User, kind, by string, want bool) {
	t.Helper()
	server.Eventually(t, fmt.Sprintf("%s of %s", kind, by), func() (bool, any) {
		var notes v1.List[v1.Notification]
		u.Call(t, "GET", "/notifications", nil, &notes)
		for _, n := range notes.Items {
			if string(n.Kind) == kind && n.Actor.Handle == by {
				return want, notes
			}
		}
		return !want, notes
	})
}

// Bob on b follows ann on a, who decides who follows her. What she writes in a
// group that nobody on b knows is in his home feed, until he follows her no
// more.
func TestFollowingBetweenTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		a, b := server.New(t, dsn), server.New(t, testdb.SQLiteDSN(t))
		ann, bob, cleo := a.User("ann"), b.User("bob"), a.User("cleo")
		there, here := "ann@"+a.Host, "bob@"+b.Host
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		bob.Call(t, "GET", "/resolve?q=@"+there, nil, nil)

		ann.Call(t, "PATCH", "/me/profile", map[string]any{"approves_followers": true}, nil)
		bob.Call(t, "PUT", "/people/"+there+"/follow", nil, nil)
		how(t, bob, there, "requested")
		toldOf(t, ann, "follow_request", here, true)
		ann.Call(t, "DELETE", "/me/followers/requests/"+here, nil, nil)
		how(t, bob, there, "refused")
		if status, _ := bob.Try(t, "PUT", "/people/"+there+"/follow", nil); status != 403 {
			t.Errorf("who was refused asks again: %d", status)
		}

		// Cleo, of her own server, is let in.
		cleo.Call(t, "PUT", "/people/ann/follow", nil, nil)
		how(t, cleo, "ann", "requested")
		toldOf(t, ann, "follow_request", "cleo", true)
		ann.Call(t, "PUT", "/me/followers/requests/cleo", nil, nil)
		how(t, cleo, "ann", "accepted")
		toldOf(t, cleo, "follow_accepted", "ann", true)

		dora, near := b.User("dora"), "dora@"+b.Host
		ann.Call(t, "PATCH", "/me/profile", map[string]any{"approves_followers": false}, nil)
		dora.Call(t, "PUT", "/people/"+there+"/follow", nil, nil)
		how(t, dora, there, "accepted")
		toldOf(t, ann, "follow", near, true)
		server.Eventually(t, "ann's followers", func() (bool, any) {
			var p v1.Person
			cleo.Call(t, "GET", "/people/ann", nil, &p)
			return p.Followers == 2, p
		})
		var list v1.List[v1.Followee]
		dora.Call(t, "GET", "/me/following", nil, &list)
		if len(list.Items) != 1 || list.Items[0].Actor.Handle != there || list.Items[0].Follow.State != "accepted" {
			t.Errorf("whom dora follows: %+v", list.Items)
		}

		var post v1.Post
		ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: "Seedlings"}, &post)
		seePost(t, dora, "/people/"+there+"/posts", func(p v1.Post) bool { return p.URL == post.URL })

		for view, want := range map[string]int{"home": 1, "people": 1} {
			var feed v1.List[v1.Post]
			dora.Call(t, "GET", "/feed?view="+view, nil, &feed)
			if len(feed.Items) != want || feed.Items[0].Group.Handle != "garden@"+a.Host {
				t.Errorf("dora's %s: %+v", view, feed.Items)
			}
			bob.Call(t, "GET", "/feed?view="+view, nil, &feed)
			if len(feed.Items) != 0 {
				t.Errorf("bob, who was refused, has in %s: %+v", view, feed.Items)
			}
		}

		dora.Call(t, "DELETE", "/people/"+there+"/follow", nil, nil)
		how(t, dora, there, "")
		toldOf(t, ann, "follow", near, false)
		server.Eventually(t, "one follower less", func() (bool, any) {
			var p v1.Person
			cleo.Call(t, "GET", "/people/ann", nil, &p)
			return p.Followers == 1, p
		})
	})
}

// People here follow people on a fake Mastodon and a fake GoToSocial, who
// accept at once or by hand, and may think better of it.
func TestFollowingPeopleOnMicroblogs(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *fediverse.Microblog{
		"mastodon": fediverse.NewMastodon, "gotosocial": fediverse.NewGoToSocial,
	} {
		t.Run(name, func(t *testing.T) {
			m, home := start(t), server.New(t, testdb.SQLiteDSN(t))
			ann := home.User("ann")
			me := home.URL + "/u/ann"
			alice, maxim := m.Account("alice"), m.Account("max")
			maxim.Locked = true
			maxim.Extra["manuallyApprovesFollowers"] = true
			for _, person := range []string{"alice", "max"} {
				ann.Call(t, "GET", "/resolve?q=@"+person+"@"+m.Host, nil, nil)
				ann.Call(t, "PUT", "/people/"+person+"@"+m.Host+"/follow", nil, nil)
			}
			how(t, ann, "alice@"+m.Host, "accepted")
			if followers, _ := m.Followers(alice); len(followers) != 1 || followers[0] != me {
				t.Errorf("alice's followers: %v", followers)
			}
			how(t, ann, "max@"+m.Host, "requested")
			server.Eventually(t, "the Follow of max", func() (bool, any) {
				_, asking := m.Followers(maxim)
				return asking == 1, asking
			})
			maxim.Accept(t, me)
			how(t, ann, "max@"+m.Host, "accepted")
			toldOf(t, ann, "follow_accepted", "max@"+m.Host, true)
			maxim.Reject(t, me)
			how(t, ann, "max@"+m.Host, "refused")

			ann.Call(t, "DELETE", "/people/alice@"+m.Host+"/follow", nil, nil)
			server.Eventually(t, "the Undo", func() (bool, any) {
				followers, _ := m.Followers(alice)
				return len(followers) == 0, followers
			})
			if why := m.Refusals(); len(why) > 0 {
				t.Errorf("refused: %v", why)
			}
		})
	}
}
