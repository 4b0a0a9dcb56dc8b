package federation_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// thread is a chain of Notes on peer, of which the first mentions group and
// each answers the one before; it returns their ids.
func thread(author *fediverse.Actor, group string, length int) []string {
	var ids []string
	for i := range length {
		name := string(rune('a' + i))
		object := note(author, name, group)["object"].(map[string]any)
		if i > 0 {
			object["inReplyTo"] = ids[i-1]
		}
		ids = append(ids, author.Peer.Serve("/users/"+author.Name+"/statuses/"+name, object))
	}
	return ids
}

// TestAnswersToWhatIsElsewhere: the thread is fetched from its origin, up to
// where it is known or begins.
func TestAnswersToWhatIsElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "mastodon").Person("alice")
		bob := fediverse.NewPeer(t, "mastodon").Person("bob")
		ids := thread(alice, h.cats.IRI, 4)
		answer := note(bob, "answer", h.cats.IRI)
		answer["object"].(map[string]any)["inReplyTo"] = ids[3]
		h.send(bob, answer)
		list := h.comments()
		if len(h.feed(h.cats)) != 1 || len(list) != 4 || list[3].Depth != 3 || list[3].AuthorID == list[2].AuthorID {
			t.Fatalf("%d posts, comments %+v", len(h.feed(h.cats)), list)
		}
	})
}

// TestAnswersThatStay: threads that are too long, or that belong to no group
// here.
func TestAnswersThatStay(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "mastodon").Person("alice")
	ids := thread(alice, h.cats.IRI, 14)
	answer := note(alice, "answer", h.cats.IRI)
	answer["object"].(map[string]any)["inReplyTo"] = ids[13]
	h.send(alice, answer)
	h.dropped("kind=Create", "too far up")

	other := thread(alice, alice.Peer.URL+"/c/nothing", 2)
	answer = note(alice, "other", alice.Peer.URL+"/c/nothing")
	answer["object"].(map[string]any)["inReplyTo"] = other[1]
	h.send(alice, answer)
	h.dropped("kind=Create", "no group that is read here")

	answer = note(alice, "ours", h.cats.IRI)
	answer["object"].(map[string]any)["inReplyTo"] = h.URL + "/post/4711"
	h.send(alice, answer)
	h.dropped("kind=Create", "not known here")
	if len(h.feed(h.cats)) != 0 || len(h.comments()) != 0 {
		t.Errorf("%d posts, %d comments", len(h.feed(h.cats)), len(h.comments()))
	}
}

// TestTurningToAGroup: somebody answers in a conversation of microblogs, and
// mentions a group in it. That begins a thread; what answers it belongs there.
func TestTurningToAGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mastodon")
		alice, bob := peer.Person("alice"), peer.Person("bob")
		outside := thread(alice, alice.ID+"/followers", 2)
		turn := answering(note(bob, "turn", h.cats.IRI), outside[1])
		turn["object"].(map[string]any)["content"] = "<p>@cats What do you say?</p><p>We cannot agree.</p>"
		h.send(bob, turn)
		feed := h.feed(h.cats)
		if len(feed) != 1 || feed[0].Title != "What do you say?" || feed[0].IRI != bob.ID+"/statuses/turn" {
			t.Fatalf("the group has %+v", feed)
		}
		h.send(alice, answering(note(alice, "back", h.cats.IRI), feed[0].IRI))
		if list := h.comments(); len(list) != 1 || list[0].PostID != feed[0].ID {
			t.Errorf("comments %+v", list)
		}
		// It was not meant for the group where that is not mentioned, or not for all.
		for name, change := range map[string]map[string]any{
			"elsewhere": {"cc": bob.ID + "/followers", "tag": nil},
			"private":   {"to": bob.ID + "/followers"},
		} {
			other := answering(note(bob, name, h.cats.IRI), outside[1])
			for k, v := range change {
				other["object"].(map[string]any)[k] = v
			}
			if name == "elsewhere" {
				other["cc"] = bob.ID + "/followers"
			}
			h.send(bob, other)
			h.dropped("id="+other["id"].(string), "")
		}
		if n := len(h.feed(h.cats)); n != 1 {
			t.Errorf("%d posts, want one", n)
		}
	})
}

