package httpsig

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The key and the request of draft-cavage-http-signatures-12, appendix C.
const (
	draftKey = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----`
	draftBody = `{"hello": "world"}`

	draftDefault = "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz" +
		"6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB" +
		"6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM="
	draftBasic = "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn" +
		"7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBs" +
		"kLu6kd9Fswtemr3lgdDEmn04swr2Os0="
	draftAll = "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs" +
		"8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZF" +
		"ukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE="
)

func draftRequest(t *testing.T, headers, signature string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://example.com/foo?param=value&pet=dog", strings.NewReader(draftBody))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Date", "Sun, 05 Jan 2014 21:31:40 GMT")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Digest", "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=")
	req.Header.Set("Content-Length", "18")
	if headers != "" {
		headers = `headers="` + headers + `",`
	}
	req.Header.Set("Signature", `keyId="Test",algorithm="rsa-sha256",`+headers+`signature="`+signature+`"`)
	return req
}

// TestDraftVectors checks the cryptography against the draft's three tests,
// and that the policy above it takes the one that covers enough.
func TestDraftVectors(t *testing.T) {
	key, err := ParsePublicKey(draftKey)
	if err != nil {
		t.Fatal(err)
	}
	want := Expect{Host: "example.com", Now: time.Date(2014, 1, 5, 21, 31, 45, 0, time.UTC)}
	tests := []struct {
		name, headers, signature string
		want                     Reason
	}{
		{"C.1 default", "", draftDefault, Uncovered},
		{"C.2 basic", "(request-target) host date", draftBasic, Uncovered},
		{"C.3 all headers", "(request-target) host date content-type digest content-length", draftAll, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := draftRequest(t, test.headers, test.signature)
			sig, err := Parse(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := sig.checkSignature(req, key); err != nil {
				t.Errorf("checkSignature = %v", err)
			}
			if err := sig.Verify(req, []byte(draftBody), key, want); reasonOf(err) != test.want {
				t.Errorf("Verify = %v, want reason %q", err, test.want)
			}
		})
	}
}
