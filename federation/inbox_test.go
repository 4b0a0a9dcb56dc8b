package federation_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

const public = as.Public

// note is a Create{Note} by actor that mentions the group.
func note(actor *fediverse.Actor, name, group string) map[string]any {
	id := actor.ID + "/statuses/" + name
	return map[string]any{
		"@context": as.NS, "id": id + "/activity", "type": "Create", "actor": actor.ID, "to": public, "cc": []string{actor.ID + "/followers", group},
		"object": map[string]any{
			"id": id, "type": "Note", "attributedTo": actor.ID, "to": public, "cc": []string{actor.ID + "/followers", group},
			"content": "<p>" + name + " says hello</p>", "published": "2026-05-01T10:00:00Z",
			"tag": map[string]any{"type": "Mention", "href": group},
		},
	}
}

// raw posts a body with headers that the test chooses.
func raw(t testing.TB, url, contentType string, body []byte, sign func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if sign != nil {
		sign(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestInboxRefuses is the table of what is wrong: each has a clear answer and
// nothing is stored.
func TestInboxRefuses(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mastodon")
		alice, mallory := peer.Person("alice"), peer.Person("mallory")
		elsewhere := fediverse.NewPeer(t, "mastodon")
		eve := elsewhere.Person("eve")
		good := func(name string) map[string]any { return note(alice, name, h.cats.IRI) }
		with := func(a map[string]any, key string, value any) map[string]any {
			a[key] = value
			return a
		}
		object := func(a map[string]any, key string, value any) map[string]any {
			a["object"].(map[string]any)[key] = value
			return a
		}
		by := func(a *fediverse.Actor) func(*http.Request, []byte) {
			return func(r *http.Request, body []byte) {
				if err := a.Sign(r, body); err != nil {
					t.Error(err)
				}
			}
		}
		at := func(a *fediverse.Actor, when time.Time) func(*http.Request, []byte) {
			return func(r *http.Request, body []byte) {
				if err := httpsig.Sign(r, body, a.KeyID, a.Key, when); err != nil {
					t.Error(err)
				}
			}
		}
		thief := *mallory // has mallory's key and says it is alice's
		thief.KeyID = alice.KeyID
		deep := []byte(`{"type":"Create","object":` + strings.Repeat(`{"object":`, 10_000) + `1` + strings.Repeat("}", 10_000) + "}")
		large := fediverse.JSON(t, with(good("large"), "summary", strings.Repeat("x", 2<<20)))

		tests := []struct {
			name     string
			activity any
			sign     func(*http.Request, []byte)
			media    string
			status   int
			says     string
		}{
			{"unsigned", good("a"), nil, "", 401, "not signed"},
			{"signed by another key", good("b"), by(&thief), "", 401, "does not match"},
			{"signed for another body", good("c"), func(r *http.Request, _ []byte) { by(alice)(r, []byte("{}")) }, "", 401, "igest"},
			{"signed a day ago", good("d"), at(alice, time.Now().Add(-24*time.Hour)), "", 401, "old"},
			{"signed tomorrow", good("e"), at(alice, time.Now().Add(24*time.Hour)), "", 401, "future"},
			{"signed by somebody else of the server", good("f"), by(mallory), "", 401, "does not belong to"},
			{"signed by somebody of another server", good("g"), by(eve), "", 401, "not of the server"},
			{"an id of another server", with(good("h"), "id", eve.ID+"/h"), by(alice), "", 403, "not of the server"},
			{"an id of ours", with(good("i"), "id", h.URL+"/activities/create/1"), by(alice), "", 403, "not of the server"},
			{"an actor of ours", with(good("j"), "actor", h.ann.IRI), by(alice), "", 403, "of this server"},
			{"an object of another server", object(good("k"), "id", eve.ID+"/k"), by(alice), "", 403, "cannot speak for"},
			{"an object of ours", object(good("l"), "id", h.URL+"/post/1"), by(alice), "", 403, "cannot speak for"},
			{"an object by another", object(good("m"), "attributedTo", mallory.ID), by(alice), "", 403, "is not by"},
			{"an object by a number", object(good("n"), "attributedTo", 1), by(alice), "", 403, "is not by"},
			{"a deletion elsewhere", map[string]any{"type": "Delete", "id": alice.ID + "/d", "actor": alice.ID, "object": eve.ID + "/x"}, by(alice), "", 403, "cannot delete"},
			{"two megabytes", large, by(alice), "", 413, "larger than"},
			{"ten thousand levels", deep, by(alice), "", 400, ""},
			{"no JSON", []byte("hello"), by(alice), "", 400, "JSON"},
			{"a list", []byte("[]"), by(alice), "", 400, ""},
			{"a graph", with(good("o"), "@graph", []any{}), by(alice), "", 400, ""},
			{"no type", with(good("p"), "type", nil), by(alice), "", 400, "type"},
			{"no id", with(good("q"), "id", nil), by(alice), "", 400, "id"},
			{"two actors", with(good("r"), "actor", []string{alice.ID, mallory.ID}), by(alice), "", 400, "actor"},
			{"plain JSON", good("s"), by(alice), "application/json", 415, "application/activity+json"},
			{"no content type", good("t"), by(alice), "text/html; charset=utf-8", 415, "application/activity+json"},
		}
		for _, test := range tests {
			body := fediverse.JSON(t, test.activity)
			media := test.media
			if media == "" {
				media = as.ContentType
			}
			var sign func(*http.Request)
			if test.sign != nil {
				sign = func(r *http.Request) { test.sign(r, body) }
			}
			status, text := raw(t, h.inbox(), media, body, sign)
			if status != test.status || !strings.Contains(text, test.says) || text == "" {
				t.Errorf("%s: the answer is %d %q, want %d and something with %q", test.name, status, text, test.status, test.says)
			}
			if n := h.waiting(); n != 0 {
				t.Fatalf("%s: %d jobs are stored", test.name, n)
			}
		}
		// What was refused above is accepted once it is right: nobody can
		// suppress an id that is not theirs.
		for _, id := range []string{"a", "b", "c"} {
			if status, text := alice.Send(t, h.inbox(), good(id)); status != 202 {
				t.Errorf("the right one of %s: %d %s", id, status, text)
			}
		}
		if n := h.waiting(); n != 3 {
			t.Errorf("%d jobs are stored, want 3", n)
		}
	})
}

// TestInboxAnswers202 is what is accepted and what of it is stored.
func TestInboxAnswers202(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mastodon")
		alice := peer.Person("alice")
		plain := func(kind, name string, object any) map[string]any {
			return map[string]any{"@context": as.NS, "type": kind, "id": alice.ID + "/" + name, "actor": alice.ID, "object": object}
		}
		tests := []struct {
			name     string
			inbox    string
			activity any
			stored   int
		}{
			{"a note", "/inbox", note(alice, "one", h.cats.IRI), 1},
			{"the same again", "/inbox", note(alice, "one", h.cats.IRI), 0},
			{"the same, in the group's inbox", "/c/cats/inbox", note(alice, "one", h.cats.IRI), 0},
			{"a follow, in a person's inbox", "/u/ann/inbox", plain("Follow", "f", h.ann.IRI), 1},
			{"an unknown type", "/inbox", plain("Frobnicate", "u", "x"), 0},
			{"a report", "/inbox", plain("Flag", "r", h.ann.IRI), 1},
			{"a block", "/inbox", plain("Block", "b", h.ann.IRI), 1},
		}
		for _, test := range tests {
			before := h.waiting()
			if status, text := alice.Send(t, h.URL+test.inbox, test.activity); status != 202 || text != "" {
				t.Errorf("%s: %d %q, want 202", test.name, status, text)
			}
			if n := h.waiting() - before; n != test.stored {
				t.Errorf("%s: %d jobs are stored, want %d", test.name, n, test.stored)
			}
		}
		h.dropped("kind=Frobnicate", "unknown")
		if n := len(peer.Requests("/users/alice")); n != 1 {
			t.Errorf("alice was fetched %d times, want once", n)
		}
	})
}

