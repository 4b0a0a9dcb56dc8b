package federation

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/groups"
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
	if group, err := s.groupAmong(ctx, addressees, r.asked); group != nil || err != nil {
		return group, err
	}
	followed, err := s.DB.FollowedPerson(ctx, r.actor)
	if err != nil {
		return nil, err
	}
	if !followed {
		return nil, errNoGroup
	}
	// Whoever follows the author wants to read it, whatever group it is in.
	if group, err := s.groupAmong(ctx, addressees, true); group != nil || err != nil {
		return group, err
	}
	return nil, errNoGroup
}

// groupAmong returns the first group among addressees that something can be in:
// one that is read here or, if any group will do, any.
func (s *Server) groupAmong(ctx context.Context, addressees []string, anyGroup bool) (*community.Actor, error) {
	for _, iri := range addressees {
		group, err := s.groupHere(ctx, iri, anyGroup)
		if group != nil || err != nil {
			return group, err
		}
	}
	if anyGroup {
		return s.strangeGroup(ctx, addressees), nil
	}
	return nil, nil
}

// errNoGroup says that something is of a conversation outside of groups.
var errNoGroup = fault.New(fault.NotFound, "It is meant for no group that is read here.")

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

// updateGroup takes over what a followed group says has changed: a moderator
// changed it, so it is read again from its server. Its moderators are read
// with it: that it has another owner is said by nothing but their order.
func (s *Server) updateGroup(ctx context.Context, r *received) error {
	if r.doc.Ref("object") != r.via.IRI {
		return fault.New(fault.Forbidden, "%s announces a change of another actor.", r.via.Handle())
	}
	group, err := s.fetchActor(ctx, r.via.IRI)
	if err != nil {
		return err
	}
	if err := s.readModerators(ctx, group); fault.Is(err, fault.Internal) {
		return err
	}
	return nil // who does not list them keeps those that we know
}

// editGroup takes over what a moderator who lives elsewhere says of a group
// of ours. Whether they may is for the use case to decide.
func (s *Server) editGroup(ctx context.Context, r *received, described as.Doc) error {
	group, err := s.groupHere(ctx, described.ID(), false)
	if err != nil {
		return err
	}
	if group == nil {
		return fault.New(fault.NotFound, "%s is no group.", described.ID())
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	change := groups.Change{From: r.origin(r.doc.ID())}
	if described.Has("name") {
		title := plain(described.Text("name"))
		change.Title = &title
	}
	if described.Has("summary") || described.Has("source") {
		summary := sourceOf(described, described.Text("summary"))
		change.Summary = &summary
	}
	if restricted, ok := described.Bool("postingRestrictedToMods"); ok {
		change.Restricted = &restricted
	}
	if sensitive, ok := described.Bool("sensitive"); ok {
		change.Sensitive = &sensitive
	}
	_, err = s.Groups.Edit(ctx, by, community.Handle{Name: group.Name}, change)
	return err
}
