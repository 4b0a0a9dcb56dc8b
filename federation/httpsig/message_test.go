package httpsig

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"drystone/fault"
)

// The request, a key and signatures of RFC 9421, appendix B.2, and the RSA
// key and proxy's signature of section 4.3.
const (
	rfcDigest  = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
	rfcEd25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----`
	rfcInput     = `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	rfcSignature = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
)

func rfcRequest(t *testing.T, input, signature string) *http.Request {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/foo?param=Value&Pet=dog", strings.NewReader(draftBody))
	req.Host = "example.com"
	req.Header = http.Header{
		"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Digest": {rfcDigest},
		"Content-Length": {"18"}, "Signature-Input": {input}, "Signature": {signature},
	}
	return req
}

// TestRFC9421Vector: the cryptography of appendix B.2.6 is right to the byte,
// and what it covers is too little for us.
func TestRFC9421Vector(t *testing.T) {
	key, err := ParsePublicKey(rfcEd25519)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1618884473, 0)
	for name, input := range map[string]string{
		"as it is":          rfcInput,
		"with other spaces": strings.ReplaceAll(strings.ReplaceAll(rfcInput, `" "`, `"   "`), ";", "; "),
	} {
		t.Run(name, func(t *testing.T) {
			req := rfcRequest(t, input, rfcSignature)
			sig, err := Parse(req)
			if err != nil {
				t.Fatal(err)
			}
			text, absent := messageBase(req, sig, partsOf(req, "https", "example.com", true))
			if want := `"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ` + strings.TrimPrefix(rfcInput, "sig-b26="); text != want || absent != "" {
				t.Errorf("the base is\n%s\nand not\n%s", text, want)
			}
			check, err := sig.messageChecker(key)
			if err != nil || !check([]byte(text)) {
				t.Errorf("the signature does not match: %v", err)
			}
			if err := sig.Verify(req, []byte(draftBody), key, Expect{Host: "example.com", Now: at}); reasonOf(err) != Uncovered {
				t.Errorf("Verify = %v, want %q", err, Uncovered)
			}
		})
	}
	t.Run("its digest", func(t *testing.T) {
		if err := checkContentDigest([]string{rfcDigest}, []byte(draftBody)); err != nil {
			t.Error(err)
		}
	})
}

// message makes a request signed by RFC 9421 in the shape that a server sees.
func message(t *testing.T, method, target, body string, at time.Time) *http.Request {
	t.Helper()
	return messageIn(t, Style{Scheme: Message}, method, target, body, at)
}

