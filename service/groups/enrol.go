package groups

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Enrol makes somebody of this server a member of a group of this server
// because whoever runs the server says that they belong there: nobody is asked,
// whoever may read it. A ban from the group holds all the same.
func (s *Service) Enrol(ctx context.Context, person *community.Actor, name string) (err error) {
	defer fault.Wrap(&err, "groups.Enrol(%s, %s)", person.Handle(), name)
	group, err := s.actor(ctx, s.DB, community.Handle{Name: name})
	if err != nil {
		return err
	}
	if err := mayFollow(person, group, s.now()); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		now := s.now()
		m, err := tx.HoldMembership(ctx, group.ID, person.ID)
		if err != nil || m.Follows() {
			return err
		}
		if err := m.MayPost(group, now); err != nil {
			return err
		}
		if m == nil {
			m = &community.Membership{GroupID: group.ID, ActorID: person.ID, Role: community.Member, CreatedAt: now}
		}
		m.State = community.Accepted
		if err := tx.SaveMembership(ctx, m); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, person, group); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.MemberJoined, ActorID: person.ID, GroupID: group.ID, At: now})
	})
}

// Withdraw ends a membership that Enrol began. A group that is not there any
// more has no members.
func (s *Service) Withdraw(ctx context.Context, person *community.Actor, name string) (err error) {
	defer fault.Wrap(&err, "groups.Withdraw(%s, %s)", person.Handle(), name)
	group, err := s.actor(ctx, s.DB, community.Handle{Name: name})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Leave(ctx, person, group, community.Origin{})
}