func TestInboxOfNobody(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	alice := fediverse.NewPeer(t, "").Person("alice")
	if err := h.db.DeleteActor(t.Context(), h.ann.ID, h.now()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/u/nobody/inbox": 404, "/c/ann/inbox": 404, "/c/nothing/inbox": 404, "/u/ann/inbox": 404} {
		if status, _ := alice.Send(t, h.URL+path, note(alice, "n", h.cats.IRI)); status != want {
			t.Errorf("POST %s: %d, want %d", path, status, want)
		}
	}
}

// TestDeleteOfUnknownActor fetches nothing: the key went with its owner.
func TestDeleteOfUnknownActor(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "")
	ghost := peer.Person("ghost")
	peer.Gone("/users/ghost")
	status, text := ghost.Send(t, h.inbox(), map[string]any{
		"@context": as.NS, "type": "Delete", "id": ghost.ID + "#delete", "actor": ghost.ID, "object": ghost.ID, "to": public,
	})
	if status != 202 || h.waiting() != 0 || len(peer.Requests("")) != 0 {
		t.Errorf("%d %q, %d jobs, %d requests; want 202 and nothing else", status, text, h.waiting(), len(peer.Requests("")))
	}
}

// TestKeys is about whose key is asked for, and how often, however they sign.
func TestKeys(t *testing.T) {
	t.Run("draft 12", func(t *testing.T) { testKeys(t, httpsig.Cavage) })
	t.Run("RFC 9421", func(t *testing.T) { testKeys(t, httpsig.Message) })
}