func messageIn(t *testing.T, style Style, method, target, body string, at time.Time) *http.Request {
	t.Helper()
	out, err := http.NewRequestWithContext(t.Context(), method, "https://b.test"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := style.Sign(out, []byte(body), keyID, testKey(), at); err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	in.Host = "b.test"
	in.Header = out.Header
	return in
}

// sealed is a request with a base that the test chooses, signed by our key.
func sealed(t *testing.T, method, target, body, covered, params string) *http.Request {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	req.Host = "b.test"
	req.Header = message(t, http.MethodPost, "/", body, noon).Header
	req.Header.Set("Date", noon.Format(http.TimeFormat))
	req.Header.Set("Accept", activityJSON)
	s := Signature{params: "(" + covered + ")" + params}
	for name := range strings.FieldsSeq(covered) {
		s.Headers = append(s.Headers, strings.Trim(name, `"`))
	}
	text, absent := messageBase(req, s, partsOf(req, "https", "b.test", true))
	if absent != "" {
		t.Fatalf("no %s to cover", absent)
	}
	signature, err := signText(testKey(), text)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Signature-Input", "x="+s.params)
	req.Header.Set("Signature", "x=:"+signature+":")
	return req
}

func TestMessageForm(t *testing.T) {
	post := message(t, http.MethodPost, "/inbox?a=b", "{}", noon)
	unix := strconv.FormatInt(noon.Unix(), 10)
	want := `sig1=("@method" "@target-uri" "content-digest");created=` + unix + `;keyid="` + keyID + `";alg="rsa-v1_5-sha256"`
	if got := post.Header.Get("Signature-Input"); got != want {
		t.Errorf("Signature-Input = %s, want %s", got, want)
	}
	if got := post.Header.Get("Content-Digest"); got != "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:" {
		t.Errorf("Content-Digest = %s", got)
	}
	get := message(t, http.MethodGet, "/u/bob", "", noon)
	if got := get.Header.Get("Signature-Input"); !strings.HasPrefix(got, `sig1=("@method" "@target-uri");`) {
		t.Errorf("Signature-Input = %s", got)
	}
	for _, req := range []*http.Request{post, get} {
		if req.Header.Get("Digest") != "" || len(req.Header.Values("Signature")) != 1 {
			t.Errorf("the headers of both schemes are there: %v", req.Header)
		}
	}
}

// TestSignsWhatMatters: the header of FEP-8fcf is covered where there is one.
func TestSignsWhatMatters(t *testing.T) {
	for _, style := range []Style{{}, {Scheme: Message}} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://b.test/inbox", strings.NewReader("{}"))
		req.Header.Set("Collection-Synchronization", `digest="x"`)
		if err := style.Sign(req, []byte("{}"), keyID, testKey(), noon); err != nil {
			t.Fatal(err)
		}
		req.RequestURI = "/inbox"
		if err := verify(req, "{}", noon); err != nil {
			t.Errorf("Verify = %v", err)
		}
		req.Header.Set("Collection-Synchronization", `digest="y"`)
		if err := verify(req, "{}", noon); reasonOf(err) != BadSignature {
			t.Errorf("Verify of another digest = %v", err)
		}
	}
}

// TestNeverBothSchemes: signing anew leaves nothing of the other way.
func TestNeverBothSchemes(t *testing.T) {
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://b.test/inbox", strings.NewReader("{}"))
	for _, style := range []Style{{Scheme: Message}, {}, {Scheme: Message}} {
		if err := style.Sign(req, []byte("{}"), keyID, testKey(), noon); err != nil {
			t.Fatal(err)
		}
		sig, err := Parse(req)
		if err != nil || sig.Scheme != style.Scheme {
			t.Errorf("Parse = %v, %v; want scheme %v", sig.Scheme, err, style.Scheme)
		}
		if old := req.Header.Get("Digest") != ""; old == (style.Scheme == Message) || old == (req.Header.Get("Content-Digest") != "") {
			t.Errorf("headers of both schemes: %v", req.Header)
		}
	}
}

