package votes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/internal/testdb"
	"drystone/service/votes"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestCast(t *testing.T) {
	far := community.Origin{IRI: "https://far.test/like/1", Activity: []byte(`{"type":"Like"}`)}
	type step struct {
		value int
		from  community.Origin
		want  community.Tally
		code  fault.Code
		facts int
	}
	steps := []step{
		{1, community.Origin{}, community.Tally{Score: 1, Ups: 1, MyVote: 1}, fault.None, 1},
		{1, community.Origin{}, community.Tally{Score: 1, Ups: 1, MyVote: 1}, fault.None, 1}, // again: nothing new
		{-1, far, community.Tally{}, fault.None, 2},
		{0, community.Origin{}, community.Tally{}, fault.None, 3},
		{0, community.Origin{}, community.Tally{}, fault.None, 3},
		{2, community.Origin{}, community.Tally{}, fault.Invalid, 3},
	}
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := &votes.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return noon }}
		ada, post, comment := scene(t, db)
		if err := db.AddAccount(t.Context(), &community.Account{ActorID: ada.ID, CreatedAt: noon}); err != nil {
			t.Fatal(err)
		}
		for _, subject := range []community.Subject{post.Subject(), comment.Subject()} {
			start := len(facts(t, db))
			for i, step := range steps {
				got, err := s.Cast(t.Context(), ada, subject, step.value, step.from)
				if code := fault.CodeOf(err); code != step.code {
					t.Fatalf("step %d: Cast = %v, want code %q", i, err, step.code)
				}
				if diff := cmp.Diff(step.want, got); diff != "" {
					t.Errorf("step %d: tally (-want +got):\n%s", i, diff)
				}
				if n := len(facts(t, db)) - start; n != step.facts {
					t.Errorf("step %d: %d facts, want %d", i, n, step.facts)
				}
			}
			if month, _, err := db.CountActive(t.Context(), noon, noon); err != nil || month != 1 {
				t.Errorf("%d people are active, %v", month, err)
			}
			list := facts(t, db)[start:]
			if list[0].IRI == "" || list[1].IRI != far.IRI || list[2].IRI != far.IRI || list[2].Previous != -1 {
				t.Errorf("the facts do not say which vote they are about: %+v", list)
			}
		}
	})
}

func TestWhoMayNotVote(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := &votes.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return noon }}
		ada, post, _ := scene(t, db)
		if _, err := s.Cast(t.Context(), ada, community.Subject{Kind: community.SubjectPost, ID: 99999}, 1, community.Origin{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("on nothing = %v", err)
		}
		if _, err := s.Cast(t.Context(), ada, community.Subject{Kind: community.SubjectActor, ID: int64(ada.ID)}, 1, community.Origin{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("on a person = %v", err)
		}
		err := db.SaveMembership(t.Context(), &community.Membership{
			GroupID: post.GroupID, ActorID: ada.ID, Role: community.Member, State: community.Accepted, BannedUntil: noon.Add(time.Hour), CreatedAt: noon,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Cast(t.Context(), ada, post.Subject(), 1, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("while banned = %v", err)
		}
		if err := db.TakeDown(t.Context(), []*community.Post{post}, storage.Takedown{At: noon}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Cast(t.Context(), ada, post.Subject(), 1, community.Origin{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("on what was removed = %v", err)
		}
	})
}

// TestBannedByTheServerOfAGroup: whom another server banned does not vote in
// its groups, as they do not write there; in others they do.
func TestBannedByTheServerOfAGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		now := noon
		s := &votes.Service{DB: db, Origin: "https://here.test", Now: func() time.Time { return now }}
		ada, here, _ := scene(t, db)
		peer, err := db.PeerByHost(t.Context(), "far.test", noon)
		if err != nil {
			t.Fatal(err)
		}
		dogs := &community.Actor{Kind: community.GroupKind, Name: "dogs", Host: "far.test", PeerID: peer.ID, IRI: "https://far.test/c/dogs", CreatedAt: noon, UpdatedAt: noon}
		if err := db.AddActor(t.Context(), dogs); err != nil {
			t.Fatal(err)
		}
		there := &community.Post{GroupID: dogs.ID, AuthorID: ada.ID, Kind: community.TextPost, Title: "T", CreatedAt: noon, ArrivedAt: noon}
		if err := db.AddPost(t.Context(), there, "https://here.test/post/"); err != nil {
			t.Fatal(err)
		}
		ban := &community.SiteBan{ActorID: ada.ID, Host: "far.test", ByID: dogs.ID, Until: noon.Add(time.Hour), CreatedAt: noon}
		if err := db.SaveSiteBan(t.Context(), ban); err != nil {
			t.Fatal(err)
		}
		before := len(facts(t, db))
		if _, err := s.Cast(t.Context(), ada, there.Subject(), 1, community.Origin{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("in its groups: %v", err)
		}
		if n := len(facts(t, db)); n != before {
			t.Errorf("%d facts tell of a vote that was refused", n-before)
		}
		if _, err := s.Cast(t.Context(), ada, here.Subject(), 1, community.Origin{}); err != nil {
			t.Errorf("in ours: %v", err)
		}
		now = ban.Until
		if _, err := s.Cast(t.Context(), ada, there.Subject(), 1, community.Origin{}); err != nil {
			t.Errorf("when the ban has ended: %v", err)
		}
	})
}

// scene is a person, a post and a comment.
func scene(t *testing.T, db *storage.DB) (*community.Actor, *community.Post, *community.Comment) {
	t.Helper()
	ctx := t.Context()
	actors := []*community.Actor{{Kind: community.Person, Name: "ada"}, {Kind: community.GroupKind, Name: "garden"}}
	for _, a := range actors {
		a.IRI, a.CreatedAt, a.UpdatedAt = "https://here.test/"+a.Name, noon, noon
		if err := db.AddActor(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	post := &community.Post{GroupID: actors[1].ID, AuthorID: actors[0].ID, Kind: community.TextPost, Title: "T", CreatedAt: noon, ArrivedAt: noon}
	if err := db.AddPost(ctx, post, "https://here.test/post/"); err != nil {
		t.Fatal(err)
	}
	c := &community.Comment{PostID: post.ID, GroupID: post.GroupID, AuthorID: actors[0].ID, Body: "B", CreatedAt: noon, ArrivedAt: noon}
	if err := db.AddComment(ctx, c, nil, "https://here.test/comment/"); err != nil {
		t.Fatal(err)
	}
	return actors[0], post, c
}

func facts(t *testing.T, db *storage.DB) []community.Fact {
	t.Helper()
	if err := db.NumberFacts(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := db.Facts(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
