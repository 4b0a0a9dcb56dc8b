package posts_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

func choice(multiple bool, texts ...string) *community.Poll {
	p := &community.Poll{Multiple: multiple, ClosesAt: noon.Add(time.Hour)}
	for _, text := range texts {
		p.Options = append(p.Options, community.PollOption{Text: text})
	}
	return p
}

func (w *world) ask(t testing.TB, by *community.Actor, poll *community.Poll, from community.Origin) *community.Post {
	t.Helper()
	post, err := w.posts.Publish(t.Context(), by, w.garden, posts.Draft{Title: "When?", HTML: "<p>When?</p>", Poll: poll, From: from})
	if err != nil {
		t.Fatal(err)
	}
	return post
}

// poll returns the poll of a post as a reader sees it.
func (w *world) poll(t testing.TB, reader *community.Actor, id community.PostID) *community.PollView {
	t.Helper()
	v, err := w.posts.Find(t.Context(), reader, id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Poll
}

func tally(p *community.PollView) []int64 {
	counts := []int64{p.Voters}
	for _, o := range p.Options {
		counts = append(counts, o.Votes)
	}
	return counts
}

func TestPoll(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post := w.ask(t, w.ada, choice(false, "Saturday", "Sunday"), community.Origin{})
		poll := w.poll(t, w.bo, post.ID)
		if post.Kind != community.PollPost || poll == nil || !poll.Ours || !poll.CanVote || poll.Closed || len(poll.Options) != 2 {
			t.Fatalf("the post is %+v, its poll %+v", post, poll)
		}
		if poll := w.poll(t, nil, post.ID); poll.CanVote {
			t.Error("who is not signed in can vote")
		}
		sunday := []community.OptionID{poll.Options[1].ID}
		if err := w.posts.VotePoll(ctx, w.bo, post.ID, sunday, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if err := w.posts.VotePoll(ctx, w.bo, post.ID, sunday, community.Origin{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second vote: %v", err)
		}
		w.member(t, w.remote, community.Member, noon.Add(time.Hour))
		if err := w.posts.VotePoll(ctx, w.remote, post.ID, sunday, community.Origin{IRI: "https://far.test/v", Activity: []byte("{}")}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a vote by somebody banned: %v", err)
		}
		if poll = w.poll(t, w.bo, post.ID); poll.CanVote || !poll.Mine[sunday[0]] || len(poll.Mine) != 1 {
			t.Errorf("who voted sees %+v", poll)
		}
		if diff := cmp.Diff([]int64{1, 0, 1}, tally(poll)); diff != "" {
			t.Error(diff)
		}
		text := w.publish(t, w.ada, "No poll")
		if err := w.posts.VotePoll(ctx, w.bo, text.ID, sunday, community.Origin{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a vote in a text: %v", err)
		}
		if err := w.posts.Delete(ctx, w.ada, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if err := w.posts.VotePoll(ctx, w.mod, post.ID, sunday, community.Origin{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a vote in what was deleted: %v", err)
		}
		if poll := w.poll(t, w.bo, post.ID); poll != nil {
			t.Errorf("the poll of what was deleted is %+v", poll)
		}
	})
}

// Many people vote at once, each several times, and each counts once.
func TestPollCountsEveryoneOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		post := w.ask(t, w.ada, choice(true, "a", "b"), community.Origin{})
		poll := w.poll(t, nil, post.ID)
		var all sync.WaitGroup
		for _, voter := range []*community.Actor{w.mod, w.ada, w.bo, w.remote} {
			for range 5 {
				all.Go(func() {
					chosen := []community.OptionID{poll.Options[0].ID, poll.Options[1].ID}
					if err := w.posts.VotePoll(t.Context(), voter, post.ID, chosen, community.Origin{}); err != nil && !fault.Is(err, fault.Conflict) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if diff := cmp.Diff([]int64{4, 4, 4}, tally(w.poll(t, nil, post.ID))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPollsAreToldNowAndThenAndAtTheirEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		now := noon
		w.posts.Now = func() time.Time { return now }
		post := w.ask(t, w.ada, choice(false, "a", "b"), community.Origin{})
		far := w.ask(t, w.remote, choice(false, "a", "b"), community.Origin{IRI: "https://far.test/q", Activity: []byte("{}")})
		vote := func(id community.PostID, by *community.Actor) {
			t.Helper()
			if err := w.posts.VotePoll(ctx, by, id, []community.OptionID{w.poll(t, nil, id).Options[0].ID}, community.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		turn := func(after time.Duration, want ...community.FactKind) {
			t.Helper()
			before := len(w.facts(t))
			now = now.Add(after)
			for range 2 { // the second time there is nothing left
				if err := w.posts.TurnPolls(ctx, 3*time.Minute); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(want, append([]community.FactKind(nil), w.facts(t)[before:]...)); diff != "" {
				t.Errorf("at %s (-want +got):\n%s", now.Format("15:04"), diff)
			}
		}
		turn(4 * time.Minute)
		vote(post.ID, w.bo)
		vote(far.ID, w.bo) // counted by its author
		turn(0, community.PollCounted)
		vote(post.ID, w.mod)
		turn(2 * time.Minute) // too soon
		turn(time.Minute, community.PollCounted)
		turn(53*time.Minute, community.PollEnded)
		turn(3 * time.Minute)                    // the other server's last counts may be on their way
		turn(2*time.Minute, community.PollEnded) // for those here who voted in it
		turn(24 * time.Hour)
	})
}

// What the author of a poll elsewhere says of it counts, and nothing else.
func TestPollOfElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		from := community.Origin{IRI: "https://far.test/q", Activity: []byte(`{"update":1}`)}
		post := w.ask(t, w.remote, choice(false, "a", "b"), from)
		poll := w.poll(t, w.bo, post.ID)
		if poll.Ours {
			t.Error("a poll of somebody elsewhere is counted here")
		}
		if err := w.posts.VotePoll(ctx, w.bo, post.ID, []community.OptionID{poll.Options[0].ID}, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		update := func(title string, poll *community.Poll) *community.Post {
			t.Helper()
			edited, err := w.posts.Edit(ctx, w.remote, post.ID, posts.Change{Title: &title, From: from, Beside: &posts.Draft{Poll: poll}})
			if err != nil {
				t.Fatal(err)
			}
			return edited
		}
		counted := choice(false, "a", "b")
		counted.Options[0].Votes, counted.Options[1].Votes, counted.Voters = 7, 3, 10
		if p := update("When?", counted); !p.EditedAt.IsZero() {
			t.Error("counts make it look edited")
		}
		if kinds := w.facts(t); kinds[len(kinds)-1] != community.PollCounted {
			t.Errorf("the facts are %v", kinds)
		}
		if poll = w.poll(t, w.bo, post.ID); len(poll.Mine) != 1 {
			t.Errorf("after the counts it is %+v", poll)
		}
		if diff := cmp.Diff([]int64{10, 7, 3}, tally(poll)); diff != "" {
			t.Error(diff)
		}
		if p := update("When then?", choice(false, "x", "y", "z")); p.EditedAt.IsZero() {
			t.Error("an edit is none")
		}
		if poll = w.poll(t, w.bo, post.ID); len(poll.Options) != 3 || len(poll.Mine) != 0 || !poll.CanVote {
			t.Errorf("with other options it is %+v", poll)
		}
		if _, err := w.posts.Edit(ctx, w.bo, post.ID, posts.Change{From: from, Beside: &posts.Draft{Poll: choice(false, "x", "y")}}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody else changes it: %v", err)
		}
	})
}

// Who chose what in a poll of somebody here is not kept as it was received.
func TestBallotsAreKeptToBePassedOnOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		ours := w.ask(t, w.ada, choice(false, "a", "b"), community.Origin{})
		theirs := w.ask(t, w.remote, choice(false, "a", "b"), community.Origin{IRI: "https://far.test/q", Activity: []byte("{}")})
		for id, kept := range map[community.PostID]bool{ours.ID: false, theirs.ID: true} {
			from := community.Origin{IRI: "https://far.test/v", Activity: []byte(`{"vote":1}`)}
			if err := w.posts.VotePoll(ctx, w.remote, id, []community.OptionID{w.poll(t, nil, id).Options[0].ID}, from); err != nil {
				t.Fatal(err)
			}
			w.facts(t) // so that they have numbers
			facts, err := db.Facts(ctx, 0, 1000)
			if err != nil {
				t.Fatal(err)
			}
			last := facts[len(facts)-1]
			if last.Kind != community.PollVoted || (len(last.Raw) > 0) != kept {
				t.Errorf("of a vote in %d, %q is kept", id, last.Raw)
			}
		}
	})
}

func TestAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, other := w.publish(t, w.ada, "How deep?"), w.publish(t, w.ada, "How wide?")
		first, second, stray := w.answer(t, w.bo, post, 0), w.answer(t, w.bo, post, 0), w.answer(t, w.bo, other, 0)
		choose := func(by *community.Actor, answer community.CommentID, want fault.Code) {
			t.Helper()
			if err := w.posts.ChooseAnswer(ctx, by, post.ID, answer, community.Origin{}); fault.CodeOf(err) != want {
				t.Errorf("%s chooses %d: %v, want %q", by.Name, answer, err, want)
			}
		}
		wants := func(answer community.CommentID) {
			t.Helper()
			if v, err := w.posts.Find(ctx, w.bo, post.ID); err != nil || v.AnswerID != answer {
				t.Errorf("the answer is %d, %v; want %d", v.AnswerID, err, answer)
			}
		}
		before := len(w.facts(t))
		choose(w.bo, first.ID, fault.Forbidden)
		choose(w.ada, stray.ID, fault.Invalid)
		choose(w.ada, 404, fault.NotFound)
		choose(w.ada, first.ID, fault.None)
		choose(w.ada, first.ID, fault.None) // again
		choose(w.mod, second.ID, fault.None)
		wants(second.ID)
		if err := w.posts.WithdrawAnswer(ctx, w.bo, post.ID, 0, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody takes the answer back: %v", err)
		}
		if err := w.posts.WithdrawAnswer(ctx, w.ada, post.ID, first.ID, community.Origin{}); err != nil {
			t.Error(err)
		}
		wants(second.ID) // first is the answer no more
		if err := w.posts.WithdrawAnswer(ctx, w.ada, post.ID, 0, community.Origin{}); err != nil {
			t.Error(err)
		}
		wants(0)
		want := []community.FactKind{community.AnswerChosen, community.AnswerWithdrawn, community.AnswerChosen, community.AnswerWithdrawn}
		if diff := cmp.Diff(want, w.facts(t)[before:]); diff != "" {
			t.Error(diff)
		}
		choose(w.ada, first.ID, fault.None)
		if err := w.posts.DeleteComment(ctx, w.bo, first.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		wants(0)
		choose(w.ada, first.ID, fault.NotFound)
	})
}

func TestEventsAndFilms(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		from := community.Origin{IRI: "https://far.test/e", Activity: []byte("{}")}
		event := &community.Event{StartsAt: noon, EndsAt: noon.Add(-time.Hour), Zone: "Far/Away", Place: "The barn", URL: "javascript:alert(1)"}
		post, err := w.posts.Publish(ctx, w.remote, w.garden, posts.Draft{Title: "Dance", Link: "https://far.test/e", From: from, Event: event})
		if err != nil {
			t.Fatal(err)
		}
		shown := func() *community.Event {
			t.Helper()
			v, err := w.posts.Find(ctx, w.bo, post.ID)
			if err != nil || v.Kind != community.EventPost || v.Link == "" {
				t.Fatalf("the post is %+v, %v", v.Post, err)
			}
			return v.Event
		}
		if diff := cmp.Diff(&community.Event{PostID: post.ID, StartsAt: noon, Place: "The barn"}, shown()); diff != "" {
			t.Error(diff)
		}
		moved := &community.Event{StartsAt: noon.Add(time.Hour), EndsAt: noon.Add(2 * time.Hour), Place: "The hall", URL: "https://far.test/hall"}
		if _, err := w.posts.Edit(ctx, w.remote, post.ID, posts.Change{From: from, Beside: &posts.Draft{Event: moved}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(moved, shown()); diff != "" {
			t.Error(diff)
		}
		film, err := w.posts.Publish(ctx, w.remote, w.garden, posts.Draft{
			Title: "A film", Link: "https://far.test/w", From: community.Origin{IRI: "https://far.test/w"}, Kind: community.VideoPost, Duration: 1145,
		})
		if err != nil || film.Kind != community.VideoPost || film.Duration != 1145 {
			t.Errorf("a film is %+v, %v", film, err)
		}
		timeless, err := w.posts.Publish(ctx, w.remote, w.garden, posts.Draft{Title: "Some day", From: community.Origin{IRI: "https://far.test/s"}, Event: &community.Event{Place: "Here"}})
		if err != nil || timeless.Kind != community.TextPost {
			t.Errorf("an event at no time is %+v, %v", timeless, err)
		}
	})
}

// A group on Lemmy would refuse the poll, and its author would never know.
func TestNoPollsWhereNobodyKnowsThem(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for software, want := range map[string]fault.Code{"lemmy": fault.Invalid, "piefed": fault.None, "": fault.None} {
			host := "h" + software + ".test"
			peer, err := db.PeerByHost(t.Context(), host, noon)
			if err != nil {
				t.Fatal(err)
			}
			peer.Software = software
			if err := db.SavePeerSoftware(t.Context(), peer); err != nil {
				t.Fatal(err)
			}
			group := &community.Actor{Kind: community.GroupKind, Name: "g", Host: host, IRI: "https://" + host + "/g", PeerID: peer.ID, CreatedAt: noon, UpdatedAt: noon}
			if err := db.AddActor(t.Context(), group); err != nil {
				t.Fatal(err)
			}
			_, err = w.posts.Publish(t.Context(), w.ada, group, posts.Draft{Title: "When?", Poll: choice(false, "a", "b")})
			if fault.CodeOf(err) != want {
				t.Errorf("in a group on %q: %v, want %q", software, err, want)
			}
		}
	})
}
