package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/storage"
)

// rankOf is what a feed is ordered by, written out independently of the SQL.
func rankOf(q community.FeedQuery, p *community.Post) float64 {
	switch {
	case q.Sort == community.New || q.Sort == community.Unanswered:
		return p.Born
	case q.Sort == community.Oldest:
		return -p.Born
	case q.Sort == community.Scaled:
		return p.Scaled
	case q.Sort == community.Controversial:
		return p.Controversial
	case q.Sort == community.Top:
		return float64(p.Score)
	case q.Sort == community.Active:
		return p.Active
	case q.Group != 0 || q.Reader != 0 || q.Listed != 0 || q.Author != 0:
		return p.HotGroup
	}
	return p.HotAll
}

// home says where the posts of a reader's own feeds come from.
type home struct{ joined, followed, charges map[community.ActorID]bool }

func (h home) wants(q community.FeedQuery, p *community.Post) bool {
	return q.Reader == 0 || q.Moderated && h.charges[p.GroupID] || !q.Moderated && (h.followed[p.AuthorID] || !q.OfPeople && h.joined[p.GroupID])
}

// inOrder reports whether an order has a post at all.
func inOrder(q community.FeedQuery, p *community.Post) bool {
	switch {
	case q.Sort == community.Unanswered:
		return p.CommentCount == 0 && p.LockedAt.IsZero()
	case q.Sort == community.Controversial && p.Controversial == 0:
		return false
	}
	return !q.Sort.Windowed() || p.Born >= q.Since
}

