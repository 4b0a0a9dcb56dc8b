package federation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// found is what a query was resolved to, in one word.
func found(r *community.Resolved, err error) string {
	switch {
	case err != nil:
		return string(fault.CodeOf(err))
	case r.Post != nil:
		return "post " + r.Post.Title
	case r.Comment != nil:
		return "comment " + r.Comment.Body
	case r.Group != nil:
		return "group " + r.Group.Handle()
	case r.Person != nil:
		return "person " + r.Person.Handle()
	}
	return "nothing"
}

func TestResolveHere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		post, err := h.posts.Publish(t.Context(), h.ann, h.cats, posts.Draft{Title: "Hello"})
		if err != nil {
			t.Fatal(err)
		}
		comment, err := h.posts.Comment(t.Context(), h.ann, post.ID, 0, posts.Draft{Body: "world"})
		if err != nil {
			t.Fatal(err)
		}
		host := strings.TrimPrefix(h.URL, "http://")
		for query, want := range map[string]string{
			post.IRI: "post Hello", post.IRI + "/?sort=new#top": "post Hello", " " + post.IRI + " ": "post Hello", comment.IRI: "comment world",
			h.URL + "/c/cats": "group cats", h.URL + "/u/ann": "person ann", h.URL + "/u/ANN": "person ann",
			"cats": "group cats", "!cats": "group cats", "!cats@" + host: "group cats", "@ann": "person ann", "@ann@" + host: "person ann",
			"acct:ann@" + host: "person ann", h.URL + "/c/ann": "not_found", h.URL + "/u/cats": "not_found",
			h.URL + "/post/99": "not_found", h.URL + "/post/x": "not_found", h.URL + "/": "not_found", h.URL + "/c/cats/inbox": "not_found",
			"nobody": "not_found", "": "not_found", "@": "not_found", "https://": "not_found", "ftp://x/y": "not_found", "a b": "not_found",
		} {
			if got := found(h.fed.Resolve(t.Context(), h.ann, query)); got != want {
				t.Errorf("Resolve(%q) = %s, want %s", query, got, want)
			}
		}
	})
}

func TestResolveElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "lemmy")
		lena, dogs := peer.Person("lena"), peer.Group("dogs")
		peer.Person("twin")
		peer.Group("twin")
		body := page(lena, "p", dogs.ID)
		address := peer.Serve("/post/p", body)
		answer := peer.Serve("/comment/c", reply(lena, "c", address))
		nowhere := page(lena, "q", peer.URL+"/c/nothing")
		peer.Serve("/post/q", nowhere)

		if got := found(h.fed.Resolve(t.Context(), nil, address)); got != "not_found" || len(peer.Requests("")) != 0 {
			t.Errorf("signed out: %s, and %d requests", got, len(peer.Requests("")))
		}
		for _, test := range []struct{ query, want string }{
			{answer, "comment answer c"}, // with its post, and the post's group
			{address, "post p by lena"},
			{nowhere["id"].(string), "not_found"},
			{peer.URL + "/post/none", "not_found"},
			{dogs.ID, "group dogs@" + peer.Host},
			{"!dogs@" + peer.Host, "group dogs@" + peer.Host},
			{"dogs@" + peer.Host, "group dogs@" + peer.Host},
			{"@lena@" + peer.Host, "person lena@" + peer.Host},
			{"!twin@" + peer.Host, "group twin@" + peer.Host},
			{"@twin@" + peer.Host, "person twin@" + peer.Host},
			{h.URL + "/c/dogs@" + peer.Host, "group dogs@" + peer.Host},
			{"nobody@" + peer.Host, "not_found"},
			{"lena@127.0.0.1:1", "unavailable"},
		} {
			if got := found(h.fed.Resolve(t.Context(), h.ann, test.query)); got != test.want {
				t.Errorf("Resolve(%q) = %s, want %s", test.query, got, test.want)
			}
		}
		// Known now, for everybody.
		if got := found(h.fed.Resolve(t.Context(), nil, address)); got != "post p by lena" {
			t.Errorf("signed out: %s", got)
		}
	})
}

// TestWebFingerLoop: a handle leads to an actor only if the actor's own
// server agrees.
func TestWebFingerLoop(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer, thief := fediverse.NewPeer(t, ""), fediverse.NewPeer(t, "")
	alice := peer.Person("alice")
	lead := func(p *fediverse.Peer, name, to string) {
		p.ServeFunc("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.RawQuery, name) {
				http.NotFound(w, r)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"subject": "acct:" + name + "@" + p.Host, "links": []any{
				map[string]any{"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": p.URL},
				map[string]any{"rel": "self", "type": as.ContentType, "href": to},
			}})
		})
	}
	// A domain of its own for handles is fine: the actor's server agrees.
	lead(thief, "alice", alice.ID)
	if got := found(h.fed.Resolve(t.Context(), h.ann, "@alice@"+thief.Host)); got != "person alice@"+peer.Host {
		t.Errorf("a handle on another domain: %s", got)
	}
	// Somebody else's handle for somebody who is not known by that name.
	bob := peer.Person("bob")
	lead(peer, "alice", alice.ID)
	lead(thief, "mallory", bob.ID)
	if got := found(h.fed.Resolve(t.Context(), h.ann, "@mallory@"+thief.Host)); got != "not_found" {
		t.Errorf("a handle that its actor's server does not confirm: %s", got)
	}
}

// TestBackfill: whoever finds a group sees what is in it.
func TestBackfill(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer, third := fediverse.NewPeer(t, "lemmy"), fediverse.NewPeer(t, "mastodon")
		lena, nico, dogs := peer.Person("lena"), third.Person("nico"), peer.Group("dogs")
		forged := page(nico, "forged", dogs.ID)
		third.Serve("/post/real", page(nico, "real", dogs.ID))
		items := []any{}
		for i, p := range []map[string]any{page(lena, "new", dogs.ID), page(nico, "real", dogs.ID), forged, page(lena, "old", dogs.ID)} {
			items = append(items, map[string]any{
				"type": "Announce", "id": fmt.Sprintf("%s/a/%d", dogs.ID, i), "actor": dogs.ID,
				"object": map[string]any{
					"type": "Create", "id": p["id"].(string) + "/create", "actor": p["attributedTo"], "object": p, "to": public,
				},
			})
		}
		peer.Serve("/c/dogs/outbox", map[string]any{"id": dogs.ID + "/outbox", "type": "OrderedCollection", "totalItems": 4, "orderedItems": items})
		for range 2 {
			if got := found(h.fed.Resolve(t.Context(), h.ann, dogs.ID)); got != "group dogs@"+peer.Host {
				t.Fatal(got)
			}
		}
		if errs := h.work(); len(errs) > 0 {
			t.Fatal(errs)
		}
		group, err := db.ActorByIRI(t.Context(), dogs.ID)
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, p := range h.feed(group) {
			titles = append(titles, p.Title)
		}
		if got := strings.Join(titles, ", "); got != "old by lena, real by nico, new by lena" {
			t.Errorf("the group has %q", got)
		}
		if n := len(peer.Requests("/outbox")); n != 1 {
			t.Errorf("the outbox was read %d times", n)
		}
	})
}
