package notifications

import (
	"context"

	"drystone/community"
	"drystone/storage"
)

// followed tells somebody that another follows them, and takes it back with the
// follow; and who asked a person who decides who follows them, that they may.
func (s *Service) followed(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	whom := fact.GroupID
	fact.GroupID = 0 // it is about no group
	switch fact.Kind {
	case community.FollowerLeft:
		return tx.TakeBackNotification(ctx, whom, fact.ActorID)
	case community.FollowerJoined:
		if fact.Value == 0 {
			return nil // it is only answered again, or of a feed
		}
		return s.tell(ctx, tx, fact, whom, community.Followed)
	}
	person, err := tx.Actor(ctx, whom)
	if err != nil || !person.Locked {
		return err // everybody may, which is no news
	}
	return s.tell(ctx, tx, fact, fact.TargetID, community.LetIn)
}
