package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Nobody reads back; what came since is counted without what is gone and what
// they wrote themselves, and only so far.
func TestReadings(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		garden := addActor(t, db, community.GroupKind, "garden", "")
		ann, bob := addActor(t, db, community.Person, "ann", ""), addActor(t, db, community.Person, "bob", "")
		post, other := addPost(t, db, garden, bob, 0, 0), addPost(t, db, garden, bob, 0, 0)
		fresh := func(want int) community.CommentID {
			t.Helper()
			found, err := db.Readings(ctx, ann.ID, []community.PostID{post.ID, other.ID})
			if err != nil || len(found) != 1 || found[post.ID].Fresh != want {
				t.Fatalf("%+v, %v, want %d since", found[post.ID], err, want)
			}
			return found[post.ID].Through
		}
		mark := func(through community.CommentID) {
			t.Helper()
			if err := db.MarkRead(ctx, &community.Reading{ActorID: ann.ID, PostID: post.ID, Through: through, ReadAt: noon}); err != nil {
				t.Fatal(err)
			}
		}
		if newest, err := db.NewestComment(ctx, post.ID); err != nil || newest != 0 {
			t.Errorf("before anybody answered: %d, %v", newest, err)
		}
		mark(0)
		fresh(0)
		first := addComment(t, db, post, nil, bob)
		second := addComment(t, db, post, first, bob)
		addComment(t, db, post, first, ann)
		addComment(t, db, other, nil, bob)
		fresh(2)
		mark(second.ID)
		fresh(0)
		mark(first.ID)
		if got := fresh(0); got != second.ID {
			t.Errorf("she read back to %d", got)
		}
		gone := addComment(t, db, post, nil, bob)
		fresh(1)
		if _, err := db.WithdrawComment(ctx, gone, noon); err != nil {
			t.Fatal(err)
		}
		fresh(0)
		for range community.MostFresh + 3 {
			addComment(t, db, post, nil, bob)
		}
		fresh(community.MostFresh)
		if newest, err := db.NewestComment(ctx, post.ID); err != nil || newest <= gone.ID {
			t.Errorf("the newest is %d, %v", newest, err)
		}
		if found, err := db.Readings(ctx, bob.ID, []community.PostID{post.ID}); err != nil || len(found) != 0 {
			t.Errorf("bob read %v, %v", found, err)
		}
		if err := db.DropReading(ctx, ann.ID, post.ID); err != nil {
			t.Fatal(err)
		}
		if found, err := db.Readings(ctx, ann.ID, []community.PostID{post.ID}); err != nil || len(found) != 0 {
			t.Errorf("after all she did not read it: %v, %v", found, err)
		}
	})
}

// What was read long ago is forgotten, and of somebody who reads very much all
// but the newest.
func TestTrimReadings(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		garden := addActor(t, db, community.GroupKind, "garden", "")
		ann, bob := addActor(t, db, community.Person, "ann", ""), addActor(t, db, community.Person, "bob", "")
		var posts []community.PostID
		for n := range 5 {
			posts = append(posts, addPost(t, db, garden, bob, 0, 0).ID)
			for _, who := range []*community.Actor{ann, bob} {
				at := noon.Add(-time.Duration(n) * time.Hour)
				if err := db.MarkRead(ctx, &community.Reading{ActorID: who.ID, PostID: posts[n], ReadAt: at}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := db.DropReading(ctx, bob.ID, posts[0]); err != nil {
			t.Fatal(err)
		}
		if err := db.TrimReadings(ctx, noon.Add(-3*time.Hour-time.Minute), 3); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[*community.Actor][]community.PostID{ann: posts[:3], bob: posts[1:4]} {
			var got []community.PostID
			list, err := db.ReadingsAfter(ctx, who.ID, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				got = append(got, r.PostID)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("of %s is left %v, want %v", who.Name, got, want)
			}
		}
		if err := db.DropReadings(ctx, bob.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := db.ReadingsAfter(ctx, bob.ID, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("bob left, and %d are left, %v", len(list), err)
		}
	})
}

// What came since somebody's last visit is found by the index of the thread.
func TestReadingsPlan(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		explain := "EXPLAIN "
		if !strings.Contains(fmt.Sprint(db.Bun().Dialect().Name()), "pg") {
			explain += "QUERY PLAN "
		} else if _, err := db.Bun().ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
			t.Fatal(err)
		}
		plan := planOf(t, db, explain+"SELECT count(*) FROM comments AS c WHERE c.post_id = 1 AND c.id > 2 AND c.author_id <> 3")
		if !strings.Contains(plan, "comments_in") {
			t.Error(plan)
		}
	})
}
