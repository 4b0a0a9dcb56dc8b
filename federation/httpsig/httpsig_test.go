package httpsig

import (
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"drystone/fault"

	gofed "github.com/go-fed/httpsig"
)

const keyID = "https://a.test/u/ada#main-key"

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// testKey is made once: RSA keys are slow to make.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := GenerateKey()
	if err != nil {
		panic(err)
	}
	return key
})

func reasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	if err != nil {
		return "not an *Error: " + Reason(err.Error())
	}
	return ""
}

// signed makes the request that a client would send and gives it the shape
// that a server sees.
func signed(t *testing.T, method, target, body string, at time.Time) *http.Request {
	t.Helper()
	out, err := http.NewRequestWithContext(t.Context(), method, "https://b.test"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := Sign(out, []byte(body), keyID, testKey(), at); err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	in.Host = "b.test"
	in.Header = out.Header
	return in
}

func verify(req *http.Request, body string, now time.Time) error {
	sig, err := Parse(req)
	if err != nil {
		return err
	}
	return sig.Verify(req, []byte(body), &testKey().PublicKey, Expect{Host: "b.test", Now: now})
}

func TestSignForm(t *testing.T) {
	tests := []struct {
		name, method, body string
		want               string
	}{
		{"a delivery", http.MethodPost, "{}", "(request-target) host date digest content-type"},
		{"a fetch", http.MethodGet, "", "(request-target) host date accept"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := signed(t, test.method, "/inbox", test.body, noon)
			prefix := `keyId="` + keyID + `",algorithm="rsa-sha256",headers="` + test.want + `",signature="`
			if got := req.Header.Get("Signature"); !strings.HasPrefix(got, prefix) || strings.Count(got, `"`) != 8 {
				t.Errorf("Signature = %s, want %s…", got, prefix)
			}
			if got := req.Header.Get("Date"); got != "Sun, 22 Nov 2026 12:00:00 GMT" {
				t.Errorf("Date = %s", got)
			}
			if err := verify(req, test.body, noon); err != nil {
				t.Errorf("Verify = %v", err)
			}
		})
	}
}

// TestTampering changes one thing at a time in a request that was fine.
func TestTampering(t *testing.T) {
	replace := func(header, was, is string) func(*http.Request) {
		return func(req *http.Request) {
			req.Header.Set(header, strings.Replace(req.Header.Get(header), was, is, 1))
		}
	}
	tests := []struct {
		name   string
		tamper func(*http.Request)
		want   Reason
	}{
		{"nothing", func(*http.Request) {}, ""},
		{"the method", func(r *http.Request) { r.Method = http.MethodPut }, BadSignature},
		{"the path", func(r *http.Request) { r.RequestURI = "/other?page=1" }, BadSignature},
		{"the query", func(r *http.Request) { r.RequestURI = "/inbox?page=2" }, BadSignature},
		{"no query", func(r *http.Request) { r.RequestURI = "/inbox" }, BadSignature},
		{"the host", func(r *http.Request) { r.Host = "c.test" }, WrongHost},
		{"the host with a port", func(r *http.Request) { r.Host = "b.test:8443" }, WrongHost},
		{"no host", func(r *http.Request) { r.Host = ""; r.URL.Host = "" }, Malformed},
		{"the date", replace("Date", "12:00:00", "12:00:01"), BadSignature},
		{"no date", func(r *http.Request) { r.Header.Del("Date") }, Malformed},
		{"a second date", func(r *http.Request) { r.Header.Add("Date", r.Header.Get("Date")) }, Malformed},
		{"a senseless date", replace("Date", "Nov", "Foo"), Malformed},
		{"the digest", replace("Digest", "=", "=A"), BadDigest},
		{"no digest", func(r *http.Request) { r.Header.Del("Digest") }, Malformed},
		{"an empty digest", func(r *http.Request) { r.Header.Set("Digest", "") }, BadDigest},
		{"an unknown digest", replace("Digest", "SHA-256", "MD5"), BadDigest},
		{"a second, false digest", func(r *http.Request) { r.Header.Add("Digest", "SHA-512=AAAA") }, BadDigest},
		{"many digests", func(r *http.Request) { r.Header.Set("Digest", strings.Repeat("a=b,", 9)) }, BadDigest},
		{"the content type", replace("Content-Type", "activity", "ld"), BadSignature},
		{"no signature", func(r *http.Request) { r.Header.Del("Signature") }, Missing},
		{"two signatures", func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, Malformed},
		{"a huge signature", func(r *http.Request) { r.Header.Set("Signature", strings.Repeat("a", 9000)) }, Malformed},
		{"another format", func(r *http.Request) { r.Header.Set("Signature", "sig1=:AAAA:") }, Malformed},
		{"a repeated parameter", replace("Signature", "keyId=", `keyId="x",keyId=`), Malformed},
		{"no key id", replace("Signature", "keyId=", "key="), Malformed},
		{"no headers", replace("Signature", "headers=", "header="), Uncovered},
		{"empty headers", replace("Signature", "(request-target) host date digest content-type", ""), Malformed},
		{"without the target", replace("Signature", "(request-target) ", ""), Uncovered},
		{"without the host", replace("Signature", " host", ""), Uncovered},
		{"without the date", replace("Signature", " date", ""), Uncovered},
		{"without the digest", replace("Signature", " digest", ""), Uncovered},
		{"without the type", replace("Signature", " content-type", ""), BadSignature},
		{"in another order", replace("Signature", "host date", "date host"), BadSignature},
		{"a header twice", replace("Signature", "host date", "host date host"), Malformed},
		{"a header that is absent", replace("Signature", "host date", "host date x-forwarded-for"), Malformed},
		{"many headers", replace("Signature", "host", "host"+strings.Repeat(" x", 40)), Malformed},
		{"created in an rsa algorithm", replace("Signature", "host date", "host date (created)"), Malformed},
		{"an unknown algorithm", replace("Signature", "rsa-sha256", "hmac-sha256"), BadAlgorithm},
		{"sha1", replace("Signature", "rsa-sha256", "rsa-sha1"), BadAlgorithm},
		{"the other hash", replace("Signature", "rsa-sha256", "rsa-sha512"), BadSignature},
		{"ed25519 with an RSA key", replace("Signature", "rsa-sha256", "ed25519"), BadAlgorithm},
		{"hs2019 is fine", replace("Signature", "rsa-sha256", "hs2019"), ""},
		{"no algorithm is fine", replace("Signature", `algorithm="rsa-sha256",`, ""), ""},
		{"spaces are fine", replace("Signature", ",headers", " , headers"), ""},
		{"no base64", replace("Signature", `signature="`, `signature="*`), Malformed},
		{"another signature", replace("Signature", `signature="`, `signature="AAAA`), BadSignature},
		{"an expired one", replace("Signature", "keyId", "expires=1000000000,keyId"), Stale},
		{"a senseless expiry", replace("Signature", "keyId", "expires=never,keyId"), Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := signed(t, http.MethodPost, "/inbox?page=1", `{"a":1}`, noon)
			test.tamper(req)
			err := verify(req, `{"a":1}`, noon)
			if got := reasonOf(err); got != test.want {
				t.Errorf("Verify = %v (%s), want %q", err, got, test.want)
			}
			if err != nil && fault.CodeOf(err) != fault.Unauthenticated {
				t.Errorf("code = %q", fault.CodeOf(err))
			}
		})
	}
}

