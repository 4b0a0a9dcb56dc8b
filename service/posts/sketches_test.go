package posts_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

func (w *world) keep(t testing.TB, by *community.Actor, key string, version int64, body string) (*community.SketchView, error) {
	t.Helper()
	return w.posts.KeepSketch(t.Context(), by, &community.Sketch{Key: key, Version: version, GroupName: "garden", Title: "Beans", Body: body}, nil)
}

// What two devices write of one draft is told apart; the same words twice are
// once; and it is its owner's alone.
func TestSketches(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		first, err := w.keep(t, w.ada, "p-1", 0, "One")
		if err != nil || first.Version != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		for _, version := range []int64{0, 1, 9} { // an answer that was lost on its way
			if again, err := w.keep(t, w.ada, "p-1", version, "One"); err != nil || again.Version != 1 {
				t.Errorf("the same from version %d: %+v, %v", version, again, err)
			}
		}
		if second, err := w.keep(t, w.ada, "p-1", 1, "One, two"); err != nil || second.Version != 2 {
			t.Errorf("changed: %+v, %v", second, err)
		}
		for _, version := range []int64{0, 1, 3} {
			if _, err := w.keep(t, w.ada, "p-1", version, "Other"); !fault.Is(err, fault.Conflict) {
				t.Errorf("changed from version %d: %v", version, err)
			}
		}
		if now, err := w.posts.Sketch(ctx, w.ada, "p-1"); err != nil || now.Body != "One, two" {
			t.Errorf("it is %+v, %v", now, err)
		}
		if _, err := w.posts.Sketch(ctx, w.bo, "p-1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("bo reads it: %v", err)
		}
		if _, err := w.keep(t, w.bo, "p-1", 0, "Bo's own"); err != nil {
			t.Error(err)
		}
		if list, err := w.posts.Sketches(ctx, w.ada, 0); err != nil || len(list) != 1 {
			t.Errorf("%d, %v", len(list), err)
		}
		if err := w.posts.DropSketch(ctx, w.ada, "p-1"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.Sketch(ctx, w.bo, "p-1"); err != nil {
			t.Errorf("with ada's went bo's: %v", err)
		}
	})
}

func TestSketchesAreBounded(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		for name, sketch := range map[string]community.Sketch{
			"key":   {Key: "A b"},
			"title": {Key: "p", Title: strings.Repeat("x", community.MaxTitle+1)},
			"body":  {Key: "p", Body: "nul \x00"},
			"link":  {Key: "p", Link: strings.Repeat("x", community.MaxLink+1)},
		} {
			_, err := w.posts.KeepSketch(t.Context(), w.ada, &sketch, nil)
			if e, ok := fault.As(err); !ok || e.Field != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		hostile := "\u202e right to left, \u200b nothing wide, 🎈, עברית"
		if v, err := w.keep(t, w.ada, "p-h", 0, hostile); err != nil || v.Body != hostile {
			t.Errorf("%v, %v", v, err)
		}
		for n := 1; n < community.MostSketches; n++ {
			testdb.Add(t, db, &community.Sketch{OwnerID: w.ada.ID, Key: fmt.Sprintf("q-%d", n), Version: 1, CreatedAt: noon, UpdatedAt: noon})
		}
		if _, err := w.keep(t, w.ada, "p-more", 0, "x"); !fault.Is(err, fault.Conflict) {
			t.Errorf("one more: %v", err)
		}
		if _, err := w.keep(t, w.ada, "p-h", 1, "x"); err != nil {
			t.Errorf("one of them: %v", err)
		}
	})
}

