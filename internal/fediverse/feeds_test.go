package fediverse_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"drystone/api/v1"
	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// A feed elsewhere is found, shows its groups and what is posted in the one
// that lives here, is followed, answers, and changes.
func TestAFeedElsewhere(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		home, peer := server.New(t, dsn), fediverse.NewPeer(t, "lemmy")
		ann := home.User("ann")
		gus, dogs, feed := peer.Person("gus"), peer.Group("dogs"), peer.Actor(as.KindFeed, "/m/pets")
		following := feed.ID + "/following"
		feed.Extra["following"], feed.Extra["attributedTo"] = following, gus.ID
		lists := func(ids ...string) {
			peer.Serve("/m/pets/following", map[string]any{
				"@context": as.NS, "type": "Collection", "id": following, "totalItems": len(ids), "items": ids,
			})
		}
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "cats"}, nil)
		ann.Call(t, "POST", "/groups/cats/posts", map[string]any{"title": "Purr"}, nil)
		lists(dogs.ID, home.URL+"/c/cats", home.URL+"/c/none")

		var found v1.Resolved
		ann.Call(t, "GET", "/resolve?q="+url.QueryEscape(feed.ID), nil, &found)
		if found.Kind != "feed" || found.Feed.Handle != "pets@"+peer.Host {
			t.Fatalf("resolved to %+v", found)
		}
		at := "/feeds/" + found.Feed.Handle
		see := func(what string, is func(v1.GroupFeed) bool) {
			t.Helper()
			server.Eventually(t, what, func() (bool, any) {
				var got v1.GroupFeed
				ann.Call(t, "GET", at, nil, &got)
				return is(got), got
			})
		}
		names := func(want string) func(v1.GroupFeed) bool {
			return func(f v1.GroupFeed) bool {
				var got []string
				for _, g := range f.Groups {
					got = append(got, g.Name)
				}
				return strings.Join(got, " ") == want
			}
		}
		see("its groups", names("cats dogs"))
		var posts v1.List[v1.Post]
		ann.Call(t, "GET", at+"/posts", nil, &posts)
		if len(posts.Items) != 1 || posts.Items[0].Title != "Purr" {
			t.Errorf("its posts are %+v", posts.Items)
		}

		ann.Call(t, "PUT", at+"/follow", nil, nil)
		heard := peer.Await(t, "a Follow", fediverse.Kind("Follow"))
		if heard.Signature != nil || heard.Doc.Ref("object") != feed.ID || heard.Path != "/m/pets/inbox" {
			t.Errorf("the feed heard %s at %s, %v", heard.Body, heard.Path, heard.Signature)
		}
		send(t, feed, home, map[string]any{
			"@context": as.NS, "id": peer.URL + "/activities/1", "type": "Accept", "actor": feed.ID, "object": json.RawMessage(heard.Body),
		})
		see("the answer", func(f v1.GroupFeed) bool { return f.Follow != nil && f.Follow.State == "accepted" })

		lists(dogs.ID)
		send(t, gus, home, map[string]any{
			"@context": as.NS, "id": peer.URL + "/activities/2", "type": "Update", "actor": gus.ID, "object": feed.Document(),
			"to": []string{feed.ID, as.Public},
		})
		see("what its keeper changed", names("dogs"))

		ann.Call(t, "DELETE", at+"/follow", nil, nil)
		undo := peer.Await(t, "its Undo", fediverse.Kind("Undo"))
		if inner, _ := undo.Doc.Embedded("object"); inner.ID() != heard.Doc.ID() {
			t.Errorf("what was undone is %s", undo.Body)
		}
		if status, _ := ann.Try(t, "GET", "/feeds/none@"+peer.Host, nil); status != http.StatusNotFound {
			t.Errorf("a feed that is not there = %d", status)
		}
	})
}

