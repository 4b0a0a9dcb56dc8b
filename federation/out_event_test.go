package federation

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/testdb"
	"drystone/storage"
)

// stockEvents adds to the stock what alice tells of: a dance (85), a call (86)
// and a film (87) in the garden, and a walk (88) in a group elsewhere.
func stockEvents(t testing.TB, db *storage.DB) {
	t.Helper()
	stock(t, db)
	summer := time.Date(2026, 7, 11, 18, 0, 0, 0, time.UTC)
	for _, of := range []struct {
		post  community.Post
		event community.Event
	}{
		{
			community.Post{ID: 85, GroupID: gardenID, Title: "A dance", Body: "Bring *friends*.", Language: "en"},
			community.Event{StartsAt: summer, EndsAt: summer.Add(3 * time.Hour), Zone: "Europe/London", Place: "The _Kenn_ Centre & barn, Exeter", URL: "https://tickets.test/dance?a=1&b=2"},
		},
		{community.Post{ID: 86, GroupID: gardenID, Title: "A call"}, community.Event{StartsAt: summer, URL: "https://meet.test/x"}},
		{community.Post{ID: 88, GroupID: catsID, Title: "A walk", Body: "With cats."}, community.Event{StartsAt: summer, EndsAt: summer.Add(20 * time.Hour), Zone: "Europe/Berlin", Place: "The gate"}},
	} {
		of.post.AuthorID, of.post.Kind, of.event.PostID = aliceID, community.EventPost, of.post.ID
		addTestPost(t, db, of.post)
		testdb.Add(t, db, &of.event)
	}
	addTestPost(t, db, community.Post{ID: 87, GroupID: gardenID, AuthorID: aliceID, Kind: community.LinkPost, Title: "A film", Link: "https://tube.test/w/1.mp4"})
}

func TestEventsBecomeActivities(t *testing.T) {
	tests := []telling{
		{
			"an event here", nil, about(community.PostPublished, aliceID, gardenID, 85, 0),
			[]string{"Create by alice to followers of alice", "Announce by garden to followers of garden, wrapped", boosted},
			[]string{"create_event", "announce_create_event", ""},
		},
		{
			"it is changed", nil, about(community.PostEdited, aliceID, gardenID, 85, 0),
			[]string{"Update by alice to followers of alice", "Update by alice to followers of garden, boosted", "Announce by garden to followers of garden, wrapped"},
			[]string{"update_event", "", "announce_update_event"},
		},
		{
			"an event elsewhere", nil, about(community.PostPublished, aliceID, catsID, 88, 0),
			[]string{"Create by alice to followers of alice", "Create by alice to " + toCats},
			[]string{"create_event_elsewhere", ""},
		},
		{
			"a film", nil, about(community.PostPublished, aliceID, gardenID, 87, 0),
			[]string{"Create by alice to followers of alice", "Announce by garden to followers of garden, wrapped", boosted},
			[]string{"create_page_film", "", ""},
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stockEvents(t, db)
		tellEach(t, db, tests)
	})
}

// The same id is an Event whoever asks, wherever it stands, and says so of
// itself when it is gone.
func TestEventIsOneToEverybody(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockEvents(t, db)
		golden(t, "event", request(t, s, http.MethodGet, "/post/85").Body.Bytes())
		golden(t, "event_online", request(t, s, http.MethodGet, "/post/86").Body.Bytes())
		if _, err := db.Bun().NewUpdate().Table("posts").Set("featured_at = ?", noon).Where("id = 85").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/c/garden/featured", "/c/garden/outbox"} {
			if list := request(t, s, http.MethodGet, path).Body.String(); !strings.Contains(list, `"type":"Event"`) || !strings.Contains(list, `"mz:timezone"`) {
				t.Errorf("%s is %s", path, list)
			}
		}
		if _, err := db.Bun().NewUpdate().Table("posts").Set("deleted_at = ?", noon).Where("id = 85").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if gone := request(t, s, http.MethodGet, "/post/85"); gone.Code != http.StatusGone || !strings.Contains(gone.Body.String(), `"formerType":"Event"`) {
			t.Errorf("deleted, it is %d %s", gone.Code, gone.Body)
		}
	})
}

// Another server of this software reads from an event what was written, once.
func TestEventsReadAsTheyWereWritten(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockEvents(t, db)
		for _, id := range []community.PostID{85, 86} {
			post, err := db.Post(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			events, err := db.Events(t.Context(), []community.PostID{id})
			if err != nil {
				t.Fatal(err)
			}
			object, err := as.Parse(t.Context(), request(t, s, http.MethodGet, strings.TrimPrefix(post.IRI, "https://home.test")).Body.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			draft := s.draft(&received{}, object)
			if draft.Body != post.Body || draft.HTML != post.HTML {
				t.Errorf("the text is %q, %q; want %q, %q", draft.HTML, draft.Body, post.HTML, post.Body)
			}
			want := *events[id]
			want.PostID = 0
			if diff := cmp.Diff(&want, draft.Event, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
				t.Errorf("the event (-want +got):\n%s", diff)
			}
		}
	})
}
