package federation_test

import (
	"testing"

	"drystone/internal/testdb"
	"drystone/storage"
)

// PieFed says of a group that what is posted in it asks something; others of
// this software say it of one post.
func TestQuestionsFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		doc := page(a.lena, "first", a.dogs.ID)
		a.announce(a.act("Create", a.lena, doc))
		if a.one().Question {
			t.Error("what asks nothing is a question")
		}
		doc["questionAnswer"] = true
		a.announce(a.act("Update", a.lena, doc))
		if !a.one().Question {
			t.Error("what asks is no question")
		}
		doc["questionAnswer"] = "yes"
		a.announce(a.act("Update", a.lena, doc))
		if !a.one().Question {
			t.Error("an edit that says nothing makes it none")
		}
		doc["questionAnswer"] = false
		a.announce(a.act("Update", a.lena, doc))
		if a.one().Question {
			t.Error("it stays a question")
		}
	})
}
