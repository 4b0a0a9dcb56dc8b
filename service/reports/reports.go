// Package reports is the use cases of saying that something is wrong, of
// whoever looks after a group or the site answering that, and of warning
// somebody.
//
// What is done about a report, such as a removal or a ban, belongs to the
// slices that own it; a report only remembers that it was dealt with, and how.
// A report is between its reporter and those who are asked to look: nobody
// else learns that it exists.
package reports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB     *storage.DB
	Origin string // scheme://host of this server
	Now    func() time.Time
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// mint makes the id of a Flag or a Warn of ours.
func (s *Service) mint(kind string) string {
	return s.Origin + "/activities/" + kind + "/" + uuid.NewString()
}

// A Draft is what somebody says about a subject.
type Draft struct {
	Reason string
	Scope  community.ReportScope
	Group  *community.Actor // of an actor only: whose moderators shall look; nil: the administrators
	Quote  bool             // of a message only: those who look after its sender's server may read it
	From   community.Origin
}

// A matter is what a report is about, with those who could look at it.
type matter struct {
	group      *community.Actor // nil: the site
	target     *community.Actor
	post       *community.Post
	comment    *community.Comment
	message    *community.Message
	moderators []*community.Actor // who deal with its reports, of this server, without the target
	judged     bool               // the target moderates the group
}

// File reports a subject. Who says again what waits already has said it once:
// the report that waits is returned.
func (s *Service) File(ctx context.Context, by *community.Actor, subject community.Subject, draft Draft) (_ *community.Report, err error) {
	defer fault.Wrap(&err, "reports.File(%s, %v)", by.Handle(), subject)
	if by.Local() {
		if err := community.CheckComplaint(draft.Reason); err != nil {
			return nil, err
		}
	}
	var report *community.Report
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		m, err := s.matter(ctx, tx, by, subject, draft)
		if err != nil {
			return err
		}
		if err := m.concerns(by); err != nil {
			return err
		}
		if err := tx.HoldReporter(ctx, by.ID); err != nil {
			return err
		}
		report = s.newReport(by, m, draft)
		if err := tx.HoldReported(ctx, report); err != nil {
			return err
		}
		words := m.words()
		words.Forget, words.TakenAt = m.target.Gone(), s.now()
		return s.file(ctx, tx, by, &report, words, draft.From)
	})
	return report, err
}

func (s *Service) newReport(by *community.Actor, m *matter, draft Draft) *community.Report {
	r := &community.Report{
		IRI: draft.From.IRI, ReporterID: by.ID, TargetID: m.target.ID, Reason: community.FitReason(draft.Reason),
		Scope: draft.Scope, State: community.OpenReport, Raw: draft.From.Activity, CreatedAt: s.now(),
	}
	if r.IRI == "" {
		r.IRI = s.mint("flag")
	}
	if m.message != nil {
		r.MessageID, r.Quoted = m.message.ID, draft.Quote
	}
	if m.group == nil || r.Scope != community.ToModerators {
		r.Scope = community.ToAdmins
	}
	if m.group != nil {
		r.GroupID = m.group.ID
	}
	if m.post != nil {
		r.PostID = m.post.ID
	}
	if m.comment != nil {
		r.CommentID = m.comment.ID
	}
	r.ForAdmins = r.Scope == community.ToAdmins || m.judged || len(m.moderators) == 0 && (m.group.Local() || m.target.Local())
	return r
}

