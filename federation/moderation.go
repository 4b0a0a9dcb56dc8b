package federation

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// mayModerate reports why by may not moderate group, and returns what the use
// case is told of r (FEDERATION.md, section 4, the mod rule). In a group of
// ours the use case decides by the member's role. Of a group elsewhere its
// server vouches for somebody: by announcing what one of its own people did,
// by doing it itself, or by listing them among its moderators.
//
// Lemmy also believes whoever shares a host with the object. We believe its
// admins, about what its people wrote and nothing else: see tended.
func (s *Server) mayModerate(ctx context.Context, r *received, by, group *community.Actor) (community.Origin, error) {
	from := r.origin(r.doc.ID())
	if group.Local() {
		return from, nil
	}
	if r.via != nil && r.via.ID != group.ID {
		return from, fault.New(fault.Forbidden, "%s does not speak for %s.", r.via.Handle(), group.Handle())
	}
	from.Vouched = by.ID == group.ID || r.via != nil && as.SameHost(r.actor, group.IRI)
	if from.Vouched {
		return from, nil
	}
	listed, err := s.listed(ctx, group.Moderators, r.actor)
	if err == nil && !listed {
		err = fault.New(fault.Forbidden, "%s is no moderator of %s.", r.actor, group.Handle())
	}
	from.Vouched = listed
	return from, err
}

// listed reports whether a collection names iri. Lemmy, Mbin and PieFed list
// URLs, NodeBB embeds actors.
func (s *Server) listed(ctx context.Context, collection, iri string) (bool, error) {
	if collection == "" {
		return false, nil
	}
	doc, err := s.fetch(ctx, collection)
	if err != nil {
		return false, err
	}
	return slices.Contains(doc.Refs("orderedItems"), iri) || slices.Contains(doc.Refs("items"), iri), nil
}

// moderated finds what a moderator's activity is about, a post or a comment,
// and who that is.
func (s *Server) moderated(ctx context.Context, r *received, id string) (thing, *community.Actor, community.Origin, error) {
	found, err := s.find(ctx, id)
	if err != nil {
		return found, nil, community.Origin{}, err
	}
	if err := found.within(r); err != nil {
		return found, nil, community.Origin{}, err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return found, nil, community.Origin{}, err
	}
	from, err := s.moderator(ctx, r, by, found.group())
	return found, by, from, err
}

// moderator is mayModerate for the group with an id.
func (s *Server) moderator(ctx context.Context, r *received, by *community.Actor, id community.ActorID) (community.Origin, error) {
	group, err := s.DB.Actor(ctx, id)
	if err != nil {
		return community.Origin{}, err
	}
	return s.mayModerate(ctx, r, by, group)
}

// why is what a moderator said.
func why(doc as.Doc) string { return clip(doc.Text("summary"), 1000) }

// meant returns the group that a moderator's activity is about: the one that
// announced it, or of those addressed the first that is fits.
func (s *Server) meant(ctx context.Context, r *received, fits func(*community.Actor) bool) (*community.Actor, error) {
	if r.via != nil {
		if fits(r.via) {
			return r.via, nil
		}
		return nil, fault.New(fault.Forbidden, "%s announces what is not about it.", r.via.Handle())
	}
	addressees := append(r.doc.Refs("target"), r.doc.Audience()...)
	for _, iri := range addressees[:min(len(addressees), maxAddressees)] {
		group, err := s.groupHere(ctx, iri, true)
		if err != nil {
			return nil, err
		}
		if group != nil && fits(group) {
			return group, nil
		}
	}
	return nil, fault.New(fault.NotFound, "It is about no group that is known here.")
}
