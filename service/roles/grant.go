package roles

import (
	"context"
	"strconv"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// mostGrants bounds how many roles are given in one place at a time.
const mostGrants = 500

// A Gift is a role that somebody is to have.
type Gift struct {
	Role     string    // its Ref
	StartsAt time.Time // zero: now
	EndsAt   time.Time // zero: until somebody ends it
	ReviewAt time.Time // zero: nobody looks at it again
	Note     string    // for those who give roles, and for who gets it
}

// Give gives a role in a place to person, who may be of another server. Nobody
// gives what they have not got, nor for longer than they have it.
func (s *Service) Give(ctx context.Context, by, person *community.Actor, at Place, gift Gift) (grant *community.RoleGrant, err error) {
	defer fault.Wrap(&err, "roles.Give(%s, %s, %s)", at, person.Handle(), gift.Role)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldRoles(ctx, at.id()); err != nil {
			return err
		}
		mine, err := s.powers(ctx, tx, by, at)
		if err != nil {
			return err
		}
		// Who may give nothing learns nothing of what there is.
		if err := mine.MayGive(nil, s.now(), s.now()); err != nil {
			return err
		}
		role, err := s.role(ctx, tx, at, gift.Role)
		if err != nil {
			return err
		}
		grant = s.newGrant(by, person, at, role, gift)
		if err := grant.Check(s.now()); err != nil {
			return err
		}
		if err := mine.MayGive(role, s.now(), grant.EndsAt); err != nil {
			return err
		}
		if err := s.mayGet(ctx, tx, person, at, grant); err != nil {
			return err
		}
		if err := tx.AddGrant(ctx, grant); err != nil {
			return err
		}
		return s.decided(ctx, tx, community.AboutGrant(community.RoleGiven, by.ID, grant), int64(grant.ID))
	})
	return grant, err
}

// role finds a role of a place by how programs name it.
func (s *Service) role(ctx context.Context, tx *storage.DB, at Place, ref string) (*community.NamedRole, error) {
	if role := community.KeyedRole(at.id(), ref); role != nil {
		return role, nil
	}
	id, err := strconv.ParseInt(ref, 10, 64)
	if err != nil {
		return nil, fault.Field("role", "There is no role called %.60q here.", ref)
	}
	role, err := tx.NamedRole(ctx, community.NamedRoleID(id))
	if fault.Is(err, fault.NotFound) || err == nil && (role.GroupID != at.id() || !role.DroppedAt.IsZero()) {
		return nil, fault.Field("role", "There is no role called %.60q here.", ref)
	}
	return role, err
}

func (s *Service) newGrant(by, person *community.Actor, at Place, role *community.NamedRole, gift Gift) *community.RoleGrant {
	now := s.now()
	g := &community.RoleGrant{
		GroupID: at.id(), ActorID: person.ID, RoleKey: role.Key, RoleID: role.ID, GrantedBy: by.ID, Role: role, Note: gift.Note,
		StartsAt: now, EndsAt: stamp(gift.EndsAt), ReviewAt: stamp(gift.ReviewAt), CreatedAt: now,
	}
	if gift.StartsAt.After(now) {
		g.StartsAt = stamp(gift.StartsAt)
	}
	return g
}

// stamp is a time as it is stored; none stays none.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return community.Timestamp(t)
}

// mayGet reports why person cannot have a role in a place, and sees to it that
// the place remembers them.
func (s *Service) mayGet(ctx context.Context, tx *storage.DB, person *community.Actor, at Place, grant *community.RoleGrant) error {
	if !person.IsPerson() || person.Gone() {
		return fault.New(fault.Invalid, "%s is nobody who could have a role.", person.Handle())
	}
	if person.MaySpeak(s.now()) != nil {
		return fault.New(fault.Conflict, "%s is banned. Lift the ban first.", person.Handle())
	}
	open, err := tx.Grants(ctx, at.id(), false, mostGrants)
	if err != nil {
		return err
	}
	if len(open) >= mostGrants {
		return fault.New(fault.Conflict, "%d roles are given here already. End some of them first.", len(open))
	}
	for _, g := range open {
		if g.ActorID == person.ID && g.Role.Ref() == grant.Role.Ref() && g.Role.Name == grant.Role.Name {
			return fault.New(fault.Conflict, "%s has the role %s already. Change that, or end it first.", person.Handle(), g.Role.Name)
		}
	}
	if at.Group == nil {
		if _, err := tx.AccountOf(ctx, person.ID); err != nil {
			return fault.Because(err, fault.Invalid, "Roles on this server are for people of this server.")
		}
		return nil
	}
	return s.enter(ctx, tx, person, at.Group)
}

