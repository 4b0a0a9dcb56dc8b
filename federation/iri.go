package federation

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"drystone/community"
	"drystone/federation/as"
)

// What an id of ours can name. Each but the first is the first part of the
// path, which is the web address too (ARCHITECTURE.md, "What stays fixed").
const (
	localInstance = "instance"
	localPerson   = "u"
	localGroup    = "c"
	localFeed     = "f"
	localPost     = "post"
	localComment  = "comment"
	localActivity = "activities"
	localQuote    = "quotes"
)

// ours reports whether iri is a name that only this server may give out,
// whether or not it names something.
func (s *Server) ours(iri string) bool { return as.SameHost(iri, s.Origin) }

// local tells what an id of this server names: its kind, and the name or
// number, or "type/id" of an activity. ok is false for the ids of others, and
// for what is no id although it is a URL of this server.
func (s *Server) local(iri string) (kind, name string, ok bool) {
	u, err := url.Parse(iri)
	if err != nil || !s.ours(iri) || !strings.HasPrefix(s.Origin, u.Scheme+"://") {
		return "", "", false
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", "", false
	}
	if u.Path == "" || u.Path == "/" {
		return localInstance, "", true
	}
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	switch {
	case len(parts) == 2 && parts[1] != "":
		switch parts[0] {
		case localPerson, localGroup, localFeed, localPost, localComment:
			return parts[0], parts[1], true
		}
	case len(parts) == 3 && parts[0] == localActivity && parts[1] != "" && parts[2] != "":
		return localActivity, parts[1] + "/" + parts[2], true
	}
	return "", "", false
}

// activityIRI is the id of the activity of a kind that is called name. Names
// that say what the activity is about can be found again; see numbered.
func (s *Server) activityIRI(kind, name string) string {
	return s.Origin + "/" + localActivity + "/" + strings.ToLower(kind) + "/" + name
}

// mint makes the id of an activity that nobody needs to find by its subject.
func (s *Server) mint(kind string) string { return s.activityIRI(kind, s.newID()) }

func (s *Server) newID() string {
	if s.NewID != nil {
		return s.NewID()
	}
	return uuid.NewString()
}

// followersOf is the collection of an actor's followers, empty if a remote
// actor has none.
func followersOf(a *community.Actor) string {
	if a.Local() {
		return a.IRI + "/followers"
	}
	return a.Followers
}
