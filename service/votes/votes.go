// Package votes is the use case of having an opinion: up, down, or none, on a
// post or a comment. What follows from a vote, such as a rank or an activity, is
// for storage's counters and for the readers of facts.
package votes

import (
	"context"
	"time"

	"github.com/google/uuid"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use case needs.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    func() time.Time
}

// Cast makes value (1, -1, or 0 to take it back) by's vote on subject, and
// returns how the subject stands with it, for who voted here. The same vote
// again changes nothing.
func (s *Service) Cast(ctx context.Context, by *community.Actor, subject community.Subject, value int, from community.Origin) (_ community.Tally, err error) {
	defer fault.Wrap(&err, "votes.Cast(%s, %v, %d)", by.Handle(), subject, value)
	if err := community.CheckVote(value); err != nil {
		return community.Tally{}, err
	}
	if err := by.MaySpeak(s.Now()); err != nil {
		return community.Tally{}, err
	}
	var tally community.Tally
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		matter, err := tx.Matter(ctx, subject, by.ID)
		if err != nil {
			return err
		}
		if err := matter.Group.Admits(by, matter.Voter); err != nil {
			return err
		}
		if matter.Hidden {
			return fault.New(fault.NotFound, "That is gone.")
		}
		if err := s.welcome(ctx, tx, by, matter); err != nil {
			return err
		}
		if err := s.cast(ctx, tx, by, matter, value, from); err != nil || !from.Here() {
			return err // elsewhere nobody waits for the tally
		}
		tally, err = count(ctx, tx, matter, value)
		return err
	})
	return tally, err
}

// welcome reports why by may not vote in a group: banned from it, or from the
// server where it lives, which would drop their votes.
func (s *Service) welcome(ctx context.Context, tx *storage.DB, by *community.Actor, m *storage.Matter) error {
	if err := m.Voter.MayPost(m.Group, s.Now()); err != nil || m.Group.Local() || !by.Local() {
		return err
	}
	ban, err := tx.SiteBan(ctx, by.ID, m.Group.Host)
	if err != nil {
		return err
	}
	return ban.MayPost(m.Group, s.Now())
}

func (s *Service) cast(ctx context.Context, tx *storage.DB, by *community.Actor, m *storage.Matter, value int, from community.Origin) error {
	now := community.Timestamp(s.Now())
	vote := &community.Vote{
		Kind: m.Subject.Kind, SubjectID: m.Subject.ID, ActorID: by.ID, Value: value, IRI: from.IRI, Via: from.Via, CreatedAt: now,
	}
	if from.Here() && value != 0 {
		vote.IRI = s.Origin + "/activities/vote/" + uuid.NewString()
	}
	before, err := tx.SetVote(ctx, vote)
	if err != nil || before.Value == value {
		return err
	}
	if err := tx.CountVote(ctx, m.Subject, before.Value, value); err != nil {
		return err
	}
	if from.Here() {
		if err := tx.MarkActive(ctx, by.ID, now); err != nil {
			return err
		}
	}
	fact := community.Fact{
		Kind: community.VoteCast, ActorID: by.ID, GroupID: m.Group.ID, PostID: m.PostID, CommentID: m.CommentID,
		Value: value, Previous: before.Value, IRI: vote.IRI, Raw: from.Activity, At: now,
	}
	if value == 0 {
		fact.IRI = before.IRI // what is taken back
	}
	return tx.Record(ctx, fact)
}

// count counts what is not folded yet, too, so that a voter sees their vote at
// once.
func count(ctx context.Context, tx *storage.DB, m *storage.Matter, value int) (community.Tally, error) {
	all, err := tx.Counters(ctx, m.Subject.Kind, []int64{m.Subject.ID})
	if err != nil {
		return community.Tally{}, err
	}
	n := all[m.Subject.ID]
	return community.Tally{Score: n.Ups - n.Downs, Ups: n.Ups, Downs: n.Downs, MyVote: value}, nil
}
