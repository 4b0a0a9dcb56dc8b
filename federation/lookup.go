package federation

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// jrd is what WebFinger answers (RFC 7033).
type jrd struct {
	Subject string    `json:"subject"`
	Links   []jrdLink `json:"links"`
}

type jrdLink struct {
	Rel        string                     `json:"rel"`
	Type       string                     `json:"type"`
	Href       string                     `json:"href"`
	Template   string                     `json:"template"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// actors returns the ids that an answer links to, those of a wanted kind
// first: Lemmy and Mbin list a person and a group under one name and say
// which is which.
func (j jrd) actors(group bool) []string {
	var wanted, others []string
	for _, link := range j.Links {
		if link.Rel != "self" || !as.IsAS2ContentType(link.Type) || as.Host(link.Href) == "" {
			continue
		}
		kind := strings.Trim(string(link.Properties[as.NS+"#type"]), `"`)
		if kind != "" && (kind == as.KindGroup) == group {
			wanted = append(wanted, link.Href)
		} else {
			others = append(others, link.Href)
		}
	}
	return append(wanted, others...)
}

// lookup finds an actor of another server by its handle. The server that is
// asked may send us to another, but that one has to send us back to the same
// actor: otherwise anybody could give their handle to somebody else
// (Mastodon demands the same).
func (s *Server) lookup(ctx context.Context, handle community.Handle, group bool) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "federation.lookup(%s)", handle)
	subject, answer, err := s.fingerOf(ctx, handle)
	if err != nil {
		return nil, err
	}
	notFound := fault.New(fault.NotFound, "%s knows nobody called %s.", handle.Host, handle.Name)
	var other *community.Actor
	for _, iri := range answer.actors(group) {
		actor, err := s.actor(ctx, iri) // never a feed, which says nothing: see lookupFeed
		if err != nil {
			notFound.Err = err
			continue
		}
		if err := s.closeLoop(ctx, subject, actor); err != nil {
			notFound.Err = err
			continue
		}
		if actor.IsGroup() == group {
			return actor, nil
		}
		other = actor
	}
	if other != nil {
		return other, nil
	}
	return nil, notFound
}

// fingerOf asks for a handle, and for the one that the answer is about if that
// is another: it must be about itself then.
func (s *Server) fingerOf(ctx context.Context, handle community.Handle) (subject community.Handle, answer jrd, err error) {
	if answer, err = s.webFinger(ctx, handle); err != nil {
		return subject, answer, err
	}
	subject, ok := answer.about()
	if !ok {
		return subject, answer, fault.New(fault.Invalid, "%s does not say whom its answer about %s is about.", handle.Host, handle.Name)
	}
	if sameHandle(subject, handle) {
		return subject, answer, nil
	}
	if answer, err = s.webFinger(ctx, subject); err != nil {
		return subject, answer, err
	}
	if again, ok := answer.about(); !ok || !sameHandle(again, subject) {
		return subject, answer, fault.New(fault.Forbidden, "%s and %s do not agree about who %s is.", handle.Host, subject.Host, handle)
	}
	return subject, answer, nil
}

// about is the handle that an answer says it is about.
func (j jrd) about() (community.Handle, bool) {
	text, isAcct := strings.CutPrefix(j.Subject, "acct:")
	handle, ok := community.ParseHandle(text, "")
	return handle, isAcct && ok && handle.Host != ""
}

func sameHandle(a, b community.Handle) bool {
	return a.Host == b.Host && community.FoldName(a.Name) == community.FoldName(b.Name)
}

// closeLoop checks that the actor's own server knows it by the name that it
// gives itself.
func (s *Server) closeLoop(ctx context.Context, handle community.Handle, actor *community.Actor) error {
	own := community.Handle{Name: actor.Name, Host: actor.Host}
	if sameHandle(own, handle) {
		return nil
	}
	answer, err := s.webFinger(ctx, own)
	if err != nil {
		return err
	}
	for _, iri := range answer.actors(actor.IsGroup()) {
		if iri == actor.IRI {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "%s is not called %s by its own server.", actor.IRI, own)
}

// webFinger asks a host for a name, and where that does not answer there, at
// the place that its host-meta names (RFC 6415), as Mastodon does.
func (s *Server) webFinger(ctx context.Context, handle community.Handle) (answer jrd, err error) {
	host := as.Host("https://" + handle.Host)
	if host == "" || host == as.Host(s.Origin) {
		return answer, fault.New(fault.NotFound, "There is no other server called %.100q.", handle.Host)
	}
	if err := s.fetched.spend(host, s.now()); err != nil {
		return answer, err
	}
	resource := "acct:" + handle.Name + "@" + handle.Host
	path := "/.well-known/webfinger?resource=" + url.QueryEscape(resource)
	err = s.getJSON(ctx, host, path, jrdAccept, &answer)
	if !fault.Is(err, fault.NotFound) {
		return answer, err
	}
	if other, found := s.hostMeta(ctx, host); found == nil {
		if at := strings.ReplaceAll(other, "{uri}", url.QueryEscape(resource)); !strings.HasSuffix(at, host+path) {
			return answer, s.readJSON(ctx, at, jrdAccept, &answer)
		}
	}
	return answer, err
}

const jrdAccept = "application/jrd+json, application/json"

// hostMeta returns the template of a host's lrdd link.
func (s *Server) hostMeta(ctx context.Context, host string) (string, error) {
	resp, err := s.getAt(ctx, host, "/.well-known/host-meta", "application/xrd+xml")
	if err != nil {
		return "", err
	}
	var meta struct {
		Links []struct {
			Rel      string `xml:"rel,attr"`
			Template string `xml:"template,attr"`
		} `xml:"Link"`
	}
	if err := xml.Unmarshal(resp.Body, &meta); err != nil {
		return "", fault.Because(err, fault.Invalid, "The host-meta of %s is not what it should be.", host)
	}
	for _, link := range meta.Links {
		if link.Rel == "lrdd" && strings.Contains(link.Template, "{uri}") {
			return link.Template, nil
		}
	}
	return "", fault.New(fault.NotFound, "%s does not say where its WebFinger is.", host)
}
