// Package relays is what an operator does about relays, and what relays answer
// (FEP-ae0c). A server that nobody subscribed sends nothing to any relay and
// takes nothing from one.
//
// What is sent to a relay, and what becomes of what it passes on, is
// federation's. A relay is never believed: what it names is read where it
// lives.
package relays

import (
	"context"
	"time"

	"github.com/google/uuid"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Origin string
	Now    func() time.Time
}

// List lists the relays that somebody subscribed to.
func (s *Service) List(ctx context.Context) (_ []*community.Relay, err error) {
	defer fault.Wrap(&err, "relays.List")
	all, err := s.DB.Relays(ctx, "")
	list := make([]*community.Relay, 0, len(all))
	for _, r := range all {
		if r.State != community.RelayLeft {
			list = append(list, r)
		}
	}
	return list, err
}

// Subscribe asks a relay for what it passes on, in the name of the server's
// own actor. One that refused, or was left, can be asked again.
func (s *Service) Subscribe(ctx context.Context, server *community.Actor, r community.Relay) (err error) {
	defer fault.Wrap(&err, "relays.Subscribe(%s)", r.Address)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		r.State, r.CreatedAt = community.RelayAsked, community.Timestamp(s.Now())
		r.Follow = s.Origin + "/activities/follow/relay-" + uuid.NewString()
		known, err := tx.RelayAt(ctx, r.Address)
		switch {
		case fault.Is(err, fault.NotFound):
			err = tx.AddRelay(ctx, &r)
		case err != nil:
		case known.Subscribed():
			err = fault.New(fault.Conflict, "This server is subscribed to %s already.", r.Address)
		default:
			r.ID = known.ID
			err = tx.SaveRelay(ctx, &r)
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, community.RelayJoined, server, &r)
	})
}

// Leave ends a subscription.
func (s *Service) Leave(ctx context.Context, server *community.Actor, address string) (err error) {
	defer fault.Wrap(&err, "relays.Leave(%s)", address)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		r, err := tx.RelayAt(ctx, address)
		if fault.Is(err, fault.NotFound) || err == nil && r.State == community.RelayLeft {
			return fault.New(fault.NotFound, "This server is not subscribed to %s.", address)
		}
		if err != nil {
			return err
		}
		r.State = community.RelayLeft
		if err := tx.SaveRelay(ctx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, community.RelayQuit, server, r)
	})
}

func (s *Service) record(ctx context.Context, tx *storage.DB, kind community.FactKind, server *community.Actor, r *community.Relay) error {
	return tx.Record(ctx, community.Fact{Kind: kind, ActorID: server.ID, ItemID: int64(r.ID), IRI: r.Follow, At: community.Timestamp(s.Now())})
}

// Answered notes what a relay said to our Follow. Its actor speaks for it from
// then on.
func (s *Service) Answered(ctx context.Context, r *community.Relay, actor string, accepted bool) (err error) {
	defer fault.Wrap(&err, "relays.Answered(%s)", actor)
	if !r.Subscribed() {
		return fault.New(fault.Conflict, "Nobody waits for an answer of %s.", actor)
	}
	r.Actor, r.State = actor, community.RelayRefused
	if accepted {
		r.State = community.RelayAccepted
	}
	return s.DB.SaveRelay(ctx, r)
}

// Followed lets a relay hear of posts: in LitePub's style it follows back.
func (s *Service) Followed(ctx context.Context, server *community.Actor, r *community.Relay, from community.Origin) (err error) {
	defer fault.Wrap(&err, "relays.Followed(%s)", r.Actor)
	if !r.Subscribed() {
		return fault.New(fault.Forbidden, "This server is not subscribed to %s.", r.Actor)
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		return tx.Record(ctx, community.Fact{
			Kind: community.RelayFollowed, ActorID: server.ID, ItemID: int64(r.ID), IRI: from.IRI, Raw: from.Activity,
			At: community.Timestamp(s.Now()),
		})
	})
}
