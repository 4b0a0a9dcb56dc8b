package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/storage"
)

// A part of the map, and the beginning of the next, are read along the index
// of what was written here, and calendars along that of when things begin:
// neither looks at everything there is.
func TestMapPlan(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		for index, query := range map[string]string{
			"posts_map": "SELECT o.id, COALESCE(o.edited_at, o.created_at) AS changed_at FROM posts AS o JOIN actors AS a ON a.id = o.author_id JOIN actors AS g ON g.id = o.group_id" +
				" WHERE o.local AND o.deleted_at IS NULL AND o.removed_at IS NULL AND a.indexable AND a.deleted_at IS NULL AND g.visibility = '' AND o.id > 10000 ORDER BY o.id LIMIT 1",
			"actors_map": "SELECT g.id, g.name FROM actors AS g WHERE g.host = '' AND g.kind = 'group' AND g.id > 10000 ORDER BY g.id LIMIT 10000",
			"events_starts_at": "SELECT p.id FROM events AS e JOIN posts AS p ON p.id = e.post_id WHERE p.deleted_at IS NULL AND p.group_id = 1" +
				" AND e.starts_at > '2026-01-01 00:00:00+00' ORDER BY e.starts_at, e.post_id LIMIT 200",
		} {
			explain := "EXPLAIN "
			if !strings.Contains(fmt.Sprint(db.Bun().Dialect().Name()), "pg") {
				explain += "QUERY PLAN "
			} else if _, err := db.Bun().ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
				t.Fatal(err)
			}
			// On tables with nothing in them, Postgres may find the key as good.
			plan := planOf(t, db, explain+query)
			if key := explain == "EXPLAIN "; !strings.Contains(plan, index) && (!key || !strings.Contains(plan, "_pkey")) {
				t.Errorf("%s is not used:\n%s", index, plan)
			}
		}
	})
}

// Parts do not overlap, and leave nothing out.
func TestMapParts(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		now := community.Timestamp(time.Now())
		g := &community.Actor{Kind: community.GroupKind, Name: "garden", Fold: "garden", IRI: "https://stone.example/c/garden", Indexable: true, Discoverable: true, CreatedAt: now, UpdatedAt: now}
		testdb.Add(t, db, g)
		p := &community.Actor{Kind: community.Person, Name: "ada", Fold: "ada", IRI: "https://stone.example/u/ada", Indexable: true, Discoverable: true, CreatedAt: now, UpdatedAt: now}
		testdb.Add(t, db, p)
		for _, id := range []int64{1, 2, 5, community.MapPart, community.MapPart + 1, 3 * community.MapPart} {
			testdb.Add(t, db, &community.Post{
				ID: community.PostID(id), IRI: fmt.Sprintf("https://stone.example/post/%d", id), GroupID: g.ID, AuthorID: p.ID, Kind: community.TextPost,
				Title: "x", Local: true, CreatedAt: now, ArrivedAt: now,
			})
		}
		var got []int64
		for part := range int64(4) {
			list, err := db.Mapped(t.Context(), community.MapPosts, part*community.MapPart, (part+1)*community.MapPart, community.MapPart)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range list {
				if it.ID <= part*community.MapPart || it.ID > (part+1)*community.MapPart || !it.ChangedAt.Equal(now) {
					t.Errorf("part %d has %+v", part, it)
				}
				got = append(got, it.ID)
			}
		}
		if fmt.Sprint(got) != "[1 2 5 10000 10001 30000]" {
			t.Errorf("the parts have %v", got)
		}
	})
}
