package federation

import (
	"context"
	"encoding/json"
	"fmt"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// destinationAt is a relay's inbox.
func (t *teller) destinationAt(ctx context.Context, relay *community.Relay) (destination, error) {
	peer, err := t.tx.PeerByHost(ctx, as.Host(relay.Inbox), community.Timestamp(t.s.Now()))
	if err != nil {
		return destination{}, err
	}
	return destination{tag: fmt.Sprintf("relay-%d", relay.ID), peer: peer.ID, inbox: relay.Inbox}, nil
}

// toRelay tells a relay something, in the name of this server.
func (t *teller) toRelay(ctx context.Context, f community.Fact, kind, iri string, relay *community.Relay, d document) error {
	body, err := marshal(d)
	if err != nil {
		return err
	}
	to, err := t.destinationAt(ctx, relay)
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{IRI: iri, ActorID: f.ActorID, Kind: kind, Body: body, Lane: relayLane(relay)}, to)
}

// relayLane keeps what one relay hears of a subscription in its order.
func relayLane(relay *community.Relay) int64 {
	return lane(community.Subject{Kind: community.SubjectActor, ID: -int64(relay.ID)})
}

// relayOf finds a fact's relay and our own actor.
func (t *teller) relayOf(ctx context.Context, f community.Fact) (*community.Relay, *community.Actor, error) {
	relay, err := t.tx.Relay(ctx, community.RelayID(f.ItemID))
	if err == nil && t.actors[f.ActorID] == nil {
		err = fault.New(fault.NotFound, "The actor of fact %d is gone.", f.ID)
	}
	return relay, t.actors[f.ActorID], err
}

// relayFollow is our subscription: to everything public in Mastodon's style,
// to the relay's actor in LitePub's.
func relayFollow(relay *community.Relay, server *community.Actor, iri string) as.Follow {
	whom := as.Public
	if relay.Style == community.LitePubRelay {
		whom = relay.Actor
	}
	return as.Follow{ID: iri, Actor: server.IRI, Object: as.ObjectID(whom), To: []string{whom}, CC: []string{}}
}

func (t *teller) relayJoined(ctx context.Context, f community.Fact) error {
	relay, server, err := t.relayOf(ctx, f)
	if err != nil {
		return err
	}
	return t.toRelay(ctx, f, as.KindFollow, f.IRI, relay, relayFollow(relay, server, f.IRI))
}

func (t *teller) relayQuit(ctx context.Context, f community.Fact) error {
	relay, server, err := t.relayOf(ctx, f)
	if err != nil {
		return err
	}
	follow, err := marshal(relayFollow(relay, server, f.IRI))
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUndo)
	return t.toRelay(ctx, f, as.KindUndo, iri, relay, as.Undo{
		ID: iri, Actor: server.IRI, Object: as.WithoutContext(follow), To: []string{as.Public}, CC: []string{},
	})
}

// relayFollowed accepts a relay's Follow of this server.
func (t *teller) relayFollowed(ctx context.Context, f community.Fact) error {
	relay, server, err := t.relayOf(ctx, f)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindAccept)
	return t.toRelay(ctx, f, as.KindAccept, iri, relay, as.Accept{
		ID: iri, Actor: server.IRI, Object: json.RawMessage(f.Raw), To: []string{relay.Actor}, CC: []string{},
	})
}

// relaysFor are the relays of a style that hear of a writing: a post of
// somebody here in a group of ours, which everybody may see and find.
func (t *teller) relaysFor(ctx context.Context, sc scene, w writing, style community.RelayStyle) ([]destination, error) {
	if w.post == nil || !sc.group.Local() || sc.group.Closed() || !sc.group.Discoverable {
		return nil, nil
	}
	if author := t.actors[w.post.AuthorID]; author == nil || !author.Local() {
		return nil, nil
	}
	list, err := t.tx.Relays(ctx, community.RelayAccepted)
	if err != nil {
		return nil, err
	}
	var to []destination
	for _, relay := range list {
		if relay.Style != style {
			continue
		}
		d, err := t.destinationAt(ctx, relay)
		if err != nil {
			return nil, err
		}
		to = append(to, d)
	}
	return to, nil
}

// relayPost has this server announce a post to relays in LitePub's style.
func (t *teller) relayPost(ctx context.Context, sc scene, w writing) error {
	to, err := t.relaysFor(ctx, sc, w, community.LitePubRelay)
	if err != nil || len(to) == 0 {
		return err
	}
	server, err := t.s.Accounts.Instance(ctx)
	if err != nil {
		return err
	}
	iri := t.s.activityIRI(as.KindAnnounce, "relay-"+w.name)
	if said, err := t.known(ctx, iri); err != nil || said != nil {
		return err
	}
	body, err := marshal(as.Announce{
		ID: iri, Actor: server.IRI, Object: as.ObjectID(w.iri), To: []string{as.Public}, CC: []string{}, Published: sc.at,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{
		IRI: iri, ActorID: server.ID, Kind: as.KindAnnounce, Body: body, Public: true, Lane: sc.lane,
	}, to...)
}

// unrelayPost takes that back.
func (t *teller) unrelayPost(ctx context.Context, sc scene, w writing) error {
	to, err := t.relaysFor(ctx, sc, w, community.LitePubRelay)
	if err != nil || len(to) == 0 {
		return err
	}
	said, err := t.known(ctx, t.s.activityIRI(as.KindAnnounce, "relay-"+w.name))
	if err != nil || said == nil {
		return err
	}
	server, err := t.s.Accounts.Instance(ctx)
	if err != nil {
		return err
	}
	iri := t.s.mint(as.KindUndo)
	body, err := marshal(as.Undo{
		ID: iri, Actor: server.IRI, Object: as.WithoutContext(said.Body), To: []string{as.Public}, CC: []string{}, Published: sc.at,
	})
	if err != nil {
		return err
	}
	return t.append(ctx, community.Activity{IRI: iri, ActorID: server.ID, Kind: as.KindUndo, Body: body, Public: true, Lane: sc.lane}, to...)
}
