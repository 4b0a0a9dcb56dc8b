package fediverse_test

import (
	"testing"
	"time"

	v1 "drystone/api/v1"
	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/fediverse/server"
	"drystone/internal/testdb"
	"drystone/service/relays"
)

// A server and a relay of LitePub's style follow each other, tell each other
// of posts, and part.
func TestLitePubRelay(t *testing.T) {
	testdb.EachDSN(t, func(t *testing.T, dsn string) {
		home := server.New(t, dsn)
		ann := home.User("ann")
		ann.Call(t, "POST", "/groups", map[string]any{"name": "garden", "title": "Garden"}, nil)
		hub, far := fediverse.NewPeer(t, "relay"), fediverse.NewPeer(t, "mastodon")
		relay, eve := hub.Actor(as.KindApplication, "/relay"), far.Person("eve")
		garden := home.URL + "/c/garden"
		send := func(activity map[string]any) {
			t.Helper()
			activity["@context"], activity["actor"] = as.NS, relay.ID
			activity["id"] = relay.ID + "/" + activity["type"].(string)
			if status, text := relay.Send(t, home.URL+"/inbox", activity); status != 202 {
				t.Fatalf("%s: %d %s", activity["type"], status, text)
			}
		}

		us, err := home.Accounts.Instance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		service := &relays.Service{DB: home.DB, Origin: home.URL, Now: time.Now}
		at := community.Relay{Address: relay.ID, Style: community.LitePubRelay, Inbox: hub.URL + "/inbox", Actor: relay.ID}
		if err := service.Subscribe(t.Context(), us, at); err != nil {
			t.Fatal(err)
		}
		asked := hub.Await(t, "our Follow", fediverse.Kind(as.KindFollow))
		if asked.Signature != nil || asked.Doc.Actor() != us.IRI || asked.Doc.Ref("object") != relay.ID {
			t.Fatalf("the relay was asked with %s, %v", asked.Body, asked.Signature)
		}
		send(map[string]any{"type": "Accept", "object": asked.Doc.ID()})
		send(map[string]any{"type": "Follow", "object": us.IRI})
		if taken := hub.Await(t, "that we accept its Follow", fediverse.Kind(as.KindAccept)); taken.Doc.Actor() != us.IRI {
			t.Errorf("its Follow was accepted with %s", taken.Body)
		}

		server.Eventually(t, "that the relay accepted", func() (bool, any) {
			list, err := service.List(t.Context())
			return err == nil && len(list) == 1 && list[0].State == community.RelayAccepted, list
		})
		var post v1.Post
		ann.Call(t, "POST", "/groups/garden/posts", map[string]any{"title": "Seedlings to give away"}, &post)
		if told := hub.Await(t, "our post", fediverse.Kind(as.KindAnnounce)); told.Doc.Ref("object") != post.URL || told.Doc.Actor() != us.IRI {
			t.Errorf("the relay heard of our post with %s", told.Body)
		}

		note := far.Serve("/notes/1", map[string]any{
			"@context": as.NS, "type": "Note", "id": far.URL + "/notes/1", "attributedTo": eve.ID, "content": "<p>Who has beans?</p>",
			"to": []string{as.Public}, "cc": []string{garden}, "published": "2026-11-01T00:00:00Z",
		})
		send(map[string]any{"type": "Announce", "object": note, "to": []string{as.Public}})
		seePost(t, ann, "/groups/garden/posts", func(p v1.Post) bool { return p.URL == note && p.Title == "Who has beans?" })

		if err := service.Leave(t.Context(), us, relay.ID); err != nil {
			t.Fatal(err)
		}
		if undone := hub.Await(t, "that we leave", fediverse.Kind(as.KindUndo)); undone.Doc.Actor() != us.IRI {
			t.Errorf("the relay was left with %s", undone.Body)
		}
	})
}
