package notifications_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// Somebody who is quoted is told once for each quote, and not of a request
// that was refused.
func TestQuotesAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, err := w.posts.Publish(ctx, w.people["ada"], w.garden, posts.Draft{Title: "T"})
		if err != nil {
			t.Fatal(err)
		}
		quote := func(name string) {
			t.Helper()
			err := w.posts.Quote(ctx, w.people["far"], posts.Quotation{
				PostID: post.ID, Instrument: "https://far.test/n/" + name, Approval: "https://here.test/quotes/" + name,
				From: community.Origin{IRI: "https://far.test/r/" + name, Activity: []byte(`{}`)},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		quote("1")
		quote("1")
		quote("2")
		err = db.SaveMembership(ctx, &community.Membership{
			GroupID: w.garden.ID, ActorID: w.people["far"].ID, Role: community.Member, State: community.Absent, BannedUntil: community.Forever, CreatedAt: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		quote("3")
		w.read(t)
		if diff := cmp.Diff([]string{"quote by far", "quote by far"}, w.told(t, "ada")); diff != "" {
			t.Errorf("ada was told (-want +got):\n%s", diff)
		}
	})
}
