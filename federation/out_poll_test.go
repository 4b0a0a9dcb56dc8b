package federation

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// stockPolls adds polls to the stock: 75 by alice and 76 by mia, in the garden, and
// 85 by nico in the group on Lemmy; and what is said under 75.
func stockPolls(t testing.TB, db *storage.DB) {
	t.Helper()
	stock(t, db)
	for _, poll := range []struct {
		post     community.Post
		multiple bool
		closes   time.Time
	}{
		{community.Post{ID: 75, GroupID: gardenID, AuthorID: aliceID, Title: "When & where?", Body: "We *meet*.", Language: "en"}, false, noon.Add(48 * time.Hour)},
		{community.Post{ID: 76, IRI: "https://masto.test/statuses/76", GroupID: gardenID, AuthorID: miaID, Title: "Which?"}, true, noon.Add(48 * time.Hour)},
		{community.Post{ID: 79, IRI: "https://forum.test/post/79", GroupID: gardenID, AuthorID: nicoID, Title: "Who?"}, false, noon.Add(48 * time.Hour)},
		{community.Post{ID: 77, GroupID: gardenID, AuthorID: aliceID, Title: "Over"}, true, noon.Add(-time.Hour)},
	} {
		poll.post.Kind = community.PollPost
		addTestPost(t, db, poll.post)
		p := &community.Poll{PostID: poll.post.ID, Multiple: poll.multiple, ClosesAt: poll.closes, Ours: poll.post.AuthorID == aliceID, ToldAt: noon, Voters: 5}
		testdb.Add(t, db, p)
		for i, text := range []string{"Saturday", "Sunday <3"} {
			id := community.OptionID(int(poll.post.ID)*10 + i)
			testdb.Add(t, db, &community.PollOption{ID: id, PostID: p.PostID, Position: i, Text: text, Votes: int64(2 + i)})
		}
	}
	addTestComment(t, db, community.Comment{ID: 78, PostID: 75, GroupID: gardenID, AuthorID: bobID, Body: "Both."})
}

func chose(id int64) func(*community.Fact) { return func(f *community.Fact) { f.ItemID = id } }

const (
	extended    = "Announce by garden to followers of garden, extended"
	rawQuestion = `{"id":"https://masto.test/activities/update/76","type":"Update","actor":"https://masto.test/users/mia",` +
		`"object":{"id":"https://masto.test/statuses/76","type":"Question"}}`
	rawPollVote = `{"id":"https://lemmy.test/activities/pollvote/1","type":"PollVote","actor":"https://lemmy.test/u/lena",` +
		`"object":"https://forum.test/post/79","choice_text":"Saturday","audience":"https://home.test/c/garden"}`
	rawChoose = `{"id":"https://lemmy.test/activities/answer/1","type":"ChooseAnswer","actor":"https://lemmy.test/u/lena",` +
		`"object":"https://home.test/comment/71"}`
)

func TestPollsAndAnswersBecomeActivities(t *testing.T) {
	tests := []telling{
		{
			"a poll here", nil, about(community.PostPublished, aliceID, gardenID, 75, 0),
			[]string{"Create by alice to followers of alice", extended, boosted},
			[]string{"create_question", "announce_create_question", ""},
		},
		{
			"its counts", nil, about(community.PollCounted, aliceID, gardenID, 75, 0),
			[]string{"Update by alice to followers of alice", "Update by alice to followers of garden, boosted", extended},
			[]string{"update_question", "", ""},
		},
		{
			"its end", nil, about(community.PollEnded, aliceID, gardenID, 77, 0),
			[]string{"Update by alice to followers of alice", "Update by alice to followers of garden, boosted", extended},
			[]string{"update_question_closed", "", ""},
		},
		{"a vote here in a poll here", nil, with(about(community.PollVoted, bobID, gardenID, 75, 0), chose(750)), nil, nil},
		{"a vote from elsewhere", nil, with(about(community.PollVoted, lenaID, gardenID, 75, 0), chose(750)), nil, nil},
		{
			"a vote in a poll of elsewhere", nil, with(about(community.PollVoted, bobID, gardenID, 76, 0), chose(761)),
			[]string{"Create by bob to " + toMia + " (private)"},
			[]string{"create_ballot"},
		},
		{"a vote from elsewhere in a poll of elsewhere", nil, with(about(community.PollVoted, lenaID, gardenID, 76, 0), chose(761)), nil, nil},
		{
			"a vote from a PieFed in a poll of another server", nil,
			with(about(community.PollVoted, lenaID, gardenID, 79, 0), chose(790), raw(rawPollVote)),
			[]string{"Announce by garden to " + toNico + " (private)"},
			[]string{"announce_received_poll_vote"},
		},
		{"a vote from a PieFed in a poll of a Mastodon", nil, with(about(community.PollVoted, lenaID, gardenID, 76, 0), chose(761), raw(rawPollVote)), nil, nil},
		{"a vote for what is gone", nil, with(about(community.PollVoted, bobID, gardenID, 76, 0), chose(404)), nil, nil},
		{
			"counts from elsewhere", nil, with(about(community.PollCounted, miaID, gardenID, 76, 0), raw(rawQuestion)),
			[]string{extended},
			nil,
		},
		{"the end of a poll of elsewhere", nil, about(community.PollEnded, miaID, gardenID, 76, 0), nil, nil},
		{
			"an answer to a poll", nil, about(community.CommentPublished, bobID, gardenID, 75, 78),
			[]string{"Create by bob to followers of bob", extended},
			nil,
		},
		{
			"a vote from elsewhere on a poll", nil, with(about(community.VoteCast, lenaID, gardenID, 75, 0), func(f *community.Fact) {
				f.Value, f.Raw = 1, []byte(rawLike)
			}),
			[]string{extended},
			nil,
		},
		{
			"a vote from elsewhere on an answer to a poll", nil, with(about(community.VoteCast, lenaID, gardenID, 75, 78), func(f *community.Fact) {
				f.Value, f.Raw = 1, []byte(rawLike)
			}),
			[]string{extended},
			nil,
		},
		{
			"an answer is chosen", nil, about(community.AnswerChosen, aliceID, gardenID, 7, 9),
			[]string{"ChooseAnswer by alice to nobody", extended},
			[]string{"choose_answer", "announce_choose_answer"},
		},
		{
			"an answer is chosen elsewhere", nil, about(community.AnswerChosen, aliceID, catsID, 80, 82),
			[]string{"ChooseAnswer by alice to " + toCats},
			nil,
		},
		{
			"an answer is chosen from elsewhere", nil, with(about(community.AnswerChosen, lenaID, gardenID, 70, 71), raw(rawChoose)),
			[]string{extended},
			nil,
		},
		{
			"it is not the answer after all",
			[]community.Fact{about(community.AnswerChosen, aliceID, gardenID, 7, 9)},
			about(community.AnswerWithdrawn, aliceID, gardenID, 7, 9),
			[]string{"Undo by alice to nobody", extended},
			[]string{"undo_choose_answer", ""},
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		outWorld(t, db)
		stockPolls(t, db)
		tellEach(t, db, tests)
	})
}

