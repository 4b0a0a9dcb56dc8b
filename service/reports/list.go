package reports

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// List returns reports as query.Reader may see them, newest first, and the
// cursor of the next page.
func (s *Service) List(ctx context.Context, reader *community.Actor, query community.ReportQuery) (_ []*community.ReportView, next string, err error) {
	defer fault.Wrap(&err, "reports.List(%s, %s)", reader.Handle(), query.Of)
	query.Reader = reader.ID
	admin, _, err := s.administers(ctx, s.DB, reader)
	if err != nil {
		return nil, "", err
	}
	if query.Of == community.ReportsServer && !admin {
		return nil, "", (*community.Account)(nil).Needs(community.SiteReports, s.now())
	}
	if query.Looks, err = s.groups(ctx, reader.ID, community.HandleReports); err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Reports(ctx, query)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, reader, list)
	return views, next, err
}

// Find returns one report as reader sees it. To who may not it does not exist.
func (s *Service) Find(ctx context.Context, reader *community.Actor, id community.ReportID) (_ *community.ReportView, err error) {
	defer fault.Wrap(&err, "reports.Find(%s, %d)", reader.Handle(), id)
	r, err := s.DB.Report(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, reader, []*community.Report{r})
	if err != nil {
		return nil, err
	}
	if !views[0].Can.See {
		return nil, nothing()
	}
	return views[0], nil
}

// Desk tells what waits for an account. It is asked with every page, so those
// who look after nothing cost one look into an index.
func (s *Service) Desk(ctx context.Context, account *community.Account) (_ community.Desk, err error) {
	defer fault.Wrap(&err, "reports.Desk(%d)", account.ID)
	desk := community.Desk{Admin: account.May(community.SiteReports, s.now())}
	groups, err := s.groups(ctx, account.ActorID, community.HandleReports)
	if desk.Moderates = len(groups) > 0; err != nil || !desk.Moderates && !desk.Admin {
		return desk, err
	}
	desk.Open, err = s.DB.WaitingReports(ctx, account.ActorID, groups, desk.Admin)
	return desk, err
}

// groups lists where somebody may do what p names.
func (s *Service) groups(ctx context.Context, who community.ActorID, p community.Permission) ([]community.ActorID, error) {
	charges, err := s.DB.Charges(ctx, who)
	var ids []community.ActorID
	for _, m := range charges {
		if m.May(p, s.now()) {
			ids = append(ids, m.GroupID)
		}
	}
	return ids, err
}

// mostCounted is up to where reports are counted for those who look at a list.
const mostCounted = 100

