package federation_test

import (
	"slices"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/feeds"
	"drystone/storage"
)

// A shelf is a feed on a peer with two groups, and who keeps it.
type shelf struct {
	*home
	peer       *fediverse.Peer
	gus        *fediverse.Actor
	feed       *fediverse.Actor
	dogs, owls *fediverse.Actor
	feeds      *feeds.Service
}

func newShelf(t *testing.T, db *storage.DB, software, path string) *shelf {
	t.Helper()
	s := &shelf{home: newHome(t, db), peer: fediverse.NewPeer(t, software)}
	s.gus, s.dogs, s.owls = s.peer.Person("gus"), s.peer.Group("dogs"), s.peer.Group("owls")
	s.feed = s.peer.Actor(as.KindFeed, path)
	s.feed.Extra["following"] = s.feed.ID + "/following"
	s.feed.Extra["attributedTo"] = s.gus.ID
	s.lists(s.dogs.ID, s.cats.IRI)
	s.feeds = &feeds.Service{DB: db, Origin: s.URL, Now: s.now}
	return s
}

// lists makes the feed's collection one of these ids.
func (s *shelf) lists(ids ...string) {
	id := s.feed.ID + "/following"
	s.peer.Serve(strings.TrimPrefix(id, s.peer.URL), map[string]any{
		"@context": as.NS, "type": "Collection", "id": id, "totalItems": len(ids), "items": ids,
	})
}

// lemmy dresses the feed as Lemmy 1.0 does: the server lends it its key.
func (s *shelf) lemmy() {
	site := s.peer.Actor(as.KindApplication, "/site")
	s.feed.Extra["publicKey"], s.feed.Extra["inbox"] = site.Document()["publicKey"], s.peer.URL+"/inbox"
	s.feed.Extra["endpoints"], s.feed.Extra["outbox"], s.feed.Extra["followers"] = nil, nil, nil
	s.feed.Key = site.Key
}

// found resolves the feed and reads its groups.
func (s *shelf) found(query string) *community.Actor {
	s.t.Helper()
	r, err := s.fed.Resolve(s.t.Context(), s.ann, query)
	if err != nil || r.Feed == nil {
		s.t.Fatalf("Resolve(%s) = %+v, %v", query, r, err)
	}
	s.read()
	return r.Feed.Actor
}

func (s *shelf) read() {
	s.t.Helper()
	if errs := s.work(); len(errs) > 0 {
		s.t.Fatal(errs)
	}
}

// has wants the feed to list these groups.
func (s *shelf) has(when string, want ...string) {
	s.t.Helper()
	feed, err := s.feeds.Find(s.t.Context(), nil, community.Handle{Name: s.feed.Name, Host: s.peer.Host})
	if err != nil {
		s.t.Fatalf("%s: %v", when, err)
	}
	var got []string
	for _, g := range feed.Groups {
		got = append(got, g.Name)
	}
	if !slices.Equal(got, want) {
		s.t.Fatalf("%s the feed lists %q, want %q", when, got, want)
	}
}

func (s *shelf) say(by *fediverse.Actor, kind, id string, object any, target any) map[string]any {
	doc := map[string]any{
		"@context": as.NS, "type": kind, "id": s.peer.URL + "/activities/" + id, "actor": by.ID, "object": object,
		"to": []string{s.feed.ID, as.Public}, "cc": []string{},
	}
	if target != nil {
		doc["target"] = target
	}
	return doc
}

// A multi-community of Lemmy 1.0 is found by its address, read with its
// groups, followed, and told of by Update alone.
func TestFeedOfLemmy(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := newShelf(t, db, "lemmy", "/m/pets")
		s.lemmy()
		if r, err := s.fed.Resolve(t.Context(), nil, s.feed.ID); err == nil {
			t.Errorf("for somebody who is not signed in it was looked up: %+v", r)
		}
		feed := s.found(s.feed.ID)
		s.has("when found", "cats", "dogs")

		follow, err := s.feeds.Follow(t.Context(), s.ann, feed, community.Origin{})
		if err != nil || follow.State != community.Pending {
			t.Fatalf("following = %+v, %v", follow, err)
		}
		mallory := s.peer.Person("mallory")
		accept := func(by *fediverse.Actor) map[string]any {
			return map[string]any{
				"@context": as.NS, "type": "Accept", "id": by.ID + "/accept", "actor": by.ID, "to": []string{s.ann.IRI},
				"object": map[string]any{"type": "Follow", "id": follow.IRI, "actor": s.ann.IRI, "object": feed.IRI, "to": []string{feed.IRI}},
			}
		}
		state := func() (is community.MembershipState) {
			t.Helper()
			f, err := db.Follow(t.Context(), s.ann.ID, feed.ID)
			if err != nil {
				t.Fatal(err)
			}
			if f != nil {
				is = f.State
			}
			return is
		}
		s.send(mallory, accept(mallory))
		if state() != community.Pending {
			t.Fatal("somebody else answered for the feed")
		}
		s.send(s.feed, accept(s.feed))
		if state() != community.Accepted {
			t.Fatal("the answer of the feed, signed with its server's key, was not taken")
		}

		s.lists(s.owls.ID)
		s.send(mallory, s.say(mallory, "Update", "1", s.feed.Document(), nil))
		s.dropped("does not keep the feed", mallory.ID)
		s.read()
		s.has("after an Update by a stranger", "cats", "dogs")
		far := fediverse.NewPeer(t, "lemmy").Person("gus")
		lie := s.say(far, "Update", "x", s.feed.Document(), nil)
		lie["id"] = far.Peer.URL + "/activities/1"
		s.send(far, lie)
		s.dropped("does not keep the feed", far.ID)

		s.feed.Extra["name"] = "Birds"
		s.send(s.gus, s.say(s.gus, "Update", "2", s.feed.Document(), nil))
		s.read()
		s.has("after an Update by its keeper", "owls")
		if a, err := db.Actor(t.Context(), feed.ID); err != nil || a.Title != "Birds" {
			t.Errorf("its title is %q, %v", a.Title, err)
		}

		s.send(mallory, s.say(mallory, "Delete", "3", map[string]any{"type": "Feed", "id": feed.IRI}, nil))
		s.has("after a Delete by a stranger", "owls")
		s.send(s.gus, s.say(s.gus, "Delete", "4", map[string]any{"type": "Feed", "id": feed.IRI}, nil))
		if _, err := s.feeds.Find(t.Context(), nil, community.Handle{Name: "pets", Host: s.peer.Host}); err == nil || state() != "" {
			t.Error("its keeper deleted it, and it is still there")
		}
	})
}

