package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Sixteen writers that read before they write are what makes SQLite say
// "database is locked" when it is opened carelessly.
func TestSixteenWritersNeverMeetALock(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, garden := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		const writers, each = 16, 25
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := db.InTx(t.Context(), func(tx *storage.DB) error {
						if _, err := tx.Actor(t.Context(), ada.ID); err != nil {
							return err
						}
						p := &community.Post{
							IRI: fmt.Sprintf("https://x.test/%d/%d", w, i), GroupID: garden.ID, AuthorID: ada.ID,
							Kind: community.TextPost, Title: "T", CreatedAt: noon, ArrivedAt: noon,
						}
						return tx.AddPost(t.Context(), p, "")
					})
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
					if _, _, err := db.Feed(t.Context(), community.FeedQuery{Page: community.Page{Limit: 5}}); err != nil {
						t.Errorf("reader %d: %v", w, err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.Bun().NewRaw("SELECT count(*) FROM posts").Scan(t.Context(), &n); err != nil || n != writers*each {
			t.Errorf("%d posts (%v), want %d", n, err, writers*each)
		}
	})
}

func TestATransactionIsUndoneWhole(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		bell := db.Wait(storage.NewFacts)
		boom := errors.New("boom")
		err := db.InTx(t.Context(), func(tx *storage.DB) error {
			a := &community.Actor{Kind: community.Person, Name: "ada", IRI: "https://here.test/u/ada", CreatedAt: noon, UpdatedAt: noon}
			if err := tx.AddActor(t.Context(), a); err != nil {
				return err
			}
			if err := tx.Record(t.Context(), community.Fact{Kind: community.PersonJoined, ActorID: a.ID, At: noon}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("InTx = %v, want boom", err)
		}
		if _, err := db.ActorByIRI(t.Context(), "https://here.test/u/ada"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the actor is still there: %v", err)
		}
		select {
		case <-bell:
			t.Error("readers were woken for what was undone")
		default:
		}
	})
}

func TestErrorsHaveCodes(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada := addActor(t, db, community.Person, "Ada", "")
		again := &community.Actor{Kind: community.GroupKind, Name: "aDA", IRI: "https://here.test/c/aDA", CreatedAt: noon, UpdatedAt: noon}
		if err := db.AddActor(t.Context(), again); !fault.Is(err, fault.Conflict) {
			t.Errorf("the name of a person given to a group = %v, want a conflict", err)
		}
		if _, err := db.Actor(t.Context(), ada.ID+1000); !fault.Is(err, fault.NotFound) {
			t.Errorf("Actor of nobody = %v, want not found", err)
		}
		late, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Actor(late, ada.ID); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Actor after the end = %v, want unavailable", err)
		}
		ghost := &community.Account{ActorID: 99999, CreatedAt: noon}
		if err := db.AddAccount(t.Context(), ghost); !fault.Is(err, fault.NotFound) {
			t.Errorf("an account of nobody = %v, want not found", err)
		}
	})
}

func TestTimesComeBackAsTheyWent(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		at := community.Timestamp(time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("east", 7200)))
		a := &community.Actor{Kind: community.Person, Name: "ada", IRI: "https://here.test/u/ada", CreatedAt: at, UpdatedAt: at}
		if err := db.AddActor(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		got, err := db.Actor(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !got.CreatedAt.Equal(at) || got.Gone() || !got.DeletedAt.IsZero() {
			t.Errorf("created %v, deleted %v; want %v and never", got.CreatedAt, got.DeletedAt, at)
		}
	})
}
