package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/httpsig"
	"drystone/service/relays"
)

// Relays (FEP-ae0c) only tell that something exists. What they pass on is read
// from where it lives, and is then subject to every rule that it would be
// subject to had it come from there: no signature within an activity is
// believed (CVE-2026-23961, and every flaw that LD signatures had).

// maxRelayed bounds the objects that one activity of a relay names.
const maxRelayed = 20

// relayService works where s does, which may be in a transaction.
func (s *Server) relayService() *relays.Service {
	return &relays.Service{DB: s.DB, Origin: s.Origin, Now: s.Now}
}

// RelayAt finds out how the relay at an address is spoken to: an inbox is
// Mastodon's style, anything else has to be an actor, which is LitePub's.
func (s *Server) RelayAt(ctx context.Context, address string) (_ community.Relay, err error) {
	defer fault.Wrap(&err, "federation.RelayAt(%s)", address)
	if _, err := s.Client.CheckURL(address); err != nil || s.ours(address) {
		return community.Relay{}, fault.New(fault.Invalid, "%s is no address of another server. Give the inbox of the relay, or its actor.", address)
	}
	if strings.HasSuffix(address, "/inbox") {
		return community.Relay{Address: address, Style: community.MastodonRelay, Inbox: address}, nil
	}
	actor, err := s.anybody(ctx, address)
	if err != nil {
		return community.Relay{}, err
	}
	if actor.Kind != community.Application && actor.Kind != community.Service || actor.Inbox == "" {
		return community.Relay{}, fault.New(fault.Invalid, "%s is a %s and no relay.", actor.IRI, actor.Kind)
	}
	return community.Relay{Address: address, Style: community.LitePubRelay, Inbox: actor.Inbox, Actor: actor.IRI}, nil
}

// relayAnswered handles what a relay says to our Follow: nobody but its own
// server may.
func (s *Server) relayAnswered(ctx context.Context, r *received, accepted bool) error {
	relay, err := s.DB.RelayByFollow(ctx, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	known := relay.Actor
	if known == "" {
		known = relay.Inbox
	}
	if !as.SameHost(known, r.actor) || relay.Style == community.LitePubRelay && relay.Actor != r.actor {
		return fault.New(fault.Forbidden, "%s does not speak for the relay %s.", r.actor, relay.Address)
	}
	return s.relayService().Answered(ctx, relay, r.actor, accepted)
}

// relayFollows handles a relay's Follow of this server. Nobody else can follow
// a server.
func (s *Server) relayFollows(ctx context.Context, r *received) error {
	relay, err := s.DB.RelayByActor(ctx, r.actor)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Forbidden, "%s cannot be followed, but by relays that it asked.", s.Origin)
	}
	if err != nil {
		return err
	}
	server, err := s.Accounts.Instance(ctx)
	if err != nil {
		return err
	}
	return s.relayService().Followed(ctx, server, relay, r.origin(r.doc.ID()))
}

// forwarded is what an activity means that somebody else than its actor
// signed; refused is what was said to that. From a relay that we subscribed to
// in Mastodon's style a Create means that there is something to read.
func (s *Server) forwarded(ctx context.Context, r *http.Request, activity as.Doc, refused error) (as.Doc, error) {
	sig, err := httpsig.Parse(r)
	if err != nil || activity.Kind() != as.KindCreate || as.SameHost(sig.KeyID, activity.Actor()) {
		return activity, refused
	}
	list, err := s.DB.Relays(ctx, community.RelayAccepted)
	if err != nil {
		return activity, err
	}
	for _, relay := range list {
		if !as.SameHost(sig.KeyID, relay.Actor) {
			continue
		}
		if err := s.verifyBy(ctx, sig, r, activity.Bytes(), relay.Actor); err != nil {
			return activity, err
		}
		body, err := json.Marshal(map[string]any{
			"@context": as.NS, "type": as.KindAnnounce, "actor": relay.Actor, "object": activity.Ref("object"),
			"id": fmt.Sprintf("%s#passed-on-%x", withoutFragment(relay.Actor), activityKey(activity.ID())),
		})
		if err != nil {
			return activity, err
		}
		return as.Parse(ctx, body)
	}
	return activity, refused
}

// relayed takes up what a relay names, each from where it lives. What is meant
// for no group that is read here is left alone.
func (s *Server) relayed(ctx context.Context, relay *community.Relay, doc as.Doc) error {
	if relay.State != community.RelayAccepted {
		return fault.New(fault.Forbidden, "This server is not subscribed to %s.", relay.Address)
	}
	ids := doc.Refs("object")
	for _, inner := range doc.Embeddeds("object") {
		if inner.Has("object") { // an activity: what it is about
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == inner.ID() })
			ids = append(ids, inner.Ref("object"))
		}
	}
	var again error
	for _, id := range ids[:min(len(ids), maxRelayed)] {
		if err := s.settle(ctx, s.takeUp(ctx, id), doc, false); err != nil {
			again = err
		}
	}
	return again
}

// takeUp reads something from its origin and stores it, if it is new.
func (s *Server) takeUp(ctx context.Context, id string) error {
	doc, err := s.news(ctx, id)
	if err != nil {
		return err
	}
	if doc.Kind() == as.KindCreate {
		if doc, err = s.fetch(ctx, doc.Ref("object")); err != nil {
			return err
		}
	}
	_, err = s.adopt(ctx, &received{}, doc, maxAncestors)
	return err
}
