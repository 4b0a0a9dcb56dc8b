package federation

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// What is said in a private group is for its members: it is addressed to the
// group's followers and never in public, delivered only where members live,
// and read by its id only by them and their servers. Microblogs have no way of
// showing it, since nobody may boost what is not public, so they are refused
// when they follow. A group of this server alone is not there for any other:
// nothing is said of it, and nothing answers for it.

// everybodyIn is to whom all that happens in group is addressed. Lemmy looks
// for Public, or in a private group for its absence.
func everybodyIn(group *community.Actor) []string {
	if group.Closed() {
		return []string{group.IRI, followersOf(group)}
	}
	return []string{group.IRI, as.Public}
}

// hushed reports whether a fact is nobody's business elsewhere.
func (t *teller) hushed(f community.Fact) bool {
	group := t.actors[f.GroupID]
	return group != nil && !group.KnownTo(nil)
}

// ownGroup finds the group of ours that a path names, for who may read what is
// said in it.
func (s *Server) ownGroup(r *http.Request) (*community.Actor, error) {
	group, err := s.ownActor(r, community.GroupKind)
	if err != nil {
		return nil, err
	}
	return group, s.cleared(r, group)
}

// clearedFor is cleared for the group with an id.
func (s *Server) clearedFor(r *http.Request, id community.ActorID) error {
	group, err := s.DB.Actor(r.Context(), id)
	if err != nil {
		return err
	}
	return s.cleared(r, group)
}

// cleared reports, as an error, that whoever signed r may not read in group.
// The error is that of something which does not exist, whatever is wrong: a
// signature that is refused would tell that there is something to read.
func (s *Server) cleared(r *http.Request, group *community.Actor) error {
	if !group.Closed() {
		return nil
	}
	if !group.KnownTo(nil) {
		return community.Unseen()
	}
	err := s.clearedReader(r, group)
	if err == nil {
		return nil
	}
	s.Log.Debug("federation: not shown", "path", r.URL.Path, "group", group.IRI, "reason", err)
	return community.Unseen()
}

// clearedReader reports why whoever signed r may not read in group, in words
// for our log.
func (s *Server) clearedReader(r *http.Request, group *community.Actor) error {
	reader, err := s.reader(r)
	if err != nil {
		return err
	}
	if reader == nil {
		return fault.New(fault.Unauthenticated, "The request is not signed.")
	}
	may, err := s.mayRead(r.Context(), reader, group)
	if err == nil && !may {
		err = fault.New(fault.Forbidden, "%s is no member of %s.", reader.IRI, group.IRI)
	}
	return err
}

// mayRead reports whether reader, of another server, may read in a private
// group: a member, or the server that members live on, which asks on their
// behalf. Of a group elsewhere its own server may read everything, and it
// knows who else may.
func (s *Server) mayRead(ctx context.Context, reader, group *community.Actor) (bool, error) {
	if reader.Gone() {
		return false, nil
	}
	if group.Local() {
		return s.belongs(ctx, reader, group)
	}
	if as.SameHost(reader.IRI, group.IRI) {
		return reader.Kind == community.Application || reader.ID == group.ID, nil
	}
	return s.asksWhether(ctx, group, reader.IRI)
}

// belongs reports whether somebody is a member of a group of ours, or the
// server of one.
func (s *Server) belongs(ctx context.Context, who, group *community.Actor) (bool, error) {
	if who.Kind == community.Application {
		return s.DB.Hears(ctx, group.ID, who.PeerID)
	}
	m, err := s.DB.Membership(ctx, group.ID, who.ID)
	return m.Within(), err
}

// asksWhether asks the server of a private group whether somebody follows it,
// as Lemmy does.
func (s *Server) asksWhether(ctx context.Context, group *community.Actor, whom string) (bool, error) {
	if group.Followers == "" {
		return false, nil
	}
	question := group.Followers + "?is_follower=" + url.QueryEscape(whom)
	if why := s.fetched.missed(question, s.now()); why != nil {
		return false, nil //nolint:nilerr // it was no a while ago
	}
	_, err := s.signedGet(ctx, question, "")
	if err != nil {
		s.fetched.note(question, err, s.now())
	}
	return err == nil, nil //nolint:nilerr // no answer is no
}

