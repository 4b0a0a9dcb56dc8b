package federation_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"drystone/fault"
	"drystone/federation/guard"
	"drystone/internal/fediverse"
	"drystone/internal/testdb"
)

// TestIntent: visitors are sent to the server that they named and nowhere
// else.
func TestIntent(t *testing.T) {
	h := newHome(t, testdb.SQLite(t))
	peer := fediverse.NewPeer(t, "mastodon")
	const subscribe, object = "http://ostatus.org/schema/1.0/subscribe", "https://w3id.org/fep/3b86/Object"
	for _, test := range []struct {
		rel, template, want string
	}{
		{object, "href:" + peer.URL + "/do?o={object}", peer.URL + "/do?o=https%3A%2F%2Fa.test%2Fpost%2F1%3Fx%3D%26y"},
		{object, "href:https://evil.test/?uri={object}", ""},
		{subscribe, peer.URL + "/interact?uri={uri}", peer.URL + "/interact?uri=https%3A%2F%2Fa.test%2Fpost%2F1%3Fx%3D%26y"},
		{object, peer.URL + "/do?o={object}", peer.URL + "/do?o=https%3A%2F%2Fa.test%2Fpost%2F1%3Fx%3D%26y"},
		{subscribe, "https://evil.test/?uri={uri}", ""},
		{subscribe, peer.URL + "@evil.test/?uri={uri}", ""},
		{subscribe, "//evil.test/?uri={uri}", ""},
		{subscribe, "javascript:alert('{uri}')", ""},
		{subscribe, peer.URL + "/interact", ""}, // has no room for it
		{subscribe, "", ""},
		{"self", peer.URL + "/interact?uri={uri}", ""},
	} {
		field, template := "template", test.template
		if href, is := strings.CutPrefix(template, "href:"); is {
			field, template = "href", href
		}
		peer.ServeFunc("/.well-known/webfinger", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"subject": "acct:mia@" + peer.Host, "links": []any{
				map[string]any{"rel": test.rel, field: template},
			}})
		})
		got, err := h.fed.Intent(t.Context(), "@mia@"+peer.Host, "https://a.test/post/1?x=&y")
		if got != test.want || (err == nil) != (test.want != "") || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s %q: %q, %v", test.rel, test.template, got, err)
		}
	}
	for account, uri := range map[string]string{"mia": "https://a.test/1", "": "https://a.test/1", "@ann@" + h.URL[len("http://"):]: "https://a.test/1", "@mia@" + peer.Host: "javascript:1"} {
		if _, err := h.fed.Intent(t.Context(), account, uri); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q, %q: %v", account, uri, err)
		}
	}
	inner := fediverse.NewPeer(t, "")
	closed := newHomeBehind(t, testdb.SQLite(t), guard.Options{UserAgent: "test"})
	for _, host := range []string{inner.Host, "localhost", "0.0.0.0", "169.254.169.254"} {
		if _, err := closed.fed.Intent(t.Context(), "@x@"+host, "https://a.test/1"); err == nil {
			t.Errorf("%s was asked", host)
		}
	}
	if n := len(inner.Requests("")); n != 0 {
		t.Errorf("%d requests to the inside", n)
	}
}
