package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

const jobMove = "move"

// move handles Move: of a thread from one group to another, which has an
// origin, or of an actor of another server, who says where it lives now.
func (s *Server) move(ctx context.Context, r *received) error {
	if r.doc.Ref("object") != r.actor && r.doc.Has("origin") {
		return s.moveThread(ctx, r)
	}
	return s.moveActor(ctx, r)
}

// moveActor takes an actor to where it lives now. What it says is believed if
// it is expected there, under the id that it leaves, which is read now and not
// remembered (Mastodon does the same).
func (s *Server) moveActor(ctx context.Context, r *received) error {
	if r.via != nil {
		return fault.New(fault.Forbidden, "A Move of an actor is never announced.")
	}
	if object := r.doc.Ref("object"); object != r.actor {
		return fault.New(fault.Forbidden, "%s does not move %.200q.", r.actor, object)
	}
	who, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	target, err := s.expecting(ctx, r.doc.Ref("target"))
	if err != nil {
		return err
	}
	if err := s.Groups.Moved(ctx, who, target, r.origin("")); err != nil {
		return err
	}
	return addReading(ctx, s.DB, jobMove, who.IRI, s.now())
}

// expecting returns the actor called iri as it is at this moment.
func (s *Server) expecting(ctx context.Context, iri string) (*community.Actor, error) {
	if s.ours(iri) {
		return s.DB.ActorByIRI(ctx, iri)
	}
	if as.Host(iri) == "" {
		return nil, fault.New(fault.Invalid, "A Move needs a target.")
	}
	return s.fetchActor(ctx, iri)
}

// takeAlong is the job that moves what hung on somebody who moved.
func (s *Server) takeAlong(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "federation.takeAlong(%s)", job.Sender)
	who, err := s.DB.ActorByIRI(ctx, string(job.Body))
	if err != nil || !who.Moved() {
		return err // they thought better of it
	}
	target, err := s.DB.ActorByIRI(ctx, who.MovedTo)
	if err != nil {
		return err
	}
	return s.Groups.TakeAlong(ctx, who, target)
}

// Move moves somebody of this server, or a group, to what an address or handle
// stands for.
func (s *Server) Move(ctx context.Context, by, who *community.Actor, query string) (err error) {
	defer fault.Wrap(&err, "federation.Move(%s, %.200s)", who.Handle(), query)
	found, err := s.Identify(ctx, by, query)
	if err != nil {
		return err
	}
	target, err := s.expecting(ctx, found.IRI)
	if err != nil {
		return err
	}
	if err := s.Groups.Move(ctx, by, who, target); err != nil {
		return err
	}
	return addReading(ctx, s.DB, jobMove, who.IRI, s.now())
}

// Identify returns the person or group that an address or handle stands for.
func (s *Server) Identify(ctx context.Context, reader *community.Actor, query string) (*community.Actor, error) {
	found, err := s.Resolve(ctx, reader, query)
	switch {
	case err != nil:
		return nil, err
	case found.Group != nil:
		return found.Group.Actor, nil
	case found.Person != nil:
		return found.Person, nil
	}
	return nil, fault.New(fault.Invalid, "%.200q is neither a person nor a group.", query)
}
