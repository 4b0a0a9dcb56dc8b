package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A valley is people and groups of many servers, posts and comments of theirs,
// and two readers who keep each other, and much else, away.
type valley struct {
	t        *testing.T
	db       *storage.DB
	chance   *rand.Rand
	actors   map[community.ActorID]*community.Actor
	people   []*community.Actor
	groups   []*community.Actor
	joined   map[community.ActorID]bool
	listed   map[community.ActorID]bool
	feed     *community.Actor
	posts    []*community.Post
	comments []*community.Comment
	blocks   []*community.Block
	reader   *community.Actor
}

func newValley(t *testing.T, db *storage.DB, seed uint64) *valley {
	v := &valley{
		t: t, db: db, chance: rand.New(rand.NewPCG(seed, 7)), actors: map[community.ActorID]*community.Actor{},
		joined: map[community.ActorID]bool{}, listed: map[community.ActorID]bool{},
	}
	hosts := []string{"", "big.test", "big.test", "far.test", "off.test"}
	for i := range 12 {
		v.people = append(v.people, addActor(t, db, community.Person, fmt.Sprintf("p%d", i), hosts[i%len(hosts)]))
	}
	v.reader, v.feed = v.people[0], addActor(t, db, community.FeedKind, "list", "")
	for i := range 8 {
		g := addActor(t, db, community.GroupKind, fmt.Sprintf("g%d", i), hosts[v.chance.IntN(len(hosts))])
		v.groups = append(v.groups, g)
		if v.joined[g.ID] = v.chance.IntN(4) > 0; v.joined[g.ID] {
			join(t, db, v.reader, g)
		}
		if v.listed[g.ID] = v.chance.IntN(2) > 0; v.listed[g.ID] {
			if err := db.AddFeedGroup(t.Context(), &community.FeedGroup{FeedID: v.feed.ID, GroupID: g.ID, CreatedAt: noon}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range slices.Concat(v.people, v.groups) {
		v.actors[a.ID] = a
	}
	for i := range 250 {
		group := v.groups[v.chance.IntN(len(v.groups))]
		author := v.people[v.chance.IntN(len(v.people))]
		if group.ID%2 == 0 {
			author = v.people[1] // of big.test, and alone there
		}
		// Many share an age, and so a rank; the digits are words to mute.
		p := addPost(t, db, group, author, time.Duration(v.chance.IntN(120))*time.Minute, int64(v.chance.IntN(4)))
		v.posts = append(v.posts, p)
		if i%5 == 0 {
			c := addComment(t, db, p, nil, v.people[v.chance.IntN(len(v.people))])
			v.comments = append(v.comments, c)
		}
	}
	return v
}

// keep has somebody keep some things away by chance: some blocks are over, some
// are mutes, and some are others' of the reader.
func (v *valley) keep() {
	v.t.Helper()
	for i := range 1 + v.chance.IntN(6) {
		b := &community.Block{OwnerID: v.reader.ID, CreatedAt: noon, Mute: v.chance.IntN(2) == 0}
		switch v.chance.IntN(6) {
		case 0, 1:
			b.Kind, b.TargetID = community.BlockPerson, v.people[1+v.chance.IntN(len(v.people)-1)].ID
		case 2:
			b.Kind, b.TargetID = community.BlockPerson, v.reader.ID
			b.OwnerID = v.people[1+v.chance.IntN(len(v.people)-1)].ID
		case 3:
			b.Kind, b.TargetID = community.BlockGroup, v.groups[v.chance.IntN(len(v.groups))].ID
		case 4:
			b.Kind, b.Host = community.BlockServer, []string{"big.test", "far.test", "nowhere.test"}[v.chance.IntN(3)]
		case 5:
			b.Kind, b.Mute, b.Places = community.BlockWords, true, community.Everywhere
			b.Folded = fmt.Sprintf("%d%dm", v.chance.IntN(6), v.chance.IntN(10))
			if i%2 == 0 {
				b.Folded = b.Folded[1:]
			}
		}
		if v.chance.IntN(5) == 0 {
			b.Until = noon.Add(time.Duration(v.chance.IntN(3)-1) * time.Hour)
		}
		if err := v.db.SaveBlock(v.t.Context(), b); err != nil {
			v.t.Fatal(err)
		}
		// One of the same thing takes the other's place.
		v.blocks = append(slices.DeleteFunc(v.blocks, func(o *community.Block) bool { return o.ID == b.ID }), b)
	}
}

// hides says whether a post is kept away from a feed, written out independently
// of the SQL.
func (v *valley) hides(q community.FeedQuery, p *community.Post) bool {
	author, group := v.actors[p.AuthorID], v.actors[p.GroupID]
	for _, b := range v.blocks {
		if b.Over(noon) {
			continue
		}
		mine := b.OwnerID == v.reader.ID
		switch {
		case b.Kind == community.BlockPerson && !mine:
			if !b.Mute && b.OwnerID == author.ID {
				return true
			}
		case q.Author != 0:
		case b.Kind == community.BlockPerson && b.TargetID == author.ID,
			b.Kind == community.BlockServer && b.Host == author.Host,
			b.Kind == community.BlockWords && author != v.reader && strings.Contains(strings.ToLower(p.Title), b.Folded),
			q.Group == 0 && b.Kind == community.BlockGroup && b.TargetID == group.ID,
			q.Group == 0 && b.Kind == community.BlockServer && b.Host == group.Host:
			return true
		}
	}
	return false
}

func (v *valley) want(q community.FeedQuery) []community.PostID {
	posts := slices.DeleteFunc(slices.Clone(v.posts), func(p *community.Post) bool {
		return v.hides(q, p) || q.Author != 0 && p.AuthorID != q.Author || q.Listed != 0 && !v.listed[p.GroupID]
	})
	if q.Listed != 0 {
		q.Reader = 0
	}
	return oracle(q, posts, home{joined: v.joined})
}

// Whatever a reader keeps away, every feed is what a sort and a look at each
// post would leave of it, and every page but the last is full.
func TestFeedsWithoutWhatIsKeptAwayEqualASort(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		v := newValley(t, db, 11)
		for round := range 12 {
			v.keep()
			sight, err := db.Sight(t.Context(), v.reader.ID, noon)
			if err != nil {
				t.Fatal(err)
			}
			queries := []community.FeedQuery{{}, {Local: true}, {Reader: v.reader.ID}, {Listed: v.feed.ID}}
			for _, group := range v.groups {
				queries = append(queries, community.FeedQuery{Group: group.ID})
			}
			for _, author := range v.people[:5] {
				queries = append(queries, community.FeedQuery{Author: author.ID})
			}
			for _, q := range queries {
				q.Sort = community.PostSorts[v.chance.IntN(len(community.PostSorts))]
				q.Viewer, q.Sight, q.Limit = v.reader.ID, sight, []int{3, 7, 25, 100}[v.chance.IntN(4)]
				if diff := cmp.Diff(v.want(q), walk(t, db, q)); diff != "" {
					t.Fatalf("round %d, Feed(%+v) without %s (-want +got):\n%s", round, q, v.said(), diff)
				}
			}
			if round%4 == 3 { // and from the beginning
				for _, b := range v.blocks {
					if err := db.DropBlock(t.Context(), b.ID); err != nil {
						t.Fatal(err)
					}
				}
				v.blocks = nil
			}
		}
	})
}

func (v *valley) said() (text string) {
	for _, b := range v.blocks {
		text += fmt.Sprintf("%d %s %d%s%s until %v; ", b.OwnerID, b.Kind, b.TargetID, b.Host, b.Folded, b.Until)
	}
	return text
}

// What stands closed in threads is what a look at each comment would close, and
// the comments of who keeps the reader away are not listed.
func TestVeilsEqualALook(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		v := newValley(t, db, 12)
		for range 10 {
			v.keep()
			views, err := db.CommentViews(t.Context(), v.reader, v.comments, noon)
			if err != nil || len(views) != len(v.comments) {
				t.Fatal(len(views), err)
			}
			for _, view := range views {
				if want := v.veil(view.Comment); view.Veil != want {
					t.Errorf("%q by %d without %s stands %q, want %q", view.Body, view.Author.ID, v.said(), view.Veil, want)
				}
			}
			v.checkCommentsBy()
		}
	})
}

