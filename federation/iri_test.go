package federation

import (
	"strings"
	"testing"
)

func TestLocal(t *testing.T) {
	s := &Server{Options: Options{Origin: "https://home.test", Host: "home.test"}}
	tests := []struct {
		iri, kind, name string
		ok              bool
	}{
		{"https://home.test/", localInstance, "", true},
		{"https://home.test", localInstance, "", true},
		{"https://home.test/u/alice", localPerson, "alice", true},
		{"https://HOME.test/u/alice", localPerson, "alice", true},
		{"https://home.test:443/c/garden", localGroup, "garden", true},
		{"https://home.test/post/7", localPost, "7", true},
		{"https://home.test/comment/9", localComment, "9", true},
		{"https://home.test/activities/create/post-7", localActivity, "create/post-7", true},
		{"https://home.test/u/alice#main-key", "", "", false},
		{"https://home.test/u/alice/outbox", "", "", false},
		{"https://home.test/u/", "", "", false},
		{"https://home.test/activities/create", "", "", false},
		{"https://home.test/post/7?x=1", "", "", false},
		{"https://home.test/settings/x", "", "", false},
		{"http://home.test/u/alice", "", "", false},
		{"https://home.test.evil.test/u/alice", "", "", false},
		{"https://home.test@evil.test/u/alice", "", "", false},
		{"https://evil.test/u/alice", "", "", false},
		{"https://home.test/u/a%2Fb", localPerson, "a%2Fb", true},
		{"", "", "", false},
		{"::", "", "", false},
	}
	for _, test := range tests {
		kind, name, ok := s.local(test.iri)
		if kind != test.kind || name != test.name || ok != test.ok {
			t.Errorf("local(%q) = %q, %q, %v", test.iri, kind, name, ok)
		}
	}
}

// Nobody may make us store an object under a name that is ours to give out,
// however it is written.
func TestOurs(t *testing.T) {
	s := &Server{Options: Options{Origin: "https://home.test", Host: "home.test"}}
	for iri, want := range map[string]bool{
		"https://home.test/anything":      true,
		"http://home.test:443/x":          false,
		"https://HOME.TEST/x":             true,
		"https://home.test@evil.test/x":   false,
		"https://sub.home.test/x":         false,
		"https://home.test.:443/u/alice":  false,
		"https://home.test:8443/u/alice":  false,
		"urn:uuid:1":                      false,
		"https://evil.test/?home.test/":   false,
		"https://evil.test/#home.test/":   false,
		"https://home.test\\@evil.test/x": false,
	} {
		if got := s.ours(iri); got != want {
			t.Errorf("ours(%q) = %v", iri, got)
		}
	}
}

func TestMintedIDsAreOurs(t *testing.T) {
	s := &Server{Options: Options{Origin: "http://localhost:8080", Host: "localhost:8080"}}
	first, second := s.mint("Announce"), s.mint("Announce")
	if first == second || !strings.HasPrefix(first, "http://localhost:8080/activities/announce/") {
		t.Errorf("minted %s and %s", first, second)
	}
	if kind, _, ok := s.local(first); !ok || kind != localActivity {
		t.Errorf("%s is not ours", first)
	}
}
