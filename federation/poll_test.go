package federation_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// asks has ann begin a poll in cats.
func (h *home) asks(multiple bool, texts ...string) *community.Post {
	h.t.Helper()
	poll := &community.Poll{Multiple: multiple}
	for _, text := range texts {
		poll.Options = append(poll.Options, community.PollOption{Text: text})
	}
	post, err := h.posts.Publish(h.t.Context(), h.ann, h.cats, posts.Draft{Title: "Which?", Poll: poll})
	if err != nil {
		h.t.Fatal(err)
	}
	return post
}

// wantCounts wants a poll to have voters, and votes for each option.
func (h *home) wantCounts(post *community.Post, counts ...int64) {
	h.t.Helper()
	poll, err := h.db.Poll(h.t.Context(), post.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	got := []int64{poll.Voters}
	for _, o := range poll.Options {
		got = append(got, o.Votes)
	}
	if diff := cmp.Diff(counts, got); diff != "" {
		h.t.Errorf("the poll has (-want +got):\n%s", diff)
	}
}

// ballot is a vote as Mastodon sends it.
func ballot(by *fediverse.Actor, id, poll, to, option string, more ...any) map[string]any {
	note := map[string]any{"id": by.ID + "#votes/" + id, "type": "Note", "name": option, "attributedTo": by.ID, "to": to, "inReplyTo": poll}
	for i := 0; i < len(more); i += 2 {
		note[more[i].(string)] = more[i+1]
	}
	return map[string]any{
		"@context": as.NS, "id": by.ID + "#votes/" + id + "/activity", "type": "Create", "actor": by.ID, "to": to, "object": note,
	}
}

func TestVotesFromMastodon(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		far := fediverse.NewPeer(t, "mastodon")
		mia, maxim, bad := far.Person("mia"), far.Person("maxim"), far.Person("bad")
		one, many := h.asks(false, "Tabby", "Black & white"), h.asks(true, "Day", "Night")
		text, err := h.posts.Publish(t.Context(), h.ann, h.cats, posts.Draft{Title: "No poll"})
		if err != nil {
			t.Fatal(err)
		}
		h.send(mia, ballot(mia, "1", one.IRI, h.ann.IRI, "Black & white"))
		h.wantCounts(one, 1, 0, 1)
		h.send(mia, ballot(mia, "2", one.IRI, h.ann.IRI, "Tabby"))
		h.dropped("id="+mia.ID+"#votes/2/activity", "voted in this poll already")
		h.send(maxim, ballot(maxim, "1", one.IRI, h.ann.IRI, "Siamese"))
		h.dropped("id="+maxim.ID+"#votes/1/activity", "no option")
		if status, text := maxim.Send(t, h.inbox(), ballot(maxim, "2", one.IRI, h.ann.IRI, "Tabby", "attributedTo", mia.ID)); status != http.StatusForbidden {
			t.Errorf("a vote in somebody else's name: %d %s", status, text)
		}
		h.send(maxim, ballot(maxim, "3", text.IRI, h.ann.IRI, "Tabby"))
		h.dropped("id="+maxim.ID+"#votes/3/activity", "no poll")
		h.wantCounts(one, 1, 0, 1)

		// Some send more of a Note than a vote needs.
		h.send(maxim, ballot(maxim, "4", one.IRI, h.ann.IRI, "Tabby", "content", "", "published", "2026-11-23T10:00:00Z", "sensitive", false))
		h.wantCounts(one, 2, 1, 1)
		for i, option := range []string{"Day", "Night", "Night"} {
			h.send(mia, ballot(mia, fmt.Sprint("m", i), many.IRI, h.ann.IRI, option))
		}
		h.wantCounts(many, 1, 1, 1)

		h.send(bad, map[string]any{"@context": as.NS, "type": "Follow", "id": bad.ID + "/f", "actor": bad.ID, "object": h.cats.IRI})
		banned, err := db.ActorByIRI(t.Context(), bad.ID)
		if err != nil {
			t.Fatal(err)
		}
		testdbBan(t, h, banned)
		h.send(bad, ballot(bad, "1", one.IRI, h.ann.IRI, "Tabby"))
		h.dropped("id="+bad.ID+"#votes/1/activity", "banned")
		h.wantCounts(one, 2, 1, 1)

		far.Clock(h.now)
		h.pass(8 * 24 * time.Hour)
		late := far.Person("late")
		h.send(late, ballot(late, "1", one.IRI, h.ann.IRI, "Tabby"))
		h.dropped("id="+late.ID+"#votes/1/activity", "closed")
		h.wantCounts(one, 2, 1, 1)
		if n := len(h.comments()); n != 0 {
			t.Errorf("%d votes became comments", n)
		}
	})
}

