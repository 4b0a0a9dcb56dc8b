package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// shun handles a Block by somebody who does not want to hear from a person or
// group here: they stop following each other, and what holds between two
// people here of whom one blocked the other holds between them. Nobody is told.
func (s *Server) shun(ctx context.Context, r *received) error {
	by, target, err := s.shunned(ctx, r, r.doc)
	if err != nil {
		return err
	}
	if err := s.Groups.Part(ctx, by, target, r.origin(r.doc.ID())); err != nil || !target.IsPerson() {
		return err
	}
	return s.Blocks.Blocked(ctx, by, target, r.origin(r.doc.ID()))
}

// unshun handles Undo of such a Block. Who followed whom stays over.
func (s *Server) unshun(ctx context.Context, r *received, block as.Doc) error {
	by, target, err := s.shunned(ctx, r, block)
	if err != nil || !target.IsPerson() {
		return err
	}
	return s.Blocks.Unblocked(ctx, by, target)
}

// shunned finds who blocks whom of ours.
func (s *Server) shunned(ctx context.Context, r *received, block as.Doc) (by, target *community.Actor, err error) {
	if r.via != nil {
		return nil, nil, fault.New(fault.Forbidden, "Whom somebody blocks for themselves is never announced.")
	}
	if target, err = s.known(ctx, block.Ref("object")); err != nil {
		return nil, nil, err
	}
	if !target.Local() {
		return nil, nil, fault.New(fault.Forbidden, "%s is not of this server.", target.IRI)
	}
	// Whoever blocks somebody whom they never met is read first: their server
	// may tell before anything else of theirs comes here.
	by, err = s.anybody(ctx, r.actor)
	return by, target, err
}
