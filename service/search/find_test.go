package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/search"
	"drystone/storage"
)

// An archive is a few people and groups, and what was said there.
type archive struct {
	*search.Service
	t      *testing.T
	actors map[string]*community.Actor
	said   int
}

func newArchive(t *testing.T, db *storage.DB) *archive {
	t.Helper()
	a := &archive{&search.Service{DB: db, Host: "here.test", Now: func() time.Time { return noon }}, t, map[string]*community.Actor{}, 0}
	for name, actor := range map[string]*community.Actor{
		"open": {Indexable: true}, "shy": {}, "reader": {Indexable: true}, "stranger": {}, "far": {Indexable: true, Host: "far.example"},
		"square":  {Kind: community.GroupKind, Indexable: true},
		"hidden":  {Kind: community.GroupKind},
		"cellar":  {Kind: community.GroupKind, Visibility: community.Private},
		"kitchen": {Kind: community.GroupKind, Visibility: community.LocalOnly},
	} {
		if actor.Kind == "" {
			actor.Kind = community.Person
		}
		actor.Name, actor.IRI, actor.Discoverable, actor.CreatedAt, actor.UpdatedAt = name, "https://x.test/"+name, true, noon, noon
		a.check(db.AddActor(t.Context(), actor))
		a.actors[name] = actor
	}
	a.check(db.SaveMembership(t.Context(), &community.Membership{
		GroupID: a.actors["cellar"].ID, ActorID: a.actors["reader"].ID, Role: community.Member, State: community.Accepted, CreatedAt: noon,
	}))
	return a
}

func (a *archive) check(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// post adds one, some days before noon.
func (a *archive) post(by, in string, days int, p community.Post) *community.Post {
	a.t.Helper()
	p.GroupID, p.AuthorID, p.CreatedAt, p.ArrivedAt = a.actors[in].ID, a.actors[by].ID, noon.AddDate(0, 0, -days), noon
	p.Born = community.Hours(p.CreatedAt)
	if p.Kind == "" {
		p.Kind = community.TextPost
	}
	a.said++
	a.check(a.DB.AddPost(a.t.Context(), &p, fmt.Sprintf("https://here.test/%d/", a.said)))
	return &p
}

// titles are those of the posts that a search finds, in its order.
func (a *archive) titles(reader, text string, sort community.FindSort) []string {
	a.t.Helper()
	a.check(a.Index(a.t.Context()))
	found, err := a.Search(a.t.Context(), a.actors[reader], search.Query{Search: community.ParseSearch(text), Only: "posts", Sort: sort, Page: community.Page{Limit: 50}})
	a.check(err)
	titles := []string{}
	for _, p := range found.Posts {
		titles = append(titles, p.Title)
	}
	return titles
}

// Who may find what: only what its author and group let be found, and where
// the reader may read; everybody finds their own, and a no holds at once.
func TestWhoMayFindWhat(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newArchive(t, db)
		for _, in := range []string{"square", "hidden", "cellar", "kitchen"} {
			for _, by := range []string{"open", "shy", "reader"} {
				a.post(by, in, 1, community.Post{Title: by + " in " + in, Body: "quartz"})
			}
		}
		a.post("open", "square", 1, community.Post{Title: "deleted", Body: "quartz", DeletedAt: noon})
		a.post("open", "square", 1, community.Post{Title: "removed", Body: "quartz", RemovedAt: noon})
		a.post("far", "square", 1, community.Post{Title: "far in square", Body: "quartz"})
		expect := func(reader string, want ...string) {
			t.Helper()
			got := a.titles(reader, "quartz", community.FindNew)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %q, want %q", reader, got, want)
			}
		}
		public := []string{"open in square", "reader in square", "far in square"}
		with := func(more ...string) []string { return append(slices.Clone(public), more...) }
		expect("nobody", public...)
		expect("stranger", with("open in kitchen", "reader in kitchen")...)
		expect("open", with("open in hidden", "open in kitchen", "reader in kitchen")...)
		expect("shy", with("shy in square", "shy in hidden", "open in kitchen", "reader in kitchen", "shy in kitchen")...)
		expect("reader", with("reader in hidden", "open in kitchen", "reader in kitchen", "open in cellar", "reader in cellar")...)

		// What the reader keeps away, and who keeps them away.
		a.check(db.SaveBlock(t.Context(), &community.Block{OwnerID: a.actors["stranger"].ID, Kind: community.BlockPerson, TargetID: a.actors["open"].ID, CreatedAt: noon}))
		a.check(db.SaveBlock(t.Context(), &community.Block{OwnerID: a.actors["stranger"].ID, Kind: community.BlockServer, Host: "far.example", CreatedAt: noon, Mute: true}))
		expect("stranger", "reader in square", "reader in kitchen")
		expect("open", with("open in hidden", "open in kitchen", "reader in kitchen")...)

		// A no holds before anything is read again, and so does leaving.
		index := func(yes bool) {
			_, err := db.Bun().NewUpdate().Model(a.actors["open"]).WherePK().Set("indexable = ?", yes).Exec(t.Context())
			a.check(err)
		}
		index(false)
		found, err := a.Search(t.Context(), nil, search.Query{Search: community.ParseSearch("quartz"), Sort: community.FindNew, Page: community.Page{Limit: 50}})
		if err != nil || len(found.Posts) != 2 || found.PostCount.N != 2 {
			t.Errorf("after a no %d posts are found, %v", len(found.Posts), err)
		}
		expect("nobody", "reader in square", "far in square")
		index(true)
		expect("nobody", public...)
		a.check(db.DeleteMembership(t.Context(), a.actors["cellar"].ID, a.actors["reader"].ID))
		expect("reader", with("reader in hidden", "open in kitchen", "reader in kitchen")...)
	})
}

