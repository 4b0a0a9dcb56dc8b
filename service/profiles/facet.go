package profiles

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Facets lists how somebody appears in groups, where otherwise than elsewhere.
func (s *Service) Facets(ctx context.Context, by *community.Actor) (_ []*community.FacetView, err error) {
	defer fault.Wrap(&err, "profiles.Facets(%s)", by.Handle())
	return s.DB.FacetsOf(ctx, by.ID)
}

// Facet returns how by appears in a group; an empty one where as elsewhere.
func (s *Service) Facet(ctx context.Context, by, group *community.Actor) (_ *community.Facet, err error) {
	defer fault.Wrap(&err, "profiles.Facet(%s, %s)", by.Handle(), group.Handle())
	f, err := s.DB.Facet(ctx, group.ID, by.ID)
	if err == nil && f == nil {
		f = &community.Facet{GroupID: group.ID, ActorID: by.ID}
	}
	return f, err
}

// Appear has by appear in a group by another name, or with some words. They are
// a member there. Nothing is recorded for other servers to be told.
func (s *Service) Appear(ctx context.Context, by, group *community.Actor, title, bio string) (_ *community.Facet, err error) {
	defer fault.Wrap(&err, "profiles.Appear(%s, %s)", by.Handle(), group.Handle())
	f := &community.Facet{GroupID: group.ID, ActorID: by.ID, Title: title, Bio: bio, UpdatedAt: s.now()}
	if err := f.Check(); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := tx.HoldMembership(ctx, group.ID, by.ID)
		if err != nil {
			return err
		}
		if !m.Follows() {
			return fault.New(fault.Forbidden, "Join %s first. How you appear there is for those who read it.", group.DisplayName())
		}
		if err := by.MaySpeak(s.now()); err != nil {
			return err
		}
		staff, err := tx.Staff(ctx)
		if err != nil {
			return err
		}
		if err := staff.CheckFace(by, by.In(f)); err != nil {
			return err
		}
		return tx.SaveFacet(ctx, f)
	})
	return f, err
}

// AppearAsElsewhere takes that back.
func (s *Service) AppearAsElsewhere(ctx context.Context, by, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "profiles.AppearAsElsewhere(%s, %s)", by.Handle(), group.Handle())
	return s.DB.DropFacet(ctx, group.ID, by.ID)
}
