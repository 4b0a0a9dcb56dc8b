package federation

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

const (
	relSelf    = "self"
	relProfile = "http://webfinger.net/rel/profile-page"
	relAvatar  = "http://webfinger.net/rel/avatar"
	// relService and relInstance point at the instance actor: from WebFinger
	// (FEP-d556) and from NodeInfo (FEP-2677).
	relService  = as.NS + "#Service"
	relInstance = as.NS + "#Application"
	// propertyType tells what a link leads to, as Lemmy does.
	propertyType = as.NS + "#type"

	jrdType = "application/jrd+json"
)

// A descriptor is what WebFinger answers and host-meta and NodeInfo resemble
// (RFC 7033, section 4.4).
type descriptor struct {
	Subject string           `json:"subject,omitempty"`
	Aliases []string         `json:"aliases,omitempty"`
	Links   []descriptorLink `json:"links"`
}

type descriptorLink struct {
	Rel        string            `json:"rel"`
	Type       string            `json:"type,omitempty"`
	Href       string            `json:"href,omitempty"`
	Template   string            `json:"template,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
}

// getWebFinger tells whose a name or an id is. There is one self link for a
// subject, since all our names share one namespace: peers that find two pick
// the wrong one (lemmy#2037, misskey#14614).
func (s *Server) getWebFinger(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	query := r.URL.Query()
	resource := query.Get("resource")
	if resource == "" {
		s.refuseDocument(w, r, fault.New(fault.Invalid, "WebFinger needs a resource."))
		return
	}
	a, err := s.named(r, resource)
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	answer := s.finger(a)
	if rels := query["rel"]; len(rels) > 0 {
		answer.Links = slices.DeleteFunc(answer.Links, func(l descriptorLink) bool { return !slices.Contains(rels, l.Rel) })
	}
	s.serveJSON(w, r, jrdType, answer)
}

// named finds the local actor that a resource names: acct:name@host, which
// some write without the acct:, or the id. PieFed asks for acct:~name@host where
// it wants a feed, and gets nobody else.
func (s *Server) named(r *http.Request, resource string) (*community.Actor, error) {
	if strings.HasPrefix(resource, "https://") || strings.HasPrefix(resource, "http://") {
		return s.fingered(s.byIRI(r, resource))
	}
	h, ok := community.ParseHandle(resource, s.Host)
	if !ok || h.Host != "" || !strings.Contains(strings.TrimPrefix(resource, "@"), "@") {
		return nil, fault.New(fault.NotFound, "This server does not know %.200q.", resource)
	}
	if strings.EqualFold(h.Name, s.Host) {
		return s.Accounts.Instance(r.Context())
	}
	if wantsFeed(resource) {
		return s.fingered(s.DB.ActorByHandle(r.Context(), h, community.FeedKind))
	}
	return s.fingered(s.DB.ActorByHandle(r.Context(), h))
}

func (s *Server) byIRI(r *http.Request, iri string) (*community.Actor, error) {
	switch kind, name, _ := s.local(iri); kind {
	case localInstance:
		return s.Accounts.Instance(r.Context())
	case localPerson:
		return s.DB.ActorByHandle(r.Context(), community.Handle{Name: name}, people...)
	case localGroup:
		return s.DB.ActorByHandle(r.Context(), community.Handle{Name: name}, community.GroupKind)
	case localFeed:
		return s.DB.ActorByHandle(r.Context(), community.Handle{Name: name}, community.FeedKind)
	}
	return nil, fault.New(fault.NotFound, "This server does not know %.200q.", iri)
}

// fingered keeps those who were deleted from being found.
func (s *Server) fingered(a *community.Actor, err error) (*community.Actor, error) {
	if err == nil && !a.KnownTo(nil) {
		return nil, community.Unseen()
	}
	if err == nil && a.Gone() {
		return nil, &tombstone{id: a.IRI, former: formerType(a), at: a.DeletedAt}
	}
	return a, err
}

func (s *Server) finger(a *community.Actor) descriptor {
	kind := formerType(a)
	if a.Kind == community.Application {
		kind = as.KindApplication
	}
	self := descriptorLink{Rel: relSelf, Type: as.ContentType, Href: a.IRI, Properties: map[string]string{propertyType: kind}}
	answer := descriptor{Subject: "acct:" + a.Name + "@" + s.Host, Aliases: []string{a.IRI}, Links: []descriptorLink{self}}
	if a.Kind == community.Application {
		answer.Links = append(answer.Links, descriptorLink{Rel: relService, Type: as.ContentType, Href: a.IRI})
		return answer
	}
	answer.Links = append(answer.Links, descriptorLink{Rel: relProfile, Type: "text/html", Href: a.PageURL()})
	if a.IsPerson() {
		answer.Links = append(answer.Links, s.intents()...)
	}
	if a.Icon != "" {
		answer.Links = append(answer.Links, descriptorLink{Rel: relAvatar, Href: a.Icon})
	}
	return answer
}

func (s *Server) lrdd() string { return s.Origin + "/.well-known/webfinger?resource={uri}" }

// getHostMeta tells where WebFinger is (RFC 6415), for Mastodon and others
// that ask when they did not find it.
func (s *Server) getHostMeta(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "json") && !strings.Contains(accept, "xml") {
		s.getHostMetaJSON(w, r)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	type link struct {
		Rel      string `xml:"rel,attr"`
		Type     string `xml:"type,attr"`
		Template string `xml:"template,attr"`
	}
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
		Link    link     `xml:"Link"`
	}{Link: link{"lrdd", jrdType, s.lrdd()}})
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	serve(w, r, "application/xrd+xml; charset=utf-8", freshDiscovery, append([]byte(xml.Header), body...))
}

func (s *Server) getHostMetaJSON(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	s.serveJSON(w, r, "application/json", descriptor{Links: []descriptorLink{{Rel: "lrdd", Type: jrdType, Template: s.lrdd()}}})
}

// serveJSON answers with something that is no ActivityStreams document.
func (s *Server) serveJSON(w http.ResponseWriter, r *http.Request, contentType string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		s.refuseDocument(w, r, err)
		return
	}
	serve(w, r, contentType, freshDiscovery, body)
}
