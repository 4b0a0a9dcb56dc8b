package feeds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/feeds"
	"drystone/service/groups"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A world has ada, who keeps a feed, bo, who does not, carl, who is banned, and
// a person and a group elsewhere.
type world struct {
	t             *testing.T
	db            *storage.DB
	feeds         *feeds.Service
	groups        *groups.Service
	ada, bo, carl *community.Actor
	far, farGroup *community.Actor
}

func newWorld(t *testing.T, db *storage.DB) *world {
	t.Helper()
	now := func() time.Time { return noon }
	key := func() (string, string, error) { return "private", "public", nil }
	w := &world{
		t: t, db: db,
		feeds:  &feeds.Service{DB: db, Origin: "https://here.test", Now: now, NewKey: key},
		groups: &groups.Service{DB: db, Origin: "https://here.test", Now: now, NewKey: key},
	}
	w.ada, w.bo = w.actor(community.Actor{Kind: community.Person, Name: "ada"}), w.actor(community.Actor{Kind: community.Person, Name: "bo"})
	w.carl = w.actor(community.Actor{Kind: community.Person, Name: "carl", BannedUntil: community.Forever})
	w.far = w.actor(community.Actor{Kind: community.Person, Name: "far", Host: "far.test"})
	w.farGroup = w.actor(community.Actor{Kind: community.GroupKind, Name: "cats", Host: "far.test"})
	return w
}

func (w *world) actor(a community.Actor) *community.Actor {
	w.t.Helper()
	a.IRI, a.CreatedAt, a.UpdatedAt = "https://"+a.Host+"x/"+a.Name, noon, noon
	if a.Host != "" {
		peer, err := w.db.PeerByHost(w.t.Context(), a.Host, noon)
		w.check(err)
		a.PeerID = peer.ID
	}
	w.check(w.db.AddActor(w.t.Context(), &a))
	return &a
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) group(name string, v community.Visibility) *community.Actor {
	w.t.Helper()
	g, err := w.groups.Create(w.t.Context(), w.ada, groups.Draft{Name: name, Visibility: v})
	w.check(err)
	return g.Actor
}

func (w *world) create(name string) *community.Actor {
	w.t.Helper()
	f, err := w.feeds.Create(w.t.Context(), w.ada, feeds.Draft{Name: name, Title: "The " + name, Summary: "About *it*."})
	w.check(err)
	return f.Actor
}

// lists wants a feed to list these groups, to bo and to others.
func (w *world) lists(when, name string, want ...string) {
	w.t.Helper()
	f, err := w.feeds.Find(w.t.Context(), w.bo, handle(name))
	w.check(err)
	told, err := w.feeds.Listed(w.t.Context(), f.Actor)
	w.check(err)
	var shown, said []string
	for _, g := range f.Groups {
		shown = append(shown, g.Handle())
	}
	for _, g := range told {
		said = append(said, g.Handle())
	}
	if !slices.Equal(shown, want) || !slices.Equal(said, want) || f.Size != len(want) {
		w.t.Errorf("%s %s shows %q (%d) and tells of %q, want %q", when, name, shown, f.Size, said, want)
	}
}

