package fediverse

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
	"drystone/federation/httpsig"
)

// goToSocial is how GoToSocial goes about it, as it was seen to.
type goToSocial struct{ m *Microblog }

// NewGoToSocial starts a fake GoToSocial.
func NewGoToSocial(t testing.TB) *Microblog {
	t.Helper()
	r := &goToSocial{}
	r.m = newMicroblog(t, "gotosocial", "/users/instance", r)
	r.m.Instance.Kind = as.KindService
	r.m.dress(r.m.Instance)
	r.m.Gate(r.gate)
	r.m.RememberKeys(false) // a key is pinned under its id
	return r.m
}

// gate serves keys to everybody, and all else of ActivityPub to those who
// sign.
func (r *goToSocial) gate(w http.ResponseWriter, req *http.Request) bool {
	if name, ok := strings.CutSuffix(req.URL.Path, "/main-key"); ok {
		r.m.Peer.mu.Lock()
		actor := r.m.actors[name]
		r.m.Peer.mu.Unlock()
		if actor == nil {
			http.NotFound(w, req)
			return true
		}
		doc := actor.Document()
		write(w, as.ContentType, map[string]any{
			"@context": []string{"https://w3id.org/security/v1", as.NS}, "id": doc["id"], "type": doc["type"],
			"preferredUsername": doc["preferredUsername"], "publicKey": doc["publicKey"],
		})
		return true
	}
	if !strings.HasPrefix(req.URL.Path, "/users/") {
		return false
	}
	if _, err := r.m.check(req, nil); err != nil || !httpsig.Signed(req) {
		http.Error(w, "Unauthorized: http request wasn't signed", http.StatusUnauthorized)
		return true
	}
	return false
}

// inbox: there is no shared one, and it is particular about types.
func (r *goToSocial) inbox(d Delivery) (int, string) {
	if !strings.HasPrefix(d.Path, "/users/") || !strings.HasSuffix(d.Path, "/inbox") {
		return http.StatusNotFound, "there is no inbox at " + d.Path
	}
	if !as.IsAS2ContentType(d.Header.Get("Content-Type")) {
		return http.StatusNotAcceptable, "it is " + d.Header.Get("Content-Type")
	}
	return 0, ""
}

// boosted: of what is embedded only the id is read.
func (r *goToSocial) boosted(doc as.Doc) error {
	if doc.Time("published").IsZero() || !doc.Has("to") || !doc.Has("cc") {
		return errors.New("it lacks published, to or cc")
	}
	if inner, ok := doc.Embedded("object"); ok && inner.Actor() != "" {
		return fmt.Errorf("a boosted %s is never shown", inner.Kind())
	}
	if !doc.IsPublic() {
		return errors.New("it is not public")
	}
	return nil
}

// show: everything is shown whole, and a title is a content warning.
func (r *goToSocial) show(object as.Doc) *Status {
	status := &Status{Content: object.Text("content"), Warning: object.Text("summary")}
	if name := object.Text("name"); name != "" {
		status.Warning = name
	}
	return status
}

func (r *goToSocial) id(by *Account, kind, about string, n int) string {
	switch kind {
	case as.KindCreate, as.KindUpdate:
		id, fragment, _ := strings.Cut(about, "#")
		return id + "/activity" + fragment + "#" + kind
	case as.KindDelete:
		return about + "#delete"
	case as.KindAnnounce:
		return fmt.Sprintf("%s/statuses/01%d", by.ID, n)
	case as.KindLike:
		return fmt.Sprintf("%s/liked/01%d", by.ID, n)
	}
	return fmt.Sprintf("%s/%s/01%d", by.ID, strings.ToLower(kind), n)
}

func (r *goToSocial) tombstone(iri string) any { return iri }

// written compacts: of a list of one remains the one.
func (r *goToSocial) written(doc map[string]any) any {
	out, _ := compact(doc).(map[string]any)
	out["@context"] = []any{"https://gotosocial.org/ns", as.NS, map[string]any{"sensitive": "as:sensitive"}}
	return out
}

func compact(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = compact(inner)
		}
		return out
	case []any:
		if len(v) == 1 {
			return compact(v[0])
		}
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = compact(inner)
		}
		return out
	case []string:
		if len(v) == 1 {
			return v[0]
		}
	}
	return value
}
