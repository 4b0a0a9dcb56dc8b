package federation_test

import (
	"testing"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/blocks"
	"drystone/storage"
)

// met returns somebody elsewhere, as their first activity makes them known.
func (h *home) met(a *fediverse.Actor) *community.Actor {
	h.t.Helper()
	h.send(a, map[string]any{"@context": as.NS, "type": "Follow", "id": a.ID + "/meets", "actor": a.ID, "object": h.cats.IRI})
	return h.actorBy(a.ID)
}

// followed returns how ann follows somebody.
func (h *home) followed(who *community.Actor) (is community.MembershipState, iri string) {
	h.t.Helper()
	f, err := h.db.Follow(h.t.Context(), h.ann.ID, who.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	if f == nil {
		return "", ""
	}
	return f.State, f.IRI
}

// answerTo is what somebody says to a Follow: to all of it or, with whole
// false, to its id.
func (h *home) answerTo(by *fediverse.Actor, kind, id, follow string, whole bool) map[string]any {
	answer := map[string]any{"@context": as.NS, "type": kind, "id": by.ID + "#" + id, "actor": by.ID, "to": []string{h.ann.IRI}, "object": any(follow)}
	if whole {
		answer["object"] = map[string]any{"type": "Follow", "id": follow, "actor": h.ann.IRI, "object": by.ID}
	}
	return answer
}

// What somebody elsewhere says to ann, who asked to follow them: only they can
// say it, once or twice, late, and by the id of the Follow alone.
func TestAnswersOfPeopleElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		masto := fediverse.NewPeer(t, "mastodon")
		masto.Clock(h.now)
		mia, moe := masto.Person("mia"), masto.Person("moe")
		eve := fediverse.NewPeer(t, "").Person("eve")
		remote := h.met(mia)
		h.met(moe)
		h.met(eve)
		is := func(when string, want community.MembershipState, followers int64) (iri string) {
			t.Helper()
			got, iri := h.followed(remote)
			if got != want {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
			if _, err := h.db.Fold(t.Context(), 1000); err != nil {
				t.Fatal(err)
			}
			if a := h.actorBy(mia.ID); a.MemberCount != followers {
				t.Errorf("%s: %d followers, want %d", when, a.MemberCount, followers)
			}
			return iri
		}
		follow := func() {
			t.Helper()
			if _, err := h.groups.FollowPerson(t.Context(), h.ann, remote, false); err != nil {
				t.Fatal(err)
			}
		}

		h.send(mia, h.answerTo(mia, "Accept", "none", h.URL+"/activities/follow/none", true))
		is("an answer that nobody waits for", "", 0)
		follow()
		first := is("asked", community.Pending, 0)
		follow()
		if again := is("asked at once again", community.Pending, 0); again != first {
			t.Error("asking twice made two Follows")
		}

		h.send(moe, h.answerTo(moe, "Accept", "1", first, true)) // of a Follow of his own
		forged := h.answerTo(eve, "Accept", "2", first, true)
		forged["object"].(map[string]any)["object"] = mia.ID
		h.send(eve, forged)
		h.dropped("answers for", eve.ID)
		h.send(eve, h.answerTo(eve, "Accept", "3", first, false))
		is("somebody else answered", community.Pending, 0)

		h.send(mia, h.answerTo(mia, "Accept", "4", first, false))
		is("by the id", community.Accepted, 1)
		h.send(mia, h.answerTo(mia, "Accept", "5", first, true))
		is("twice", community.Accepted, 1)
		h.send(mia, h.answerTo(mia, "Reject", "6", first, true))
		is("refused later", community.TurnedDown, 0)
		if _, err := h.groups.FollowPerson(t.Context(), h.ann, remote, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who was refused asks again at once: %v", err)
		}
		if err := h.groups.Unfollow(t.Context(), h.ann, remote, community.Origin{}); err != nil {
			t.Fatal(err)
		}
		is("who was refused forgets it", community.TurnedDown, 0)
		h.pass(8 * 24 * time.Hour)
		follow()
		is("asked after a week", community.Pending, 0)
		h.pass(25 * time.Hour)
		follow()
		second := is("asked once more", community.Pending, 0)
		if second == first {
			t.Error("it was not sent again")
		}
		h.send(mia, h.answerTo(mia, "Accept", "7", second, true))
		is("accepted after all", community.Accepted, 1)

		// She ends it for both of them, as Mastodon tells a block.
		h.send(mia, map[string]any{"@context": as.NS, "id": mia.ID + "#blocks/1", "type": "Block", "actor": mia.ID, "object": h.ann.IRI})
		is("blocked", "", 0)
		if _, err := h.groups.FollowPerson(t.Context(), h.ann, remote, false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who is blocked follows: %v", err)
		}
	})
}