// facts are the newest facts about feeds, by kind.
func (w *world) facts() (kinds []community.FactKind) {
	w.t.Helper()
	w.check(w.db.NumberFacts(w.t.Context()))
	all, err := w.db.Facts(w.t.Context(), 0, 1000)
	w.check(err)
	for _, f := range all {
		if strings.HasPrefix(string(f.Kind), "feed_") || strings.HasPrefix(string(f.Kind), "follower_") || f.Kind == community.MemberRefused {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

func handle(name string) community.Handle {
	h, _ := community.ParseHandle(name, "here.test")
	return h
}

func TestCreate(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.group("garden", community.Open)
		for name, test := range map[string]struct {
			by    *community.Actor
			draft feeds.Draft
			want  fault.Code
		}{
			"the name of a person":    {w.ada, feeds.Draft{Name: "Bo"}, fault.Conflict},
			"the name of a group":     {w.ada, feeds.Draft{Name: "GARDEN"}, fault.Conflict},
			"no name":                 {w.ada, feeds.Draft{}, fault.Invalid},
			"a name for the server":   {w.ada, feeds.Draft{Name: "admin"}, fault.Invalid},
			"a title too long":        {w.ada, feeds.Draft{Name: "long", Title: strings.Repeat("a", 81)}, fault.Invalid},
			"by somebody who may not": {w.carl, feeds.Draft{Name: "carls"}, fault.Forbidden},
		} {
			if _, err := w.feeds.Create(t.Context(), test.by, test.draft); fault.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want %q", name, err, test.want)
			}
		}
		if got := w.facts(); len(got) != 0 {
			t.Errorf("what failed left %v", got)
		}
		for n := range community.MostKept {
			w.create(fmt.Sprintf("feed%02d", n))
		}
		if _, err := w.feeds.Create(t.Context(), w.ada, feeds.Draft{Name: "another"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one feed too many = %v", err)
		}
		w.check(w.feeds.Delete(t.Context(), w.ada, handle("feed00")))
		if _, err := w.feeds.Create(t.Context(), w.ada, feeds.Draft{Name: "feed00"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the name of a feed that is gone = %v", err)
		}
		w.create("another")
		if _, err := w.groups.Create(t.Context(), w.bo, groups.Draft{Name: "Another"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a group by the name of a feed = %v", err)
		}
	})
}

// Only who keeps a feed changes it, and it lists what everybody can read.
func TestWhatAFeedLists(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.create("pets")
		w.group("dogs", community.Open)
		w.group("club", community.Private)
		w.group("house", community.LocalOnly)
		w.actor(community.Actor{Kind: community.GroupKind, Name: "shut", Host: "far.test", DeletedAt: noon})
		w.actor(community.Actor{Kind: community.GroupKind, Name: "veiled", Host: "far.test", Visibility: community.Private})
		w.actor(community.Actor{Kind: community.GroupKind, Name: "gone", Host: "far.test", MovedTo: "https://far.test/x/there"})
		for _, test := range []struct {
			by    *community.Actor
			group string
			want  fault.Code
		}{
			{w.bo, "dogs", fault.Forbidden},
			{w.far, "dogs", fault.Forbidden},
			{w.ada, "club", fault.Forbidden},
			{w.ada, "house", fault.Forbidden},
			{w.ada, "veiled@far.test", fault.Forbidden},
			{w.ada, "gone@far.test", fault.Forbidden},
			{w.ada, "shut@far.test", fault.NotFound},
			{w.ada, "none", fault.NotFound},
			{w.ada, "bo", fault.NotFound},
			{w.ada, "pets", fault.NotFound},
			{w.ada, "dogs", fault.None},
			{w.ada, "dogs", fault.None},
			{w.ada, "cats@far.test", fault.None},
		} {
			if err := w.feeds.Add(t.Context(), test.by, handle("pets"), handle(test.group)); fault.CodeOf(err) != test.want {
				t.Errorf("%s puts %s in: %v, want %q", test.by.Name, test.group, err, test.want)
			}
		}
		w.lists("then", "pets", "cats@far.test", "dogs")
		if err := w.feeds.Remove(t.Context(), w.bo, handle("pets"), handle("dogs")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bo takes dogs out: %v", err)
		}
		w.check(w.feeds.Remove(t.Context(), w.ada, handle("pets"), handle("cats@far.test")))
		w.check(w.feeds.Remove(t.Context(), w.ada, handle("pets"), handle("cats@far.test")))
		w.lists("without cats", "pets", "dogs")
		if diff := cmp.Diff([]community.FactKind{community.FeedCreated, community.FeedGrew, community.FeedGrew, community.FeedShrank}, w.facts()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

// A group that is not for everybody any more is in no feed.
func TestGroupsThatClose(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.create("pets")
		w.group("dogs", community.Open)
		for _, name := range []string{"dogs", "cats@far.test"} {
			w.check(w.feeds.Add(t.Context(), w.ada, handle("pets"), handle(name)))
		}
		private := community.Private
		_, err := w.groups.Edit(t.Context(), w.ada, handle("dogs"), groups.Change{Visibility: &private})
		w.check(err)
		w.lists("dogs being private,", "pets", "cats@far.test")
		if got := w.facts(); got[len(got)-1] != community.FeedShrank {
			t.Errorf("the facts are %v", got)
		}
		// Others say it of theirs in a document that is read some day.
		_, err = db.Bun().NewUpdate().Model((*community.Actor)(nil)).Set("visibility = 'private'").Where("id = ?", w.farGroup.ID).Exec(t.Context())
		w.check(err)
		w.lists("cats being private too,", "pets")
		kept, err := w.feeds.Kept(t.Context(), w.ada, nil)
		w.check(err)
		if len(kept) != 1 || kept[0].Size != 0 {
			t.Errorf("ada's feeds = %+v", kept[0])
		}
	})
}

func TestEditAndDelete(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.create("pets")
		w.group("dogs", community.Open)
		w.check(w.feeds.Add(t.Context(), w.ada, handle("pets"), handle("dogs")))
		title, long := "All *pets*", strings.Repeat("a", 81)
		if _, err := w.feeds.Edit(t.Context(), w.bo, handle("pets"), feeds.Change{Title: &title}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bo edits: %v", err)
		}
		if _, err := w.feeds.Edit(t.Context(), w.ada, handle("pets"), feeds.Change{Title: &long}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a long title: %v", err)
		}
		f, err := w.feeds.Edit(t.Context(), w.ada, handle("pets"), feeds.Change{Title: &title})
		w.check(err)
		if f.Title != title || f.SummaryHTML != "<p>About <em>it</em>.</p>\n" || !f.Kept || len(f.Owners) != 1 || f.Owners[0].ID != w.ada.ID {
			t.Errorf("edited to %+v", f)
		}
		if err := w.feeds.Delete(t.Context(), w.bo, handle("pets")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bo deletes: %v", err)
		}
		elsewhere := w.actor(community.Actor{Kind: community.FeedKind, Name: "theirs", Host: "far.test"})
		w.check(db.SaveFeedSource(t.Context(), &community.FeedSource{ActorID: elsewhere.ID, Following: "x", Attributed: w.ada.IRI, Owners: w.ada.IRI}))
		if err := w.feeds.Delete(t.Context(), w.ada, handle("theirs@far.test")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one elsewhere is deleted: %v", err)
		}
		if err := w.feeds.Add(t.Context(), w.ada, handle("theirs@far.test"), handle("dogs")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one elsewhere is changed: %v", err)
		}

		// Who is banned keeps what they have, and can take it back.
		_, err = db.Bun().NewUpdate().Model((*community.Actor)(nil)).Set("banned_until = ?", community.Forever).Where("id = ?", w.ada.ID).Exec(t.Context())
		w.check(err)
		ada, err := db.Actor(t.Context(), w.ada.ID)
		w.check(err)
		if err := w.feeds.Remove(t.Context(), ada, handle("pets"), handle("dogs")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("ada, banned, changes: %v", err)
		}
		w.lists("ada being banned,", "pets", "dogs")
		w.check(w.feeds.Delete(t.Context(), ada, handle("pets")))
		if _, err := w.feeds.Find(t.Context(), w.bo, handle("pets")); !fault.Is(err, fault.NotFound) {
			t.Errorf("gone = %v", err)
		}
		if err := w.feeds.Delete(t.Context(), ada, handle("pets")); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleting it twice = %v", err)
		}
	})
}

