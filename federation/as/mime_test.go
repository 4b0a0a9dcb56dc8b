package as

import (
	"strings"
	"testing"
)

const ldProfile = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`

func TestAccepts(t *testing.T) {
	tests := []struct {
		name, header string
		want         bool
	}{
		{"nothing", "", false},
		{"anything", "*/*", false},
		{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
		{"activity+json", "application/activity+json", true},
		{"upper-case", "Application/Activity+JSON", true},
		{"with a charset", "application/activity+json; charset=utf-8", true},
		{"ld+json with the profile", ldProfile, true},
		{"ld+json without", "application/ld+json", false},
		{"ld+json with another profile", `application/ld+json; profile="https://a.test/"`, false},
		{"GoToSocial", ldProfile + ",application/activity+json", true},
		{"a comma in quotes", `application/ld+json; profile="a, b", text/html`, false},
		{"plain json", "application/json", false},
		{"both alike", "text/html, application/activity+json", true},
		{"rather the page", "text/html, application/activity+json;q=0.5", false},
		{"rather the document", "application/activity+json, text/html;q=0.1", true},
		{"not the document", "application/activity+json;q=0", false},
		{"a senseless weight", "application/activity+json;q=NaN", false},
		{"too great a weight", "application/activity+json;q=7", false},
		{"garbage before", `;;;,"", application/activity+json`, true},
		{"endless", strings.Repeat("a/b,", 10000) + "application/activity+json", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Accepts(test.header); got != test.want {
				t.Errorf("Accepts(%.100q) = %v, want %v", test.header, got, test.want)
			}
		})
	}
	if !Accepts(AcceptHeader) {
		t.Error("we would not accept ourselves")
	}
}

func TestIsAS2ContentType(t *testing.T) {
	for header, want := range map[string]bool{
		ContentType: true,
		"application/activity+json; charset=utf-8": true,
		"APPLICATION/ACTIVITY+JSON":                true,
		ldProfile:                                  true,
		ldProfile + "; charset=utf-8":              true,
		`application/ld+json; profile="https://a.test/ https://www.w3.org/ns/activitystreams"`: true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams2"`:                false,
		"application/ld+json":                  false,
		"application/json":                     false,
		"text/html":                            false,
		"image/png":                            false,
		"":                                     false,
		"application/activity+json, text/html": false,
		"application/activity+jsonx":           false,
		`text/plain; x="application/activity+json"`:       false,
		"application/activity+json; charset=a; charset=b": false,
	} {
		if got := IsAS2ContentType(header); got != want {
			t.Errorf("IsAS2ContentType(%s) = %v, want %v", header, got, want)
		}
	}
}
