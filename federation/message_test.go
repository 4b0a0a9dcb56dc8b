package federation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// letter is a direct Note as Mastodon sends it, with changes to the object.
func letter(by *fediverse.Actor, name string, to any, change ...any) map[string]any {
	object := map[string]any{
		"id": by.ID + "/statuses/" + name, "type": "Note", "attributedTo": by.ID, "to": to, "cc": []string{},
		"content": "<p>Hello <b>there</b>.</p>", "published": "2026-11-01T10:00:00Z",
		"tag": []any{map[string]any{"type": "Mention", "href": to, "name": "@ann"}},
	}
	for i := 0; i < len(change); i += 2 {
		if object[change[i].(string)] = change[i+1]; change[i+1] == nil {
			delete(object, change[i].(string))
		}
	}
	return map[string]any{
		"@context": as.NS, "id": object["id"].(string) + "/activity", "type": "Create", "actor": by.ID, "to": object["to"], "cc": []string{},
		"object": object,
	}
}

// chat is a ChatMessage as Lemmy 0.19 sends it.
func chat(by *fediverse.Actor, name, to, text string) map[string]any {
	create := letter(by, name, to, "type", "ChatMessage", "tag", nil, "cc", nil, "mediaType", "text/html",
		"content", "<p>"+text+"</p>\n", "source", map[string]any{"content": text, "mediaType": "text/markdown"})
	delete(create, "cc")
	return create
}

// again wraps the object of a Create in another activity.
func again(kind, id string, create map[string]any, change ...any) map[string]any {
	object := map[string]any{}
	for k, v := range create["object"].(map[string]any) {
		object[k] = v
	}
	for i := 0; i < len(change); i += 2 {
		object[change[i].(string)] = change[i+1]
	}
	return map[string]any{"@context": as.NS, "id": id, "type": kind, "actor": create["actor"], "to": create["to"], "object": object}
}

// letters are all messages that somebody sees, oldest first, as HTML.
func (h *home) letters(who *community.Actor) (texts []string) {
	h.t.Helper()
	conversations, _, err := h.messages.Conversations(h.t.Context(), who, community.Page{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range conversations {
		list, _, err := h.messages.List(h.t.Context(), who, c.With, community.Page{Limit: 100})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, m := range list {
			text := strings.TrimSpace(m.HTML)
			if m.Deleted() {
				text = "deleted"
			}
			texts = append([]string{c.With.Name + ": " + text}, texts...)
		}
	}
	return texts
}

func (h *home) wantLetters(who *community.Actor, want ...string) {
	h.t.Helper()
	if diff := cmp.Diff(want, h.letters(who)); diff != "" {
		h.t.Errorf("%s has (-want +got):\n%s", who.Name, diff)
	}
}

func TestMessagesFromElsewhere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		masto, lemmy := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "lemmy")
		mia, lena := masto.Person("mia"), lemmy.Person("lena")

		direct := letter(mia, "1", h.ann.IRI)
		h.send(mia, direct)
		h.wantLetters(h.ann, "mia: <p>Hello <b>there</b>.</p>")
		h.send(mia, again("Update", mia.ID+"/statuses/1#u", direct, "content", "<p>Hello.</p>", "updated", "2026-11-01T11:00:00Z"))
		h.wantLetters(h.ann, "mia: <p>Hello.</p>")

		// An answer to what everybody reads can be private too.
		post := h.asks(false, "a", "b")
		h.send(mia, letter(mia, "2", h.ann.IRI, "inReplyTo", post.IRI, "content", "<p>Psst</p>"))
		h.wantLetters(h.ann, "mia: <p>Hello.</p>", "mia: <p>Psst</p>")

		said := chat(lena, "3", h.ann.IRI, "hi!")
		h.send(lena, said)
		id := said["object"].(map[string]any)["id"].(string)
		gone := map[string]any{"@context": as.NS, "id": lena.ID + "/d", "type": "Delete", "actor": lena.ID, "to": h.ann.IRI, "object": id}
		h.send(lena, gone)
		h.wantLetters(h.ann, "mia: <p>Hello.</p>", "mia: <p>Psst</p>", "lena: deleted")
		h.send(lena, map[string]any{"@context": as.NS, "id": lena.ID + "/undo", "type": "Undo", "actor": lena.ID, "to": h.ann.IRI, "object": gone})
		h.wantLetters(h.ann, "mia: <p>Hello.</p>", "mia: <p>Psst</p>", "lena: <p>hi!</p>")

		// An Update can be the first that comes of a message.
		h.send(lena, again("Update", lena.ID+"/u4", chat(lena, "4", h.ann.IRI, "late")))
		h.wantLetters(h.ann, "mia: <p>Hello.</p>", "mia: <p>Psst</p>", "lena: <p>hi!</p>", "lena: <p>late</p>")

		// Nothing of it is anywhere else.
		if n := len(h.comments()) + len(h.feed(h.cats)); n != 1 {
			t.Errorf("%d posts and comments, want the one", n)
		}
		facts, err := db.Facts(t.Context(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if strings.HasPrefix(string(f.Kind), "message") && len(f.Raw) > 0 {
				t.Errorf("the fact %s holds the activity", f.Kind)
			}
		}
	})
}