// An answer is drafted only where its author may read; what is published
// leaves no draft behind.
func TestSketchOfAnAnswer(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		club := w.actor(t, community.GroupKind, "club", "")
		club.Visibility = community.Private
		if _, err := db.Bun().NewUpdate().Model(club).WherePK().Column("visibility").Exec(ctx); err != nil {
			t.Fatal(err)
		}
		post := w.publish(t, w.bo, "Peas")
		secret := &community.Post{IRI: "https://here.test/post/secret", GroupID: club.ID, AuthorID: w.mod.ID, Kind: community.TextPost, Title: "Secret", CreatedAt: noon, ArrivedAt: noon}
		testdb.Add(t, db, secret)
		begin := func(id community.PostID, parent community.CommentID) error {
			_, err := w.posts.KeepSketch(ctx, w.ada, &community.Sketch{Key: fmt.Sprintf("a-%d-%d", id, parent), PostID: id, ParentID: parent, Body: "Yes"}, nil)
			return err
		}
		if err := begin(secret.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("to what she may not read: %v", err)
		}
		if err := begin(4711, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("to nothing: %v", err)
		}
		if err := begin(post.ID, 4711); err == nil {
			t.Error("to no comment")
		}
		if err := begin(post.ID, 0); err != nil {
			t.Fatal(err)
		}
		v, err := w.posts.Sketch(ctx, w.ada, fmt.Sprintf("a-%d-0", post.ID))
		if err != nil || v.Post == nil || v.Post.Title != "Peas" {
			t.Fatalf("%+v, %v", v, err)
		}
		if _, err := w.posts.PublishSketch(ctx, w.ada, w.garden, v.Key); !fault.Is(err, fault.Invalid) {
			t.Errorf("as a post: %v", err)
		}
		if _, err := w.posts.Comment(ctx, w.ada, post.ID, 0, posts.Draft{Body: "Yes", Sketch: v.Key}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.Sketch(ctx, w.ada, v.Key); !fault.Is(err, fault.NotFound) {
			t.Errorf("the draft is still there: %v", err)
		}
	})
}

// A draft keeps its uploads from being forgotten, beside its text and in it.
func TestSketchesKeepUploads(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		upload := func(name string) *community.Attachment {
			if err := db.KeepMedia(ctx, name, noon, noon); err != nil {
				t.Fatal(err)
			}
			a := &community.Attachment{OwnerID: w.ada.ID, Kind: community.ImageAttachment, Name: name, Address: "https://here.test/media/" + name, CreatedAt: noon.AddDate(0, 0, -3)}
			testdb.Add(t, db, a)
			return a
		}
		beside, inside, left := upload("beside.webp"), upload("inside.webp"), upload("left.webp")
		foreign := &community.Attachment{OwnerID: w.bo.ID, Kind: community.ImageAttachment, Address: "https://here.test/media/x", CreatedAt: noon}
		testdb.Add(t, db, foreign)
		v, err := w.posts.KeepSketch(ctx, w.ada, &community.Sketch{Key: "p", Body: "![](/media/inside.webp)"}, []community.AttachmentID{beside.ID, foreign.ID})
		if err != nil || len(v.Media) != 1 || v.Media[0].ID != beside.ID {
			t.Fatalf("%+v, %v", v, err)
		}
		sweep := func() {
			t.Helper()
			if _, err := db.DropOldUploads(ctx, noon.AddDate(0, 0, -1), noon.AddDate(-1, 0, 0), 100); err != nil {
				t.Fatal(err)
			}
		}
		there := func(a *community.Attachment) bool { _, err := db.Attachment(ctx, a.ID); return err == nil }
		sweep()
		if !there(beside) || !there(inside) || there(left) {
			t.Errorf("beside %v, inside %v, left %v", there(beside), there(inside), there(left))
		}
		if err := w.posts.DropSketch(ctx, w.ada, "p"); err != nil {
			t.Fatal(err)
		}
		sweep()
		if there(beside) || there(inside) {
			t.Error("they outlive the draft")
		}
	})
}

// at moves the clock.
func (w *world) at(now time.Time) { w.posts.Now = func() time.Time { return now } }

func (w *world) schedule(t testing.TB, key string, at time.Time) error {
	t.Helper()
	if _, err := w.keep(t, w.ada, key, 0, "Some *words*."); err != nil {
		t.Fatal(err)
	}
	return w.posts.Schedule(t.Context(), w.ada, w.garden, key, at)
}

