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
// returns how the subject stands with it. The same vote again changes
// nothing.
func (s *Service) Cast(ctx context.Context, by *community.Actor, subject community.Subject, value int, from community.Origin) (_ community.Tally, err error) {
	defer fault.Wrap(&err, "votes.Cast(%s, %v, %d)", by.Handle(), subject, value)
	if err := community.CheckVote(value); err != nil {
		return community.Tally{}, err
	}
	var tally community.Tally
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		matter, err := load(ctx, tx, subject)
		if err != nil {
			return err
		}
		if err := s.mayVote(ctx, tx, by, matter); err != nil {
			return err
		}
		if err := s.cast(ctx, tx, by, matter, value, from); err != nil {
			return err
		}
		tally, err = count(ctx, tx, matter, value)
		return err
	})
	return tally, err
}

// matter is what is voted on, whether post or comment.
type matter struct {
	subject   community.Subject
	group     community.ActorID
	post      community.PostID
	comment   community.CommentID
	hidden    bool
	ups, down int64
}

func load(ctx context.Context, tx *storage.DB, subject community.Subject) (*matter, error) {
	switch subject.Kind {
	case community.SubjectPost:
		p, err := tx.Post(ctx, community.PostID(subject.ID))
		if err != nil {
			return nil, err
		}
		return &matter{subject: subject, group: p.GroupID, post: p.ID, hidden: p.Hidden(), ups: p.Ups, down: p.Downs}, nil
	case community.SubjectComment:
		c, err := tx.Comment(ctx, community.CommentID(subject.ID))
		if err != nil {
			return nil, err
		}
		return &matter{
			subject: subject, group: c.GroupID, post: c.PostID, comment: c.ID, hidden: c.Hidden(), ups: c.Ups, down: c.Downs,
		}, nil
	}
	return nil, fault.New(fault.Invalid, "Only posts and comments are voted on.")
}

func (s *Service) mayVote(ctx context.Context, tx *storage.DB, by *community.Actor, m *matter) error {
	if m.hidden {
		return fault.New(fault.NotFound, "That is gone.")
	}
	group, err := tx.Actor(ctx, m.group)
	if err != nil {
		return err
	}
	membership, err := tx.Membership(ctx, m.group, by.ID)
	if err != nil {
		return err
	}
	return membership.MayPost(group, s.Now())
}

func (s *Service) cast(ctx context.Context, tx *storage.DB, by *community.Actor, m *matter, value int, from community.Origin) error {
	now := community.Timestamp(s.Now())
	vote := &community.Vote{
		Kind: m.subject.Kind, SubjectID: m.subject.ID, ActorID: by.ID, Value: value, IRI: from.IRI, CreatedAt: now,
	}
	if from.Here() && value != 0 {
		vote.IRI = s.Origin + "/activities/vote/" + uuid.NewString()
	}
	before, err := tx.SetVote(ctx, vote)
	if err != nil || before.Value == value {
		return err
	}
	if err := tx.CountVote(ctx, m.subject, before.Value, value); err != nil {
		return err
	}
	fact := community.Fact{
		Kind: community.VoteCast, ActorID: by.ID, GroupID: m.group, PostID: m.post, CommentID: m.comment,
		Value: value, Previous: before.Value, IRI: vote.IRI, Raw: from.Activity, At: now,
	}
	if value == 0 {
		fact.IRI = before.IRI // what is taken back
	}
	return tx.Record(ctx, fact)
}

// count adds what is not folded yet to what is, so that a voter sees their
// vote at once.
func count(ctx context.Context, tx *storage.DB, m *matter, value int) (community.Tally, error) {
	up, down, err := tx.Pending(ctx, m.subject)
	if err != nil {
		return community.Tally{}, err
	}
	up, down = m.ups+up, m.down+down
	return community.Tally{Score: up - down, Ups: up, Downs: down, MyVote: value}, nil
}
