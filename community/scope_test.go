package community

import (
	"os"
	"strings"
	"testing"

	"drystone/fault"
)

func TestParseScopes(t *testing.T) {
	tests := []struct {
		name string
		text string
		want Scopes
		code fault.Code
	}{
		{"one", "read", "read", fault.None},
		{"any order, and twice", "account read account", "read account", fault.None},
		{"all", string(AllScopes), AllScopes, fault.None},
		{"with much room", " \t write\n", "write", fault.None},
		{"none", "", "", fault.Invalid},
		{"only room", "   ", "", fault.Invalid},
		{"an unknown one beside a known", "read everything", "", fault.Invalid},
		{"with a capital", "Read", "", fault.Invalid},
		{"a zero-width letter in it", "re\u200bad", "", fault.Invalid},
		{"right to left", "\u202eread", "", fault.Invalid},
		{"a NUL", "read\x00", "", fault.Invalid},
		{"10,000 letters", strings.Repeat("a", 10_000), "", fault.Invalid},
		{"too many words", strings.Repeat("read ", 500), "", fault.Invalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseScopes(test.text)
			if got != test.want || fault.CodeOf(err) != test.code {
				t.Errorf("ParseScopes = %q, %v; want %q, %q", got, err, test.want, test.code)
			}
			if coded, ok := fault.As(err); ok && coded.Field != "scopes" {
				t.Errorf("the error is about %q", coded.Field)
			}
		})
	}
}

func TestScopesInclude(t *testing.T) {
	for _, have := range AllScopes.List() {
		for _, want := range append(AllScopes.List(), NoScope) {
			expected := have == want || want == ScopeRead || want == NoScope
			if got := Scopes(have).Include(want); got != expected {
				t.Errorf("%s includes %q = %t", have, want, got)
			}
		}
		if have.Means() == "" || !AllScopes.Cover(Scopes(have)) {
			t.Errorf("%s has no words, or is not covered by all", have)
		}
	}
	if Scopes("").Include(ScopeRead) || !Scopes("").Include(NoScope) {
		t.Error("no scopes include reading, or not even nothing")
	}
	if Scopes("read write").Cover("read account") || !Scopes("write").Cover("read") {
		t.Error("Cover is wrong")
	}
	if got := Scopes("account").With("read"); got != "read account" {
		t.Errorf("With = %q", got)
	}
}

// docs/clients.md says of every scope what people are told.
func TestScopesInClientsMD(t *testing.T) {
	text, err := os.ReadFile("../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range AllScopes.List() {
		if line := "| `" + string(scope) + "` | " + scope.Means() + " |"; !strings.Contains(string(text), line) {
			t.Errorf("there is no line %s", line)
		}
	}
}
