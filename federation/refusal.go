package federation

import (
	"context"
	"fmt"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// Somebody on a microblog who mentions a group of ours and is refused sees
// nothing but their own post, and no boost of it. So the group tells them why,
// when there is something that they can do about it.

// worthTelling reports whether why may concern the author of a new post: it was
// refused, and not passed on by somebody else.
func worthTelling(r *received, why error) bool {
	if !fault.Is(why, fault.Forbidden) && !fault.Is(why, fault.Invalid) || r.via != nil || r.doc.Kind() != as.KindCreate {
		return false
	}
	object, ok := r.doc.Embedded("object")
	return ok && object.Actor() == "" && slices.Contains(kindsOfPost, object.Kind()) && !isBallot(object)
}

// tellWhy has the group for which something was meant tell its author why it
// is not shown. That this fails changes nothing else.
func (s *Server) tellWhy(ctx context.Context, r *received) {
	object, _ := r.doc.Embedded("object")
	told, err := s.refuse(ctx, r, object)
	if err != nil && !fault.Is(err, fault.NotFound) {
		s.Log.Warn("federation: an author is not told of a refusal", "object", object.ID(), "reason", err)
	}
	if told {
		s.Log.Debug("federation: an author is told of a refusal", "object", object.ID(), "actor", r.actor)
	}
}

func (s *Server) refuse(ctx context.Context, r *received, object as.Doc) (told bool, err error) {
	if !as.SameHost(object.ID(), r.actor) || !wrote(object, r.actor) {
		return false, nil
	}
	group, above, err := s.meantFor(ctx, r, object)
	if err != nil || group == nil {
		return false, err
	}
	author, err := s.anybody(ctx, r.actor)
	if err != nil || !author.IsPerson() || author.Local() {
		return false, err
	}
	peer, err := s.peerOf(ctx, author.Host)
	if err != nil || peer.Forms()&community.Boosted == 0 {
		return false, err // people there are not shown what groups write to them
	}
	reason, err := s.reasonFor(ctx, r, object, author, group, above)
	if err != nil || reason == "" {
		return false, err
	}
	return s.Messages.Refuse(ctx, group, author, object.ID(), fmt.Sprintf("What you wrote is not shown in %s. %s", group.DisplayName(), reason))
}

// meantFor finds the group of ours for which an object was meant: that of what
// it answers, or the first that it is addressed to or mentions. A group of this
// server alone is known to nobody elsewhere.
func (s *Server) meantFor(ctx context.Context, r *received, object as.Doc) (group *community.Actor, above thing, err error) {
	if parent := object.Ref("inReplyTo"); parent != "" {
		above, err = s.find(ctx, parent)
		if err != nil {
			return nil, above, err
		}
		group, err = s.DB.Actor(ctx, above.group())
		if err != nil || !group.Local() || !group.KnownTo(nil) {
			return nil, above, err
		}
		return group, above, nil
	}
	addressees := slices.Concat(object.Audience(), r.doc.Audience())
	for _, iri := range addressees[:min(len(addressees), maxAddressees)] {
		if !s.ours(iri) {
			continue
		}
		group, err := s.groupHere(ctx, iri, false)
		if err != nil || group != nil && group.KnownTo(nil) {
			return group, above, err
		}
	}
	return nil, above, nil
}

// reasonFor says in plain words why group does not show an object and what its
// author can do; empty where they can do nothing.
func (s *Server) reasonFor(ctx context.Context, r *received, object as.Doc, author, group *community.Actor, above thing) (string, error) {
	m, err := s.DB.Membership(ctx, group.ID, author.ID)
	if err != nil {
		return "", err
	}
	now := s.now()
	switch {
	case group.Moved():
		return fmt.Sprintf("The group moved to %s. Write there.", group.MovedTo), nil
	case m.Banned(now) && m.BannedUntil.Before(community.Forever):
		return fmt.Sprintf("Its moderators banned you from it until %s. You can write again after that.", m.BannedUntil.Format("2 January 2006")), nil
	case m.Banned(now):
		return "Its moderators banned you from it. You can still read it.", nil
	case group.Closed() && !m.Within():
		return "It is a private group, in which only members write. Servers like yours cannot join it; somebody with an account on a server for groups can.", nil
	case group.Closed():
		return "It is a private group. What members write there is for its members alone.", nil
	case !isPublic(object, r.doc):
		return "It is not public, and everybody can read that group. Write it again, and choose that everybody can see it: public or unlisted.", nil
	}
	if above.post != nil || above.comment != nil {
		return s.lockedAbove(ctx, above)
	}
	if group.Restricted && !m.May(community.StartThreads, now) {
		return "Only its moderators begin threads there. You can answer in the threads that there are.", nil
	}
	return "", nil
}

// lockedAbove says that what something answers is closed, empty if it is not.
func (s *Server) lockedAbove(ctx context.Context, above thing) (string, error) {
	id, _ := above.spot()
	post, err := s.DB.Post(ctx, id)
	if err != nil {
		return "", err
	}
	locked := func() bool {
		return post.MayAnswer() != nil || above.comment != nil && above.comment.MayAnswer() != nil
	}
	switch {
	case post.Hidden():
		return "The thread that you answered is gone.", nil
	case locked():
		return "Its moderators locked the thread that you answered. You can begin another.", nil
	}
	return "", nil
}
