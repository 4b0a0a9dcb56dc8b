package moderation_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A world is the garden, owned by owen and moderated by mia and then by max;
// ada and bo write in it; cats lives elsewhere, and so do far and boss; chief
// administers the server.
type world struct {
	t            *testing.T
	db           *storage.DB
	posts        *posts.Service
	svc          *moderation.Service
	now          time.Time
	garden, cats *community.Actor
	who          map[string]*community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, now: noon, who: map[string]*community.Actor{}}
	clock := func() time.Time { return w.now }
	w.posts = &posts.Service{DB: db, Origin: "https://here.test", Now: clock}
	w.svc = &moderation.Service{DB: db, Now: clock}
	w.garden, w.cats = w.actor(community.GroupKind, "garden", ""), w.actor(community.GroupKind, "cats", "far.test")
	for _, name := range []string{"owen", "mia", "max", "ada", "bo", "chief"} {
		w.who[name] = w.actor(community.Person, name, "")
	}
	w.who["far"] = w.actor(community.Person, "far", "far.test")
	w.who["boss"] = w.actor(community.Person, "boss", "far.test")
	if err := db.AddAccount(t.Context(), &community.Account{ActorID: w.who["chief"].ID, Admin: true, CreatedAt: noon}); err != nil {
		t.Fatal(err)
	}
	w.member("owen", community.Owner, 0)
	w.member("mia", community.Moderator, 1)
	w.member("max", community.Moderator, 2)
	w.member("ada", community.Member, 3)
	return w
}

func (w *world) actor(kind community.ActorKind, name, host string) *community.Actor {
	w.t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: "https://" + host + "x/" + name, CreatedAt: noon, UpdatedAt: noon}
	w.ok(w.db.AddActor(w.t.Context(), a))
	return a
}

func (w *world) member(name string, role community.Role, hours int) {
	w.t.Helper()
	m := &community.Membership{GroupID: w.garden.ID, ActorID: w.who[name].ID, Role: role, State: community.Accepted, CreatedAt: noon}
	if role != community.Member {
		m.ModeratesSince = noon.Add(time.Duration(hours) * time.Hour)
	}
	w.ok(w.db.SaveMembership(w.t.Context(), m))
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) post(by, title string, group *community.Actor) *community.Post {
	w.t.Helper()
	p, err := w.posts.Publish(w.t.Context(), w.who[by], group, posts.Draft{Title: title})
	w.ok(err)
	return p
}

func (w *world) answer(by string, p *community.Post, parent community.CommentID) *community.Comment {
	w.t.Helper()
	c, err := w.posts.Comment(w.t.Context(), w.who[by], p.ID, parent, posts.Draft{Body: "An answer"})
	w.ok(err)
	return c
}

func (w *world) reload(p *community.Post) *community.Post {
	w.t.Helper()
	p, err := w.db.Post(w.t.Context(), p.ID)
	w.ok(err)
	return p
}

func (w *world) up(c *community.Comment) bool {
	w.t.Helper()
	c, err := w.db.Comment(w.t.Context(), c.ID)
	w.ok(err)
	return !c.Hidden()
}

