package roles

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// tell writes to whoever a decision about a role is about, if they are of this
// server and did not make it themselves.
func (s *Service) tell(ctx context.Context, tx *storage.DB, d *community.Decision) error {
	switch d.Kind {
	case community.RoleGiven, community.RoleRenewed, community.RoleEnded, community.RoleExpired:
	default:
		return nil
	}
	if d.ActorID == d.TargetID && d.Kind != community.RoleExpired {
		return nil
	}
	words := map[string]string{"what": string(d.Kind), "role": d.Role}
	if d.GroupID != 0 {
		group, err := tx.Actor(ctx, d.GroupID)
		if err != nil {
			return err
		}
		words["group"] = group.DisplayName()
	}
	if !d.Until.IsZero() {
		words["until"] = d.Until.UTC().Format(community.LetterDay)
	}
	return s.write(ctx, tx, d.TargetID, community.Letter{Kind: community.RoleDecided, Words: words})
}

// tellOffered writes to whom a group is offered.
func (s *Service) tellOffered(ctx context.Context, tx *storage.DB, by, group *community.Actor, h *community.Handover) error {
	return s.write(ctx, tx, h.ToID, community.Letter{
		Kind: community.GroupHandover, Path: "/c/" + group.Name,
		Words: map[string]string{"by": by.DisplayName(), "group": group.DisplayName(), "until": h.EndsAt.UTC().Format(community.LetterDay)},
	})
}

// write posts a letter to somebody of this server; others have none.
func (s *Service) write(ctx context.Context, tx *storage.DB, to community.ActorID, letter community.Letter) error {
	account, err := tx.AccountOf(ctx, to)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	letter.AccountID, letter.At = account.ID, s.now()
	return tx.PostLetter(ctx, letter)
}
