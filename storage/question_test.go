package storage_test

import (
	"slices"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// ask stores a question that is age old at noon.
func ask(t testing.TB, db *storage.DB, group, author *community.Actor, age time.Duration) *community.Post {
	t.Helper()
	p := addPost(t, db, group, author, age, 1)
	p.Question = true
	if err := db.EditPost(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// reply stores a comment that is age old at noon, and folds what it counts.
func reply(t testing.TB, db *storage.DB, post *community.Post, author *community.Actor, age time.Duration) *community.Comment {
	t.Helper()
	c := &community.Comment{
		PostID: post.ID, AuthorID: author.ID, GroupID: post.GroupID, Body: "So.", HTML: "<p>So.</p>",
		CreatedAt: noon.Add(-age), ArrivedAt: noon, Born: community.Hours(noon.Add(-age)),
	}
	c.Rank()
	if err := db.AddComment(t.Context(), c, nil, "https://here.test/comment/"); err != nil {
		t.Fatal(err)
	}
	if err := db.CountComment(t.Context(), c, 1); err != nil {
		t.Fatal(err)
	}
	foldAll(t, db)
	return c
}

func TestQuestionsThatWait(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		garden, meadow := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.GroupKind, "meadow", "")
		secret := addActor(t, db, community.GroupKind, "secret", "")
		if _, err := db.Bun().NewRaw("UPDATE actors SET visibility = 'private' WHERE id = ?", secret.ID).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		bo, eve, far := addActor(t, db, community.Person, "bo", ""), addActor(t, db, community.Person, "eve", ""), addActor(t, db, community.Person, "far", "far.test")
		join(t, db, eve, garden)
		join(t, db, eve, secret)
		oldest, newer := ask(t, db, garden, bo, 9*time.Hour), ask(t, db, garden, bo, 2*time.Hour)
		elsewhere, closed := ask(t, db, meadow, far, 5*time.Hour), ask(t, db, secret, eve, time.Hour)
		answered, settled := ask(t, db, garden, bo, 8*time.Hour), ask(t, db, garden, bo, 7*time.Hour)
		reply(t, db, answered, eve, 6*time.Hour)
		if err := db.SetAnswer(t.Context(), settled.ID, reply(t, db, settled, eve, 6*time.Hour).ID); err != nil {
			t.Fatal(err)
		}
		reply(t, db, newer, bo, time.Hour) // one's own words are no answer
		addPost(t, db, garden, bo, 0, 1)   // asks nothing
		gone, locked := ask(t, db, garden, bo, time.Hour), ask(t, db, garden, bo, time.Hour)
		if _, err := db.WithdrawPost(t.Context(), gone, noon); err != nil {
			t.Fatal(err)
		}
		locked.LockedAt = noon
		if err := db.ModeratePost(t.Context(), locked); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name  string
			query community.QuestionQuery
			want  []*community.Post
		}{
			{"of all, to anybody", community.QuestionQuery{Unanswered: true}, []*community.Post{oldest, elsewhere, newer}},
			{"without a chosen answer", community.QuestionQuery{}, []*community.Post{oldest, answered, elsewhere, newer}},
			{"of one group", community.QuestionQuery{Group: garden.ID, Unanswered: true}, []*community.Post{oldest, newer}},
			{"of a private group, to a stranger", community.QuestionQuery{Group: secret.ID, Unanswered: true}, nil},
			{"of the groups that somebody joined", community.QuestionQuery{Member: eve.ID, Viewer: eve.ID, Unanswered: true}, []*community.Post{oldest, newer, closed}},
		} {
			test.query.Limit = 2
			var got, want []community.PostID
			for range 5 {
				list, next, err := db.Questions(t.Context(), test.query)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range list {
					got = append(got, p.ID)
				}
				if test.query.After = next; next == "" {
					break
				}
			}
			for _, p := range test.want {
				want = append(want, p.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", test.name, got, want)
			}
		}
		if _, _, err := db.Questions(t.Context(), community.QuestionQuery{Page: community.Page{Limit: 2, After: "x"}}); err == nil {
			t.Error("a cursor of nobody's is taken")
		}
	})
}

func TestWhenPostsAreFirstAnswered(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		garden, bo, eve := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.Person, "bo", ""), addActor(t, db, community.Person, "eve", "")
		post := ask(t, db, garden, bo, 10*time.Hour)
		wants := func(age time.Duration) {
			t.Helper()
			p, err := db.Post(t.Context(), post.ID)
			want := time.Time{}
			if age > 0 {
				want = noon.Add(-age)
			}
			if err != nil || !p.FirstAnswer().Round(time.Second).Equal(want) {
				t.Errorf("first answered at %v, %v; want %v", p.FirstAnswer(), err, want)
			}
		}
		wants(0)
		reply(t, db, post, bo, 9*time.Hour)
		wants(0)
		late := reply(t, db, post, eve, 3*time.Hour)
		wants(3 * time.Hour)
		early := reply(t, db, post, eve, 5*time.Hour) // it arrived later, as from elsewhere
		wants(5 * time.Hour)
		if err := db.SetAnswer(t.Context(), post.ID, early.ID); err != nil {
			t.Fatal(err)
		}
		if err := db.TakeDownComments(t.Context(), []*community.Comment{early}, storage.Takedown{At: noon, By: bo.ID}); err != nil {
			t.Fatal(err)
		}
		foldAll(t, db)
		wants(3 * time.Hour)
		if p, err := db.Post(t.Context(), post.ID); err != nil || p.AnswerID != 0 {
			t.Errorf("what was removed still answers: %d, %v", p.AnswerID, err)
		}
		if _, err := db.WithdrawComment(t.Context(), late, noon); err != nil {
			t.Fatal(err)
		}
		foldAll(t, db)
		wants(0)
		if err := db.TakeDownComments(t.Context(), []*community.Comment{early}, storage.Takedown{}); err != nil {
			t.Fatal(err)
		}
		foldAll(t, db)
		wants(5 * time.Hour)
	})
}

func TestResponses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		garden, bo, eve := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.Person, "bo", ""), addActor(t, db, community.Person, "eve", "")
		if r, err := db.Responses(t.Context(), garden.ID, noon); err != nil || r != (community.Responses{}) {
			t.Errorf("of a group without posts: %+v, %v", r, err)
		}
		for age, after := range map[time.Duration]time.Duration{10 * time.Hour: time.Hour, 20 * time.Hour: 3 * time.Hour, 30 * time.Hour: 20 * time.Hour} {
			reply(t, db, addPost(t, db, garden, bo, age, 1), eve, age-after)
		}
		reply(t, db, addPost(t, db, garden, bo, 31*24*time.Hour, 1), eve, 0) // too long ago
		ask(t, db, garden, bo, 50*24*time.Hour)
		ask(t, db, garden, bo, time.Hour)
		want := community.Responses{Posts: 4, Answered: 3, Median: 3 * time.Hour, Waiting: 2, Oldest: noon.AddDate(0, 0, -50)}
		if r, err := db.Responses(t.Context(), garden.ID, noon); err != nil || r != want {
			t.Errorf("Responses = %+v, %v; want %+v", r, err, want)
		}
	})
}