// A feed that is kept on one server is found, read and followed on another,
// where its changes arrive, until it ends.
func TestAFeedOnTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		ann, bob := a.User("ann"), b.User("bob")
		for _, name := range []string{"cats", "dogs"} {
			ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: name}, nil)
			ann.Call(t, "POST", "/groups/"+name+"/posts", map[string]any{"title": "About " + name}, nil)
		}
		bob.Call(t, "POST", "/groups", v1.GroupDraft{Name: "owls"}, nil)
		bob.Call(t, "POST", "/groups/owls/posts", map[string]any{"title": "Hoot"}, nil)
		ann.Call(t, "POST", "/feeds", v1.FeedDraft{Name: "pets", Title: "Pets", Summary: "All of *them*."}, nil)
		ann.Call(t, "PUT", "/feeds/pets/groups/cats", nil, nil)

		var found v1.Resolved
		bob.Call(t, "GET", "/resolve?q="+url.QueryEscape("~pets@"+a.Host), nil, &found)
		if found.Kind != "feed" || found.Feed.Handle != "pets@"+a.Host || found.Feed.Title != "Pets" || found.Feed.SummaryHTML != "<p>All of <em>them</em>.</p>\n" {
			t.Fatalf("found %+v", found)
		}
		at := "/feeds/" + found.Feed.Handle
		see := func(what string, is func(v1.GroupFeed) bool) {
			t.Helper()
			server.Eventually(t, what, func() (bool, any) {
				var got v1.GroupFeed
				bob.Call(t, "GET", at, nil, &got)
				return is(got), got
			})
		}
		lists := func(want string) func(v1.GroupFeed) bool {
			return func(f v1.GroupFeed) bool {
				var got []string
				for _, g := range f.Groups {
					got = append(got, g.Name)
				}
				return strings.Join(got, " ") == want
			}
		}
		see("its group", lists("cats"))
		see("who keeps it", func(f v1.GroupFeed) bool { return len(f.Owners) == 1 && f.Owners[0].Name == "ann" && !f.Kept })
		bob.Call(t, "PUT", at+"/follow", nil, nil)
		see("the answer", func(f v1.GroupFeed) bool { return f.Follow != nil && f.Follow.State == "accepted" })

		var owls v1.Resolved
		ann.Call(t, "GET", "/resolve?q="+url.QueryEscape(b.URL+"/c/owls"), nil, &owls)
		ann.Call(t, "PUT", "/feeds/pets/groups/"+owls.Group.Handle, nil, nil)
		see("a group of their own", lists("cats owls"))
		var posts v1.List[v1.Post]
		bob.Call(t, "GET", at+"/posts?sort=new", nil, &posts)
		if len(posts.Items) == 0 || posts.Items[0].Title != "Hoot" {
			t.Errorf("bob reads %+v", posts.Items)
		}
		ann.Call(t, "PUT", "/feeds/pets/groups/dogs", nil, nil)
		see("another", lists("cats dogs owls"))
		ann.Call(t, "DELETE", "/feeds/pets/groups/"+owls.Group.Handle, nil, nil)
		see("one less", lists("cats dogs"))
		ann.Call(t, "PATCH", "/groups/dogs", map[string]any{"visibility": "private"}, nil)
		see("one that became private", lists("cats"))
		ann.Call(t, "PATCH", "/feeds/pets", map[string]any{"title": "All pets"}, nil)
		see("its new title", func(f v1.GroupFeed) bool { return f.Title == "All pets" })

		ann.Call(t, "DELETE", "/feeds/pets", nil, nil)
		server.Eventually(t, "its end", func() (bool, any) {
			status, text := bob.Try(t, "GET", at, nil)
			return status == http.StatusNotFound, string(text)
		})
		for _, accept := range []string{as.ContentType, "text/html"} {
			if status := get(t, a.URL+"/f/pets", accept); accept == as.ContentType && status != http.StatusGone || accept != as.ContentType && status != http.StatusNotFound {
				t.Errorf("as %s, the feed that is gone answers %d", accept, status)
			}
		}
	})
}