func testdbBan(t *testing.T, h *home, who *community.Actor) {
	t.Helper()
	err := h.db.SaveMembership(t.Context(), &community.Membership{
		GroupID: h.cats.ID, ActorID: who.ID, Role: community.Member, State: community.Absent, BannedUntil: h.now().Add(24 * time.Hour), CreatedAt: h.now(),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// question is a poll as Mastodon sends it: without a name.
func question(by *fediverse.Actor, group string, votes ...int) map[string]any {
	var options []any
	for i, n := range votes {
		options = append(options, map[string]any{"type": "Note", "name": fmt.Sprint("option ", i), "replies": map[string]any{"type": "Collection", "totalItems": n}})
	}
	return map[string]any{
		"id": by.ID + "/statuses/1", "type": "Question", "attributedTo": by.ID, "to": []string{public}, "cc": []string{group},
		"content": "<p>Which is best?</p><p>Tell me.</p>", "tag": []any{map[string]any{"type": "Mention", "href": group}},
		"published": "2026-11-23T08:00:00Z", "endTime": "2099-01-01T00:00:00Z", "votersCount": 3, "oneOf": options,
	}
}

func TestPollsFromMastodon(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		far := fediverse.NewPeer(t, "mastodon")
		mia := far.Person("mia")
		say := func(kind, id string, object map[string]any) {
			t.Helper()
			h.send(mia, map[string]any{"@context": as.NS, "id": mia.ID + "/" + id, "type": kind, "actor": mia.ID, "to": []string{public}, "cc": []string{h.cats.IRI}, "object": object})
		}
		say("Create", "c", question(mia, h.cats.IRI, 1, 2))
		list := h.feed(h.cats)
		if len(list) != 1 || list[0].Kind != community.PollPost || list[0].Title != "Which is best?" {
			t.Fatalf("the posts are %+v", list)
		}
		post := list[0]
		h.wantCounts(post, 3, 1, 2)
		more := question(mia, h.cats.IRI, 5, 6)
		more["votersCount"] = 11
		say("Update", "u1", more)
		h.wantCounts(post, 11, 5, 6)
		if post = h.feed(h.cats)[0]; !post.EditedAt.IsZero() {
			t.Error("counts make it look edited")
		}
		// Whoever votes here tells mia, and nobody else counts.
		h.send(mia, ballot(mia, "9", post.IRI, mia.ID, "option 0"))
		h.dropped("id="+mia.ID+"#votes/9/activity", "not counted here")
		closed := question(mia, h.cats.IRI, 5, 7)
		closed["votersCount"], closed["closed"] = nil, true
		say("Update", "u2", closed)
		h.wantCounts(post, 12, 5, 7)
		if poll, err := db.Poll(t.Context(), post.ID); err != nil || !poll.Closed(h.now()) {
			t.Errorf("closed, it is %+v, %v", poll, err)
		}
		say("Update", "u3", question(mia, h.cats.IRI, 0, 0, 0))
		h.wantCounts(post, 3, 0, 0, 0)
		odd := question(mia, h.cats.IRI, make([]int, 41)...)
		odd["id"] = mia.ID + "/statuses/2"
		say("Create", "c2", odd)
		if list := h.feed(h.cats); len(list) != 2 || list[1].Kind != community.TextPost {
			t.Errorf("a poll with 41 options is %+v", list[1])
		}
	})
}

// PieFed gives a Question a name too, and repeats it in the content.
func TestPollsFromPieFed(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		pia := a.lemmy.Person("pia")
		poll := page(a.lena, "poll", a.dogs.ID)
		poll["type"], poll["name"], poll["content"] = "Question", "Cats & dogs?", "<p>Cats &amp; dogs?</p><p>Choose.</p>"
		delete(poll, "attachment")
		poll["endTime"], poll["votersCount"] = "2099-01-01T00:00:00Z", 0
		poll["anyOf"] = []any{map[string]any{"type": "Note", "name": "cats", "replies": map[string]any{"totalItems": 0}}, map[string]any{"type": "Note", "name": "dogs"}}
		a.announce(a.act("Create", a.lena, poll))
		post := a.one()
		if post.Kind != community.PollPost || post.Title != "Cats & dogs?" || post.HTML != "<p>Choose.</p>" {
			t.Errorf("the post is %q, %q, %q", post.Kind, post.Title, post.HTML)
		}
		vote := func(by *fediverse.Actor, poll, choice string) map[string]any {
			return a.act("PollVote", by, poll, "choice_text", choice, "audience", a.dogs.ID, "to", nil, "cc", nil)
		}
		a.announce(vote(a.lena, post.IRI, "cats"))
		a.announce(vote(a.lena, post.IRI, "dogs"))
		a.announce(vote(a.lena, post.IRI, "dogs"))
		a.announce(vote(pia, post.IRI, "dogs"))
		a.wantCounts(post, 2, 1, 2)
		direct := vote(pia, post.IRI, "cats")
		direct["@context"] = as.NS
		a.send(pia, direct)
		a.dropped("id="+direct["id"].(string), "not counted here")
		a.wantCounts(post, 2, 1, 2)

		// In a group of ours it is sent to the group, for whomever the poll is by.
		hers := maps.Clone(poll)
		hers["id"], hers["to"], hers["audience"], hers["@context"] = a.lemmy.URL+"/post/hers", []string{a.cats.IRI, public}, a.cats.IRI, as.NS
		a.send(a.lena, a.signed("Create", a.lena, hers))
		direct = vote(pia, hers["id"].(string), "cats")
		direct["@context"] = as.NS
		a.send(pia, direct)
		a.wantCounts(a.feed(a.cats)[0], 1, 1, 0)

		// To a poll here it is sent directly.
		ours := a.asks(false, "yes", "no")
		direct = vote(pia, ours.IRI, "no")
		direct["@context"] = as.NS
		a.send(pia, direct)
		a.wantCounts(ours, 1, 0, 1)
		// A group speaks for nothing that is not in it.
		a.announce(vote(a.lena, ours.IRI, "yes"))
		a.dropped("kind=Announce", "announces what is not in it", "inner_kind=PollVote")
		a.announce(ballot(a.lena, "1", ours.IRI, a.ann.IRI, "yes"))
		a.dropped("kind=Announce", "cannot announce one")
		a.wantCounts(ours, 1, 0, 1)
	})
}

