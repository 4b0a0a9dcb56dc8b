package roles

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Offer offers a group to another of its moderators, who has a week to say
// yes; its owner may. Another offer takes the place of the one before.
func (s *Service) Offer(ctx context.Context, by, group, person *community.Actor) (err error) {
	defer fault.Wrap(&err, "roles.Offer(%s, %s)", group.Handle(), person.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayOffer(ctx, tx, by, group, person); err != nil {
			return err
		}
		open, err := tx.OpenHandover(ctx, group.ID)
		if err != nil {
			return err
		}
		if open.Stands(s.now()) && open.ToID == person.ID {
			return nil // they were asked
		}
		if err := s.settle(ctx, tx, open, community.HandoverWithdrawn); err != nil {
			return err
		}
		h := &community.Handover{
			GroupID: group.ID, FromID: by.ID, ToID: person.ID, State: community.HandoverOpen,
			OfferedAt: s.now(), EndsAt: s.now().Add(community.HandoverLife),
		}
		if err := tx.SaveHandover(ctx, h); err != nil {
			return err
		}
		if err := s.tellOffered(ctx, tx, by, group, h); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.GroupOffered, ActorID: by.ID, GroupID: group.ID, TargetID: person.ID, ItemID: int64(h.ID), Until: h.EndsAt, At: h.OfferedAt,
		})
	})
}

// mayOffer reports why by may not offer a group to person, and holds the list
// of its moderators.
func (s *Service) mayOffer(ctx context.Context, tx *storage.DB, by, group, person *community.Actor) error {
	if err := tx.HoldModerators(ctx, group.ID); err != nil {
		return err
	}
	m, err := s.member(ctx, tx, by, group)
	if err != nil {
		return err
	}
	if err := m.Needs(community.HandOver, s.now()); err != nil {
		return err
	}
	theirs, err := tx.Membership(ctx, group.ID, person.ID)
	if err != nil {
		return err
	}
	if person.ID == by.ID {
		return fault.Field("person", "The group is yours already.")
	}
	return community.MayTakeOver(person, theirs, s.now())
}

// member loads what by is to a group of ours, if they may do anything there.
func (s *Service) member(ctx context.Context, tx *storage.DB, by, group *community.Actor) (*community.Membership, error) {
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	if !group.Local() {
		return nil, fault.New(fault.Forbidden, "%s lives on another server, which decides whose it is.", group.DisplayName())
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err == nil {
		err = group.Admits(by, m)
	}
	return m, err
}

// settle writes down what became of an offer.
func (s *Service) settle(ctx context.Context, tx *storage.DB, h *community.Handover, state community.HandoverState) error {
	if h == nil {
		return nil
	}
	h.State, h.DecidedAt = state, s.now()
	return tx.SaveHandover(ctx, h)
}

// offered loads an offer that stands, for the one who made it or got it. To
// others there is none.
func (s *Service) offered(ctx context.Context, tx *storage.DB, by, group *community.Actor) (*community.Handover, *community.Membership, error) {
	if err := tx.HoldModerators(ctx, group.ID); err != nil {
		return nil, nil, err
	}
	m, err := s.member(ctx, tx, by, group)
	if err != nil {
		return nil, nil, err
	}
	h, err := tx.OpenHandover(ctx, group.ID)
	if err == nil && (!h.Stands(s.now()) || h.FromID != by.ID && h.ToID != by.ID) {
		err = fault.New(fault.NotFound, "%s is not offered to anybody that you could speak for.", group.DisplayName())
	}
	return h, m, err
}

// Accept makes by the owner of a group that they were offered. Who owned it
// moderates it, as long as before.
func (s *Service) Accept(ctx context.Context, by, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "roles.Accept(%s)", group.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		h, mine, err := s.offered(ctx, tx, by, group)
		if err != nil {
			return err
		}
		if h.ToID != by.ID {
			return fault.New(fault.Forbidden, "Only who is offered the group can accept it.")
		}
		theirs, err := tx.HoldMembership(ctx, group.ID, h.FromID)
		if err != nil {
			return err
		}
		if theirs == nil || theirs.Role != community.Owner {
			return fault.New(fault.Conflict, "Who offered you the group does not own it any more.")
		}
		if err := community.MayTakeOver(by, mine, s.now()); err != nil {
			return err
		}
		theirs.Role, mine.Role = community.Moderator, community.Owner
		for _, m := range []*community.Membership{theirs, mine} {
			if err := tx.SaveMembership(ctx, m); err != nil {
				return err
			}
		}
		if err := s.settle(ctx, tx, h, community.HandoverAccepted); err != nil {
			return err
		}
		d := &community.Decision{Kind: community.GroupHandedOver, ActorID: by.ID, GroupID: group.ID, TargetID: h.FromID}
		if err := s.decided(ctx, tx, d, int64(h.ID)); err != nil {
			return err
		}
		return s.renewed(ctx, tx, by, group)
	})
}

// renewed has other servers read again who looks after a group.
func (s *Service) renewed(ctx context.Context, tx *storage.DB, by, group *community.Actor) error {
	return tx.Record(ctx, community.Fact{Kind: community.GroupEdited, ActorID: by.ID, GroupID: group.ID, At: s.now()})
}

// Decline ends an offer: who made it takes it back, who got it says no.
func (s *Service) Decline(ctx context.Context, by, group *community.Actor) (err error) {
	defer fault.Wrap(&err, "roles.Decline(%s)", group.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		h, _, err := s.offered(ctx, tx, by, group)
		if err != nil {
			return err
		}
		state := community.HandoverRefused
		if h.FromID == by.ID {
			state = community.HandoverWithdrawn
		}
		return s.settle(ctx, tx, h, state)
	})
}

// A Keeping is who a group belongs to, and who it might.
type Keeping struct {
	Offer    *community.Handover // that reader made or got, and that stands
	From, To *community.Actor
	Orphaned bool                  // nobody has looked after it for long: members may claim it
	Claim    *community.GroupClaim // the reader's
}

// Keeping tells what reader may know of whose a group of ours is to be.
func (s *Service) Keeping(ctx context.Context, reader, group *community.Actor) (k Keeping, err error) {
	defer fault.Wrap(&err, "roles.Keeping(%s)", group.Handle())
	if reader == nil || !group.Local() {
		return k, nil
	}
	h, err := s.DB.OpenHandover(ctx, group.ID)
	if err != nil {
		return k, err
	}
	if h.Stands(s.now()) && (h.FromID == reader.ID || h.ToID == reader.ID) {
		actors, err := s.DB.Actors(ctx, []community.ActorID{h.FromID, h.ToID})
		if err != nil {
			return k, err
		}
		k.Offer, k.From, k.To = h, actors[h.FromID], actors[h.ToID]
	}
	if k.Orphaned, err = s.orphaned(ctx, s.DB, group); err != nil || !k.Orphaned {
		return k, err
	}
	claims, err := s.DB.OpenClaims(ctx, group.ID)
	for _, c := range claims {
		if c.ActorID == reader.ID {
			k.Claim = c
		}
	}
	return k, err
}
