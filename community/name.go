package community

import (
	"strings"
	"unicode"

	"drystone/fault"
)

// MaxName is the longest name of a person or group here, in characters.
const MaxName = 30

// MaxTitle and MaxSummary bound what people say about themselves and their
// groups, in characters.
const (
	MaxActorTitle   = 80
	MaxActorSummary = 10_000
)

// reserved are names that collide with a web address or with what programs
// mean, and, where true, names that would be mistaken for the server or its
// staff.
var reserved = map[string]bool{
	"admin": true, "administrator": true, "root": true, "system": true, "support": true, "help": true,
	"moderator": true, "mod": true, "official": true, "security": true, "abuse": true, "postmaster": true,
	"webmaster": true, "hostmaster": true, "instance": true, "drystone": true, "staff": true,
	"actor": false, "api": false, "everyone": false, "here": false, "all": false, "local": false, "home": false,
	"null": false, "undefined": false,
}

// kept reports whether a name is reserved, or looks like one that is. What
// would be mistaken for staff is compared more widely: "ali" is no "all".
func kept(name string) bool {
	skeleton, look := Skeleton(name), appearance(name)
	for word, staff := range reserved {
		if skeleton == Skeleton(word) || staff && look == appearance(word) {
			return true
		}
	}
	return false
}

// FoldName is the form under which names are compared: people, groups and the
// instance share one namespace without regard to case.
func FoldName(name string) string { return strings.ToLower(name) }

// CheckName reports why a name cannot be given to a new person or group here:
// ASCII letters, digits and underscores only, because peers accept no more.
func CheckName(name string) error {
	switch {
	case name == "":
		return fault.Field("name", "Choose a name.")
	case len(name) < 2:
		return fault.Field("name", "A name needs at least 2 characters.")
	case len(name) > MaxName:
		return fault.Field("name", "A name has at most %d characters.", MaxName)
	}
	for _, r := range name {
		if r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)) {
			return fault.Field("name", "A name has only the letters a to z, digits and underscores.")
		}
	}
	if kept(name) {
		return fault.Field("name", "The name %q is kept for the server itself. Choose another.", name)
	}
	return nil
}

// checkText refuses text that is too long or holds control characters.
func checkText(field, what, text string, most int) error {
	n := 0
	for _, r := range text {
		n++
		if r == 0 || r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return fault.Field(field, "%s holds a character that is not text.", what)
		}
	}
	if n > most {
		return fault.Field(field, "%s has %d characters; at most %d are allowed.", what, n, most)
	}
	return nil
}

// CheckProfile reports what is wrong with a title and a summary that somebody
// wrote for themselves or for a group.
func CheckProfile(title, summary string) error {
	if err := checkText("title", "The title", title, MaxActorTitle); err != nil {
		return err
	}
	if err := checkLine("title", "The title", title); err != nil {
		return err
	}
	return checkText("summary", "The description", summary, MaxActorSummary)
}
