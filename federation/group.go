package federation

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

const (
	maxAddressees = 50 // of whom a group is looked for
	maxStrangers  = 3  // of whom are fetched, when somebody here asks
)

// groupFor returns the group that an object is meant for: the one that
// announced it, or the first in audience, to, cc and mentions that is ours or
// that somebody here follows. A server that hosts the group would announce
// what came to it first; but Mbin does not announce its own users, and a
// signature of the author is worth as much (FEDERATION.md, section 3).
func (s *Server) groupFor(ctx context.Context, r *received, object as.Doc) (*community.Actor, error) {
	if r.via != nil {
		return r.via, nil
	}
	if group, err := s.confinedTo(ctx, r, object); group != nil || err != nil {
		return group, err
	}
	addressees := object.Audience()
	for _, iri := range r.doc.Audience() {
		if !slices.Contains(addressees, iri) {
			addressees = append(addressees, iri)
		}
	}
	addressees = addressees[:min(len(addressees), maxAddressees)]
	for _, iri := range addressees {
		group, err := s.groupHere(ctx, iri, r.asked)
		if group != nil || err != nil {
			return group, err
		}
	}
	if r.asked {
		if group := s.strangeGroup(ctx, addressees); group != nil {
			return group, nil
		}
	}
	return nil, fault.New(fault.NotFound, "It is meant for no group that is read here.")
}

// groupHere returns the group called iri if it is ours, or followed here, or
// known is enough; nil if not.
func (s *Server) groupHere(ctx context.Context, iri string, known bool) (*community.Actor, error) {
	group, err := s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil || !group.IsGroup() || group.Gone() {
		return nil, err
	}
	if group.Local() || known {
		return group, nil
	}
	followed, err := s.readHere(ctx, group)
	if err != nil || !followed {
		return nil, err
	}
	return group, nil
}

// strangeGroup returns the first group among addressees whom nobody here knew
// yet, or nil.
func (s *Server) strangeGroup(ctx context.Context, addressees []string) *community.Actor {
	tried := 0
	for _, iri := range addressees {
		if _, err := s.DB.ActorByIRI(ctx, iri); err == nil || s.ours(iri) {
			continue
		}
		if tried++; tried > maxStrangers {
			return nil
		}
		if actor, err := s.fetchActor(ctx, iri); err == nil && actor.IsGroup() {
			return actor
		}
	}
	return nil
}

// mayRemove reports why actor may not remove what was written in group. In
// ours the use case decides by the member's role. A remote group's word is
// needed for one of its own, and that the actor lives with it or is among its
// moderators (FEDERATION.md, section 4, the mod rule); what is then learned
// about their role holds for that group only.
func (s *Server) mayRemove(ctx context.Context, r *received, by *community.Actor, id community.ActorID) error {
	group, err := s.DB.Actor(ctx, id)
	if err != nil || group.Local() {
		return err
	}
	if r.via == nil || r.via.ID != group.ID {
		return fault.New(fault.Forbidden, "%s removes what is in %s without its word.", r.actor, group.Handle())
	}
	if !as.SameHost(r.actor, group.IRI) {
		listed, err := s.listed(ctx, group.Moderators, r.actor)
		if err != nil {
			return err
		}
		if !listed {
			return fault.New(fault.Forbidden, "%s is no moderator of %s.", r.actor, group.Handle())
		}
	}
	m, err := s.DB.Membership(ctx, group.ID, by.ID)
	if err != nil || m.Moderates() {
		return err
	}
	if m == nil {
		m = &community.Membership{GroupID: group.ID, ActorID: by.ID, State: community.Absent, CreatedAt: s.now()}
	}
	m.Role = community.Moderator
	return s.DB.SaveMembership(ctx, m)
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

// updateGroup takes over what a followed group says has changed: a moderator
// changed it, so it is read again from its server.
func (s *Server) updateGroup(ctx context.Context, r *received) error {
	if r.doc.Ref("object") != r.via.IRI {
		return fault.New(fault.Forbidden, "%s announces a change of another actor.", r.via.Handle())
	}
	_, err := s.fetchActor(ctx, r.via.IRI)
	return err
}
