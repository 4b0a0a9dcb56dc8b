package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// closing handles Delete of a group elsewhere by somebody who looks after it,
// which is how Lemmy and PieFed close one; yes reports whether r is that.
func (s *Server) closing(ctx context.Context, r *received, id string) (yes bool, err error) {
	group, err := s.groupCalled(ctx, id)
	if group == nil || err != nil {
		return err != nil, err
	}
	if err := s.mayClose(ctx, r, group); err != nil {
		return true, err
	}
	return true, s.Groups.Close(ctx, group, r.origin(r.doc.ID()))
}

// reopening handles the Undo of closing. The group is read again: that it is
// there is for its server to show, and it may have changed meanwhile.
func (s *Server) reopening(ctx context.Context, r *received, id string) (yes bool, err error) {
	group, err := s.groupCalled(ctx, id)
	if group == nil || err != nil {
		return err != nil, err
	}
	if err := s.mayClose(ctx, r, group); err != nil {
		return true, err
	}
	if !group.Gone() {
		return true, fault.New(fault.Conflict, "%s is not closed.", group.Handle())
	}
	s.fetched.forget(group.IRI) // it was gone, and that is no news any more
	_, err = s.fetchActor(ctx, group.IRI)
	return true, err
}

// groupCalled returns the group whose id is iri, closed or not; nil if none is
// known.
func (s *Server) groupCalled(ctx context.Context, iri string) (*community.Actor, error) {
	actor, err := s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil || !actor.IsGroup() {
		return nil, err
	}
	return actor, nil
}

// mayClose reports why r does not close group, or open it again: that is for
// its own server to say. It does by announcing what somebody did, wherever they
// live, by doing it itself, or by listing a moderator of its own people; and by
// having nothing any more where the group was.
func (s *Server) mayClose(ctx context.Context, r *received, group *community.Actor) error {
	switch {
	case group.Local():
		return fault.New(fault.Forbidden, "%s is of this server and is not closed from elsewhere.", group.Handle())
	case r.via != nil && r.via.ID != group.ID:
		return fault.New(fault.Forbidden, "%s does not speak for %s.", r.via.Handle(), group.Handle())
	case r.via != nil, r.actor == group.IRI:
		return nil
	case !as.SameHost(r.actor, group.IRI):
		return fault.New(fault.Forbidden, "%s does not live on the server of %s, which has not announced this.", r.actor, group.Handle())
	}
	listed, err := s.listed(ctx, group.Moderators, r.actor)
	if listed || err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if r.doc.Kind() == as.KindDelete && s.vanished(ctx, group.IRI) == nil {
		return nil // and its list of moderators with it
	}
	return fault.New(fault.Forbidden, "%s is no moderator of %s.", r.actor, group.Handle())
}
