package accounts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Rotate asks for new keys for an actor of this server: a person, a group or
// the server itself. Whoever speaks for it to others makes them, tells of
// them, and keeps the old ones for community.KeyOverlap, unless they are
// compromised: then they are dropped at once, and servers that do not look for
// a new key by themselves stop hearing the actor.
func (s *Service) Rotate(ctx context.Context, name string, compromised bool) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "accounts.Rotate(%s)", name)
	handle, ok := community.ParseHandle(name, s.Host)
	if !ok || handle.Host != "" {
		return nil, fault.New(fault.Invalid, "Only actors of this server have keys here.")
	}
	if name == s.Host {
		if _, err := s.Instance(ctx); err != nil {
			return nil, err
		}
	}
	var actor *community.Actor
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if actor, err = tx.ActorByHandle(ctx, handle); err != nil {
			if fault.Is(err, fault.NotFound) {
				err = fault.Because(err, fault.NotFound, "Nobody here is called %s.", name)
			}
			return err
		}
		if actor.Gone() {
			return fault.New(fault.NotFound, "%s is gone.", name)
		}
		if err := s.rested(ctx, tx, actor, compromised); err != nil {
			return err
		}
		fact := community.Fact{Kind: community.KeysRotated, ActorID: actor.ID, GroupID: actor.ID, At: s.now()}
		if compromised {
			fact.Value = 1
		}
		return tx.Record(ctx, fact)
	})
	return actor, err
}

// rested reports, as an error, that an actor got its keys so lately that
// others still know the ones before.
func (s *Service) rested(ctx context.Context, tx *storage.DB, actor *community.Actor, compromised bool) error {
	keys, err := tx.ActorKeys(ctx, actor.ID)
	if err != nil || compromised {
		return err
	}
	for _, k := range keys {
		if until := k.RetiredAt.Add(community.KeyOverlap); k.State == community.KeyRetired && s.now().Before(until) {
			return fault.New(fault.Conflict, "The keys of %s were replaced lately. Wait until %s, or say that they are compromised.",
				actor.Name, until.UTC().Format(time.RFC1123))
		}
	}
	return nil
}
