package posts

import (
	"context"
	"errors"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// mostDue bounds how many scheduled posts are published in one turn.
const mostDue = 100

// PublishDue publishes what was scheduled for now or before, by the rules that
// hold at this moment. What they do not allow any more stays a draft that says
// why, and its author is told. Each is published in one transaction with its
// draft's end: exactly once, wherever the server is stopped.
func (s *Service) PublishDue(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "posts.PublishDue")
	due, err := s.DB.DueSketches(ctx, s.now(), mostDue)
	if err != nil {
		return err
	}
	var wrong []error
	for _, sketch := range due {
		if err := s.publishDue(ctx, sketch); err != nil {
			wrong = append(wrong, err) // one does not hold up the others
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(wrong...)
}

func (s *Service) publishDue(ctx context.Context, sketch *community.Sketch) error {
	err := s.DB.InTx(ctx, func(tx *storage.DB) error {
		now, err := s.stillDue(ctx, tx, sketch)
		if err != nil || now == nil {
			return err
		}
		owner, err := tx.Actor(ctx, now.OwnerID)
		if err != nil {
			return err
		}
		group, err := tx.Actor(ctx, now.GroupID)
		if err != nil {
			return err
		}
		if owner.Gone() || group.Gone() {
			return fault.New(fault.NotFound, "The group is not there any more.")
		}
		_, err = s.publishSketch(ctx, tx, owner, group, now)
		return err
	})
	told, ruled := fault.As(err)
	if err == nil || !ruled || told.Code == fault.Internal || told.Code == fault.Unavailable {
		return err // what may work in a moment is tried again
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		now, err := s.stillDue(ctx, tx, sketch)
		if err != nil || now == nil {
			return err
		}
		group := now.GroupID
		now.PublishAt, now.GroupID, now.Trouble, now.UpdatedAt = time.Time{}, 0, told.Message, s.now()
		if err := tx.SaveSketch(ctx, now); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.ScheduleFailed, ActorID: now.OwnerID, GroupID: group, TargetID: now.OwnerID, ItemID: int64(now.ID), Reason: told.Message, At: s.now(),
		})
	})
}

// stillDue holds a sketch and returns it as it is now; nil if its author
// decided otherwise, or another process was faster.
func (s *Service) stillDue(ctx context.Context, tx *storage.DB, sketch *community.Sketch) (*community.Sketch, error) {
	if err := tx.HoldSketches(ctx, sketch.OwnerID); err != nil {
		return nil, err
	}
	now, err := tx.Sketch(ctx, sketch.OwnerID, sketch.Key)
	if err != nil {
		return nil, unlessAbsent(err)
	}
	if now.PublishAt.IsZero() || now.PublishAt.After(s.now()) {
		return nil, nil
	}
	return now, nil
}
