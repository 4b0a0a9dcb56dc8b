package groups

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Join makes by a member of group. Here that is done at once, unless the group
// is private: then by is pending until a moderator lets them in. A group of
// another server is asked, and by is pending until it answers. Joining again
// changes nothing, except that somebody elsewhere who asks again is answered
// again: their server may have lost the first answer.
func (s *Service) Join(ctx context.Context, by, group *community.Actor, from community.Origin) (_ *community.Membership, err error) {
	defer fault.Wrap(&err, "groups.Join(%s, %s)", by.Handle(), group.Handle())
	if err := mayFollow(by, group, s.now()); err != nil {
		if fault.Is(err, fault.Forbidden) && group.Local() {
			err = s.refuse(ctx, s.DB, by, group, from, err)
		}
		return nil, err
	}
	if !by.Local() && !group.Local() {
		return nil, fault.New(fault.Forbidden, "Neither %s nor %s lives here.", by.Handle(), group.Handle())
	}
	var membership *community.Membership
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		was, err := s.former(ctx, tx, by, group)
		if err != nil {
			return err
		}
		m, err := tx.HoldMembership(ctx, group.ID, by.ID)
		if err != nil {
			return err
		}
		if membership, err = s.join(ctx, tx, by, group, m, was, from); err != nil || membership == nil || membership.State != community.Accepted {
			return err
		}
		return s.succeed(ctx, tx, by, group, was)
	})
	return membership, err
}

func mayFollow(by, target *community.Actor, now time.Time) error {
	switch {
	case target.Gone() && target.IsGroup():
		return fault.New(fault.NotFound, "%s was closed by its server. Nobody can join it.", target.DisplayName())
	case target.Gone():
		return fault.New(fault.NotFound, "%s is gone.", target.Handle())
	case target.Moved() && by.Local():
		return fault.New(fault.Forbidden, "%s moved to %s. Join it there.", target.DisplayName(), target.MovedTo)
	case by.Kind == community.Application, by.IsGroup() && by.Local():
		return fault.New(fault.Forbidden, "Only people can join a group.")
	case by.IsGroup() && target.Closed():
		// NodeBB has its categories follow groups, to show there what they say.
		return fault.New(fault.Forbidden, "Only people can join %s: what is said there is not for everybody.", target.DisplayName())
	}
	return by.MaySpeak(now)
}

func (s *Service) join(ctx context.Context, tx *storage.DB, by, group *community.Actor, m *community.Membership, was *former, from community.Origin) (*community.Membership, error) {
	now := s.now()
	if m != nil && now.Before(m.BannedUntil) {
		return nil, s.refuse(ctx, tx, by, group, from, m.MayPost(group, now))
	}
	followed := m != nil && m.State != community.Absent
	if followed && by.Local() {
		return m, nil
	}
	if m == nil {
		m = &community.Membership{GroupID: group.ID, ActorID: by.ID, Role: community.Member, CreatedAt: now}
	}
	fact := community.Fact{Kind: community.MemberJoined, ActorID: by.ID, GroupID: group.ID, Raw: from.Activity, At: now}
	inside := m.Within() || was.within()
	m.State, m.FollowIRI = community.Accepted, from.IRI
	switch {
	case !group.Local():
		m.State, m.FollowIRI, fact.Kind = community.Pending, s.mint("follow"), community.MemberAsked
	case group.Closed():
		if err := mayAsk(by, group); err != nil {
			return nil, err
		}
		m.FollowRaw = from.Activity // its answer may be long in coming
		if group.Visibility == community.Private && !inside {
			m.State, fact.Kind = community.Pending, community.MemberRequested
		}
	}
	fact.IRI = m.FollowIRI
	if err := tx.SaveMembership(ctx, m); err != nil {
		return nil, err
	}
	if !followed && m.State == community.Accepted {
		if err := s.enter(ctx, tx, by, group); err != nil {
			return nil, err
		}
	}
	if followed && fact.Kind == community.MemberRequested {
		return m, nil // they wait already
	}
	return m, tx.Record(ctx, fact)
}

// refuse answers a follow from elsewhere that cannot be accepted. The refusal
// is committed, so that it reaches them; whoever asks here just gets the
// error.
func (s *Service) refuse(ctx context.Context, tx *storage.DB, by, group *community.Actor, from community.Origin, why error) error {
	if by.Local() {
		return why
	}
	return tx.Record(ctx, community.Fact{
		Kind: community.MemberRefused, ActorID: by.ID, GroupID: group.ID, IRI: from.IRI, Raw: from.Activity, At: s.now(),
	})
}

// enter counts somebody who follows target now.
func (s *Service) enter(ctx context.Context, tx *storage.DB, by, target *community.Actor) error {
	if err := tx.CountMember(ctx, target.ID, 1); err != nil {
		return err
	}
	if by.Local() || !target.Local() {
		return nil
	}
	return tx.AddAudience(ctx, target.ID, by.PeerID)
}

// exit counts somebody who follows target no more.
func (s *Service) exit(ctx context.Context, tx *storage.DB, by, target *community.Actor) error {
	if err := tx.CountMember(ctx, target.ID, -1); err != nil {
		return err
	}
	if by.Local() || !target.Local() {
		return nil
	}
	return tx.DropAudience(ctx, target.ID, by.PeerID)
}

// Leave ends a membership. Roles stay with whoever moderates: they stop
// hearing of the group and can still look after it.
func (s *Service) Leave(ctx context.Context, by, group *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Leave(%s, %s)", by.Handle(), group.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := tx.HoldMembership(ctx, group.ID, by.ID)
		if err != nil || m == nil || m.State == community.Absent {
			return err
		}
		was, follow := m.State, m.FollowIRI
		if err := s.resign(ctx, tx, group, m, by); err != nil {
			return err
		}
		if err := s.forget(ctx, tx, m); err != nil {
			return err
		}
		if was == community.Accepted {
			if err := s.exit(ctx, tx, by, group); err != nil {
				return err
			}
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.MemberLeft, ActorID: by.ID, GroupID: group.ID, IRI: follow, Raw: from.Activity, At: s.now(),
		})
	})
}

