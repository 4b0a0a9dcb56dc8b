package moderation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A written is a post or comment, as far as it matters who may take it down.
type written struct {
	group   community.ActorID
	author  community.ActorID
	remover community.ActorID // who took it down, where it is to be brought back
}

// mayTakeDown reports why by may not take down, or bring back, what somebody
// wrote. Those whom the group trusts with p may, wholly: with what others wrote
// below it.
// Those who administer the author's server may take down its people's words
// wherever they stand, but nothing of others, and bring back only what one of
// them took down, and nobody whom the group trusts with it.
func (s *Service) mayTakeDown(ctx context.Context, tx *storage.DB, by *community.Actor, w written, p community.Permission, from community.Origin) (wholly bool, err error) {
	why := s.mayIn(ctx, tx, by, w.group, p, from)
	if !from.Admin || by.Local() || !fault.Is(why, fault.Forbidden) || by.MaySpeak(s.now()) != nil {
		return true, why
	}
	author, err := tx.Actor(ctx, w.author)
	if err != nil {
		return false, err
	}
	if author.Host != by.Host {
		return false, why
	}
	if w.remover == 0 {
		return false, nil
	}
	remover, err := tx.Actor(ctx, w.remover)
	if err != nil {
		return false, err
	}
	m, err := tx.Membership(ctx, w.group, w.remover)
	if err != nil {
		return false, err
	}
	if remover.Host != by.Host || m.May(p, s.now()) {
		return false, why
	}
	return false, nil
}
