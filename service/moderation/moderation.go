// Package moderation is the use cases of those who look after groups, and of
// those who look after the server: locks, what stands on top, removals, bans,
// and who moderates; and the log of all of it that people can read.
//
// What people report to moderators belongs to service/reports. The API and
// federation call the same methods; an Origin says whether something was
// decided elsewhere.
package moderation

import (
	"context"
	"time"

	"drystone/community"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// may reports why by may not do in group what p names. Of a group elsewhere,
// whose roles are not all known here, its server can vouch for somebody.
func (s *Service) may(ctx context.Context, tx *storage.DB, by, group *community.Actor, p community.Permission, from community.Origin) (*community.Membership, error) {
	if from.Vouched && !group.Local() {
		return nil, nil
	}
	m, err := tx.Membership(ctx, group.ID, by.ID)
	if err != nil {
		return nil, err
	}
	if err := group.Admits(by, m); err != nil {
		return nil, err // of a group that is closed to them they learn nothing
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return nil, err
	}
	return m, m.Needs(p, s.now())
}

// mayIn is may for the group with an id.
func (s *Service) mayIn(ctx context.Context, tx *storage.DB, by *community.Actor, id community.ActorID, p community.Permission, from community.Origin) error {
	group, err := tx.Actor(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.may(ctx, tx, by, group, p, from)
	return err
}

// record keeps a decision for the log. Its id is known afterwards.
func (s *Service) record(ctx context.Context, tx *storage.DB, d *community.Decision) error {
	d.CreatedAt = s.now()
	return tx.AddDecision(ctx, d)
}

// tell says that a decision was carried out. all says that it took down, or
// brought back, more than what it names.
func (s *Service) tell(ctx context.Context, tx *storage.DB, d *community.Decision, all bool, from community.Origin) error {
	fact := community.Fact{
		Kind: d.Kind, ActorID: d.ActorID, GroupID: d.GroupID, PostID: d.PostID, CommentID: d.CommentID,
		TargetID: d.TargetID, ItemID: int64(d.ID), Until: d.Until, Reason: d.Reason, Raw: from.Activity, At: d.CreatedAt,
		IRI: d.Host,
	}
	if all {
		fact.Value = 1
	}
	return tx.Record(ctx, fact)
}

// decided is record and tell.
func (s *Service) decided(ctx context.Context, tx *storage.DB, d *community.Decision, from community.Origin) error {
	if err := s.record(ctx, tx, d); err != nil {
		return err
	}
	return s.tell(ctx, tx, d, false, from)
}

// said is a reason as it is kept: what people here write is checked, what
// comes from elsewhere is cut to fit.
func said(reason string, from community.Origin) (string, error) {
	if from.Here() {
		return reason, community.CheckReason(reason)
	}
	if runes := []rune(reason); len(runes) > community.MaxReason {
		reason = string(runes[:community.MaxReason])
	}
	return reason, nil
}
