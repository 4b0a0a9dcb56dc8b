package federation_test

import (
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

func TestHashtagsFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		doc := page(a.lena, "first", a.dogs.ID)
		doc["content"] = `<p>My <a href="https://lemmy.test/tags/Puppy" class="mention hashtag" rel="tag">#<span>Puppy</span></a></p>`
		doc["tag"] = []any{
			map[string]any{"type": "Hashtag", "name": "#Puppy", "href": a.lemmy.URL + "/tags/puppy"},
			map[string]any{"type": "Hashtag", "name": 17, "href": "javascript:alert(1)"},
			map[string]any{"type": "Mention", "name": "#no"},
			"nonsense",
		}
		a.announce(a.act("Create", a.lena, doc))
		post := a.one()
		wants := func(want string) {
			t.Helper()
			tags, err := db.TagsOf(t.Context(), []community.PostID{post.ID})
			if err != nil || len(tags[post.ID]) != 1 || tags[post.ID][0].Tag != want {
				t.Errorf("the hashtags are %v, %v; want %s", tags[post.ID], err, want)
			}
		}
		wants("puppy")
		if want := `<p>My <a href="/t/puppy" class="mention hashtag">#Puppy</a></p>`; post.HTML != want {
			t.Errorf("it says %s, want %s", post.HTML, want)
		}
		doc["tag"] = map[string]any{"type": "Hashtag", "name": "#cats"}
		a.announce(a.act("Update", a.lena, doc))
		wants("cats")
	})
}
