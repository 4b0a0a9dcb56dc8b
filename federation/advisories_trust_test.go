package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/service/posts"
	"drystone/storage"
)

// counts is how much there is: an attack that is refused changes none of it.
// (Whoever signs something is known afterwards.)
func (a *abroad) counts() string {
	a.t.Helper()
	var all []string
	for _, table := range []string{"posts", "comments", "votes", "memberships", "follows", "facts", "activities", "messages", "reports", "notifications"} {
		n, err := a.db.Bun().NewSelect().Table(table).Count(a.t.Context())
		if err != nil {
			a.t.Fatal(err)
		}
		all = append(all, fmt.Sprint(table, " ", n))
	}
	return strings.Join(all, ", ")
}

// TestWithdrawnByTheGroup: a group takes out of itself what it announced, and
// nothing else; boosts by people mean nothing, nor does their end.
func TestWithdrawnByTheGroup(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
		p := a.one()
		boost := a.act("Announce", a.nico, p.IRI)
		a.send(a.nico, boost)
		a.dropped("boosts by people are not shown")
		a.send(a.nico, a.act("Undo", a.nico, boost))
		a.dropped("nor is their end")
		mine, err := a.posts.Publish(t.Context(), a.ann, a.cats, postDraft("Mine"))
		if err != nil {
			t.Fatal(err)
		}
		a.send(a.dogs, a.act("Undo", a.dogs, a.act("Announce", a.dogs, mine.IRI)))
		a.dropped("what is not in it")
		a.send(a.dogs, a.act("Undo", a.dogs, a.act("Announce", a.dogs, a.act("Like", a.lena, p.IRI))))
		a.dropped("nothing that could be taken back")
		cows := a.lemmy.Group("cows")
		a.join(cows)
		a.send(cows, a.act("Undo", cows, a.act("Announce", cows, p.IRI)))
		if now, err := db.Post(t.Context(), mine.ID); err != nil || now.Hidden() || a.one().Hidden() {
			t.Fatalf("something was withdrawn by another group (%v)", err)
		}
		a.send(a.dogs, a.act("Undo", a.dogs, a.act("Announce", a.dogs, a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))))
		if p := a.one(); p.RemovedAt.IsZero() || !p.DeletedAt.IsZero() {
			t.Errorf("the post is %+v", p)
		}
	})
}

func TestAdvisoriesOfOriginAndTrust(t *testing.T) {
	text := func(a *abroad, path, contentType string, doc any) string {
		return a.third.ServeFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(fediverse.JSON(a.t, doc))
		})
	}
	tests := []struct {
		name string
		play func(a *abroad) // the attack
		why  string          // what the log says of it
	}{
		{"CVE-2024-23832: an object by the name of another server's", func(a *abroad) {
			a.announce(a.third.Serve("/post/1", page(a.lena, "1", a.dogs.ID)))
		}, "a document of another server"},
		{"CVE-2024-25623 and CVE-2024-25636: an upload as an activity", func(a *abroad) {
			a.announce(text(a, "/media/1.json", "application/json", a.act("Create", a.nico, page(a.nico, "1", a.dogs.ID))))
		}, "not with an ActivityStreams document"},
		{"CVE-2024-25623: an upload as text", func(a *abroad) {
			a.announce(text(a, "/media/1.txt", "text/plain", page(a.nico, "1", a.dogs.ID)))
		}, "not with an ActivityStreams document"},
		{"CVE-2024-37903: a Create of what somebody else wrote", func(a *abroad) {
			a.announce(a.act("Create", a.lena, page(a.lemmy.Person("otto"), "1", a.dogs.ID)))
		}, "is not by"},
		{"CVE-2024-37903: a public Create of what is for followers", func(a *abroad) {
			secret := page(a.lena, "1", a.dogs.ID)
			secret["to"], secret["cc"] = []string{a.lena.ID + "/followers"}, []string{}
			a.announce(a.act("Create", a.lena, secret))
		}, "is not public"},
		{"CVE-2026-33869 and GHSA-8h43-rcqj-wpc6: a forged approval of a quote", func(a *abroad) {
			approval := map[string]any{
				"type": "QuoteAuthorization", "id": a.third.URL + "/approvals/1", "attributedTo": a.ann.IRI,
				"interactingObject": a.third.URL + "/post/1", "interactionTarget": a.ann.IRI + "/posts/1",
			}
			a.send(a.nico, a.act("Accept", a.nico, approval))
		}, "kind=Accept"},
		{"NodeBB: an author that is a number", func(a *abroad) {
			doc := page(a.lena, "1", a.dogs.ID)
			doc["attributedTo"] = 1
			a.announce(a.act("Create", a.lena, doc))
		}, "is not by"},
		{"NodeBB: an author that is a number, fetched", func(a *abroad) {
			doc := page(a.nico, "1", a.dogs.ID)
			doc["attributedTo"] = []any{1, "1", "/uid/1"}
			a.announce(a.third.Serve("/post/1", doc))
		}, "names no author of its own server"},
		{"NodeBB: an author here beside the true one", func(a *abroad) {
			doc := page(a.lena, "1", a.dogs.ID)
			doc["attributedTo"] = []any{a.ann.IRI}
			a.announce(a.act("Create", a.lena, doc))
		}, "is not by"},
		{"NodeBB: an author by the number that we give them", func(a *abroad) {
			doc := page(a.lena, "1", a.dogs.ID)
			doc["attributedTo"] = []any{a.ann.ID, fmt.Sprint(a.ann.ID), "ann", "@ann@" + a.ann.Host}
			a.announce(a.act("Create", a.lena, doc))
		}, "is not by"},
		{"NodeBB: a number who likes", func(a *abroad) {
			like := a.act("Like", a.lena, a.cats.IRI)
			like["actor"] = 1
			a.announce(like)
		}, "has not exactly one actor"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAbroad(t, testdb.SQLite(t))
			before := a.counts()
			test.play(a)
			a.dropped(test.why)
			if after := a.counts(); after != before {
				t.Errorf("before there were %s, now %s", before, after)
			}
		})
	}
}