// isFollower answers whether somebody follows a private group of ours, which
// the servers of members ask who were asked for what their people wrote in
// it: 200 for yes, 404 for no.
func (s *Server) isFollower(r *http.Request, group *community.Actor, whom string) (document, error) {
	who, err := s.DB.ActorByIRI(r.Context(), whom)
	if fault.Is(err, fault.NotFound) && !s.ours(whom) {
		who, err = s.actor(r.Context(), whom)
	}
	if err != nil {
		return nil, community.Unseen()
	}
	if yes, err := s.belongs(r.Context(), who, group); err != nil || !yes {
		return nil, community.Unseen()
	}
	return count{followersOf(group), 1}, nil
}

// clearedForActivity reports, as an error, that an activity of ours is not for
// who reads: it was said between two, or in a group that is private by now.
func (s *Server) clearedForActivity(r *http.Request, a *community.Activity, doc as.Doc) error {
	private := fault.New(fault.NotFound, "This activity is private.")
	group, err := s.DB.Actor(r.Context(), a.ActorID)
	if err != nil {
		return err
	}
	if !group.IsGroup() {
		group, err = s.DB.ActorByIRI(r.Context(), doc.Ref("audience"))
		if fault.Is(err, fault.NotFound) {
			group, err = nil, nil
		}
	}
	switch {
	case err != nil:
		return err
	case a.Public && (group == nil || !group.Closed() || doc.Ref("object") == group.IRI):
		return nil // what is said of the group itself is for everybody
	case group == nil || !group.Closed() || !addressed(doc, followersOf(group)) && !a.Public:
		return private
	}
	return s.cleared(r, group)
}

func addressed(d as.Doc, iri string) bool {
	return iri != "" && (slices.Contains(d.Refs("to"), iri) || slices.Contains(d.Refs("cc"), iri))
}

// readHere reports whether somebody here hears of a remote group: of a private
// one only a member whom it accepted (CVE-2025-30741).
func (s *Server) readHere(ctx context.Context, group *community.Actor) (bool, error) {
	if group.Closed() {
		return s.DB.AcceptedHere(ctx, group.ID)
	}
	return s.DB.FollowedHere(ctx, group.ID)
}

// confinedTo returns the private group for whose members alone an object is
// meant: the one whose followers it is addressed to. It is nil for what
// everybody may read, and an error for what is for nobody here.
func (s *Server) confinedTo(ctx context.Context, r *received, object as.Doc) (*community.Actor, error) {
	if isPublic(object, r.doc) {
		return nil, nil
	}
	if r.via != nil && r.via.Closed() && addressed(object, followersOf(r.via)) {
		return r.via, nil
	}
	addressees := object.Audience()
	for _, iri := range addressees[:min(len(addressees), maxAddressees)] {
		group, err := s.DB.ActorByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if group.IsGroup() && !group.Gone() && group.Visibility == community.Private && addressed(object, followersOf(group)) {
			return group, nil
		}
	}
	return nil, fault.New(fault.Forbidden, "%s is not public.", object.ID())
}

// fits reports why an object may not be shown in group: it is meant for the
// members of another, or comes into a private one by a way of its own.
func (s *Server) fits(ctx context.Context, r *received, object as.Doc, group *community.Actor) error {
	confined, err := s.confinedTo(ctx, r, object)
	if err != nil {
		return err
	}
	if confined != nil && confined.ID != group.ID {
		return fault.New(fault.Forbidden, "%s is meant for the members of %s.", object.ID(), confined.Handle())
	}
	by := r.actor
	if by == "" {
		by = object.ID()
	}
	return vouched(r, by, group)
}

func (s *Server) fitsIn(ctx context.Context, r *received, object as.Doc, id community.ActorID) error {
	group, err := s.DB.Actor(ctx, id)
	if err != nil {
		return err
	}
	return s.fits(ctx, r, object, group)
}

// vouched reports, as an error, that nobody vouches for by being a member of a
// private group elsewhere: only its own server knows. Of ours, the use case
// does.
func vouched(r *received, by string, group *community.Actor) error {
	if !group.Closed() || group.Local() || r.via != nil && r.via.ID == group.ID || as.SameHost(by, group.IRI) {
		return nil
	}
	return fault.New(fault.Forbidden, "%s takes part in %s without its word.", by, group.Handle())
}

func (s *Server) vouchedIn(ctx context.Context, r *received, id community.ActorID) error {
	if r.via != nil {
		return nil
	}
	group, err := s.DB.Actor(ctx, id)
	if err != nil {
		return err
	}
	return vouched(r, r.actor, group)
}
