package federation

import (
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// Who answered while the thread moved: the answer is where the thread is, and
// counts there, however often the fact is read.
func TestAnAnswerFollowsItsThread(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		stock(t, db)
		post, err := db.Post(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.MoveThread(t.Context(), post, meadowID); err != nil {
			t.Fatal(err)
		}
		addTestComment(t, db, community.Comment{ID: 11, PostID: 7, GroupID: gardenID, AuthorID: aliceID, Body: "Late."})
		before := answersIn(t, db)
		for range 2 {
			tell(t, s, about(community.CommentPublished, aliceID, gardenID, 7, 11))
		}
		c, err := db.Comment(t.Context(), 11)
		if err != nil || c.GroupID != meadowID {
			t.Errorf("the answer is %+v, %v", c, err)
		}
		after := answersIn(t, db)
		if after[gardenID] != before[gardenID]-1 || after[meadowID] != before[meadowID]+1 {
			t.Errorf("comments were %v and are %v", before, after)
		}
	})
}

func answersIn(t *testing.T, db *storage.DB) map[community.ActorID]int64 {
	t.Helper()
	found, err := db.Counters(t.Context(), community.SubjectActor, []int64{int64(gardenID), int64(meadowID)})
	if err != nil {
		t.Fatal(err)
	}
	return map[community.ActorID]int64{gardenID: found[int64(gardenID)].Comments, meadowID: found[int64(meadowID)].Comments}
}
