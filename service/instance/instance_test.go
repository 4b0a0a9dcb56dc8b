package instance_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/internal/testdb"
	"drystone/service/instance"
	"drystone/storage"
)

func TestAbout(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		s := &instance.Service{DB: db, Name: "Stone", Now: func() time.Time { return now }}
		add := func(kind community.ActorKind, name, host string, posts int64) {
			a := &community.Actor{Kind: kind, Name: name, Host: host, IRI: host + "/" + name, PostCount: posts, CreatedAt: now, UpdatedAt: now}
			if err := db.AddActor(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		about := func() instance.About {
			got, err := s.About(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		add(community.Person, "ada", "", 3)
		add(community.Person, "far", "far.test", 100) // elsewhere: not counted here
		if got := about(); !got.Empty || got.People != 1 || got.Posts != 3 || got.Mode != community.JoinOpen {
			t.Errorf("before the first group: %+v", got)
		}
		add(community.GroupKind, "garden", "", 3) // its posts are its people's
		if got := about(); got.Empty || got.Groups != 1 || got.Posts != 3 {
			t.Errorf("with the first group: %+v", got)
		}
		add(community.GroupKind, "bread", "", 0)
		if got := about(); got.Groups != 1 {
			t.Errorf("counted again at once: %+v", got)
		}
		now = now.Add(time.Minute)
		if got := about(); got.Groups != 2 {
			t.Errorf("a minute later: %+v", got)
		}
	})
}
