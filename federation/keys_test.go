package federation

import (
	"bytes"
	"net/http"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/testdb"
)

func TestSign(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	key, err := httpsig.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := httpsig.MarshalPrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AddKey(t.Context(), gardenID, pem); err != nil {
		t.Fatal(err)
	}
	content := []byte(`{"type":"Announce"}`)
	for range 2 { // the second time from memory
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://lemmy.test/inbox", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", as.ContentType)
		if err := s.sign(gardenID, content, httpsig.Style{})(req); err != nil {
			t.Fatal(err)
		}
		sig, err := httpsig.Parse(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := sig.Verify(req, content, &key.PublicKey, httpsig.Expect{Host: "lemmy.test", Now: noon}); err != nil {
			t.Error(err)
		}
		if sig.KeyID != "https://home.test/c/garden#main-key" {
			t.Errorf("keyId %s", sig.KeyID)
		}
	}
}

func TestOnlyOurActorsSign(t *testing.T) {
	s := outWorld(t, testdb.SQLite(t))
	for _, id := range []community.ActorID{lenaID, 404} {
		if _, _, err := s.signer(t.Context(), id, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("signer(%d) = %v", id, err)
		}
	}
}

func TestSignersForget(t *testing.T) {
	var k signers
	for id := range community.ActorID(mostKeys + 10) {
		k.put(id, signingKeys{})
	}
	if len(k.keys) > mostKeys {
		t.Errorf("%d keys in memory", len(k.keys))
	}
	if _, ok := k.get(mostKeys + 9); !ok {
		t.Error("the newest is forgotten")
	}
}
