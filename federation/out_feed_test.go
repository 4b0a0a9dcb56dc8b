package federation

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/community/markup"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

const (
	shelfID community.ActorID = iota + 901
	oldShelfID
	clubID
)

const rawFeedFollow = `{"id":"https://lemmy.test/activities/follow/2","type":"Follow","actor":"https://lemmy.test/u/lena",` +
	`"object":"https://home.test/f/shelf"}`

// shelve has alice keep a feed, shelf, of her garden and of cats, which lena
// follows; it lists a club that is private by now, and oldshelf is gone.
func shelve(t testing.TB, db *storage.DB) {
	t.Helper()
	shelf := ownTestActor(shelfID, community.FeedKind, "f", "shelf", "On the shelf")
	shelf.Summary, shelf.SummaryHTML = "What *grows*.", markup.Render("What *grows*.")
	shelf.MemberCount = 1
	gone := ownTestActor(oldShelfID, community.FeedKind, "f", "oldshelf", "")
	gone.DeletedAt = noon
	club := ownTestActor(clubID, community.GroupKind, "c", "club", "The Club")
	club.Visibility = community.Private
	testdb.Add(t, db, shelf, gone, club)
	for _, id := range []community.ActorID{shelfID, oldShelfID} {
		name := map[community.ActorID]string{shelfID: "shelf", oldShelfID: "oldshelf"}[id]
		alice := "https://home.test/u/alice"
		testdb.Add(t, db, &community.FeedSource{ActorID: id, Following: "https://home.test/f/" + name + "/following", Attributed: alice, Owners: alice})
	}
	for _, id := range []community.ActorID{gardenID, catsID, clubID} {
		testdb.Add(t, db, &community.FeedGroup{FeedID: shelfID, GroupID: id, CreatedAt: noon})
	}
	testdb.Add(t, db, &community.Follow{FollowerID: lenaID, TargetID: shelfID, State: community.Accepted, CreatedAt: noon})
	for _, id := range []community.ActorID{shelfID, oldShelfID} {
		if err := db.AddAudience(t.Context(), id, lemmyID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFactsOfFeedsBecomeActivities(t *testing.T) {
	const toShelf, toOld = " to followers of shelf", " to followers of oldshelf"
	tests := []struct {
		name          string
		fact          community.Fact
		want, goldens []string
	}{
		{
			"an edited feed", about(community.FeedEdited, aliceID, shelfID, 0, 0),
			[]string{"Update by alice" + toShelf},
			[]string{"update_feed"},
		},
		{
			"a group more", with(about(community.FeedGrew, aliceID, shelfID, 0, 0), whom(catsID)),
			[]string{"Announce by shelf" + toShelf + ", extended", "Update by alice" + toShelf},
			[]string{"announce_add_to_feed", ""},
		},
		{"a group more that is private by now", with(about(community.FeedGrew, aliceID, shelfID, 0, 0), whom(clubID)), nil, nil},
		{
			"a group less, since its owner made it private", with(about(community.FeedShrank, bobID, shelfID, 0, 0), whom(clubID)),
			[]string{"Announce by shelf" + toShelf + ", extended", "Update by alice" + toShelf},
			[]string{"announce_remove_from_feed", ""},
		},
		{
			"the end", about(community.FeedEnded, aliceID, oldShelfID, 0, 0),
			[]string{"Delete by alice" + toOld},
			[]string{"delete_feed"},
		},
		{
			"the end, by an administrator", about(community.FeedEnded, bobID, oldShelfID, 0, 0),
			[]string{"Delete by oldshelf" + toOld},
			[]string{"delete_feed_itself"},
		},
		{"a change of what is gone", about(community.FeedEdited, aliceID, oldShelfID, 0, 0), nil, nil},
		{"of no feed", about(community.FeedEdited, aliceID, gardenID, 0, 0), nil, nil},
		{"of a feed elsewhere", about(community.FeedEdited, aliceID, petsID, 0, 0), nil, nil},
		{"a new feed", about(community.FeedCreated, aliceID, shelfID, 0, 0), nil, nil},
		{"a follower here", about(community.FeedFollowed, bobID, shelfID, 0, 0), nil, nil},
		{"a follower less here", about(community.FeedLeft, bobID, shelfID, 0, 0), nil, nil},
		{
			"a follower elsewhere", with(about(community.FollowerJoined, lenaID, shelfID, 0, 0), raw(rawFeedFollow)),
			[]string{"Accept by shelf to " + toGarden + " (private)"},
			[]string{"accept_follow_feed"},
		},
		{
			"somebody elsewhere who may not", with(about(community.MemberRefused, lenaID, shelfID, 0, 0), raw(rawFeedFollow)),
			[]string{"Reject by shelf to " + toGarden + " (private)"},
			nil,
		},
		{"a follower less elsewhere", with(about(community.FollowerLeft, lenaID, shelfID, 0, 0), raw(rawFeedFollow)), nil, nil},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		shelve(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				undone(t, db, func(tx *storage.DB) {
					s := outServer(t, tx)
					rows := tell(t, s, test.fact)
					var got []string
					for i, row := range rows {
						got = append(got, describe(t, s, row))
						if i < len(test.goldens) && test.goldens[i] != noActivity {
							golden(t, test.goldens[i], row.Body)
						}
					}
					if diff := cmp.Diff(test.want, got); diff != "" {
						t.Errorf("rows (-want +got):\n%s", diff)
					}
					checkRows(t, rows)
				})
			})
		}
	})
}

