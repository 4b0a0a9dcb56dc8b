package community

import (
	"strings"
	"testing"
	"time"
)

func TestWrongRedirect(t *testing.T) {
	good := []string{
		"https://app.example/cb", "https://app.example:8443/cb?x=1", "https://app.example", "https://192.0.2.7/cb",
		"http://127.0.0.1/cb", "http://127.0.0.1:8080/", "http://[::1]:9/cb", "http://localhost:3000/cb",
		"com.example.app:/cb", "com.example.app://cb",
	}
	bad := []string{
		"", "/cb", "app.example/cb", "//app.example/cb", "https://", "https:///cb", "https:app.example", "HTTPS://app.example/",
		"http://app.example/cb", "http://127.0.0.1.evil.example/", "http://localhost.evil.example/", "http://127.0.0.1@evil.example/",
		"http://evil.example/127.0.0.1", "http://%6cocalhost/", "http://0177.0.0.1/", "http://[::ffff:127.0.0.1]/",
		"https://app.example/#f", "https://app.example/cb#", "https://user@app.example/", "https://user:pw@app.example/", "https://*.app.example/",
		"javascript:alert(1)", "javascript://app.example/%0aalert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
		"blob:https://app.example/x", "about:blank", "urn:ietf:wg:oauth:2.0:oob", "mailto:a@b.example", "app:/cb", "myapp://cb",
		"https://app.example\\@evil.example/", "https://app.example/\tcb", "https://app.example/ cb", "https://app.example/cb\n", "https://app.example/\x00",
		"https://аpp.example/", "https://app.example/\u202e", "https://app.example;script-src/", "https://a,b/", "https://a'b/", "https://-/",
		"https://app.example/" + strings.Repeat("x", MaxRedirect), "https://[::1", "https://app.example:port/",
	}
	for _, address := range good {
		if why := WrongRedirect(address); why != "" {
			t.Errorf("%q %s", address, why)
		}
	}
	for _, address := range bad {
		if WrongRedirect(address) == "" {
			t.Errorf("%q is accepted", address)
		}
	}
}