// A feed of PieFed is found by its handle, kept by a collection of people, and
// announces which groups come and go.
func TestFeedOfPieFed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := newShelf(t, db, "piefed", "/f/pets")
		keepers := s.feed.ID + "/moderators"
		s.feed.Extra["attributedTo"], s.feed.Extra["moderators"] = keepers, keepers
		s.peer.Serve("/f/pets/moderators", map[string]any{
			"@context": as.NS, "type": "OrderedCollection", "id": keepers, "totalItems": 1, "orderedItems": []string{s.gus.ID},
		})
		s.found("~pets@" + s.peer.Host)
		s.has("when found", "cats", "dogs")
		feed, err := s.feeds.Find(t.Context(), s.ann, community.Handle{Name: "pets", Host: s.peer.Host})
		if err != nil || len(feed.Owners) != 1 || feed.Owners[0].Name != "gus" {
			t.Fatalf("who keeps it = %+v, %v", feed, err)
		}

		target := map[string]any{"type": "Collection", "id": s.feed.ID + "/following"}
		tell := func(by *fediverse.Actor, inner *fediverse.Actor, kind, n, group string) map[string]any {
			object := s.say(inner, kind, "inner-"+n, map[string]any{"type": "Group", "id": group}, target)
			return s.say(by, "Announce", n, object, nil)
		}
		s.send(s.feed, tell(s.feed, s.feed, "Add", "1", s.owls.ID))
		s.has("after an Add", "cats", "dogs", "owls")
		s.send(s.feed, tell(s.feed, s.feed, "Remove", "2", s.dogs.ID))
		s.has("after a Remove", "cats", "owls")
		s.send(s.gus, s.say(s.gus, "Remove", "3", s.owls.ID, target))
		s.has("after a Remove by who keeps it", "cats")

		eve := s.peer.Person("eve")
		s.send(eve, s.say(eve, "Add", "4", s.dogs.ID, target))
		s.dropped("does not keep the feed", eve.ID)
		s.send(s.feed, tell(s.feed, eve, "Add", "5", s.dogs.ID))
		s.send(s.feed, tell(s.feed, s.feed, "Add", "6", eve.ID))
		s.dropped("feeds list groups")
		far := fediverse.NewPeer(t, "piefed")
		other := far.Actor(as.KindFeed, "/f/other")
		other.Extra["following"] = other.ID + "/following"
		other.Extra["attributedTo"] = s.gus.ID // who lives elsewhere and keeps nothing there
		s.read()
		if _, err := s.fed.Resolve(t.Context(), s.ann, other.ID); err != nil {
			t.Fatal(err)
		}
		lie := tell(other, s.feed, "Add", "7", s.dogs.ID)
		lie["id"] = far.URL + "/activities/7"
		s.send(other, lie)
		s.dropped("who is not of its server")
		s.has("after all who may not", "cats")

		// A feed says nothing in groups, and joins none.
		s.send(s.feed, s.say(s.feed, "Follow", "8", s.cats.IRI, nil))
		s.dropped("says nothing by itself")
		if m, err := db.Membership(t.Context(), s.cats.ID, feed.ID); err != nil || m != nil {
			t.Errorf("a feed joined a group: %+v, %v", m, err)
		}
	})
}

// A feed that says that its groups are somewhere else is none.
func TestFeedBounds(t *testing.T) {
	s := newShelf(t, testdb.SQLite(t), "lemmy", "/m/pets")
	s.feed.Extra["following"] = "https://elsewhere.example/following"
	if r, err := s.fed.Resolve(t.Context(), s.ann, s.feed.ID); err == nil {
		t.Errorf("a feed whose list is elsewhere = %+v", r)
	}
	s.feed.Extra["following"] = s.feed.ID + "/following"
	ids := []string{s.gus.ID, s.cats.IRI, s.URL + "/c/none", "x"}
	for range community.MostFed {
		ids = append(ids, s.peer.URL+"/c/none")
	}
	s.lists(append(ids, s.dogs.ID)...)
	s.found(s.feed.ID)
	s.has("with people and nothing in it", "cats")
	if n := len(s.peer.Requests("/c/none")); n > 50 {
		t.Errorf("%d requests for one reading", n)
	}
}
