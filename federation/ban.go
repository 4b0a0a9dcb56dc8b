package federation

import (
	"context"
	"net/url"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// block handles Block. With a target it is a ban: from a group, or from a
// whole server. Without one, somebody does not want to hear from somebody
// here (FEDERATION.md, section 8).
func (s *Server) block(ctx context.Context, r *received) error {
	target := r.doc.Ref("target")
	if target == "" || target == r.doc.Ref("object") {
		return s.shun(ctx, r)
	}
	ban, err := s.banOf(r.doc)
	if err != nil {
		return err
	}
	if isRoot(target) {
		by, person, err := s.siteBan(ctx, r, r.doc)
		if err != nil {
			return err
		}
		return s.Moderation.BannedElsewhere(ctx, by, person, as.Host(target), ban, r.origin(r.doc.ID()))
	}
	by, group, person, from, err := s.groupBan(ctx, r, r.doc)
	if err != nil {
		return err
	}
	return s.Moderation.BanMember(ctx, by, group, person, ban, from)
}

// undoBlock handles Undo{Block}.
func (s *Server) undoBlock(ctx context.Context, r *received, inner as.Doc) error {
	target := inner.Ref("target")
	if target == "" || target == inner.Ref("object") {
		return s.unshun(ctx, r, inner)
	}
	restore, _ := r.doc.Bool("restoreData")
	if isRoot(target) {
		by, person, err := s.siteBan(ctx, r, inner)
		if err != nil {
			return err
		}
		return s.Moderation.UnbannedElsewhere(ctx, by, person, as.Host(target), restore, r.origin(r.doc.ID()))
	}
	by, group, person, from, err := s.groupBan(ctx, r, inner)
	if err != nil {
		return err
	}
	return s.Moderation.UnbanMember(ctx, by, group, person, restore, from)
}

// banOf is what a Block says. Lemmy ends a ban by endTime, Mbin by expires,
// which may be null, PieFed by either; none is for good. An end that cannot
// be read must not make a short ban a long one.
func (s *Server) banOf(doc as.Doc) (ban community.Ban, err error) {
	for _, key := range []string{"endTime", "expires"} {
		if end := doc.Time(key); !end.IsZero() {
			ban.Until = end
		} else if doc.Has(key) && ban.Until.IsZero() {
			err = fault.New(fault.Invalid, "The ban ends at %.60q, which is no time.", doc.Text(key))
		}
	}
	if !ban.Until.IsZero() {
		err = nil
	}
	remove, _ := doc.Bool("removeData")
	removeToo, _ := doc.Bool("removeContent")
	ban.Reason, ban.Remove = why(doc), remove || removeToo
	if err == nil && ban.Until.Before(s.now()) && !ban.Until.IsZero() && !ban.Remove {
		err = fault.New(fault.Conflict, "The ban ended at %s.", ban.Until.Format(time.RFC3339))
	}
	return ban, err
}

// groupBan finds who bans whom from which group.
func (s *Server) groupBan(ctx context.Context, r *received, block as.Doc) (by, group, person *community.Actor, from community.Origin, err error) {
	target := block.Ref("target")
	if group, err = s.meant(ctx, r, func(g *community.Actor) bool { return g.IRI == target }); err != nil {
		return nil, nil, nil, from, err
	}
	if by, err = s.actor(ctx, r.actor); err != nil {
		return nil, nil, nil, from, err
	}
	if from, err = s.mayModerate(ctx, r, by, group); err != nil {
		return nil, nil, nil, from, err
	}
	if group.Local() {
		// Somebody who never wrote here may be kept from it as well.
		person, err = s.anybody(ctx, block.Ref("object"))
	} else {
		person, err = s.known(ctx, block.Ref("object"))
	}
	return by, group, person, from, err
}

// siteBan finds who bans whom from a whole server. A server speaks for
// itself, by whichever of its people; which of them are its admins is known
// to it alone.
func (s *Server) siteBan(ctx context.Context, r *received, block as.Doc) (by, person *community.Actor, err error) {
	target := block.Ref("target")
	switch {
	case s.ours(target):
		return nil, nil, fault.New(fault.Forbidden, "%s does not decide who is welcome on this server.", r.actor)
	case r.via != nil && !as.SameHost(r.actor, r.via.IRI):
		return nil, nil, fault.New(fault.Forbidden, "%s does not speak for the server of %s.", r.via.Handle(), r.actor)
	case !as.SameHost(target, r.actor):
		return nil, nil, fault.New(fault.Forbidden, "%s does not decide who is welcome on %.200s.", r.actor, target)
	}
	if by, err = s.actor(ctx, r.actor); err != nil {
		return nil, nil, err
	}
	person, err = s.known(ctx, block.Ref("object"))
	return by, person, err
}

// known returns an actor without asking anybody: a ban of somebody who never
// came here needs no memory.
func (s *Server) known(ctx context.Context, iri string) (*community.Actor, error) {
	actor, err := s.DB.ActorByIRI(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.NotFound, "%.200q is nobody here.", iri)
	}
	return actor, err
}

// isRoot reports whether an id is the root of a server.
func isRoot(iri string) bool {
	u, err := url.Parse(iri)
	return err == nil && u.Host != "" && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}
