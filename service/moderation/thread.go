package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A ThreadMove is where a thread goes, and why.
type ThreadMove struct {
	From   *community.Actor // the group that it is said to leave; nil: the one that it is in
	To     *community.Actor
	Reason string // everybody can read it
}

// MovePost takes a post with its whole thread to another group. Who moderates
// both may; into a group of ours so may an administrator who moderates where
// it comes from.
func (s *Service) MovePost(ctx context.Context, by *community.Actor, id community.PostID, m ThreadMove, from community.Origin) (err error) {
	defer fault.Wrap(&err, "moderation.MovePost(%d, %s)", id, m.To.Handle())
	if m.Reason, err = said(m.Reason, from); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		post, err := tx.HoldPost(ctx, id)
		if err != nil {
			return err
		}
		if err := tx.KeepGroups(ctx, post.GroupID, m.To.ID); err != nil {
			return err
		}
		groups, err := tx.Actors(ctx, []community.ActorID{post.GroupID, m.To.ID})
		if err != nil {
			return err
		}
		leaves, enters := groups[post.GroupID], groups[m.To.ID]
		if leaves == nil || enters == nil {
			return community.Unseen()
		}
		if _, err := s.may(ctx, tx, by, leaves, community.MoveThreads, from); err != nil {
			return err
		}
		if leaves.ID == enters.ID {
			return nil // it is there already
		}
		if m.From != nil && m.From.ID != leaves.ID {
			return fault.New(fault.Conflict, "The thread is in %s and not in %s.", leaves.Handle(), m.From.Handle())
		}
		if err := s.mayEnter(ctx, tx, by, post, leaves, enters, from); err != nil {
			return err
		}
		if err := tx.MoveThread(ctx, post, enters.ID); err != nil {
			return err
		}
		return s.moved(ctx, tx, by, post, enters, m.Reason, from)
	})
}

// mayEnter reports why by may not move a post from one group to another.
func (s *Service) mayEnter(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post, leaves, enters *community.Actor, from community.Origin) error {
	if post.Hidden() {
		return fault.New(fault.NotFound, "This post is gone.")
	}
	if from.Here() && !leaves.Local() {
		return fault.New(fault.Forbidden, "%s is of another server: its threads are moved there.", leaves.DisplayName())
	}
	_, err := s.may(ctx, tx, by, enters, community.MoveThreads, from)
	if fault.Is(err, fault.Forbidden) && enters.Local() {
		anywhere, hereErr := tx.MayHere(ctx, by, community.SiteThreads, s.now())
		if hereErr != nil {
			return hereErr
		}
		if anywhere {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	return community.MayMoveThread(leaves, enters)
}

// moved keeps the decision for the logs of both groups, and says it once.
func (s *Service) moved(ctx context.Context, tx *storage.DB, by *community.Actor, post *community.Post, enters *community.Actor, reason string, from community.Origin) error {
	arrived := &community.Decision{
		Kind: community.PostArrived, ActorID: by.ID, GroupID: enters.ID, TargetID: post.GroupID, PostID: post.ID, Reason: reason,
	}
	if err := s.record(ctx, tx, arrived); err != nil {
		return err
	}
	return s.decided(ctx, tx, &community.Decision{
		Kind: community.PostMoved, ActorID: by.ID, GroupID: post.GroupID, TargetID: enters.ID, PostID: post.ID, Reason: reason,
	}, from)
}
