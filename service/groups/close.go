package groups

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Close notes that a group of another server was closed there. Nobody here
// joins it or writes in it until its server has it back, and it leaves all
// lists; its name, its members and what was said in it stay. Closing it again
// changes nothing.
func (s *Service) Close(ctx context.Context, group *community.Actor, from community.Origin) (err error) {
	defer fault.Wrap(&err, "groups.Close(%s)", group.Handle())
	if group.Local() || !group.IsGroup() {
		return fault.New(fault.Forbidden, "%s is no group of another server.", group.Handle())
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		changed, err := tx.CloseGroup(ctx, group.ID, s.now())
		if err != nil || !changed {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.GroupClosed, ActorID: group.ID, GroupID: group.ID, Raw: from.Activity, At: s.now(),
		})
	})
}