func TestBodies(t *testing.T) {
	req := signed(t, http.MethodPost, "/inbox", `{"a":1}`, noon)
	for _, body := range []string{"", `{"a":2}`, `{"a":1} `} {
		if got := reasonOf(verify(req, body, noon)); got != BadDigest {
			t.Errorf("Verify with body %q: %q, want %q", body, got, BadDigest)
		}
	}
	get := signed(t, http.MethodGet, "/u/ada", "", noon)
	if got := reasonOf(verify(get, `{"a":1}`, noon)); got != Uncovered {
		t.Errorf("Verify of a GET with a body: %q, want %q", got, Uncovered)
	}
}

func TestWindow(t *testing.T) {
	tests := []struct {
		name string
		now  time.Time
		want string // part of the sentence
	}{
		{"at once", noon, ""},
		{"from a clock ahead", noon.Add(-time.Hour), ""},
		{"from the future", noon.Add(-3 * time.Hour), "The Date is 3 hours in the future; at most 1 hour is allowed."},
		{"old", noon.Add(12 * time.Hour), ""},
		{"too old", noon.Add(13*time.Hour + time.Minute), "The Date is 13 hours old; at most 12 hours are allowed."},
		{"ancient", noon.Add(100 * time.Hour), "4 days old"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := verify(signed(t, http.MethodGet, "/", "", noon), "", test.now)
			if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

// TestQuery: Mbin, PieFed and Discourse sign the path alone.
func TestQuery(t *testing.T) {
	tests := []struct {
		name, method, signedFor, sentTo string
		want                            Reason
	}{
		{"a fetch with its query", http.MethodGet, "/c/go?page=2", "/c/go?page=2", ""},
		{"a fetch signed without", http.MethodGet, "/c/go", "/c/go?page=2", ""},
		{"a fetch with another query", http.MethodGet, "/c/go?page=1", "/c/go?page=2", BadSignature},
		{"a delivery signed without", http.MethodPost, "/inbox", "/inbox?x", BadSignature},
		{"an encoded path", http.MethodGet, "/n/https%3A%2F%2Fa.test%2F1", "/n/https%3A%2F%2Fa.test%2F1", ""},
		{"a decoded path", http.MethodGet, "/n/%61", "/n/a", BadSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := signed(t, test.method, test.signedFor, "", noon)
			req.RequestURI = test.sentTo
			if err := verify(req, "", noon); reasonOf(err) != test.want {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

// TestAgainstGoFed holds us and the library that GoToSocial uses against each
// other.
func TestAgainstGoFed(t *testing.T) {
	t.Run("it verifies ours", func(t *testing.T) {
		verifier, err := gofed.NewVerifier(signed(t, http.MethodPost, "/inbox?a=b", "{}", noon))
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(&testKey().PublicKey, gofed.RSA_SHA256); err != nil {
			t.Errorf("Verify = %v", err)
		}
	})
	for _, algorithm := range []gofed.Algorithm{gofed.RSA_SHA256, gofed.RSA_SHA512} {
		t.Run("we verify its "+string(algorithm), func(t *testing.T) {
			signer, _, err := gofed.NewSigner([]gofed.Algorithm{algorithm}, gofed.DigestSha512,
				[]string{"(request-target)", "host", "date", "digest"}, gofed.Signature, 0)
			if err != nil {
				t.Fatal(err)
			}
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/inbox", strings.NewReader("{}"))
			req.Host = "b.test"
			req.Header.Set("Host", "b.test")
			req.Header.Set("Date", noon.Format(http.TimeFormat))
			if err := signer.SignRequest(testKey(), keyID, req, []byte("{}")); err != nil {
				t.Fatal(err)
			}
			if err := verify(req, "{}", noon); err != nil {
				t.Errorf("Verify = %v", err)
			}
		})
	}
}

func TestNoExpectedHost(t *testing.T) {
	req := signed(t, http.MethodGet, "/", "", noon)
	sig, err := Parse(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Now: noon}); reasonOf(err) != WrongHost {
		t.Errorf("Verify = %v: without an expected host nothing may pass", err)
	}
}
