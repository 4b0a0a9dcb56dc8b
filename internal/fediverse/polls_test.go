package fediverse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	v1 "drystone/api/v1"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
)

// Polls travel between two servers: what is asked on one can be answered on
// the other, and both count the same.
func TestPollsOnTwoServers(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		other := testdb.SQLiteDSN
		if strings.HasPrefix(dsn, "postgres") {
			other = testdb.PostgresDSN
		}
		a, b := server.New(t, dsn), server.New(t, other(t))
		s := &story{ann: a.User("ann"), bob: b.User("bob")}
		s.ann.Call(t, "POST", "/groups", v1.GroupDraft{Name: "garden", Title: "Gardening"}, nil)
		s.follow(t)

		var asked v1.Post
		s.ann.Call(t, "POST", "/groups/garden/posts", v1.PostDraft{
			Title: "When do we sow?", Body: "It is *cold*.", Poll: &v1.PollDraft{Options: []string{"March", "April <3"}},
		}, &asked)
		copied := seePost(t, s.bob, "/groups/"+s.there+"/posts", func(p v1.Post) bool { return p.URL == asked.URL })
		if copied.Kind != "poll" || copied.Title != "When do we sow?" || copied.HTML != asked.HTML || copied.Poll == nil || !copied.Poll.CanVote {
			t.Fatalf("bob sees %+v", copied)
		}
		choose(t, s.bob, copied, 1)
		counts(t, s.ann, asked.ID, 1, 0, 1)
		choose(t, s.ann, asked, 0)
		counts(t, s.ann, asked.ID, 2, 1, 1)
		got := counts(t, s.bob, copied.ID, 2, 1, 1)
		if !got.Poll.Options[1].Mine || got.Poll.CanVote || got.EditedAt != nil {
			t.Errorf("in the end bob sees %+v", got)
		}

		// The other way round: bob asks in the group of ann's server.
		var bobs v1.Post
		s.bob.Call(t, "POST", "/groups/"+s.there+"/posts", v1.PostDraft{
			Title: "What do we sow?", Poll: &v1.PollDraft{Options: []string{"Peas", "Beans", "Both"}, Multiple: true, ClosesIn: 3600},
		}, &bobs)
		seen := seePost(t, s.ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == bobs.URL })
		choose(t, s.ann, seen, 0, 2)
		counts(t, s.bob, bobs.ID, 1, 1, 0, 1)
		counts(t, s.ann, seen.ID, 1, 1, 0, 1)

		// And its answer.
		var comment v1.Comment
		s.ann.Call(t, "POST", fmt.Sprintf("/posts/%d/comments", seen.ID), v1.CommentDraft{Body: "Neither."}, &comment)
		answer := seeComment(t, s.bob, bobs.ID, func(c v1.Comment) bool { return c.URL == comment.URL })
		s.bob.Call(t, "PUT", fmt.Sprintf("/posts/%d/answer", bobs.ID), v1.Chosen{CommentID: answer.ID}, nil)
		seePost1(t, s.ann, seen.ID, "the answer", func(p v1.Post) bool { return p.AnswerID != nil && *p.AnswerID == comment.ID })
		server.Eventually(t, "ann's notification", func() (bool, any) {
			var notes v1.List[v1.Notification]
			s.ann.Call(t, "GET", "/notifications", nil, &notes)
			return len(notes.Items) > 0 && notes.Items[0].Kind == "answer", notes
		})
		s.bob.Call(t, "DELETE", fmt.Sprintf("/posts/%d/answer", bobs.ID), nil, nil)
		seePost1(t, s.ann, seen.ID, "no answer", func(p v1.Post) bool { return p.AnswerID == nil })
	})
}

// choose votes for options by their places.
func choose(t *testing.T, who *server.User, post v1.Post, places ...int) {
	t.Helper()
	var chosen []int64
	for _, place := range places {
		chosen = append(chosen, post.Poll.Options[place].ID)
	}
	who.Call(t, "PUT", fmt.Sprintf("/posts/%d/poll/vote", post.ID), v1.Ballot{Options: chosen}, nil)
}

// counts waits until somebody sees how many voted, and for what.
func counts(t *testing.T, who *server.User, id int64, want ...int64) v1.Post {
	t.Helper()
	return seePost1(t, who, id, fmt.Sprint("the counts ", want), func(p v1.Post) bool {
		got := []int64{p.Poll.Voters}
		for _, o := range p.Poll.Options {
			got = append(got, o.Votes)
		}
		return cmp.Equal(want, got)
	})
}
