package httpsig

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzParseSignature looks for headers that break Parse or, if it takes them,
// Verify; none of them may pass.
func FuzzParseSignature(f *testing.F) {
	for _, seed := range []string{
		`keyId="https://a.test/u/ada#main-key",algorithm="rsa-sha256",headers="(request-target) host date",signature="AAAA"`,
		`keyId="k",algorithm="hs2019",created=1,expires=2.5,headers="(request-target) (created) (expires) host digest",signature="AA=="`,
		`keyId="a,b=c",signature="AAAA"`,
		`keyId = "k" , signature = "AAAA" ,`,
		`sig1=("@method" "@target-uri");created=1;keyid="k"`,
		`keyId="k\"",signature="AAAA"`,
		`=,=,=`, `"`, ``, `keyId=`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/inbox?x=y", nil)
		req.Host = "b.test"
		req.Header["Date"] = []string{noon.Format(http.TimeFormat)}
		req.Header["Digest"] = []string{header, "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}
		req.Header["Signature"] = []string{header}
		sig, err := Parse(req)
		if err != nil {
			if reasonOf(err) != Malformed {
				t.Errorf("Parse = %v", err)
			}
			return
		}
		if len(sig.Headers) == 0 || len(sig.Headers) > maxCovered || sig.KeyID == "" {
			t.Errorf("Parse = %+v", sig)
		}
		if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Host: "b.test", Now: noon}); reasonOf(err) == "" {
			t.Errorf("Verify(%q) passes", header)
		}
	})
}
