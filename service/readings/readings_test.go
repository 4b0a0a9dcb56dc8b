package readings_test

import (
	"math"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/readings"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func actor(t *testing.T, db *storage.DB, kind community.ActorKind, name string, see community.Visibility) *community.Actor {
	t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Fold: name, IRI: "https://home.test/" + name, Visibility: see, CreatedAt: noon, UpdatedAt: noon}
	testdb.Add(t, db, a)
	return a
}

// Somebody reads up to what they were shown, and never further than what is
// there; what is closed to them they have not read.
func TestMark(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		now := noon
		s := &readings.Service{DB: db, Now: func() time.Time { return now }}
		ann, bob := actor(t, db, community.Person, "ann", ""), actor(t, db, community.Person, "bob", "")
		garden, closed := actor(t, db, community.GroupKind, "garden", ""), actor(t, db, community.GroupKind, "closed", community.Private)
		write := func(group *community.Actor) community.PostID {
			p := &community.Post{
				IRI: "https://home.test/post/" + group.Name, GroupID: group.ID, AuthorID: bob.ID, Kind: community.TextPost, Title: "x", CreatedAt: noon, ArrivedAt: noon,
			}
			testdb.Add(t, db, p)
			return p.ID
		}
		post := write(garden)
		var ids []community.CommentID
		for _, name := range []string{"1", "2", "3"} {
			c := &community.Comment{
				IRI: "https://home.test/comment/" + name, PostID: post, GroupID: garden.ID, AuthorID: bob.ID, Path: []byte(name), Body: "y", CreatedAt: noon, ArrivedAt: noon,
			}
			testdb.Add(t, db, c)
			ids = append(ids, c.ID)
		}
		for _, step := range []struct {
			through community.CommentID
			want    community.CommentID
			fresh   int
		}{{ids[0], ids[0], 2}, {ids[1], ids[1], 1}, {ids[0], ids[1], 1}, {math.MaxInt64, ids[2], 0}, {0, ids[2], 0}} {
			r, err := s.Mark(ctx, ann, post, step.through)
			if err != nil || r.Through != step.want || r.Fresh != step.fresh || !r.ReadAt.Equal(noon) {
				t.Errorf("through %d: %+v, %v", step.through, r, err)
			}
		}
		for what, id := range map[string]community.PostID{"closed": write(closed), "not there": 1 << 40} {
			if _, err := s.Mark(ctx, ann, id, 0); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := s.Mark(ctx, &community.Actor{ID: 99, Host: "away.test", Kind: community.Person}, post, 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody of another server: %v", err)
		}
		now = noon.Add(community.KeepReadings + time.Hour)
		if err := s.Trim(ctx); err != nil {
			t.Fatal(err)
		}
		if found, err := db.Readings(ctx, ann.ID, []community.PostID{post}); err != nil || len(found) != 0 {
			t.Errorf("a year later she still read %v, %v", found, err)
		}
		for range 2 {
			if err := s.Forget(ctx, ann, post); err != nil {
				t.Fatal(err)
			}
		}
	})
}
