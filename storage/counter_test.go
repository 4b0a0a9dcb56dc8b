package storage_test

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// foldAll folds until nothing is left.
func foldAll(t testing.TB, db *storage.DB) {
	t.Helper()
	for {
		n, err := db.Fold(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func TestFoldedRanksAreTheRanksOfTheRules(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		for _, score := range []int{0, 1, 2, 9, 130, -1, -7} {
			post := addPost(t, db, garden, ada, 5e9, 0)
			comment := addComment(t, db, post, nil, ada)
			value := 1
			if score < 0 {
				value = -1
			}
			for range score * value {
				for _, s := range []community.Subject{post.Subject(), comment.Subject()} {
					if err := db.CountVote(t.Context(), s, 0, value); err != nil {
						t.Fatal(err)
					}
				}
			}
			foldAll(t, db)
			got, err := db.Post(t.Context(), post.ID)
			if err != nil {
				t.Fatal(err)
			}
			want := *got
			want.Score = int64(score)
			want.Rank()
			if got.Score != want.Score || !near(got.HotGroup, want.HotGroup) || !near(got.HotAll, want.HotAll) || !near(got.Active, want.Active) || !near(got.Scaled, want.Scaled) {
				t.Errorf("score %d: folded to %d, %v %v %v; the rules say %v %v %v",
					score, got.Score, got.HotGroup, got.HotAll, got.Active, want.HotGroup, want.HotAll, want.Active)
			}
			c, err := db.Comment(t.Context(), comment.ID)
			if err != nil {
				t.Fatal(err)
			}
			wantC := *c
			wantC.Score = int64(score)
			wantC.Rank()
			if c.Score != wantC.Score || !near(c.Hot, wantC.Hot) {
				t.Errorf("comment with score %d: folded to %d, %v; the rules say %v", score, c.Score, c.Hot, wantC.Hot)
			}
		}
	})
}

// A quarrel is as loud as its rule says, and a busy group weighs as the rule says.
func TestFoldedQuarrelsAndCrowds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		var last *community.Post
		for i := range community.CrowdOf + 5 {
			last = addPost(t, db, garden, ada, time.Duration(100-i)*time.Hour, 0)
			if quiet := i < community.CrowdOf; quiet != (last.Crowd == 0) {
				t.Errorf("post %d stands in a crowd of %v", i, last.Crowd)
			}
		}
		if want := community.Crowd(community.CrowdOf, community.CrowdOf); !near(last.Crowd, want) {
			t.Errorf("one post an hour makes a crowd of %v, want %v", last.Crowd, want)
		}
		for _, votes := range [][2]int64{{5, 5}, {9, 1}, {1, 9}, {3, 0}, {0, 4}} {
			post := addPost(t, db, garden, ada, time.Hour, 0)
			for side, value := range []int{1, -1} {
				for range votes[side] {
					if err := db.CountVote(t.Context(), post.Subject(), 0, value); err != nil {
						t.Fatal(err)
					}
				}
			}
			foldAll(t, db)
			got, err := db.Post(t.Context(), post.ID)
			if err != nil {
				t.Fatal(err)
			}
			want := *got
			want.Rank()
			if !near(got.Controversial, community.Contention(votes[0], votes[1])) || !near(got.Scaled, want.Scaled) || got.Crowd == 0 {
				t.Errorf("%v votes: folded to %v and %v, the rules say %v and %v", votes, got.Controversial, got.Scaled, community.Contention(votes[0], votes[1]), want.Scaled)
			}
		}
	})
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestVotesCountRightWhenEverybodyVotesAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		post := addPost(t, db, garden, ada, 0, 0)
		var over atomic.Bool // not a cancelled context: its rollback ends when it likes
		var folders, voters sync.WaitGroup
		for range 2 {
			folders.Go(func() {
				for !over.Load() {
					if _, err := db.Fold(t.Context(), 10); err != nil {
						t.Errorf("Fold = %v", err)
					}
				}
			})
		}
		for worker := range 8 {
			voters.Go(func() {
				random := rand.New(rand.NewPCG(uint64(worker), 3))
				for range 40 {
					// Voters overlap, so that the same vote is changed by two at once.
					voter, value := community.ActorID(1000+random.IntN(6)), random.IntN(3)-1
					err := db.InTx(t.Context(), func(tx *storage.DB) error {
						before, err := tx.SetVote(t.Context(), &community.Vote{
							Kind: community.SubjectPost, SubjectID: int64(post.ID), ActorID: voter, Value: value, CreatedAt: noon,
						})
						if err != nil {
							return err
						}
						return tx.CountVote(t.Context(), post.Subject(), before.Value, value)
					})
					if err != nil {
						t.Errorf("vote = %v", err)
					}
				}
			})
		}
		voters.Wait()
		over.Store(true)
		folders.Wait()
		foldAll(t, db)
		got, err := db.Post(t.Context(), post.ID)
		if err != nil {
			t.Fatal(err)
		}
		var ups, downs int64
		err = db.Bun().NewRaw(`SELECT coalesce(sum(CASE WHEN value = 1 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN value = -1 THEN 1 ELSE 0 END), 0)
			FROM votes WHERE subject_id = ?`, post.ID).Scan(t.Context(), &ups, &downs)
		if err != nil {
			t.Fatal(err)
		}
		if got.Ups != ups || got.Downs != downs || got.Score != ups-downs {
			t.Errorf("counted %d up, %d down, score %d; the votes say %d and %d", got.Ups, got.Downs, got.Score, ups, downs)
		}
	})
}

func TestCommentsCountEverywhereAbove(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		post := addPost(t, db, garden, ada, 0, 0)
		top := addComment(t, db, post, nil, ada)
		mid := addComment(t, db, post, top, ada)
		leaf := addComment(t, db, post, mid, ada)
		for _, c := range []*community.Comment{top, mid, leaf} {
			if err := db.CountComment(t.Context(), c, 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.CountComment(t.Context(), leaf, -1); err != nil {
			t.Fatal(err)
		}
		foldAll(t, db)
		for id, want := range map[community.CommentID]int64{top.ID: 1, mid.ID: 0, leaf.ID: 0} {
			c, err := db.Comment(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if c.ReplyCount != want {
				t.Errorf("comment %d counts %d below it, want %d", id, c.ReplyCount, want)
			}
		}
		p, err := db.Post(t.Context(), post.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.CommentCount != 2 {
			t.Errorf("the post counts %d comments, want 2", p.CommentCount)
		}
	})
}
