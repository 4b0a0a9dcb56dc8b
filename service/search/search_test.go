package search_test

import (
	"slices"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/search"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestSearch(t *testing.T) {
	tests := []struct {
		name, text string
		posts      []string
		comments   int
		groups     int
		people     int
	}{
		{"a word", "tomato", []string{"Tomato blight"}, 0, 0, 0},
		{"the beginning of a word", "tom*", []string{"Tomato blight"}, 0, 0, 1},
		{"all words, in any order", "blight tomato", []string{"Tomato blight"}, 0, 0, 0},
		{"the name of who does not want to be listed", "tomas", nil, 0, 0, 1},
		{"the handle of who does not want to be listed", "@tomas@here.test", nil, 0, 0, 1},
		{"a name elsewhere like it", "@tomas@there.test", nil, 0, 0, 0},
		{"a word of the text", "copper", []string{"Tomato blight"}, 1, 0, 0},
		{"another language", "томат*", []string{"Томаты"}, 0, 0, 0},
		{"a group", "gard", nil, 0, 1, 0},
		{"what was removed", "weeds", nil, 0, 0, 0},
		{"nothing", "  ", nil, 0, 0, 0},
		{"an operator of FTS5", `tomato" OR NEAR(`, nil, 0, 0, 0},
		{"an operator of tsquery", "tomato & !blight | (", []string{"Tomato blight"}, 0, 0, 0},
		{"a wildcard of LIKE", "%_%", nil, 0, 0, 0},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := &search.Service{DB: db, Host: "here.test", Now: func() time.Time { return noon }}
		fill(t, db)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				found, err := look(t, s, nil, test.text)
				if err != nil {
					t.Fatal(err)
				}
				var titles []string
				for _, p := range found.Posts {
					titles = append(titles, p.Title)
				}
				if !slices.Equal(titles, test.posts) || len(found.Comments) != test.comments ||
					len(found.Groups) != test.groups || len(found.People) != test.people {
					t.Errorf("Search(%q) found posts %q, %d comments, %d groups, %d people; want %q, %d, %d, %d", test.text, titles,
						len(found.Comments), len(found.Groups), len(found.People), test.posts, test.comments, test.groups, test.people)
				}
			})
		}
	})
}