// enter reports why person cannot have a role in a group, and makes a row for
// who is nothing to it yet. In a group that is not for everybody only who may
// read there has one.
func (s *Service) enter(ctx context.Context, tx *storage.DB, person, group *community.Actor) error {
	m, err := tx.HoldMembership(ctx, group.ID, person.ID)
	if err != nil {
		return err
	}
	switch {
	case m.Banned(s.now()):
		return fault.New(fault.Conflict, "%s is banned. Lift the ban first.", person.Handle())
	case !group.ShownTo(person, m):
		return fault.New(fault.Conflict, "%s may not read in %s. They have to be a member first.", person.Handle(), group.DisplayName())
	case m != nil:
		return nil
	}
	return tx.SaveMembership(ctx, &community.Membership{
		GroupID: group.ID, ActorID: person.ID, Role: community.Member, State: community.Absent, CreatedAt: s.now(),
	})
}

// A Renewal says what becomes of a grant: when it ends, when it is looked at
// again, and why. What is nil stays; a zero time is never.
type Renewal struct {
	EndsAt   *time.Time
	ReviewAt *time.Time
	Note     *string
}

// Renew changes how long somebody has a role.
func (s *Service) Renew(ctx context.Context, by *community.Actor, at Place, id community.GrantID, r Renewal) (grant *community.RoleGrant, err error) {
	defer fault.Wrap(&err, "roles.Renew(%s, %d)", at, id)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		var mine powers
		if grant, mine, err = s.open(ctx, tx, by, at, id); err != nil {
			return err
		}
		was := grant.EndsAt
		if r.EndsAt != nil {
			grant.EndsAt = stamp(*r.EndsAt)
		}
		if r.ReviewAt != nil {
			grant.ReviewAt, grant.RemindedAt = stamp(*r.ReviewAt), time.Time{}
		}
		if r.Note != nil {
			grant.Note = *r.Note
		}
		checked := *grant
		if r.ReviewAt == nil {
			checked.ReviewAt = time.Time{} // it may be over: nobody asked to change it
		}
		if err := checked.Check(s.now()); err != nil {
			return err
		}
		if err := mine.MayGive(grant.Role, s.now(), grant.EndsAt); err != nil {
			return err
		}
		if err := tx.SaveGrant(ctx, grant); err != nil || grant.EndsAt.Equal(was) {
			return err
		}
		return s.decided(ctx, tx, community.AboutGrant(community.RoleRenewed, by.ID, grant), int64(grant.ID))
	})
	return grant, err
}

// open loads a grant that nobody ended, for somebody who gives roles there.
func (s *Service) open(ctx context.Context, tx *storage.DB, by *community.Actor, at Place, id community.GrantID) (*community.RoleGrant, powers, error) {
	if err := tx.HoldRoles(ctx, at.id()); err != nil {
		return nil, nil, err
	}
	mine, err := s.powers(ctx, tx, by, at)
	if err != nil {
		return nil, nil, err
	}
	grant, err := tx.Grant(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && (grant.GroupID != at.id() || !grant.EndedAt.IsZero()) {
		// Who gives no roles does not learn which there are.
		if err := mine.MayGive(nil, s.now(), s.now()); err != nil {
			return nil, nil, err
		}
		return nil, nil, fault.New(fault.NotFound, "Nobody has that role any more.")
	}
	if err == nil && grant.ActorID != by.ID {
		err = mine.MayGive(nil, s.now(), s.now())
	}
	return grant, mine, err
}

// End ends what somebody was given, before its time. One's own anybody may;
// others' who could give it.
func (s *Service) End(ctx context.Context, by *community.Actor, at Place, id community.GrantID) (err error) {
	defer fault.Wrap(&err, "roles.End(%s, %d)", at, id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		grant, mine, err := s.open(ctx, tx, by, at, id)
		if err != nil {
			return err
		}
		if grant.ActorID != by.ID {
			if err := mine.MayGive(grant.Role, s.now(), s.now()); err != nil {
				return err
			}
		}
		return s.end(ctx, tx, grant, community.RoleEnded, by.ID)
	})
}

// end ends a grant. by is who gave it where its time was over.
func (s *Service) end(ctx context.Context, tx *storage.DB, grant *community.RoleGrant, kind community.FactKind, by community.ActorID) error {
	grant.EndedAt, grant.EndedBy = s.now(), by
	if kind == community.RoleExpired {
		grant.EndedBy = 0
	}
	if err := tx.SaveGrant(ctx, grant); err != nil {
		return err
	}
	if grant.GroupID != 0 {
		if err := s.leave(ctx, tx, grant); err != nil {
			return err
		}
	}
	return s.decided(ctx, tx, community.AboutGrant(kind, by, grant), int64(grant.ID))
}

// leave forgets what the holder of a grant was to a group, if that was all.
func (s *Service) leave(ctx context.Context, tx *storage.DB, grant *community.RoleGrant) error {
	m, err := tx.HoldMembership(ctx, grant.GroupID, grant.ActorID)
	if err != nil || m == nil || !m.Idle(s.now()) {
		return err
	}
	return tx.DeleteMembership(ctx, m.GroupID, m.ActorID)
}
