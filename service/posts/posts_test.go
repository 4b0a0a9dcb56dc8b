package posts_test

import (
	"slices"
	"strings"
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

func TestPublish(t *testing.T) {
	tests := []struct {
		name       string
		draft      posts.Draft
		banned     time.Time
		restricted bool
		want       fault.Code
	}{
		{"a text", posts.Draft{Title: "Seedlings!", Body: "They grow."}, time.Time{}, false, fault.None},
		{"a link", posts.Draft{Title: "Read this", Link: "https://example.org/x"}, time.Time{}, false, fault.None},
		{"no title", posts.Draft{Title: " \t "}, time.Time{}, false, fault.Invalid},
		{"a title too long", posts.Draft{Title: strings.Repeat("é", 201)}, time.Time{}, false, fault.Invalid},
		{"a title as long as may be", posts.Draft{Title: strings.Repeat("é", 200)}, time.Time{}, false, fault.None},
		{"a text too long", posts.Draft{Title: "T", Body: strings.Repeat("x", community.MaxBody+1)}, time.Time{}, false, fault.Invalid},
		{"a NUL", posts.Draft{Title: "T", Body: "a\x00b"}, time.Time{}, false, fault.Invalid},
		{"a link to a script", posts.Draft{Title: "T", Link: "javascript:alert(1)"}, time.Time{}, false, fault.Invalid},
		{"a link to nowhere", posts.Draft{Title: "T", Link: "https://"}, time.Time{}, false, fault.Invalid},
		{"banned", posts.Draft{Title: "Hello?"}, noon.Add(time.Hour), false, fault.Forbidden},
		{"no longer banned", posts.Draft{Title: "Back"}, noon.Add(-time.Hour), false, fault.None},
		{"only moderators post", posts.Draft{Title: "Me too"}, time.Time{}, true, fault.Forbidden},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				before := len(w.facts(t))
				w.member(t, w.ada, community.Member, test.banned)
				group := *w.garden
				group.Restricted = test.restricted
				post, err := w.posts.Publish(t.Context(), w.ada, &group, test.draft)
				if got := fault.CodeOf(err); got != test.want {
					t.Fatalf("Publish = %v, want code %q", err, test.want)
				}
				if grew := len(w.facts(t)) - before; (grew == 1) != (test.want == fault.None) {
					t.Errorf("%d facts were recorded", grew)
				}
				if err == nil && !strings.HasPrefix(post.IRI, "https://here.test/post/") {
					t.Errorf("its id is %q", post.IRI)
				}
			})
		}
	})
}

func TestWhatComesTwiceIsOnePost(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		draft := posts.Draft{
			Title: "From afar", HTML: `<p onclick="x()">Hi<script>alert(1)</script></p>`,
			From: community.Origin{IRI: "https://far.test/1", Activity: []byte(`{}`)}, CreatedAt: noon.Add(24 * time.Hour),
		}
		first, err := w.posts.Publish(t.Context(), w.remote, w.garden, draft)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(first.HTML, "script") || strings.Contains(first.HTML, "onclick") {
			t.Errorf("it is shown as %q", first.HTML)
		}
		if first.CreatedAt.After(noon) {
			t.Errorf("it was written in the future: %v", first.CreatedAt)
		}
		draft.Title = "Another title"
		again, err := w.posts.Publish(t.Context(), w.remote, w.garden, draft)
		if err != nil || again.ID != first.ID || again.Title != first.Title {
			t.Errorf("the second time gave %+v, %v", again, err)
		}
		if diff := cmp.Diff([]community.FactKind{community.PostPublished}, w.facts(t)); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestWhoMayDoWhatToAPost(t *testing.T) {
	type act func(w *world, by *community.Actor, id community.PostID) error
	edit := func(w *world, by *community.Actor, id community.PostID) error {
		title := "Changed"
		_, err := w.posts.Edit(t.Context(), by, id, posts.Change{Title: &title})
		return err
	}
	erase := func(w *world, by *community.Actor, id community.PostID) error {
		return w.posts.Delete(t.Context(), by, id, community.Origin{})
	}
	remove := func(w *world, by *community.Actor, id community.PostID) error {
		return w.moderation.RemovePost(t.Context(), by, id, moderation.Removal{Reason: "off topic"}, community.Origin{})
	}
	tests := []struct {
		name                  string
		do                    act
		author, mod, stranger fault.Code
	}{
		{"edit", edit, fault.None, fault.Forbidden, fault.Forbidden},
		{"delete", erase, fault.None, fault.Forbidden, fault.Forbidden},
		{"remove", remove, fault.Forbidden, fault.None, fault.Forbidden},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for _, test := range tests {
			for who, want := range map[*community.Actor]fault.Code{w.ada: test.author, w.mod: test.mod, w.bo: test.stranger} {
				post := w.publish(t, w.ada, "Mine")
				if got := fault.CodeOf(test.do(w, who, post.ID)); got != want {
					t.Errorf("%s by %s = %q, want %q", test.name, who.Name, got, want)
				}
			}
		}
	})
}

