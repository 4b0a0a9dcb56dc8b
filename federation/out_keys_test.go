package federation

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/federation/proof"
	"drystone/internal/testdb"
	"drystone/service/accounts"
	"drystone/storage"
)

func TestNextName(t *testing.T) {
	for name, want := range map[string]string{
		"https://a.test/u/x#main-key":       "https://a.test/u/x#main-key-2",
		"https://a.test/u/x#main-key-2":     "https://a.test/u/x#main-key-3",
		"https://a.test/u/x-9#main-key-9":   "https://a.test/u/x-9#main-key-10",
		"https://a.test/#ed25519-key":       "https://a.test/#ed25519-key-2",
		"https://a.test/u/x-7#ed25519-key":  "https://a.test/u/x-7#ed25519-key-2",
		"https://a.test/u/x#ed25519-key-41": "https://a.test/u/x#ed25519-key-42",
	} {
		if got := nextName(name); got != want {
			t.Errorf("after %s comes %s, want %s", name, got, want)
		}
	}
}

// A turn is a house in which keys are replaced, with a clock.
type turn struct {
	*Server
	t     *testing.T
	later time.Duration
}

func newTurn(t *testing.T, db *storage.DB) *turn {
	t.Helper()
	r := &turn{Server: outWorld(t, db), t: t}
	r.Now = func() time.Time { return noon.Add(r.later) }
	for _, id := range []community.ActorID{aliceID, gardenID} {
		a, err := db.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		key, err := httpsig.GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		text, err := httpsig.MarshalPrivate(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.AddKey(t.Context(), id, text); err != nil {
			t.Fatal(err)
		}
		if a.PublicKey, err = httpsig.PublicPEM(&key.PublicKey); err != nil {
			t.Fatal(err)
		}
		if err := db.ReplaceKey(t.Context(), a, text); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// rotate asks for new keys as an operator does, and tells of them.
func (r *turn) rotate(name string, compromised bool) []*community.Activity {
	r.t.Helper()
	service, err := accounts.New(accounts.Options{
		DB: r.DB, Origin: r.Origin, Host: r.Host, Now: r.Now, NewKey: func() (string, string, error) { return "", "", nil },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := service.Rotate(r.t.Context(), name, compromised); err != nil {
		r.t.Fatal(err)
	}
	if err := r.DB.NumberFacts(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	facts, err := r.DB.Facts(r.t.Context(), 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return tell(r.t, r.Server, facts[len(facts)-1])
}

// signs returns the name of the key that signs an activity, and wants it to be
// among those that the actor's document lists.
func (r *turn) signs(id community.ActorID, activity community.ActivityID) string {
	r.t.Helper()
	keyID, key, err := r.signer(r.t.Context(), id, activity)
	if err != nil {
		r.t.Fatal(err)
	}
	a, err := r.DB.Actor(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	listed := r.listed(strings.TrimPrefix(a.IRI, "https://home.test"))
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "https://lemmy.test/", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := httpsig.Sign(req, nil, keyID, key, noon); err != nil {
		r.t.Fatal(err)
	}
	sig, err := httpsig.Parse(req)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := sig.Verify(req, nil, listed[keyID], httpsig.Expect{Host: "lemmy.test", Now: noon}); err != nil {
		r.t.Errorf("what %s signs cannot be verified with the document: %v", keyID, err)
	}
	_, name, _ := strings.Cut(keyID, "#")
	return name
}

// listed reads the keys of an actor's document as a peer does.
func (r *turn) listed(path string) map[string]any {
	r.t.Helper()
	doc, err := as.Parse(r.t.Context(), request(r.t, r.Server, http.MethodGet, path).Body.Bytes())
	if err != nil {
		r.t.Fatal(err)
	}
	keys := map[string]any{}
	public, ok := doc.Embedded("publicKey") // one object: Lemmy reads no list
	if !ok {
		r.t.Fatalf("publicKey is %s", doc.RawOf("publicKey"))
	}
	if keys[public.ID()], err = httpsig.ParsePublicKey(public.Text("publicKeyPem")); err != nil {
		r.t.Fatal(err)
	}
	for _, k := range doc.Embeddeds("assertionMethod") {
		if keys[k.ID()], err = proof.ParseMultikey(k.Text("publicKeyMultibase")); err != nil {
			r.t.Fatal(err)
		}
	}
	return keys
}

func (r *turn) names(path string) string {
	var list []string
	for _, name := range []string{"main-key", "main-key-2", "main-key-3", "ed25519-key", "ed25519-key-2", "ed25519-key-3"} {
		if r.listed(path)["https://home.test"+path+"#"+name] != nil {
			list = append(list, name)
		}
	}
	return strings.Join(list, " ")
}

func TestRotation(t *testing.T) {
	for _, test := range []struct {
		name, path string
		id         community.ActorID
		told       []string
	}{
		{"alice", "/u/alice", aliceID, []string{"Update by alice to followers of alice", "Update by alice to https://lemmy.test/c/cats/inbox"}},
		{"garden", "/c/garden", gardenID, []string{"Update by garden to followers of garden"}},
	} {
		testdb.Each(t, func(t *testing.T, db *storage.DB) {
			r := newTurn(t, db)
			before := r.signs(test.id, 0)
			if got := r.names(test.path); before != "main-key" || got != "main-key ed25519-key" {
				t.Fatalf("%s signs with %s and lists %s", test.name, before, got)
			}
			rows := r.rotate(test.name, false)
			var told []string
			for _, row := range rows {
				told = append(told, describe(t, r.Server, row))
			}
			if diff := cmp.Diff(test.told, told); diff != "" {
				t.Errorf("who hears of it (-want +got):\n%s", diff)
			}
			if body := string(rows[0].Body); !strings.Contains(body, "#main-key-2") || !strings.Contains(body, `"type":"Update"`) {
				t.Errorf("the Update is %s", body)
			}
			r.later = time.Minute // another process notices by itself
			last := rows[len(rows)-1].ID
			for activity, want := range map[community.ActivityID]string{1: "main-key", rows[0].ID: "main-key", last: "main-key", last + 1: "main-key-2", 0: "main-key-2"} {
				if got := r.signs(test.id, activity); got != want {
					t.Errorf("%s: activity %d is signed with %s, want %s", test.name, activity, got, want)
				}
			}
			if got := r.names(test.path); got != "main-key main-key-2 ed25519-key ed25519-key-2" {
				t.Errorf("%s lists %s", test.name, got)
			}
			actor, err := db.Actor(t.Context(), test.id)
			if err != nil {
				t.Fatal(err)
			}
			body, err := r.prove(t.Context(), db, actor, []byte(`{"type":"Like"}`), noon)
			if err != nil || !strings.Contains(string(body), "#ed25519-key-2") {
				t.Errorf("proved as %s (%v)", body, err)
			}
			r.later = 4 * 24 * time.Hour
			if got := r.names(test.path); got != "main-key-2 ed25519-key-2" {
				t.Errorf("%s at last lists %s", test.name, got)
			}
			if got := r.signs(test.id, 1); got != "main-key-2" {
				t.Errorf("%s: after days what is old is signed with %s", test.name, got)
			}
			if err := r.trim(t.Context()); err != nil {
				t.Fatal(err)
			}
			if keys, err := db.ActorKeys(t.Context(), test.id); err != nil || len(keys) != 1 {
				t.Errorf("%d keys are kept (%v)", len(keys), err)
			}
			r.rotate(test.name, true)
			r.later += time.Minute
			if got := r.names(test.path); got != "main-key-3 ed25519-key-3" || r.signs(test.id, 1) != "main-key-3" {
				t.Errorf("when the old are not safe, %s lists %s", test.name, got)
			}
		})
	}
}

func TestWhoseKeysAreNotReplaced(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		r := newTurn(t, db)
		service := r.Accounts
		for name, code := range map[string]fault.Code{
			"nobody": fault.NotFound, "left": fault.NotFound, "lena@lemmy.test": fault.Invalid, "": fault.Invalid, "alice": fault.None,
		} {
			if _, err := service.Rotate(t.Context(), name, false); fault.CodeOf(err) != code {
				t.Errorf("of %q: %v, want %q", name, err, code)
			}
		}
		r.rotate("garden", false)
		r.later = time.Hour
		if _, err := service.Rotate(t.Context(), "garden", false); !fault.Is(err, fault.Conflict) {
			t.Errorf("again at once: %v", err)
		}
		if _, err := service.Rotate(t.Context(), "garden", true); err != nil {
			t.Errorf("again, since they are not safe: %v", err)
		}
	})
}