func TestFilters(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newArchive(t, db)
		a.post("open", "square", 400, community.Post{Title: "Old", Body: "slow bolting of tomatoes", Language: "en", Score: 9})
		a.post("open", "cellar", 3, community.Post{Title: "Under", Body: "bolting slow", Language: "de"})
		a.post("reader", "square", 2, community.Post{Title: "Tomatoes", Body: "Café au lait", Link: "https://blog.example.org/x", Kind: community.LinkPost, Score: 2})
		a.post("far", "square", 1, community.Post{Title: "日本語の庭", Body: "東京タワー"})
		for _, test := range []struct{ text, want string }{
			{"slow bolting", "Under,Old"},
			{`"slow bolting"`, "Old"},
			{`bolting -slow`, ""},
			{"bolting -tomatoes", "Under"},
			{"tom*", "Tomatoes,Old"},
			{"tom", ""},
			{"CAFE", "Tomatoes"},
			{"author:open", "Under,Old"},
			{"author:@far@far.example", "日本語の庭"},
			{"author:me", "Tomatoes"},
			{"author:nobody_at_all slow", ""},
			{"slow group:cellar", "Under"},
			{"slow in:mine", "Under"},
			{"slow lang:en", "Old"},
			{"kind:link", ""}, // only a filter
			{"kind:link tomatoes", "Tomatoes"},
			{"site:example.org", "Tomatoes"},
			{"site:ample.org", ""},
			{"slow before:2026", "Old"},
			{"slow after:2026-11", "Under"},
			{"slow after:2026-11 before:2026-11-20", ""},
			{"日本", "日本語の庭"},
			{"語", "日本語の庭"},
			{"京タ", "日本語の庭"},
			{"本日", ""},
			{"庭", "日本語の庭"},
			{`run -server "x`, ""},
		} {
			if got := strings.Join(a.titles("reader", test.text, community.FindNew), ","); got != test.want {
				t.Errorf("%s finds %q, want %q", test.text, got, test.want)
			}
		}
		if got := a.titles("reader", "tomatoes", community.FindBest); !slices.Equal(got, []string{"Tomatoes", "Old"}) {
			t.Errorf("the best are %q", got)
		}
		if got := a.titles("reader", "tomatoes", community.FindTop); !slices.Equal(got, []string{"Old", "Tomatoes"}) {
			t.Errorf("the top are %q", got)
		}
		for _, text := range []string{"group:cellar slow", "group:nowhere slow"} {
			found, err := a.Search(t.Context(), a.actors["stranger"], search.Query{Search: community.ParseSearch(text), Page: community.Page{Limit: 5}})
			if err != nil || len(found.Posts) != 0 || len(found.Troubles) != 1 || !strings.HasPrefix(found.Troubles[0], "There is no group") {
				t.Errorf("%s: %+v, %v", text, found, err)
			}
		}
	})
}