func TestMessagesThatAreRefused(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		far, third := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "lemmy")
		mia, maxim, other := far.Person("mia"), far.Person("maxim"), third.Person("other")
		public := "https://www.w3.org/ns/activitystreams#Public"
		for name, test := range map[string]struct {
			activity map[string]any
			reason   string
		}{
			"to others too":        {letter(mia, "a", []string{h.ann.IRI, other.ID}), "is nobody here"},
			"to nobody":            {letter(mia, "b", h.URL+"/u/nobody"), ""},
			"a public ChatMessage": {letter(mia, "c", []string{h.ann.IRI, public}, "type", "ChatMessage"), "and public"},
			"to a group":           {chat(mia, "d", h.cats.IRI, "x"), "is nobody here"},
			"to ann and a group":   {letter(mia, "e", []string{h.ann.IRI, h.cats.IRI}), "is not public"},
			"to followers":         {letter(mia, "f", []string{h.ann.IRI, mia.ID + "/followers"}), "is not public"},
			"to very many":         {letter(mia, "g", []string{h.ann.IRI, h.URL + "/u/b", h.URL + "/u/c", h.URL + "/u/d", h.URL + "/u/e", h.URL + "/u/f"}), "at most"},
			"nothing":              {letter(mia, "h", h.ann.IRI, "content", ""), "is empty"},
		} {
			h.send(mia, test.activity)
			if test.reason != "" {
				h.dropped("id="+test.activity["id"].(string), test.reason)
			}
			if got := h.letters(h.ann); len(got) != 0 {
				t.Fatalf("%s: ann has %q", name, got)
			}
		}
		if status, _ := maxim.Send(t, h.inbox(), letter(maxim, "x", h.ann.IRI, "attributedTo", mia.ID)); status != http.StatusForbidden {
			t.Errorf("a message in somebody else's name: %d", status)
		}
		// Who did not write it changes nothing about it.
		own := letter(mia, "own", h.ann.IRI)
		h.send(mia, own)
		id := own["object"].(map[string]any)["id"].(string)
		h.send(maxim, map[string]any{"@context": as.NS, "id": maxim.ID + "/d", "type": "Delete", "actor": maxim.ID, "object": id})
		h.dropped("id="+maxim.ID+"/d", "is not by")
		h.wantLetters(h.ann, "mia: <p>Hello <b>there</b>.</p>")
		// And it does not become a post later.
		h.send(mia, again("Update", mia.ID+"/u", own, "to", []string{public}, "cc", []string{h.cats.IRI}))
		h.dropped("id="+mia.ID+"/u", "between people")
		// A flood ends.
		for i := range community.StrangersUnanswered {
			h.send(maxim, letter(maxim, fmt.Sprint(i), h.ann.IRI))
		}
		h.send(maxim, letter(maxim, "flood", h.ann.IRI))
		h.dropped("id="+maxim.ID+"/statuses/flood/activity", "gets no answer")
		if n := len(h.letters(h.ann)); n != 1+community.StrangersUnanswered {
			t.Errorf("ann has %d messages", n)
		}
		if n := len(h.feed(h.cats)) + len(h.comments()); n != 0 {
			t.Errorf("%d messages became posts", n)
		}
	})
}

// What a group announces is never a message.
func TestMessagesAreNotAnnounced(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newAbroad(t, db)
		dogs, lena := h.dogs, h.lena
		for i, inner := range []map[string]any{chat(lena, "1", h.ann.IRI, "x"), letter(lena, "2", h.ann.IRI)} {
			id := fmt.Sprintf("%s/announce/%d", dogs.ID, i)
			h.send(dogs, map[string]any{"@context": as.NS, "id": id, "type": "Announce", "actor": dogs.ID, "to": as.Public, "object": inner})
			h.dropped("id="+id, "cannot announce it")
		}
		h.wantLetters(h.ann)
		if n := len(h.feed(h.cats)); n != 0 {
			t.Errorf("%d posts", n)
		}
	})
}

