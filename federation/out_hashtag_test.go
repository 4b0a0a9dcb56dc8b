package federation

import (
	"net/http"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// What people here write has its hashtags beside its mentions, each once, and
// they lead to our pages.
func TestHashtagsAreTold(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		addTestPost(t, db, community.Post{ID: 191, GroupID: gardenID, AuthorID: aliceID, Title: "#Peas again", Body: "My #peas and #Öl, @bob. `#code`", Language: "en"})
		addTestComment(t, db, community.Comment{ID: 192, PostID: 191, GroupID: gardenID, AuthorID: bobID, Body: "#beans"})
		golden(t, "page_hashtags", request(t, s, http.MethodGet, "/post/191").Body.Bytes())
		golden(t, "note_hashtag", request(t, s, http.MethodGet, "/comment/192").Body.Bytes())
	})
}
