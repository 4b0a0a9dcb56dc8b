package httpsig

import (
	"net/http"
	"net/http/httptest"
	"reflect"
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

// FuzzParseMessage does the same for the headers of RFC 9421. What is read has
// to be read the same way again from what is signed: otherwise two servers
// could see two requests in one.
func FuzzParseMessage(f *testing.F) {
	const input = `sig1=("@method" "@target-uri" "content-digest");created=1795348800;keyid="k"`
	for _, seed := range [][2]string{
		{input + `;alg="rsa-v1_5-sha256"`, "sig1=:AAAA:"},
		{rfcInput, rfcSignature},
		{`a=("@method" "@authority" "@path" "@query" "date" "content-digest");expires=1795348900;created=1795348800;keyid="k";tag="x";nonce="y"`, "a=:AA==:"},
		{`a=("@method";req "@request-target" "host" "content-digest";bs);created=1;keyid="k"`, "a=:AA==:"},
		{`a=("@query-param";name="x");created=@1;keyid=k`, "a=x"},
		{input + ", " + input, "sig1=:AAAA:, sig1=:AAAA:"},
		{`keyId="k",signature="AAAA"`, `keyId="k",signature="AAAA"`},
		{`a=("\"" "\\");created=1`, `a;b=1`},
		{`a=()`, `a=::`},
		{``, ``},
		{`=`, `=`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, input, signature string) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/inbox?x=y", nil)
		req.Host = "b.test"
		req.Header = http.Header{
			"Date": {noon.Format(http.TimeFormat)}, "Content-Digest": {"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"},
			"Signature-Input": {input}, "Signature": {signature},
		}
		_ = checkContentDigest([]string{input}, nil)
		sig, err := Parse(req)
		if err != nil {
			if reasonOf(err) != Malformed {
				t.Errorf("Parse = %v", err)
			}
			return
		}
		if sig.Scheme != Message || len(sig.Headers) == 0 || len(sig.Headers) > maxCovered || sig.KeyID == "" || sig.Created.IsZero() {
			t.Errorf("Parse = %+v", sig)
		}
		req.Header.Set("Signature-Input", "a="+sig.params)
		req.Header.Set("Signature", "a=:AAAA:")
		again, err := Parse(req)
		again.signature = sig.signature
		if err != nil || !reflect.DeepEqual(again, sig) {
			t.Errorf("read from %q: %+v, %v; first: %+v", sig.params, again, err, sig)
		}
		if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Host: "b.test", Now: noon}); reasonOf(err) == "" {
			t.Errorf("Verify(%q, %q) passes", input, signature)
		}
	})
}
