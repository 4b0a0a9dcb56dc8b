package reports

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// join makes a report one of the case that lead leads: it is for the same
// people, and who looks into the one looks into all. It returns whom it is news
// to.
func join(ctx context.Context, tx *storage.DB, r, lead *community.Report) (int, error) {
	r.CaseID, r.ClaimedBy, r.ClaimedAt = lead.CaseID, lead.ClaimedBy, lead.ClaimedAt
	if !r.ForAdmins || lead.ForAdmins {
		r.ForAdmins = lead.ForAdmins
		return community.NewsToNobody, nil
	}
	lead.ForAdmins = true
	return community.NewsToAdmins, tx.SaveReport(ctx, lead)
}

// words are what is reported, as it is shown now.
func (m *matter) words() *community.Snapshot {
	switch {
	case m.message != nil:
		return m.message.Snapshot()
	case m.comment != nil:
		return m.comment.Snapshot()
	case m.post != nil:
		return m.post.Snapshot()
	}
	return m.target.Snapshot()
}

// keep stores words with a case, unless they are what was kept last.
func keep(ctx context.Context, tx *storage.DB, id community.ReportID, words *community.Snapshot) error {
	kept, err := tx.Snapshots(ctx, id)
	if err != nil || len(kept) >= community.MostSnapshots || len(kept) > 0 && kept[len(kept)-1].Says(words) {
		return err
	}
	words.CaseID = id
	return tx.AddSnapshot(ctx, words)
}

// Trim forgets the words of cases that were closed long ago.
func (s *Service) Trim(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "reports.Trim")
	return s.DB.TrimSnapshots(ctx, s.now().Add(-community.KeepSnapshots))
}

// unfold adds to a view what who can handle a report learns of its case. What
// was said where they cannot read stays there: shown says whether they can.
func (d dressing) unfold(v *community.ReportView, shown bool) {
	c := d.cases[v.CaseID]
	if c == nil {
		return
	}
	v.Warnings, v.Waiting = d.warnings[v.TargetID], c.Open
	for _, r := range c.Reports {
		v.Voices = append(v.Voices, &community.ReportVoice{Report: r, Reporter: d.actors[r.ReporterID]})
	}
	if !shown {
		return
	}
	now := v.Now()
	for _, words := range c.Words {
		if now == nil || !words.Says(now) {
			v.Words = append(v.Words, words)
		}
	}
}
