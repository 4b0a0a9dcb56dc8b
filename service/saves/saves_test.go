package saves_test

import (
	"fmt"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/saves"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func actor(t *testing.T, db *storage.DB, kind community.ActorKind, name string, see community.Visibility) *community.Actor {
	t.Helper()
	a := &community.Actor{Kind: kind, Name: name, Fold: name, IRI: "https://home.test/" + name, Visibility: see, CreatedAt: noon, UpdatedAt: noon}
	testdb.Add(t, db, a)
	return a
}

// What somebody keeps is read again newest first, page by page, once; what is
// gone, what is closed to them and what they keep away stays out.
func TestSaves(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s := &saves.Service{DB: db, Now: func() time.Time { return noon }}
		ann, bob, troll := actor(t, db, community.Person, "ann", ""), actor(t, db, community.Person, "bob", ""), actor(t, db, community.Person, "troll", "")
		garden, closed := actor(t, db, community.GroupKind, "garden", ""), actor(t, db, community.GroupKind, "closed", community.Private)
		write := func(group, by *community.Actor, n int) community.Subject {
			p := &community.Post{
				IRI: fmt.Sprintf("https://home.test/post/%s/%d", group.Name, n), GroupID: group.ID, AuthorID: by.ID, Kind: community.TextPost, Title: "x",
				CreatedAt: noon, ArrivedAt: noon,
			}
			testdb.Add(t, db, p)
			return community.Subject{Kind: community.SubjectPost, ID: int64(p.ID)}
		}
		var kept []community.Subject
		for n := range 5 {
			kept = append(kept, write(garden, bob, n))
		}
		answer := &community.Comment{
			IRI: "https://home.test/comment/1", PostID: community.PostID(kept[0].ID), GroupID: garden.ID, AuthorID: bob.ID, Path: []byte{1}, Body: "y", CreatedAt: noon, ArrivedAt: noon,
		}
		testdb.Add(t, db, answer)
		kept = append(kept, community.Subject{Kind: community.SubjectComment, ID: int64(answer.ID)})
		for _, about := range kept {
			for want := range 2 { // again changes nothing
				if news, err := s.Keep(ctx, ann, about); err != nil || news != (want == 0) {
					t.Fatalf("%v: %v, %v", about, news, err)
				}
			}
		}
		if _, err := s.Keep(ctx, ann, write(closed, bob, 1)); !fault.Is(err, fault.NotFound) {
			t.Errorf("what she may not read: %v", err)
		}
		if _, err := s.Keep(ctx, ann, community.Subject{Kind: community.SubjectPost, ID: 1 << 40}); !fault.Is(err, fault.NotFound) {
			t.Errorf("what is not there: %v", err)
		}
		away := write(garden, troll, 9)
		if _, err := s.Keep(ctx, ann, away); err != nil {
			t.Fatal(err)
		}
		testdb.Add(t, db, &community.Block{OwnerID: ann.ID, Kind: community.BlockPerson, Mute: true, TargetID: troll.ID, CreatedAt: noon})
		if _, err := db.Bun().ExecContext(ctx, "UPDATE posts SET deleted_at = created_at WHERE id = ?", kept[4].ID); err != nil {
			t.Fatal(err)
		}
		var seen []string
		page := community.Page{Limit: 2}
		for {
			list, next, err := s.List(ctx, ann, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				switch {
				case v.Post != nil && v.Post.Saved:
					seen = append(seen, v.Post.IRI)
				case v.Comment != nil && v.Comment.Saved:
					seen = append(seen, v.Comment.IRI)
				}
			}
			if page.After = next; next == "" {
				break
			}
		}
		want := "[https://home.test/comment/1 https://home.test/post/garden/3 https://home.test/post/garden/2 https://home.test/post/garden/1 https://home.test/post/garden/0]"
		if fmt.Sprint(seen) != want {
			t.Errorf("she keeps %v, want %s", seen, want)
		}
		if list, _, err := s.List(ctx, bob, community.Page{Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("bob keeps %d, %v", len(list), err)
		}
		for range 2 {
			if err := s.Drop(ctx, ann, kept[5]); err != nil {
				t.Fatal(err)
			}
		}
		if list, _, err := s.List(ctx, ann, community.Page{Limit: 10}); err != nil || len(list) != 4 || list[0].Post == nil {
			t.Errorf("without the comment she keeps %d, %v", len(list), err)
		}
	})
}
