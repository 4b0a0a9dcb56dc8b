package posts_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

// oracle orders a thread by plain recursion over all of it.
func oracle(all []*community.Comment, sort community.Sort) []community.CommentID {
	less := func(a, b *community.Comment) int {
		first := func(x, y float64) int {
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return int(a.ID - b.ID)
		}
		switch sort {
		case community.Old:
			return first(a.Born, b.Born)
		case community.New:
			return -first(a.Born, b.Born)
		case community.Top:
			return -first(float64(a.Score), float64(b.Score))
		}
		return -first(a.Hot, b.Hot)
	}
	var order []community.CommentID
	var walk func(parent community.CommentID)
	walk = func(parent community.CommentID) {
		var children []*community.Comment
		for _, c := range all {
			if c.ParentID == parent {
				children = append(children, c)
			}
		}
		slices.SortFunc(children, less)
		for _, c := range children {
			order = append(order, c.ID)
			walk(c.ID)
		}
	}
	walk(0)
	return order
}

func TestThreadsEqualARecursion(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		random := rand.New(rand.NewPCG(7, 7))
		post := w.publish(t, w.ada, "Much to say")
		var ids []community.CommentID
		for range 120 {
			parent := community.CommentID(0)
			if len(ids) > 0 && random.IntN(4) != 0 {
				parent = ids[random.IntN(len(ids))]
			}
			ids = append(ids, w.answer(t, w.bo, post, parent).ID)
		}
		for _, id := range ids {
			for range random.IntN(4) {
				s := community.Subject{Kind: community.SubjectComment, ID: int64(id)}
				if err := db.CountVote(t.Context(), s, 0, 1-2*random.IntN(2)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := db.Fold(t.Context(), 10_000); err != nil {
			t.Fatal(err)
		}
		found, err := db.Comments(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		var all []*community.Comment
		for _, c := range found {
			all = append(all, c)
		}
		for _, sort := range []community.Sort{community.Hot, community.Top, community.New, community.Old} {
			want := oracle(all, sort)
			for _, id := range want[:20] {
				if diff := cmp.Diff(below(all, want, id), readReplies(t, w, id, sort, 3)); diff != "" {
					t.Fatalf("Replies to %d sorted %s (-want +got):\n%s", id, sort, diff)
				}
			}
			for _, limit := range []int{1, 3, 10, 100} {
				if diff := cmp.Diff(want, readThread(t, w, post.ID, sort, limit)); diff != "" {
					t.Fatalf("Thread sorted %s, %d at a time (-want +got):\n%s", sort, limit, diff)
				}
			}
		}
	})
}

// below lists what hangs under a comment, as a thread without cuts has it.
func below(all []*community.Comment, order []community.CommentID, id community.CommentID) []community.CommentID {
	parents := map[community.CommentID]community.CommentID{}
	for _, c := range all {
		parents[c.ID] = c.ParentID
	}
	var list []community.CommentID
	for _, c := range order {
		for above := parents[c]; above != 0; above = parents[above] {
			if above == id {
				list = append(list, c)
				break
			}
		}
	}
	return list
}

func readReplies(t *testing.T, w *world, id community.CommentID, sort community.Sort, limit int) []community.CommentID {
	t.Helper()
	var ids []community.CommentID
	page := community.Page{Limit: limit}
	for range 1000 {
		list, next, err := w.posts.Replies(t.Context(), nil, id, sort, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		if next == "" {
			return ids
		}
		page.After = next
	}
	t.Fatal("Replies do not end")
	return nil
}

// readThread reads a thread to its end.
func readThread(t *testing.T, w *world, post community.PostID, sort community.Sort, limit int) []community.CommentID {
	t.Helper()
	var ids []community.CommentID
	page := community.Page{Limit: limit}
	for range 1000 {
		list, next, err := w.posts.Thread(t.Context(), nil, post, sort, page)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > limit {
			t.Fatalf("Thread gave %d comments, asked for %d", len(list), limit)
		}
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		if next == "" {
			return ids
		}
		page.After = next
	}
	t.Fatal("Thread does not end")
	return nil
}

// A chain deeper than paths grow, which a stranger can make us build.
func TestADeepThreadStaysInOrder(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		post := w.publish(t, w.ada, "Down we go")
		var want []community.CommentID
		parent := community.CommentID(0)
		for depth := range 450 {
			c := w.answer(t, w.bo, post, parent)
			if c.Depth != depth {
				t.Fatalf("depth %d at level %d", c.Depth, depth)
			}
			want, parent = append(want, c.ID), c.ID
		}
		if diff := cmp.Diff(want, readThread(t, w, post.ID, community.Hot, 100)); diff != "" {
			t.Errorf("Thread (-want +got):\n%s", diff)
		}
	})
}

func TestCommentRefusals(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		one, other := w.publish(t, w.ada, "One"), w.publish(t, w.ada, "Other")
		c := w.answer(t, w.bo, one, 0)
		_, _, err := w.posts.Thread(t.Context(), nil, one.ID, community.Hot, community.Page{Limit: 5, After: "zzz"})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor that we did not make = %v", err)
		}
		if _, _, err := w.posts.Thread(t.Context(), nil, 999_999, community.Hot, community.Page{Limit: 5}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a thread that is not = %v", err)
		}
		if _, err := w.posts.Comment(t.Context(), w.bo, other.ID, c.ID, draft("Wrong thread")); !fault.Is(err, fault.Invalid) {
			t.Errorf("answering a comment of another thread = %v", err)
		}
		if _, err := w.posts.Comment(t.Context(), w.bo, one.ID, 0, draft("  ")); !fault.Is(err, fault.Invalid) {
			t.Errorf("saying nothing = %v", err)
		}
		if _, err := w.posts.Comment(t.Context(), w.bo, 999_999, 0, draft("Hello?")); !fault.Is(err, fault.NotFound) {
			t.Errorf("answering nothing = %v", err)
		}
	})
}

// What is new in a thread comes in the order in which it came, and in private
// groups not to strangers.
func TestSince(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		post, other := w.publish(t, w.ada, "Much to say"), w.publish(t, w.ada, "Elsewhere")
		first := w.answer(t, w.bo, post, 0)
		w.answer(t, w.bo, other, 0)
		second := w.answer(t, w.bo, post, first.ID)
		third := w.answer(t, w.bo, post, 0)
		for after, want := range map[community.CommentID][]community.CommentID{
			0: {first.ID, second.ID, third.ID}, first.ID: {second.ID, third.ID}, third.ID: nil,
		} {
			list, err := w.posts.Since(t.Context(), nil, post.ID, after, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []community.CommentID
			for _, v := range list {
				got = append(got, v.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %d (-want +got):\n%s", after, diff)
			}
		}
		if list, err := w.posts.Since(t.Context(), nil, post.ID, 0, 2); err != nil || len(list) != 2 {
			t.Errorf("two at most: %d, %v", len(list), err)
		}
		if _, err := w.posts.Since(t.Context(), nil, 1<<40, 0, 2); !fault.Is(err, fault.NotFound) {
			t.Errorf("of no thread: %v", err)
		}
		if _, err := db.Bun().ExecContext(t.Context(), "UPDATE actors SET visibility = ? WHERE id = ?", community.Private, post.GroupID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.Since(t.Context(), nil, post.ID, 0, 2); !fault.Is(err, fault.NotFound) {
			t.Errorf("of a private group: %v", err)
		}
	})
}