// An Accept by the id of a Follow that was sent before the last counts too, if
// its log still knows it.
func TestAnswerToAFormerFollow(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	mia := fediverse.NewPeer(t, "gotosocial").Person("mia")
	remote := h.met(mia)
	former := h.URL + "/activities/follow/former"
	body := fediverse.JSON(t, map[string]any{"@context": as.NS, "type": "Follow", "id": former, "actor": h.ann.IRI, "object": mia.ID})
	if err := h.db.AddActivity(t.Context(), &community.Activity{IRI: former, ActorID: h.ann.ID, Kind: "Follow", Body: body, CreatedAt: h.now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.groups.FollowPerson(t.Context(), h.ann, remote, false); err != nil {
		t.Fatal(err)
	}
	other := fediverse.NewPeer(t, "gotosocial").Person("other")
	h.met(other)
	h.send(other, h.answerTo(other, "Accept", "1", former, false))
	if is, _ := h.followed(remote); is != community.Pending {
		t.Fatalf("somebody else's answer: %s", is)
	}
	h.send(mia, h.answerTo(mia, "Accept", "2", former, false))
	if is, _ := h.followed(remote); is != community.Accepted {
		t.Errorf("an answer to the former Follow: %s", is)
	}
}

// Whom ann follows is followed where they live now; and a block ends it, with
// an Undo. Neither comes back by itself.
func TestFollowsGoAlongAndEnd(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		from, to := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "gotosocial")
		lena, lena2 := from.Person("lena"), to.Person("lena2")
		lena2.Extra["alsoKnownAs"] = []string{lena.ID}
		old := h.met(lena)
		if _, err := h.groups.FollowPerson(t.Context(), h.ann, old, false); err != nil {
			t.Fatal(err)
		}
		_, iri := h.followed(old)
		h.send(lena, h.answerTo(lena, "Accept", "1", iri, true))
		h.send(lena, moves(lena, lena2))
		h.workAll()
		if is, _ := h.followed(old); is != "" {
			t.Errorf("the old account is followed: %s", is)
		}
		moved := h.actorBy(lena2.ID)
		if is, _ := h.followed(moved); is != community.Pending {
			t.Fatalf("the new account: %q", is)
		}
		if _, err := h.groups.FollowPerson(t.Context(), h.ann, h.actorBy(lena.ID), false); !fault.Is(err, fault.Forbidden) {
			t.Errorf("following where they lived: %v", err)
		}
		if _, err := h.blocks.Put(t.Context(), h.ann, blocks.Wish{Target: moved}); err != nil {
			t.Fatal(err)
		}
		if is, _ := h.followed(moved); is != "" {
			t.Errorf("after a block: %s", is)
		}
		if err := db.NumberFacts(t.Context()); err != nil {
			t.Fatal(err)
		}
		facts, err := db.Facts(t.Context(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		told := map[community.FactKind]int{}
		for _, f := range facts {
			told[f.Kind]++
		}
		if told[community.PersonFollowed] != 2 || told[community.PersonUnfollowed] != 2 || told[community.FollowGranted] != 1 {
			t.Errorf("told: %v", told)
		}
		if err := h.blocks.Drop(t.Context(), h.ann, blocks.Wish{Target: moved}); err != nil {
			t.Fatal(err)
		}
		if is, _ := h.followed(moved); is != "" {
			t.Errorf("after the block was taken away: %s", is)
		}
	})
}

// Nobody follows who cannot be followed, nor more people than there may be.
func TestWhomNobodyFollows(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "mastodon")
	peer.Clock(h.now)
	mia := h.met(peer.Person("mia"))
	robot := h.met(peer.Actor(as.KindService, "/users/robot"))
	banned := *mia
	banned.BannedUntil = h.now().Add(time.Hour)
	gone := *mia
	gone.DeletedAt = h.now()
	for name, test := range map[string]struct {
		by, whom *community.Actor
		want     fault.Code
	}{
		"a bot":             {h.ann, robot, fault.None},
		"oneself":           {h.ann, h.ann, fault.Invalid},
		"a group":           {h.ann, h.cats, fault.Invalid},
		"who is banned":     {h.ann, &banned, fault.Forbidden},
		"who is gone":       {h.ann, &gone, fault.NotFound},
		"from a group":      {h.cats, mia, fault.Forbidden},
		"of others by them": {robot, mia, fault.Forbidden},
	} {
		if _, err := h.groups.FollowPerson(t.Context(), test.by, test.whom, false); fault.CodeOf(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range community.MostFollowsADay {
		id := community.ActorID(10_000 + i)
		testdb.Add(t, h.db,
			&community.Actor{ID: id, Kind: community.Person, Name: "x", IRI: peer.URL + "/x/" + time.Duration(i).String(), Host: peer.Host, Fold: time.Duration(i).String(), CreatedAt: h.now(), UpdatedAt: h.now()},
			&community.Follow{FollowerID: h.ann.ID, TargetID: id, State: community.Accepted, CreatedAt: h.now(), ChangedAt: h.now()})
	}
	if _, err := h.groups.FollowPerson(t.Context(), h.ann, mia, false); !fault.Is(err, fault.RateLimited) {
		t.Errorf("more than in a day: %v", err)
	}
	if _, err := h.groups.FollowPerson(t.Context(), h.ann, mia, true); err != nil {
		t.Errorf("brought along: %v", err)
	}
	h.pass(25 * time.Hour)
	if _, err := h.groups.FollowPerson(t.Context(), h.ann, h.met(peer.Person("moe")), false); err != nil {
		t.Errorf("the day after: %v", err)
	}
}

// Of whom ann follows, what is meant for a group is shown, whatever group that
// is; what is in no group, for followers alone, or a boost is dropped with a
// reason. Of others nothing comes.
func TestWhatFollowedPeopleWrite(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		masto, lemmy := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "lemmy")
		mia, moe, dogs := masto.Person("mia"), masto.Person("moe"), lemmy.Group("dogs")
		remote := h.met(mia)
		h.met(moe)
		if _, err := h.groups.FollowPerson(t.Context(), h.ann, remote, false); err != nil {
			t.Fatal(err)
		}
		write := func(by *fediverse.Actor, n string, to ...string) {
			note := map[string]any{
				"type": "Note", "id": by.ID + "/statuses/" + n, "attributedTo": by.ID, "to": to, "cc": []string{by.ID + "/followers"},
				"content": "<p>Number " + n + "</p>", "published": "2026-11-23T10:00:00Z",
			}
			h.send(by, map[string]any{
				"@context": as.NS, "type": "Create", "id": by.ID + "/statuses/" + n + "/activity", "actor": by.ID, "object": note,
				"to": to, "cc": []string{by.ID + "/followers"},
			})
		}
		home := func() (titles []string) {
			t.Helper()
			list, _, err := db.Feed(t.Context(), community.FeedQuery{Reader: h.ann.ID, Viewer: h.ann.ID, OfPeople: true, Sort: community.New, Page: community.Page{Limit: 10}})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				titles = append(titles, p.Title)
			}
			return titles
		}
		write(mia, "1", as.Public, dogs.ID)
		if got := home(); len(got) != 0 {
			t.Fatalf("before she answered: %q", got)
		}
		h.dropped("meant for no group", mia.ID)
		_, iri := h.followed(remote)
		h.send(mia, h.answerTo(mia, "Accept", "1", iri, true))
		write(mia, "2", as.Public, dogs.ID)
		write(moe, "3", as.Public, dogs.ID)
		h.dropped("meant for no group", moe.ID)
		write(mia, "4", as.Public)
		h.dropped("meant for no group", "/statuses/4")
		write(mia, "5", dogs.ID)
		h.dropped("/statuses/5")
		h.send(mia, map[string]any{
			"@context": as.NS, "type": "Announce", "id": mia.ID + "/statuses/6/activity", "actor": mia.ID, "object": moe.ID + "/statuses/3",
			"to": []string{as.Public}, "cc": []string{mia.ID + "/followers"}, "published": "2026-11-23T10:00:00Z",
		})
		h.dropped("boosts by people are not shown here", mia.ID)
		if got := home(); len(got) != 1 || got[0] != "Number 2" {
			t.Errorf("in the end: %q", got)
		}
	})
}
