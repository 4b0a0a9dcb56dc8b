package storage_test

import (
	"slices"
	"testing"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// SQL and community's rule are two ways of saying the same: whatever a reader
// is to a group, every list shows them exactly what the rule allows.
func TestEveryListShowsWhatTheRuleAllows(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		author := addActor(t, db, community.Person, "author", "")
		readers := map[string]*community.Actor{"nobody": nil}
		states := map[string]*community.Membership{
			"stranger":  nil,
			"pending":   {Role: community.Member, State: community.Pending},
			"absent":    {Role: community.Member, State: community.Absent},
			"member":    {Role: community.Member, State: community.Accepted},
			"moderator": {Role: community.Moderator, State: community.Absent},
			"owner":     {Role: community.Owner, State: community.Accepted},
		}
		for name := range states {
			readers[name] = addActor(t, db, community.Person, name, "")
		}
		var groups []*community.Actor
		posts := map[community.ActorID]*community.Post{}
		for _, v := range []community.Visibility{community.Open, community.Private, community.LocalOnly} {
			for _, host := range []string{"", "far.test"} {
				if v == community.LocalOnly && host != "" {
					continue
				}
				g := &community.Actor{
					Kind: community.GroupKind, Name: "g" + string(v), Host: host, IRI: "https://x.test/" + host + string(v), Visibility: v,
					CreatedAt: noon, UpdatedAt: noon,
				}
				if err := db.AddActor(ctx, g); err != nil {
					t.Fatal(err)
				}
				groups = append(groups, g)
				posts[g.ID] = addPost(t, db, g, author, 0, 1)
				addComment(t, db, posts[g.ID], nil, author)
				for name, m := range states {
					if m != nil {
						m := *m
						m.GroupID, m.ActorID, m.CreatedAt = g.ID, readers[name].ID, noon
						if err := db.SaveMembership(ctx, &m); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
		for name, reader := range readers {
			var viewer community.ActorID
			if reader != nil {
				viewer = reader.ID
			}
			lists := listsOf(t, db, viewer, author.ID)
			for _, g := range groups {
				m := states[name]
				want := g.ShownTo(reader, m)
				for list, ids := range lists {
					if list == "local" && g.Host != "" {
						continue
					}
					if got := slices.Contains(ids, posts[g.ID].ID); got != want {
						t.Errorf("%s %s of %q: shown = %v, want %v", name, list, g.IRI, got, want)
					}
				}
				if got, err := db.MayRead(ctx, reader, g.ID); err != nil || got != want {
					t.Errorf("MayRead(%s, %q) = %v, %v, want %v", name, g.IRI, got, err, want)
				}
				views, err := db.PostViews(ctx, reader, []*community.Post{posts[g.ID]}, noon)
				if err != nil || (len(views) == 1) != want {
					t.Errorf("PostViews(%s, %q) = %d, %v, want %v", name, g.IRI, len(views), err, want)
				}
				feed, _, err := db.Feed(ctx, community.FeedQuery{Group: g.ID, Viewer: viewer, Sort: community.Hot, Page: community.Page{Limit: 10}})
				if err != nil || (len(feed) == 1) != want {
					t.Errorf("%s: the feed of %q = %d, %v", name, g.IRI, len(feed), err)
				}
			}
		}
	})
}

// listsOf is what viewer finds in every list, by the posts that it is in.
func listsOf(t *testing.T, db *storage.DB, viewer, author community.ActorID) map[string][]community.PostID {
	t.Helper()
	ctx := t.Context()
	page := community.Page{Limit: 50}
	lists := map[string][]community.PostID{}
	for name, query := range map[string]community.FeedQuery{
		"all": {Sort: community.Hot}, "new": {Sort: community.New}, "local": {Local: true, Sort: community.New}, "author": {Author: author},
	} {
		query.Viewer, query.Page = viewer, page
		found, _, err := db.Feed(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		lists[name] = []community.PostID{}
		for _, p := range found {
			lists[name] = append(lists[name], p.ID)
		}
	}
	if _, err := db.IndexWords(ctx, 1000); err != nil {
		t.Fatal(err)
	}
	found, err := db.Find(ctx, storage.FindQuery{Search: community.ParseSearch("aged"), Sort: community.FindNew, Viewer: viewer, Page: page})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range found.IDs {
		lists["search"] = append(lists["search"], community.PostID(id))
	}
	found, err = db.Find(ctx, storage.FindQuery{Search: community.ParseSearch("yes"), Comments: true, Sort: community.FindNew, Viewer: viewer, Page: page})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range found.IDs {
		c, err := db.Comment(ctx, community.CommentID(id))
		if err != nil {
			t.Fatal(err)
		}
		lists["search of comments"] = append(lists["search of comments"], c.PostID)
	}
	by, _, err := db.CommentsBy(ctx, viewer, author, nil, page)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range by {
		lists["comments"] = append(lists["comments"], c.PostID)
	}
	return lists
}

func TestWhatIsSaidInClosedGroupsCountsThereOnly(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		author := addActor(t, db, community.Person, "author", "")
		g := addActor(t, db, community.GroupKind, "garden", "")
		post := addPost(t, db, g, author, 0, 1)
		c := addComment(t, db, post, nil, author)
		check := func(when string, posts, comments int64) {
			t.Helper()
			foldAll(t, db)
			got, err := db.Actor(ctx, author.ID)
			if err != nil || got.PostCount != posts || got.CommentCount != comments {
				t.Errorf("%s: the author counts %d posts and %d comments, %v; want %d and %d", when, got.PostCount, got.CommentCount, err, posts, comments)
			}
			inGroup, err := db.Actor(ctx, g.ID)
			if err != nil || inGroup.PostCount != 1 {
				t.Errorf("%s: the group counts %d posts, %v", when, inGroup.PostCount, err)
			}
			p, k, err := db.CountLocalPosts(ctx)
			if err != nil || p != posts || k != comments {
				t.Errorf("%s: the server counts %d, %d, %v", when, p, k, err)
			}
		}
		if err := db.CountPost(ctx, post, 1); err != nil {
			t.Fatal(err)
		}
		if err := db.CountComment(ctx, c, 1); err != nil {
			t.Fatal(err)
		}
		check("open", 1, 1)
		g.Visibility = community.Private
		if err := db.EditActor(ctx, g); err != nil {
			t.Fatal(err)
		}
		if err := db.RecountAuthors(ctx, g.ID, -1); err != nil {
			t.Fatal(err)
		}
		check("closed", 0, 0)
		if err := db.CountPost(ctx, post, 1); err != nil {
			t.Fatal(err)
		}
		if err := db.CountPost(ctx, post, -1); err != nil {
			t.Fatal(err)
		}
		check("written in", 0, 0)
		if _, groups, err := db.CountLocal(ctx); err != nil || groups != 0 {
			t.Errorf("the server counts %d groups, %v", groups, err)
		}
	})
}