// log lists what the log of the garden says, oldest first.
func (w *world) log() (kinds []community.FactKind) {
	w.t.Helper()
	list, _, err := w.svc.Log(w.t.Context(), nil, w.garden, community.Page{Limit: 100})
	w.ok(err)
	for _, d := range slices.Backward(list) {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

// Who may do what. The same act is tried by everybody, in a world of its own.
func TestWhoMay(t *testing.T) {
	here := community.Origin{}
	tests := []struct {
		name    string
		act     func(w *world, by *community.Actor) error
		allowed []string
	}{
		{"lock", func(w *world, by *community.Actor) error {
			return w.svc.LockPost(w.t.Context(), by, w.post("ada", "x", w.garden).ID, "", here)
		}, []string{"owen", "mia", "max"}},
		{"feature", func(w *world, by *community.Actor) error {
			return w.svc.FeaturePost(w.t.Context(), by, w.post("ada", "x", w.garden).ID, here)
		}, []string{"owen", "mia", "max"}},
		{"mark", func(w *world, by *community.Actor) error {
			return w.svc.MarkPost(w.t.Context(), by, w.post("ada", "x", w.garden).ID, here)
		}, []string{"owen", "mia", "max"}},
		{"remove a comment", func(w *world, by *community.Actor) error {
			c := w.answer("ada", w.post("ada", "x", w.garden), 0)
			return w.svc.RemoveComment(w.t.Context(), by, c.ID, moderation.Removal{}, here)
		}, []string{"owen", "mia", "max"}},
		{"lock a comment", func(w *world, by *community.Actor) error {
			c := w.answer("ada", w.post("ada", "x", w.garden), 0)
			return w.svc.LockComment(w.t.Context(), by, c.ID, "", here)
		}, []string{"owen", "mia", "max"}},
		{"ban bo", func(w *world, by *community.Actor) error {
			return w.svc.BanMember(w.t.Context(), by, w.garden, w.who["bo"], community.Ban{}, here)
		}, []string{"owen", "mia", "max"}},
		{"ban a moderator", func(w *world, by *community.Actor) error {
			return w.svc.BanMember(w.t.Context(), by, w.garden, w.who["mia"], community.Ban{}, here)
		}, nil},
		{"see who is banned", func(w *world, by *community.Actor) error {
			_, _, err := w.svc.Banned(w.t.Context(), by, w.garden, community.Page{Limit: 5})
			return err
		}, []string{"owen", "mia", "max"}},
		{"make bo a moderator", func(w *world, by *community.Actor) error {
			return w.svc.AddModerator(w.t.Context(), by, w.garden, w.who["bo"], here)
		}, []string{"owen", "mia", "max"}},
		{"dismiss max", func(w *world, by *community.Actor) error {
			return w.svc.RemoveModerator(w.t.Context(), by, w.garden, w.who["max"], here)
		}, []string{"owen", "mia", "max"}},
		{"dismiss mia, who is senior to max", func(w *world, by *community.Actor) error {
			return w.svc.RemoveModerator(w.t.Context(), by, w.garden, w.who["mia"], here)
		}, []string{"owen", "mia"}},
		{"dismiss the owner", func(w *world, by *community.Actor) error {
			return w.svc.RemoveModerator(w.t.Context(), by, w.garden, w.who["owen"], here)
		}, nil},
		{"moderate cats, of another server", func(w *world, by *community.Actor) error {
			return w.svc.LockPost(w.t.Context(), by, w.post("ada", "x", w.cats).ID, "", here)
		}, nil},
		{"moderate cats, vouched for by its server", func(w *world, by *community.Actor) error {
			return w.svc.LockPost(w.t.Context(), by, w.post("ada", "x", w.cats).ID, "", community.Origin{Vouched: true, Activity: []byte("{}")})
		}, []string{"owen", "mia", "max", "ada", "bo", "chief", "far", "boss"}},
		{"moderate here, vouched for by whomever", func(w *world, by *community.Actor) error {
			return w.svc.LockPost(w.t.Context(), by, w.post("ada", "x", w.garden).ID, "", community.Origin{Vouched: true, Activity: []byte("{}")})
		}, []string{"owen", "mia", "max"}},
		{"ban bo from the server", func(w *world, by *community.Actor) error {
			return w.svc.BanPerson(w.t.Context(), by, w.who["bo"], community.Ban{})
		}, []string{"chief"}},
		{"ban an admin from the server", func(w *world, by *community.Actor) error {
			return w.svc.BanPerson(w.t.Context(), by, w.who["chief"], community.Ban{})
		}, nil},
		{"let bo back", func(w *world, by *community.Actor) error {
			return w.svc.UnbanPerson(w.t.Context(), by, w.who["bo"], false)
		}, []string{"chief"}},
		{"see who is banned from the server", func(w *world, by *community.Actor) error {
			_, _, err := w.svc.PeopleBanned(w.t.Context(), by, community.Page{Limit: 5})
			return err
		}, []string{"chief"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"owen", "mia", "max", "ada", "bo", "chief", "far", "boss"} {
				w := newWorld(t, testdb.SQLite(t))
				want := fault.Forbidden
				if slices.Contains(test.allowed, name) {
					want = fault.None
				}
				if err := test.act(w, w.who[name]); fault.CodeOf(err) != want {
					t.Errorf("%s: %v, want code %q", name, err, want)
				}
			}
		})
	}
}

func TestABannedModeratorModeratesNothing(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	m, err := w.db.Membership(t.Context(), w.garden.ID, w.who["max"].ID)
	w.ok(err)
	m.BannedUntil = noon.Add(time.Hour)
	w.ok(w.db.SaveMembership(t.Context(), m))
	err = w.svc.LockPost(t.Context(), w.who["max"], w.post("ada", "x", w.garden).ID, "", community.Origin{})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("banned from the group: %v", err)
	}
	w.ok(w.svc.BanPerson(t.Context(), w.who["chief"], w.who["mia"], community.Ban{}))
	mia, err := w.db.Actor(t.Context(), w.who["mia"].ID)
	w.ok(err)
	if err := w.svc.LockPost(t.Context(), mia, w.post("ada", "x", w.garden).ID, "", community.Origin{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("banned from the server: %v", err)
	}
}

func TestLocks(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx, mia, here := t.Context(), w.who["mia"], community.Origin{}
		p := w.post("ada", "x", w.garden)
		top := w.answer("bo", p, 0)
		below := w.answer("ada", p, top.ID)
		beside := w.answer("ada", p, 0)
		for range 2 { // the second time changes nothing
			w.ok(w.svc.LockComment(ctx, mia, top.ID, "enough", here))
		}
		for _, parent := range []*community.Comment{top, below} {
			if _, err := w.posts.Comment(ctx, w.who["bo"], p.ID, parent.ID, posts.Draft{Body: "But"}); !fault.Is(err, fault.Forbidden) {
				t.Errorf("answering within a locked branch: %v", err)
			}
			v, err := w.posts.FindComment(ctx, w.who["bo"], parent.ID)
			if err != nil || v.Can.Reply || !v.Can.Vote {
				t.Errorf("within a locked branch one may %+v, %v", v.Can, err)
			}
		}
		w.answer("bo", p, beside.ID)
		w.ok(w.svc.UnlockComment(ctx, mia, top.ID, here))
		w.answer("bo", p, below.ID)
		w.ok(w.svc.LockPost(ctx, mia, p.ID, "", here))
		if _, err := w.posts.Comment(ctx, w.who["bo"], p.ID, beside.ID, posts.Draft{Body: "But"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("answering in a locked thread: %v", err)
		}
		w.ok(w.svc.UnlockPost(ctx, mia, p.ID, here))
		w.answer("bo", p, 0)
		want := []community.FactKind{community.CommentLocked, community.CommentUnlocked, community.PostLocked, community.PostUnlocked}
		if diff := cmp.Diff(want, w.log()); diff != "" {
			t.Errorf("the log (-want +got):\n%s", diff)
		}
	})
}