func testKeys(t *testing.T, scheme httpsig.Scheme) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "gotosocial")
	alice := peer.Person("alice")
	alice.Style.Scheme = scheme
	alice.KeyID = alice.ID + "/main-key" // a path and no fragment

	h.send(alice, note(alice, "1", h.cats.IRI))
	h.send(alice, note(alice, "2", h.cats.IRI))
	if n := len(peer.Requests("/users/alice")); n != 1 {
		t.Errorf("alice was fetched %d times for two activities, want once", n)
	}

	// A new key under the same name is found out, at the price of one fetch.
	key, err := httpsig.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	old := *alice
	alice.Key = key
	h.pass(11 * time.Minute)
	h.send(alice, note(alice, "3", h.cats.IRI))
	if n := len(peer.Requests("/users/alice")); n != 2 {
		t.Errorf("alice was fetched %d times after her key changed, want twice", n)
	}

	// Whoever forges buys no more than that one.
	for i := range 5 {
		if status, text := old.Send(t, h.inbox(), note(alice, fmt.Sprint("forged", i), h.cats.IRI)); status != 401 {
			t.Errorf("the old key: %d %s, want 401", status, text)
		}
	}
	if n := len(peer.Requests("/users/alice")); n != 2 {
		t.Errorf("alice was fetched %d times after forgeries, want twice", n)
	}

	// Nor does another name for the key.
	for i := range 5 {
		old.KeyID = fmt.Sprintf("%s#key%d", alice.ID, i)
		if status, text := old.Send(t, h.inbox(), note(alice, fmt.Sprint("named", i), h.cats.IRI)); status != 401 {
			t.Errorf("a key of another name: %d %s, want 401", status, text)
		}
	}
	if n := len(peer.Requests("/users/alice")); n != 2 {
		t.Errorf("alice was fetched %d times after forgeries, want twice", n)
	}

	// Somebody whose document cannot be had is asked for once, too.
	ghost := peer.Person("ghost")
	peer.Gone("/users/ghost")
	for i := range 3 {
		if status, _ := ghost.Send(t, h.inbox(), note(ghost, fmt.Sprint(i), h.cats.IRI)); status != 401 {
			t.Errorf("a key that is gone: %d, want 401", status)
		}
	}
	if n := len(peer.Requests("/users/ghost")); n != 1 {
		t.Errorf("ghost was fetched %d times, want once", n)
	}
}

// TestKeyOfAnotherKind: an actor whose RSA key we know signs with Ed25519
// under the same name, as software does that was brought up to date.
func TestKeyOfAnotherKind(t *testing.T) {
	for _, alg := range []string{"", `;alg="ed25519"`} {
		h := newHome(t, testdb.SQLite(t))
		peer := fediverse.NewPeer(t, "mastodon")
		alice := peer.Person("alice")
		h.send(alice, note(alice, "1", h.cats.IRI))
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		alice.Extra["publicKey"] = map[string]any{"id": alice.KeyID, "owner": alice.ID, "publicKeyPem": string(text)}
		h.pass(11 * time.Minute)
		body := fediverse.JSON(t, note(alice, "2", h.cats.IRI))
		sign := func(text string) string {
			return base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(text)))
		}
		status, answer := raw(t, h.inbox(), as.ContentType, body,
			messageBy(alice.KeyID, alg, body, "@method @target-uri content-digest", sign))
		if status != http.StatusAccepted {
			t.Errorf("alg %q: %d %s", alg, status, answer)
		}
		if n := len(peer.Requests("/users/alice")); n != 2 {
			t.Errorf("alg %q: alice was fetched %d times, want twice", alg, n)
		}
	}
}