// file stores a report with the words that it is about, unless it repeats one,
// which takes its place. A server speaks for many who do not know of each
// other: what each of them says is kept.
func (s *Service) file(ctx context.Context, tx *storage.DB, by *community.Actor, report **community.Report, words *community.Snapshot, from community.Origin) error {
	r := *report
	same, err := tx.SameReport(ctx, r)
	if err != nil {
		return err
	}
	if same != nil {
		*report = same
		return s.again(ctx, tx, by, same, r, words)
	}
	waiting, err := tx.OpenReportsBy(ctx, by.ID, community.MostOpenReports)
	if err != nil {
		return err
	}
	if waiting >= community.MostOpenReports {
		return fault.New(fault.Forbidden, "%d of your reports are waiting already. Give people time to look at them.", waiting)
	}
	fact := s.fact(community.ReportFiled, by, r, from)
	lead, err := tx.OpenCase(ctx, r)
	if err != nil {
		return err
	}
	if lead != nil {
		if fact.Value, err = join(ctx, tx, r, lead); err != nil {
			return err
		}
	}
	if err := tx.AddReport(ctx, r); err != nil {
		return err
	}
	fact.ItemID = int64(r.ID)
	if err := keep(ctx, tx, r.CaseID, words); err != nil {
		return err
	}
	return tx.Record(ctx, fact)
}

// again is a report that waits already, or that was dealt with and comes a
// second time over the wire.
func (s *Service) again(ctx context.Context, tx *storage.DB, by *community.Actor, same, r *community.Report, words *community.Snapshot) error {
	if !same.Open() {
		return nil
	}
	if err := keep(ctx, tx, same.CaseID, words); err != nil {
		return err
	}
	if by.Kind != community.Application || same.IRI == r.IRI {
		return nil
	}
	same.Reason = community.FitReason(same.Reason + "\n" + r.Reason)
	return tx.SaveReport(ctx, same)
}

func (s *Service) fact(kind community.FactKind, by *community.Actor, r *community.Report, from community.Origin) community.Fact {
	return community.Fact{
		Kind: kind, ActorID: by.ID, GroupID: r.GroupID, PostID: r.PostID, CommentID: r.CommentID, TargetID: r.TargetID,
		ItemID: int64(r.ID), IRI: r.IRI, Reason: r.Reason, Raw: from.Activity, At: s.now(),
	}
}

// matter loads what is reported, as far as by can see it. What somebody cannot
// see they cannot report either, and learn no more of it than of what does not
// exist (CVE-2024-23649).
func (s *Service) matter(ctx context.Context, tx *storage.DB, by *community.Actor, subject community.Subject, draft Draft) (*matter, error) {
	m := &matter{group: draft.Group}
	target, group, err := s.load(ctx, tx, m, by, subject)
	if err != nil {
		return nil, err
	}
	if m.target, err = tx.Actor(ctx, target); err != nil {
		return nil, err
	}
	if group != 0 {
		if m.group, err = tx.Actor(ctx, group); err != nil {
			return nil, err
		}
	}
	if m.group != nil {
		if sees, err := tx.MayRead(ctx, by, m.group.ID); err != nil || !sees {
			if err == nil {
				err = nothing()
			}
			return nil, err
		}
	}
	if m.target.ID == by.ID {
		return nil, fault.New(fault.Invalid, "This is yours: you can change or delete it yourself.")
	}
	if m.target.Gone() && m.post == nil && m.message == nil {
		return nil, fault.New(fault.NotFound, "%s is gone.", m.target.Handle())
	}
	if m.group == nil {
		return m, nil
	}
	return m, s.readers(ctx, tx, m)
}

// load fills in what subject names, and returns who wrote it and where; for an
// actor, only the actor.
func (s *Service) load(ctx context.Context, tx *storage.DB, m *matter, by *community.Actor, subject community.Subject) (target, group community.ActorID, err error) {
	switch subject.Kind {
	case community.SubjectPost:
		if m.post, err = tx.Post(ctx, community.PostID(subject.ID)); err != nil {
			return 0, 0, err
		}
		if m.post.Hidden() {
			return 0, 0, nothing()
		}
		return m.post.AuthorID, m.post.GroupID, nil
	case community.SubjectComment:
		if m.comment, err = tx.Comment(ctx, community.CommentID(subject.ID)); err != nil {
			return 0, 0, err
		}
		if m.comment.Hidden() {
			return 0, 0, nothing()
		}
		m.post, err = tx.Post(ctx, m.comment.PostID)
		return m.comment.AuthorID, m.comment.GroupID, err
	case community.SubjectMessage:
		// Who got it can report it while it is there for them, and nobody else
		// can: to all others it is as if it had never been.
		m.group = nil
		m.message, err = tx.Message(ctx, community.MessageID(subject.ID))
		if err == nil && (!m.message.SeenBy(by.ID) || m.message.Deleted()) {
			err = nothing()
		}
		if err != nil {
			return 0, 0, err
		}
		return m.message.SenderID, 0, nil
	}
	return community.ActorID(subject.ID), 0, nil
}