func TestFeaturedFirst(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx, here := t.Context(), community.Origin{}
		var all []*community.Post
		for i := range community.MostFeatured + 2 {
			all = append(all, w.post("ada", string(rune('a'+i)), w.garden))
		}
		for _, p := range all[:community.MostFeatured] {
			w.now = w.now.Add(time.Minute)
			w.ok(w.svc.FeaturePost(ctx, w.who["mia"], p.ID, here))
		}
		if err := w.svc.FeaturePost(ctx, w.who["mia"], all[5].ID, here); !fault.Is(err, fault.Conflict) {
			t.Errorf("one too many: %v", err)
		}
		w.ok(w.svc.UnfeaturePost(ctx, w.who["mia"], all[0].ID, here))
		titles := func(after string) (titles, next string) {
			list, next, err := w.posts.Feed(ctx, nil, community.FeedQuery{
				Group: w.garden.ID, FeaturedFirst: true, Sort: community.New, Page: community.Page{Limit: 2, After: after},
			})
			w.ok(err)
			for _, p := range list {
				titles += p.Title
			}
			return titles, next
		}
		first, next := titles("")
		second, _ := titles(next)
		if first != "edcbgf" || second != "a" {
			t.Errorf("the pages are %q and %q", first, second)
		}
	})
}

