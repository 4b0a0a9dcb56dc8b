package federation_test

import (
	"net/http"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/feeds"
	"drystone/storage"
)

// People elsewhere follow a feed of ours, and are told whether they do; nobody
// elsewhere changes it.
func TestAFeedOfOurs(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		ctx := t.Context()
		keeping := &feeds.Service{DB: db, Origin: h.URL, Now: h.now, NewKey: newHomeKey}
		pets, err := keeping.Create(ctx, h.ann, feeds.Draft{Name: "pets", Title: "Pets"})
		if err != nil {
			t.Fatal(err)
		}
		handle := community.Handle{Name: "pets"}
		if err := keeping.Add(ctx, h.ann, handle, community.Handle{Name: "cats"}); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{pets.IRI, "~pets", "pets", "~PETS"} {
			if r, err := h.fed.Resolve(ctx, nil, query); err != nil || r.Feed == nil || r.Feed.ID != pets.ID {
				t.Errorf("Resolve(%s) = %+v, %v", query, r, err)
			}
		}

		peer := fediverse.NewPeer(t, "piefed")
		lena, eve, dogs := peer.Person("lena"), peer.Person("eve"), peer.Group("dogs")
		say := func(by *fediverse.Actor, kind, id string, object, target any) {
			t.Helper()
			doc := map[string]any{
				"@context": as.NS, "type": kind, "id": peer.URL + "/activities/" + id, "actor": by.ID, "object": object, "to": []string{pets.IRI, as.Public}, "cc": []string{},
			}
			if target != nil {
				doc["target"] = target
			}
			h.send(by, doc)
		}
		say(lena, "Follow", "1", pets.IRI, nil)
		say(eve, "Follow", "2", pets.IRI, nil)
		if got := followers(t, db, pets.Actor); got != 2 {
			t.Fatalf("%d follow", got)
		}
		say(eve, "Undo", "3", map[string]any{"type": "Follow", "id": peer.URL + "/activities/2", "actor": eve.ID, "object": pets.IRI}, nil)
		say(dogs, "Follow", "5", pets.IRI, nil)
		if got := followers(t, db, pets.Actor); got != 1 {
			t.Errorf("%d follow after one left, and a group asked", got)
		}
		answers := map[community.FactKind]int{}
		for _, f := range h.facts(ctx) {
			if f.GroupID == pets.ID {
				answers[f.Kind]++
			}
		}
		if answers[community.FollowerJoined] != 2 || answers[community.FollowerLeft] != 1 || answers[community.MemberRefused] != 1 {
			t.Errorf("the facts are %v", answers)
		}

		following := map[string]any{"type": "Collection", "id": pets.IRI + "/following"}
		say(lena, "Add", "6", dogs.ID, following)
		h.dropped("is of this server and is changed here", lena.ID)
		say(lena, "Remove", "7", h.cats.IRI, following)
		for id, claim := range map[string]map[string]any{
			"8": {"type": "Update", "object": map[string]any{
				"type": "Feed", "id": pets.IRI, "preferredUsername": "pets", "name": "Mine", "inbox": pets.IRI + "/inbox", "following": pets.IRI + "/following", "attributedTo": lena.ID,
			}},
			"9": {"type": "Delete", "object": map[string]any{"type": "Feed", "id": pets.IRI}},
		} {
			claim["@context"], claim["id"], claim["actor"], claim["to"] = as.NS, peer.URL+"/activities/"+id, lena.ID, []string{as.Public}
			body := fediverse.JSON(t, claim)
			resp, err := peer.Client.Post(ctx, h.inbox(), as.ContentType, body, func(req *http.Request) error { return lena.Sign(req, body) })
			if resp == nil || resp.Status != http.StatusForbidden {
				t.Errorf("%s by somebody else: %v, %v", claim["type"], resp, err)
			}
		}
		say(dogs, "Announce", "10", map[string]any{
			"type": "Delete", "id": h.URL + "/activities/delete/1", "actor": h.ann.IRI, "object": pets.IRI, "to": []string{as.Public}, "cc": []string{},
		}, nil)
		got, err := keeping.Find(ctx, h.ann, handle)
		if err != nil || got.Title != "Pets" || !got.Kept || len(got.Groups) != 1 || got.Groups[0].Name != "cats" {
			t.Errorf("after all who may not, the feed is %+v, %v", got, err)
		}
	})
}

func followers(t *testing.T, db *storage.DB, feed *community.Actor) int64 {
	t.Helper()
	counted, err := db.Counters(t.Context(), community.SubjectActor, []int64{int64(feed.ID)})
	if err != nil {
		t.Fatal(err)
	}
	return counted[int64(feed.ID)].Members
}