// readers finds who of this server deals with the reports of the group.
func (s *Service) readers(ctx context.Context, tx *storage.DB, m *matter) error {
	moderators, err := tx.Trusted(ctx, m.group.ID, community.HandleReports, s.now())
	if err != nil {
		return err
	}
	for _, a := range moderators {
		switch {
		case a.ID == m.target.ID:
			m.judged = true
		case a.Local() && !a.Gone():
			m.moderators = append(m.moderators, a)
		}
	}
	return nil
}

// concerns reports why what somebody elsewhere says is no business of ours:
// the group is not ours, nobody here moderates it, and nobody here wrote it.
func (m *matter) concerns(by *community.Actor) error {
	if by.Local() || m.target.Local() || m.group != nil && m.group.Local() || len(m.moderators) > 0 {
		return nil
	}
	return fault.New(fault.Forbidden, "What %s reports concerns nobody here.", by.Handle())
}

// Withdraw takes back a report that waits; its reporter may.
func (s *Service) Withdraw(ctx context.Context, by *community.Actor, id community.ReportID, from community.Origin) (err error) {
	defer fault.Wrap(&err, "reports.Withdraw(%s, %d)", by.Handle(), id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		r, can, err := s.hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if r.ReporterID != by.ID {
			return fault.New(fault.Forbidden, "Only who made a report can take it back.")
		}
		if r.State == community.WithdrawnReport {
			return nil
		}
		if !can.Withdraw {
			return fault.New(fault.Conflict, "Somebody has dealt with this report already.")
		}
		r.State, r.HandledAt = community.WithdrawnReport, s.now()
		if err := tx.SaveReport(ctx, r); err != nil {
			return err
		}
		if err := tx.SettleCase(ctx, r.CaseID); err != nil {
			return err
		}
		return tx.Record(ctx, s.fact(community.ReportWithdrawn, by, r, from))
	})
}

// hold loads a report for a change by somebody who may see it; to others it
// does not exist.
func (s *Service) hold(ctx context.Context, tx *storage.DB, by *community.Actor, id community.ReportID) (*community.Report, community.ReportRights, error) {
	r, err := tx.HoldReport(ctx, id)
	if err != nil {
		return nil, community.ReportRights{}, err
	}
	can, err := s.rights(ctx, tx, by, r)
	if err == nil && !can.See {
		err = nothing()
	}
	return r, can, err
}

// nothing is what storage says of what is not there, and we of what is not
// there for whoever asks.
func nothing() error { return fault.New(fault.NotFound, "There is nothing here by that name.") }

// rights tells what by may do with a report.
func (s *Service) rights(ctx context.Context, tx *storage.DB, by *community.Actor, r *community.Report) (community.ReportRights, error) {
	admin, alone, err := s.administers(ctx, tx, by)
	if err != nil {
		return community.ReportRights{}, err
	}
	m, err := tx.Membership(ctx, r.GroupID, by.ID)
	if err != nil {
		return community.ReportRights{}, err
	}
	return r.RightsOn(by.ID, m, admin, alone, s.now()), nil
}

// administers reports whether by deals with the reports of this server, and
// nobody else.
func (s *Service) administers(ctx context.Context, tx *storage.DB, by *community.Actor) (admin, alone bool, err error) {
	if !by.Local() {
		return false, false, nil
	}
	admins, err := tx.TrustedHere(ctx, community.SiteReports, s.now())
	for _, a := range admins {
		admin = admin || a == by.ID
	}
	return admin, len(admins) == 1, err
}
