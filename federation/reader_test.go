package federation

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// TestReader is who is said to have signed a GET.
func TestReader(t *testing.T) {
	s := outWorld(t, testdb.SQLite(t))
	peer := neighbour(t, s)
	alice := peer.Person("alice")
	mary := peer.Person("mary") // as GoToSocial names keys
	mary.KeyID = mary.ID + "/main-key"
	peer.Serve("/users/mary/main-key", mary.Document())
	kay := peer.Person("kay") // whose key is a document of its own
	kay.KeyID = peer.URL + "/keys/kay"
	peer.Serve("/keys/kay", map[string]any{"@context": as.NS, "id": kay.KeyID, "type": "Key", "owner": kay.ID})
	modern := *alice
	modern.Style.Scheme = httpsig.Message
	modernThief := *peer.Person("eve")
	modernThief.KeyID, modernThief.Style.Scheme = alice.KeyID, httpsig.Message
	thief := *peer.Person("mallory")
	thief.KeyID = alice.KeyID
	ghost := peer.Person("ghost")
	peer.Gone("/users/ghost")
	down := peer.Person("down")
	peer.ServeFunc("/users/down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	ours := *alice
	ours.KeyID = s.Origin + "/u/alice#main-key"
	odd := *alice
	odd.KeyID = "alice"

	by := func(a *fediverse.Actor) func(*http.Request) {
		return func(r *http.Request) {
			if err := a.Sign(r, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name string
		sign func(*http.Request)
		who  string
		code fault.Code
	}{
		{"nobody", func(*http.Request) {}, "", fault.None},
		{"a person", by(alice), alice.ID, fault.None},
		{"the same again", by(alice), alice.ID, fault.None},
		{"a key at a path", by(mary), mary.ID, fault.None},
		{"a key that is a document", by(kay), kay.ID, fault.None},
		{"by RFC 9421", by(&modern), alice.ID, fault.None},
		{"by RFC 9421 with another key", by(&modernThief), "", fault.Unauthenticated},
		{"by both, of which RFC 9421 decides", func(r *http.Request) {
			by(&modernThief)(r)
			wrong := r.Header.Clone()
			by(alice)(r)
			r.Header["Signature-Input"] = wrong["Signature-Input"]
			r.Header["Signature"] = append(r.Header["Signature"], wrong["Signature"]...)
		}, "", fault.Unauthenticated},
		{"another key", by(&thief), "", fault.Unauthenticated},
		{"a signature for elsewhere", func(r *http.Request) { by(alice)(r); r.RequestURI = "/post/8" }, "", fault.Unauthenticated},
		{"no readable signature", func(r *http.Request) { r.Header.Set("Signature", "x") }, "", fault.Unauthenticated},
		{"an empty signature", func(r *http.Request) { r.Header.Set("Signature", "") }, "", fault.Unauthenticated},
		{"a key that is no address", by(&odd), "", fault.Unauthenticated},
		{"somebody who is gone", by(ghost), "", fault.Unauthenticated},
		{"a server that is down", by(down), "", fault.Unavailable},
		{"one of ours", by(&ours), "", fault.Forbidden},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, s.Origin+"/post/7", nil)
			r.RequestURI = "/post/7"
			test.sign(r)
			who, err := s.reader(r)
			if fault.CodeOf(err) != test.code {
				t.Fatalf("reader = %v, want %q", err, test.code)
			}
			if got := iriOf(who); got != test.who {
				t.Errorf("reader = %q, want %q", got, test.who)
			}
		})
	}
}

// TestReaderIsVerifiedOnce: however often it is asked for.
func TestReaderIsVerifiedOnce(t *testing.T) {
	s := outWorld(t, testdb.SQLite(t))
	r := httptest.NewRequest(http.MethodGet, s.Origin+"/post/7", nil)
	r.Header.Set("Signature", "x")
	r = s.withReader(r)
	_, first := s.reader(r)
	r.Header.Del("Signature")
	if _, again := s.reader(r); first == nil || again == nil || !strings.Contains(again.Error(), "Signature") {
		t.Errorf("the second answer is %v, the first was %v", again, first)
	}
}

func iriOf(a *community.Actor) string {
	if a == nil {
		return ""
	}
	return a.IRI
}