// TestKeyOfAnother: the document that a key leads to names another owner.
func TestKeyOfAnother(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "")
	alice := peer.Person("alice")
	alice.Extra["publicKey"] = map[string]any{"id": alice.KeyID, "owner": peer.URL + "/users/bob", "publicKeyPem": "x"}
	for range 3 {
		if status, text := alice.Send(t, h.inbox(), note(alice, "1", h.cats.IRI)); status != 401 || !strings.Contains(text, "belongs to") {
			t.Errorf("%d %q, want 401 and whose it is", status, text)
		}
	}
	if n := len(peer.Requests("/users/alice")); n != 1 {
		t.Errorf("alice was fetched %d times, want once", n)
	}
}

// TestUnreachableKey asks the sender to come again: it is nobody's fault.
func TestUnreachableKey(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "")
	alice := peer.Person("alice")
	peer.ServeFunc("/users/alice", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	if status, _ := alice.Send(t, h.inbox(), note(alice, "1", h.cats.IRI)); status != 503 {
		t.Errorf("the answer is %d, want 503", status)
	}
}

// TestIntakeTogether sends many at once: all are acknowledged, each is stored
// once, however often it came.
func TestIntakeTogether(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "").Person("alice")
		const different, times = 40, 3
		var wg sync.WaitGroup
		for i := range different * times {
			wg.Go(func() {
				if status, text := alice.Send(t, h.inbox(), note(alice, fmt.Sprint(i%different), h.cats.IRI)); status != 202 {
					t.Errorf("%d %s", status, text)
				}
			})
		}
		wg.Wait()
		if n := h.waiting(); n != different {
			t.Errorf("%d jobs are stored, want %d", n, different)
		}
		h.work()
		if n := len(h.feed(h.cats)); n != different {
			t.Errorf("%d posts, want %d", n, different)
		}
	})
}

// TestShutdown answers 503 once the server stops, and what was acknowledged
// is stored.
func TestShutdown(t *testing.T) {
	db := testdb.SQLite(t)
	h := newHome(t, db)
	alice := fediverse.NewPeer(t, "").Person("alice")
	h.send(alice, note(alice, "first", h.cats.IRI))

	h.stop()
	if status, _ := alice.Send(t, h.inbox(), note(alice, "second", h.cats.IRI)); status != http.StatusServiceUnavailable {
		t.Errorf("a server that stops answers %d, want 503", status)
	}
	if n := len(h.feed(h.cats)); n != 1 {
		t.Errorf("%d posts, want the one that was acknowledged", n)
	}
}

// TestNoDatabase asks to come again, before and after the sender is known.
func TestNoDatabase(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		alice := fediverse.NewPeer(t, "").Person("alice")
		h.send(alice, note(alice, "first", h.cats.IRI))
		bob := alice.Peer.Person("bob")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, a := range []*fediverse.Actor{alice, bob} {
			for _, inbox := range []string{"/inbox", "/c/cats/inbox"} {
				if status, text := a.Send(t, h.URL+inbox, note(a, "second", h.cats.IRI)); status != 503 || text == "" {
					t.Errorf("%s to %s: %d %q, want 503", a.Name, inbox, status, text)
				}
			}
		}
	})
}

// TestSignOfLife is stored for a peer that speaks, and not at every word.
func TestSignOfLife(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "lemmy")
	alice := peer.Person("alice")
	heard := func() time.Time {
		p, err := h.db.PeerByHost(t.Context(), peer.Host, h.now())
		if err != nil {
			t.Fatal(err)
		}
		return p.ReceivedAt
	}
	h.send(alice, note(alice, "1", h.cats.IRI))
	first := heard()
	if first.IsZero() {
		t.Fatal("no sign of life was stored")
	}
	h.send(alice, note(alice, "2", h.cats.IRI))
	if !heard().Equal(first) {
		t.Error("a second sign of life within a minute was stored")
	}
	h.pass(2 * time.Minute)
	h.send(alice, note(alice, "3", h.cats.IRI))
	if heard().Equal(first) {
		t.Error("a sign of life after a minute was not stored")
	}
}
