package fediverse_test

import (
	"fmt"
	"testing"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Somebody on a Mastodon quotes what ann wrote: they ask, read the approval
// where it lives, and hear when it is gone with the post. Who is banned may not,
// and what is not for everybody answers nobody.
func TestMastodonQuotes(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		home, m := server.New(t, dsn), fediverse.NewMastodon(t)
		ann, alice := home.User("ann"), m.Account("alice")
		ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		garden := m.Resolve(t, "garden@"+home.Host)
		alice.Follow(t, garden)
		members(t, ann, 2)
		var post, kept v1.Post
		for title, into := range map[string]*v1.Post{"Seedlings": &post, "Beans": &kept} {
			ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{Title: title, Body: "Who wants some?"}, into)
			server.Eventually(t, title, func() (bool, any) { return m.Boosted(garden, into.URL) == 1, m.Refusals() })
		}
		stands := func(status, state string) fediverse.Quote {
			t.Helper()
			server.Eventually(t, "a quote that is "+state, func() (bool, any) { return m.QuoteIn(status).State == state, m.QuoteIn(status) })
			return m.QuoteIn(status)
		}
		quote := stands(alice.Quote(t, post.URL, "Look at these"), "accepted")
		other := stands(alice.Quote(t, kept.URL, "And these"), "accepted")
		if quote.Approval == other.Approval || !m.Approved(t, quote) {
			t.Errorf("the approvals are %s and %s", quote.Approval, other.Approval)
		}
		server.Eventually(t, "ann's notification", func() (bool, any) {
			var notes v1.List[v1.Notification]
			ann.Call(t, "GET", "/notifications", nil, &notes)
			return len(notes.Items) == 2 && notes.Items[0].Kind == community.Quoted && notes.Items[0].Actor.Name == "alice", notes
		})

		ann.Call(t, "DELETE", fmt.Sprintf("/posts/%d", post.ID), nil, nil)
		stands(quote.Status, "revoked")
		if m.Approved(t, quote) {
			t.Error("the approval of what is deleted is still there")
		}
		if m.QuoteIn(other.Status).State != "accepted" || !m.Approved(t, other) {
			t.Errorf("of what is not deleted the quote is %+v", m.QuoteIn(other.Status))
		}

		ann.Call(t, "PUT", "/groups/garden/bans/alice@"+m.Host, v1.BanDraft{Reason: "Slime"}, nil)
		stands(alice.Quote(t, kept.URL, "And again"), "rejected")
		ann.Call(t, "DELETE", "/groups/garden/bans/alice@"+m.Host, nil, nil)
		stands(alice.Quote(t, kept.URL, "And now"), "accepted")

		private := "private"
		ann.Call(t, "PATCH", "/groups/garden", v1.GroupChange{Visibility: &private}, nil)
		stands(other.Status, "revoked")
		unanswered := alice.Quote(t, kept.URL, "And still")
		quiet(t, home)
		if q := m.QuoteIn(unanswered); q.State != "pending" {
			t.Errorf("what is not for everybody answers %+v", q)
		}
	})
}