func TestRemoveAndRestoreKeepTheWords(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		post := w.publish(t, w.ada, "Cucumbers")
		for range 2 { // the second time changes nothing
			if err := w.moderation.RemovePost(t.Context(), w.mod, post.ID, moderation.Removal{Reason: "off topic"}, community.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := w.posts.Find(t.Context(), w.bo, post.ID)
		if err != nil || got.RemovedReason != "off topic" || got.Can.Reply || got.Can.Vote || got.Can.See {
			t.Fatalf("a stranger sees %+v, %v", got, err)
		}
		if _, err := w.posts.Comment(t.Context(), w.bo, post.ID, 0, posts.Draft{Body: "But why?"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("answering what was removed = %v", err)
		}
		if err := w.moderation.RestorePost(t.Context(), w.mod, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		got, err = w.posts.Find(t.Context(), w.bo, post.ID)
		if err != nil || got.Hidden() || got.Title != "Cucumbers" || got.RemovedReason != "" {
			t.Errorf("restored it is %+v, %v", got, err)
		}
		want := []community.FactKind{community.PostPublished, community.PostRemoved, community.PostRestored}
		if diff := cmp.Diff(want, w.facts(t)); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestDeletingForgetsTheWordsAndKeepsTheThread(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		post := w.publish(t, w.ada, "Regrets")
		c := w.answer(t, w.bo, post, 0)
		if err := w.posts.Delete(t.Context(), w.ada, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		got, err := w.db.Post(t.Context(), post.ID)
		if err != nil || got.Title+got.Body+got.HTML != "" {
			t.Errorf("what is left: %+v, %v", got, err)
		}
		thread, _, err := w.posts.Thread(t.Context(), nil, post.ID, community.Old, community.Page{Limit: 10})
		if err != nil || len(thread) != 1 || thread[0].ID != c.ID {
			t.Errorf("the thread is %v, %v", thread, err)
		}
	})
}

// Everybody clicks at once.
func TestWhatIsTakenAwayTwiceCountsOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post := w.publish(t, w.ada, "Going")
		comment := w.answer(t, w.ada, post, 0)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := w.moderation.RemovePost(ctx, w.mod, post.ID, moderation.Removal{Reason: "off topic"}, community.Origin{}); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := w.posts.DeleteComment(ctx, w.ada, comment.ID, community.Origin{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := db.Fold(ctx, 1000); err != nil {
			t.Fatal(err)
		}
		group, err := db.Actor(ctx, w.garden.ID)
		if err != nil || group.PostCount != 0 || group.CommentCount != 0 {
			t.Errorf("the group counts %d posts and %d comments, %v; want none", group.PostCount, group.CommentCount, err)
		}
		want := []community.FactKind{community.PostPublished, community.CommentPublished, community.PostRemoved, community.CommentDeleted}
		got := w.facts(t)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}
