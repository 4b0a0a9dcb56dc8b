package notifications_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type world struct {
	db         *storage.DB
	posts      *posts.Service
	moderation *moderation.Service
	notes      *notifications.Service
	garden     *community.Actor
	people     map[string]*community.Actor
	accounts   map[string]*community.Account
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	now := func() time.Time { return noon }
	w := &world{
		db: db, posts: &posts.Service{DB: db, Origin: "https://here.test", Now: now}, moderation: &moderation.Service{DB: db, Now: now},
		notes:  &notifications.Service{DB: db, Now: now},
		people: map[string]*community.Actor{}, accounts: map[string]*community.Account{},
	}
	for _, name := range []string{"garden", "ada", "bo", "mod", "far"} {
		a := &community.Actor{Kind: community.Person, Name: name, IRI: "https://here.test/" + name, CreatedAt: noon, UpdatedAt: noon}
		switch name {
		case "garden":
			a.Kind = community.GroupKind
		case "far":
			a.Host = "far.test"
		}
		if err := db.AddActor(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		w.people[name] = a
		if a.Kind == community.Person && a.Local() {
			w.accounts[name] = &community.Account{ActorID: a.ID, CreatedAt: noon}
			if err := db.AddAccount(t.Context(), w.accounts[name]); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.garden = w.people["garden"]
	err := db.SaveMembership(t.Context(), &community.Membership{
		GroupID: w.garden.ID, ActorID: w.people["mod"].ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// read hands every fact to the reader, as jobs does.
func (w *world) read(t *testing.T) {
	t.Helper()
	if err := w.db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	facts, err := w.db.Facts(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	err = w.db.InTx(t.Context(), func(tx *storage.DB) error { return w.notes.Read(t.Context(), tx, facts) })
	if err != nil {
		t.Fatal(err)
	}
}

// told lists what an account was told, oldest first, as "kind by name".
func (w *world) told(t *testing.T, name string) []string {
	t.Helper()
	views, _, err := w.notes.List(t.Context(), w.accounts[name], community.NoticeQuery{Page: community.Page{Limit: 100}})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, v := range views {
		list = append([]string{fmt.Sprintf("%s by %s", v.Kind, v.Actor.Name)}, list...)
	}
	return list
}

func TestWhoIsToldWhat(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T", Body: "What do you think, @bo and @nobody and @ada?"})
		if err != nil {
			t.Fatal(err)
		}
		say := func(who string, parent community.CommentID, body string) community.CommentID {
			from := community.Origin{}
			if who == "far" {
				from = community.Origin{IRI: "https://far.test/n/" + body, Activity: []byte(`{}`)}
			}
			c, err := w.posts.Comment(ctx, w.people[who], post.ID, parent, posts.Draft{Body: body, HTML: body, From: from})
			if err != nil {
				t.Fatal(err)
			}
			return c.ID
		}
		fromFar := say("far", 0, "Hello")
		say("ada", fromFar, "Hello back")     // far has no account here
		mine := say("ada", 0, "Also, @ada")   // nobody is told of what they did themselves
		say("bo", mine, "Yes @ada, @mod too") // ada once, though answered and mentioned
		if err := w.moderation.RemovePost(ctx, w.people["mod"], post.ID, moderation.Removal{Reason: "off topic"}, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		w.read(t)
		want := map[string][]string{
			"ada": {"reply by far", "reply by bo", "moderation by mod"},
			"bo":  {"mention by ada"},
			"mod": {"mention by bo"},
		}
		for name, list := range want {
			if diff := cmp.Diff(list, w.told(t, name)); diff != "" {
				t.Errorf("%s was told (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestReadingGoesForwardOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T"})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := w.posts.Comment(ctx, w.people["bo"], post.ID, 0, posts.Draft{Body: "Yes"}); err != nil {
				t.Fatal(err)
			}
		}
		w.read(t)
		unread := func() int {
			account, err := db.Account(ctx, w.accounts["ada"].ID)
			if err != nil {
				t.Fatal(err)
			}
			n, err := w.notes.Unread(ctx, account)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := unread(); n != 3 {
			t.Fatalf("%d unread, want 3", n)
		}
		views, _, err := w.notes.List(ctx, w.accounts["ada"], community.NoticeQuery{Page: community.Page{Limit: 3}})
		if err != nil {
			t.Fatal(err)
		}
		for _, up := range []community.NotificationID{views[1].ID, views[2].ID} { // an old tab reports later
			if err := w.notes.MarkRead(ctx, w.accounts["ada"], up); err != nil {
				t.Fatal(err)
			}
			if n := unread(); n != 1 {
				t.Errorf("%d unread, want 1", n)
			}
		}
		if err := w.notes.MarkRead(ctx, w.accounts["ada"], 0); err == nil {
			t.Error("reading up to nothing is accepted")
		}
	})
}

// When a poll is over, whoever made it or voted in it is told, once; nobody
// elsewhere is, and nobody else.
func TestPollsEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		ada, bo, far := w.people["ada"], w.people["bo"], w.people["far"]
		poll := &community.Poll{Options: []community.PollOption{{Text: "a"}, {Text: "b"}}}
		post, err := w.posts.Publish(ctx, ada, w.garden, posts.Draft{Title: "When?", Poll: poll})
		if err != nil {
			t.Fatal(err)
		}
		for _, voter := range []*community.Actor{ada, bo, far} {
			if err := w.posts.VotePoll(ctx, voter, post.ID, []community.OptionID{poll.Options[0].ID}, community.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		later := func() time.Time { return noon.Add(8 * 24 * time.Hour) }
		if err := (&posts.Service{DB: db, Origin: "https://here.test", Now: later}).TurnPolls(ctx, 0); err != nil {
			t.Fatal(err)
		}
		c, err := w.posts.Comment(ctx, bo, post.ID, 0, posts.Draft{Body: "On Monday."})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.posts.ChooseAnswer(ctx, ada, post.ID, c.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		w.read(t)
		want := map[string][]community.NotificationKind{
			"ada": {community.Reply, community.Ended}, "bo": {community.Chosen, community.Ended}, "mod": nil,
		}
		for name, kinds := range want {
			list, _, err := w.notes.List(ctx, w.accounts[name], community.NoticeQuery{Page: community.Page{Limit: 10}})
			if err != nil {
				t.Fatal(err)
			}
			var got []community.NotificationKind
			for _, n := range list {
				got = append(got, n.Kind)
			}
			if diff := cmp.Diff(kinds, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// Whom moderators decide about is told, of every kind of decision.
func TestVerdictsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for _, kind := range []community.FactKind{
			community.MemberBanned, community.MemberUnbanned, community.PersonBanned, community.PersonUnbanned,
			community.ModeratorAdded, community.ModeratorRemoved,
		} {
			fact := community.Fact{Kind: kind, ActorID: w.people["mod"].ID, GroupID: w.garden.ID, TargetID: w.people["bo"].ID, At: noon}
			if err := db.Record(t.Context(), fact); err != nil {
				t.Fatal(err)
			}
		}
		w.read(t)
		want := []string{"banned by mod", "unbanned by mod", "banned by mod", "unbanned by mod", "moderator by mod", "no_moderator by mod"}
		if diff := cmp.Diff(want, w.told(t, "bo")); diff != "" {
			t.Errorf("bo was told (-want +got):\n%s", diff)
		}
	})
}

// Who began a thread is told that it was moved, and where it is now. Who moved
// their own knows.
func TestMovedThreadsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		meadow := &community.Actor{Kind: community.GroupKind, Name: "meadow", IRI: "https://here.test/meadow", CreatedAt: noon, UpdatedAt: noon}
		if err := db.AddActor(ctx, meadow); err != nil {
			t.Fatal(err)
		}
		err := db.SaveMembership(ctx, &community.Membership{
			GroupID: meadow.ID, ActorID: w.people["mod"].ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"ada", "mod", "far"} {
			from := community.Origin{}
			if who == "far" {
				from = community.Origin{IRI: "https://far.test/p/1", Activity: []byte(`{}`)}
			}
			post, err := w.posts.Publish(ctx, w.people[who], w.garden, posts.Draft{Title: "By " + who, From: from})
			if err != nil {
				t.Fatal(err)
			}
			move := moderation.ThreadMove{To: meadow, Reason: "Better there."}
			if err := w.moderation.MovePost(ctx, w.people["mod"], post.ID, move, community.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		w.read(t)
		want := map[string][]string{"ada": {"thread_moved by mod"}, "bo": nil, "mod": nil}
		for name, list := range want {
			if diff := cmp.Diff(list, w.told(t, name)); diff != "" {
				t.Errorf("%s was told (-want +got):\n%s", name, diff)
			}
		}
		views, _, err := w.notes.List(ctx, w.accounts["ada"], community.NoticeQuery{Page: community.Page{Limit: 1}})
		if err != nil || len(views) != 1 || views[0].Post.Title != "By ada" || views[0].Group == nil || views[0].Group.ID != meadow.ID {
			t.Errorf("ada was told %+v, %v", views, err)
		}
	})
}