// Counts tells how many reports are open in each of the lists of reader.
func (s *Service) Counts(ctx context.Context, reader *community.Actor) (counts community.ReportCounts, err error) {
	defer fault.Wrap(&err, "reports.Counts(%s)", reader.Handle())
	admin, _, err := s.administers(ctx, s.DB, reader)
	if err != nil {
		return counts, err
	}
	looks, err := s.groups(ctx, reader.ID, community.HandleReports)
	if err != nil {
		return counts, err
	}
	for of, n := range map[community.ReportsOf]*int{
		community.ReportsMine: &counts.Mine, community.ReportsServer: &counts.Server, community.ReportsFiled: &counts.Filed,
	} {
		if of == community.ReportsServer && !admin {
			continue
		}
		query := community.ReportQuery{Of: of, Reader: reader.ID, Looks: looks, State: community.OpenReport}
		if *n, err = s.DB.CountReports(ctx, query, mostCounted); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

// views dresses reports for who reads them: a handful of queries, however many
// there are.
func (s *Service) views(ctx context.Context, reader *community.Actor, list []*community.Report) ([]*community.ReportView, error) {
	d, err := s.dressing(ctx, reader, list)
	if err != nil {
		return nil, err
	}
	views := make([]*community.ReportView, len(list))
	for i, r := range list {
		v := &community.ReportView{
			Report: r, Reporter: d.actors[r.ReporterID], Group: d.actors[r.GroupID], Target: d.actors[r.TargetID],
			Claimer: d.actors[r.ClaimedBy], Handler: d.actors[r.HandledBy], Comment: d.comments[r.CommentID],
			Can: r.RightsOn(reader.ID, d.memberships[r.GroupID], d.admin, d.alone, s.now()),
		}
		if r.CommentID == 0 {
			v.Post = d.posts[r.PostID]
		}
		// What is said among the members of a group stays there, also when who
		// reported it has left since, unless an administrator is asked to look.
		asked := d.admin && r.ForAdmins
		shown := v.Group == nil || asked || v.Group.ShownTo(reader, d.memberships[r.GroupID])
		if !shown {
			v.Post, v.Comment = nil, nil
		}
		if s.now().Sub(r.ClaimedAt) >= claimed {
			v.Claimer = nil
		}
		if v.Can.Handle {
			d.unfold(v, shown)
		}
		views[i] = v
	}
	return views, nil
}

// dressing is what views are made of.
type dressing struct {
	admin, alone bool
	actors       map[community.ActorID]*community.Actor
	memberships  map[community.ActorID]*community.Membership
	posts        map[community.PostID]*community.PostView
	comments     map[community.CommentID]*community.CommentView
	warnings     map[community.ActorID]int
	cases        map[community.ReportID]*community.CaseOf
}

func (s *Service) dressing(ctx context.Context, reader *community.Actor, list []*community.Report) (d dressing, err error) {
	if d.admin, d.alone, err = s.administers(ctx, s.DB, reader); err != nil {
		return d, err
	}
	var actors, groups, targets []community.ActorID
	var cases []community.ReportID
	for _, r := range list {
		cases = append(cases, r.CaseID)
		actors = append(actors, r.ReporterID, r.GroupID, r.TargetID, r.ClaimedBy, r.HandledBy)
		groups, targets = append(groups, r.GroupID), append(targets, r.TargetID)
	}
	if d.cases, err = s.DB.Cases(ctx, cases, community.MostVoices); err != nil {
		return d, err
	}
	for _, c := range d.cases {
		for _, r := range c.Reports {
			actors = append(actors, r.ReporterID)
		}
	}
	if d.actors, err = s.DB.Actors(ctx, actors); err != nil {
		return d, err
	}
	if d.memberships, err = s.DB.MembershipsIn(ctx, groups, reader.ID); err != nil {
		return d, err
	}
	warner, err := s.warner(ctx, reader)
	if err != nil {
		return d, err
	}
	if d.warnings, err = s.DB.WarningCounts(ctx, targets, warner); err != nil {
		return d, err
	}
	return d, s.context(ctx, reader, list, &d)
}

// context loads what the reports are about.
func (s *Service) context(ctx context.Context, reader *community.Actor, list []*community.Report, d *dressing) error {
	var postIDs []community.PostID
	var commentIDs []community.CommentID
	for _, r := range list {
		if r.CommentID != 0 {
			commentIDs = append(commentIDs, r.CommentID)
		} else if r.PostID != 0 {
			postIDs = append(postIDs, r.PostID)
		}
	}
	posts, err := s.DB.Posts(ctx, postIDs)
	if err != nil {
		return err
	}
	comments, err := s.DB.Comments(ctx, commentIDs)
	if err != nil {
		return err
	}
	postViews, err := s.DB.PostViews(ctx, reader, values(posts), s.now())
	if err != nil {
		return err
	}
	commentViews, err := s.DB.CommentViews(ctx, reader, values(comments), s.now())
	if err != nil {
		return err
	}
	d.posts, d.comments = map[community.PostID]*community.PostView{}, map[community.CommentID]*community.CommentView{}
	// Whoever has to judge something reads it, whoever blocked whom.
	for _, v := range postViews {
		v.Veil = community.NoVeil
		d.posts[v.ID] = v
	}
	for _, v := range commentViews {
		v.Veil = community.NoVeil
		d.comments[v.ID] = v
	}
	return nil
}

// values lists what a map holds, in no order.
func values[K comparable, V any](m map[K]V) []V {
	list := make([]V, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	return list
}
