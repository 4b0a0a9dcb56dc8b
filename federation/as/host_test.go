package as

import "testing"

func TestHost(t *testing.T) {
	for iri, want := range map[string]string{
		"https://a.test/u/ada":        "a.test",
		"https://A.Test":              "a.test",
		"HTTPS://a.test/":             "a.test",
		"https://a.test:443/":         "a.test",
		"http://a.test:80/":           "a.test",
		"http://a.test:443/":          "a.test:443",
		"http://localhost:8080/c/go":  "localhost:8080",
		"https://bücher.test/":        "xn--bcher-kva.test",
		"https://BÜCHER.test/":        "xn--bcher-kva.test",
		"https://xn--bcher-kva.test/": "xn--bcher-kva.test",
		"https://ex.test/":            "ex.test",
		"https://a_b.test/":           "a_b.test",
		"https://[::1]:8080/":         "[::1]:8080",
		"https://[0:0::1]/":           "[::1]",
		"https://127.0.0.1/":          "127.0.0.1",
		"https://a.test./":            "",
		"https://a..test/":            "",
		"https://.test/":              "",
		"https://ada@a.test/":         "",
		"https://a.test%2fb.test/":    "",
		"https://a.test\\b.test/":     "",
		"https://a b.test/":           "",
		"https:a.test":                "",
		"https://":                    "",
		"//a.test/":                   "",
		"a.test":                      "",
		"acct:ada@a.test":             "",
		"ftp://a.test/":               "",
		"as:Public":                   "",
		"":                            "",
		"https://xn--a.test/":         "",
		"https://a.test:99999x/":      "",
	} {
		if got := Host(iri); got != want {
			t.Errorf("Host(%s) = %q, want %q", iri, got, want)
		}
	}
}

func TestSameHost(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"https://a.test/u/ada", "https://A.test/post/1", true},
		{"https://bücher.test/1", "https://xn--bcher-kva.test/2", true},
		{"https://a.test:443/1", "https://a.test/2", true},
		{"https://a.test:8443/1", "https://a.test/2", false},
		{"https://a.test/1", "https://b.a.test/1", false},
		{"https://a.test/1", "https://a.test.evil.test/1", false},
		{"https://a.test/1", "https://a.test@evil.test/1", false},
		{"https://a.test/1", "https://а.test/1", false}, // a Cyrillic а
		{"", "", false},
		{"as:Public", "as:Public", false},
	}
	for _, test := range tests {
		if got := SameHost(test.a, test.b); got != test.want {
			t.Errorf("SameHost(%s, %s) = %v", test.a, test.b, got)
		}
	}
}