func fill(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	tom := &community.Actor{Kind: community.Person, Name: "tom", Discoverable: true, Indexable: true}
	shy := &community.Actor{Kind: community.Person, Name: "tomas"} // does not want to be found
	garden := &community.Actor{Kind: community.GroupKind, Name: "garden", Discoverable: true, Indexable: true}
	for _, a := range []*community.Actor{tom, shy, garden} {
		a.IRI, a.CreatedAt, a.UpdatedAt = "https://here.test/"+a.Name, noon, noon
		if err := db.AddActor(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	posts := []*community.Post{
		{Title: "Tomato blight", Body: "Would copper help?"},
		{Title: "Томаты", Body: "Красные"},
		{Title: "Weeds", Body: "weeds", RemovedAt: noon},
	}
	for _, p := range posts {
		p.GroupID, p.AuthorID, p.Kind, p.CreatedAt, p.ArrivedAt = garden.ID, tom.ID, community.TextPost, noon, noon
		if err := db.AddPost(ctx, p, "https://here.test/post/"); err != nil {
			t.Fatal(err)
		}
	}
	c := &community.Comment{PostID: posts[0].ID, GroupID: garden.ID, AuthorID: tom.ID, Body: "Copper, sparingly.", CreatedAt: noon, ArrivedAt: noon}
	if err := db.AddComment(ctx, c, nil, "https://here.test/comment/"); err != nil {
		t.Fatal(err)
	}
	// An edit must be found under its new words only.
	edited := *posts[2]
	edited.Body = "gone"
	if err := db.EditPost(ctx, &edited); err != nil {
		t.Fatal(err)
	}
}

// Who asked that their words are not searched is not found by them, nor is
// what anybody said in a group that asked so; everybody finds their own.
func TestWhoSaidNoIsNotFound(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s := &search.Service{DB: db, Host: "here.test", Now: func() time.Time { return noon }}
		actors := map[string]*community.Actor{}
		for name, a := range map[string]*community.Actor{
			"open":   {Kind: community.Person, Discoverable: true, Indexable: true},
			"shy":    {Kind: community.Person, Discoverable: true},
			"square": {Kind: community.GroupKind, Discoverable: true, Indexable: true},
			"cellar": {Kind: community.GroupKind, Discoverable: true},
			"attic":  {Kind: community.GroupKind, Indexable: true}, // not to be listed
		} {
			a.Name, a.IRI, a.CreatedAt, a.UpdatedAt = name, "https://here.test/"+name, noon, noon
			if err := db.AddActor(ctx, a); err != nil {
				t.Fatal(err)
			}
			actors[name] = a
		}
		for _, by := range []string{"open", "shy"} {
			for _, in := range []string{"square", "cellar", "attic"} {
				p := &community.Post{
					Title: "Beans by " + by + " in " + in, GroupID: actors[in].ID, AuthorID: actors[by].ID, Kind: community.TextPost,
					CreatedAt: noon, ArrivedAt: noon,
				}
				if err := db.AddPost(ctx, p, "https://here.test/post/"); err != nil {
					t.Fatal(err)
				}
				c := &community.Comment{PostID: p.ID, GroupID: p.GroupID, AuthorID: p.AuthorID, Body: "beans " + by + " " + in, CreatedAt: noon, ArrivedAt: noon}
				if err := db.AddComment(ctx, c, nil, "https://here.test/comment/"); err != nil {
					t.Fatal(err)
				}
			}
		}
		for reader, want := range map[string][]string{
			"":     {"open in attic", "open in square"},
			"open": {"open in attic", "open in cellar", "open in square"},
			"shy":  {"open in attic", "open in square", "shy in attic", "shy in cellar", "shy in square"},
		} {
			found, err := look(t, s, actors[reader], "beans")
			if err != nil {
				t.Fatal(err)
			}
			var posts []string
			for _, p := range found.Posts {
				posts = append(posts, p.Title[len("Beans by "):])
			}
			slices.Sort(posts)
			if !slices.Equal(posts, want) || len(found.Comments) != len(want) {
				t.Errorf("%q found %v and %d comments, want %v", reader, posts, len(found.Comments), want)
			}
		}
		for words, want := range map[string]int{"at": 0, "attic": 1, "ATTIC": 1, "squ": 1} {
			groups, _, err := db.Groups(ctx, community.GroupQuery{Words: words, Page: community.Page{Limit: 10}})
			if err != nil || len(groups) != want {
				t.Errorf("Groups(%q) = %d, %v", words, len(groups), err)
			}
		}
		if groups, _, err := db.Groups(ctx, community.GroupQuery{Page: community.Page{Limit: 10}}); err != nil || len(groups) != 2 {
			t.Errorf("all groups = %d, %v", len(groups), err)
		}
	})
}

// Feeds are found by name or title; one that is gone is not, and one that does
// not want to be listed, as those of most servers say nothing of it, by its
// whole handle alone.
func TestSearchFeeds(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := &search.Service{DB: db, Host: "here.test", Now: func() time.Time { return noon }}
		for _, a := range []*community.Actor{
			{Name: "pets", Title: "Furry friends", Discoverable: true},
			{Name: "oldpets", Discoverable: true, DeletedAt: noon},
			{Name: "pets", Host: "there.test", Title: "Petting"},
			{Name: "petra", Kind: community.Person, Discoverable: true},
		} {
			if a.Kind == "" {
				a.Kind = community.FeedKind
			}
			a.IRI, a.CreatedAt, a.UpdatedAt = "https://"+a.Host+"x/"+a.Name, noon, noon
			if err := db.AddActor(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		for text, want := range map[string][]string{
			"pet": {"pets"}, "FURRY": {"pets"}, "~pets@there.test": {"pets@there.test"}, "~pets@here.test": {"pets"}, "petting": nil, "oldpets": nil,
		} {
			found, err := look(t, s, nil, text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found.Feeds {
				got = append(got, f.Handle())
			}
			if !slices.Equal(got, want) {
				t.Errorf("Search(%q) found the feeds %q, want %q", text, got, want)
			}
		}
	})
}

// look searches once all words are kept.
func look(t *testing.T, s *search.Service, reader *community.Actor, text string) (*search.Results, error) {
	t.Helper()
	if err := s.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Search(t.Context(), reader, search.Query{Search: community.ParseSearch(text), Sort: community.FindNew, Page: community.Page{Limit: 100}})
}
