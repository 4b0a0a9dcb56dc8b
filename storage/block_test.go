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

// A yard is what a reader of feeds may keep away: people, groups and servers,
// and what was written by and in each of them.
type yard struct {
	t      *testing.T
	db     *storage.DB
	reader *community.Actor
	people []*community.Actor // ann and eve here, far@far.test, off@off.test
	groups []*community.Actor // garden and shed here, farm@far.test
	feed   *community.Actor   // a list of all groups
	posts  []*community.Post
}

func newYard(t *testing.T, db *storage.DB) *yard {
	y := &yard{t: t, db: db, reader: addActor(t, db, community.Person, "reader", "")}
	for _, who := range [][2]string{{"ann", ""}, {"eve", ""}, {"far", "far.test"}, {"off", "off.test"}} {
		y.people = append(y.people, addActor(t, db, community.Person, who[0], who[1]))
	}
	y.feed = addActor(t, db, community.FeedKind, "list", "")
	for _, g := range [][2]string{{"garden", ""}, {"shed", ""}, {"farm", "far.test"}} {
		group := addActor(t, db, community.GroupKind, g[0], g[1])
		y.groups = append(y.groups, group)
		join(t, db, y.reader, group)
		y.check(db.AddFeedGroup(t.Context(), &community.FeedGroup{FeedID: y.feed.ID, GroupID: group.ID, CreatedAt: noon}))
	}
	for n := range 60 {
		author, group := y.people[n%len(y.people)], y.groups[n%len(y.groups)]
		y.posts = append(y.posts, addPost(t, db, group, author, time.Duration(n+1)*time.Minute, int64(n%7)))
	}
	return y
}

func (y *yard) check(err error) {
	y.t.Helper()
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *yard) keep(b community.Block) *community.Block {
	y.t.Helper()
	if b.OwnerID == 0 {
		b.OwnerID = y.reader.ID
	}
	b.CreatedAt = noon
	y.check(y.db.SaveBlock(y.t.Context(), &b))
	return &b
}

// walk reads a feed to its end, page by page, and reports pages that are not
// full.
func (y *yard) walk(query community.FeedQuery) (ids []community.PostID) {
	y.t.Helper()
	sight, err := y.db.Sight(y.t.Context(), y.reader.ID, noon)
	y.check(err)
	query.Viewer, query.Sight, query.Limit = y.reader.ID, sight, 7
	for range 100 {
		posts, next, err := y.db.Feed(y.t.Context(), query)
		y.check(err)
		for _, p := range posts {
			ids = append(ids, p.ID)
		}
		if next == "" {
			return ids
		}
		if len(posts) != 7 {
			y.t.Errorf("%+v: a page of %d, and more after it", query, len(posts))
		}
		query.After = next
	}
	y.t.Fatalf("%+v does not end", query)
	return nil
}

// What somebody keeps away is in none of their feeds, every page is full, and
// all the rest is there, once and in the same order.
func TestFeedsWithoutWhatIsKeptAway(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		y := newYard(t, db)
		author := func(i int) func(*community.Post) bool {
			return func(p *community.Post) bool { return p.AuthorID == y.people[i].ID }
		}
		in := func(i int) func(*community.Post) bool {
			return func(p *community.Post) bool { return p.GroupID == y.groups[i].ID }
		}
		either := func(a, b func(*community.Post) bool) func(*community.Post) bool {
			return func(p *community.Post) bool { return a(p) || b(p) }
		}
		text := func(p *community.Post) bool { return strings.HasSuffix(p.Title, "3m0s") }
		none := func(*community.Post) bool { return false }
		for name, c := range map[string]struct {
			block    community.Block
			lists    func(*community.Post) bool // left out of feeds over many groups
			opened   func(*community.Post) bool // and of one group that is opened
			authored func(*community.Post) bool // and of what one person wrote
		}{
			"nothing":        {community.Block{Kind: community.BlockPerson, TargetID: y.reader.ID + 1000}, none, none, none},
			"a block":        {community.Block{Kind: community.BlockPerson, TargetID: y.people[0].ID}, author(0), author(0), none},
			"a mute":         {community.Block{Kind: community.BlockPerson, Mute: true, TargetID: y.people[2].ID}, author(2), author(2), none},
			"blocked by eve": {community.Block{OwnerID: y.people[1].ID, Kind: community.BlockPerson, TargetID: y.reader.ID}, author(1), author(1), author(1)},
			"muted by eve":   {community.Block{OwnerID: y.people[1].ID, Kind: community.BlockPerson, Mute: true, TargetID: y.reader.ID}, none, none, none},
			"a group":        {community.Block{Kind: community.BlockGroup, Mute: true, TargetID: y.groups[1].ID}, in(1), none, none},
			"a server":       {community.Block{Kind: community.BlockServer, Host: "far.test"}, either(author(2), in(2)), author(2), none},
			"words":          {community.Block{Kind: community.BlockWords, Mute: true, Words: "Aged 3m", Folded: "3m0s", Places: community.InFeeds}, text, text, none},
			"words in threads": {community.Block{
				Kind: community.BlockWords, Mute: true, Folded: "3m0s", Places: community.InThreads,
			}, none, none, none},
			"nearly all": {community.Block{
				Kind: community.BlockWords, Mute: true, Folded: "aged 4", Places: community.Everywhere,
			}, func(p *community.Post) bool { return strings.HasPrefix(p.Title, "Post aged 4") }, func(p *community.Post) bool { return strings.HasPrefix(p.Title, "Post aged 4") }, none},
			"what is over": {community.Block{Kind: community.BlockPerson, TargetID: y.people[0].ID, Until: noon}, none, none, none},
			"what lasts":   {community.Block{Kind: community.BlockPerson, TargetID: y.people[0].ID, Until: noon.Add(time.Second)}, author(0), author(0), none},
		} {
			before := map[string][]community.PostID{}
			queries := map[string]community.FeedQuery{
				"all": {Sort: community.Hot}, "new": {Sort: community.New}, "local": {Local: true, Sort: community.Top},
				"home": {Reader: y.reader.ID, Sort: community.Hot}, "home, new": {Reader: y.reader.ID, Sort: community.New},
				"list": {Listed: y.feed.ID, Sort: community.New}, "opened": {Group: y.groups[1].ID, Sort: community.New},
				"opened elsewhere": {Group: y.groups[2].ID, Sort: community.Hot}, "authored": {Author: y.people[1].ID}, "authored by ann": {Author: y.people[0].ID},
			}
			for query, q := range queries {
				before[query] = y.walk(q)
			}
			b := y.keep(c.block)
			for query, q := range queries {
				hidden := c.lists
				switch query {
				case "opened", "opened elsewhere":
					hidden = c.opened
				case "authored", "authored by ann":
					hidden = c.authored
				}
				want := slices.DeleteFunc(slices.Clone(before[query]), func(id community.PostID) bool {
					return hidden(y.posts[slices.IndexFunc(y.posts, func(p *community.Post) bool { return p.ID == id })])
				})
				if got := y.walk(q); !slices.Equal(got, want) {
					t.Errorf("%s, %s: %v, want %v", name, query, got, want)
				}
			}
			y.check(db.DropBlock(t.Context(), b.ID))
		}
	})
}

