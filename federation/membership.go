package federation

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// follow handles Follow: of a group of ours, which makes a member, or of a
// person or feed here. The answer is sent by the reader of facts.
func (s *Server) follow(ctx context.Context, r *received) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "A Follow is never announced.")
	}
	if r.doc.Ref("object") == s.Origin+"/" {
		return s.relayFollows(ctx, r)
	}
	target, by, err := s.followPair(ctx, r, r.doc)
	if err != nil {
		return err
	}
	// What their server runs decides the form in which posts reach it.
	peer, err := s.peerOf(ctx, as.Host(by.IRI))
	if err != nil {
		return err
	}
	from := r.origin(r.doc.ID())
	if target.Closed() && peer.Forms() == community.Boosted {
		return s.Groups.Refuse(ctx, by, target, from) // see private.go
	}
	if target.IsGroup() {
		_, err = s.Groups.Join(ctx, by, target, from)
		return err
	}
	if target.IsFeed() {
		_, err = s.feedService().Follow(ctx, by, target, from)
		return err
	}
	return s.Groups.Follow(ctx, by, target, from)
}

// undoFollow handles Undo{Follow}.
func (s *Server) undoFollow(ctx context.Context, r *received, inner as.Doc) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "A Follow is never announced, nor is its Undo.")
	}
	target, by, err := s.followPair(ctx, r, inner)
	if err != nil {
		return err
	}
	from := r.origin(r.doc.ID())
	if target.IsGroup() {
		return s.Groups.Leave(ctx, by, target, from)
	}
	if target.IsFeed() {
		return s.feedService().Unfollow(ctx, by, target, from)
	}
	return s.Groups.Unfollow(ctx, by, target, from)
}

// followPair returns whom of ours a Follow is about, and who follows.
func (s *Server) followPair(ctx context.Context, r *received, follow as.Doc) (target, by *community.Actor, err error) {
	iri := follow.Ref("object")
	target, err = s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, fault.New(fault.NotFound, "%.200q is nobody here.", iri)
	}
	if err != nil {
		return nil, nil, err
	}
	if !target.KnownTo(nil) {
		return nil, nil, fault.New(fault.NotFound, "%.200q is nobody here.", iri)
	}
	if !target.Local() || target.Kind == community.Application {
		return nil, nil, fault.New(fault.Forbidden, "%s cannot be followed here.", iri)
	}
	by, err = s.actor(ctx, r.actor)
	return target, by, err
}

// acceptFollow handles Accept of a Follow that somebody here sent.
func (s *Server) acceptFollow(ctx context.Context, r *received) error {
	return s.answered(ctx, r, true)
}

// rejectFollow handles Reject: of a Follow, or of a member later.
func (s *Server) rejectFollow(ctx context.Context, r *received) error {
	return s.answered(ctx, r, false)
}

// answered tells a member what the group they asked to join said. Only that
// group may answer. Relays, feeds, people and who is quoted answer in the same way.
func (s *Server) answered(ctx context.Context, r *received, accepted bool) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "An answer to a Follow or a QuoteRequest is never announced.")
	}
	switch object := r.doc.Ref("object"); {
	case strings.HasPrefix(object, s.activityIRI(as.KindFollow, "relay-")):
		return s.relayAnswered(ctx, r, accepted)
	case strings.HasPrefix(object, s.requested()):
		return s.quoteAnswered(ctx, r, accepted)
	}
	group, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	if group.IsFeed() || group.IsPerson() {
		by, err := s.follower(ctx, r, group)
		if err != nil {
			return err
		}
		if group.IsPerson() {
			return s.Groups.FollowAnswered(ctx, group, by, accepted)
		}
		return s.feedService().Answered(ctx, group, by, accepted)
	}
	if !group.IsGroup() {
		return fault.New(fault.Invalid, "%s is nobody whom people here follow.", r.actor)
	}
	member, err := s.asker(ctx, r, group)
	if err != nil {
		return err
	}
	return s.Groups.Answered(ctx, group, member, accepted)
}

// asker returns who sent the Follow that r answers: by the embedded Follow,
// as everybody does, or by its id, which we made.
func (s *Server) asker(ctx context.Context, r *received, group *community.Actor) (*community.Actor, error) {
	follow, ok := r.doc.Embedded("object")
	if ok && follow.Kind() == as.KindFollow && follow.Actor() != "" {
		if follow.Ref("object") != group.IRI {
			return nil, fault.New(fault.Forbidden, "%s answers for %.200q.", r.actor, follow.Ref("object"))
		}
		member, err := s.DB.ActorByIRI(ctx, follow.Actor())
		if err == nil && !member.Local() {
			err = fault.New(fault.Forbidden, "%s is not of this server.", member.IRI)
		}
		return member, err
	}
	m, err := s.DB.MembershipByFollow(ctx, group.ID, r.doc.Ref("object"))
	if err != nil {
		return nil, err
	}
	return s.DB.Actor(ctx, m.ActorID)
}

// follower is asker for a person or feed: by the embedded Follow, or by its id,
// which may be that of one that was sent before the last.
func (s *Server) follower(ctx context.Context, r *received, target *community.Actor) (*community.Actor, error) {
	follow, embedded := r.doc.Embedded("object")
	if !embedded || follow.Kind() != as.KindFollow || follow.Actor() == "" {
		known, err := s.DB.FollowByIRI(ctx, target.ID, r.doc.Ref("object"))
		if err == nil {
			return s.DB.Actor(ctx, known.FollowerID)
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if follow, err = s.sentFollow(ctx, r.doc.Ref("object")); err != nil {
			return nil, err
		}
	}
	if follow.Ref("object") != target.IRI {
		return nil, fault.New(fault.Forbidden, "%s answers for %.200q.", r.actor, follow.Ref("object"))
	}
	by, err := s.DB.ActorByIRI(ctx, follow.Actor())
	if err == nil && !by.Local() {
		err = fault.New(fault.Forbidden, "%s is not of this server.", by.IRI)
	}
	return by, err
}

// sentFollow is a Follow that we sent, by its id.
func (s *Server) sentFollow(ctx context.Context, iri string) (as.Doc, error) {
	if !s.ours(iri) {
		return as.Doc{}, fault.New(fault.NotFound, "%.200q is no Follow of ours.", iri)
	}
	sent, err := s.DB.ActivityByIRI(ctx, iri)
	if err != nil {
		return as.Doc{}, err
	}
	if sent.Kind != as.KindFollow {
		return as.Doc{}, fault.New(fault.NotFound, "%.200q is no Follow.", iri)
	}
	return as.Parse(ctx, sent.Body)
}
