package storage_test

import (
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestAReaderSeesWhatIsNotFoldedYet(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		post := addPost(t, db, garden, ada, 0, 2)
		top := addComment(t, db, post, nil, ada)
		answer := addComment(t, db, post, top, ada)
		if err := db.CountComment(ctx, answer, 1); err != nil {
			t.Fatal(err)
		}
		for _, s := range []community.Subject{post.Subject(), top.Subject()} {
			if err := db.CountVote(ctx, s, 0, -1); err != nil {
				t.Fatal(err)
			}
		}
		for _, folded := range []bool{false, true} {
			if folded {
				foldAll(t, db)
			}
			p, err := db.Post(ctx, post.ID)
			if err != nil {
				t.Fatal(err)
			}
			c, err := db.Comment(ctx, top.ID)
			if err != nil {
				t.Fatal(err)
			}
			posts, err := db.PostViews(ctx, ada, []*community.Post{p}, noon)
			if err != nil || posts[0].Score != 1 || posts[0].Downs != 1 || posts[0].CommentCount != 1 {
				t.Errorf("folded %v: the post has %d, %d down, %d comments; %v", folded, posts[0].Score, posts[0].Downs, posts[0].CommentCount, err)
			}
			comments, err := db.CommentViews(ctx, ada, []*community.Comment{c}, noon)
			if err != nil || comments[0].Score != -1 || comments[0].ReplyCount != 1 {
				t.Errorf("folded %v: the comment has %d and %d below; %v", folded, comments[0].Score, comments[0].ReplyCount, err)
			}
		}
	})
}

// What is folded while somebody reads is neither missed nor counted twice.
func TestReadingWhileOthersFold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		const votes = 150
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		post := addPost(t, db, garden, ada, 0, 0)
		for range votes {
			if err := db.CountVote(t.Context(), post.Subject(), 0, 1); err != nil {
				t.Fatal(err)
			}
		}
		folded := make(chan error, 1)
		go func() {
			for {
				if n, err := db.Fold(t.Context(), 1); err != nil || n == 0 {
					folded <- err
					return
				}
			}
		}()
		for done := false; !done; {
			select {
			case err := <-folded:
				if done = true; err != nil {
					t.Fatal(err)
				}
			default:
			}
			p, err := db.Post(t.Context(), post.ID)
			if err != nil {
				t.Fatal(err)
			}
			views, err := db.PostViews(t.Context(), ada, []*community.Post{p}, noon)
			if err != nil || views[0].Ups != votes || views[0].Score != votes {
				t.Fatalf("%d up, score %d, want %d; %v", views[0].Ups, views[0].Score, votes, err)
			}
		}
	})
}
