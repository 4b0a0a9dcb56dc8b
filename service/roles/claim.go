package roles

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// orphaned reports whether nobody looks after a group of ours: all its
// moderators are gone or banned, or were not here for long.
func (s *Service) orphaned(ctx context.Context, tx *storage.DB, group *community.Actor) (bool, error) {
	since := s.now().Add(-community.Orphaned)
	if !group.Local() || group.Gone() || group.Moved() {
		return false, nil
	}
	kept, err := tx.LookedAfter(ctx, group.ID, s.now(), since)
	return err == nil && !kept, err
}

// Claim asks for a group that nobody looks after; its members may. Who claims
// twice has claimed once.
func (s *Service) Claim(ctx context.Context, by, group *community.Actor, reason string) (err error) {
	defer fault.Wrap(&err, "roles.Claim(%s)", group.Handle())
	if err := community.CheckClaim(reason); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldModerators(ctx, group.ID); err != nil {
			return err
		}
		m, err := s.member(ctx, tx, by, group)
		if err != nil {
			return err
		}
		if err := s.mayHave(by, group, m); err != nil {
			return err
		}
		if err := s.mustBeOrphaned(ctx, tx, group); err != nil {
			return err
		}
		open, err := tx.OpenClaims(ctx, group.ID)
		if err != nil {
			return err
		}
		for _, c := range open {
			if c.ActorID == by.ID {
				return nil
			}
		}
		c := &community.GroupClaim{GroupID: group.ID, ActorID: by.ID, Reason: reason, State: community.HandoverOpen, CreatedAt: s.now()}
		if err := tx.SaveClaim(ctx, c); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.ClaimFiled, ActorID: by.ID, GroupID: group.ID, ItemID: int64(c.ID), At: c.CreatedAt})
	})
}

// mayHave reports why somebody, who is m to a group, cannot look after it.
func (s *Service) mayHave(person, group *community.Actor, m *community.Membership) error {
	switch {
	case !person.Local():
		return fault.New(fault.Forbidden, "%s lives on another server. Who looks after a group does so here, signed in: only somebody of this server can own it.", person.Handle())
	case !person.IsPerson() || person.Gone() || person.MaySpeak(s.now()) != nil:
		return fault.New(fault.Forbidden, "%s cannot look after a group here.", person.Handle())
	case !m.Within():
		return fault.New(fault.Forbidden, "Only members can look after %s. Join it first.", group.DisplayName())
	case m.Banned(s.now()):
		return fault.New(fault.Forbidden, "%s is banned from %s.", person.Handle(), group.DisplayName())
	}
	return nil
}

func (s *Service) mustBeOrphaned(ctx context.Context, tx *storage.DB, group *community.Actor) error {
	alone, err := s.orphaned(ctx, tx, group)
	if err == nil && !alone {
		err = fault.New(fault.Conflict, "Somebody looks after %s.", group.DisplayName())
	}
	return err
}

// Unclaim takes a claim back.
func (s *Service) Unclaim(ctx context.Context, by, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "roles.Unclaim(%s)", group.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldModerators(ctx, group.ID); err != nil {
			return err
		}
		open, err := tx.OpenClaims(ctx, group.ID)
		if err != nil {
			return err
		}
		for _, c := range open {
			if c.ActorID == by.ID {
				c.State, c.DecidedAt = community.HandoverWithdrawn, s.now()
				return tx.SaveClaim(ctx, c)
			}
		}
		return nil
	})
}

// Orphans lists the groups of this server that nobody looks after, for those
// who hand them out, and returns the cursor of the next page.
func (s *Service) Orphans(ctx context.Context, by *community.Actor, page community.Page) (_ []*community.OrphanView, next string, err error) {
	defer fault.Wrap(&err, "roles.Orphans")
	if err := s.mayHandOut(ctx, s.DB, by); err != nil {
		return nil, "", err
	}
	groups, next, err := s.DB.Orphans(ctx, s.now(), s.now().Add(-community.Orphaned), page)
	if err != nil {
		return nil, "", err
	}
	views := make([]*community.OrphanView, len(groups))
	for i, g := range groups {
		v := &community.OrphanView{Group: g}
		if v.Moderators, err = s.DB.Moderators(ctx, g.ID); err != nil {
			return nil, "", err
		}
		if v.Claims, err = s.claims(ctx, g.ID); err != nil {
			return nil, "", err
		}
		views[i] = v
	}
	return views, next, nil
}

func (s *Service) claims(ctx context.Context, group community.ActorID) ([]*community.ClaimView, error) {
	open, err := s.DB.OpenClaims(ctx, group)
	if err != nil {
		return nil, err
	}
	var ids []community.ActorID
	for _, c := range open {
		ids = append(ids, c.ActorID)
	}
	people, err := s.DB.Actors(ctx, ids)
	views := make([]*community.ClaimView, len(open))
	for i, c := range open {
		views[i] = &community.ClaimView{GroupClaim: c, Person: people[c.ActorID]}
	}
	return views, err
}

func (s *Service) mayHandOut(ctx context.Context, tx *storage.DB, by *community.Actor) error {
	may, err := tx.MayHere(ctx, by, community.SiteGroups, s.now())
	if err == nil && !may {
		err = (*community.Account)(nil).Needs(community.SiteGroups, s.now())
	}
	return err
}

