package federation

import (
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// TestAuthorizedFetch is who reads what when documents are for those who
// sign. NodeBB, which reads keys without signing and looks at objects with a
// HEAD, still gets what it needs.
func TestAuthorizedFetch(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	exhibit(t, db)
	s.AuthorizedFetch = true
	mary := visitor(t, s)
	stranger := *mary
	stranger.Key = mary.Peer.Person("eve").Key

	const whole, keys, empty = "whole", "keys", "empty"
	tests := []struct {
		path                                string
		unsigned, head, signed, wrong       int
		shownUnsigned, shownHead, shownToUs string
	}{
		{"/", 200, 200, 200, 200, whole, empty, whole},
		{"/outbox", 200, 200, 200, 200, whole, empty, whole},
		{"/u/alice", 200, 200, 200, 401, keys, empty, whole},
		{"/c/garden", 200, 200, 200, 401, keys, empty, whole},
		{"/u/left", 410, 410, 410, 401, whole, empty, whole},
		{"/u/nobody", 404, 404, 404, 401, "", empty, ""},
		{"/u/mia@masto.test", 302, 302, 302, 401, "", empty, ""},
		{"/post/7", 401, 200, 200, 401, "", empty, whole},
		{"/post/12", 401, 404, 404, 401, "", empty, ""},
		{"/comment/10", 401, 200, 200, 401, "", empty, whole},
		{"/post/7/context", 401, 200, 200, 401, "", empty, whole},
		{"/post/7/replies", 401, 200, 200, 401, "", empty, whole},
		{"/c/garden/outbox", 401, 200, 200, 401, "", empty, whole},
		{"/c/garden/followers", 401, 200, 200, 401, "", empty, whole},
		{"/c/garden/featured", 401, 200, 200, 401, "", empty, whole},
		{"/c/garden/moderators", 401, 200, 200, 401, "", empty, whole},
		{"/u/alice/outbox", 401, 200, 200, 401, "", empty, whole},
		{"/u/alice/followers", 401, 200, 200, 401, "", empty, whole},
		{"/u/alice/following", 401, 200, 200, 401, "", empty, whole},
		{"/activities/create/nothing", 401, 404, 404, 401, "", empty, ""},
		{"/.well-known/webfinger?resource=acct:alice@home.test", 200, 200, 200, 200, whole, empty, whole},
		{"/.well-known/host-meta", 200, 200, 200, 200, whole, empty, whole},
		{"/.well-known/nodeinfo", 200, 200, 200, 200, whole, empty, whole},
		{"/nodeinfo/2.1", 200, 200, 200, 200, whole, empty, whole},
	}
	for _, test := range tests {
		for _, c := range []struct {
			name, method string
			by           *fediverse.Actor
			status       int
			shown        string
		}{
			{"unsigned", http.MethodGet, nil, test.unsigned, test.shownUnsigned},
			{"a HEAD", http.MethodHead, nil, test.head, test.shownHead},
			{"signed", http.MethodGet, mary, test.signed, test.shownToUs},
			{"wrongly signed", http.MethodGet, &stranger, test.wrong, ""},
		} {
			resp := requestBy(t, s, c.by, c.method, test.path)
			if resp.Code != c.status {
				t.Errorf("%s, %s: %d %s, want %d", test.path, c.name, resp.Code, resp.Body, c.status)
			}
			if resp.Code == http.StatusUnauthorized && !strings.Contains(resp.Body.String(), "sign") {
				t.Errorf("%s, %s: the answer says %q", test.path, c.name, resp.Body)
			}
			switch body := resp.Body.Bytes(); c.shown {
			case empty:
				if len(body) != 0 && resp.Code == http.StatusOK { // of errors net/http leaves it out
					t.Errorf("%s, %s: shows %s", test.path, c.name, body)
				}
			case keys:
				if diff := cmp.Diff([]string{"@context", "assertionMethod", "endpoints", "id", "inbox", "outbox", "preferredUsername", "publicKey", "type"}, properties(body)); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", test.path, c.name, diff)
				}
				doc, err := as.Parse(t.Context(), body)
				if err != nil {
					t.Error(err)
				} else if a, err := parseActor(doc, noon); err != nil || a.PublicKey == "" || a.SharedInbox == "" {
					t.Errorf("%s, %s: reads as %+v, %v", test.path, c.name, a, err)
				}
			case whole:
				if c.by != nil && slices.Contains(properties(body), "preferredUsername") && !slices.Contains(properties(body), "url") {
					t.Errorf("%s, %s: shows only %s", test.path, c.name, body)
				}
			}
		}
	}
}

// TestPrivateAnswers: what depends on who reads is not kept by a cache that
// others use, and what does not still is.
func TestPrivateAnswers(t *testing.T) {
	db := testdb.SQLite(t)
	s := outWorld(t, db)
	stock(t, db)
	for _, asked := range []bool{false, true} {
		s.AuthorizedFetch = asked
		mary := visitor(t, s)
		for path, private := range map[string]bool{"/": false, "/u/alice": asked, "/post/7": asked} {
			want := map[bool]string{false: "public, max-age=30", true: "private, max-age=30"}[private]
			if got := requestBy(t, s, mary, http.MethodGet, path).Header().Get("Cache-Control"); got != want {
				t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
			}
		}
	}
}

// visitor is somebody on another server who signs, as s can find out.
func visitor(t testing.TB, s *Server) *fediverse.Actor {
	t.Helper()
	return neighbour(t, s).Person("mary")
}

// instanceKey is one key for all tests; making one takes long.
var instanceKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := httpsig.GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
})

// neighbour is a peer that s can fetch from.
func neighbour(t testing.TB, s *Server) *fediverse.Peer {
	t.Helper()
	s.Client = guard.New(fediverse.Options())
	t.Cleanup(s.Client.Close)
	instance, err := s.Accounts.Instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.signers.put(instance.ID, signingKeys{list: []signingKey{{id: instance.IRI + "#main-key", key: instanceKey()}}, at: s.Now()})
	peer := fediverse.NewPeer(t, "lemmy")
	peer.Clock(s.Now)
	return peer
}

// requestBy is request, signed by an actor unless it is nil.
func requestBy(t testing.TB, s *Server, by *fediverse.Actor, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "https://home.test"+path, nil)
	r.RequestURI = path
	r.Header.Set("Accept", as.ContentType)
	if by != nil {
		if err := by.Sign(r, nil); err != nil {
			t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// properties are the names in a JSON object, sorted.
func properties(body []byte) []string {
	var parts map[string]json.RawMessage
	if json.Unmarshal(body, &parts) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(parts))
}
