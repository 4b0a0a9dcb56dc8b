package groups

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// SetAliases says which other ids somebody of this server, or a group, has:
// who wants to move here is expected by them.
func (s *Service) SetAliases(ctx context.Context, by, who *community.Actor, ids []string) (err error) {
	defer fault.Wrap(&err, "groups.SetAliases(%s)", who.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		actor, err := s.mine(ctx, tx, by, who.ID)
		if err != nil {
			return err
		}
		if actor.AlsoKnownAs, err = community.CheckAliases(actor.IRI, ids); err != nil {
			return err
		}
		actor.UpdatedAt = s.now()
		if err := tx.EditActor(ctx, actor); err != nil {
			return err
		}
		return tx.Record(ctx, edited(by, actor))
	})
}

// MayDecide reports why by may not decide where who lives: they may about
// themselves, and about a group that they own.
func (s *Service) MayDecide(ctx context.Context, by, who *community.Actor) (err error) {
	defer fault.Wrap(&err, "groups.MayDecide(%s)", who.Handle())
	_, err = s.mine(ctx, s.DB, by, who.ID)
	return err
}

// mine loads a local actor that by may decide about: themselves, or a group
// that they own.
func (s *Service) mine(ctx context.Context, tx *storage.DB, by *community.Actor, id community.ActorID) (*community.Actor, error) {
	actor, err := tx.Actor(ctx, id)
	if err != nil || actor.Local() && actor.ID == by.ID {
		return actor, err
	}
	m, err := tx.Membership(ctx, id, by.ID)
	if err != nil {
		return nil, err
	}
	if !actor.Local() || !actor.IsGroup() || !m.May(community.MoveGroup, s.now()) {
		return nil, fault.New(fault.Forbidden, "Only the owner of %s can do that.", actor.DisplayName())
	}
	return actor, nil
}

func edited(by, actor *community.Actor) community.Fact {
	if actor.IsGroup() {
		return community.Fact{Kind: community.GroupEdited, ActorID: by.ID, GroupID: actor.ID, At: actor.UpdatedAt}
	}
	return community.Fact{Kind: community.PersonEdited, ActorID: actor.ID, At: actor.UpdatedAt}
}

// Move notes that somebody of this server, or a group, lives at target from
// now on, and has those who follow them told.
func (s *Service) Move(ctx context.Context, by, who, target *community.Actor) (err error) {
	defer fault.Wrap(&err, "groups.Move(%s to %s)", who.Handle(), target.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		actor, err := s.mine(ctx, tx, by, who.ID)
		if err != nil {
			return err
		}
		if err := s.move(ctx, tx, actor, target, community.Origin{}); err != nil {
			return err
		}
		return tx.Record(ctx, edited(by, actor))
	})
}

// Stay takes a move back: who followed stays where they went.
func (s *Service) Stay(ctx context.Context, by, who *community.Actor) (err error) {
	defer fault.Wrap(&err, "groups.Stay(%s)", who.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		actor, err := s.mine(ctx, tx, by, who.ID)
		if err != nil || !actor.Moved() {
			return err
		}
		actor.MovedTo, actor.UpdatedAt = "", s.now()
		if err := tx.MoveActor(ctx, actor); err != nil {
			return err
		}
		return tx.Record(ctx, edited(by, actor))
	})
}

// Moved notes that somebody of another server, or a group there, lives at
// target from now on, which their server says.
func (s *Service) Moved(ctx context.Context, who, target *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Moved(%s to %s)", who.Handle(), target.Handle())
	if who.Local() {
		return fault.New(fault.Forbidden, "%s lives here and says so here.", who.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error { return s.move(ctx, tx, who, target, from) })
}

func (s *Service) move(ctx context.Context, tx *storage.DB, who, target *community.Actor, from community.Origin) error {
	now := s.now()
	if err := who.MayMove(target, now); err != nil || who.MovedTo == target.IRI {
		return err
	}
	who.MovedTo, who.MovedAt, who.UpdatedAt = target.IRI, now, now
	if err := tx.MoveActor(ctx, who); err != nil {
		return err
	}
	fact := community.Fact{Kind: community.ActorMoved, ActorID: who.ID, TargetID: target.ID, Raw: from.Activity, At: now}
	if who.IsGroup() {
		fact.GroupID = who.ID
	}
	return tx.Record(ctx, fact)
}

// TakeAlong moves what hung on somebody to where they live now: of a group,
// the members who are people of this server; of a person, what they were in
// groups of this server, for better and for worse, and their followers who are
// people of this server. It can be run again.
func (s *Service) TakeAlong(ctx context.Context, who, target *community.Actor) (err error) {
	defer fault.Wrap(&err, "groups.TakeAlong(%s to %s)", who.Handle(), target.Handle())
	if who.MovedTo != target.IRI {
		return fault.New(fault.Conflict, "%s does not live at %s.", who.Handle(), target.IRI)
	}
	if !who.IsGroup() {
		if err := s.takeRoles(ctx, who, target); err != nil {
			return err
		}
		return s.takeFollowers(ctx, who, target)
	}
	members, err := s.DB.MembersHere(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, member := range members {
		err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.takeMember(ctx, tx, member, who, target) })
		if err != nil && !fault.Is(err, fault.Forbidden) { // who is banned there stays where they are
			return err
		}
	}
	return nil
}

func (s *Service) takeMember(ctx context.Context, tx *storage.DB, member, from, to *community.Actor) error {
	in := *s
	in.DB = tx
	if _, err := in.Join(ctx, member, to, community.Origin{}); err != nil {
		return err
	}
	if err := in.Leave(ctx, member, from, community.Origin{}); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: community.MemberMoved, ActorID: from.ID, GroupID: to.ID, TargetID: member.ID, At: s.now(),
	})
}

// takeRoles gives somebody's new account the roles and the bans of the old
// one. Its memberships it has to ask for itself: they are follows.
func (s *Service) takeRoles(ctx context.Context, who, target *community.Actor) error {
	standing, err := s.DB.RolesAndBans(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, m := range standing {
		err := s.DB.InTx(ctx, func(tx *storage.DB) error { return s.takeRole(ctx, tx, m.GroupID, who, target) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) takeRole(ctx context.Context, tx *storage.DB, group community.ActorID, who, target *community.Actor) error {
	old, err := tx.HoldMembership(ctx, group, who.ID)
	if err != nil || old == nil {
		return err
	}
	now := s.now()
	m, err := tx.HoldMembership(ctx, group, target.ID)
	if err != nil {
		return err
	}
	if m == nil {
		m = &community.Membership{GroupID: group, ActorID: target.ID, Role: community.Member, State: community.Absent, CreatedAt: now}
	}
	moderated := old.Moderates()
	if moderated && m.Role != community.Owner {
		m.Role = old.Role
	}
	if old.BannedUntil.After(m.BannedUntil) {
		m.BannedUntil = old.BannedUntil
	}
	if err := tx.SaveMembership(ctx, m); err != nil {
		return err
	}
	if err := tx.MoveGrants(ctx, group, who.ID, target.ID); err != nil || !moderated {
		return err
	}
	old.Role = community.Member
	if err := tx.SaveMembership(ctx, old); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.RoleMoved, ActorID: target.ID, GroupID: group, TargetID: who.ID, At: now})
}