// TestAdvisoriesOfShape: these make a JSON-LD processor see another graph than
// was signed, add terms that no signature covers, or have no limits. All are
// refused before anything is verified, stored or fetched, and refused again
// where they are fetched because somebody else announces them.
func TestAdvisoriesOfShape(t *testing.T) {
	for _, test := range []struct {
		name   string
		change map[string]any
		status int
		says   string // in the answer and the log
	}{
		{"CVE-2026-46349: a graph", map[string]any{"@graph": []any{map[string]any{"type": "Create"}}}, 400, "keyword @graph"},
		{"CVE-2026-46349: another name for the id", map[string]any{"@id": "https://evil.test/1"}, 400, "keyword @id"},
		{"CVE-2026-46349: another name for the type", map[string]any{"@type": "Delete"}, 400, "keyword @type"},
		{"CVE-2026-48028: what is included", map[string]any{"@included": []any{map[string]any{"type": "Create"}}}, 400, "keyword @included"},
		{"CVE-2026-48028: aliases in the context", map[string]any{"@context": []any{as.NS, map[string]any{"x": "@graph"}}}, 400, `redefines "x"`},
		{"GHSA-9rfg-v8g9-9367: the other way round", map[string]any{"@reverse": map[string]any{"object": "https://a.test/1"}}, 400, "keyword @reverse"},
		{"GHSA-9rfg-v8g9-9367: deeper down", map[string]any{"tag": []any{map[string]any{"x": map[string]any{"@graph": []any{}}}}}, 400, "keyword @graph"},
		{"CVE-2026-50128: another meaning of actor", map[string]any{"@context": []any{as.NS, map[string]any{"actor": "https://evil.test/ns#nobody"}}}, 400, `redefines "actor"`},
		{"CVE-2026-50128: another meaning of Create", map[string]any{"@context": []any{as.NS, map[string]any{"Create": "as:Delete"}}}, 400, `redefines "Create"`},
		{"GHSA-gg8q-rcg7-p79g: a million tags", map[string]any{"tag": make([]int, 1_000_000)}, 413, "larger than"},
		{"GHSA-gg8q-rcg7-p79g: as many as fit", map[string]any{"tag": make([]int, 500_000)}, 400, "more than 1000 elements"},
		{"GHSA-gg8q-rcg7-p79g: many lists", map[string]any{"tag": slices.Repeat([]any{make([]int, 900)}, 12)}, 400, "more than 10000 values"},
		{"GHSA-gg8q-rcg7-p79g: many keys", manyKeys(2000), 400, "more than 1000 elements"},
		{"GHSA-gg8q-rcg7-p79g: boxes in boxes", map[string]any{"tag": json.RawMessage(strings.Repeat("[", 40) + strings.Repeat("]", 40))}, 400, "nested more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAbroad(t, testdb.SQLite(t))
			before, known := a.counts(), a.contents()
			doc := page(a.nico, "1", a.dogs.ID)
			activity := a.act("Create", a.nico, page(a.nico, "1", a.dogs.ID))
			maps.Copy(activity, test.change)
			body := fediverse.JSON(t, activity)
			a.refused(test.name, body, test.status, test.says, func(r *http.Request) {
				if err := a.nico.Sign(r, body); err != nil {
					t.Error(err)
				}
			})
			if n := len(a.third.Requests("")); n != 0 || a.contents() != known {
				t.Errorf("%d requests were made; there was %s and is %s", n, known, a.contents())
			}
			maps.Copy(doc, test.change)
			a.announce(a.third.Serve("/post/1", doc))
			a.dropped("kind=Announce", test.says)
			if after := a.counts(); after != before {
				t.Errorf("before there were %s, now %s", before, after)
			}
		})
	}
}

