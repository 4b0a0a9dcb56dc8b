package accounts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Instance returns the actor that the server itself is: it signs what nobody
// in particular asks for. It is made, with its key, when first asked for; of
// two processes that do so at once, both get the same one.
func (s *Service) Instance(ctx context.Context) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "accounts.Instance")
	iri := s.Origin + "/"
	actor, err := s.DB.ActorByIRI(ctx, iri)
	if !fault.Is(err, fault.NotFound) {
		return actor, err
	}
	private, public, err := s.NewKey()
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		actor = s.newInstance(iri, public)
		if err := tx.AddActor(ctx, actor); err != nil {
			return err
		}
		return tx.AddKey(ctx, actor.ID, private)
	})
	if fault.Is(err, fault.Conflict) {
		return s.DB.ActorByIRI(ctx, iri) // somebody was faster
	}
	if err != nil {
		return nil, err
	}
	return actor, nil
}

// newInstance is the instance's actor. Its name is the host, which no person
// can have: names hold neither dots nor colons. A host without either would
// be a name, but no server is reached by one.
func (s *Service) newInstance(iri, publicPEM string) *community.Actor {
	now := s.now()
	return &community.Actor{
		Kind: community.Application, Name: s.Host, Title: s.Name,
		IRI: iri, URL: iri,
		Inbox: s.Origin + "/inbox", SharedInbox: s.Origin + "/inbox", Outbox: s.Origin + "/outbox",
		KeyID: iri + "#main-key", PublicKey: publicPEM,
		CreatedAt: now, UpdatedAt: now,
	}
}