// TestWaitsForAnotherServer: what is needed cannot be had now. It is tried
// again, and given up after a while.
func TestWaitsForAnotherServer(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "mastodon").Person("alice")
	down := true
	object := note(alice, "parent", h.cats.IRI)["object"]
	parent := alice.Peer.ServeFunc("/users/alice/statuses/parent", func(w http.ResponseWriter, _ *http.Request) {
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", as.ContentType)
		_, _ = w.Write(fediverse.JSON(t, object))
	})
	answer := note(alice, "answer", h.cats.IRI)
	answer["object"].(map[string]any)["inReplyTo"] = parent
	if status, text := alice.Send(t, h.inbox(), answer); status != 202 {
		t.Fatal(status, text)
	}
	if errs := h.work(); len(errs) != 1 || !fault.Is(errs[0], fault.Unavailable) {
		t.Fatalf("the job ended with %v, want one that is Unavailable", errs)
	}
	down = false
	h.pass(2 * time.Minute)
	if errs := h.work(); len(errs) != 0 || len(h.comments()) != 1 {
		t.Fatalf("the job ended with %v, %d comments", errs, len(h.comments()))
	}

	down = true
	answer = note(alice, "late", h.cats.IRI)
	answer["object"].(map[string]any)["inReplyTo"] = parent + "2"
	alice.Peer.ServeFunc("/users/alice/statuses/parent2", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if status, text := alice.Send(t, h.inbox(), answer); status != 202 {
		t.Fatal(status, text)
	}
	h.pass(3 * time.Hour)
	if errs := h.work(); len(errs) != 0 {
		t.Fatalf("the job is not given up: %v", errs)
	}
	h.dropped("kind=Create", "503")
}

// TestNotPosts is what is written to the group and does not belong into it.
func TestNotPosts(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "").Person("alice")
	object := func(name string, change map[string]any) map[string]any {
		create := note(alice, name, h.cats.IRI)
		o := create["object"].(map[string]any)
		for k, v := range change {
			if o[k] = v; v == nil {
				delete(o, k)
			}
		}
		return create
	}
	tests := []struct {
		activity map[string]any
		reason   string
	}{
		{object("followers", map[string]any{"to": alice.ID + "/followers"}), "is not public"},
		{object("direct", map[string]any{"to": h.cats.IRI, "cc": nil}), "is not public"},
		{object("chat", map[string]any{"type": "ChatMessage"}), "is a message, and public"},
		{object("song", map[string]any{"type": "Audio"}), "is no post"},
		{object("vote", map[string]any{"name": "one", "content": nil, "inReplyTo": h.URL + "/post/1"}), "is not known here"},
		{object("nowhere", map[string]any{"cc": nil, "tag": nil}), ""},
	}
	for _, test := range tests {
		if strings.HasSuffix(test.activity["id"].(string), "nowhere/activity") {
			test.activity["cc"] = nil
			test.reason = "no group"
		}
		h.send(alice, test.activity)
		h.dropped("id="+test.activity["id"].(string), test.reason)
	}
	if n := len(h.feed(h.cats)); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
	// Discourse says only of the activity that it is for everybody.
	h.send(alice, object("unaddressed", map[string]any{"to": nil, "cc": nil}))
	if n := len(h.feed(h.cats)); n != 1 {
		t.Errorf("%d posts, want one", n)
	}
}

