package notifications_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/notifications"
	"drystone/service/posts"
	"drystone/service/votes"
	"drystone/storage"
)

func (w *world) check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bundled is what an account is told as one, newest first.
func (w *world) bundled(t *testing.T, name string, unread bool) []string {
	t.Helper()
	account, err := w.db.Account(t.Context(), w.accounts[name].ID)
	w.check(t, err)
	views, _, err := w.notes.List(t.Context(), account, community.NoticeQuery{Bundled: true, Unread: unread, Page: community.Page{Limit: 50}})
	w.check(t, err)
	var list []string
	for _, v := range views {
		text := fmt.Sprintf("%s by %s", v.Kind, v.Actor.Name)
		for _, p := range v.People {
			text += " and " + p.Name
		}
		if v.Others > len(v.People) {
			text += fmt.Sprintf(" and %d more", v.Others-len(v.People))
		}
		if v.Read {
			text += ", read"
		}
		list = append(list, text)
	}
	return list
}

func (w *world) unread(t *testing.T, name string) int {
	t.Helper()
	account, err := w.db.Account(t.Context(), w.accounts[name].ID)
	w.check(t, err)
	n, err := w.notes.Unread(t.Context(), account)
	w.check(t, err)
	return n
}

// Whoever watches a thread or group hears of everything there, once; whoever
// wants to hear nothing of it is left alone, and what is said of a thread goes
// before what is said of its group.
func TestWatching(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		ada, bo, mod := w.people["ada"], w.people["bo"], w.people["mod"]
		w.check(t, w.notes.WatchGroup(ctx, bo, w.accounts["bo"], w.garden.ID, community.WatchAll))
		post, err := w.posts.Publish(ctx, ada, w.garden, posts.Draft{Title: "T", Body: "Hello"})
		w.check(t, err)
		w.check(t, w.notes.WatchPost(ctx, mod, w.accounts["mod"], post.ID, community.WatchAll))
		w.check(t, w.notes.WatchGroup(ctx, ada, w.accounts["ada"], w.garden.ID, community.WatchNothing))
		say := func(who *community.Actor, parent community.CommentID, body string) community.CommentID {
			c, err := w.posts.Comment(ctx, who, post.ID, parent, posts.Draft{Body: body})
			w.check(t, err)
			return c.ID
		}
		first := say(bo, 0, "For ada, who does not listen")
		w.check(t, w.notes.WatchPost(ctx, bo, w.accounts["bo"], post.ID, community.WatchNothing))
		say(mod, first, "For bo, who does not listen any more, and not for @mod")
		w.read(t)
		for name, want := range map[string][]string{
			"ada": nil,
			"bo":  {"posted by ada"},
			"mod": {"watched by bo"},
		} {
			if diff := cmp.Diff(want, w.told(t, name)); diff != "" {
				t.Errorf("%s was told (-want +got):\n%s", name, diff)
			}
		}
		ofPost, ofGroup, err := w.notes.Watched(ctx, w.accounts["bo"], post.ID, w.garden.ID)
		if err != nil || ofPost != community.WatchNothing || ofGroup != community.WatchAll {
			t.Errorf("bo watches %s and %s, %v", ofPost, ofGroup, err)
		}
		if err := w.notes.WatchPost(ctx, bo, w.accounts["bo"], post.ID, "everything"); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown level: %v", err)
		}
		if err := w.notes.WatchPost(ctx, bo, w.accounts["bo"], 987654, community.WatchAll); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown thread: %v", err)
		}
	})
}

// Whoever keeps somebody away hears nothing of them, wherever they watch, nor
// does whoever is not let in any more.
func TestWatchersWhoMayNotHear(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		ada, bo := w.people["ada"], w.people["bo"]
		post, err := w.posts.Publish(ctx, ada, w.garden, posts.Draft{Title: "T", Body: "Hello"})
		w.check(t, err)
		for _, name := range []string{"ada", "bo", "mod"} {
			w.check(t, w.notes.WatchPost(ctx, w.people[name], w.accounts[name], post.ID, community.WatchAll))
		}
		w.check(t, db.SaveBlock(ctx, &community.Block{OwnerID: bo.ID, Kind: community.BlockPerson, TargetID: w.people["mod"].ID, Mute: true, Places: community.Everywhere, CreatedAt: noon}))
		_, err = w.posts.Comment(ctx, w.people["mod"], post.ID, 0, posts.Draft{Body: "x"})
		w.check(t, err)
		w.garden.Visibility = community.Private
		w.check(t, db.EditActor(ctx, w.garden))
		_, err = w.posts.Comment(ctx, w.people["mod"], post.ID, 0, posts.Draft{Body: "y"})
		w.check(t, err)
		w.read(t)
		if got := w.told(t, "bo"); got != nil {
			t.Errorf("bo was told %q", got)
		}
	})
}

