// Package provider is a sign-in provider for tests: OpenID Connect over real
// HTTP, with the authorization code flow, PKCE and back-channel logout, and
// with ways to say what is not true. It is not for anybody's real people.
package provider

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// ClientID and Secret are how the server under test is known to the provider.
const (
	ClientID = "drystone"
	Secret   = "between us"
)

// A Provider signs in whoever the test says sits in front of it.
type Provider struct {
	URL string

	t   testing.TB
	key *rsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	person map[string]any // claims; nil: nobody consents
	info   map[string]any // more of them, told only when asked for
	bend   func(claims, head map[string]any)
	codes  map[string]map[string]string // what was asked for with each code
	asked  []string                     // paths, in order
}

// New starts a provider that ends with the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{t: t, key: key, now: now, codes: map[string]map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.metadata)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.URL.Path)
		p.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	p.URL = web.URL
	return p
}

// SignIn says who sits there, by their claims; nil: somebody who refuses.
func (p *Provider) SignIn(claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.info = claims, nil
}

// Tell adds claims that stand only in what the userinfo endpoint says.
func (p *Provider) Tell(info map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.info = info
}

// Bend changes every token before it is signed; nil ends that.
func (p *Provider) Bend(f func(claims, head map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bend = f
}

// Asked lists the paths that were asked for.
func (p *Provider) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

func (p *Provider) metadata(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one",
		"n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

// authorize sends whoever sits there back at once, with a code or a refusal.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "not for you", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if p.person == nil {
		back.Set("error", "access_denied")
	} else {
		code := rand.Text()
		p.codes[code] = map[string]string{
			"nonce": q.Get("nonce"), "challenge": q.Get("code_challenge"), "redirect": q.Get("redirect_uri"),
		}
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case id != ClientID || secret != url.QueryEscape(Secret) && secret != Secret:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	case code == nil, code["challenge"] != b64(sum[:]), code["redirect"] != r.PostFormValue("redirect_uri"):
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
	default:
		claims := p.claims(code["nonce"])
		answer(w, http.StatusOK, map[string]any{
			"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": p.sign(claims),
		})
	}
}

func (p *Provider) claims(nonce string) map[string]any {
	claims := map[string]any{
		"iss": p.URL, "aud": ClientID, "nonce": nonce, "iat": p.now().Unix(), "exp": p.now().Add(5 * time.Minute).Unix(),
	}
	maps.Copy(claims, p.person)
	return claims
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer opaque" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	said := maps.Clone(p.person)
	maps.Copy(said, p.info)
	answer(w, http.StatusOK, said)
}

// LogoutToken is what the provider sends when it signs out somebody, by their
// subject or by one session.
func (p *Provider) LogoutToken(subject, session string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	claims := map[string]any{
		"iss": p.URL, "aud": ClientID, "iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix(), "jti": rand.Text(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	if subject != "" {
		claims["sub"] = subject
	}
	if session != "" {
		claims["sid"] = session
	}
	return p.sign(claims)
}

// sign makes a JWT of claims.
func (p *Provider) sign(claims map[string]any) string {
	head := map[string]any{"alg": "RS256", "kid": "one", "typ": "JWT"}
	if p.bend != nil {
		p.bend(claims, head)
	}
	body := part(head) + "." + part(claims)
	if head["alg"] == "none" {
		return body + "."
	}
	sum := sha256.Sum256([]byte(body))
	signature, err := rsa.SignPKCS1v15(nil, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return body + "." + b64(signature)
}

func part(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // only what JSON has is put in
	}
	return b64(data)
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // whoever asked is gone
}
