package groups

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A former is what the old account of somebody who moved is to a group.
type former struct {
	*community.Membership
	account *community.Actor
}

// within reports whether the old account may read in the group: who could is
// let in by their new name without being asked again.
func (f *former) within() bool { return f != nil && f.Within() }

// former finds it, nil if it is nothing, and holds it. Both ends of the move
// have to have said so: by names the old account, and that one by.
func (s *Service) former(ctx context.Context, tx *storage.DB, by, group *community.Actor) (*former, error) {
	for _, iri := range by.Aliases() {
		old, err := tx.ActorByIRI(ctx, iri)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if old.MovedTo != by.IRI || old.ID == by.ID || old.IsGroup() {
			continue
		}
		m, err := tx.HoldMembership(ctx, group.ID, old.ID)
		if err != nil {
			return nil, err
		}
		if m != nil && m.State != community.Absent {
			return &former{m, old}, nil
		}
	}
	return nil, nil
}

// succeed ends what an old account was to a group that its owner belongs to by
// their new one: nobody is counted twice. The server of an old account
// elsewhere is told by the group; in a group elsewhere an account elsewhere is
// theirs to see to.
func (s *Service) succeed(ctx context.Context, tx *storage.DB, by, group *community.Actor, f *former) error {
	switch {
	case f == nil:
		return nil
	case f.account.Local():
		in := *s
		in.DB = tx
		return in.Leave(ctx, f.account, group, community.Origin{})
	case !group.Local():
		return nil
	case f.State == community.Accepted:
		return s.putOut(ctx, tx, by, f.account, group, f.Membership)
	}
	return s.forget(ctx, tx, f.Membership) // nobody has to answer it any more
}