func TestRemovalWithReplies(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx, mia, here := t.Context(), w.who["mia"], community.Origin{}
		p := w.post("ada", "x", w.garden)
		top := w.answer("bo", p, 0)
		below := w.answer("ada", p, top.ID)
		earlier := w.answer("ada", p, top.ID)
		beside := w.answer("ada", p, 0)
		w.ok(w.svc.RemoveComment(ctx, mia, earlier.ID, moderation.Removal{Reason: "by itself"}, here))
		w.ok(w.svc.RemoveComment(ctx, mia, top.ID, moderation.Removal{Reason: "rude", Replies: true}, here))
		if w.up(top) || w.up(below) || !w.up(beside) {
			t.Error("a branch was to go")
		}
		w.fold()
		if p := w.reload(p); p.CommentCount != 1 {
			t.Errorf("the post counts %d comments, want 1", p.CommentCount)
		}
		w.ok(w.svc.RestoreComment(ctx, mia, below.ID, here)) // one of them alone
		if w.up(top) || !w.up(below) {
			t.Error("the answer alone was to come back")
		}
		w.ok(w.svc.RestoreComment(ctx, mia, top.ID, here))
		if !w.up(top) || w.up(earlier) {
			t.Error("what was removed before was to stay removed")
		}

		w.ok(w.svc.RemovePost(ctx, mia, p.ID, moderation.Removal{Reason: "all of it", Replies: true}, here))
		if w.up(beside) || w.up(below) {
			t.Error("the thread was to go")
		}
		w.ok(w.svc.RestorePost(ctx, mia, p.ID, here))
		if w.reload(p).Hidden() || !w.up(beside) || !w.up(below) || w.up(earlier) {
			t.Error("the thread was to come back as it was")
		}
		w.fold()
		if p := w.reload(p); p.CommentCount != 3 {
			t.Errorf("the post counts %d comments, want 3", p.CommentCount)
		}
		group, err := db.Actor(ctx, w.garden.ID)
		if err != nil || group.PostCount != 1 || group.CommentCount != 3 {
			t.Errorf("the group counts %d posts and %d comments, %v", group.PostCount, group.CommentCount, err)
		}
	})
}

func (w *world) fold() {
	w.t.Helper()
	_, err := w.db.Fold(w.t.Context(), 1000)
	w.ok(err)
}

