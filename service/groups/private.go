package groups

import (
	"context"
	"slices"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// mayAsk reports why by cannot ask to be let into a closed group of ours.
func mayAsk(by, group *community.Actor) error {
	if group.KnownTo(by) {
		return nil
	}
	return community.Unseen()
}

// Refuse answers a Follow of group by somebody elsewhere with no, whoever
// they are: their server could not show them what is said in it.
func (s *Service) Refuse(ctx context.Context, by, group *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Refuse(%s, %s)", by.Handle(), group.Handle())
	return s.refuse(ctx, s.DB, by, group, from, fault.New(fault.Forbidden, "%s cannot take part in %s.", by.Handle(), group.DisplayName()))
}

// reveal changes who may read in a group; its owner may.
func (s *Service) reveal(ctx context.Context, tx *storage.DB, by, group *community.Actor, to *community.Visibility) error {
	if to == nil || *to == group.Visibility {
		return nil
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	if err := m.Needs(community.SetVisibility, s.now()); err != nil {
		return err
	}
	written, err := tx.WrittenByOthers(ctx, group.ID, by.ID)
	if err != nil {
		return err
	}
	if err := group.Visibility.MayBecome(*to, written); err != nil {
		return err
	}
	was := group.Closed()
	group.Visibility = *to
	group.Locked, group.Indexable = *to == community.Private, *to == community.Open
	switch {
	case was && !group.Closed():
		return tx.RecountAuthors(ctx, group.ID, 1)
	case !was && group.Closed():
		if err := s.putOutGroups(ctx, tx, by, group); err != nil {
			return err
		}
		if err := s.takeOutOfFeeds(ctx, tx, by, group); err != nil {
			return err
		}
		return tx.RecountAuthors(ctx, group.ID, -1)
	}
	return nil
}

// putOutGroups ends the following of a group by groups elsewhere, which would
// show to everybody what is for its members from now on.
func (s *Service) putOutGroups(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	followers, err := tx.MembersOfKind(ctx, group.ID, community.GroupKind)
	if err != nil {
		return err
	}
	for _, follower := range followers {
		m, err := tx.HoldMembership(ctx, group.ID, follower.ID)
		if err != nil {
			return err
		}
		if err := s.putOut(ctx, tx, by, follower, group, m); err != nil {
			return err
		}
	}
	return nil
}

// putOut ends a membership against the member's will.
func (s *Service) putOut(ctx context.Context, tx *storage.DB, by, member, group *community.Actor, m *community.Membership) error {
	fact := s.decision(community.MemberPutOut, by, m)
	if err := s.resign(ctx, tx, group, m, by); err != nil {
		return err
	}
	if err := s.forget(ctx, tx, m); err != nil {
		return err
	}
	if err := s.exit(ctx, tx, member, group); err != nil {
		return err
	}
	return tx.Record(ctx, fact)
}

// takeOutOfFeeds takes a group that is not for everybody any more out of the
// feeds that people here keep.
func (s *Service) takeOutOfFeeds(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	feeds, err := tx.FeedsWith(ctx, group.ID)
	if err != nil {
		return err
	}
	for _, feed := range feeds {
		if err := tx.HoldFeed(ctx, feed); err != nil {
			return err
		}
		if err := tx.DropFeedGroup(ctx, feed, group.ID); err != nil {
			return err
		}
		fact := community.Fact{Kind: community.FeedShrank, ActorID: by.ID, GroupID: feed, TargetID: group.ID, At: s.now()}
		if err := tx.Record(ctx, fact); err != nil {
			return err
		}
	}
	return nil
}

// Asking lists who asks to be let into a group, for those who let them in.
func (s *Service) Asking(ctx context.Context, by *community.Actor, h community.Handle, page community.Page) (_ []*community.Belonging, next string, err error) {
	defer fault.Wrap(&err, "groups.Asking(%s)", h)
	group, err := s.trusted(ctx, s.DB, by, h, community.AdmitMembers)
	if err != nil {
		return nil, "", err
	}
	return s.DB.Asking(ctx, group.ID, page)
}

// Members lists who belongs to a group, for those whom it trusts with that.
func (s *Service) Members(ctx context.Context, by *community.Actor, h community.Handle, page community.Page) (_ []*community.Belonging, next string, err error) {
	defer fault.Wrap(&err, "groups.Members(%s)", h)
	group, err := s.trusted(ctx, s.DB, by, h, community.SeeMembers)
	if err != nil {
		return nil, "", err
	}
	return s.DB.Members(ctx, group.ID, page)
}

// trusted loads a group of ours in which by may do what p names.
func (s *Service) trusted(ctx context.Context, db *storage.DB, by *community.Actor, h community.Handle, p community.Permission) (*community.Actor, error) {
	group, err := s.actor(ctx, db, h)
	if err != nil {
		return nil, err
	}
	if !group.Local() {
		return nil, fault.New(fault.Forbidden, "%s lives on another server, which decides who belongs to it.", group.Handle())
	}
	m, err := db.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return nil, err
	}
	if err := group.Admits(by, m); err != nil {
		return nil, err
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	return group, m.Needs(p, s.now())
}

// Admit lets somebody who asked into a group of ours. Somebody who is in
// stays in.
func (s *Service) Admit(ctx context.Context, by *community.Actor, h, whom community.Handle) (err error) {
	defer fault.Wrap(&err, "groups.Admit(%s, %s)", h, whom)
	return s.decide(ctx, by, h, whom, community.AdmitMembers, func(tx *storage.DB, group, person *community.Actor, m *community.Membership) error {
		switch {
		case m == nil || m.State == community.Absent:
			return didNotAsk(person, group)
		case m.State == community.Accepted:
			return nil
		}
		m.State = community.Accepted
		if err := tx.SaveMembership(ctx, m); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, person, group); err != nil {
			return err
		}
		return tx.Record(ctx, s.decision(community.MemberAdmitted, by, m))
	})
}

// Introduce makes somebody new a member of a group, in the transaction in which
// they come to this server by an invitation. Into a closed one they get at once
// where whoever invited them may still let people in; otherwise they have asked. A
// group that is gone meanwhile keeps nobody from coming.
func (s *Service) Introduce(ctx context.Context, tx *storage.DB, newcomer, group, inviter *community.Actor) (err error) {
	defer fault.Wrap(&err, "groups.Introduce(%s, %s)", newcomer.Handle(), group.Handle())
	if !group.Local() || group.Gone() || group.Moved() {
		return nil
	}
	m, err := s.join(ctx, tx, newcomer, group, nil, nil, community.Origin{})
	if err != nil || m.State == community.Accepted {
		return err
	}
	role, err := tx.Membership(ctx, group.ID, inviter.ID)
	if err != nil || !role.May(community.AdmitMembers, s.now()) {
		return err
	}
	m.State = community.Accepted
	if err := tx.SaveMembership(ctx, m); err != nil {
		return err
	}
	if err := s.enter(ctx, tx, newcomer, group); err != nil {
		return err
	}
	return tx.Record(ctx, s.decision(community.MemberAdmitted, inviter, m))
}

// TurnAway refuses somebody who asked to be let into a group of ours. They
// may ask again.
func (s *Service) TurnAway(ctx context.Context, by *community.Actor, h, whom community.Handle) (err error) {
	defer fault.Wrap(&err, "groups.TurnAway(%s, %s)", h, whom)
	return s.decide(ctx, by, h, whom, community.AdmitMembers, func(tx *storage.DB, group, person *community.Actor, m *community.Membership) error {
		if m == nil || m.State != community.Pending {
			return didNotAsk(person, group)
		}
		fact := s.decision(community.MemberRefused, by, m)
		if err := s.forget(ctx, tx, m); err != nil {
			return err
		}
		return tx.Record(ctx, fact)
	})
}

// PutOut ends somebody's membership in a group of ours.
func (s *Service) PutOut(ctx context.Context, by *community.Actor, h, whom community.Handle) (err error) {
	defer fault.Wrap(&err, "groups.PutOut(%s, %s)", h, whom)
	return s.decide(ctx, by, h, whom, community.RemoveMembers, func(tx *storage.DB, group, person *community.Actor, m *community.Membership) error {
		switch {
		case m == nil || m.State != community.Accepted:
			return fault.New(fault.NotFound, "%s is no member of %s.", person.Handle(), group.DisplayName())
		case m.Moderates():
			return fault.New(fault.Forbidden, "%s moderates %s. Only who does not can be put out.", person.Handle(), group.DisplayName())
		}
		return s.putOut(ctx, tx, by, person, group, m)
	})
}

// decide has somebody who may do what p names decide about somebody's membership, in one
// transaction.
func (s *Service) decide(
	ctx context.Context, by *community.Actor, h, whom community.Handle, p community.Permission,
	f func(tx *storage.DB, group, person *community.Actor, m *community.Membership) error,
) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		group, err := s.trusted(ctx, tx, by, h, p)
		if err != nil {
			return err
		}
		person, err := tx.ActorByHandle(ctx, whom, community.Person, community.Service)
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.Because(err, fault.NotFound, "There is nobody called %q here.", whom)
			}
			return err
		}
		m, err := tx.HoldMembership(ctx, group.ID, person.ID)
		if err != nil {
			return err
		}
		return f(tx, group, person, m)
	})
}

