package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/moderation"
)

// moveThread handles Move of a thread from one group to another of the same
// server. PieFed names the post, and its group announces it; NodeBB names the
// thread's context, and sends it as the moderator who did it (FEDERATION.md,
// section 4).
func (s *Server) moveThread(ctx context.Context, r *received) error {
	origin, target := r.doc.Ref("origin"), r.doc.Ref("target")
	from, err := s.groupCalled(ctx, origin)
	switch {
	case err != nil:
		return err
	case from == nil:
		return fault.New(fault.NotFound, "%.200q is no group that is known here.", origin)
	case r.via != nil && r.via.ID != from.ID:
		return fault.New(fault.Forbidden, "%s announces what is not in it.", r.via.Handle())
	case !as.SameHost(origin, target):
		return fault.New(fault.Forbidden, "A thread moves between groups of one server.")
	}
	th, err := s.threadCalled(ctx, r.doc.Ref("object"), from)
	if err != nil {
		return err
	}
	if th.post.GroupID != from.ID {
		return fault.New(fault.Conflict, "%s is not in %s.", th.post.IRI, from.Handle())
	}
	to, err := s.besides(ctx, target)
	if err != nil {
		return err
	}
	return s.moveBetween(ctx, r, th, from, to)
}

// moveBetween moves a thread, if whoever says so may.
func (s *Server) moveBetween(ctx context.Context, r *received, th thread, from, to *community.Actor) error {
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	word, err := s.mayMoveThread(ctx, r, by, th, from, to)
	if err != nil {
		return err
	}
	if !from.Local() && th.post.RemovedBy == from.ID {
		// NodeBB also takes its Announce back, and that may come first.
		back := word
		back.Vouched = true
		if err := s.Moderation.RestorePost(ctx, from, th.post.ID, back); err != nil {
			return err
		}
	}
	return s.Moderation.MovePost(ctx, by, th.post.ID, moderation.ThreadMove{From: from, To: to, Reason: why(r.doc)}, word)
}

// mayMoveThread reports why by may not move a thread, and returns what the use
// case is told of r. In groups of ours it decides by the roles in both. Of
// groups elsewhere, which are of one server, that server vouches: by what the
// thread's context says now, by announcing it, or by listing by among the
// moderators of both.
func (s *Server) mayMoveThread(ctx context.Context, r *received, by *community.Actor, th thread, from, to *community.Actor) (community.Origin, error) {
	word := r.origin(r.doc.ID())
	if from.Local() {
		return word, nil
	}
	if th.owner == to.IRI && as.SameHost(r.actor, from.IRI) {
		word.Vouched = true
		return word, nil
	}
	word, err := s.mayModerate(ctx, r, by, from)
	if err != nil || r.via != nil {
		return word, err
	}
	return s.mayModerate(ctx, r, by, to)
}

// besides returns the group that a thread is to go to, read now if nobody here
// knew it. It is of a server that has a group here.
func (s *Server) besides(ctx context.Context, iri string) (*community.Actor, error) {
	group, err := s.groupCalled(ctx, iri)
	if err != nil || group != nil {
		return group, err
	}
	if !s.ours(iri) {
		if group, err = s.fetchActor(ctx, iri); err != nil {
			return nil, err
		}
	}
	if group == nil || !group.IsGroup() {
		return nil, fault.New(fault.NotFound, "%.200q is no group.", iri)
	}
	return group, nil
}

// A thread is a post, by its id or by its context.
type thread struct {
	post  *community.Post
	root  string // the id of its first post, which may not be known here
	owner string // the group that its context says it belongs to; "" if there is no such context
}

// threadCalled finds the thread that group's server means by id: a post, or a
// context of that server (FEP-7888), whose first post is the thread's.
func (s *Server) threadCalled(ctx context.Context, id string, group *community.Actor) (thread, error) {
	th, err := s.contextCalled(ctx, id, group)
	if err == nil && th.post == nil {
		err = fault.New(fault.NotFound, "The thread %.200q is not known here.", id)
	}
	return th, err
}

