package moderation

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// BanMember keeps person from writing in group until the ban ends; its
// moderators may. Whoever follows the group goes on hearing of it, also that
// the ban was lifted. Banning again changes the end and the reason.
func (s *Service) BanMember(ctx context.Context, by, group, person *community.Actor, ban community.Ban, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.BanMember(%s, %s)", group.Handle(), person.Handle())
	if ban, err = s.ban(ban, from); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.held(ctx, tx, group, person)
		if err != nil {
			return err
		}
		mine, err := s.may(ctx, tx, by, group, community.BanMembers, from)
		if err != nil {
			return err
		}
		if from.Vouched && !group.Local() {
			m.Demote() // their server's rules let it happen
		}
		if err := community.MayBan(by, person, mine, m, s.now()); err != nil {
			return err
		}
		if m.BannedUntil.Equal(ban.Until) && m.BanReason == ban.Reason && !ban.Remove {
			return nil // it is so already
		}
		m.BannedUntil, m.BanReason = ban.Until, ban.Reason
		if err := tx.SaveMembership(ctx, m); err != nil {
			return err
		}
		d := aboutMember(community.MemberBanned, by, group, person)
		return s.carryOut(ctx, tx, d, ban, storage.Scope{Group: group.ID}, from)
	})
}

// ban is what somebody declared, as it is kept.
func (s *Service) ban(ban community.Ban, from community.Origin) (_ community.Ban, err error) {
	if from.Here() {
		if err := ban.Check(s.now()); err != nil {
			return ban, err
		}
	}
	ban.Reason, err = said(ban.Reason, from)
	ban.Until = ban.End()
	return ban, err
}

// carryOut records a ban and, where that is wanted, takes down what was
// written within scope.
func (s *Service) carryOut(ctx context.Context, tx *storage.DB, d *community.Decision, ban community.Ban, scope storage.Scope, from community.Origin) error {
	d.Reason, d.Until = ban.Reason, ban.Until
	if err := s.record(ctx, tx, d); err != nil {
		return err
	}
	if ban.Remove {
		posts, comments, err := tx.Standing(ctx, d.TargetID, scope)
		if err != nil {
			return err
		}
		down := storage.Takedown{At: d.CreatedAt, By: d.ActorID, Reason: ban.Reason, In: d.ID}
		if err := s.takeDown(ctx, tx, posts, comments, down); err != nil {
			return err
		}
	}
	return s.tell(ctx, tx, d, ban.Remove, from)
}

func (s *Service) takeDown(ctx context.Context, tx *storage.DB, posts []*community.Post, comments []*community.Comment, t storage.Takedown) error {
	if err := tx.TakeDown(ctx, posts, t); err != nil {
		return err
	}
	return tx.TakeDownComments(ctx, comments, t)
}

// UnbanMember lifts a ban from a group; restore brings back what was taken
// down with it.
func (s *Service) UnbanMember(ctx context.Context, by, group, person *community.Actor, restore bool, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.UnbanMember(%s, %s)", group.Handle(), person.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.held(ctx, tx, group, person)
		if err != nil {
			return err
		}
		if _, err := s.may(ctx, tx, by, group, community.BanMembers, from); err != nil || m.BannedUntil.IsZero() {
			return err
		}
		m.BannedUntil, m.BanReason = time.Time{}, ""
		if err := s.keep(ctx, tx, m); err != nil {
			return err
		}
		return s.lift(ctx, tx, aboutMember(community.MemberUnbanned, by, group, person), community.MemberBanned, restore, from)
	})
}

// lift records that a ban, a decision of kind, was lifted.
func (s *Service) lift(ctx context.Context, tx *storage.DB, d *community.Decision, kind community.FactKind, restore bool, from community.Origin) error {
	if err := s.record(ctx, tx, d); err != nil {
		return err
	}
	if restore {
		bans, err := tx.Bans(ctx, kind, d.GroupID, d.TargetID, d.Host)
		if err != nil {
			return err
		}
		for _, ban := range bans {
			posts, comments, err := tx.RemovedIn(ctx, ban)
			if err != nil {
				return err
			}
			if err := s.takeDown(ctx, tx, posts, comments, storage.Takedown{}); err != nil {
				return err
			}
		}
	}
	return s.tell(ctx, tx, d, restore, from)
}

// Banned lists who is banned from group, for those who may ban, and returns the
// cursor of the next page.
func (s *Service) Banned(ctx context.Context, by, group *community.Actor, page community.Page) (_ []*community.BanView, next string, err error) {
	defer fault.Wrap(&err, "moderation.Banned(%s)", group.Handle())
	if _, err := s.may(ctx, s.DB, by, group, community.BanMembers, community.Origin{}); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.BannedFrom(ctx, group.ID, s.now(), page)
	if err != nil {
		return nil, "", err
	}
	ids := make([]community.ActorID, len(list))
	for i, m := range list {
		ids[i] = m.ActorID
	}
	actors, err := s.DB.Actors(ctx, ids)
	views := make([]*community.BanView, len(list))
	for i, m := range list {
		views[i] = &community.BanView{Person: actors[m.ActorID], Until: m.BannedUntil, Reason: m.BanReason}
	}
	return views, next, err
}
