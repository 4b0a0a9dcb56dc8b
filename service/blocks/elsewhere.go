package blocks

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Blocked notes that somebody of another server blocked a person here, as
// their server told: what holds between two people here holds then too, and
// nobody is told.
func (s *Service) Blocked(ctx context.Context, by, person *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "blocks.Blocked(%s, %s)", by.Handle(), person.Handle())
	if by.Local() || !person.Local() || !person.IsPerson() || !by.IsPerson() {
		return fault.New(fault.Forbidden, "Only people elsewhere tell whom of ours they block.")
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldBlocks(ctx, by.ID); err != nil {
			return err
		}
		return tx.SaveBlock(ctx, &community.Block{
			OwnerID: by.ID, Kind: community.BlockPerson, TargetID: person.ID, IRI: from.IRI, CreatedAt: s.now(),
		})
	})
}

// Unblocked notes that they took that back.
func (s *Service) Unblocked(ctx context.Context, by, person *community.Actor) (err error) {
	defer fault.Wrap(&err, "blocks.Unblocked(%s, %s)", by.Handle(), person.Handle())
	if by.Local() {
		return fault.New(fault.Forbidden, "%s is of this server.", by.Handle())
	}
	return s.Drop(ctx, by, Wish{Target: person})
}