// HandOut makes person the owner of a group that nobody looks after. It may be
// who decides themselves; others are its members.
func (s *Service) HandOut(ctx context.Context, by, group, person *community.Actor, reason string) (err error) {
	defer fault.Wrap(&err, "roles.HandOut(%s, %s)", group.Handle(), person.Handle())
	if err := community.CheckReason(reason); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayHandOut(ctx, tx, by); err != nil {
			return err
		}
		if err := tx.HoldModerators(ctx, group.ID); err != nil {
			return err
		}
		if err := s.mustBeOrphaned(ctx, tx, group); err != nil {
			return err
		}
		m, err := tx.HoldMembership(ctx, group.ID, person.ID)
		if err != nil {
			return err
		}
		if m == nil && person.ID == by.ID {
			m = &community.Membership{GroupID: group.ID, ActorID: by.ID, Role: community.Moderator, State: community.Absent, CreatedAt: s.now()}
		}
		if err := s.mayHave(person, group, m); err != nil {
			return err
		}
		return s.assign(ctx, tx, by, group, person, m, reason)
	})
}

// assign gives a group a new owner. Moderators who are gone are none any more;
// others stay what they were, but for the owner, who moderates.
func (s *Service) assign(ctx context.Context, tx *storage.DB, by, group, person *community.Actor, m *community.Membership, reason string) error {
	known, err := tx.Moderators(ctx, group.ID)
	if err != nil {
		return err
	}
	was := false
	for _, a := range known {
		if was = was || a.ID == person.ID; a.ID == person.ID {
			continue
		}
		if err := s.stepBack(ctx, tx, by, group, a); err != nil {
			return err
		}
	}
	if !m.Moderates() || m.ModeratesSince.IsZero() {
		m.Promote(s.now())
	}
	m.Role = community.Owner
	if err := tx.SaveMembership(ctx, m); err != nil {
		return err
	}
	if !was {
		if err := s.about(ctx, tx, community.ModeratorAdded, by, group, person, ""); err != nil {
			return err
		}
	}
	if err := s.about(ctx, tx, community.GroupClaimed, by, group, person, reason); err != nil {
		return err
	}
	if err := s.answerClaims(ctx, tx, by, group, person); err != nil {
		return err
	}
	return s.renewed(ctx, tx, by, group)
}

func (s *Service) about(ctx context.Context, tx *storage.DB, kind community.FactKind, by, group, person *community.Actor, reason string) error {
	return s.decided(ctx, tx, &community.Decision{Kind: kind, ActorID: by.ID, GroupID: group.ID, TargetID: person.ID, Reason: reason}, 0)
}

// stepBack makes the owner of a group that somebody else gets a moderator, and
// a moderator who is gone nothing.
func (s *Service) stepBack(ctx context.Context, tx *storage.DB, by, group, moderator *community.Actor) error {
	m, err := tx.HoldMembership(ctx, group.ID, moderator.ID)
	if err != nil || m == nil {
		return err
	}
	if !moderator.Gone() {
		m.Role = community.Moderator
		return tx.SaveMembership(ctx, m)
	}
	m.Demote()
	if err := tx.SaveMembership(ctx, m); err != nil {
		return err
	}
	return s.about(ctx, tx, community.ModeratorRemoved, by, group, moderator, "")
}

// answerClaims closes the claims of a group that somebody got.
func (s *Service) answerClaims(ctx context.Context, tx *storage.DB, by, group, person *community.Actor) error {
	open, err := tx.OpenClaims(ctx, group.ID)
	if err != nil {
		return err
	}
	for _, c := range open {
		state := community.HandoverRefused
		if c.ActorID == person.ID {
			state = community.HandoverAccepted
		}
		if err := s.answer(ctx, tx, by, c, state, ""); err != nil {
			return err
		}
	}
	return nil
}

// answer closes a claim, and tells who does not get the group.
func (s *Service) answer(ctx context.Context, tx *storage.DB, by *community.Actor, c *community.GroupClaim, state community.HandoverState, note string) error {
	c.State, c.Note, c.DecidedBy, c.DecidedAt = state, note, by.ID, s.now()
	if err := tx.SaveClaim(ctx, c); err != nil || state != community.HandoverRefused {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: community.ClaimRefused, ActorID: by.ID, GroupID: c.GroupID, TargetID: c.ActorID, ItemID: int64(c.ID), Reason: note, At: c.DecidedAt,
	})
}

// Refuse says no to a claim.
func (s *Service) Refuse(ctx context.Context, by *community.Actor, id community.ClaimID, note string) (err error) {
	defer fault.Wrap(&err, "roles.Refuse(%d)", id)
	if err := community.CheckReason(note); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayHandOut(ctx, tx, by); err != nil {
			return err
		}
		c, err := tx.Claim(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.HoldModerators(ctx, c.GroupID); err != nil {
			return err
		}
		if c, err = tx.Claim(ctx, id); err != nil {
			return err
		}
		if c.State != community.HandoverOpen {
			return fault.New(fault.Conflict, "This claim was answered already: it is %s.", c.State)
		}
		return s.answer(ctx, tx, by, c, community.HandoverRefused, note)
	})
}