// TestModeration: who removes what in a group of ours.
func TestModeration(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "lemmy")
		alice, mod := peer.Person("alice"), peer.Person("mod")
		h.send(alice, note(alice, "one", h.cats.IRI))
		h.send(mod, note(mod, "two", h.cats.IRI))
		post := h.feed(h.cats)[0]
		removal := map[string]any{
			"@context": as.NS, "type": "Delete", "id": mod.ID + "/d/1", "actor": mod.ID, "object": post.IRI, "summary": "rule 1",
			"to": public, "cc": h.cats.IRI,
		}
		h.send(mod, removal)
		h.dropped("kind=Delete", "Only moderators")

		remote, err := db.ActorByIRI(t.Context(), mod.ID)
		if err != nil {
			t.Fatal(err)
		}
		testdb.Add(t, db, &community.Membership{GroupID: h.cats.ID, ActorID: remote.ID, Role: community.Moderator, State: community.Absent, CreatedAt: h.now()})
		removal["id"] = mod.ID + "/d/2"
		h.send(mod, removal)
		if p := h.feed(h.cats)[0]; p.RemovedBy != remote.ID || p.RemovedReason != "rule 1" {
			t.Errorf("the removed post is %+v", p)
		}
		h.send(mod, map[string]any{"@context": as.NS, "type": "Undo", "id": mod.ID + "/u/1", "actor": mod.ID, "object": removal})
		if p := h.feed(h.cats)[0]; !p.RemovedAt.IsZero() {
			t.Errorf("the restored post is %+v", p)
		}

		// A ban holds for what comes from elsewhere too.
		banned, err := db.ActorByIRI(t.Context(), alice.ID)
		if err != nil {
			t.Fatal(err)
		}
		testdb.Add(t, db, &community.Membership{
			GroupID: h.cats.ID, ActorID: banned.ID, Role: community.Member, State: community.Absent,
			BannedUntil: h.now().Add(time.Hour), CreatedAt: h.now(),
		})
		h.send(alice, note(alice, "three", h.cats.IRI))
		h.dropped("kind=Create", "banned")
		h.send(alice, map[string]any{"@context": as.NS, "type": "Like", "id": alice.ID + "/l", "actor": alice.ID, "object": post.IRI})
		h.dropped("kind=Like", "banned")
		if n := len(h.feed(h.cats)); n != 2 {
			t.Errorf("%d posts, want 2", n)
		}
	})
}

// TestOthersWords: nobody edits, deletes or takes back for another.
func TestOthersWords(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "")
	alice, mallory := peer.Person("alice"), peer.Person("mallory")
	create := note(alice, "one", h.cats.IRI)
	h.send(alice, create)
	post := h.feed(h.cats)[0]
	say := func(kind, name string, object any) map[string]any {
		return map[string]any{"@context": as.NS, "type": kind, "id": mallory.ID + "/" + name, "actor": mallory.ID, "object": object, "to": public}
	}

	edit := note(alice, "one", h.cats.IRI)["object"].(map[string]any)
	edit["content"] = "<p>forged</p>"
	h.send(mallory, say("Update", "u1", edit))
	h.dropped("id="+mallory.ID+"/u1", "change nothing else")
	edit["sensitive"] = true
	h.send(mallory, say("Update", "u3", edit))
	h.dropped("id="+mallory.ID+"/u3", "Only moderators")
	edit["attributedTo"] = []string{alice.ID, mallory.ID}
	h.send(mallory, say("Update", "u2", edit))
	h.dropped("id="+mallory.ID+"/u2", "Only moderators")
	h.send(mallory, say("Delete", "d1", post.IRI))
	h.dropped("id="+mallory.ID+"/d1", "Only moderators")

	like := map[string]any{"@context": as.NS, "type": "Like", "id": alice.ID + "/like", "actor": alice.ID, "object": post.IRI}
	h.send(alice, like)
	h.send(mallory, say("Undo", "n1", like))
	h.dropped("id="+mallory.ID+"/n1", "cannot take back")
	h.send(mallory, say("Update", "p1", alice.Document()))
	h.dropped("id="+mallory.ID+"/p1", "cannot describe")

	// An answer that names a neighbour as its author beside the sender is
	// the sender's.
	answer := note(mallory, "shared", h.cats.IRI)
	answer["object"].(map[string]any)["attributedTo"] = []string{alice.ID, mallory.ID}
	answer["object"].(map[string]any)["inReplyTo"] = post.IRI
	h.send(mallory, answer)
	author, err := h.db.ActorByIRI(t.Context(), mallory.ID)
	if err != nil {
		t.Fatal(err)
	}
	if list := h.comments(); len(list) != 1 || list[0].AuthorID != author.ID {
		t.Errorf("the comments are %+v", list)
	}

	p := h.feed(h.cats)[0]
	votes, err := h.db.VotesBy(t.Context(), p.AuthorID, community.SubjectPost, []int64{int64(p.ID)})
	if err != nil || strings.Contains(p.HTML, "forged") || p.Hidden() || votes[int64(p.ID)] != 1 {
		t.Errorf("the post is %+v, votes %v (%v)", p, votes, err)
	}
}

