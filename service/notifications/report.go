package notifications

import (
	"context"

	"drystone/community"
	"drystone/storage"
)

// filed tells those who look after the place that something waits for them:
// those who deal with the group's reports, and administrators where they are
// asked. Nobody is
// told what is said about themselves, and nobody twice of what others have
// reported already and nobody has answered: what the fact's value says.
func (s *Service) filed(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	r, err := tx.Report(ctx, community.ReportID(fact.ItemID))
	if err != nil {
		return err
	}
	told := map[community.ActorID]bool{r.TargetID: true}
	var whom []community.ActorID
	if r.Scope == community.ToModerators && fact.Value == community.NewsToAll {
		moderators, err := tx.Trusted(ctx, r.GroupID, community.HandleReports, s.Now())
		if err != nil {
			return err
		}
		for _, m := range moderators {
			whom = append(whom, m.ID)
		}
	}
	if r.ForAdmins && fact.Value != community.NewsToNobody {
		admins, err := tx.TrustedHere(ctx, community.SiteReports, s.Now())
		if err != nil {
			return err
		}
		whom = append(whom, admins...)
	}
	for _, id := range whom {
		if told[id] {
			continue
		}
		told[id] = true
		if err := s.tell(ctx, tx, fact, id, community.Flagged); err != nil {
			return err
		}
	}
	return nil
}

// handled tells a reporter what became of their report, if they shall know.
func (s *Service) handled(ctx context.Context, tx *storage.DB, fact community.Fact) error {
	r, err := tx.Report(ctx, community.ReportID(fact.ItemID))
	if err != nil || !r.Told {
		return err
	}
	return s.tell(ctx, tx, fact, r.ReporterID, community.Handled)
}

// quotes loads the quotes that notifications are about.
func (s *Service) quotes(ctx context.Context, list []*community.Notification) (map[community.QuoteID]*community.Quote, error) {
	var ids []community.QuoteID
	for _, n := range list {
		if n.Kind == community.Quoted {
			ids = append(ids, community.QuoteID(n.ItemID))
		}
	}
	return s.DB.Quotes(ctx, ids)
}

// items loads the reports and warnings that notifications are about.
func (s *Service) items(ctx context.Context, list []*community.Notification) (reports map[community.ReportID]*community.Report, warnings map[community.WarningID]*community.Warning, err error) {
	var reportIDs []community.ReportID
	var warningIDs []community.WarningID
	for _, n := range list {
		switch n.Kind {
		case community.Flagged, community.Handled:
			reportIDs = append(reportIDs, community.ReportID(n.ItemID))
		case community.Warned:
			warningIDs = append(warningIDs, community.WarningID(n.ItemID))
		}
	}
	if reports, err = s.DB.ReportsByID(ctx, reportIDs); err != nil {
		return nil, nil, err
	}
	warnings, err = s.DB.WarningsByID(ctx, warningIDs)
	return reports, warnings, err
}
