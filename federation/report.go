package federation

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/federation/as"
	"drystone/service/reports"
)

// maxFlagged bounds the things that one Flag is about.
const maxFlagged = 10

// isReport reports whether an activity is about a report: such a thing is
// between a few servers, and its group passes it on to them whether or not
// anybody there follows the group.
func isReport(d as.Doc) bool {
	if inner, ok := d.Embedded("object"); ok && d.Kind() == as.KindUndo {
		d = inner
	}
	return d.Kind() == as.KindFlag || d.Kind() == as.KindResolve
}

// onlyReports reports whether all that an Announce holds is about reports.
func onlyReports(announce as.Doc) bool {
	embedded := announce.Embeddeds("object")
	for _, inner := range embedded {
		if !isReport(inner) {
			return false
		}
	}
	return len(embedded) > 0 && len(embedded) == len(announce.Refs("object"))
}

// flag handles Flag: somebody elsewhere, or a whole server in the name of
// somebody whom it does not give away, reports posts, comments or an actor.
// Each thing is a report of its own. That a group announces it is taken on the
// group's word, for what is in it.
func (s *Server) flag(ctx context.Context, r *received) error {
	subjects, err := s.flagged(ctx, r)
	if err != nil {
		return err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	draft := reports.Draft{
		// Lemmy and Mbin write the reason into one, microblogs into the other.
		Reason: firstOf(r.doc.Text("summary"), r.doc.Text("content")),
		Scope:  community.ToModerators, From: r.origin(r.doc.ID()),
	}
	if draft.Group, err = s.flaggedIn(ctx, r); err != nil {
		return err
	}
	var refused error
	filed := false
	for _, subject := range subjects {
		_, err := s.Reports.File(ctx, by, subject, draft)
		switch code := fault.CodeOf(err); {
		case err == nil:
			filed = true
		case code == fault.Internal || code == fault.Unavailable:
			return err
		default:
			refused = err
		}
	}
	if filed {
		return nil
	}
	return refused
}

// flagged lists what a Flag is about: posts and comments that we know, or else
// the first actor. Microblogs name the author before what they wrote, Mbin
// after it.
func (s *Server) flagged(ctx context.Context, r *received) ([]community.Subject, error) {
	refs := r.doc.Refs("object")
	var things, actors []community.Subject
	for _, iri := range refs[:min(len(refs), maxFlagged)] {
		found, err := s.find(ctx, iri)
		if err == nil {
			if err := found.within(r); err != nil {
				return nil, err
			}
			things = append(things, found.subject())
			continue
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		actor, err := s.DB.ActorByIRI(ctx, iri)
		if err == nil {
			actors = append(actors, community.Subject{Kind: community.SubjectActor, ID: int64(actor.ID)})
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	switch {
	case len(things) > 0:
		return things, nil
	case len(actors) > 0:
		return actors[:1], nil
	}
	return nil, fault.New(fault.NotFound, "The report is about nothing that is known here.")
}

// flaggedIn returns the group whose moderators a Flag about a person is for;
// nil if it names none.
func (s *Server) flaggedIn(ctx context.Context, r *received) (*community.Actor, error) {
	if r.via != nil {
		return r.via, nil
	}
	to := r.doc.Audience()
	for _, iri := range to[:min(len(to), maxAddressees)] {
		if group, err := s.groupHere(ctx, iri, false); group != nil || err != nil {
			return group, err
		}
	}
	return nil, nil
}

// undoFlag handles Undo{Flag}, by which NodeBB takes a report back.
func (s *Server) undoFlag(ctx context.Context, r *received, inner as.Doc) error {
	list, err := s.reported(ctx, r, inner.ID())
	if err != nil {
		return err
	}
	by, err := s.DB.ActorByIRI(ctx, r.actor)
	if err != nil {
		return err
	}
	for _, report := range list {
		if err := s.Reports.Withdraw(ctx, by, report.ID, r.origin(r.doc.ID())); err != nil {
			return err
		}
	}
	return nil
}

// reported finds the reports that a Flag made. A group speaks for those in it
// and for no others.
func (s *Server) reported(ctx context.Context, r *received, flag string) ([]*community.Report, error) {
	if flag == "" {
		return nil, fault.New(fault.Invalid, "The %s does not say which report it means.", r.doc.Kind())
	}
	list, err := s.DB.ReportsByIRI(ctx, flag)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "The report %.200q is not known here.", flag)
	}
	for _, report := range list {
		if r.via != nil && report.GroupID != r.via.ID {
			return nil, fault.New(fault.Forbidden, "%s announces what is not in it.", r.via.Handle())
		}
	}
	return list, nil
}

// resolveFlag handles Resolve{Flag}, by which Lemmy says that a moderator has
// dealt with a report. What they said in its summary is for the reporter.
func (s *Server) resolveFlag(ctx context.Context, r *received) error {
	list, err := s.reported(ctx, r, r.doc.Ref("object"))
	if err != nil {
		return err
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	for _, report := range list {
		from := r.origin(r.doc.ID())
		if report.GroupID != 0 {
			if from, err = s.moderator(ctx, r, by, report.GroupID); err != nil {
				return err
			}
		}
		err := s.Reports.Handle(ctx, by, report.ID, reports.Verdict{
			State: community.ResolvedReport, Note: r.doc.Text("summary"), Tell: true, From: from,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// warn handles Warn, by which Lemmy's moderators warn people: object is what
// they wrote, or they themselves. It comes from the moderator, and the group
// is named beside it.
func (s *Server) warn(ctx context.Context, r *received) error {
	group, err := s.DB.ActorByIRI(ctx, firstOf(r.doc.Ref("target"), r.doc.Ref("audience")))
	if err != nil {
		return err
	}
	if !group.IsGroup() || group.Gone() {
		return fault.New(fault.Invalid, "The warning names no group.")
	}
	warning := reports.Warning{Group: group, Reason: r.doc.Text("summary")}
	target, err := s.warned(ctx, r, &warning)
	if err != nil {
		return err
	}
	if !target.Local() && !group.Local() {
		return fault.New(fault.Forbidden, "The warning is for nobody here.")
	}
	by, err := s.actor(ctx, r.actor)
	if err != nil {
		return err
	}
	if warning.From, err = s.mayModerate(ctx, r, by, group); err != nil {
		return err
	}
	_, err = s.Reports.Warn(ctx, by, target, warning)
	return err
}

// warned finds whom a Warn is for, and what it is about.
func (s *Server) warned(ctx context.Context, r *received, warning *reports.Warning) (*community.Actor, error) {
	iri := r.doc.Ref("object")
	found, err := s.find(ctx, iri)
	if fault.Is(err, fault.NotFound) {
		return s.DB.ActorByIRI(ctx, iri)
	}
	if err != nil {
		return nil, err
	}
	warning.Post, warning.Comment = found.spot()
	return s.DB.Actor(ctx, found.author())
}
