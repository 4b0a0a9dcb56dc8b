package posts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/moderation"
	"drystone/service/posts"
	"drystone/storage"
)

func said(list []*community.Version) string {
	var words []string
	for _, v := range list {
		words = append(words, v.Title+"/"+v.Body)
	}
	return strings.Join(words, " < ")
}

// What was written and changed is told to whoever may read it, wherever it was
// written; what changed nothing leaves nothing.
func TestHistory(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post := w.publish(t, w.ada, "Beans")
		edit := func(title, body string) {
			t.Helper()
			w.at(w.posts.Now().Add(time.Hour))
			if _, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Title: &title, Body: &body}); err != nil {
				t.Fatal(err)
			}
		}
		edit("Peas", "Some *words*.")
		edit("Peas", "Some *words*.")
		edit("Peas", "Fewer.")
		list, err := w.posts.History(ctx, nil, post.ID)
		if err != nil || said(list) != "Peas/Fewer. < Peas/Some *words*. < Beans/Some *words*." {
			t.Fatalf("%s, %v", said(list), err)
		}
		if now, first := list[0], list[2]; !now.ReplacedAt.IsZero() || !now.WrittenAt.Equal(noon.Add(3*time.Hour)) || !first.WrittenAt.Equal(noon) || !first.ReplacedAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("now %+v, first %+v", now, first)
		}
		c := w.answer(t, w.bo, post, 0)
		if _, err := w.posts.EditComment(ctx, w.bo, c.ID, posts.Change{Body: new("Better.")}); err != nil {
			t.Fatal(err)
		}
		if list, err := w.posts.CommentHistory(ctx, w.ada, c.ID); err != nil || said(list) != "/Better. < /An answer." {
			t.Errorf("%s, %v", said(list), err)
		}
		far, err := w.posts.Publish(ctx, w.remote, w.garden, posts.Draft{Title: "Far", HTML: "<p>One</p>", From: community.Origin{IRI: "https://far.test/1", Activity: []byte("{}")}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.Edit(ctx, w.remote, far.ID, posts.Change{HTML: new("<p>Two<script>x</script></p>"), Raw: []byte("{2}"), From: community.Origin{Activity: []byte("{}")}}); err != nil {
			t.Fatal(err)
		}
		if list, err := w.posts.History(ctx, w.ada, far.ID); err != nil || len(list) != 2 || list[0].HTML != "<p>Two</p>" || list[1].HTML != "<p>One</p>" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// What is hidden hides its past, from whom it is hidden; what is deleted takes
// it along.
func TestHiddenHistory(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post := w.publish(t, w.ada, "Beans")
		c := w.answer(t, w.ada, post, 0)
		if _, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Body: new("Other.")}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.EditComment(ctx, w.ada, c.ID, posts.Change{Body: new("Other.")}); err != nil {
			t.Fatal(err)
		}
		if err := w.moderation.RemovePost(ctx, w.mod, post.ID, moderation.Removal{Reason: "No"}, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.History(ctx, w.bo, post.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("bo: %v", err)
		}
		if list, err := w.posts.History(ctx, w.mod, post.ID); err != nil || len(list) != 2 {
			t.Errorf("a moderator: %d, %v", len(list), err)
		}
		if err := w.posts.Delete(ctx, w.ada, post.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if err := w.posts.DeleteComment(ctx, w.ada, c.ID, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.posts.History(ctx, w.mod, post.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted: %v", err)
		}
		if n, err := db.Bun().NewSelect().Model((*community.Version)(nil)).Count(ctx); err != nil || n != 0 {
			t.Errorf("%d are kept, %v", n, err)
		}
		if _, err := w.posts.History(ctx, w.mod, 4711); !fault.Is(err, fault.NotFound) {
			t.Errorf("of nothing: %v", err)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		c := w.answer(t, w.ada, w.publish(t, w.bo, "Beans"), 0)
		for n := range community.MostVersions + 5 {
			body := fmt.Sprint("Take ", n)
			if _, err := w.posts.EditComment(ctx, w.ada, c.ID, posts.Change{Body: &body}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := w.posts.CommentHistory(ctx, w.ada, c.ID)
		if err != nil || len(list) != community.MostVersions+1 {
			t.Fatalf("%d, %v", len(list), err)
		}
		if first, second := list[len(list)-1], list[1]; first.Body != "An answer." || second.Body != fmt.Sprint("Take ", community.MostVersions+3) {
			t.Errorf("the first is %q, the last before %q", first.Body, second.Body)
		}
	})
}

// A language is a tag, and can be corrected.
func TestLanguage(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		w, ctx := newWorld(t, db), t.Context()
		post, err := w.posts.Publish(ctx, w.ada, w.garden, posts.Draft{Title: "Ffa", Language: "cy"})
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range []string{"<b>", "e", "en us", "\u202een", strings.Repeat("en-", 20) + "us"} {
			_, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Language: &tag})
			if e, ok := fault.As(err); !ok || e.Field != "language" {
				t.Errorf("%q: %v", tag, err)
			}
		}
		for _, tag := range []string{"pt-BR", ""} {
			if got, err := w.posts.Edit(ctx, w.ada, post.ID, posts.Change{Language: &tag}); err != nil || got.Language != tag {
				t.Errorf("%q: %+v, %v", tag, got, err)
			}
		}
	})
}
