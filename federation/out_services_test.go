package federation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/groups"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/service/votes"
	"drystone/storage"
)

// useCases are the services that record the facts, as in the program.
type useCases struct {
	posts      *posts.Service
	moderation *moderation.Service
	votes      *votes.Service
	groups     *groups.Service
	actors     map[community.ActorID]*community.Actor
	post       *community.Post    // that the case is about
	answer     *community.Comment // and an answer to it
}

// What people do through the services reaches the log as it should: the
// fields of a fact are those that its reader looks at.
func TestUseCasesAreTold(t *testing.T) {
	here := community.Origin{}
	title, text := "Seeds", "Marrow?"
	tests := []struct {
		name string
		do   func(t *testing.T, u *useCases) error
		want []string
	}{
		{
			"alice posts", func(t *testing.T, u *useCases) (err error) {
				u.post, err = u.posts.Publish(t.Context(), u.actors[aliceID], u.actors[gardenID], posts.Draft{Title: "Hi", Body: "there"})
				return err
			},
			[]string{"Create by alice to followers of alice", wrapped, boosted},
		},
		{
			"lena answers", func(t *testing.T, u *useCases) (err error) {
				u.answer, err = u.posts.Comment(t.Context(), u.actors[lenaID], u.post.ID, 0, posts.Draft{
					HTML: "<p>Hi</p>", From: community.Origin{IRI: "https://lemmy.test/comment/1", Activity: []byte(rawCreate)},
				})
				return err
			},
			[]string{wrapped},
		},
		{
			"bob answers her", func(t *testing.T, u *useCases) (err error) {
				_, err = u.posts.Comment(t.Context(), u.actors[bobID], u.post.ID, u.answer.ID, posts.Draft{Body: "Hello"})
				return err
			},
			[]string{"Create by bob to followers of bob", "Create by bob to " + toGarden, wrapped},
		},
		{
			"bob likes her answer", func(t *testing.T, u *useCases) error {
				_, err := u.votes.Cast(t.Context(), u.actors[bobID], u.answer.Subject(), 1, here)
				return err
			},
			[]string{"Like by bob to " + toGarden, wrapped},
		},
		{
			"and no longer", func(t *testing.T, u *useCases) error {
				_, err := u.votes.Cast(t.Context(), u.actors[bobID], u.answer.Subject(), 0, here)
				return err
			},
			[]string{"Undo by bob to " + toGarden, wrapped},
		},
		{
			"alice edits", func(t *testing.T, u *useCases) error {
				_, err := u.posts.Edit(t.Context(), u.actors[aliceID], u.post.ID, posts.Change{Title: &title, Body: &text})
				return err
			},
			[]string{"Update by alice to followers of alice", "Update by alice to followers of garden, boosted", wrapped},
		},
		{
			"alice removes the answer", func(t *testing.T, u *useCases) error {
				return u.moderation.RemoveComment(t.Context(), u.actors[aliceID], u.answer.ID, moderation.Removal{Reason: "rude"}, here)
			},
			[]string{"Delete by alice to nobody", wrapped},
		},
		{
			"and restores it", func(t *testing.T, u *useCases) error {
				return u.moderation.RestoreComment(t.Context(), u.actors[aliceID], u.answer.ID, here)
			},
			[]string{"Undo by alice to nobody", wrapped},
		},
		{
			"alice deletes her post", func(t *testing.T, u *useCases) error {
				return u.posts.Delete(t.Context(), u.actors[aliceID], u.post.ID, here)
			},
			[]string{
				undoBoost, "Delete by alice to followers of alice", "Delete by alice to followers of garden, boosted", wrapped,
			},
		},
		{
			"bob joins cats", func(t *testing.T, u *useCases) error {
				_, err := u.groups.Join(t.Context(), u.actors[bobID], u.actors[catsID], here)
				return err
			},
			[]string{"Follow by bob to " + toCats + " (private)"},
		},
		{
			"and leaves", func(t *testing.T, u *useCases) error {
				return u.groups.Leave(t.Context(), u.actors[bobID], u.actors[catsID], here)
			},
			[]string{"Undo by bob to " + toCats + " (private)"},
		},
		{
			"nico joins the garden", func(t *testing.T, u *useCases) error {
				_, err := u.groups.Join(t.Context(), u.actors[nicoID], u.actors[gardenID], community.Origin{IRI: "https://forum.test/follow/1"})
				return err
			},
			[]string{"Accept by garden to " + toNico + " (private)"},
		},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		now := func() time.Time { return noon }
		u := &useCases{
			posts: &posts.Service{DB: db, Origin: s.Origin, Now: now}, moderation: &moderation.Service{DB: db, Now: now}, votes: &votes.Service{DB: db, Origin: s.Origin, Now: now},
			groups: &groups.Service{DB: db, Origin: s.Origin, Now: now},
		}
		var err error
		if u.actors, err = db.Actors(t.Context(), []community.ActorID{aliceID, bobID, gardenID, lenaID, catsID, nicoID}); err != nil {
			t.Fatal(err)
		}
		var read community.FactID
		for _, test := range tests {
			if err := test.do(t, u); err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			var got []string
			for _, row := range tell(t, s, factsAfter(t, db, &read)...) {
				got = append(got, describe(t, s, row))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	})
}

// factsAfter returns what was recorded since read, and moves read on.
func factsAfter(t *testing.T, db *storage.DB, read *community.FactID) []community.Fact {
	t.Helper()
	if err := db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	facts, err := db.Facts(t.Context(), *read, 100)
	if err != nil || len(facts) == 0 {
		t.Fatalf("%d facts, %v", len(facts), err)
	}
	*read = facts[len(facts)-1].ID
	return facts
}