func oracle(q community.FeedQuery, posts []*community.Post, h home) []community.PostID {
	var ids []community.PostID
	sorted := slices.Clone(posts)
	slices.SortFunc(sorted, func(a, b *community.Post) int {
		switch x, y := rankOf(q, a), rankOf(q, b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		if q.Sort == community.Oldest {
			return int(a.ID - b.ID)
		}
		return int(b.ID - a.ID)
	})
	for _, p := range sorted {
		wanted := !p.Hidden() && (q.Author == 0 || p.AuthorID == q.Author) && (q.Group == 0 || p.GroupID == q.Group) && (!q.Local || p.Local) && h.wants(q, p) && inOrder(q, p)
		if wanted {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// walk reads a feed to its end, page by page.
func walk(t testing.TB, db *storage.DB, q community.FeedQuery) []community.PostID {
	t.Helper()
	var ids []community.PostID
	for range 1000 {
		posts, next, err := db.Feed(t.Context(), q)
		if err != nil {
			t.Fatalf("Feed(%+v) = %v", q, err)
		}
		if len(posts) > q.Limit {
			t.Fatalf("Feed gave %d posts, asked for %d", len(posts), q.Limit)
		}
		for _, p := range posts {
			ids = append(ids, p.ID)
		}
		if next == "" {
			return ids
		}
		q.After = next
	}
	t.Fatal("Feed does not end")
	return nil
}

func TestFeedsEqualASort(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		random := rand.New(rand.NewPCG(1, 2))
		reader := addActor(t, db, community.Person, "ada", "")
		joined, followed, charges := map[community.ActorID]bool{}, map[community.ActorID]bool{}, map[community.ActorID]bool{}
		var groups, authors []*community.Actor
		var posts []*community.Post
		for i := range 40 {
			host := []string{"", "far.test"}[i%2]
			g := addActor(t, db, community.GroupKind, fmt.Sprintf("g%d", i), host)
			groups = append(groups, g)
			if i%3 != 0 {
				join(t, db, reader, g)
				joined[g.ID] = true
			}
			if i%5 == 1 {
				charges[g.ID] = true
				m := &community.Membership{GroupID: g.ID, ActorID: reader.ID, Role: community.Moderator, State: community.Accepted, CreatedAt: noon}
				if err := db.SaveMembership(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				joined[g.ID] = true
			}
		}
		for i := range 20 {
			a := addActor(t, db, community.Person, fmt.Sprintf("p%d", i), []string{"", "far.test"}[i%2])
			authors = append(authors, a)
			state := []community.MembershipState{community.Accepted, community.Pending, community.TurnedDown, ""}[i%4]
			if state == "" {
				continue
			}
			followed[a.ID] = state == community.Accepted
			testdb.Add(t, db, &community.Follow{FollowerID: reader.ID, TargetID: a.ID, State: state, CreatedAt: noon})
		}
		for range 300 {
			g := groups[random.IntN(len(groups))]
			author := append(authors, reader)[random.IntN(len(authors)+1)]
			age := time.Duration(random.IntN(500)) * time.Hour // many share an age, and so a rank
			p := addPost(t, db, g, author, age, int64(random.IntN(8)-2))
			switch random.IntN(4) {
			case 0: // people quarrel about it
				p.Ups, p.Downs = p.Ups+3, p.Downs+3
			case 1:
				p.CommentCount = 1
			case 2:
				p.LockedAt = noon
			}
			p.Rank()
			if _, err := db.Bun().NewUpdate().Model(p).WherePK().Column("ups", "downs", "controversial", "comment_count", "locked_at").Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			if random.IntN(10) == 0 {
				p.RemovedAt = noon
				if err := db.TakeDown(t.Context(), []*community.Post{p}, storage.Takedown{At: noon}); err != nil {
					t.Fatal(err)
				}
			}
			posts = append(posts, p)
		}
		queries := []community.FeedQuery{{}, {Local: true}, {Group: groups[1].ID}, {Reader: reader.ID}, {Reader: reader.ID, OfPeople: true}, {Reader: reader.ID, Moderated: true}, {Author: authors[0].ID}}
		for _, q := range queries {
			for _, q.Sort = range community.PostSorts {
				for i, window := range []community.Within{"", "week", "month"} {
					q.Within, q.Since, q.Limit = window, window.Since(noon), []int{100, 1, 7}[i]
					if diff := cmp.Diff(oracle(q, posts, home{joined, followed, charges}), walk(t, db, q)); diff != "" {
						t.Fatalf("Feed(%+v) (-want +got):\n%s", q, diff)
					}
				}
			}
		}
	})
}

// What a list says of a post is what its page says.
func TestFeedsShowPostsAsTheyAre(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, g := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.GroupKind, "garden", "")
		p := addPost(t, db, g, ada, time.Hour, 3)
		p.Kind, p.Link, p.Duration, p.Language, p.EditedAt, p.LockedAt, p.FeaturedAt = community.VideoPost, "https://far.test/w", 1145, "en", noon, noon, noon
		if err := db.EditPost(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if err := db.ModeratePost(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		c := addComment(t, db, p, nil, ada)
		if err := db.SetAnswer(t.Context(), p.ID, c.ID); err != nil {
			t.Fatal(err)
		}
		want, err := db.Post(t.Context(), p.ID)
		if err != nil || want.AnswerID != c.ID || want.Duration == 0 {
			t.Fatal(want, err)
		}
		for _, q := range []community.FeedQuery{{Sort: community.New}, {Group: g.ID, Sort: community.Hot}, {Author: ada.ID}} {
			q.Limit = 5
			list, _, err := db.Feed(t.Context(), q)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if diff := cmp.Diff(want, list[0], cmpopts.IgnoreFields(community.Post{}, "Raw")); diff != "" {
				t.Errorf("Feed(%+v) (-the post +in the list):\n%s", q, diff)
			}
		}
	})
}

func TestFeedRefusesForeignCursors(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		for _, cursor := range []string{"x", "1_2_3", "'; DROP TABLE posts; --", "0x1p+00_abc", "NaN_1 "} {
			_, _, err := db.Feed(t.Context(), community.FeedQuery{Page: community.Page{Limit: 5, After: cursor}})
			if got := fault.CodeOf(err); got != fault.Invalid {
				t.Errorf("Feed after %q = %v, want invalid", cursor, err)
			}
		}
	})
}

func TestAuthorFeed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ada, bo := addActor(t, db, community.Person, "ada", ""), addActor(t, db, community.Person, "bo", "")
		g := addActor(t, db, community.GroupKind, "garden", "")
		var want []community.PostID
		for i := range 5 {
			p := addPost(t, db, g, ada, time.Duration(i)*time.Hour, 0)
			addPost(t, db, g, bo, time.Hour, 9)
			want = append([]community.PostID{p.ID}, want...)
		}
		if diff := cmp.Diff(want, walk(t, db, community.FeedQuery{Author: ada.ID, Page: community.Page{Limit: 2}})); diff != "" {
			t.Errorf("Feed by ada (-want +got):\n%s", diff)
		}
	})
}