// TestActorsChange: a person edits their profile, and leaves.
func TestActorsChange(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "")
		alice := peer.Person("alice")
		say := func(kind, name string, object any) map[string]any {
			return map[string]any{"@context": as.NS, "type": kind, "id": alice.ID + "/" + name, "actor": alice.ID, "object": object, "to": public}
		}
		h.send(alice, say("Follow", "f1", h.cats.IRI))
		h.send(alice, say("Follow", "f2", h.ann.IRI))
		alice.Extra["name"], alice.Extra["summary"] = "Alice the Great", `<p onclick="x()">Hello</p><script>alert(1)</script>`
		h.send(alice, say("Update", "u1", alice.Document()))
		a, err := db.ActorByIRI(t.Context(), alice.ID)
		if err != nil || a.Title != "Alice the Great" || a.SummaryHTML != "<p>Hello</p>" || a.Summary != "Hello" {
			t.Fatalf("alice is %+v (%v)", a, err)
		}
		if f, err := db.Follow(t.Context(), a.ID, h.ann.ID); err != nil || f == nil {
			t.Errorf("alice does not follow ann: %v", err)
		}
		// Part of a document is only a hint to read all of it.
		alice.Extra["name"] = "Alice the Small"
		h.send(alice, say("Update", "u2", map[string]any{"type": "Person", "id": alice.ID, "name": "Al"}))
		if a, err = db.ActorByIRI(t.Context(), alice.ID); err != nil || a.Title != "Alice the Small" {
			t.Fatalf("alice is %+v (%v)", a, err)
		}
		h.send(alice, say("Delete", "d1", alice.ID))
		if a, err = db.ActorByIRI(t.Context(), alice.ID); err != nil || !a.Gone() || a.Title != "" {
			t.Fatalf("alice is %+v (%v)", a, err)
		}
		if m, err := db.Membership(t.Context(), h.cats.ID, a.ID); err != nil || m != nil {
			t.Errorf("alice is still a member: %+v (%v)", m, err)
		}
		// Nobody speaks in her name after that.
		peer.Gone("/users/alice")
		if status, _ := alice.Send(t, h.inbox(), note(alice, "ghost", h.cats.IRI)); status != 401 {
			t.Errorf("a deleted actor is answered %d, want 401", status)
		}
	})
}

// TestRepetition: the same things again change nothing.
func TestRepetition(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "").Person("alice")
	create := note(alice, "one", h.cats.IRI)
	h.send(alice, create)
	again := note(alice, "one", h.cats.IRI)
	again["id"] = alice.ID + "/another-activity"
	again["object"].(map[string]any)["content"] = "<p>changed on the sly</p>"
	h.send(alice, again)
	list := h.feed(h.cats)
	if len(list) != 1 || strings.Contains(list[0].HTML, "sly") {
		t.Errorf("the posts are %+v", list)
	}
	// An Update of what never came is the first that is heard of it.
	update := note(alice, "two", h.cats.IRI)
	update["type"] = "Update"
	h.send(alice, update)
	if n := len(h.feed(h.cats)); n != 2 {
		t.Errorf("%d posts, want 2", n)
	}
	if _, err := h.posts.Publish(t.Context(), h.ann, h.cats, posts.Draft{Title: "x"}); err != nil {
		t.Error(err)
	}
}

// TestIDsAreRememberedForAWeek: whatever comes again within seven days, as
// long as others try, is known by its id, and not for ever.
func TestIDsAreRememberedForAWeek(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "").Person("alice")
		h.send(alice, note(alice, "one", h.cats.IRI))
		trim := func() int64 {
			t.Helper()
			for _, schedule := range h.fed.Schedules() {
				if schedule.Name == "federation:trim" {
					if err := schedule.Run(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			n, err := db.Bun().NewSelect().Model((*community.Job)(nil)).Where("kind = 'inbox'").Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		h.pass(7 * 24 * time.Hour)
		if n := trim(); n != 1 {
			t.Errorf("after seven days %d ids are known, want the one", n)
		}
		h.pass(30 * 24 * time.Hour)
		if n := trim(); n != 0 {
			t.Errorf("after a month %d ids are known", n)
		}
	})
}
