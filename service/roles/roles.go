// Package roles is the use cases of trusting people with something: making
// named roles, giving them for a time, looking at them again, ending them; and
// of groups that go from one pair of hands into another.
//
// What a permission lets somebody do belongs to the slices that own it: they
// ask community. Here is decided who has which, in a group and on this server.
package roles

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// powers are what somebody may do in one place: a membership's, or, for this
// server, an account's.
type powers interface {
	Powers(now time.Time) community.Permissions
	Level(now time.Time) int
	MayGive(role *community.NamedRole, now, until time.Time) error
}

// A Place is where a role is given: a group, or, for none, this server.
type Place struct{ Group *community.Actor }

func (p Place) id() community.ActorID {
	if p.Group == nil {
		return 0
	}
	return p.Group.ID
}

func (p Place) String() string {
	if p.Group == nil {
		return "here"
	}
	return p.Group.Handle()
}

// giving is the permission to give roles there.
func (p Place) giving() community.Permission {
	if p.Group == nil {
		return community.GiveSiteRoles
	}
	return community.GiveRoles
}

// powers loads what by may do in a place. Of a group elsewhere its server
// decides who may what.
func (s *Service) powers(ctx context.Context, tx *storage.DB, by *community.Actor, at Place) (powers, error) {
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	if at.Group == nil {
		account, err := tx.AccountOf(ctx, by.ID)
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		return account, err
	}
	if !at.Group.Local() {
		return nil, fault.New(fault.Forbidden, "%s lives on another server, which decides who may what in it.", at.Group.DisplayName())
	}
	m, err := tx.Membership(ctx, at.Group.ID, by.ID)
	if err == nil {
		err = at.Group.Admits(by, m)
	}
	return m, err
}

// decided keeps a decision about somebody for the log and tells who reads
// facts.
func (s *Service) decided(ctx context.Context, tx *storage.DB, d *community.Decision, item int64) error {
	d.CreatedAt = s.now()
	if err := tx.AddDecision(ctx, d); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, d); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: d.Kind, ActorID: d.ActorID, GroupID: d.GroupID, TargetID: d.TargetID, ItemID: item, Until: d.Until, Reason: d.Reason,
		At: d.CreatedAt,
	})
}

// A Draft is a role that somebody wants to make, or what becomes of one.
type Draft struct {
	Name    string
	About   string
	Permits community.Permissions
	Level   int // 0: what fits what it permits
}

// role is the draft as a role that could be given.
func (d Draft) role() *community.NamedRole {
	if d.Level == 0 {
		d.Level = community.DefaultLevel(d.Permits)
	}
	return &community.NamedRole{Name: d.Name, About: d.About, Permits: d.Permits.String(), Level: d.Level}
}

// Make makes a role in a place. It permits nothing that its maker may not do.
func (s *Service) Make(ctx context.Context, by *community.Actor, at Place, draft Draft) (_ *community.NamedRole, err error) {
	defer fault.Wrap(&err, "roles.Make(%s, %s)", at, draft.Name)
	role := &community.NamedRole{GroupID: at.id(), CreatedBy: by.ID, CreatedAt: s.now()}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := s.held(ctx, tx, by, at, draft)
		if err != nil {
			return err
		}
		if len(known) >= community.MostRoles {
			return fault.New(fault.Conflict, "There are %d roles already. Change one of them, or let one go.", len(known))
		}
		if err := s.shape(role, known, draft); err != nil {
			return err
		}
		return tx.SaveRole(ctx, role)
	})
	return role, err
}

// held reports why by may not make a role, or change one to what draft says,
// and returns those that there are. Others who change them wait.
func (s *Service) held(ctx context.Context, tx *storage.DB, by *community.Actor, at Place, draft Draft) ([]*community.NamedRole, error) {
	if err := community.CheckLevel(draft.role().Level); err != nil {
		return nil, err
	}
	if err := tx.HoldRoles(ctx, at.id()); err != nil {
		return nil, err
	}
	mine, err := s.powers(ctx, tx, by, at)
	if err != nil {
		return nil, err
	}
	if err := mine.MayGive(draft.role(), s.now(), s.now()); err != nil {
		return nil, err
	}
	return tx.NamedRoles(ctx, at.id())
}

