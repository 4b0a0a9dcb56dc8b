package federation_test

import (
	"fmt"
	"net/http"
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
	for _, table := range []string{"posts", "comments", "votes", "memberships", "follows", "facts", "activities"} {
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
		{"CVE-2026-33869 and GHSA-8h43: a quote with a forged approval", func(a *abroad) {
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

// TestAdvisoriesOfShape: CVE-2026-46349, CVE-2026-48028 and GHSA-9rfg-v8g9-9367
// make a JSON-LD processor see another graph than was signed, CVE-2026-50128
// adds terms that no signature covers, GHSA-gg8q-rcg7-p79g has no limits. All
// are refused before anything is verified, stored or fetched.
func TestAdvisoriesOfShape(t *testing.T) {
	a := newAbroad(t, testdb.SQLite(t))
	before := a.counts()
	for name, change := range map[string]map[string]any{
		"CVE-2026-46349 @graph":        {"@graph": []any{map[string]any{"type": "Create"}}},
		"CVE-2026-48028 @included":     {"@included": []any{map[string]any{"type": "Create"}}},
		"GHSA-9rfg @reverse":           {"@reverse": map[string]any{"object": "https://a.test/1"}},
		"GHSA-9rfg nested @graph":      {"object": map[string]any{"id": a.nico.ID + "/1", "type": "Note", "x": map[string]any{"@graph": []any{}}}},
		"CVE-2026-50128 another actor": {"@context": []any{as.NS, map[string]any{"actor": "https://evil.test/ns#nobody"}}},
		"CVE-2026-50128 another type":  {"@context": []any{as.NS, map[string]any{"Create": "as:Delete"}}},
		"GHSA-gg8q a million tags":     {"tag": make([]int, 500_000)},
		"GHSA-gg8q many keys":          manyKeys(2000),
	} {
		activity := a.act("Create", a.nico, page(a.nico, "1", a.dogs.ID))
		for key, value := range change {
			activity[key] = value
		}
		status, text := a.nico.Send(t, a.inbox(), activity)
		if status != http.StatusBadRequest && status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: the inbox answered %d: %s", name, status, text)
		}
		if _, ok := a.log.find("inbox refused", "reason="); !ok {
			t.Errorf("%s: the log does not say why", name)
		}
	}
	if n := len(a.third.Requests(a.nico.Name)); n != 0 {
		t.Errorf("%d requests were made", n)
	}
	if after := a.counts(); after != before {
		t.Errorf("before there were %s, now %s", before, after)
	}
	// CVE-2026-50128: a linked data signature by somebody else earns nothing.
	create := a.act("Create", a.lena, page(a.lena, "signed", a.dogs.ID))
	create["signature"] = map[string]any{"type": "RsaSignature2017", "creator": a.lena.KeyID, "signatureValue": "AAAA"}
	if status, _ := a.nico.Send(t, a.inbox(), create); status != http.StatusUnauthorized && status != http.StatusForbidden {
		t.Errorf("with a linked data signature: %d", status)
	}
	a.none()
}

func manyKeys(n int) map[string]any {
	keys := map[string]any{}
	for i := range n {
		keys[fmt.Sprint("x", i)] = i
	}
	return keys
}

// TestAdvisoryCVE202623961: who is banned stays so when somebody else passes
// on what they said.
func TestAdvisoryCVE202623961(t *testing.T) {
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

// TestAdvisoryGHSAgwhw: what was removed answers as what never was, byte for
// byte, to whoever asks for a document. (What its author deleted is a
// Tombstone, which the author wants known.)
func TestAdvisoryGHSAgwhw(t *testing.T) {
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
		post.RemovedAt, comment.RemovedAt = a.now(), a.now()
		if err := db.HidePost(t.Context(), post); err != nil {
			t.Fatal(err)
		}
		if err := db.HideComment(t.Context(), comment); err != nil {
			t.Fatal(err)
		}
		for path, never := range paths {
			if got, want := answer(path), answer(never); got != want || !strings.HasPrefix(got, "404") {
				t.Errorf("%s answered %s, and %s %s", path, got, never, want)
			}
		}
	})
}