// CVE-2026-50128 (Mastodon): what a linked data signature leaves out, such as
// attributionDomains, was believed. Such signatures earn nothing here, and
// nobody is believed to have written what a site says they did.
func TestCVE_2026_50128_UnsignedTerms(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	a.send(a.nico, a.act("Follow", a.nico, a.cats.IRI))
	a.announce(a.act("Create", a.lena, page(a.lena, "first", a.dogs.ID)))
	update := func(of, sender *fediverse.Actor) map[string]any {
		doc := of.Document()
		doc["name"], doc["attributionDomains"] = "Renamed", []string{"evil.test"}
		activity := a.act("Update", of, doc)
		activity["signature"] = map[string]any{
			"type": "RsaSignature2017", "creator": of.KeyID, "created": "2026-05-01T10:00:00Z", "signatureValue": rsaSign(t, of.Key, "all but the domains"),
		}
		return activity
	}
	before, lena := a.contents(), *a.stored(a.lena)
	body := fediverse.JSON(t, update(a.lena, a.nico))
	a.refused("passed on", body, http.StatusUnauthorized, "not of the server of "+a.lena.ID, func(r *http.Request) {
		if err := a.nico.Sign(r, body); err != nil {
			t.Error(err)
		}
	})
	if now := a.stored(a.lena); now.Title != lena.Title || a.contents() != before {
		t.Errorf("lena is called %q; there was %s and is %s", now.Title, before, a.contents())
	}
	// By herself she may change her name; the domains are nowhere.
	a.send(a.lena, update(a.lena, a.lena))
	now, err := json.Marshal(a.stored(a.lena))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(now), "Renamed") || strings.Contains(string(now), "evil.test") {
		t.Errorf("lena is %s", now)
	}
}

