package storage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/storage"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// addActor stores an actor of a kind called name, of host or of this server.
func addActor(t testing.TB, db *storage.DB, kind community.ActorKind, name, host string) *community.Actor {
	t.Helper()
	origin := "https://here.test"
	if host != "" {
		origin = "https://" + host
	}
	a := &community.Actor{
		Kind: kind, Name: name, Host: host, IRI: origin + "/" + string(kind) + "/" + name,
		Inbox: origin + "/" + name + "/inbox", Discoverable: true, CreatedAt: noon, UpdatedAt: noon,
	}
	if host != "" {
		peer, err := db.PeerByHost(t.Context(), host, noon)
		if err != nil {
			t.Fatal(err)
		}
		a.PeerID = peer.ID
	}
	if err := db.AddActor(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

// addPost stores a post that is age old at noon.
func addPost(t testing.TB, db *storage.DB, group, author *community.Actor, age time.Duration, score int64) *community.Post {
	t.Helper()
	p := &community.Post{
		GroupID: group.ID, AuthorID: author.ID, Kind: community.TextPost, Title: fmt.Sprintf("Post aged %s", age), Local: group.Local(),
		Score: score, Ups: max(score, 0), Downs: max(-score, 0), CreatedAt: noon.Add(-age), ArrivedAt: noon,
	}
	p.Born = community.Hours(p.CreatedAt)
	p.Stirred = p.Born
	p.Rank()
	if err := db.AddPost(t.Context(), p, "https://here.test/post/"); err != nil {
		t.Fatal(err)
	}
	return p
}

func addComment(t testing.TB, db *storage.DB, post *community.Post, parent *community.Comment, author *community.Actor) *community.Comment {
	t.Helper()
	c := &community.Comment{
		PostID: post.ID, AuthorID: author.ID, GroupID: post.GroupID, Body: "Yes.", HTML: "<p>Yes.</p>",
		CreatedAt: noon, ArrivedAt: noon, Born: community.Hours(noon),
	}
	c.Rank()
	if err := db.AddComment(t.Context(), c, parent, "https://here.test/comment/"); err != nil {
		t.Fatal(err)
	}
	return c
}

func join(t testing.TB, db *storage.DB, actor, group *community.Actor) {
	t.Helper()
	err := db.SaveMembership(t.Context(), &community.Membership{
		GroupID: group.ID, ActorID: actor.ID, Role: community.Member, State: community.Accepted, CreatedAt: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// planOf is what a database answers to EXPLAIN and a query.
func planOf(t *testing.T, db *storage.DB, query string) string {
	t.Helper()
	rows, err := db.Bun().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // only read
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&plan, *cells[len(cells)-1].(*any))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