// What Postgres knows of languages, and SQLite does not.
func TestStems(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *storage.DB{"postgres": testdb.Postgres, "sqlite": testdb.SQLite} {
		t.Run(name, func(t *testing.T) {
			a := newArchive(t, open(t))
			a.post("open", "square", 2, community.Post{Title: "en", Body: "running tomatoes", Language: "en-GB"})
			a.post("open", "square", 1, community.Post{Title: "de", Body: "Tomaten und Häuser", Language: "de"})
			for text, want := range map[string][]string{"tomato": {"en"}, "Tomate": {"de"}, "Haus": {"de"}, "runs": {"en"}, `"tomato"`: {}} {
				if name == "sqlite" {
					want = []string{}
				}
				if got := a.titles("", text, community.FindNew); !slices.Equal(got, want) {
					t.Errorf("%s finds %q, want %q", text, got, want)
				}
			}
		})
	}
}

// Pages hold everything once, in every order, whatever arrives meanwhile.
func TestPagesOfSearch(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newArchive(t, db)
		for i := range 40 {
			a.post("open", "square", i*9, community.Post{Title: fmt.Sprint("n", i), Body: "basalt " + strings.Repeat("basalt ", i%3), Score: int64(i % 7)})
		}
		for _, sort := range []community.FindSort{community.FindBest, community.FindNew, community.FindTop} {
			a.check(a.Index(t.Context()))
			seen := map[string]int{}
			cursor := ""
			for range 10 {
				found, err := a.Search(t.Context(), nil, search.Query{Search: community.ParseSearch("basalt"), Only: "posts", Sort: sort, Page: community.Page{Limit: 7, After: cursor}})
				a.check(err)
				for _, p := range found.Posts {
					seen[p.Title]++
				}
				if cursor = found.Next; cursor == "" {
					break
				}
				a.post("open", "square", 0, community.Post{Title: "late", Body: "basalt", Score: 50})
				a.check(a.Index(t.Context()))
			}
			delete(seen, "late")
			if len(seen) != 40 {
				t.Errorf("%s: pages hold %d posts", sort, len(seen))
			}
			for title, n := range seen {
				if n != 1 {
					t.Errorf("%s: %s is there %d times", sort, title, n)
				}
			}
		}
		for _, cursor := range []string{"x", "1_2", "NaN_1_2", "1_-1_2", "1_2_3_4"} {
			_, err := a.Search(t.Context(), nil, search.Query{Search: community.ParseSearch("basalt"), Only: "posts", Page: community.Page{Limit: 7, After: cursor}})
			if err == nil {
				t.Errorf("the cursor %q is one", cursor)
			}
		}
	})
}

// Reading everything again goes on where it was interrupted.
func TestRebuild(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newArchive(t, db)
		for i := range 12 {
			a.post("open", "square", i, community.Post{Title: fmt.Sprint("n", i), Body: "schist"})
		}
		if n := len(a.titles("", "schist", community.FindNew)); n != 12 {
			t.Fatalf("%d are found", n)
		}
		table := "DELETE FROM post_words"
		_, err := db.Bun().ExecContext(t.Context(), table)
		a.check(err)
		a.check(db.RebuildWords(t.Context(), false))
		for range 2 { // two steps of five, and then whoever did it is killed
			_, err := db.IndexWords(t.Context(), 5)
			a.check(err)
		}
		a.check(db.RebuildWords(t.Context(), false)) // asked again, it goes on
		left, err := db.UnreadWords(t.Context())
		if err != nil || left == 0 || left > 12 {
			t.Errorf("%d are left, %v", left, err)
		}
		if n := len(a.titles("", "schist", community.FindNew)); n != 12 {
			t.Errorf("%d are found again", n)
		}
		// What is undone leaves nothing behind.
		_ = db.InTx(t.Context(), func(tx *storage.DB) error {
			p := &community.Post{Title: "undone", Body: "schist", GroupID: a.actors["square"].ID, AuthorID: a.actors["open"].ID, Kind: community.TextPost, CreatedAt: noon, ArrivedAt: noon}
			a.check(tx.AddPost(t.Context(), p, "https://here.test/undone/"))
			return fmt.Errorf("undone")
		})
		if n := len(a.titles("", "schist", community.FindNew)); n != 12 {
			t.Errorf("%d are found after one was undone", n)
		}
	})
}
