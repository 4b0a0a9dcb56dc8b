package storage_test

import (
	"context"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What belongs to a post that waits to be written can be added at once.
func TestBatchWritesWhatOthersBelongTo(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		group, author := addActor(t, db, community.GroupKind, "cats", ""), addActor(t, db, community.Person, "ann", "far.test")
		var posts []*community.Post
		err := db.InBatch(t.Context(), func(ctx context.Context, tx *storage.DB) error {
			for range 3 {
				post := addPost(t, tx, group, author, time.Hour, 1)
				posts = append(posts, post)
				poll := &community.Poll{PostID: post.ID, ToldAt: noon, Options: []community.PollOption{{Text: "one"}, {Text: "two"}}}
				if err := tx.AddPoll(ctx, poll); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, post := range posts {
			if poll, err := db.Poll(t.Context(), post.ID); err != nil || len(poll.Options) != 2 {
				t.Errorf("the poll of %d = %+v, %v", post.ID, poll, err)
			}
		}
	})
}
