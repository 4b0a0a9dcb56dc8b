package federation_test

import (
	"net/http/httptest"
	"testing"

	"drystone/federation"
	"drystone/federation/as"
)

func TestHandles(t *testing.T) {
	const page, document = "text/html,application/xhtml+xml,*/*;q=0.8", as.ContentType
	tests := []struct {
		method, path, accept string
		want                 bool
	}{
		{"POST", "/inbox", "", true},
		{"POST", "/u/ann/inbox", "", true},
		{"POST", "/c/cats/inbox", "", true},
		{"GET", "/.well-known/webfinger?resource=acct:ann@home.test", "*/*", true},
		{"GET", "/.well-known/host-meta", "", true},
		{"GET", "/.well-known/nodeinfo", "", true},
		{"GET", "/.well-known/change-password", page, false},
		{"GET", "/nodeinfo/2.1", page, true},
		{"GET", "/activities/announce/7", page, true},
		{"GET", "/outbox", "", true},
		{"GET", "/c/cats/outbox", page, true},
		{"GET", "/post/1/context", "", true},
		{"GET", "/post/1/replies", "", true},
		{"GET", "/comment/1/replies", "", true},
		{"GET", "/", page, false},
		{"GET", "/", document, true},
		{"GET", "/c/cats", page, false},
		{"GET", "/c/cats", document, true},
		{"HEAD", "/post/1", document, true},
		{"GET", "/post/1", `application/ld+json; profile="` + as.NS + `"`, true},
		{"GET", "/post/1", "*/*", false},
		{"GET", "/comment/1", document, true},
		{"POST", "/post/1", document, false},
		{"GET", "/c/cats/settings", document, false},
		{"GET", "/api/v1/posts/1", document, false},
		{"GET", "/login", document, false},
		{"GET", "/unknown/thing", document, false},
	}
	s := new(federation.Server)
	for _, test := range tests {
		r := httptest.NewRequest(test.method, test.path, nil)
		r.Header.Set("Accept", test.accept)
		if got := s.Handles(r); got != test.want {
			t.Errorf("Handles(%s %s, Accept %q) = %v", test.method, test.path, test.accept, got)
		}
	}
}