// The same id is a Question whoever asks, and is left out where Lemmy would
// stumble over it.
func TestQuestionIsOneToEverybody(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockPolls(t, db)
		golden(t, "question", request(t, s, http.MethodGet, "/post/75").Body.Bytes())
		golden(t, "question_closed", request(t, s, http.MethodGet, "/post/77").Body.Bytes())
		if _, err := db.Bun().NewUpdate().Table("posts").Set("featured_at = ?", noon).Where("id IN (7, 75)").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		featured := request(t, s, http.MethodGet, "/c/garden/featured").Body.String()
		if !strings.Contains(featured, "/post/7\"") || strings.Contains(featured, "Question") {
			t.Errorf("the featured posts are %s", featured)
		}
		if outbox := request(t, s, http.MethodGet, "/c/garden/outbox").Body.String(); !strings.Contains(outbox, `"type":"Question"`) {
			t.Errorf("the outbox is %s", outbox)
		}
		if _, err := db.Bun().NewUpdate().Table("posts").Set("deleted_at = ?", noon).Where("id = 75").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if gone := request(t, s, http.MethodGet, "/post/75"); gone.Code != http.StatusGone || !strings.Contains(gone.Body.String(), `"formerType":"Question"`) {
			t.Errorf("deleted, it is %d %s", gone.Code, gone.Body)
		}
	})
}

// What asks says so by PieFed's word for it, and so does a group in which
// everything asks.
func TestWhatAsksSaysSo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		addTestPost(t, db, community.Post{ID: 193, GroupID: gardenID, AuthorID: aliceID, Title: "When to sow?", Question: true})
		golden(t, "page_asks", request(t, s, http.MethodGet, "/post/193").Body.Bytes())
		garden, err := db.Actor(t.Context(), gardenID)
		if err != nil {
			t.Fatal(err)
		}
		garden.Questions = true
		if err := db.EditActor(t.Context(), garden); err != nil {
			t.Fatal(err)
		}
		golden(t, "group_asks", request(t, s, http.MethodGet, "/c/garden").Body.Bytes())
	})
}

// Lemmy must never hear of a poll: it refuses what it cannot read, again and
// again.
func TestLemmyHearsOfNoPoll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stockPolls(t, db)
		for id, software := range map[community.PeerID]string{lemmyID: "lemmy", mastoID: "mastodon"} {
			if err := db.SavePeerSoftware(t.Context(), &community.Peer{ID: id, Software: software}); err != nil {
				t.Fatal(err)
			}
		}
		tell(t, s,
			about(community.PostPublished, aliceID, gardenID, 75, 0), about(community.PollCounted, aliceID, gardenID, 75, 0),
			about(community.CommentPublished, bobID, gardenID, 75, 78), about(community.AnswerChosen, aliceID, gardenID, 7, 9),
		)
		hears := func(id community.PeerID) (bodies []string) {
			peer, err := db.Peer(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			list, err := db.ActivitiesFor(t.Context(), peer, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				bodies = append(bodies, a.Kind)
			}
			return bodies
		}
		if got := hears(lemmyID); len(got) != 0 {
			t.Errorf("Lemmy hears %v", got)
		}
		if diff := cmp.Diff([]string{"Create", "Announce", "Update", "Update"}, hears(mastoID)); diff != "" {
			t.Error(diff)
		}
		peer := &community.Peer{ID: lemmyID, Software: "piefed"}
		if err := db.SavePeerSoftware(t.Context(), peer); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Announce", "Announce", "Announce", "Announce"}, hears(lemmyID)); diff != "" {
			t.Error(diff)
		}
	})
}

// A telling is a fact, after others, and the rows of the log that it makes.
type telling struct {
	name    string
	before  []community.Fact
	fact    community.Fact
	want    []string
	goldens []string // of the rows, in order; noActivity for those without one
}

// tellEach tells each as if the others were not.
func tellEach(t *testing.T, db *storage.DB, tests []telling) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			undone(t, db, func(tx *storage.DB) {
				s := outServer(t, tx)
				tell(t, s, test.before...)
				var got []string
				for i, row := range tell(t, s, test.fact) {
					got = append(got, describe(t, s, row))
					if i < len(test.goldens) && test.goldens[i] != noActivity {
						golden(t, test.goldens[i], row.Body)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		})
	}
}
