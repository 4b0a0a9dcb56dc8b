package votes

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// discardBatch bounds the votes that one transaction discards.
const discardBatch = 500

// Discard forgets every vote that was taken on the word of the server called
// host: votes that its groups announced, whoever they say cast them. Scores
// and ranks follow within the second. Nobody elsewhere is told, since it was
// not we who told them. It returns how many votes counted until now.
func (s *Service) Discard(ctx context.Context, host string) (n int, err error) {
	defer fault.Wrap(&err, "votes.Discard(%s)", host)
	peer, err := s.DB.PeerNamed(ctx, strings.ToLower(strings.TrimSpace(host)))
	if fault.Is(err, fault.NotFound) {
		return 0, fault.Because(err, fault.NotFound, "This server never heard of %s.", host)
	}
	if err != nil {
		return 0, err
	}
	for {
		dropped, counted, err := s.discardSome(ctx, peer.ID)
		n += counted
		if err != nil || dropped < discardBatch {
			return n, err
		}
	}
}

func (s *Service) discardSome(ctx context.Context, peer community.PeerID) (dropped, counted int, err error) {
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		votes, err := tx.DropVouched(ctx, peer, discardBatch)
		if err != nil {
			return err
		}
		dropped, counted = len(votes), 0
		for _, v := range votes {
			if v.Value == 0 {
				continue
			}
			counted++
			if err := tx.CountVote(ctx, community.Subject{Kind: v.Kind, ID: v.SubjectID}, v.Value, 0); err != nil {
				return err
			}
		}
		return nil
	})
	return dropped, counted, err
}