func TestBans(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx, mia, ada, here := t.Context(), w.who["mia"], w.who["ada"], community.Origin{}
		mine := w.post("ada", "mine", w.garden)
		abroad := w.post("ada", "abroad", w.cats)
		said := w.answer("ada", w.post("bo", "his", w.garden), 0)

		if err := w.svc.BanMember(ctx, mia, w.garden, ada, community.Ban{Until: noon}, here); !fault.Is(err, fault.Invalid) {
			t.Errorf("a ban that is over: %v", err)
		}
		w.ok(w.svc.BanMember(ctx, mia, w.garden, ada, community.Ban{Until: noon.Add(time.Hour), Reason: "spam", Remove: true}, here))
		if _, err := w.posts.Publish(ctx, ada, w.garden, posts.Draft{Title: "But"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a banned member writes: %v", err)
		}
		if !w.reload(mine).Hidden() || w.up(said) || w.reload(abroad).Hidden() {
			t.Error("what was written in the group was to go, and nothing else")
		}
		list, _, err := w.svc.Banned(ctx, mia, w.garden, community.Page{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Person.ID != ada.ID || list[0].Reason != "spam" {
			t.Fatalf("banned: %+v, %v", list, err)
		}
		// A ban changed to one for good takes nothing more down, and lifting
		// it brings back what the first took down.
		w.ok(w.svc.BanMember(ctx, mia, w.garden, ada, community.Ban{Reason: "spam"}, here))
		w.ok(w.svc.UnbanMember(ctx, mia, w.garden, ada, true, here))
		w.ok(w.svc.UnbanMember(ctx, mia, w.garden, ada, true, here)) // changes nothing
		if w.reload(mine).Hidden() || !w.up(said) {
			t.Error("what was taken down is not back")
		}
		m, err := db.Membership(ctx, w.garden.ID, ada.ID)
		if err != nil || !m.Follows() || !m.BannedUntil.IsZero() {
			t.Errorf("ada is %+v, %v", m, err)
		}
		w.post("ada", "again", w.garden)
		// Somebody who never came can be kept out as well, and forgotten.
		w.ok(w.svc.BanMember(ctx, mia, w.garden, w.who["far"], community.Ban{}, here))
		w.ok(w.svc.UnbanMember(ctx, mia, w.garden, w.who["far"], false, here))
		if m, err := db.Membership(ctx, w.garden.ID, w.who["far"].ID); err != nil || m != nil {
			t.Errorf("far is still remembered: %+v, %v", m, err)
		}
	})
}

func TestSiteBans(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx, chief := t.Context(), w.who["chief"]
		mine, abroad := w.post("ada", "mine", w.garden), w.post("ada", "abroad", w.cats)
		w.ok(w.svc.BanPerson(ctx, chief, w.who["ada"], community.Ban{Reason: "spam", Remove: true}))
		ada, err := db.Actor(ctx, w.who["ada"].ID)
		w.ok(err)
		if _, err := w.posts.Publish(ctx, ada, w.garden, posts.Draft{Title: "But"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who is banned from the server writes: %v", err)
		}
		if !w.reload(mine).Hidden() || !w.reload(abroad).Hidden() {
			t.Error("everything was to go")
		}
		list, _, err := w.svc.PeopleBanned(ctx, chief, community.Page{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Reason != "spam" {
			t.Errorf("banned: %+v, %v", list, err)
		}
		w.ok(w.svc.UnbanPerson(ctx, chief, ada, true))
		if w.reload(mine).Hidden() || w.reload(abroad).Hidden() {
			t.Error("it was to come back")
		}
		if ada, err = db.Actor(ctx, ada.ID); err != nil || ada.MaySpeak(w.now) != nil {
			t.Errorf("ada may not speak: %+v, %v", ada, err)
		}
		if banned, err := db.BannedHere(ctx, w.now, ada.IRI); err != nil || len(banned) > 0 {
			t.Errorf("ada is banned: %v, %v", banned, err)
		}
	})
}

func TestTheLogNamesModeratorsToModerators(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		w.ok(w.svc.RemovePost(ctx, w.who["mia"], w.post("ada", "x", w.garden).ID, moderation.Removal{Reason: "off topic"}, community.Origin{}))
		for name, want := range map[string]bool{"": false, "ada": false, "max": true, "chief": true, "far": false} {
			list, _, err := w.svc.Log(ctx, w.who[name], w.garden, community.Page{Limit: 5})
			if err != nil || len(list) != 1 || list[0].Reason != "off topic" || list[0].Target.Name != "ada" || (list[0].By != nil) != want {
				t.Errorf("%q sees %+v, %v", name, list[0], err)
			}
		}
	})
}

// Two who leave at once do not leave a group to nobody; two bans at once take
// everything down once.
func TestAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		ctx := t.Context()
		m, err := db.Membership(ctx, w.garden.ID, w.who["owen"].ID)
		w.ok(err)
		m.Demote() // an old group, without an owner
		w.ok(db.SaveMembership(ctx, m))
		p := w.post("ada", "x", w.garden)
		var wg sync.WaitGroup
		for _, name := range []string{"mia", "max"} {
			wg.Go(func() {
				ban := community.Ban{Reason: name, Remove: true}
				w.ok(w.svc.BanMember(ctx, w.who[name], w.garden, w.who["ada"], ban, community.Origin{}))
			})
			wg.Go(func() {
				w.ok(w.svc.RemovePost(ctx, w.who[name], p.ID, moderation.Removal{}, community.Origin{}))
			})
		}
		wg.Wait()
		for _, name := range []string{"mia", "max"} {
			wg.Go(func() { _ = w.svc.RemoveModerator(ctx, w.who[name], w.garden, w.who[name], community.Origin{}) })
		}
		wg.Wait()
		list, err := db.Moderators(ctx, w.garden.ID)
		if err != nil || len(list) != 1 {
			t.Errorf("%d moderate the group, %v; want one", len(list), err)
		}
		w.fold()
		if group, err := db.Actor(ctx, w.garden.ID); err != nil || group.PostCount != 0 {
			t.Errorf("the group counts %d posts, %v", group.PostCount, err)
		}
	})
}
