package reports

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Warning is what somebody is told. Group nil is the site; what it is about
// may be named.
type Warning struct {
	Group   *community.Actor
	Post    community.PostID
	Comment community.CommentID
	Reason  string
	From    community.Origin
}

// mostWarnings bounds how often a group can warn one person in a day: a
// warning reaches people who cannot turn it off.
const mostWarnings = 10

// Warn tells target what should be different; who moderates the group may, or
// an administrator in the name of the site. It is for people who take part in
// the group, and a warning that is known already changes nothing.
func (s *Service) Warn(ctx context.Context, by, target *community.Actor, warning Warning) (_ *community.Warning, err error) {
	defer fault.Wrap(&err, "reports.Warn(%s, %s)", by.Handle(), target.Handle())
	if by.Local() {
		if err := community.CheckWarning(warning.Reason); err != nil {
			return nil, err
		}
	}
	w := &community.Warning{
		IRI: warning.From.IRI, TargetID: target.ID, ByID: by.ID, PostID: warning.Post, CommentID: warning.Comment,
		Reason: community.FitReason(warning.Reason), CreatedAt: s.now(),
	}
	if warning.Group != nil {
		w.GroupID = warning.Group.ID
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if w.IRI != "" {
			if known, err := tx.WarningByIRI(ctx, w.IRI); !fault.Is(err, fault.NotFound) {
				w = known
				return err
			}
		}
		return s.warn(ctx, tx, by, target, w, warning)
	})
	return w, err
}

func (s *Service) warn(ctx context.Context, tx *storage.DB, by, target *community.Actor, w *community.Warning, warning Warning) error {
	if err := s.mayWarn(ctx, tx, by, target, w, warning.From.Vouched); err != nil {
		return err
	}
	recent, err := tx.WarningsSince(ctx, w.TargetID, w.GroupID, s.now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if recent >= mostWarnings {
		return fault.New(fault.Forbidden, "%s was warned %d times today. More words will not help.", target.DisplayName(), recent)
	}
	if w.IRI == "" {
		w.IRI = s.mint("warn")
	}
	if err := tx.AddWarning(ctx, w); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: community.PersonWarned, ActorID: by.ID, GroupID: w.GroupID, PostID: w.PostID, CommentID: w.CommentID,
		TargetID: target.ID, ItemID: int64(w.ID), IRI: w.IRI, Reason: w.Reason, Raw: warning.From.Activity, At: w.CreatedAt,
	})
}

// mayWarn reports why by may not warn target. vouched says that a group
// elsewhere is known to have by as its moderator.
func (s *Service) mayWarn(ctx context.Context, tx *storage.DB, by, target *community.Actor, w *community.Warning, vouched bool) error {
	switch {
	case target.ID == by.ID:
		return fault.New(fault.Invalid, "Nobody needs to warn themselves.")
	case target.Gone() || target.IsGroup() || target.Kind == community.Application:
		return fault.New(fault.NotFound, "There is nobody to warn.")
	}
	if w.GroupID == 0 {
		may, err := tx.MayHere(ctx, by, community.SiteWarnings, s.now())
		if err == nil && !may {
			err = fault.New(fault.Forbidden, "Say in which group you warn. Only administrators warn in the name of the site.")
		}
		return err
	}
	if err := by.MaySpeak(s.now()); err != nil {
		return err
	}
	m, err := tx.Membership(ctx, w.GroupID, by.ID)
	if err != nil {
		return err
	}
	if err := m.Needs(community.WarnMembers, s.now()); err != nil && !vouched {
		return err
	}
	return s.takesPart(ctx, tx, target, w)
}

// takesPart reports why a group has nothing to say to target: they are not in
// it, and did not write there what the warning is about.
func (s *Service) takesPart(ctx context.Context, tx *storage.DB, target *community.Actor, w *community.Warning) error {
	wrong := fault.New(fault.Invalid, "%s did not write that in this group.", target.DisplayName())
	if w.CommentID != 0 {
		c, err := tx.Comment(ctx, w.CommentID)
		if err != nil || c.AuthorID == target.ID && c.GroupID == w.GroupID {
			return err
		}
		return wrong
	}
	if w.PostID != 0 {
		p, err := tx.Post(ctx, w.PostID)
		if err != nil || p.AuthorID == target.ID && p.GroupID == w.GroupID {
			return err
		}
		return wrong
	}
	m, err := tx.Membership(ctx, w.GroupID, target.ID)
	if err == nil && m == nil {
		err = fault.New(fault.Forbidden, "%s is not in this group. Warn about something that they wrote in it.", target.DisplayName())
	}
	return err
}

// Warnings lists what target was told, as far as reader may know: themselves
// all of it, moderators what was said in their groups.
func (s *Service) Warnings(ctx context.Context, reader, target *community.Actor, page community.Page) (_ []*community.WarningView, next string, err error) {
	defer fault.Wrap(&err, "reports.Warnings(%s, %s)", reader.Handle(), target.Handle())
	warner, err := s.warner(ctx, reader)
	if err != nil {
		return nil, "", err
	}
	list, next, err := s.DB.Warnings(ctx, target.ID, warner, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.warningViews(ctx, list)
	return views, next, err
}

// warner tells which warnings reader may know of.
func (s *Service) warner(ctx context.Context, reader *community.Actor) (w storage.WarningReader, err error) {
	w.ID = reader.ID
	if w.Admin, err = s.DB.MayHere(ctx, reader, community.SiteWarnings, s.now()); err != nil {
		return w, err
	}
	w.Groups, err = s.groups(ctx, reader.ID, community.WarnMembers)
	return w, err
}

func (s *Service) warningViews(ctx context.Context, list []*community.Warning) ([]*community.WarningView, error) {
	var ids []community.ActorID
	for _, w := range list {
		ids = append(ids, w.GroupID, w.TargetID, w.ByID)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.WarningView, len(list))
	for i, w := range list {
		views[i] = &community.WarningView{Warning: w, Group: actors[w.GroupID], Target: actors[w.TargetID], By: actors[w.ByID]}
	}
	return views, nil
}

// FindWarning returns a warning for who was given it or gave it.
func (s *Service) FindWarning(ctx context.Context, reader *community.Actor, id community.WarningID) (_ *community.WarningView, err error) {
	defer fault.Wrap(&err, "reports.FindWarning(%s, %d)", reader.Handle(), id)
	w, err := s.DB.Warning(ctx, id)
	if err != nil {
		return nil, err
	}
	if w.TargetID != reader.ID && w.ByID != reader.ID {
		return nil, nothing()
	}
	views, err := s.warningViews(ctx, []*community.Warning{w})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}
