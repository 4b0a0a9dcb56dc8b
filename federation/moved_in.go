package federation

import (
	"context"
	"encoding/json"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
)

// mostFollowed bounds what is read of what somebody followed where they lived,
// and what is shown of it.
const mostFollowed = 10_000

// FollowedBy lists the ids of what somebody's old account, which moved to them,
// follows: people and groups, as far as its server shows it to them. Mastodon
// shows it to everybody who has not chosen otherwise, and Lemmy to nobody.
func (s *Server) FollowedBy(ctx context.Context, who, old *community.Actor) (ids []string, err error) {
	defer fault.Wrap(&err, "federation.FollowedBy(%s, %s)", who.Handle(), old.Handle())
	if old.MovedTo != who.IRI || !who.Local() {
		return nil, fault.New(fault.Forbidden, "%s did not move to %s.", old.Handle(), who.Handle())
	}
	if old.Local() {
		return s.followed(ctx, old)
	}
	ctx = inNameOf(ctx, who)
	doc, from, err := s.get(ctx, old.IRI)
	if err != nil {
		return nil, err
	}
	address := doc.Ref("following")
	if doc.ID() != old.IRI || !as.SameHost(address, from) {
		return nil, nil
	}
	items, err := s.collect(ctx, address, mostFollowed)
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if as.Host(it.id) != "" && it.id != who.IRI {
			ids = append(ids, it.id)
		}
	}
	return ids, nil
}

// followed lists the ids of what somebody here follows.
func (s *Server) followed(ctx context.Context, who *community.Actor) (ids []string, err error) {
	joined, err := s.DB.Joined(ctx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, group := range joined {
		ids = append(ids, group.IRI)
	}
	for last := int64(0); len(ids) < mostFollowed; {
		rows, err := s.DB.FollowingAfter(ctx, who.ID, last, 200)
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			last = int64(f.TargetID)
			if f.State != community.TurnedDown {
				ids = append(ids, f.Actor.IRI)
			}
		}
		if len(rows) == 0 {
			return ids, nil
		}
	}
	return ids[:mostFollowed], nil
}

// followedBy is the same as a document.
func (s *Server) followedBy(ctx context.Context, who *community.Actor) (document, error) {
	ids, err := s.followed(ctx, who)
	if err != nil {
		return nil, err
	}
	items := make([]json.RawMessage, len(ids))
	for i, id := range ids {
		items[i] = as.ObjectID(id)
	}
	return as.OrderedCollection{ID: who.IRI + "/following", Items: items}, nil
}