// A feed that is nearly all left out ends all the same, in pages that may be
// short.
func TestFeedOfWhatIsNearlyAllLeftOut(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		y := newYard(t, db)
		for n := range 100 {
			p := addPost(t, db, y.groups[0], y.people[0], time.Duration(n+100)*time.Minute, 0)
			p.Title = "Frost"
			y.check(db.EditPost(t.Context(), p))
		}
		last := addPost(t, db, y.groups[0], y.people[0], 1000*time.Minute, 0)
		y.keep(community.Block{Kind: community.BlockWords, Mute: true, Folded: "frost", Whole: true, Places: community.InFeeds})
		sight, err := db.Sight(t.Context(), y.reader.ID, noon)
		y.check(err)
		query := community.FeedQuery{Sort: community.New, Viewer: y.reader.ID, Sight: sight, Page: community.Page{Limit: 3}}
		seen := 0
		for range 100 {
			posts, next, err := db.Feed(t.Context(), query)
			y.check(err)
			seen += len(posts)
			if next == "" {
				if seen != 61 || len(posts) == 0 || posts[len(posts)-1].ID != last.ID {
					t.Errorf("the feed had %d posts and ended with %v", seen, posts)
				}
				return
			}
			query.After = next
		}
		t.Error("the feed does not end")
	})
}

// What stands closed before a reader, and why; who looks after a group sees
// what is said in it.
func TestVeils(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		y := newYard(t, db)
		var comments []*community.Comment
		for _, p := range y.people {
			comments = append(comments, addComment(t, db, y.posts[0], nil, p))
		}
		mine := addComment(t, db, y.posts[0], nil, y.reader)
		comments = append(comments, mine)
		veils := func() string {
			views, err := db.CommentViews(ctx, y.reader, comments, noon)
			y.check(err)
			text := ""
			for _, v := range views {
				text += fmt.Sprintf("%s ", v.Veil)
			}
			return text
		}
		if got := veils(); got != "     " {
			t.Errorf("veils of nothing: %q", got)
		}
		y.keep(community.Block{Kind: community.BlockPerson, Mute: true, TargetID: y.people[0].ID})
		y.keep(community.Block{Kind: community.BlockServer, Host: "far.test"})
		y.keep(community.Block{OwnerID: y.people[1].ID, Kind: community.BlockPerson, TargetID: y.reader.ID})
		words := y.keep(community.Block{Kind: community.BlockWords, Mute: true, Folded: "yes", Places: community.InThreads})
		if got := veils(); got != "person closed server words  " {
			t.Errorf("veils: %q", got)
		}
		y.check(db.DropBlock(ctx, words.ID))
		y.check(db.SaveMembership(ctx, &community.Membership{
			GroupID: y.posts[0].GroupID, ActorID: y.reader.ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon,
		}))
		if got := veils(); got != "person  server   " {
			t.Errorf("veils before a moderator: %q", got)
		}
	})
}
