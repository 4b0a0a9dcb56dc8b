package federation_test

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
	"drystone/storage"
)

// pen gives an actor elsewhere an Ed25519 key, made from a letter.
func pen(t testing.TB, actor *fediverse.Actor, letter byte) ed25519.PrivateKey {
	t.Helper()
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(letter), 32)))
	actor.Extra["assertionMethod"] = []any{multikey(t, actor, key)}
	return key
}

func multikey(t testing.TB, actor *fediverse.Actor, key ed25519.PrivateKey) map[string]any {
	t.Helper()
	text, err := proof.Multikey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"id": actor.ID + "#ed25519-key", "type": "Multikey", "controller": actor.ID, "publicKeyMultibase": text}
}

// proved is a document with a proof.
func proved(t testing.TB, doc any, key ed25519.PrivateKey, method string, at time.Time) json.RawMessage {
	t.Helper()
	out, err := proof.Add(fediverse.JSON(t, doc), key, method, at)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// edited changes a text in a document.
func edited(doc json.RawMessage, old, changed string) json.RawMessage {
	return json.RawMessage(strings.Replace(string(doc), old, changed, 1))
}

func TestProofs(t *testing.T) {
	type test struct {
		name string
		play func(a *abroad, key ed25519.PrivateKey, method string)
	}
	fetched := func(a *abroad, what string) int { return len(a.third.Requests(what)) }
	tests := []test{
		{"of an activity: nothing is fetched", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()))
			if p := a.one(); p.Title != "p by nico" || fetched(a, "/post/") != 0 {
				a.t.Errorf("the title is %q, and there were %d requests", p.Title, fetched(a, "/post/"))
			}
		}},
		{"of an object only: nothing is fetched", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(a.act("Create", a.nico, proved(a.t, page(a.nico, "p", a.dogs.ID), key, method, a.now())))
			if p := a.one(); p.Title != "p by nico" || fetched(a, "/post/") != 0 {
				a.t.Errorf("the title is %q, and there were %d requests", p.Title, fetched(a, "/post/"))
			}
		}},
		{"that does not fit: refused, though the origin would have it", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.third.Serve("/post/p", page(a.nico, "p", a.dogs.ID))
			a.announce(edited(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()), "p by nico", "lies"))
			a.none()
			a.dropped("inner_kind=Create", "does not fit")
		}},
		{"of an object, that does not fit", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.third.Serve("/post/p", page(a.nico, "p", a.dogs.ID))
			a.announce(a.act("Create", a.nico, edited(proved(a.t, page(a.nico, "p", a.dogs.ID), key, method, a.now()), "p by nico", "lies")))
			a.none()
			a.dropped("does not fit")
		}},
		{"by another person of the same server", func(a *abroad, _ ed25519.PrivateKey, _ string) {
			otto := a.third.Person("otto")
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), pen(a.t, otto, 'o'), otto.ID+"#ed25519-key", a.now()))
			a.none()
			a.dropped("lists no such key")
		}},
		{"by the group's server", func(a *abroad, _ ed25519.PrivateKey, _ string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), pen(a.t, a.dogs, 'd'), a.dogs.ID+"#ed25519-key", a.now()))
			a.none()
			a.dropped("is not by " + a.nico.ID)
		}},
		{"by a key that another made for them", func(a *abroad, _ ed25519.PrivateKey, method string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), pen(a.t, a.third.Person("otto"), 'o'), method, a.now()))
			a.none()
			a.dropped("does not fit")
		}},
		{"by a key that is for requests", func(a *abroad, key ed25519.PrivateKey, _ string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, a.nico.KeyID, a.now()))
			a.none()
			a.dropped("not one for proofs")
		}},
		{"for another purpose", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(edited(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()), "assertionMethod", "authentication"))
			a.none()
			a.dropped("not for saying")
		}},
		{"made tomorrow", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now().Add(24*time.Hour)))
			a.none()
			a.dropped("in the future")
		}},
		{"made yesterday: the origin says whether it still is so", func(a *abroad, key ed25519.PrivateKey, method string) {
			create := proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now().Add(-24*time.Hour))
			a.announce(create)
			a.none()
			a.dropped("inner_kind=Create", "404")
		}},
		{"of another suite, which says nothing", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.third.Serve("/post/p", page(a.nico, "p", a.dogs.ID))
			a.announce(edited(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()), "eddsa-jcs-2022", "eddsa-rdfc-2022"))
			a.one()
		}},
		{"of an edit, and of the one before it again", func(a *abroad, key ed25519.PrivateKey, method string) {
			first := page(a.nico, "p", a.dogs.ID)
			a.announce(proved(a.t, a.act("Create", a.nico, first), key, method, a.now()))
			edit := func(title string, at time.Time) json.RawMessage {
				changed := page(a.nico, "p", a.dogs.ID)
				changed["name"], changed["updated"] = title, at.UTC().Format(time.RFC3339)
				return proved(a.t, a.act("Update", a.nico, changed), key, method, a.now())
			}
			one, two := edit("one", a.now().Add(time.Minute)), edit("two", a.now().Add(time.Hour))
			a.announce(one)
			a.pass(30 * time.Minute)
			a.announce(two)
			if p := a.one(); p.Title != "two" || fetched(a, "/post/") != 0 {
				a.t.Fatalf("the title is %q after %d requests", p.Title, fetched(a, "/post/"))
			}
			a.announce(one)
			if p := a.one(); p.Title != "two" || fetched(a, "/post/") != 1 {
				a.t.Errorf("the title is %q after %d requests", p.Title, fetched(a, "/post/"))
			}
		}},
		{"of a deletion", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()))
			a.announce(proved(a.t, a.act("Delete", a.nico, a.third.URL+"/post/p"), key, method, a.now()))
			if p := a.one(); p.DeletedAt.IsZero() || fetched(a, "/post/") != 0 {
				a.t.Errorf("the post is %+v, and there were %d requests", p, fetched(a, "/post/"))
			}
		}},
		{"of a vote, which is then the voter's own", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(a.act("Create", a.lena, page(a.lena, "p", a.dogs.ID)))
			p := a.one()
			a.announce(proved(a.t, a.act("Like", a.nico, p.IRI), key, method, a.now()))
			if vouchers, err := a.db.Vouchers(a.t.Context()); err != nil || len(vouchers) != 0 || a.vote(a.nico, p) != 1 {
				a.t.Errorf("the vote is %d, vouched for by %v (%v)", a.vote(a.nico, p), vouchers, err)
			}
			a.announce(proved(a.t, a.act("Undo", a.nico, a.act("Like", a.nico, p.IRI)), key, method, a.now()))
			if a.vote(a.nico, p) != 0 {
				a.t.Error("the vote was not taken back")
			}
			wrong := edited(proved(a.t, a.act("Dislike", a.nico, p.IRI), key, method, a.now()), `"cc"`, `"bto":[],"cc"`)
			a.announce(wrong)
			a.dropped("inner_kind=Dislike", "does not fit")
		}},
		{"by a key that was replaced", func(a *abroad, key ed25519.PrivateKey, method string) {
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "p", a.dogs.ID)), key, method, a.now()))
			a.pass(time.Hour)
			fresh := pen(a.t, a.nico, 'f')
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "q", a.dogs.ID)), fresh, method, a.now()))
			if n := len(a.feed(a.group)); n != 2 {
				a.t.Errorf("there are %d posts", n)
			}
			a.announce(proved(a.t, a.act("Create", a.nico, page(a.nico, "r", a.dogs.ID)), key, method, a.now()))
			a.dropped("does not fit")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAbroad(t, testdb.SQLite(t))
			key := pen(t, a.nico, 'n')
			test.play(a, key, a.nico.ID+"#ed25519-key")
		})
	}
}