// When who kept a feed is gone, nobody says anything in their name.
func TestAFeedWhoseKeeperIsGone(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		shelve(t, db)
		if err := db.DeleteActor(t.Context(), aliceID, noon); err != nil {
			t.Fatal(err)
		}
		rows := tell(t, s, about(community.FeedEdited, aliceID, shelfID, 0, 0), about(community.FeedEnded, aliceID, oldShelfID, 0, 0))
		if len(rows) != 1 || describe(t, s, rows[0]) != "Delete by oldshelf to followers of oldshelf" {
			t.Errorf("%d rows", len(rows))
		}
	})
}

// A feed gets new keys as everybody does, and its followers hear of them.
func TestNewKeysOfAFeed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		r := newTurn(t, db)
		shelve(t, db)
		a, err := db.Actor(t.Context(), gardenID) // whose key is one
		if err != nil {
			t.Fatal(err)
		}
		shelf, err := db.Actor(t.Context(), shelfID)
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := db.NamedKey(t.Context(), gardenID)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.AddKey(t.Context(), shelfID, text); err != nil {
			t.Fatal(err)
		}
		shelf.PublicKey = a.PublicKey
		if err := db.ReplaceKey(t.Context(), shelf, text); err != nil {
			t.Fatal(err)
		}
		rows := r.rotate("shelf", false)
		if len(rows) != 1 || describe(t, r.Server, rows[0]) != "Update by alice to followers of shelf" {
			t.Fatalf("%d rows", len(rows))
		}
		doc, err := as.Parse(t.Context(), rows[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		feed, _ := doc.Embedded("object")
		key, _ := feed.Embedded("publicKey")
		if feed.ID() != shelf.IRI || key.Text("publicKeyPem") == a.PublicKey || key.ID() == shelf.KeyID {
			t.Errorf("told of %s", rows[0].Body)
		}
	})
}

func TestDocumentsOfFeeds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		shelve(t, db)
		for path, name := range map[string]string{
			"/f/shelf": "feed", "/f/SHELF": "feed", "/f/shelf/following": "feed_following",
			"/f/shelf/followers": "feed_followers", "/f/shelf/outbox": "feed_outbox",
			"/.well-known/webfinger?resource=acct:~shelf@home.test":           "webfinger_feed",
			"/.well-known/webfinger?resource=acct:shelf@home.test":            "webfinger_feed",
			"/.well-known/webfinger?resource=https%3A%2F%2Fhome.test/f/shelf": "webfinger_feed",
		} {
			resp := request(t, s, http.MethodGet, path)
			if resp.Code != http.StatusOK {
				t.Errorf("%s = %d: %s", path, resp.Code, resp.Body)
				continue
			}
			golden(t, name, resp.Body.Bytes())
		}
		for path, want := range map[string]int{
			"/f/oldshelf": 410, "/f/oldshelf/following": 410, "/f/garden": 404, "/c/shelf": 404, "/u/shelf": 404, "/f/none": 404,
			"/f/pets@lemmy.test": 302, "/.well-known/webfinger?resource=acct:~garden@home.test": 404,
			"/.well-known/webfinger?resource=acct:~oldshelf@home.test": 410,
		} {
			if resp := request(t, s, http.MethodGet, path); resp.Code != want {
				t.Errorf("%s = %d, want %d", path, resp.Code, want)
			}
		}
		if body := request(t, s, http.MethodGet, "/f/oldshelf").Body.String(); !strings.Contains(body, `"formerType":"Feed"`) {
			t.Errorf("the tombstone is %s", body)
		}
		secret := outServer(t, db)
		secret.AuthorizedFetch = true
		for path, want := range map[string]int{"/f/shelf": 200, "/f/shelf/following": 401} {
			resp := request(t, secret, http.MethodGet, path)
			if resp.Code != want || strings.Contains(resp.Body.String(), "On the shelf") {
				t.Errorf("unsigned, %s = %d: %s", path, resp.Code, resp.Body)
			}
		}
	})
}

// What Lemmy and PieFed cannot do without is there, in their words.
func TestAFeedIsWhatOthersRead(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	shelve(t, db)
	fields := func(path string) (m map[string]any) {
		t.Helper()
		if err := json.Unmarshal(request(t, s, http.MethodGet, path).Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	feed := fields("/f/shelf")
	key, _ := feed["publicKey"].(map[string]any)
	for what, is := range map[string]bool{
		"type": feed["type"] == as.KindFeed, "name": feed["preferredUsername"] == "shelf" && feed["name"] == "On the shelf",
		"one keeper": feed["attributedTo"] == "https://home.test/u/alice", "groups": feed["following"] == "https://home.test/f/shelf/following",
		"key": key["owner"] == feed["id"], "outbox": feed["outbox"] == "https://home.test/f/shelf/outbox", "inbox": feed["inbox"] == "https://home.test/f/shelf/inbox",
	} {
		if !is {
			t.Errorf("%s: %v", what, feed)
		}
	}
	list := fields("/f/shelf/following")
	items, _ := list["items"].([]any)
	if list["type"] != as.KindCollection || list["totalItems"] != float64(2) || !slices.Equal(items, []any{"https://lemmy.test/c/cats", "https://home.test/c/garden"}) {
		t.Errorf("its groups are %v", list)
	}
}
