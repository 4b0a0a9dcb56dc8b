// Package readings is how far people have read in threads, so that they go on
// where they stopped. It is theirs alone to see, so nothing is recorded for
// other servers or for whoever wrote what was read.
//
// What may be read belongs to groups; how a thread is shown does not belong
// here.
package readings

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

// Mark notes that somebody read a post and its thread up to a comment, the
// newest that they were shown; with none, up to what is there now. Nobody reads
// back: whoever read further before stays there. What they may not read is
// NotFound, as if it were not there.
func (s *Service) Mark(ctx context.Context, by *community.Actor, post community.PostID, through community.CommentID) (_ *community.Reading, err error) {
	defer fault.Wrap(&err, "readings.Mark(%s, %d)", by.Handle(), post)
	if !by.Local() || by.Gone() {
		return nil, fault.New(fault.Forbidden, "Only people of this server read here.")
	}
	var made *community.Reading
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := tx.Matter(ctx, community.Subject{Kind: community.SubjectPost, ID: int64(post)}, by.ID)
		if err != nil {
			return err
		}
		if !m.Group.ShownTo(by, m.Voter) {
			return community.Unseen()
		}
		newest, err := tx.NewestComment(ctx, post)
		if err != nil {
			return err
		}
		if through == 0 || through > newest {
			through = newest
		}
		if err := tx.MarkRead(ctx, &community.Reading{ActorID: by.ID, PostID: post, Through: through, ReadAt: s.now()}); err != nil {
			return err
		}
		found, err := tx.Readings(ctx, by.ID, []community.PostID{post})
		made = found[post]
		return err
	})
	return made, err
}

// Forget has somebody not have read a post, whether or not they may still read
// it.
func (s *Service) Forget(ctx context.Context, by *community.Actor, post community.PostID) (err error) {
	defer fault.Wrap(&err, "readings.Forget(%s, %d)", by.Handle(), post)
	return s.DB.DropReading(ctx, by.ID, post)
}

// Trim forgets what was read long ago, and what is too much.
func (s *Service) Trim(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "readings.Trim")
	return s.DB.TrimReadings(ctx, s.now().Add(-community.KeepReadings), community.MostReadings)
}