// TestRemoteKeys: what a server lists for its actor is kept, as far as it is
// the actor's, and what is no longer listed is forgotten.
func TestRemoteKeys(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		h := newHome(t, db)
		peer := fediverse.NewPeer(t, "mitra")
		mary := peer.Person("mary")
		key := pen(t, mary, 'm')
		good := multikey(t, mary, key)
		with := func(changes ...any) map[string]any {
			changed := multikey(t, mary, key)
			for i := 0; i < len(changes); i += 2 {
				changed[changes[i].(string)] = changes[i+1]
			}
			return changed
		}
		second, err := httpsig.GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		pem, err := httpsig.PublicPEM(&second.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		document := mary.Document()
		mary.Extra["publicKey"] = []any{document["publicKey"], map[string]any{"id": mary.ID + "#second", "owner": mary.ID, "publicKeyPem": pem}}
		listed := []any{
			good,
			good, // twice
			with("id", "https://other.test/users/mary#key"),
			with("id", mary.ID+"#of-another", "controller", peer.URL+"/users/otto"),
			with("id", mary.ID+"#over", "expires", "2020-01-01T00:00:00Z"),
			with("id", mary.ID+"#broken", "publicKeyMultibase", "z6Mk"),
			with("id", mary.ID+"#old-form", "type", "Ed25519VerificationKey2020"),
			with("id", mary.ID+"#lasting", "expires", "2099-01-01T00:00:00Z"),
			mary.ID + "#elsewhere",
		}
		for i := range 20 {
			listed = append(listed, with("id", mary.ID+"#more-"+string(rune('a'+i))))
		}
		mary.Extra["assertionMethod"] = listed
		keys := func() string {
			t.Helper()
			found, err := h.fed.Resolve(t.Context(), h.ann, mary.ID)
			if err != nil {
				t.Fatal(err)
			}
			list, err := db.ActorKeys(t.Context(), found.Person.ID)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, k := range list {
				if k.PrivateKey != "" || k.State != "" {
					t.Errorf("%s is kept as ours", k.IRI)
				}
				names = append(names, strings.TrimPrefix(k.IRI, mary.ID))
			}
			return strings.Join(names, " ")
		}
		if got, want := keys(), "#ed25519-key #lasting #more-a #more-b #more-c #more-d #more-e #more-f #more-g #more-h"; got != want {
			t.Errorf("the keys are %s, want %s", got, want)
		}
		mary.Extra["assertionMethod"] = good // a bare value
		update := map[string]any{
			"@context": as.NS, "id": peer.URL + "/activities/update/1", "type": "Update", "actor": mary.ID, "object": mary.Document(), "to": public,
		}
		h.send(mary, update)
		if got, want := keys(), "#ed25519-key #second"; got != want {
			t.Errorf("after the Update the keys are %s, want %s", got, want)
		}
		// The second RSA key signs as well as the first.
		first := *mary
		mary.Key, mary.KeyID = second, mary.ID+"#second"
		h.send(mary, map[string]any{"@context": as.NS, "id": peer.URL + "/activities/follow/1", "type": "Follow", "actor": mary.ID, "object": h.cats.IRI})
		h.send(&first, map[string]any{"@context": as.NS, "id": peer.URL + "/activities/undo/1", "type": "Undo", "actor": mary.ID, "object": peer.URL + "/none"})
		if m, err := db.Membership(t.Context(), h.cats.ID, actorID(t, db, mary.ID)); err != nil || m == nil || m.State != community.Accepted {
			t.Errorf("the membership is %+v (%v)", m, err)
		}
	})
}

func actorID(t *testing.T, db *storage.DB, iri string) community.ActorID {
	t.Helper()
	a, err := db.ActorByIRI(t.Context(), iri)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}
