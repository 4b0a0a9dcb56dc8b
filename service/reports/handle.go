package reports

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Verdict is how a report ends.
type Verdict struct {
	State community.ReportState // resolved or rejected
	Note  string
	Tell  bool // the reporter learns the outcome and the note
	From  community.Origin
}

// Handle ends a report, and with it all of its case that wait; who moderates
// its group may, or an administrator. What was ended the same way already stays
// as it is. Who lives elsewhere speaks of one report only: the others are known
// to their server under names of their own, or not at all.
func (s *Service) Handle(ctx context.Context, by *community.Actor, id community.ReportID, v Verdict) (err error) {
	defer fault.Wrap(&err, "reports.Handle(%s, %d)", by.Handle(), id)
	if by.Local() {
		if err := community.CheckVerdict(v.State, v.Note); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		r, err := s.held(ctx, tx, by, id, v.From)
		if err != nil {
			return err
		}
		if r.State == v.State {
			return nil
		}
		if !r.Open() {
			return fault.New(fault.Conflict, "This report was dealt with already: it is %s.", r.State)
		}
		ended := []*community.Report{r}
		if by.Local() {
			if ended, err = tx.OpenIn(ctx, r.CaseID); err != nil {
				return err
			}
		}
		for _, r := range ended {
			if err := s.end(ctx, tx, by, r, v); err != nil {
				return err
			}
		}
		return tx.SettleCase(ctx, r.CaseID)
	})
}

// end ends one report.
func (s *Service) end(ctx context.Context, tx *storage.DB, by *community.Actor, r *community.Report, v Verdict) error {
	r.State, r.HandledBy, r.HandledAt = v.State, by.ID, s.now()
	r.Note, r.Told = community.FitReason(v.Note), v.Tell
	if err := tx.SaveReport(ctx, r); err != nil {
		return err
	}
	return tx.Record(ctx, s.fact(community.ReportHandled, by, r, v.From))
}

// held loads a report for by to decide about. What a group elsewhere has
// somebody say of its own reports is its to say; of what is for the
// administrators here nobody elsewhere decides.
func (s *Service) held(ctx context.Context, tx *storage.DB, by *community.Actor, id community.ReportID, from community.Origin) (*community.Report, error) {
	if from.Vouched {
		r, err := tx.HoldReport(ctx, id)
		if err == nil && (r.GroupID == 0 || r.Scope != community.ToModerators) {
			err = nothing()
		}
		return r, err
	}
	r, can, err := s.hold(ctx, tx, by, id)
	if err != nil {
		return nil, err
	}
	return r, mayHandle(r, by, can)
}

// mayHandle reports why by may not decide about a report.
func mayHandle(r *community.Report, by *community.Actor, can community.ReportRights) error {
	switch {
	case can.Handle:
		return nil
	case r.TargetID == by.ID:
		return fault.New(fault.Forbidden, "This is about you: somebody else has to look at it.")
	}
	return fault.New(fault.Forbidden, "Only those who look after the place can decide about a report.")
}

// claimed is how long somebody has a report for themselves.
const claimed = 24 * time.Hour

// Claim says that by looks into a case, so that nobody else has to, or no
// longer does. It binds nobody: a claim ends after a day, and whoever decides
// first decides.
func (s *Service) Claim(ctx context.Context, by *community.Actor, id community.ReportID, claim bool) (err error) {
	defer fault.Wrap(&err, "reports.Claim(%s, %d)", by.Handle(), id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		r, can, err := s.hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := mayHandle(r, by, can); err != nil {
			return err
		}
		if !r.Open() {
			return fault.New(fault.Conflict, "This report was dealt with already: it is %s.", r.State)
		}
		if r.ClaimedBy != 0 && r.ClaimedBy != by.ID && s.now().Sub(r.ClaimedAt) < claimed {
			return s.taken(ctx, tx, r)
		}
		open, err := tx.OpenIn(ctx, r.CaseID)
		if err != nil {
			return err
		}
		for _, r := range open {
			r.ClaimedBy, r.ClaimedAt = 0, time.Time{}
			if claim {
				r.ClaimedBy, r.ClaimedAt = by.ID, s.now()
			}
			if err := tx.SaveReport(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) taken(ctx context.Context, tx *storage.DB, r *community.Report) error {
	who, err := tx.Actor(ctx, r.ClaimedBy)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "%s is looking into this already.", who.DisplayName())
}