func TestAnswersAreChosen(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		a.announce(a.act("Create", a.lena, page(a.lena, "first", a.dogs.ID)))
		post := a.one()
		answer, err := a.posts.Comment(t.Context(), a.ann, post.ID, 0, posts.Draft{Body: "Twice a day."})
		if err != nil {
			t.Fatal(err)
		}
		wants := func(want community.CommentID) {
			t.Helper()
			if got := a.one().AnswerID; got != want {
				t.Errorf("the answer is %d, want %d", got, want)
			}
		}
		a.lemmy.Serve("/c/dogs/moderators", map[string]any{
			"@context": as.NS, "id": a.dogs.ID + "/moderators", "type": "OrderedCollection", "orderedItems": []string{a.lena.ID},
		})
		a.announce(a.act("ChooseAnswer", a.nico, answer.IRI, "audience", a.dogs.ID))
		a.dropped("inner_kind=ChooseAnswer", "no moderator")
		wants(0)
		chosen := a.act("ChooseAnswer", a.lena, answer.IRI, "audience", a.dogs.ID)
		a.announce(chosen)
		wants(answer.ID)
		a.announce(a.act("Undo", a.lena, chosen))
		wants(0)
		mod := a.lemmy.Person("mod") // of the group's server, on its word
		chosen = a.act("ChooseAnswer", mod, answer.IRI, "audience", a.dogs.ID)
		a.announce(chosen)
		wants(answer.ID)
		a.announce(a.act("ChooseAnswer", a.lena, post.IRI))
		a.dropped("inner_kind=ChooseAnswer", "does not answer itself")

		// In a group of ours the role counts, and who asked.
		asked, err := a.posts.Publish(t.Context(), a.ann, a.cats, posts.Draft{Title: "How?"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.posts.Comment(t.Context(), a.ann, asked.ID, 0, posts.Draft{Body: "So."})
		if err != nil {
			t.Fatal(err)
		}
		forged := a.act("ChooseAnswer", a.lena, c.IRI, "@context", as.NS)
		a.send(a.lena, forged)
		a.dropped("id="+forged["id"].(string), "Only who asked")
	})
}

// PieFed puts the votes of some minutes into one Announce (FEP-1a11). Each
// counts or is dropped for itself.
func TestVotesInBatches(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		a.announce(a.act("Create", a.lena, page(a.lena, "first", a.dogs.ID)))
		post := a.one()
		eve, sam, pia := a.lemmy.Person("eve"), a.lemmy.Person("sam"), a.lemmy.Person("pia")
		batch := []any{
			a.act("Like", a.lena, post.IRI, "to", nil, "cc", nil),
			a.act("Like", a.lena, "https://nowhere.example/post/1"),
			a.act("Follow", eve, a.dogs.ID),
			"nonsense",
			17,
			a.act("EmojiReact", sam, post.IRI, "content", "🐕"),
			a.act("Like", pia, post.IRI, "content", "👍"),
			a.act("Like", &fediverse.Actor{Peer: a.lemmy, ID: a.ann.IRI}, post.IRI), // in our people's name
			a.act("Dislike", eve, post.IRI),
		}
		a.announce(batch)
		for who, want := range map[*fediverse.Actor]int{a.lena: 1, sam: 1, pia: 1, eve: -1} {
			if got := a.vote(who, post); got != want {
				t.Errorf("%s voted %d, want %d", who.Name, got, want)
			}
		}
		a.announce([]any{a.act("Undo", sam, batch[5]), a.act("Undo", pia, batch[6]), a.act("Undo", eve, batch[0])})
		for who, want := range map[*fediverse.Actor]int{a.lena: 1, sam: 0, pia: 0, eve: -1} {
			if got := a.vote(who, post); got != want {
				t.Errorf("after the second %s voted %d, want %d", who.Name, got, want)
			}
		}
	})
}