// TestMessageTampering changes one thing at a time in a request that was fine.
func TestMessageTampering(t *testing.T) {
	replace := func(header, was, is string) func(*http.Request) {
		return func(req *http.Request) {
			line := req.Header.Get(header)
			if !strings.Contains(line, was) {
				t.Errorf("%s is %s, without %q", header, line, was)
			}
			req.Header.Set(header, strings.Replace(line, was, is, 1))
		}
	}
	input := func(was, is string) func(*http.Request) { return replace("Signature-Input", was, is) }
	tests := []struct {
		name   string
		tamper func(*http.Request)
		want   Reason
	}{
		{"nothing", func(*http.Request) {}, ""},
		{"other spaces", input(`" "`, `"  "`), ""},
		{"the method", func(r *http.Request) { r.Method = http.MethodPut }, BadSignature},
		{"the path", func(r *http.Request) { r.RequestURI = "/other?page=1" }, BadSignature},
		{"the query", func(r *http.Request) { r.RequestURI = "/inbox?page=2" }, BadSignature},
		{"no query", func(r *http.Request) { r.RequestURI = "/inbox" }, BadSignature},
		{"the host", func(r *http.Request) { r.Host = "c.test" }, WrongHost},
		{"the host with a port", func(r *http.Request) { r.Host = "b.test:8443" }, WrongHost},
		{"the digest", replace("Content-Digest", "sha-256=:", "sha-256=:A"), BadDigest},
		{"a digest that is none", replace("Content-Digest", "sha-256=:", "sha-256=("), BadDigest},
		{"a digest that is text", func(r *http.Request) { r.Header.Set("Content-Digest", `sha-256="x"`) }, BadDigest},
		{"an unknown digest", replace("Content-Digest", "sha-256", "md5"), BadDigest},
		{"a second, false digest", func(r *http.Request) { r.Header.Add("Content-Digest", "sha-512=:AAAA:") }, BadDigest},
		{"a huge digest", func(r *http.Request) { r.Header.Set("Content-Digest", strings.Repeat("a", 9000)) }, BadDigest},
		{"no digest", func(r *http.Request) { r.Header.Del("Content-Digest") }, Malformed},
		{"the other digest", func(r *http.Request) {
			r.Header.Set("Digest", "SHA-256="+strings.Trim(strings.TrimPrefix(r.Header.Get("Content-Digest"), "sha-256="), ":"))
			r.Header.Del("Content-Digest")
		}, Malformed},
		{"no signature", func(r *http.Request) { r.Header.Del("Signature") }, Missing},
		{"no input", func(r *http.Request) { r.Header.Del("Signature-Input") }, Malformed},
		{"two inputs", func(r *http.Request) { r.Header.Add("Signature-Input", r.Header.Get("Signature-Input")) }, Malformed},
		{"two signatures", func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, Malformed},
		{"two labels", func(r *http.Request) {
			for _, name := range []string{"Signature", "Signature-Input"} {
				line := r.Header.Get(name)
				r.Header.Set(name, line+", "+strings.Replace(line, "sig1", "sig2", 1))
			}
		}, Malformed},
		{"another label", replace("Signature", "sig1", "sig2"), Malformed},
		{"a huge input", func(r *http.Request) { r.Header.Set("Signature-Input", strings.Repeat("a", 9000)) }, Malformed},
		{"a huge signature", func(r *http.Request) { r.Header.Set("Signature", strings.Repeat("a", 9000)) }, Malformed},
		{"an input that is no list", func(r *http.Request) { r.Header.Set("Signature-Input", `sig1="@method"`) }, Malformed},
		{"a signature that is text", func(r *http.Request) { r.Header.Set("Signature", `sig1="AAAA"`) }, Malformed},
		{"a signature that is empty", func(r *http.Request) { r.Header.Set("Signature", `sig1=::`) }, Malformed},
		{"another signature", replace("Signature", "=:", "=:AAAA"), BadSignature},
		{"a signature of the older scheme beside it", func(r *http.Request) {
			r.Header.Set("Signature", signed(t, http.MethodPost, "/inbox?page=1", `{"a":1}`, noon).Header.Get("Signature"))
		}, Malformed},
		{"without the method", input(`"@method" `, ""), Uncovered},
		{"without the target", input(`"@target-uri" `, ""), Uncovered},
		{"without the digest", input(` "content-digest"`, ""), Uncovered},
		{"nothing covered", input(`"@method" "@target-uri" "content-digest"`, ""), Malformed},
		{"in another order", input(`"@method" "@target-uri"`, `"@target-uri" "@method"`), BadSignature},
		{"parameters in another order", func(r *http.Request) {
			r.Header.Set("Signature-Input", `sig1=("@method" "@target-uri" "content-digest");keyid="`+keyID+`";created=`+
				strconv.FormatInt(noon.Unix(), 10)+`;alg="rsa-v1_5-sha256"`)
		}, BadSignature},
		{"a component twice", input(`"@method"`, `"@method" "@method"`), Malformed},
		{"a component of a request", input(`"@method"`, `"@method";req`), Malformed},
		{"a component in bytes", input(`"content-digest"`, `"content-digest";bs`), Malformed},
		{"a part of a component", input(`"content-digest"`, `"content-digest";key="sha-256"`), Malformed},
		{"a component in a trailer", input(`"content-digest"`, `"content-digest";tr`), Malformed},
		{"a component of a response", input(`"@method"`, `"@method" "@status"`), Malformed},
		{"one parameter of the query", input(`"@method"`, `"@method" "@query-param";name="page"`), Malformed},
		{"the parameters among the components", input(`"@method"`, `"@method" "@signature-params"`), Malformed},
		{"an unknown component", input(`"@method"`, `"@method" "@frobnicate"`), Malformed},
		{"a header in capitals", input(`"@method"`, `"@method" "Date"`), Malformed},
		{"a header that is none", input(`"@method"`, `"@method" "a: b"`), Malformed},
		{"a header without name", input(`"@method"`, `"@method" ""`), Malformed},
		{"a number among the components", input(`"@method"`, `"@method" 7`), Malformed},
		{"a header that is absent", input(`"@method"`, `"@method" "x-forwarded-for"`), Malformed},
		{"many components", input(`"@method"`, `"@method"`+strings.Repeat(` "x"`, 40)), Malformed},
		{"many parameters", input(";created", func() (text string) {
			for i := range 20 {
				text += ";p" + strconv.Itoa(i)
			}
			return text + ";created"
		}()), Malformed},
		{"one parameter more", input(";created", `;tag="x";created`), BadSignature},
		{"no creation", input("created=", "nonce="), Malformed},
		{"a creation at nought", input("created="+strconv.FormatInt(noon.Unix(), 10), "created=0"), Malformed},
		{"a creation as text", input("created="+strconv.FormatInt(noon.Unix(), 10), `created="now"`), Malformed},
		{"a creation with a fraction", input(";keyid", ".5;keyid"), Malformed},
		{"a creation as a date", input("created=", "created=@"), Malformed},
		{"no key", input("keyid=", "key="), Malformed},
		{"an empty key", input(keyID, ""), Malformed},
		{"a key as a token", input(`"`+keyID+`"`, "key"), Malformed},
		{"an expiry in the past", input(";keyid", ";expires=1000000000;keyid"), Stale},
		{"a senseless expiry", input(";keyid", `;expires="never";keyid`), Malformed},
		{"no algorithm", input(`;alg="rsa-v1_5-sha256"`, ""), BadSignature},
		{"an empty algorithm", input("rsa-v1_5-sha256", ""), Malformed},
		{"another algorithm", input("rsa-v1_5-sha256", "rsa-pss-sha512"), BadAlgorithm},
		{"a shared secret", input("rsa-v1_5-sha256", "hmac-sha256"), BadAlgorithm},
		{"the other kind of key", input("rsa-v1_5-sha256", "ed25519"), BadAlgorithm},
		{"the name of the older scheme", input("rsa-v1_5-sha256", "hs2019"), BadAlgorithm},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := message(t, http.MethodPost, "/inbox?page=1", `{"a":1}`, noon)
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

// TestMessageCoverage: whatever a request was signed for, by a key that is
// right, it counts only if method, target and body were part of it.
func TestMessageCoverage(t *testing.T) {
	const created = ";created=1795348800" // noon
	const key = `;keyid="k"`
	tests := []struct {
		name, method, target, covered, params string
		want                                  Reason
	}{
		{"as Mastodon does", "POST", "/inbox", `"@method" "@target-uri" "content-digest"`, created + key, ""},
		{"with headers besides", "POST", "/inbox", `"@method" "@target-uri" "content-digest" "date" "host"`, created + key, ""},
		{"with a nonce and a tag", "POST", "/inbox", `"@method" "@target-uri" "content-digest"`, created + `;nonce="n"` + key + `;tag="t"`, ""},
		{"the target in pieces", "POST", "/inbox", `"@method" "@authority" "@path" "content-digest"`, created + key, ""},
		{"the target in pieces, with a query", "POST", "/inbox?a", `"@method" "@authority" "@path" "@query" "content-digest"`, created + key, ""},
		{"without that query", "POST", "/inbox?a", `"@method" "@authority" "@path" "content-digest"`, created + key, Uncovered},
		{"the request target and the authority", "POST", "/inbox?a", `"@method" "@request-target" "@authority" "content-digest"`, created + key, ""},
		{"the request target and the host", "POST", "/inbox?a", `"@method" "@request-target" "host" "content-digest"`, created + key, ""},
		{"the request target alone", "POST", "/inbox", `"@method" "@request-target" "content-digest"`, created + key, Uncovered},
		{"the authority alone", "POST", "/inbox", `"@method" "@authority" "content-digest"`, created + key, Uncovered},
		{"the path alone", "POST", "/inbox", `"@method" "@path" "content-digest"`, created + key, Uncovered},
		{"scheme and method", "POST", "/inbox", `"@method" "@scheme" "content-digest"`, created + key, Uncovered},
		{"no method", "POST", "/inbox", `"@target-uri" "content-digest"`, created + key, Uncovered},
		{"no digest", "POST", "/inbox", `"@method" "@target-uri"`, created + key, Uncovered},
		{"a digest of the older kind", "POST", "/inbox", `"@method" "@target-uri" "date"`, created + key, Uncovered},
		{"date and digest only", "POST", "/inbox", `"date" "content-digest"`, created + key, Uncovered},
		{"a deletion without digest", "DELETE", "/inbox", `"@method" "@target-uri"`, created + key, Uncovered},
		{"a fetch", "GET", "/c/go?a", `"@method" "@target-uri"`, created + key, ""},
		{"a fetch signed by its path", "GET", "/c/go?a", `"@method" "@authority" "@path"`, created + key, ""},
		{"a fetch without method", "GET", "/c/go", `"@target-uri"`, created + key, Uncovered},
		{"a fetch without target", "GET", "/c/go", `"@method" "date" "accept"`, created + key, Uncovered},
		{"no time but a date", "GET", "/c/go", `"@method" "@target-uri" "date"`, key, Malformed},
		{"an end", "GET", "/c/go", `"@method" "@target-uri"`, created + ";expires=1795348860" + key, ""},
		{"an end that has passed", "GET", "/c/go", `"@method" "@target-uri"`, created + ";expires=1795348799" + key, Stale},
	}
	if unix := strconv.FormatInt(noon.Unix(), 10); created != ";created="+unix {
		t.Fatalf("noon is %s", unix)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := "{}"
			if test.method == http.MethodGet {
				body = ""
			}
			err := verify(sealed(t, test.method, test.target, body, test.covered, test.params), body, noon)
			if got := reasonOf(err); got != test.want {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

// TestMessageQuery: a GET may be signed by its path alone.
func TestMessageQuery(t *testing.T) {
	whole, bare := Style{Scheme: Message}, Style{Scheme: Message, PathOnly: true}
	tests := []struct {
		name                      string
		style                     Style
		method, signedFor, sentTo string
		want                      Reason
	}{
		{"a fetch with its query", whole, http.MethodGet, "/c/go?page=2", "/c/go?page=2", ""},
		{"a fetch signed without", bare, http.MethodGet, "/c/go?page=2", "/c/go?page=2", ""},
		{"a fetch with another query", whole, http.MethodGet, "/c/go?page=1", "/c/go?page=2", BadSignature},
		{"a delivery signed without", bare, http.MethodPost, "/inbox?x", "/inbox?x", BadSignature},
		{"an encoded path", whole, http.MethodGet, "/n/https%3A%2F%2Fa.test%2F1", "/n/https%3A%2F%2Fa.test%2F1", ""},
		{"a decoded path", whole, http.MethodGet, "/n/%61", "/n/a", BadSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := messageIn(t, test.style, test.method, test.signedFor, "", noon)
			req.RequestURI = test.sentTo
			if err := verify(req, "", noon); reasonOf(err) != test.want {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
	t.Run("two dates", func(t *testing.T) {
		req := sealed(t, http.MethodGet, "/c/go", "", `"@method" "@target-uri" "date"`, ";created=1795348800;keyid=\"k\"")
		req.Header.Add("Date", req.Header.Get("Date"))
		if err := verify(req, "", noon); reasonOf(err) != Malformed {
			t.Errorf("Verify = %v, want %q", err, Malformed)
		}
	})
	t.Run("one that says that there was no query", func(t *testing.T) {
		req := sealed(t, http.MethodGet, "/c/go", "", `"@method" "@authority" "@path" "@query"`, ";created=1795348800;keyid=\"k\"")
		req.RequestURI = "/c/go?page=2"
		if err := verify(req, "", noon); reasonOf(err) != BadSignature {
			t.Errorf("Verify = %v, want %q", err, BadSignature)
		}
	})
}

func TestMessageWindow(t *testing.T) {
	tests := []struct {
		name    string
		now     time.Duration // after noon
		expires time.Duration // after noon; 0: it does not say
		want    Reason
	}{
		{"at once", 0, 0, ""},
		{"from a clock ahead", -time.Hour, 0, ""},
		{"from the future", -time.Hour - time.Second, 0, Stale},
		{"old", time.Hour, 0, ""},
		{"too old without an end", time.Hour + time.Second, 0, Stale},
		{"old with an end", 12 * time.Hour, 13 * time.Hour, ""},
		{"too old, whatever it says", 12*time.Hour + time.Second, 100 * time.Hour, Stale},
		{"after its end", 2 * time.Minute, time.Minute, Stale},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			params := ";created=" + strconv.FormatInt(noon.Unix(), 10) + `;keyid="k"`
			if test.expires != 0 {
				params += ";expires=" + strconv.FormatInt(noon.Add(test.expires).Unix(), 10)
			}
			req := sealed(t, http.MethodGet, "/", "", `"@method" "@target-uri"`, params)
			if err := verify(req, "", noon.Add(test.now)); reasonOf(err) != test.want {
				t.Errorf("Verify = %v, want %q", err, test.want)
			}
		})
	}
}

// TestMessageEd25519 is what Mastodon signs with from 4.7 on.
func TestMessageEd25519(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for alg, want := range map[string]Reason{"": "", `;alg="ed25519"`: "", `;alg="rsa-v1_5-sha256"`: BadAlgorithm} {
		req := sealed(t, http.MethodGet, "/u/bob", "", `"@method" "@target-uri"`, ";created=1795348800;keyid=\"k\""+alg)
		sig, err := Parse(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := messageBase(req, sig, partsOf(req, "https", "b.test", true))
		req.Header.Set("Signature", "x=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(text)))+":")
		if sig, err = Parse(req); err != nil {
			t.Fatal(err)
		}
		if err := sig.Verify(req, nil, public, Expect{Host: "b.test", Now: noon}); reasonOf(err) != want {
			t.Errorf("alg %q: Verify = %v, want %q", alg, err, want)
		}
		if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Host: "b.test", Now: noon}); err == nil {
			t.Errorf("alg %q: an RSA key verifies it", alg)
		}
	}
}

// TestMessageScheme: what peers sign is how they reach us, which in
// development is http.
func TestMessageScheme(t *testing.T) {
	req := message(t, http.MethodGet, "/u/bob", "", noon)
	sig, err := Parse(req)
	if err != nil {
		t.Fatal(err)
	}
	for scheme, want := range map[string]Reason{"": "", "https": "", "http": BadSignature} {
		if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Host: "b.test", Scheme: scheme, Now: noon}); reasonOf(err) != want {
			t.Errorf("scheme %q: Verify = %v, want %q", scheme, err, want)
		}
	}
}

// TestHostAsWritten: names of hosts have no case, and default ports none.
func TestHostAsWritten(t *testing.T) {
	req := message(t, http.MethodGet, "/u/bob", "", noon)
	sig, err := Parse(req)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "B.Test"
	if err := sig.Verify(req, nil, &testKey().PublicKey, Expect{Host: "B.test", Now: noon}); err != nil {
		t.Error(err)
	}
	parts := partsOf(req, "https", "B.test:443", true)
	if parts[authorityPart] != "b.test" || parts[targetPart] != "https://b.test/u/bob" {
		t.Errorf("parts are %v", parts)
	}
}
