package notifications

import (
	"context"

	"drystone/community"
	"drystone/storage"
)

// verdictsOnApplicants are what reviewers decide about who applied.
var verdictsOnApplicants = map[community.FactKind]community.NotificationKind{
	community.ApplicantAsked:   community.AskedBack,
	community.PersonAdmitted:   community.Welcomed,
	community.PersonTurnedAway: community.TurnedAway,
}

// applied tells those who decide who comes in that somebody applied, or
// answered what they were asked.
func (s *Service) applied(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	reviewers, err := tx.TrustedHere(ctx, community.SiteApplications, s.Now())
	if err != nil {
		return err
	}
	for _, who := range reviewers {
		if err := s.tell(ctx, tx, fact, who, community.Applied); err != nil {
			return err
		}
	}
	return nil
}
