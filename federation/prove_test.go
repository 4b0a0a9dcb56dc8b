package federation

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drystone/community"
	"drystone/federation/as"
	"drystone/federation/proof"
	"drystone/internal/testdb"
	"drystone/storage"
)

// proofsOf verifies every proof in a document, at any depth, and returns who
// made them, outermost first.
func proofsOf(t *testing.T, doc as.Doc) []string {
	t.Helper()
	var methods []string
	for d, ok := doc, true; ok; d, ok = d.Embedded("object") {
		p, err := proof.Of(d)
		if err != nil {
			t.Errorf("%s: %v", d.ID(), err)
		}
		if p == nil {
			if d.Has("proof") {
				t.Errorf("%s has a proof that nobody can check", d.ID())
			}
			continue
		}
		who, _, _ := strings.Cut(p.Method, "#")
		key := ed25519.NewKeyFromSeed(testSeed(who)).Public().(ed25519.PublicKey)
		if err := p.Verify(key, noon); err != nil {
			t.Errorf("%s in %s: %v", d.ID(), doc.ID(), err)
		}
		if says := d.Actor(); says != who && d.Ref("attributedTo") != who {
			t.Errorf("%s is proved by %s", d.ID(), who)
		}
		methods = append(methods, d.Kind()+" by "+p.Method[strings.LastIndexByte(p.Method, '/')+1:])
	}
	return methods
}

// TestProofsInExamples: what people here say has a proof that fits, where it
// is said and where a group passes it on; what groups say has none.
func TestProofsInExamples(t *testing.T) {
	want := map[string]string{
		"create_page":              "Create by alice#ed25519-key, Page by alice#ed25519-key",
		"announce_create_page":     "Create by alice#ed25519-key, Page by alice#ed25519-key",
		"create_note_elsewhere":    "Create by alice#ed25519-key, Note by alice#ed25519-key",
		"announce_update_page":     "Update by alice#ed25519-key, Page by alice#ed25519-key",
		"announce_update_group":    "Update by alice#ed25519-key",
		"delete_page":              "Delete by alice#ed25519-key",
		"undo_remove_page":         "Undo by alice#ed25519-key, Delete by alice#ed25519-key",
		"announce_like_page":       "Like by bob#ed25519-key",
		"undo_like_page":           "Undo by bob#ed25519-key",
		"announce_received_create": "",
		"announce_page":            "",
		"update_group":             "",
		"follow":                   "",
	}
	files, err := filepath.Glob(filepath.Join("testdata", "out", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		doc, err := as.Parse(t.Context(), body)
		if err != nil {
			continue // host_meta and NodeInfo are no ActivityStreams
		}
		got := strings.Join(proofsOf(t, doc), ", ")
		if wanted, listed := want[name]; listed && got != wanted {
			t.Errorf("%s has proofs %q, want %q", name, got, wanted)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("there are no examples %v", want)
	}
}

// TestKeysOfActors: everybody here lists one Ed25519 key, the same whoever
// asks first and whenever.
func TestKeysOfActors(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		another := outServer(t, db) // of the same house
		another.Seed = nil
		for path, id := range map[string]string{"/u/alice": "/u/alice", "/c/garden": "/c/garden", "/u/robot": "/u/robot", "/": "/"} {
			for _, server := range []*Server{s, another, s} {
				answer := request(t, server, "GET", path)
				doc, err := as.Parse(t.Context(), answer.Body.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				keys := doc.Embeddeds("assertionMethod")
				if len(keys) != 1 || keys[0].Kind() != "Multikey" || keys[0].ID() != "https://home.test"+id+"#ed25519-key" || keys[0].Ref("controller") != "https://home.test"+id {
					t.Fatalf("%s lists %s", path, doc.RawOf("assertionMethod"))
				}
				key, err := proof.ParseMultikey(keys[0].Text("publicKeyMultibase"))
				if err != nil {
					t.Fatal(err)
				}
				want := ed25519.NewKeyFromSeed(testSeed("https://home.test" + id)).Public().(ed25519.PublicKey)
				if !want.Equal(key) {
					t.Errorf("%s has another key", path)
				}
				if doc.Embeddeds("publicKey")[0].Ref("owner") != "https://home.test"+id {
					t.Errorf("%s has no publicKey any more", path)
				}
			}
		}
	})
}

// TestProofOfATransactionThatFails: a key that was never stored signs nothing.
func TestProofOfATransactionThatFails(t *testing.T) {
	testdb.Each(t, func(t *testing.T, db *storage.DB) {
		s := outWorld(t, db)
		alice, err := db.Actor(t.Context(), aliceID)
		if err != nil {
			t.Fatal(err)
		}
		s.Seed = nil
		prove := func(tx *storage.DB) string {
			body, err := s.prove(t.Context(), tx, alice, []byte(`{"type":"Like"}`), noon)
			if err != nil {
				t.Fatal(err)
			}
			return string(body)
		}
		var first string
		_ = db.InTx(t.Context(), func(tx *storage.DB) error {
			first = prove(tx)
			return context.Canceled
		})
		if second := prove(db); first == second {
			t.Error("the key outlived its transaction")
		}
		keys, err := db.ActorKeys(t.Context(), aliceID)
		if err != nil || len(keys) != 1 || keys[0].State != community.KeyCurrent {
			t.Fatalf("there are %d keys (%v)", len(keys), err)
		}
		if third := prove(db); third != prove(db) {
			t.Error("the key changes")
		}
	})
}

// TestNoProofsAmongMembers: what is said in a group for members only cannot be
// shown to be genuine to those who are none.
func TestNoProofsAmongMembers(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	if _, err := db.Bun().NewUpdate().Model((*community.Actor)(nil)).Set("visibility = ?", community.Private).Where("id = ?", gardenID).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	addTestPost(t, db, community.Post{ID: 7, GroupID: gardenID, AuthorID: aliceID, Title: "Secret"})
	rows := tell(t, s, community.Fact{Kind: community.PostPublished, ActorID: aliceID, GroupID: gardenID, PostID: 7})
	if len(rows) == 0 {
		t.Fatal("nobody heard of it")
	}
	for _, row := range rows {
		if bytes.Contains(row.Body, []byte(`"proof"`)) {
			t.Errorf("there is a proof in %s", row.Body)
		}
	}
}