// resign ends the roles that somebody was given in a group that is not for
// everybody, when they leave it: they may not read there any more.
func (s *Service) resign(ctx context.Context, tx *storage.DB, group *community.Actor, m *community.Membership, by *community.Actor) error {
	if !m.Granted || !group.Closed() {
		return nil
	}
	m.Granted, m.Grants = false, nil
	return tx.EndGrants(ctx, group.ID, m.ActorID, by.ID, s.now())
}

// forget drops a membership, or what follows in it where a role or a ban
// must be remembered.
func (s *Service) forget(ctx context.Context, tx *storage.DB, m *community.Membership) error {
	if !m.Remembered(s.now()) {
		return tx.DeleteMembership(ctx, m.GroupID, m.ActorID)
	}
	m.State, m.FollowIRI, m.FollowRaw = community.Absent, "", nil
	return tx.SaveMembership(ctx, m)
}

// Answered notes what a group of another server said to somebody here who
// asked to join. An answer that nobody waits for changes nothing.
func (s *Service) Answered(ctx context.Context, group, member *community.Actor, accepted bool) (err error) {
	defer fault.Wrap(&err, "groups.Answered(%s, %s)", group.Handle(), member.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		old, err := s.former(ctx, tx, member, group)
		if err != nil {
			return err
		}
		m, err := tx.HoldMembership(ctx, group.ID, member.ID)
		if err != nil {
			return err
		}
		if m == nil || m.State == community.Absent {
			return fault.New(fault.NotFound, "%s did not ask to join %s.", member.Handle(), group.Handle())
		}
		switch {
		case accepted && m.State == community.Pending:
			m.State = community.Accepted
			if err := tx.SaveMembership(ctx, m); err != nil {
				return err
			}
			if err := s.enter(ctx, tx, member, group); err != nil {
				return err
			}
			return s.succeed(ctx, tx, member, group, old)
		case !accepted: // refused, or put out later
			if m.State == community.Accepted {
				if err := s.exit(ctx, tx, member, group); err != nil {
					return err
				}
			}
			return s.forget(ctx, tx, m)
		}
		return nil
	})
}

// Follow makes somebody of another server a follower of a person here, or asks
// the person where they approve followers by hand.
func (s *Service) Follow(ctx context.Context, by, person *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Follow(%s, %s)", by.Handle(), person.Handle())
	if err := mayFollow(by, person, s.now()); err != nil {
		return err
	}
	if by.Local() || !person.Local() {
		return fault.New(fault.Forbidden, "Neither is %s of another server, nor %s of this one.", by.Handle(), person.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := tx.HoldFollow(ctx, by.ID, person.ID)
		if err != nil {
			return err
		}
		now := s.now()
		between, err := tx.Between(ctx, by, person, now)
		if err != nil {
			return err
		}
		if between.Theirs {
			return s.refuse(ctx, tx, by, person, from, between.Bars("follow", person))
		}
		accepted := known != nil && known.State == community.Accepted
		if person.Locked && !accepted {
			return s.askToFollow(ctx, tx, by, person, known, from)
		}
		f := &community.Follow{FollowerID: by.ID, TargetID: person.ID, State: community.Accepted, IRI: from.IRI, CreatedAt: now, ChangedAt: now}
		fact := follower(community.FollowerJoined, by, person, from, now)
		if err := tx.SaveFollow(ctx, f); err != nil {
			return err
		}
		if !accepted {
			fact.Value = 1
			if err := s.enter(ctx, tx, by, person); err != nil {
				return err
			}
		}
		return tx.Record(ctx, fact)
	})
}

// Unfollow ends a follow of a person, or takes back that it was asked for. Of a
// person elsewhere their server is told.
func (s *Service) Unfollow(ctx context.Context, by, person *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Unfollow(%s, %s)", by.Handle(), person.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := tx.HoldFollow(ctx, by.ID, person.ID)
		if err != nil || known == nil || known.Rests(s.now()) {
			return err
		}
		if err := tx.DeleteFollow(ctx, by.ID, person.ID); err != nil {
			return err
		}
		if known.State == community.Accepted {
			if err := s.exit(ctx, tx, by, person); err != nil {
				return err
			}
		}
		fact := follower(community.FollowerLeft, by, person, from, s.now())
		switch {
		case known.State == community.TurnedDown:
			return nil // they do not take it for a follow
		case by.Local() && !person.Local():
			fact.Kind, fact.IRI = community.PersonUnfollowed, known.IRI
		case known.State != community.Accepted:
			return nil // they asked, and ask no more
		}
		return tx.Record(ctx, fact)
	})
}

// Part ends what by and target are to each other, because by asked for it:
// neither follows the other any more.
func (s *Service) Part(ctx context.Context, by, target *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Part(%s, %s)", by.Handle(), target.Handle())
	if target.IsGroup() {
		return s.Leave(ctx, by, target, from)
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		inner := *s
		inner.DB = tx
		if err := inner.Unfollow(ctx, by, target, from); err != nil {
			return err
		}
		return inner.Unfollow(ctx, target, by, from)
	})
}

func follower(kind community.FactKind, by, person *community.Actor, from community.Origin, at time.Time) community.Fact {
	return community.Fact{Kind: kind, ActorID: by.ID, GroupID: person.ID, IRI: from.IRI, Raw: from.Activity, At: at}
}