func (v *valley) veil(c *community.Comment) (veil community.Veil) {
	author := v.actors[c.AuthorID]
	for _, b := range v.blocks {
		mine := b.OwnerID == v.reader.ID
		switch {
		case b.Over(noon) || author == v.reader:
		case !mine && !b.Mute && b.OwnerID == author.ID:
			return community.VeilBlocked
		case mine && b.Kind == community.BlockPerson && b.TargetID == author.ID:
			veil = community.VeilPerson
		case mine && veil == "" && b.Kind == community.BlockServer && b.Host == author.Host:
			veil = community.VeilServer
		}
	}
	return veil
}

func (v *valley) checkCommentsBy() {
	v.t.Helper()
	sight, err := v.db.Sight(v.t.Context(), v.reader.ID, noon)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, author := range v.people {
		list, _, err := v.db.CommentsBy(v.t.Context(), v.reader.ID, author.ID, sight, community.Page{Limit: 100})
		if err != nil {
			v.t.Fatal(err)
		}
		want := 0
		for _, c := range v.comments {
			if c.AuthorID == author.ID && v.veil(c) != community.VeilBlocked {
				want++
			}
		}
		if len(list) != want {
			v.t.Errorf("CommentsBy(%d) without %s gives %d, want %d", author.ID, v.said(), len(list), want)
		}
	}
}
