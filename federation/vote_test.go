package federation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// Votes share transactions. What becomes of each must be what becomes of it
// alone: counted, dropped with its reason, or left to who can ask elsewhere.
func TestVotesTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		far := fediverse.NewPeer(t, "mastodon")
		post, err := h.posts.Publish(t.Context(), h.ann, h.cats, posts.Draft{Title: "Whiskers"})
		if err != nil {
			t.Fatal(err)
		}
		ballot := func(who *fediverse.Actor, kind, id, object string) *community.Job {
			body := fediverse.JSON(t, map[string]any{"@context": as.NS, "type": kind, "id": who.ID + "/" + id, "actor": who.ID, "object": object})
			return &community.Job{Kind: "inbox", Sender: who.ID, Body: body, RunAt: h.now(), CreatedAt: h.now()}
		}
		known := func(name string) *fediverse.Actor { // has spoken here before
			who := far.Person(name)
			h.send(who, map[string]any{"@context": as.NS, "type": "Follow", "id": who.ID + "/f", "actor": who.ID, "object": h.cats.IRI})
			return who
		}
		ada, bo, bad := known("ada"), known("bo"), known("bad")
		banned, err := db.ActorByIRI(t.Context(), bad.ID)
		if err != nil {
			t.Fatal(err)
		}
		err = db.SaveMembership(t.Context(), &community.Membership{
			GroupID: h.cats.ID, ActorID: banned.ID, Role: community.Member, State: community.Absent, BannedUntil: h.now().Add(time.Hour), CreatedAt: h.now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		votes := []struct {
			job  *community.Job
			done bool
		}{
			{ballot(ada, "Like", "1", post.IRI), true},
			{ballot(ada, "Like", "2", post.IRI), true}, // again
			{ballot(bo, "Dislike", "1", post.IRI), true},
			{ballot(bo, "EmojiReact", "2", post.IRI), true},               // changes their mind
			{ballot(bad, "Like", "1", post.IRI), true},                    // dropped
			{ballot(ada, "Like", "3", "https://nowhere.example/1"), true}, // the same
			{ballot(far.Person("new"), "Like", "1", post.IRI), false},
			{ballot(ada, "Follow", "4", h.cats.IRI), false},
		}
		var list []*community.Job
		for i, vote := range votes {
			vote.job.ID, vote.job.Lane = community.JobID(i+1), int64(i)
			list = append(list, vote.job)
		}
		err = db.InBatch(t.Context(), func(ctx context.Context, tx *storage.DB) error {
			do, err := h.fed.Together()["inbox"](ctx, tx, list)
			if err != nil {
				return err
			}
			for i, vote := range votes {
				before := tx.Written()
				done, err := do(ctx, vote.job)
				if err != nil || done != vote.done {
					return fmt.Errorf("vote %d: done = %v, %w", i, done, err)
				}
				if !done && tx.Written() > before {
					return fmt.Errorf("vote %d was left, and has written", i)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.dropped("kind=Like", "banned")
		if _, err := db.Fold(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		got, err := db.Post(t.Context(), post.ID)
		if err != nil || got.Ups != 2 || got.Downs != 0 {
			t.Errorf("%d up and %d down, %v; want 2 and 0", got.Ups, got.Downs, err)
		}
	})
}
