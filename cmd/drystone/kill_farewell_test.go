package main

import (
	"fmt"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Somebody who wrote much deletes their account, and the server is killed
// while it takes that down. Started again it goes on, to the end.
func TestKilledWhileSomebodyLeaves(t *testing.T) {
	binary := built(t)
	t.Run("databases", func(t *testing.T) {
		testdb.EachDSN(t, func(t *testing.T, dsn string) {
			const many = 1500
			p := newProcess(t, binary, dsn)
			p.command("correct horse battery staple", "account", "create", "ada", "--admin", "--password-stdin")
			p.command("correct horse battery staple", "account", "create", "bob", "--password-stdin")
			p.command("", "group", "create", "garden", "--moderator", "ada")
			db, err := storage.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			bob := wrote(t, db, "bob", "garden", many)
			left := func() int {
				posts, _, err := db.WrittenBy(t.Context(), bob.ID, many+1)
				if err != nil {
					t.Fatal(err)
				}
				return len(posts)
			}
			p.start()
			p.command("", "account", "delete", "bob", "--now", "--with-posts")
			wait(t, "the first posts to go", func() (bool, string) { return left() < many, fmt.Sprint(left()) })
			p.kill()
			t.Logf("killed with %d of %d posts left", left(), many)
			p.start()
			wait(t, "the end", func() (bool, string) {
				_, err := db.AccountOf(t.Context(), bob.ID)
				return left() == 0 && err != nil, fmt.Sprint(left(), err)
			})
			p.stop()
		})
	})
}

// wrote stores many posts by somebody.
func wrote(t *testing.T, db *storage.DB, author, group string, many int) *community.Actor {
	t.Helper()
	by, err := db.ActorByHandle(t.Context(), community.Handle{Name: author})
	if err != nil {
		t.Fatal(err)
	}
	in, err := db.ActorByHandle(t.Context(), community.Handle{Name: group})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(tx *storage.DB) error {
		for i := range many {
			now := community.Timestamp(time.Now())
			post := &community.Post{
				GroupID: in.ID, AuthorID: by.ID, Kind: community.TextPost, Title: fmt.Sprint("Post ", i), Local: true,
				CreatedAt: now, ArrivedAt: now, Born: community.Hours(now), Stirred: community.Hours(now),
			}
			post.Rank()
			if err := tx.AddPost(t.Context(), post, "http://localhost/post/"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return by
}
