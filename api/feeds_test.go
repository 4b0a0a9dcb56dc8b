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

// A feed of this server is made, filled, read, followed and deleted, and shows
// to nobody what is not for everybody.
func TestKeepingAFeed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db).settle()
		type feed struct {
			Handle     string
			Title      string
			Summary    string `json:"summary_html"`
			Kept       bool
			Has        bool
			GroupCount int `json:"group_count"`
			Groups     []struct{ Name string }
			Owners     []struct{ Name string }
			Follow     *struct{ State string }
		}
		ask := func(as, method, path string, body any, want int, into any) {
			t.Helper()
			text := w.do(method, "/api/v1"+path, body, w.as(as)).is(want).text
			if into != nil {
				w.check(json.Unmarshal([]byte(text), into))
			}
		}
		var made feed
		draft := object{"name": "plots", "title": "Our plots", "summary": "All of *them*."}
		ask("bob", "POST", "/feeds", draft, http.StatusCreated, &made)
		if made.Handle != "plots" || !made.Kept || made.Summary != "<p>All of <em>them</em>.</p>\n" {
			t.Errorf("made %+v", made)
		}
		w.do("POST", "/api/v1/feeds", object{"name": "Garden"}, w.as("bob")).is(http.StatusConflict).has(`"body.name"`, "taken")
		_, err := w.groups.Create(t.Context(), w.who["alice"].Actor, groups.Draft{Name: "club", Visibility: community.Private})
		w.check(err)
		ask("bob", "PUT", "/feeds/plots/groups/garden", nil, http.StatusNoContent, nil)
		w.do("PUT", "/api/v1/feeds/plots/groups/club", nil, w.as("bob")).is(http.StatusForbidden).has("members only")
		ask("bob", "PUT", "/feeds/plots/groups/none", nil, http.StatusNotFound, nil)
		ask("bob", "PATCH", "/feeds/plots", object{"title": "Plots"}, http.StatusOK, nil)

		var got feed
		ask("dave", "GET", "/feeds/plots@stone.example", nil, http.StatusOK, &got)
		if got.Title != "Plots" || got.Kept || got.GroupCount != 1 || len(got.Groups) != 1 || len(got.Owners) != 1 || got.Owners[0].Name != "bob" {
			t.Errorf("dave sees %+v", got)
		}
		w.get("/api/v1/feeds/plots/posts").is(http.StatusOK).has("Seedlings")
		w.get("/f/plots").is(http.StatusOK).has("Plots", "Seedlings", "/c/garden", "/u/bob", `href="/f/plots.atom"`)
		w.get("/f/plots.atom").is(http.StatusOK).has("<title>Plots</title>", "Seedlings")
		w.get("/api/v1/search?q=plots").is(http.StatusOK).has(`"handle":"plots"`)
		w.get("/search?q=plots").is(http.StatusOK).has(`href="/f/plots"`)

		var mine struct{ Items []feed }
		ask("bob", "GET", "/feeds?which=kept&group=garden", nil, http.StatusOK, &mine)
		if len(mine.Items) != 1 || !mine.Items[0].Has || mine.Items[0].GroupCount != 1 {
			t.Errorf("bob keeps %+v", mine.Items)
		}
		ask("dave", "GET", "/feeds?which=kept&group=none", nil, http.StatusNotFound, nil)
		ask("dave", "PUT", "/feeds/plots/follow", nil, http.StatusOK, nil)
		ask("dave", "GET", "/feeds", nil, http.StatusOK, &mine)
		if len(mine.Items) != 1 || mine.Items[0].Follow == nil || mine.Items[0].Follow.State != "accepted" {
			t.Errorf("dave follows %+v", mine.Items)
		}

		private := community.Private
		garden := community.Handle{Name: "garden"}
		_, err = w.groups.Edit(t.Context(), w.who["alice"].Actor, garden, groups.Change{Visibility: &private})
		w.check(err)
		w.get("/api/v1/feeds/plots").is(http.StatusOK).lacks("garden")
		w.get("/api/v1/feeds/plots/posts", w.as("alice")).is(http.StatusOK).lacks("Seedlings")
		w.get("/f/plots").is(http.StatusOK).lacks("/c/garden", "Seedlings")

		ask("bob", "DELETE", "/feeds/plots", nil, http.StatusNoContent, nil)
		w.get("/f/plots").is(http.StatusNotFound)
		w.get("/f/plots.atom").is(http.StatusNotFound)
		ask("dave", "GET", "/feeds", nil, http.StatusOK, &mine)
		if len(mine.Items) != 0 {
			t.Errorf("dave follows %+v", mine.Items)
		}
	})
}
