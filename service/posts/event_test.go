package posts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

func TestEventsAreWrittenHere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		dance := func() *community.Event {
			return &community.Event{StartsAt: noon, EndsAt: noon.Add(time.Hour), Zone: "Europe/Berlin", Place: " The  barn", URL: "https://far.test/dance"}
		}
		post, err := w.posts.Publish(ctx, w.ada, w.garden, posts.Draft{Title: "Dance", Event: dance()})
		if err != nil {
			t.Fatal(err)
		}
		shown := func() *community.Event {
			t.Helper()
			v, err := w.posts.Find(ctx, w.bo, post.ID)
			if err != nil || v.Kind != community.EventPost {
				t.Fatalf("the post is %+v, %v", v, err)
			}
			return v.Event
		}
		want := dance()
		want.PostID, want.Place = post.ID, "The barn"
		if diff := cmp.Diff(want, shown()); diff != "" {
			t.Error(diff)
		}
		refused := func(by *community.Actor, id community.PostID, change posts.Change, code fault.Code) {
			t.Helper()
			if _, err := w.posts.Edit(ctx, by, id, change); !fault.Is(err, code) {
				t.Errorf("an edit that cannot be: %v, want %s", err, code)
			}
			if diff := cmp.Diff(want, shown()); diff != "" {
				t.Error(diff)
			}
		}
		link := "https://far.test/"
		refused(w.ada, post.ID, posts.Change{Link: &link}, fault.Invalid)
		refused(w.ada, post.ID, posts.Change{Beside: &posts.Draft{Event: &community.Event{}}}, fault.Invalid)
		refused(w.bo, post.ID, posts.Change{Beside: &posts.Draft{Event: dance()}}, fault.Forbidden)
		text := w.publish(t, w.ada, "No event")
		refused(w.ada, text.ID, posts.Change{Beside: &posts.Draft{Event: dance()}}, fault.Invalid)

		title := "A dance"
		if _, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Title: &title}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, shown()); diff != "" {
			t.Errorf("another title changed more: %s", diff)
		}
		moved := &community.Event{StartsAt: noon.Add(24 * time.Hour)}
		if _, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Beside: &posts.Draft{Event: moved}}); err != nil {
			t.Fatal(err)
		}
		want = &community.Event{PostID: post.ID, StartsAt: noon.Add(24 * time.Hour)}
		if diff := cmp.Diff(want, shown()); diff != "" {
			t.Error(diff)
		}
		if err := w.posts.Delete(ctx, w.ada, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if left := shown(); left != nil {
			t.Errorf("deleted, it is still %+v", left)
		}
	})
}

func TestNoPostIsPollAndEvent(t *testing.T) {
	w := newWorld(t, testdb.SQLite(t))
	_, err := w.posts.Publish(t.Context(), w.ada, w.garden, posts.Draft{Title: "When?", Poll: choice(false, "a", "b"), Event: &community.Event{StartsAt: noon}})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("both: %v", err)
	}
}

// A group on Mbin would not show the event, and its author would never know.
func TestNoEventsWhereNobodyShowsThem(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for software, want := range map[string]fault.Code{"mbin": fault.Invalid, "lemmy": fault.None, "piefed": fault.None, "": fault.None} {
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
			_, err = w.posts.Publish(t.Context(), w.ada, group, posts.Draft{Title: "Dance", Event: &community.Event{StartsAt: noon}})
			if fault.CodeOf(err) != want {
				t.Errorf("in a group on %q: %v, want %q", software, err, want)
			}
		}
	})
}