// contextCalled is threadCalled for a thread that may not be known here.
func (s *Server) contextCalled(ctx context.Context, id string, group *community.Actor) (thread, error) {
	found, err := s.find(ctx, id)
	switch {
	case err == nil && found.comment != nil:
		return thread{}, fault.New(fault.Invalid, "Threads move as a whole, and %s is an answer in one.", id)
	case err == nil:
		return thread{post: found.post, root: id}, nil
	case !fault.Is(err, fault.NotFound) || s.ours(id) || !as.SameHost(id, group.IRI):
		return thread{}, err
	}
	got, err := s.getIf(ctx, id, "")
	if err != nil {
		return thread{}, err
	}
	th := thread{owner: got.doc.Ref("attributedTo")}
	if audience := got.doc.Ref("audience"); audience != "" {
		th.owner = audience
	}
	if err := s.pages(ctx, got, func(it item) bool { th.root = it.id; return false }); err != nil {
		return thread{}, err
	}
	if found, err = s.find(ctx, th.root); err == nil && found.post != nil {
		th.post = found.post
	}
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return th, err
}

// placeThread handles Add and Remove of a thread's context, by which NodeBB
// puts a topic into a category or takes it out. It counts what the context
// says now, on the server of both, and not who tells of it.
func (s *Server) placeThread(ctx context.Context, r *received, group *community.Actor, add bool) error {
	switch {
	case group.Local():
		return fault.New(fault.Forbidden, "%s is of this server: what is in it is not said elsewhere.", group.Handle())
	case r.via != nil && r.via.ID != group.ID:
		return fault.New(fault.Forbidden, "%s announces what is not about it.", r.via.Handle())
	case !as.SameHost(r.actor, group.IRI):
		return fault.New(fault.Forbidden, "%s does not live on the server of %s.", r.actor, group.Handle())
	}
	th, err := s.contextCalled(ctx, r.doc.Ref("object"), group)
	if err != nil {
		return err
	}
	if says := th.owner == group.IRI; says != add {
		return fault.New(fault.Forbidden, "The thread %.200q itself says that it belongs to %.200q.", r.doc.Ref("object"), th.owner)
	}
	word := &received{doc: r.doc, actor: r.actor, via: group}
	if add {
		return s.addThread(ctx, word, th, group)
	}
	if th.post == nil {
		return fault.New(fault.NotFound, "The thread %.200q is not known here.", r.doc.Ref("object"))
	}
	if th.post.GroupID != group.ID {
		return fault.New(fault.Conflict, "%s is not in %s.", th.post.IRI, group.Handle())
	}
	return s.takeOut(ctx, word, th.post.IRI, thing{post: th.post})
}

// addThread shows a thread in a group: one that is new, one that was taken out
// of it, or one of another group of the same server.
func (s *Server) addThread(ctx context.Context, r *received, th thread, group *community.Actor) error {
	if th.post == nil {
		followed, err := s.readHere(ctx, group)
		if err != nil {
			return err
		}
		if !followed {
			return fault.New(fault.Forbidden, "%s is followed by nobody here.", group.Handle())
		}
		_, err = s.obtain(ctx, &received{via: group}, th.root, maxAncestors)
		return err
	}
	if th.post.GroupID != group.ID {
		from, err := s.DB.Actor(ctx, th.post.GroupID)
		if err != nil {
			return err
		}
		if from.Local() {
			return fault.New(fault.Forbidden, "%s is in %s, which is of this server.", th.post.IRI, from.Handle())
		}
		return s.moveBetween(ctx, &received{doc: r.doc, actor: r.actor}, th, from, group)
	}
	if th.post.RemovedAt.IsZero() {
		return fault.New(fault.Conflict, "%s is in %s already.", th.post.IRI, group.Handle())
	}
	_, by, word, err := s.tended(ctx, r, th.post.IRI)
	if err != nil {
		return err
	}
	return s.Moderation.RestorePost(ctx, by, th.post.ID, word)
}
