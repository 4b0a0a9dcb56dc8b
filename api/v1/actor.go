package v1

import (
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
)

// An Actor is a person, a group, a bot or an instance, here or elsewhere.
type Actor struct {
	ID      int64               `json:"id" example:"7"`
	Kind    community.ActorKind `json:"kind" enum:"person,group,service,application,feed"`
	Name    string              `json:"name" example:"alice"`
	Host    string              `json:"host" doc:"Where it lives; empty for this server." example:"example.org"`
	Handle  string              `json:"handle" doc:"How it is addressed in this API: name, or name@host." example:"alice@example.org"`
	Title   string              `json:"title" doc:"The name shown to people; may be empty." example:"Alice"`
	URL     string              `json:"url" doc:"Its page for people." example:"https://example.org/u/alice"`
	Icon    string              `json:"icon,omitempty" doc:"The address of a picture. Those of other servers come through this one, and their addresses are relative to it."`
	Small   string              `json:"icon_small,omitempty" doc:"The same small, for beside the name."`
	Facet   *Facet              `json:"facet,omitempty" doc:"How they appear in the group that this is said in; their title is that there."`
	Deleted bool                `json:"deleted,omitempty"`
	MovedTo string              `json:"moved_to,omitempty" doc:"The id of where it lives now."`
	NoIndex bool                `json:"noindex,omitempty" doc:"Asked that what is said by or in it is not found by its words, here or by search engines."`
}

func actorOf(a *community.Actor) Actor {
	if a == nil {
		// Somebody whom we no longer know of.
		return Actor{Kind: community.Person, Deleted: true}
	}
	kind := a.Kind
	if a.Held() != nil {
		kind = community.Person // whoever may see one knows what they are
	}
	return Actor{
		ID: int64(a.ID), Kind: kind, Name: a.Name, Host: a.Host, Handle: a.Handle(), Title: a.Title,
		URL: a.PageURL(), Icon: a.ShownIcon(), Small: a.SmallIcon(), Facet: facetOf(a.Facet), Deleted: a.Gone(),
		MovedTo: a.MovedTo,
		NoIndex: !a.Indexable || a.IsGroup() && !a.Discoverable,
	}
}

// handle reads the name of a person or group in a request's path.
func (a *API) handle(text string) (community.Handle, error) {
	h, ok := community.ParseHandle(text, a.host)
	if !ok {
		return h, fault.New(fault.NotFound, "Nobody is called %q.", text)
	}
	return h, nil
}

// instant is t as the API writes it.
func instant(t time.Time) time.Time { return t.UTC() }

// maybe is t, or null where it is "not so".
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// hostOf is the host of an origin.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}