// An administrator ends a feed, and changes none.
func TestAdministratorsEndFeeds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.create("pets")
		account := &community.Account{ActorID: w.bo.ID, Email: "bo@here.test", Admin: true, CreatedAt: noon}
		w.check(db.AddAccount(t.Context(), account))
		title := "Bo's"
		if _, err := w.feeds.Edit(t.Context(), w.bo, handle("pets"), feeds.Change{Title: &title}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an administrator edits: %v", err)
		}
		w.check(w.feeds.Delete(t.Context(), w.bo, handle("pets")))
		if got := w.facts(); got[len(got)-1] != community.FeedEnded {
			t.Errorf("the facts are %v", got)
		}
	})
}

// People here and elsewhere follow a feed of this server; who is banned does
// not, and is told so.
func TestFollowingAFeedHere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		feed := w.create("pets")
		here, there := community.Origin{}, community.Origin{IRI: "https://far.test/follow/1", Activity: []byte(`{}`)}
		for range 2 {
			f, err := w.feeds.Follow(t.Context(), w.bo, feed, here)
			w.check(err)
			if f.State != community.Accepted {
				t.Errorf("bo's follow = %+v", f)
			}
			_, err = w.feeds.Follow(t.Context(), w.far, feed, there)
			w.check(err)
		}
		evil := w.actor(community.Actor{Kind: community.Person, Name: "evil", Host: "far.test", BannedUntil: community.Forever})
		if f, err := w.feeds.Follow(t.Context(), evil, feed, there); err != nil || f != nil {
			t.Errorf("somebody banned follows: %+v, %v", f, err)
		}
		if _, err := w.feeds.Follow(t.Context(), w.carl, feed, here); !fault.Is(err, fault.Forbidden) {
			t.Errorf("carl follows: %v", err)
		}
		if _, err := w.feeds.Follow(t.Context(), w.bo, w.farGroup, here); !fault.Is(err, fault.Invalid) {
			t.Errorf("a group was followed: %v", err)
		}
		w.counts(feed, 2, 1)
		followed, err := w.feeds.Followed(t.Context(), w.bo)
		w.check(err)
		if len(followed) != 1 || followed[0].Follow.State != community.Accepted || followed[0].Name != "pets" {
			t.Errorf("bo follows %+v", followed)
		}
		for range 2 {
			w.check(w.feeds.Unfollow(t.Context(), w.bo, feed, here))
			w.check(w.feeds.Unfollow(t.Context(), w.far, feed, there))
		}
		w.counts(feed, 0, 0)
		want := []community.FactKind{
			community.FeedCreated, community.FeedFollowed, community.FollowerJoined, community.FollowerJoined, community.MemberRefused,
			community.FeedLeft, community.FollowerLeft,
		}
		if diff := cmp.Diff(want, w.facts()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func (w *world) counts(feed *community.Actor, followers int64, servers int) {
	w.t.Helper()
	counted, err := w.db.Counters(w.t.Context(), community.SubjectActor, []int64{int64(feed.ID)})
	w.check(err)
	listeners, err := w.db.Listeners(w.t.Context(), feed.ID)
	w.check(err)
	if got := counted[int64(feed.ID)].Members; got != followers || len(listeners) != servers {
		w.t.Errorf("%d follow, on %d servers; want %d on %d", got, len(listeners), followers, servers)
	}
}

// Which of ada's feeds list a group is told where she puts it into them.
func TestKept(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		w.create("pets")
		w.create("books")
		w.group("dogs", community.Open)
		w.check(w.feeds.Add(t.Context(), w.ada, handle("pets"), handle("dogs")))
		dogs := handle("dogs")
		kept, err := w.feeds.Kept(t.Context(), w.ada, &dogs)
		w.check(err)
		var got []string
		for _, f := range kept {
			got = append(got, fmt.Sprintf("%s has=%t size=%d kept=%t", f.Name, f.Has, f.Size, f.Kept))
		}
		if diff := cmp.Diff([]string{"books has=false size=0 kept=true", "pets has=true size=1 kept=true"}, got); diff != "" {
			t.Errorf("ada's feeds (-want +got):\n%s", diff)
		}
		if others, err := w.feeds.Kept(t.Context(), w.bo, nil); err != nil || len(others) != 0 {
			t.Errorf("bo's feeds = %+v, %v", others, err)
		}
	})
}
