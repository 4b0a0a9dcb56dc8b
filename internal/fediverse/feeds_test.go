package fediverse_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"drystone/api/v1"
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