func get(t *testing.T, address, accept string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// A feed on a PieFed is followed from here, and its list follows what it
// announces.
func TestAFeedOfPieFed(t *testing.T) {
	home, there := server.New(t, testdb.SQLiteDSN(t)), fediverse.NewPieFed(t)
	ann, gus := home.User("ann"), there.Account("gus")
	dogs, owls := there.Community("dogs", gus), there.Community("owls", gus)
	feed := there.Feed("pets", gus, dogs.ID)
	var found v1.Resolved
	ann.Call(t, "GET", "/resolve?q=~pets@"+there.Host, nil, &found)
	at := "/feeds/pets@" + there.Host
	if found.Kind != "feed" || "/feeds/"+found.Feed.Handle != at {
		t.Fatalf("resolved to %+v", found)
	}
	lists := func(what string, want ...string) {
		t.Helper()
		server.Eventually(t, what, func() (bool, any) {
			var got v1.GroupFeed
			ann.Call(t, "GET", at, nil, &got)
			var names []string
			for _, g := range got.Groups {
				names = append(names, g.Name)
			}
			return slices.Equal(names, want), []any{names, there.Refusals()}
		})
	}
	lists("its groups", "dogs")
	ann.Call(t, "PUT", at+"/follow", nil, nil)
	server.Eventually(t, "the answer", func() (bool, any) {
		var got v1.GroupFeed
		ann.Call(t, "GET", at, nil, &got)
		return got.Follow != nil && got.Follow.State == community.Accepted, []any{got, there.Refusals()}
	})
	if !there.Subscribed(feed, home.URL+"/u/ann") {
		t.Error("nobody follows it there")
	}
	there.Line(t, feed, owls.ID, true)
	lists("what was added", "dogs", "owls")
	there.Line(t, feed, dogs.ID, false)
	lists("what was taken out", "owls")
	ann.Call(t, "DELETE", at+"/follow", nil, nil)
	server.Eventually(t, "the end of it", func() (bool, any) { return !there.Subscribed(feed, home.URL+"/u/ann"), there.Refusals() })
}

// A feed here is found, read and followed from a PieFed and from a Lemmy, each
// in its way, and their lists follow it until it is gone.
func TestAFeedForOthers(t *testing.T) {
	for _, open := range []func(testing.TB) *fediverse.Neighbour{fediverse.NewPieFed, fediverse.NewLemmy} {
		there := open(t)
		t.Run(there.Software, func(t *testing.T) {
			home := server.New(t, testdb.SQLiteDSN(t))
			ann, gus := home.User("ann"), there.Account("gus")
			for _, name := range []string{"cats", "owls"} {
				ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: name}, nil)
			}
			ann.Call(t, "POST", "/feeds", map[string]any{"name": "pets", "title": "Pets"}, nil)
			ann.Call(t, "PUT", "/feeds/pets/groups/cats", nil, nil)
			found := there.FindFeed(t, home.Host, "pets")
			if found.Keeper != home.URL+"/u/ann" {
				t.Errorf("it is kept by %s", found.Keeper)
			}
			sees := func(what string, is func(fediverse.Shelf) bool) {
				t.Helper()
				server.Eventually(t, what, func() (bool, any) {
					s := there.Shelf(found.ID)
					return is(s), []any{s, there.Refusals(), there.Dropped()}
				})
			}
			lists := func(names ...string) func(fediverse.Shelf) bool {
				return func(s fediverse.Shelf) bool {
					var want []string
					for _, name := range names {
						want = append(want, home.URL+"/c/"+name)
					}
					slices.Sort(s.Groups)
					return slices.Equal(s.Groups, want)
				}
			}
			sees("what it lists", lists("cats"))
			follow := there.Subscribe(t, gus, found.ID)
			sees("the answer", func(s fediverse.Shelf) bool { return s.Accepted })
			ann.Call(t, "PUT", "/feeds/pets/groups/owls", nil, nil)
			sees("what was added", lists("cats", "owls"))
			ann.Call(t, "DELETE", "/feeds/pets/groups/cats", nil, nil)
			sees("what was taken out", lists("owls"))
			there.Unsubscribe(t, gus, found.ID, follow)
			there.Subscribe(t, gus, found.ID)
			ann.Call(t, "DELETE", "/feeds/pets", nil, nil)
			sees("the end of it", func(s fediverse.Shelf) bool { return s.Gone })
			if there.Software == "lemmy" && len(there.Dropped()) > 0 {
				t.Errorf("it is told what it has no use for: %v", there.Dropped())
			}
		})
	}
}
