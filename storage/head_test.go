package storage_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// turmoil is a reader's groups in which all sorts of things happen.
type turmoil struct {
	testing.TB
	db             *storage.DB
	random         *rand.Rand
	reader, writer *community.Actor
	groups         []*community.Actor
	ids            []community.PostID
}

func newTurmoil(t testing.TB, db *storage.DB, groups int) *turmoil {
	w := &turmoil{TB: t, db: db, random: rand.New(rand.NewPCG(3, 5)), reader: addActor(t, db, community.Person, "ada", ""), writer: addActor(t, db, community.Person, "bo", "")}
	for i := range groups {
		w.groups = append(w.groups, addActor(t, db, community.GroupKind, fmt.Sprintf("g%d", i), ""))
		join(t, db, w.reader, w.groups[i])
	}
	return w
}

func (w *turmoil) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// posts are all posts as they are now.
func (w *turmoil) posts() []*community.Post {
	var list []*community.Post
	w.check(w.db.Bun().NewSelect().Model(&list).Scan(w.Context()))
	return list
}

// happen does one of what happens to posts.
func (w *turmoil) happen() {
	group := w.groups[w.random.IntN(len(w.groups))]
	if len(w.ids) < 5 || w.random.IntN(3) == 0 {
		// Few hours and few scores, so that many ranks are the same.
		w.ids = append(w.ids, addPost(w, w.db, group, w.writer, time.Duration(w.random.IntN(12))*time.Hour, int64(w.random.IntN(3))).ID)
		return
	}
	post, err := w.db.Post(w.Context(), w.ids[w.random.IntN(len(w.ids))])
	w.check(err)
	switch what := w.random.IntN(6); {
	case what < 2:
		w.check(w.db.CountVote(w.Context(), post.Subject(), 0, 1-2*w.random.IntN(2)))
	case what == 2:
		w.check(w.db.StirPost(w.Context(), post.ID, community.Hours(noon)+float64(w.random.IntN(9))))
	case what == 3 && !post.Hidden():
		w.check(w.db.MoveThread(w.Context(), post, group.ID))
	case what == 4 && !post.Hidden():
		w.check(w.db.TakeDown(w.Context(), []*community.Post{post}, storage.Takedown{At: noon}))
	case what == 4:
		w.check(w.db.TakeDown(w.Context(), []*community.Post{post}, storage.Takedown{}))
	default:
		_, err = w.db.Fold(w.Context(), 1+w.random.IntN(20))
		w.check(err)
	}
}

// look compares the reader's feeds with a sort of all posts.
func (w *turmoil) look(when any) {
	w.Helper()
	joined := map[community.ActorID]bool{}
	for _, g := range w.groups {
		joined[g.ID] = true
	}
	posts := w.posts()
	for _, sort := range []community.Sort{community.Hot, community.New, community.Top, community.Active} {
		for _, limit := range []int{1, 4, 50} {
			q := community.FeedQuery{Reader: w.reader.ID, Sort: sort, Page: community.Page{Limit: limit}}
			if diff := cmp.Diff(oracle(q, posts, home{joined: joined}), walk(w, w.db, q)); diff != "" {
				w.Fatalf("%v: Feed(%+v) (-want +got):\n%s", when, q, diff)
			}
		}
	}
}

// A reader's feed begins with what groups keep of their best posts. It is the
// same as a sort of all posts whatever came, went, moved or was voted for, and
// whatever part of that is counted already.
func TestHomeIsRightInTurmoil(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newTurmoil(t, db, 12)
		for step := range 300 {
			w.happen()
			if step%15 == 0 {
				w.look(step)
			}
		}
		foldAll(t, db)
		w.look("all is counted")
	})
}

// Two who fold at once leave what one would have left.
func TestHeadsFoldedAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newTurmoil(t, db, 3)
		for range 10 {
			for range 30 {
				w.happen()
			}
			var folders sync.WaitGroup
			for range 4 {
				folders.Go(func() {
					for {
						if n, err := db.Fold(t.Context(), 3); err != nil || n == 0 {
							if err != nil {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			folders.Wait()
			w.look("folded by four")
		}
	})
}