func didNotAsk(person, group *community.Actor) error {
	return fault.New(fault.NotFound, "%s does not ask to join %s.", person.Handle(), group.DisplayName())
}

// decision is the fact of what a moderator decided about a member.
func (s *Service) decision(kind community.FactKind, by *community.Actor, m *community.Membership) community.Fact {
	return community.Fact{
		Kind: kind, ActorID: by.ID, GroupID: m.GroupID, TargetID: m.ActorID, IRI: m.FollowIRI, Raw: m.FollowRaw, At: s.now(),
	}
}

// Reconcile makes our members of a group elsewhere those whom the group says
// it has (FEP-8fcf). Who is not among them does not belong to it any more,
// whatever answer of theirs we missed; who waits for an answer and is among
// them was let in; and of who is among them and never asked, the group is told
// that they do not follow it.
func (s *Service) Reconcile(ctx context.Context, group *community.Actor, members []string) (err error) {
	defer fault.Wrap(&err, "groups.Reconcile(%s)", group.Handle())
	if group.Local() {
		return fault.New(fault.Internal, "%s is of this server", group.Handle())
	}
	known, err := s.DB.LocalMembers(ctx, group.ID)
	if err != nil {
		return err
	}
	for _, a := range known {
		if err := s.reconcile(ctx, group, a, slices.Contains(members, a.IRI)); err != nil {
			return err
		}
	}
	for _, iri := range members {
		if slices.ContainsFunc(known, func(a *community.Actor) bool { return a.IRI == iri }) {
			continue
		}
		person, err := s.DB.ActorByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) || err == nil && (!person.Local() || person.IsGroup()) {
			continue
		}
		if err != nil {
			return err
		}
		fact := community.Fact{Kind: community.MemberUnknown, ActorID: person.ID, GroupID: group.ID, IRI: s.mint("follow"), At: s.now()}
		if err := s.DB.Record(ctx, fact); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) reconcile(ctx context.Context, group, member *community.Actor, listed bool) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := tx.HoldMembership(ctx, group.ID, member.ID)
		switch {
		case err != nil || m == nil:
			return err
		case listed && m.State == community.Pending:
			m.State = community.Accepted
			if err := tx.SaveMembership(ctx, m); err != nil {
				return err
			}
			return s.enter(ctx, tx, member, group)
		case !listed && m.State == community.Accepted:
			if err := s.exit(ctx, tx, member, group); err != nil {
				return err
			}
			return s.forget(ctx, tx, m)
		}
		return nil
	})
}