func TestScheduling(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		soon := noon.Add(time.Hour)
		for name, at := range map[string]time.Time{"past": noon, "far": noon.AddDate(2, 0, 0), "never": {}} {
			if err := w.schedule(t, "p-"+name, at); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.posts.KeepSketch(ctx, w.ada, &community.Sketch{Key: "p-bare", GroupName: "garden"}, nil); err != nil {
			t.Fatal(err)
		}
		if err := w.posts.Schedule(ctx, w.ada, w.garden, "p-bare", soon); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("without a title: %v", err)
		}
		if err := w.schedule(t, "p-1", soon); err != nil {
			t.Fatal(err)
		}
		count := func() int64 {
			t.Helper()
			n, err := db.Bun().NewSelect().Model((*community.Post)(nil)).Count(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := w.posts.PublishDue(ctx); err != nil || count() != 0 || len(w.facts(t)) != 0 {
			t.Errorf("before its time: %v, %d posts, %v", err, count(), w.facts(t))
		}
		w.at(soon.Add(time.Second))
		var wg sync.WaitGroup
		for range 4 { // several processes
			wg.Go(func() {
				if err := w.posts.PublishDue(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if kinds := w.facts(t); count() != 1 || len(kinds) != 1 || kinds[0] != community.PostPublished {
			t.Errorf("%d posts, told: %v", count(), kinds)
		}
		if list, err := w.posts.Sketches(ctx, w.ada, 0); err != nil || len(list) != 4 {
			t.Errorf("%d drafts are left, %v", len(list), err)
		}
	})
}

// What may not be published any more stays, and says why.
func TestScheduledInVain(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		soon := noon.Add(time.Hour)
		for _, key := range []string{"p-1", "p-2"} {
			if err := w.schedule(t, key, soon); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.posts.Unschedule(ctx, w.ada, "p-2"); err != nil {
			t.Fatal(err)
		}
		w.member(t, w.ada, community.Member, noon.AddDate(1, 0, 0)) // banned
		w.at(soon)
		for range 2 {
			if err := w.posts.PublishDue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if kinds := w.facts(t); len(kinds) != 1 || kinds[0] != community.ScheduleFailed {
			t.Errorf("told: %v", kinds)
		}
		v, err := w.posts.Sketch(ctx, w.ada, "p-1")
		if err != nil || v.Trouble == "" || !v.PublishAt.IsZero() || v.Body != "Some *words*." {
			t.Errorf("it is %+v, %v", v.Sketch, err)
		}
		if err := w.posts.Schedule(ctx, w.ada, w.garden, "p-1", soon.Add(time.Hour)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("again: %v", err)
		}
		if _, err := w.posts.PublishSketch(ctx, w.ada, w.garden, "p-1"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("now: %v", err)
		}
	})
}

// An event is by the clock of its zone, a poll runs from when it is published.
func TestScheduledBesides(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		poll, event := &community.Sketch{Key: "poll", Title: "When?"}, &community.Sketch{Key: "event", Title: "Come"}
		poll.SetBeside(community.Beside{Poll: &community.PollSketch{Options: []string{"Now", "Later", ""}, Runs: 3600}})
		event.SetBeside(community.Beside{Event: &community.EventSketch{Starts: "2027-01-10T19:00", Zone: "Europe/Berlin", Place: "Barn"}})
		for _, sketch := range []*community.Sketch{poll, event} {
			if _, err := w.posts.KeepSketch(ctx, w.ada, sketch, nil); err != nil {
				t.Fatal(err)
			}
			if err := w.posts.Schedule(ctx, w.ada, w.garden, sketch.Key, noon.Add(48*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		later := noon.Add(49 * time.Hour)
		w.at(later)
		if err := w.posts.PublishDue(ctx); err != nil {
			t.Fatal(err)
		}
		views, _, err := w.posts.Feed(ctx, w.ada, community.FeedQuery{Sort: community.New, Page: community.Page{Limit: 10}})
		if err != nil || len(views) != 2 {
			t.Fatalf("%d, %v", len(views), err)
		}
		for _, v := range views {
			if v.Poll != nil && (len(v.Poll.Options) != 2 || !v.Poll.ClosesAt.Equal(later.Add(time.Hour))) {
				t.Errorf("the poll is %+v", v.Poll)
			}
			if v.Event != nil && !v.Event.StartsAt.Equal(time.Date(2027, 1, 10, 18, 0, 0, 0, time.UTC)) {
				t.Errorf("it begins %s", v.Event.StartsAt)
			}
		}
	})
}
