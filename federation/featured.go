package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// add handles Add: a moderator puts a post on top of a group, or makes
// somebody a moderator, or a thread belongs to a group now (NodeBB). Mastodon
// adds to its own collections: nothing that is shown here.
func (s *Server) add(ctx context.Context, r *received) error { return s.collection(ctx, r, true) }

// remove handles Remove, which takes back what Add did.
func (s *Server) remove(ctx context.Context, r *received) error { return s.collection(ctx, r, false) }

func (s *Server) collection(ctx context.Context, r *received, add bool) error {
	target := r.doc.Ref("target")
	if target == "" {
		return fault.New(fault.Invalid, "It does not say where to.")
	}
	if yes, err := s.fed(ctx, r, target, add); yes {
		return err
	}
	if group, err := s.groupCalled(ctx, target); err != nil || group != nil {
		if err != nil {
			return err
		}
		return s.placeThread(ctx, r, group, add)
	}
	if found, err := s.find(ctx, r.doc.Ref("object")); err == nil {
		group, err := s.DB.Actor(ctx, found.group())
		if err != nil {
			return err
		}
		if target == group.Featured {
			return s.feature(ctx, r, found, add)
		}
	} else if !fault.Is(err, fault.NotFound) {
		return err
	}
	group, err := s.meant(ctx, r, func(g *community.Actor) bool { return target == g.Moderators || target == g.Featured })
	if err != nil {
		return err
	}
	if target == group.Moderators {
		return s.promote(ctx, r, group, add)
	}
	if !add {
		return fault.New(fault.NotFound, "%.200q is not known here.", r.doc.Ref("object"))
	}
	found, err := s.obtain(ctx, &received{via: r.via}, r.doc.Ref("object"), maxAncestors)
	if err != nil {
		return err
	}
	return s.feature(ctx, r, found, add)
}

// feature puts a post on top of its group, or takes it down.
func (s *Server) feature(ctx context.Context, r *received, found thing, add bool) error {
	if found.comment != nil {
		return fault.New(fault.Invalid, "Only posts stand on top of a group.")
	}
	_, by, from, err := s.moderated(ctx, r, found.post.IRI)
	if err != nil {
		return err
	}
	if add {
		return s.Moderation.FeaturePost(ctx, by, found.post.ID, from)
	}
	return s.Moderation.UnfeaturePost(ctx, by, found.post.ID, from)
}
