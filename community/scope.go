package community

import (
	"slices"
	"strings"

	"drystone/fault"
)

// A Scope is one kind of thing that a program may do for somebody. Programs
// never get more than the person has: a scope only narrows. The words are
// stored, and told to programs.
type Scope string

// The scopes.
const (
	ScopeRead       Scope = "read"
	ScopeWrite      Scope = "write"
	ScopeMessages   Scope = "messages"
	ScopeModerate   Scope = "moderate"
	ScopeAdminister Scope = "administer"
	ScopeAccount    Scope = "account"

	// NoScope is what an operation needs that any program may ask for.
	NoScope Scope = ""
)

// scopes are all there are, the most harmless first, and what each means to
// the person who is asked.
var scopes = []struct {
	scope Scope
	words string
}{
	{ScopeRead, "Read what you can read here, and who you are. Not your messages, nor your mail address."},
	{ScopeWrite, "Post, comment, vote, follow and report in your name, and take back what you wrote."},
	{ScopeMessages, "Read your private messages, and write messages in your name."},
	{ScopeModerate, "Look after the groups you moderate: remove, lock, ban, let people in, handle reports."},
	{ScopeAdminister, "Administer this server, as far as you may."},
	{ScopeAccount, "Change your profile, your settings and the ways you sign in, and see what is only yours."},
}

// Means is what a scope lets a program do, in words for the person who is
// asked.
func (s Scope) Means() string {
	for _, known := range scopes {
		if known.scope == s {
			return known.words
		}
	}
	return ""
}

// Scopes are what one program may do: words with spaces between, each once,
// in the order of AllScopes.
type Scopes string

// AllScopes is everything.
const AllScopes Scopes = "read write messages moderate administer account"

// maxScopeText bounds what is read of a list of scopes.
const maxScopeText = 1000

// ParseScopes reads words with spaces between, in any order. A word that is
// no scope is Invalid, and so is no word at all.
func ParseScopes(text string) (Scopes, error) {
	if len(text) > maxScopeText {
		return "", fault.Field("scopes", "The list of scopes is too long.")
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return "", fault.Field("scopes", "Choose what it may do: one or more of %s.", AllScopes)
	}
	return ScopesOf(words)
}

// ScopesOf is ParseScopes for words that stand apart.
func ScopesOf(words []string) (Scopes, error) {
	if len(words) == 0 {
		return ParseScopes("")
	}
	for _, word := range words {
		if Scope(word).Means() == "" {
			return "", fault.Field("scopes", "One of the scopes is not known here. There are: %s.", AllScopes)
		}
	}
	var list []string
	for _, known := range scopes {
		if slices.Contains(words, string(known.scope)) {
			list = append(list, string(known.scope))
		}
	}
	return Scopes(strings.Join(list, " ")), nil
}

// List is the scopes, one by one.
func (s Scopes) List() []Scope {
	words := strings.Fields(string(s))
	list := make([]Scope, len(words))
	for i, word := range words {
		list[i] = Scope(word)
	}
	return list
}

// Include reports whether the scopes let a program do what scope is about.
// Every scope includes reading: nothing can be done about what is not seen.
func (s Scopes) Include(scope Scope) bool {
	list := s.List()
	return scope == NoScope || slices.Contains(list, scope) || scope == ScopeRead && len(list) > 0
}

// Cover reports whether whoever has these scopes has all of others, too.
func (s Scopes) Cover(others Scopes) bool {
	return !slices.ContainsFunc(others.List(), func(other Scope) bool { return !s.Include(other) })
}

// With is both.
func (s Scopes) With(others Scopes) Scopes {
	both, err := ParseScopes(string(s) + " " + string(others))
	if err != nil {
		return ""
	}
	return both
}
