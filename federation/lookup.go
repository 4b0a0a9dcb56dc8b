package federation

import (
	"context"
	"encoding/json"
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
	answer, err := s.webFinger(ctx, handle)
	if err != nil {
		return nil, err
	}
	notFound := fault.New(fault.NotFound, "%s knows nobody called %s.", handle.Host, handle.Name)
	var other *community.Actor
	for _, iri := range answer.actors(group) {
		actor, err := s.actor(ctx, iri)
		if err != nil {
			notFound.Err = err
			continue
		}
		if err := s.closeLoop(ctx, handle, actor); err != nil {
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

// closeLoop checks that the actor's own server knows it by the name that it
// gives itself.
func (s *Server) closeLoop(ctx context.Context, handle community.Handle, actor *community.Actor) error {
	own := community.Handle{Name: actor.Name, Host: actor.Host}
	if own.Host == handle.Host && community.FoldName(own.Name) == community.FoldName(handle.Name) {
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

// webFinger asks a host for a name.
func (s *Server) webFinger(ctx context.Context, handle community.Handle) (answer jrd, err error) {
	host := as.Host("https://" + handle.Host)
	if host == "" || host == as.Host(s.Origin) {
		return answer, fault.New(fault.NotFound, "There is no other server called %.100q.", handle.Host)
	}
	if err := s.fetched.spend(host, s.now()); err != nil {
		return answer, err
	}
	path := "/.well-known/webfinger?resource=" + url.QueryEscape("acct:"+handle.Name+"@"+handle.Host)
	err = s.getJSON(ctx, host, path, "application/jrd+json, application/json", &answer)
	return answer, err
}
