package storage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// tag gives a post hashtags, as they are written.
func tag(t testing.TB, db *storage.DB, post *community.Post, names ...string) {
	t.Helper()
	var tags []*community.PostTag
	for _, name := range names {
		tags = append(tags, &community.PostTag{Tag: strings.ToLower(name), Name: name})
	}
	if err := db.SetTags(t.Context(), post, tags); err != nil {
		t.Fatal(err)
	}
}

// feedOf reads a feed to its end, three posts at a time.
func feedOf(t testing.TB, db *storage.DB, query community.FeedQuery) (ids []community.PostID) {
	t.Helper()
	query.Limit = 3
	for range 50 {
		list, next, err := db.Feed(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			ids = append(ids, p.ID)
		}
		if query.After = next; next == "" {
			return ids
		}
	}
	t.Fatal("the feed has no end")
	return nil
}

func TestFeedOfHashtag(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		garden, bo, eve := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.Person, "bo", ""), addActor(t, db, community.Person, "eve", "")
		away, secret := addActor(t, db, community.GroupKind, "cats", "far.test"), addActor(t, db, community.GroupKind, "secret", "")
		if _, err := db.Bun().NewRaw("UPDATE actors SET visibility = 'private' WHERE id = ?", secret.ID).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		join(t, db, eve, secret)
		var all []*community.Post
		for i := range 10 {
			p := addPost(t, db, garden, bo, time.Duration(i)*time.Hour, int64(i*i%7))
			tag(t, db, p, "Peas")
			all = append(all, p)
		}
		other, hidden, veiled := addPost(t, db, away, bo, 90*time.Minute, 3), addPost(t, db, garden, bo, 0, 100), addPost(t, db, secret, eve, 0, 1)
		tag(t, db, other, "Peas", "beans")
		tag(t, db, hidden, "Peas")
		tag(t, db, veiled, "Peas", "plans")
		tag(t, db, addPost(t, db, garden, bo, 0, 9), "beans")
		if _, err := db.WithdrawPost(t.Context(), hidden, noon); err != nil {
			t.Fatal(err)
		}
		all = append(all, other)
		for _, sort := range []community.Sort{community.New, community.Hot, community.Top, community.Active} {
			query := community.FeedQuery{Tag: "peas", Sort: sort}
			want := oracle(community.FeedQuery{Sort: sort}, all, home{})
			if got := feedOf(t, db, query); !slices.Equal(got, want) {
				t.Errorf("by %s: %v, want %v", sort, got, want)
			}
			query.Viewer = eve.ID
			if got := feedOf(t, db, query); !slices.Contains(got, veiled.ID) || len(got) != 12 {
				t.Errorf("by %s, a member of the private group sees %v", sort, got)
			}
			query.Local = true
			if got := feedOf(t, db, query); slices.Contains(got, other.ID) || len(got) != 11 {
				t.Errorf("by %s, here: %v", sort, got)
			}
		}
		tag(t, db, other, "beans")
		if got := feedOf(t, db, community.FeedQuery{Tag: "peas", Sort: community.New}); len(got) != 10 {
			t.Errorf("after an edit: %v", got)
		}
		tags, err := db.TagsOf(t.Context(), []community.PostID{veiled.ID, other.ID})
		if err != nil || len(tags[veiled.ID]) != 2 || tags[other.ID][0].Name != "beans" {
			t.Errorf("TagsOf = %v, %v", tags, err)
		}
	})
}

func TestBeginTags(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		garden, bo := addActor(t, db, community.GroupKind, "garden", ""), addActor(t, db, community.Person, "bo", "")
		secret := addActor(t, db, community.GroupKind, "secret", "")
		if _, err := db.Bun().NewRaw("UPDATE actors SET visibility = 'private' WHERE id = ?", secret.ID).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		join(t, db, bo, secret)
		for i, names := range [][]string{{"Peas", "pear"}, {"peas"}, {"Peach", "öl", "pe"}, {"PEAS", "a_b"}, {"acb"}} {
			tag(t, db, addPost(t, db, garden, bo, -time.Duration(i)*time.Minute, 1), names...)
		}
		tag(t, db, addPost(t, db, secret, bo, 0, 1), "peace", "peas")
		for _, test := range []struct {
			viewer community.ActorID
			prefix string
			want   string
		}{
			{0, "pe", "pe:1 PEAS:3 Peach:1 pear:1"},
			{bo.ID, "pea", "PEAS:4 peace:1 Peach:1 pear:1"},
			{0, "peas", "PEAS:3"},
			{0, "a_", "a_b:1"},
			{0, "ö", "öl:1"},
			{0, "peace", ""},
			{0, "%", ""},
			{0, "zz", ""},
		} {
			tags, err := db.BeginTags(t.Context(), test.viewer, test.prefix, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, tag := range tags {
				got = append(got, fmt.Sprintf("%s:%d", tag.Name, tag.Posts))
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("BeginTags(%d, %q) = %v, want %s", test.viewer, test.prefix, got, test.want)
			}
		}
	})
}