// CVE-2026-33869 and GHSA-8h43-rcqj-wpc6 (Mastodon): a quote was shown with
// what it quotes although its author never agreed, as an approval was not
// looked at. A quote is a post of its author here, and shows and brings
// nothing of anybody else but a link, whatever it claims to have been allowed.
func TestCVE_2026_33869_AQuoteBringsNothing(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	secret, err := a.posts.Publish(t.Context(), a.ann, a.cats, postDraft("Of ann alone"))
	if err != nil {
		t.Fatal(err)
	}
	said := func() int64 {
		n, err := a.db.Bun().NewSelect().Model((*community.Fact)(nil)).Where("post_id = ?", secret.ID).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := said()
	approval := a.third.Serve("/approvals/1", map[string]any{
		"type": "QuoteAuthorization", "id": a.third.URL + "/approvals/1", "attributedTo": a.ann.IRI,
		"interactingObject": a.lemmy.URL + "/post/quote", "interactionTarget": secret.IRI,
	})
	quoted := a.third.Serve("/post/quoted", page(a.nico, "quoted", a.dogs.ID))
	for name, target := range map[string]string{"ours": secret.IRI, "theirs": quoted} {
		quote := page(a.lena, "quote-"+name, a.dogs.ID)
		for _, key := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
			quote[key] = target
		}
		quote["quoteAuthorization"] = approval
		quote["tag"] = []any{map[string]any{"type": "Link", "mediaType": as.ContentType, "href": target, "rel": "https://misskey-hub.net/ns#_misskey_quote"}}
		a.announce(a.act("Create", a.lena, quote))
	}
	list := a.feed(a.group)
	if len(list) != 2 {
		t.Fatalf("%d posts, want the two that quote", len(list))
	}
	for _, p := range list {
		if !strings.Contains(p.HTML, "<p>RE: <a href=") {
			t.Errorf("the post does not link to what it quotes: %s", p.HTML)
		}
		all := p.Title + p.HTML + p.Body + p.Link
		for _, link := range []string{secret.IRI, quoted} {
			all = strings.ReplaceAll(all, link, "")
		}
		if strings.Contains(all, "quoted") || strings.Contains(all, "ann alone") {
			t.Errorf("the post shows what it quotes: %+v", p)
		}
	}
	for _, path := range []string{"/approvals/", "/post/quoted"} {
		if n := len(a.third.Requests(path)); n != 0 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
	// An approval that nobody asked for means nothing, nor does one that is
	// asked for in somebody else's name, and the log says so.
	for _, kind := range []string{"QuoteRequest", "Accept"} {
		a.send(a.nico, a.act(kind, a.nico, secret.IRI, "instrument", a.lemmy.URL+"/post/quote"))
		a.dropped("kind=" + kind)
	}
	if after := said(); after != before {
		t.Errorf("%d things are said of what is quoted, and were %d", after, before)
	}
}

func manyKeys(n int) map[string]any {
	keys := map[string]any{}
	for i := range n {
		keys[fmt.Sprint("x", i)] = i
	}
	return keys
}

// CVE-2026-23961: who is banned stays so when somebody else passes
// on what they said.
func TestCVE_2026_23961_BannedInAGroup(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	a.announce(a.act("Create", a.lena, page(a.lena, "first", a.dogs.ID)))
	p := a.one()
	m, err := a.db.Membership(t.Context(), a.group.ID, a.stored(a.lena).ID)
	if err != nil {
		t.Fatal(err)
	}
	if m == nil {
		m = &community.Membership{GroupID: a.group.ID, ActorID: a.stored(a.lena).ID, State: community.Absent, CreatedAt: a.now()}
	}
	m.BannedUntil = a.now().Add(24 * time.Hour)
	if err := a.db.SaveMembership(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	before := a.counts()
	a.announce(a.act("Create", a.lena, page(a.lena, "second", a.dogs.ID)))
	a.announce(a.lemmy.Serve("/post/third", page(a.lena, "third", a.dogs.ID)))
	a.announce(a.act("Create", a.lena, reply(a.lena, "c", p.IRI)))
	a.announce(a.act("Like", a.lena, p.IRI))
	a.dropped("inner_kind=Create", "banned")
	a.dropped("inner_kind=Like", "banned")
	if after := a.counts(); after != before {
		t.Errorf("before there were %s, now %s", before, after)
	}
}

// GHSA-gwhw-gcjx-72v8: what was removed answers as what never was, byte for
// byte, to whoever asks for a document. (What its author deleted is a
// Tombstone, which the author wants known.)
func TestGHSA_gwhw_gcjx_72v8_RemovedIsAsNeverThere(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		a := newAbroad(t, db)
		post, err := a.posts.Publish(t.Context(), a.ann, a.cats, postDraft("Removed"))
		if err != nil {
			t.Fatal(err)
		}
		comment, err := a.posts.Comment(t.Context(), a.ann, post.ID, 0, posts.Draft{Body: "An answer"})
		if err != nil {
			t.Fatal(err)
		}
		answer := func(path string) string {
			status, body, _ := a.nico.Get(t.Context(), a.URL+path)
			return fmt.Sprint(status, " ", string(body))
		}
		paths := map[string]string{
			fmt.Sprintf("/post/%d", post.ID): "/post/999999", fmt.Sprintf("/comment/%d", comment.ID): "/comment/999999",
			fmt.Sprintf("/post/%d/replies", post.ID): "/post/999999/replies", fmt.Sprintf("/post/%d/context", post.ID): "/post/999999/context",
		}
		for path, never := range paths {
			if got := answer(path); !strings.HasPrefix(got, "200") || got == answer(never) {
				t.Fatalf("%s answered %s", path, got)
			}
		}
		down := storage.Takedown{At: a.now()}
		if err := errors.Join(db.TakeDown(t.Context(), []*community.Post{post}, down), db.TakeDownComments(t.Context(), []*community.Comment{comment}, down)); err != nil {
			t.Fatal(err)
		}
		for path, never := range paths {
			if got, want := answer(path), answer(never); got != want || !strings.HasPrefix(got, "404") {
				t.Errorf("%s answered %s, and %s %s", path, got, never, want)
			}
		}
	})
}
