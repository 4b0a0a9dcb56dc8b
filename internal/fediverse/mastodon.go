package fediverse

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drystone/federation/as"
)

// mastodon is how Mastodon goes about it.
type mastodon struct{ m *Microblog }

// NewMastodon starts a fake Mastodon.
func NewMastodon(t testing.TB) *Microblog {
	t.Helper()
	r := &mastodon{}
	r.m = newMicroblog(t, "mastodon", "/actor", r)
	r.m.Instance.Name = r.m.Host
	r.m.RememberKeys(true)
	return r.m
}

func (r *mastodon) inbox(d Delivery) (int, string) {
	if !strings.HasSuffix(d.Path, "/inbox") {
		return http.StatusNotFound, "there is no inbox at " + d.Path
	}
	if !as.IsAS2ContentType(d.Header.Get("Content-Type")) {
		return http.StatusUnsupportedMediaType, "it is " + d.Header.Get("Content-Type")
	}
	return 0, ""
}

// boosted: a boost is public, and of something by its id. What is embedded is
// fetched, and mostly is nothing that could be shown.
func (r *mastodon) boosted(doc as.Doc) error {
	if inner, ok := doc.Embedded("object"); ok {
		return fmt.Errorf("it holds a %s", inner.Kind())
	}
	if !doc.IsPublic() {
		return errors.New("it is not public")
	}
	return nil
}

// show converts what is no Note: the title, the teaser and a link remain of
// it, and its content is dropped. A summary is a content warning of Notes.
func (r *mastodon) show(object as.Doc) *Status {
	if object.Kind() == as.KindNote || object.Kind() == as.KindQuestion {
		return &Status{Content: object.Text("content"), Warning: object.Text("summary")}
	}
	var parts []string
	if name := object.Text("name"); name != "" {
		parts = append(parts, "<h2>"+name+"</h2>")
	}
	if summary := object.Text("summary"); summary != "" {
		parts = append(parts, "<p>"+summary+"</p>")
	}
	link := cmp.Or(object.Ref("url"), object.ID())
	return &Status{Content: strings.Join(append(parts, `<a href="`+link+`">`+link+"</a>"), "\n\n")}
}

func (r *mastodon) id(by *Account, kind, about string, n int) string {
	switch kind {
	case as.KindCreate:
		return about + "/activity"
	case as.KindUpdate:
		return fmt.Sprintf("%s#updates/%d", about, n)
	case as.KindDelete:
		return about + "#delete"
	case as.KindAnnounce:
		return fmt.Sprintf("%s/statuses/%d/activity", by.ID, n)
	}
	return fmt.Sprintf("%s#%ss/%d", by.ID, strings.ToLower(kind), n)
}

func (r *mastodon) tombstone(iri string) any {
	return map[string]any{"id": iri, "type": as.KindTombstone, "atomUri": iri}
}

func (r *mastodon) written(doc map[string]any) any {
	doc["@context"] = []any{as.NS, map[string]any{
		"ostatus": "http://ostatus.org#", "atomUri": "ostatus:atomUri", "sensitive": "as:sensitive",
		"toot": "http://joinmastodon.org/ns#", "votersCount": "toot:votersCount",
	}}
	return doc
}
