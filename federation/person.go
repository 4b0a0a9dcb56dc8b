package federation

import (
	"context"
	"errors"
	"net/http"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/federation/guard"
	"drystone/service/accounts"
)

// updateActor takes over what an actor says of itself. The activity was
// signed with the key that we know, so a new one in it may be believed; where
// only a part is embedded, the whole is fetched.
func (s *Server) updateActor(ctx context.Context, r *received, described as.Doc) error {
	if described.Kind() == as.KindFeed {
		return s.updateFeed(ctx, r, described.ID())
	}
	if r.via != nil {
		return s.updateGroup(ctx, r)
	}
	if s.ours(described.ID()) && described.Kind() == as.KindGroup {
		return s.editGroup(ctx, r, described)
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

// deleteActor handles Delete of somebody by themselves.
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
	// Lemmy says whether its people want to be forgotten with all they wrote;
	// with everybody else, that goes with the account.
	remove, said := r.doc.Bool("removeData")
	return s.farewell(ctx, actor, r.origin(""), remove || !said)
}

const (
	jobForget  = accounts.JobForget
	forgetOnce = 50 // posts and comments in a transaction
)

// farewell notes that somebody is gone: they leave their groups, their name and
// words about themselves are forgotten, and, with all, what they wrote. A group
// is closed and keeps its name: what others said in it is still read.
func (s *Server) farewell(ctx context.Context, actor *community.Actor, from community.Origin, all bool) error {
	joined, err := s.DB.Joined(ctx, actor.ID)
	if err != nil {
		return err
	}
	for _, group := range joined {
		if err := s.Groups.Leave(ctx, actor, group, from); err != nil {
			return err
		}
	}
	s.keyring.forget(actor.IRI)
	depart := s.Posts.Farewell
	if actor.IsGroup() {
		depart = s.Groups.Close
	}
	if err := depart(ctx, actor, from); err != nil || !all {
		return err
	}
	return addReading(ctx, s.DB, jobForget, actor.IRI, s.now())
}

// forgetWords is the job that withdraws what somebody who is gone wrote, a
// part at a time, so that others have their turns between.
func (s *Server) forgetWords(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.forgetWords(%s)", job.Sender)
	actor, err := s.DB.ActorByIRI(ctx, string(job.Body))
	if err != nil || !actor.Gone() {
		return err // they are back
	}
	more, err := s.Posts.Forget(ctx, actor, forgetOnce)
	if err != nil || !more {
		return err
	}
	return addReading(ctx, s.DB, jobForget, actor.IRI, s.now())
}

// buried reports whether what kept an actor from being read means that they
// are gone on purpose: 410, or a Tombstone where they were (FEP-4f05). Not
// found may be a mistake of their server.
func buried(err error) bool {
	var status *guard.StatusError
	return errors.Is(err, errTombstone) || errors.As(err, &status) && status.Status == http.StatusGone
}

// errTombstone is why a Tombstone is no actor.
var errTombstone = errors.New("a Tombstone")

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