// shape makes a role what draft says. No two of one place have the same name.
func (s *Service) shape(role *community.NamedRole, known []*community.NamedRole, draft Draft) error {
	made := draft.role()
	role.Name, role.About, role.Permits, role.Level, role.UpdatedAt = made.Name, made.About, made.Permits, made.Level, s.now()
	if err := role.Check(); err != nil {
		return err
	}
	all := append(community.GroupRoles(), known...)
	if role.GroupID == 0 {
		all = append(community.SiteRoles(), known...)
	}
	for _, other := range all {
		if (other.ID == 0 || other.ID != role.ID) && community.FoldName(other.Name) == community.FoldName(role.Name) {
			return fault.Field("name", "There is a role called %s already.", other.Name)
		}
	}
	return nil
}

// Change changes a role that people made. Its name changes nothing that it
// permits; and what it permits changes for everybody who has it, so that only
// those may change that who could give all of it, for good.
func (s *Service) Change(ctx context.Context, by *community.Actor, at Place, id community.NamedRoleID, draft Draft) (role *community.NamedRole, err error) {
	defer fault.Wrap(&err, "roles.Change(%s, %d)", at, id)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := s.held(ctx, tx, by, at, draft)
		if err != nil {
			return err
		}
		if role, err = s.made(ctx, tx, by, at, id); err != nil {
			return err
		}
		if len(role.Permissions().Lacks(draft.Permits)) > 0 || draft.role().Level > role.Level {
			if err := s.mayWiden(ctx, tx, by, at, role, draft); err != nil {
				return err
			}
		}
		if err := s.shape(role, known, draft); err != nil {
			return err
		}
		return tx.SaveRole(ctx, role)
	})
	return role, err
}

func (s *Service) mayWiden(ctx context.Context, tx *storage.DB, by *community.Actor, at Place, role *community.NamedRole, draft Draft) error {
	given, err := tx.RoleGiven(ctx, role.ID)
	if err != nil || !given {
		return err
	}
	mine, err := s.powers(ctx, tx, by, at)
	if err != nil {
		return err
	}
	return mine.MayGive(draft.role(), s.now(), time.Time{})
}

// made loads a role that people made, for somebody who may change it: who could
// give it as it is.
func (s *Service) made(ctx context.Context, tx *storage.DB, by *community.Actor, at Place, id community.NamedRoleID) (*community.NamedRole, error) {
	role, err := tx.NamedRole(ctx, id)
	if err == nil && (role.GroupID != at.id() || !role.DroppedAt.IsZero()) {
		err = fault.New(fault.NotFound, "There is no such role here.")
	}
	if err != nil {
		return nil, err
	}
	mine, err := s.powers(ctx, tx, by, at)
	if err != nil {
		return nil, err
	}
	return role, mine.MayGive(role, s.now(), s.now())
}

// Drop lets go of a role that people made and nobody has.
func (s *Service) Drop(ctx context.Context, by *community.Actor, at Place, id community.NamedRoleID) (err error) {
	defer fault.Wrap(&err, "roles.Drop(%s, %d)", at, id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldRoles(ctx, at.id()); err != nil {
			return err
		}
		role, err := s.made(ctx, tx, by, at, id)
		if err != nil {
			return err
		}
		given, err := tx.RoleGiven(ctx, id)
		if err != nil {
			return err
		}
		if given {
			return fault.New(fault.Conflict, "Somebody has the role %s. End that first.", role.Name)
		}
		role.DroppedAt = s.now()
		return tx.SaveRole(ctx, role)
	})
}