// What happens at one place on a day is told as one, and seen as one.
func TestToldTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T"})
		w.check(t, err)
		other, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "Other"})
		w.check(t, err)
		for i, name := range []string{"bo", "mod", "bo", "far"} {
			from := community.Origin{}
			if name == "far" {
				from = community.Origin{IRI: "https://far.test/n/1", Activity: []byte(`{}`)}
			}
			_, err := w.posts.Comment(ctx, w.people[name], post.ID, 0, posts.Draft{Body: fmt.Sprint("Yes", i), HTML: "Yes", From: from})
			w.check(t, err)
		}
		_, err = w.posts.Comment(ctx, w.people["bo"], other.ID, 0, posts.Draft{Body: "Too"})
		w.check(t, err)
		w.read(t)
		if diff := cmp.Diff([]string{"reply by bo", "reply by far and bo and mod"}, w.bundled(t, "ada", false)); diff != "" {
			t.Errorf("ada is told (-want +got):\n%s", diff)
		}
		if n := w.unread(t, "ada"); n != 5 {
			t.Errorf("%d unread", n)
		}
		views, _, err := w.notes.List(ctx, w.accounts["ada"], community.NoticeQuery{Bundled: true, Page: community.Page{Limit: 50}})
		w.check(t, err)
		w.check(t, w.notes.MarkSeen(ctx, w.accounts["ada"], views[1].ID))
		if n := w.unread(t, "ada"); n != 1 {
			t.Errorf("%d unread after one place was looked at", n)
		}
		if diff := cmp.Diff([]string{"reply by bo"}, w.bundled(t, "ada", true)); diff != "" {
			t.Errorf("ada has not read (-want +got):\n%s", diff)
		}
		if err := w.notes.MarkSeen(ctx, w.accounts["bo"], views[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("bo saw what ada was told: %v", err)
		}
		// Of whom somebody keeps away by now nothing is left, but the others are.
		w.check(t, db.SaveBlock(ctx, &community.Block{OwnerID: w.people["ada"].ID, Kind: community.BlockPerson, TargetID: w.people["far"].ID, Mute: true, Places: community.Everywhere, CreatedAt: noon}))
		if diff := cmp.Diff([]string{"reply by bo", "reply by bo and mod, read"}, w.bundled(t, "ada", false)); diff != "" {
			t.Errorf("ada is told (-want +got):\n%s", diff)
		}
	})
}

func TestChoosing(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		ada := w.accounts["ada"]
		for _, c := range []community.NoticeChoice{
			{Topic: community.AboutReplies, Mail: community.MailOff},
			{Topic: community.AboutMentions, Mail: community.MailNow},
		} {
			w.check(t, w.notes.Choose(ctx, ada, c))
		}
		for _, c := range []community.NoticeChoice{
			{Topic: community.AboutSecurity, Mail: community.MailOff}, {Topic: "weather", Mail: community.MailOff}, {Topic: community.AboutReplies, Mail: "pigeon"},
		} {
			if err := w.notes.Choose(ctx, ada, c); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v: %v", c, err)
			}
		}
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T"})
		w.check(t, err)
		c, err := w.posts.Comment(ctx, w.people["bo"], post.ID, 0, posts.Draft{Body: "Yes"})
		w.check(t, err)
		_, err = w.posts.Comment(ctx, w.people["mod"], post.ID, c.ID, posts.Draft{Body: "No, @ada"})
		w.check(t, err)
		w.check(t, db.NumberFacts(ctx))
		w.read(t)
		if got := w.told(t, "ada"); got != nil {
			t.Errorf("the page tells ada %q", got)
		}
		if n := w.unread(t, "ada"); n != 0 {
			t.Errorf("%d unread", n)
		}
		list, err := w.notes.Choices(ctx, ada)
		w.check(t, err)
		if len(list) != len(community.NoticeTopics) || list[0].Page || list[1].Mail != community.MailNow || !list[2].Page {
			t.Errorf("chosen: %+v", list)
		}
	})
}

// Votes are told once a day, all together, and those that were taken back are
// not counted.
func TestVotesOfADay(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		voting := &votes.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return noon }}
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T"})
		w.check(t, err)
		c, err := w.posts.Comment(ctx, w.people["ada"], post.ID, 0, posts.Draft{Body: "More"})
		w.check(t, err)
		for _, name := range []string{"bo", "mod"} {
			_, err = voting.Cast(ctx, w.people[name], c.Subject(), 1, community.Origin{})
			w.check(t, err)
			_, err = voting.Cast(ctx, w.people[name], post.Subject(), 1, community.Origin{})
			w.check(t, err)
		}
		_, err = voting.Cast(ctx, w.people["mod"], post.Subject(), -1, community.Origin{})
		w.check(t, err)
		_, err = voting.Cast(ctx, w.people["ada"], post.Subject(), 1, community.Origin{})
		w.check(t, err)
		w.read(t)
		w.check(t, w.notes.TellVotes(ctx))
		if got := w.bundled(t, "ada", false); got != nil {
			t.Errorf("told %q before a day was over", got)
		}
		later := &notifications.Service{DB: db, Now: func() time.Time { return noon.Add(25 * time.Hour) }}
		w.check(t, later.TellVotes(ctx))
		w.check(t, later.TellVotes(ctx))
		views, _, err := w.notes.List(ctx, w.accounts["ada"], community.NoticeQuery{Page: community.Page{Limit: 9}})
		w.check(t, err)
		if len(views) != 1 || views[0].Kind != community.Voted || views[0].Many != 3 || views[0].CommentID != c.ID || views[0].ItemID != 1 {
			t.Errorf("told %+v", views)
		}
	})
}
