package community

import (
	"strings"

	"drystone/fault"
)

// A Beginning is the beginning of a name, as somebody types it.
type Beginning struct {
	Groups bool   // groups are wanted; otherwise people
	Name   string // folded; the whole name if there is a host
	Host   string // the beginning of one
	Viewer ActorID
	Sight  *Sight
	Limit  int
}

// ParseBeginning reads what somebody typed after @ or !, with that mark.
func ParseBeginning(text, home string) (q Beginning, err error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "!"):
		q.Groups = true
	case !strings.HasPrefix(text, "@"):
		return q, fault.Field("q", "Begin with @ for people or ! for groups.")
	}
	name, host, _ := strings.Cut(text[1:], "@")
	if strings.ContainsFunc(text[1:], notInHandles) || strings.Contains(host, "@") {
		return q, nil // nobody is called so
	}
	q.Name, q.Host = FoldName(name), strings.ToLower(host)
	if q.Host == home {
		q.Host = ""
	}
	return q, nil
}