// An address is the one that was registered, letter by letter; only the port
// on one's own machine is free.
func TestSendsTo(t *testing.T) {
	tests := []struct {
		registered, asked string
		want              bool
	}{
		{"https://app.example/cb", "https://app.example/cb", true},
		{"https://app.example/cb", "https://app.example/cb/", false},
		{"https://app.example/cb", "https://app.example/cb?x=1", false},
		{"https://app.example/cb", "https://app.example/CB", false},
		{"https://app.example/cb", "https://app.example:443/cb", false},
		{"https://app.example/cb", "https://app.example:8443/cb", false},
		{"https://app.example/cb", "http://app.example/cb", false},
		{"https://app.example/cb", "https://app.example/cb/../evil", false},
		{"https://app.example/cb", "https://app.example.evil.example/cb", false},
		{"https://app.example/cb", "https://app.example/cb#", false},
		{"https://app.example/cb", "", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true},
		{"http://127.0.0.1:1/cb", "http://127.0.0.1/cb", true},
		{"http://[::1]:1/cb", "http://[::1]:2/cb", true},
		{"http://localhost/cb", "http://localhost:3000/cb", true},
		{"http://127.0.0.1/cb", "http://127.0.0.1:49152/other", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x", false},
		{"http://127.0.0.1/cb", "http://localhost:49152/cb", false},
		{"http://127.0.0.1/cb", "http://[::1]:49152/cb", false},
		{"http://127.0.0.1/cb", "https://127.0.0.1:49152/cb", false},
		{"http://127.0.0.1/cb", "http://127.0.0.1:49152@evil.example/cb", false},
		{"com.example.app:/cb", "com.example.app:/cb", true},
		{"com.example.app:/cb", "com.example.app:/other", false},
	}
	for _, test := range tests {
		c := &Client{Redirects: "https://other.example/\n" + test.registered}
		if got := c.SendsTo(test.asked); got != test.want {
			t.Errorf("registered %q, asked %q: %t", test.registered, test.asked, got)
		}
	}
}

func TestWrongClientName(t *testing.T) {
	good := []string{"Pebble", "Pebble for Stone", "Кремень", "石", "Café", "Stonemason", "Pebble 2", "My App", "!"}
	bad := []string{
		"", " ", "Stone", "STONE", "the stone app", "Stone Login", "Drystone", "Drystone official", "Ѕtonе", "Stone\u200b", "S\u202etone",
		"stone.example", "Administrator", "Admin Team", "Official Support", "Security", "https://bank.example", "evil@bank.example", "<b>x</b>",
		"a\nb", "a\x00b", "a\xffb", strings.Repeat("x", MaxClientName+1), strings.Repeat("x", 10_000), "\u3164",
	}
	for _, name := range good {
		if why := WrongClientName(name, "Stone", "stone.example"); why != "" {
			t.Errorf("%q: %s", name, why)
		}
	}
	for _, name := range bad {
		if WrongClientName(name, "Stone", "stone.example") == "" {
			t.Errorf("%.40q is accepted", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	// The example of RFC 7636, appendix B.
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	a := &Authorization{Challenge: challenge}
	if !a.Answers(verifier) || !IsChallenge(challenge) {
		t.Error("the example does not hold")
	}
	for _, wrong := range []string{"", challenge, verifier + "x", verifier[:42], strings.Repeat("a", 129), strings.Replace(verifier, "d", "+", 1), verifier + "\n"} {
		if a.Answers(wrong) {
			t.Errorf("%q answers", wrong)
		}
	}
	plain := &Authorization{Challenge: verifier}
	if plain.Answers(verifier) {
		t.Error("a plain challenge is answered")
	}
	for _, wrong := range []string{"", challenge + "=", challenge[:42], challenge + "a", strings.Replace(challenge, "-", "+", 1), challenge[:42] + "\n"} {
		if IsChallenge(wrong) {
			t.Errorf("%q is a challenge", wrong)
		}
	}
}

func TestSessionMay(t *testing.T) {
	browser, token := &Session{Kind: BrowserSession}, &Session{Kind: ClientSession, Scopes: "write"}
	if !browser.May(ScopeAdminister) || browser.Powers() != AllScopes {
		t.Error("a browser is held to scopes")
	}
	if token.May(ScopeAccount) || !token.May(ScopeRead) || token.Powers() != "write" || token.Confirmed(time.Now()) {
		t.Error("a token is not held to its scopes")
	}
}

func FuzzWrongRedirect(f *testing.F) {
	for _, seed := range []string{"https://app.example/cb", "http://127.0.0.1:1/", "com.example.app:/x", "javascript:x", "https://a\\b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if WrongRedirect(address) != "" {
			return
		}
		scheme, _, _ := strings.Cut(address, ":")
		if scheme != "https" && scheme != "http" && !strings.Contains(scheme, ".") || strings.ContainsAny(address, " \"'<>\\#\n") && !strings.Contains(address, "'") {
			t.Errorf("%q is accepted", address)
		}
		if strings.ContainsAny(PlaceOf(address), " ;,'\"") {
			t.Errorf("%q leads to %q, which breaks a policy", address, PlaceOf(address))
		}
		c := &Client{Redirects: address}
		if !c.SendsTo(address) || c.SendsTo(address+"x") && !strings.HasPrefix(address, "http://") {
			t.Errorf("%q is not itself alone", address)
		}
	})
}

func FuzzParseScopes(f *testing.F) {
	f.Add("read write")
	f.Add("read\x00")
	f.Fuzz(func(t *testing.T, text string) {
		scopes, err := ParseScopes(text)
		if err != nil {
			return
		}
		if again, err := ParseScopes(string(scopes)); err != nil || again != scopes || !AllScopes.Cover(scopes) {
			t.Errorf("%q is read as %q, and that as %q, %v", text, scopes, again, err)
		}
	})
}
