package posts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// tagged are the hashtags of a post, folded.
func (w *world) tagged(t testing.TB, id community.PostID) (names []string) {
	t.Helper()
	tags, err := w.db.TagsOf(t.Context(), []community.PostID{id})
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags[id] {
		names = append(names, tag.Tag)
	}
	return names
}

func TestHashtagsOfPosts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w := newWorld(t, db)
		wants := func(id community.PostID, want ...string) {
			t.Helper()
			if got := w.tagged(t, id); !slices.Equal(got, want) {
				t.Errorf("the hashtags are %q, want %q", got, want)
			}
		}
		ours, err := w.posts.Publish(t.Context(), w.ada, w.garden, posts.Draft{Title: "On #Peas", Body: "#beans #BEANS `#no`", Tags: []string{"said"}})
		if err != nil {
			t.Fatal(err)
		}
		wants(ours.ID, "beans", "peas")
		body := "#kale"
		if _, err := w.posts.Edit(t.Context(), w.ada, ours.ID, posts.Change{Body: &body}); err != nil {
			t.Fatal(err)
		}
		wants(ours.ID, "kale", "peas")

		said := []string{"#Peas", "beans", "#", "#1", "a b", "<script>", "#\x00", "\xff#kale", "#" + strings.Repeat("x", 2000)}
		theirs, err := w.posts.Publish(t.Context(), w.remote, w.garden, posts.Draft{
			Title: "#title", HTML: "#html", Body: "#body", Tags: said, From: community.Origin{IRI: "https://far.test/1"},
		})
		if err != nil {
			t.Fatal(err)
		}
		wants(theirs.ID, "beans", "kale", "peas")
		var many []string
		for i := range 100 {
			many = append(many, fmt.Sprintf("#tag%03d", i))
		}
		from := community.Origin{IRI: "https://far.test/1"}
		if _, err := w.posts.Edit(t.Context(), w.remote, theirs.ID, posts.Change{Beside: &posts.Draft{Tags: many}, From: from, Raw: []byte("2")}); err != nil {
			t.Fatal(err)
		}
		if got := w.tagged(t, theirs.ID); len(got) != community.MostTags || got[0] != "tag000" {
			t.Errorf("of too many hashtags, %q are kept", got)
		}
		for by, id := range map[*community.Actor]community.PostID{w.ada: ours.ID, w.remote: theirs.ID} {
			if err := w.posts.Delete(t.Context(), by, id, community.Origin{}); err != nil {
				t.Fatal(err)
			}
			wants(id)
		}
		again := "again"
		if err := w.posts.Revive(t.Context(), w.remote, theirs.ID, posts.Change{Title: &again, Beside: &posts.Draft{Tags: []string{"#peas"}}, From: from}); err != nil {
			t.Fatal(err)
		}
		wants(theirs.ID, "peas")
	})
}
