package community

import (
	"strings"
	"unicode/utf8"

	"drystone/fault"
)

// WrongClientName says why a program cannot be called name here, or nothing.
// It stands in large letters where people decide whom to trust, beside the
// name of this server: others are what the server is called.
func WrongClientName(name string, others ...string) string {
	if strings.TrimSpace(name) == "" {
		return "A client needs a name that people will recognise."
	}
	if utf8.RuneCountInString(name) > MaxClientName {
		return "The name is too long."
	}
	if strings.ContainsAny(name, "@<>/\\") || strings.ContainsRune(name, utf8.RuneError) {
		return "The name looks like an address."
	}
	if coded, bad := fault.As(checkLine("client_name", "The name", name)); bad {
		return coded.Message
	}
	if posing(name, others) {
		return "The name would be mistaken for this server."
	}
	return ""
}

// posing reports whether name has nothing in it but what this server is
// called, what its staff is called, and words that say nothing: "The Stone
// Sign-In".
func posing(name string, others []string) bool {
	own := map[string]bool{}
	for _, other := range others {
		own[appearance(other)] = true
		for _, word := range strings.Fields(other) {
			own[appearance(word)] = true
		}
	}
	for word, staff := range reserved {
		if staff {
			own[appearance(word)] = true
		}
	}
	delete(own, "") // what looks like no Latin word
	if own[appearance(name)] {
		return true
	}
	named := false
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" -_.,:;'!·|()", r) }) {
		look := appearance(word)
		if !own[look] && !empty[look] {
			return false
		}
		named = named || own[look]
	}
	return named
}

// empty are words that a name has beside its own.
var empty = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields("the a of for on this my our app apps login signin sign in up team account accounts service server site web page mobile ios android desktop client oauth") {
		words[appearance(word)] = true
	}
	return words
}()