// outbox turns what was recorded after a fact into activities, and returns the
// last.
func (h *home) outbox(after community.FactID) community.FactID {
	h.t.Helper()
	if err := h.db.NumberFacts(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	facts, err := h.db.Facts(h.t.Context(), after, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	if len(facts) == 0 {
		return after
	}
	err = h.db.InTx(h.t.Context(), func(tx *storage.DB) error { return h.fed.Readers()[0].Handle(h.t.Context(), tx, facts) })
	if err != nil {
		h.t.Fatal(err)
	}
	return facts[len(facts)-1].ID
}

// answering is a Create whose object answers something.
func answering(create map[string]any, to string) map[string]any {
	create["object"].(map[string]any)["inReplyTo"] = to
	return create
}

func TestAuthorsAreToldWhy(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		masto, lemmy := fediverse.NewPeer(t, "mastodon"), fediverse.NewPeer(t, "lemmy")
		lena := lemmy.Person("lena")
		told := 0
		last := h.outbox(0)
		tells := func(who *fediverse.Actor, activity map[string]any, words string) {
			t.Helper()
			h.send(who, activity)
			last = h.outbox(last)
			if words == "" {
				return
			}
			told++
			d := masto.Await(t, words, func(d fediverse.Delivery) bool {
				return d.Doc.Kind() == as.KindCreate && strings.Contains(string(d.Body), words)
			})
			said, _ := d.Doc.Embedded("object")
			about := activity["object"].(map[string]any)["id"]
			if said.Ref("inReplyTo") != about || len(said.Audience()) != 1 || said.Ref("to") != who.ID || d.Doc.Actor() != h.cats.IRI || d.Path != "/users/"+strings.Split(who.ID, "/users/")[1]+"/inbox" {
				t.Errorf("what tells of it is sent to %s: %s", d.Path, d.Body)
			}
		}
		dora := masto.Person("dora")
		direct := letter(dora, "1", h.cats.IRI)
		tells(dora, direct, "It is not public")
		tells(dora, again("Create", dora.ID+"/again", direct), "") // once
		tells(lena, letter(lena, "1", h.cats.IRI), "")             // Lemmy shows nobody

		post := h.asks(false, "a", "b")
		if err := h.moderation.LockPost(t.Context(), h.ann, post.ID, "", community.Origin{}); err != nil {
			t.Fatal(err)
		}
		lou := masto.Person("lou")
		tells(lou, answering(note(lou, "2", h.cats.IRI), post.IRI), "locked the thread")

		bad := masto.Person("bad")
		h.send(bad, map[string]any{"@context": as.NS, "type": "Follow", "id": bad.ID + "/f", "actor": bad.ID, "object": h.cats.IRI})
		banned, err := db.ActorByIRI(t.Context(), bad.ID)
		if err != nil {
			t.Fatal(err)
		}
		testdbBan(t, h, banned)
		tells(bad, note(bad, "3", h.cats.IRI), "banned you from it until")

		h.cats.Restricted = true
		if err := db.EditActor(t.Context(), h.cats); err != nil {
			t.Fatal(err)
		}
		rita := masto.Person("rita")
		tells(rita, note(rita, "4", h.cats.IRI), "Only its moderators begin threads")
		for i := range 5 { // a few a day, and no more
			tells(rita, note(rita, fmt.Sprint("r", i), h.cats.IRI), "")
		}
		told += community.MostRefusals - 1
		// Who is banned from the server is told nothing.
		who, err := db.ActorByIRI(t.Context(), rita.ID)
		if err != nil {
			t.Fatal(err)
		}
		h.pass(25 * time.Hour)
		if err := db.SaveSiteBan(t.Context(), &community.SiteBan{ActorID: who.ID, ByID: h.ann.ID, Until: community.Forever, CreatedAt: h.now()}); err != nil {
			t.Fatal(err)
		}
		masto.Clock(h.now)
		if status, _ := rita.Send(t, h.inbox(), note(rita, "last", h.cats.IRI)); status != http.StatusForbidden {
			t.Errorf("a banned author: %d", status)
		}
		n, err := db.Bun().NewSelect().Model((*community.Refusal)(nil)).Count(t.Context())
		if err != nil || int(n) != told {
			t.Errorf("%d refusals were told, want %d (%v)", n, told, err)
		}
		if got := of(lemmy, as.KindCreate); len(got) != 0 {
			t.Errorf("Lemmy was told of %d", len(got))
		}
	})
}
