package httpsig

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gofed "github.com/go-fed/httpsig"
)

// TestShared: one signature serves two inboxes, for those who look at nothing
// but what is covered, as the library does that GoToSocial uses. Our own
// verifier wants to be meant.
func TestShared(t *testing.T) {
	const body = `{"type":"Announce"}`
	shared, err := Share([]byte(body), keyID, testKey(), noon)
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for _, host := range []string{"b.test", "c.test"} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/inbox", strings.NewReader(body))
		req.Host = host
		req.Header.Set("Signature-Input", "left over")
		req.Header.Set("Content-Digest", "left over")
		shared.Sign(req)
		line := req.Header.Get("Signature")
		if !strings.HasPrefix(line, `keyId="`+keyID+`",algorithm="rsa-sha256",headers="date digest",signature="`) {
			t.Errorf("Signature = %s", line)
		}
		if req.Header.Get("Signature-Input") != "" || req.Header.Get("Content-Digest") != "" {
			t.Errorf("something of the other scheme is left: %v", req.Header)
		}
		if last != "" && last != line {
			t.Errorf("another signature for %s", host)
		}
		last = line
		verifier, err := gofed.NewVerifier(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(&testKey().PublicKey, gofed.RSA_SHA256); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		sig, err := Parse(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := sig.Verify(req, []byte(body), &testKey().PublicKey, Expect{Host: host, Now: noon}); reasonOf(err) != Uncovered {
			t.Errorf("our Verify = %v, want %q", err, Uncovered)
		}
	}
	if _, err := Share(nil, "a\"b", testKey(), noon); err == nil {
		t.Error("a key id with a quotation mark is taken")
	}
}
