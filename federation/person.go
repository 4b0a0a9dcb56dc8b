package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// updateActor takes over what an actor says of itself. The activity was
// signed with the key that we know, so a new one in it may be believed; where
// only a part is embedded, the whole is fetched.
func (s *Server) updateActor(ctx context.Context, r *received, described as.Doc) error {
	if r.via != nil {
		return s.updateGroup(ctx, r)
	}
	if described.ID() != r.actor {
		return fault.New(fault.Forbidden, "%s cannot describe %s.", r.actor, described.ID())
	}
	var err error
	whole := len(described.Embeddeds("publicKey")) > 0
	if whole {
		_, err = s.saveActor(ctx, described)
	}
	if !whole || fault.Is(err, fault.Invalid) {
		_, err = s.fetchActor(ctx, r.actor)
	}
	s.keyring.forget(r.actor)
	return err
}

// deleteActor notes that somebody is gone: they leave their groups, and their
// name and words about themselves are forgotten. What they wrote in groups is
// deleted by activities of its own.
func (s *Server) deleteActor(ctx context.Context, r *received) error {
	actor, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	if actor.Local() {
		return fault.New(fault.Forbidden, "%s is of this server.", r.actor)
	}
	if r.via != nil && !as.SameHost(r.actor, r.via.IRI) {
		if err := s.vanished(ctx, r.actor); err != nil {
			return err
		}
	}
	joined, err := s.DB.Joined(ctx, actor.ID)
	if err != nil {
		return err
	}
	for _, group := range joined {
		if err := s.Groups.Leave(ctx, actor, group, r.origin("")); err != nil {
			return err
		}
	}
	s.keyring.forget(r.actor)
	return s.DB.DeleteActor(ctx, actor.ID, s.now())
}

// vanished reports, as an error, that iri is still there at its origin.
func (s *Server) vanished(ctx context.Context, iri string) error {
	doc, err := s.fetch(ctx, iri)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && doc.Kind() == as.KindTombstone:
		return nil
	case err != nil:
		return err
	}
	return fault.New(fault.Forbidden, "%s is said to be deleted and is still there.", iri)
}

// author returns who wrote an object: the first of those it is attributed to
// that its own server can speak for. (PeerTube lists the person and the
// channel; NodeBB's numbers were dropped by package as.)
func (s *Server) author(ctx context.Context, object as.Doc) (*community.Actor, error) {
	for _, iri := range object.Refs("attributedTo") {
		if as.SameHost(iri, object.ID()) {
			return s.actor(ctx, iri)
		}
	}
	return nil, fault.New(fault.Forbidden, "%s names no author of its own server.", object.ID())
}
