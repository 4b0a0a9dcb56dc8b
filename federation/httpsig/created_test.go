package httpsig

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// TestCreated signs with Ed25519 in the way of Discourse: hs2019 over
// (created) and (expires), with and without a date.
func TestCreated(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		covered string
		created time.Time
		expires time.Time
		now     time.Time
		want    Reason
	}{
		{"fresh", "(request-target) (created) (expires) host", noon, noon.Add(time.Minute), noon, ""},
		{"expired", "(request-target) (created) (expires) host", noon, noon.Add(time.Minute), noon.Add(2 * time.Minute), Stale},
		{"old", "(request-target) (created) host", noon, noon.Add(99 * time.Hour), noon.Add(13 * time.Hour), Stale},
		{"from the future", "(request-target) (created) host", noon.Add(2 * time.Hour), noon.Add(3 * time.Hour), noon, Stale},
		{"created does not replace an old date", "(request-target) (created) host date", noon, noon.Add(time.Hour), noon, Stale},
		{"created is not covered", "(request-target) host", noon, noon.Add(time.Hour), noon, Uncovered},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/u/ada", nil)
			req.Host = "b.test"
			req.Header.Set("Date", noon.Add(-13*time.Hour).Format(http.TimeFormat))
			head := `keyId="k",algorithm="hs2019",created=` + strconv.FormatInt(test.created.Unix(), 10) +
				`,expires=` + strconv.FormatInt(test.expires.Unix(), 10) + `,headers="` + test.covered + `",signature="`
			req.Header.Set("Signature", head+`AAAA"`)
			sig, err := Parse(req)
			if err != nil {
				t.Fatal(err)
			}
			text, absent := signingString(req, requestTarget(req, true), sig)
			if absent != "" {
				t.Fatalf("%s is absent", absent)
			}
			signature := ed25519.Sign(private, []byte(text))
			req.Header.Set("Signature", head+base64.StdEncoding.EncodeToString(signature)+`"`)
			if sig, err = Parse(req); err != nil {
				t.Fatal(err)
			}
			err = sig.Verify(req, nil, public, Expect{Host: "b.test", Now: test.now})
			if reasonOf(err) != test.want {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

func TestOnlyAnswersOfGoodKeys(t *testing.T) {
	req := signed(t, http.MethodGet, "/", "", noon)
	sig, err := Parse(req)
	if err != nil {
		t.Fatal(err)
	}
	want := Expect{Host: "b.test", Now: noon}
	for name, key := range map[string]any{
		"none": nil, "a string": "key", "a short Ed25519": ed25519.PublicKey{1}, "an Ed25519": make(ed25519.PublicKey, 32),
	} {
		if err := sig.Verify(req, nil, key, want); err == nil {
			t.Errorf("Verify with %s passes", name)
		}
	}
}
