package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/posts"
	"drystone/storage"
)

// feed puts a feed of peer.example that lists alice's garden into the world,
// as federation would have read it.
func (w *world) feed(name string) *community.Actor {
	w.t.Helper()
	ctx, now := w.t.Context(), community.Timestamp(time.Now())
	peer, err := w.db.PeerByHost(ctx, "peer.example", now)
	w.check(err)
	iri := "https://peer.example/m/" + name
	feed := &community.Actor{
		Kind: community.FeedKind, Name: name, Host: "peer.example", IRI: iri, Title: "Growing things", PeerID: peer.ID,
		Inbox: "https://peer.example/inbox", Discoverable: true, Indexable: true, CreatedAt: now, UpdatedAt: now, FetchedAt: now,
	}
	w.check(w.db.SaveRemoteActor(ctx, feed))
	source := &community.FeedSource{ActorID: feed.ID, Following: iri + "/following", Owners: "https://peer.example/u/gus"}
	w.check(w.db.SaveFeedSource(ctx, source))
	w.check(w.db.AddFeedGroup(ctx, &community.FeedGroup{FeedID: feed.ID, GroupID: w.garden.ID, CreatedAt: now}))
	return feed
}

// A feed shows its groups and what is posted in them, to each what they may
// read, and is followed by itself: nobody joins a group by it.
func TestFeedsOfGroups(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		feed := w.feed("growing")
		ctx := t.Context()
		seeds, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "seeds"})
		w.check(err)
		_, err = w.posts.Publish(ctx, w.who["alice"].Actor, seeds.Actor, posts.Draft{Title: "Not in the feed"})
		w.check(err)
		club, err := w.groups.Create(ctx, w.who["alice"].Actor, groups.Draft{Name: "club", Visibility: community.Private})
		w.check(err)
		_, err = w.posts.Publish(ctx, w.who["alice"].Actor, club.Actor, posts.Draft{Title: "For members"})
		w.check(err)
		w.check(db.AddFeedGroup(ctx, &community.FeedGroup{FeedID: feed.ID, GroupID: club.ID, CreatedAt: community.Timestamp(time.Now())}))

		const at = "/api/v1/feeds/growing@peer.example"
		type answer struct {
			Title  string
			Follow *struct{ State string }
			Groups []struct {
				Name     string
				Readable bool
			}
			Items []struct{ Title string }
		}
		ask := func(as, path string) (got answer) {
			t.Helper()
			text := w.get(path, w.as(as)).is(http.StatusOK).text
			w.check(json.Unmarshal([]byte(text), &got))
			return got
		}
		got := ask("nobody", at)
		if got.Title != "Growing things" || got.Follow != nil || len(got.Groups) != 2 ||
			got.Groups[0].Name != "club" || got.Groups[0].Readable || got.Groups[1].Name != "garden" {
			t.Errorf("the feed = %+v", got)
		}
		titles := func(as string) (list []string) {
			t.Helper()
			for _, p := range ask(as, at+"/posts?sort=new").Items {
				list = append(list, p.Title)
			}
			return list
		}
		if list := titles("nobody"); len(list) != 1 || list[0] != "Seedlings" {
			t.Errorf("to a stranger it shows %q", list)
		}
		if list := titles("alice"); len(list) != 2 || list[0] != "For members" {
			t.Errorf("to a member of the club it shows %q", list)
		}
		for range 2 {
			w.do("PUT", at+"/follow", nil, w.as("dave")).is(http.StatusOK)
		}
		got = ask("dave", at)
		if got.Follow == nil || got.Follow.State != "pending" {
			t.Errorf("having followed = %+v", got.Follow)
		}
		got = ask("dave", "/api/v1/feeds")
		if len(got.Items) != 1 || got.Items[0].Title != "Growing things" {
			t.Errorf("dave's feeds = %+v", got.Items)
		}
		if joined, err := db.Joined(ctx, w.who["dave"].Actor.ID); err != nil || len(joined) != 0 {
			t.Errorf("following a feed joined %d groups, %v", len(joined), err)
		}
		w.do("DELETE", at+"/follow", nil, w.as("dave")).is(http.StatusNoContent)
		got = ask("dave", "/api/v1/feeds")
		if len(got.Items) != 0 {
			t.Errorf("after leaving it, dave's feeds = %+v", got.Items)
		}
		w.get("/f/growing@peer.example").is(http.StatusOK).has("<h1 class=\"group-title\" dir=\"auto\">Growing things</h1>", "Seedlings", "/c/garden").
			lacks("For members", "Not in the feed")
		w.get("/f/none@peer.example").is(http.StatusNotFound)
		w.get("/api/v1/feeds/none@peer.example").is(http.StatusNotFound)
	})
}
