package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// promote makes somebody a moderator of group, or ends that.
func (s *Server) promote(ctx context.Context, r *received, group *community.Actor, add bool) error {
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	from, err := s.mayModerate(ctx, r, by, group)
	if err != nil {
		return err
	}
	iri := r.doc.Ref("object")
	if !add {
		person, err := s.DB.ActorByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) {
			return fault.Because(err, fault.NotFound, "%.200q is nobody here.", iri)
		}
		if err != nil {
			return err
		}
		return s.Moderation.RemoveModerator(ctx, by, group, person, from)
	}
	person, err := s.actor(ctx, iri)
	if err != nil {
		return err
	}
	return s.Moderation.AddModerator(ctx, by, group, person, from)
}
