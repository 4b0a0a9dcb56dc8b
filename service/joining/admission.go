package joining

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Applications lists who applied, the oldest first, and returns the cursor of
// the next page. open chooses those that somebody has still to decide.
func (s *Service) Applications(ctx context.Context, by *community.Actor, open bool, page community.Page) (_ []*community.AdmissionView, next string, err error) {
	defer fault.Wrap(&err, "joining.Applications")
	if err := s.mayReview(ctx, s.DB, by); err != nil {
		return nil, "", err
	}
	states := []community.AdmissionState{community.AdmissionAccepted, community.AdmissionRefused}
	if open {
		states = []community.AdmissionState{community.AdmissionWaiting, community.AdmissionAsked}
	}
	list, next, err := s.DB.Admissions(ctx, states, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, list)
	return views, next, err
}

func (s *Service) views(ctx context.Context, list []*community.Admission) ([]*community.AdmissionView, error) {
	var ids []community.ActorID
	for _, a := range list {
		ids = append(ids, a.ActorID, a.DecidedBy)
	}
	actors, err := s.DB.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]*community.AdmissionView, 0, len(list))
	for _, a := range list {
		v := &community.AdmissionView{Admission: a, Actor: actors[a.ActorID], Decider: actors[a.DecidedBy]}
		account, err := s.DB.AccountOf(ctx, a.ActorID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil {
			v.Email, v.Verified = account.Email, account.VerifiedEmail() != ""
		}
		views = append(views, v)
	}
	return views, nil
}

// Waiting counts the applications that wait for whoever may review; 0 for
// others.
func (s *Service) Waiting(ctx context.Context, by *community.Actor) (_ int64, err error) {
	defer fault.Wrap(&err, "joining.Waiting")
	if err := s.mayReview(ctx, s.DB, by); err != nil {
		if fault.Is(err, fault.Forbidden) {
			return 0, nil
		}
		return 0, err
	}
	waiting, _, err := s.DB.CountAdmissions(ctx)
	return waiting, err
}

// Accept lets an applicant in. From then on they are somebody here like
// everybody else; or, who has still to confirm their mail address, once they
// did. A refused one can be accepted too, while they are still kept.
func (s *Service) Accept(ctx context.Context, by *community.Actor, id community.AdmissionID) (_ *community.AdmissionView, err error) {
	defer fault.Wrap(&err, "joining.Accept(%d)", id)
	return s.decide(ctx, by, id, func(tx *storage.DB, a *community.Admission) error {
		if a.State == community.AdmissionAccepted {
			return fault.New(fault.Conflict, "They were let in already.")
		}
		now := s.now()
		a.State, a.Reason, a.DecidedBy, a.DecidedAt = community.AdmissionAccepted, "", by.ID, now
		if err := admit(ctx, tx, a, now); err != nil {
			return err
		}
		if err := s.write(ctx, tx, a, community.ApplicantLetIn, "", "/"); err != nil {
			return err
		}
		return s.decided(ctx, tx, by, a, community.PersonAdmitted)
	})
}

// admit makes a person of an accepted applicant, unless their mail address is
// still waited for: then service/accounts does, once it is confirmed.
func admit(ctx context.Context, tx *storage.DB, a *community.Admission, now time.Time) error {
	if err := tx.HoldStanding(ctx, a.ActorID); err != nil {
		return err
	}
	actor, err := tx.Actor(ctx, a.ActorID)
	if err != nil || actor.Kind != community.Applicant {
		return err
	}
	if err := tx.SetStanding(ctx, a.ActorID, community.Person, now); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.PersonJoined, ActorID: a.ActorID, At: now})
}

// Refuse turns an applicant away, with a reason that they read. Their account
// and all that they said goes after community.AdmissionKept.
func (s *Service) Refuse(ctx context.Context, by *community.Actor, id community.AdmissionID, reason string) (_ *community.AdmissionView, err error) {
	defer fault.Wrap(&err, "joining.Refuse(%d)", id)
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, fault.Field("reason", "Say why, in a sentence: they read it.")
	}
	if err := community.CheckReason(reason); err != nil {
		return nil, err
	}
	return s.decide(ctx, by, id, func(tx *storage.DB, a *community.Admission) error {
		if !a.Open() {
			return fault.New(fault.Conflict, "Somebody decided this already.")
		}
		a.State, a.Reason, a.DecidedBy, a.DecidedAt = community.AdmissionRefused, reason, by.ID, s.now()
		if err := s.write(ctx, tx, a, community.ApplicantTurnedAway, reason, "/join"); err != nil {
			return err
		}
		return s.decided(ctx, tx, by, a, community.PersonTurnedAway)
	})
}

// Ask asks an applicant something back. They answer with Reply.
func (s *Service) Ask(ctx context.Context, by *community.Actor, id community.AdmissionID, question string) (_ *community.AdmissionView, err error) {
	defer fault.Wrap(&err, "joining.Ask(%d)", id)
	if question, err = said("question", "The question", question); err != nil {
		return nil, err
	}
	return s.decide(ctx, by, id, func(tx *storage.DB, a *community.Admission) error {
		if !a.Open() {
			return fault.New(fault.Conflict, "Somebody decided this already.")
		}
		a.State, a.Question, a.Reply = community.AdmissionAsked, question, ""
		if err := s.write(ctx, tx, a, community.ApplicantAskedBack, question, "/join"); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{
			Kind: community.ApplicantAsked, ActorID: by.ID, TargetID: a.ActorID, ItemID: int64(a.ID), At: s.now(),
		})
	})
}

// said is text that must be there.
func said(field, what, text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return "", fault.Field(field, "%s must not be empty.", what)
	}
	return text, community.CheckAnswer(field, what, text)
}

// decide changes an admission in one transaction, and returns it as reviewers
// see it.
func (s *Service) decide(ctx context.Context, by *community.Actor, id community.AdmissionID, f func(*storage.DB, *community.Admission) error) (*community.AdmissionView, error) {
	var changed *community.Admission
	err := s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := s.mayReview(ctx, tx, by); err != nil {
			return err
		}
		a, err := tx.HoldAdmission(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return fault.Because(err, fault.NotFound, "There is no such application, or not any more.")
		}
		if err != nil {
			return err
		}
		if err := f(tx, a); err != nil {
			return err
		}
		changed = a
		return tx.SaveAdmission(ctx, a)
	})
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, []*community.Admission{changed})
	if err != nil {
		return nil, err
	}
	return views[0], nil
}

// write tells an applicant by mail, where they confirmed an address.
func (s *Service) write(ctx context.Context, tx *storage.DB, a *community.Admission, what, text, path string) error {
	account, err := tx.AccountOf(ctx, a.ActorID)
	if err != nil {
		return err
	}
	return tx.PostLetter(ctx, community.Letter{
		Kind: community.AdmissionDecided, AccountID: account.ID, Path: path, Words: map[string]string{"what": what, "text": text}, At: s.now(),
	})
}

// decided tells of a decision and writes it down. Of whom it was that was
// turned away, the log says nothing: nothing of them is to stay.
func (s *Service) decided(ctx context.Context, tx *storage.DB, by *community.Actor, a *community.Admission, kind community.FactKind) error {
	d := &community.Decision{Kind: kind, ActorID: by.ID, CreatedAt: s.now()}
	if kind == community.PersonAdmitted {
		d.TargetID = a.ActorID
	}
	if err := tx.AddDecision(ctx, d); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{
		Kind: kind, ActorID: by.ID, TargetID: a.ActorID, ItemID: int64(a.ID), Reason: a.Reason, At: s.now(),
	})
}

// Mine returns what became of somebody's own application. It is NotFound for
// those who never applied, or whose application is forgotten.
func (s *Service) Mine(ctx context.Context, who *community.Actor) (_ *community.Admission, err error) {
	defer fault.Wrap(&err, "joining.Mine(%d)", who.ID)
	a, err := s.DB.AdmissionOf(ctx, who.ID)
	return a, noAdmission(err)
}

func noAdmission(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.NotFound, "You did not apply, or it was long ago.")
	}
	return err
}

// Reply answers what a reviewer asked.
func (s *Service) Reply(ctx context.Context, who *community.Actor, text string) (_ *community.Admission, err error) {
	defer fault.Wrap(&err, "joining.Reply(%d)", who.ID)
	if text, err = said("reply", "The answer", text); err != nil {
		return nil, err
	}
	var changed *community.Admission
	err = s.own(ctx, who, func(tx *storage.DB, a *community.Admission) error {
		if a.State != community.AdmissionAsked {
			return fault.New(fault.Conflict, "Nobody waits for an answer of yours.")
		}
		a.State, a.Reply = community.AdmissionWaiting, text
		if err := tx.SaveAdmission(ctx, a); err != nil {
			return err
		}
		changed = a
		return tx.Record(ctx, community.Fact{Kind: community.AdmissionReplied, ActorID: who.ID, ItemID: int64(a.ID), At: s.now()})
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// Withdraw takes an application back: nothing of it, of the account or of the
// name stays.
func (s *Service) Withdraw(ctx context.Context, who *community.Actor) (err error) {
	defer fault.Wrap(&err, "joining.Withdraw(%d)", who.ID)
	return s.own(ctx, who, func(tx *storage.DB, a *community.Admission) error {
		if a.State == community.AdmissionAccepted {
			return fault.New(fault.Conflict, "You were let in already. You can delete your account in the settings.")
		}
		return drop(ctx, tx, a)
	})
}

// own holds somebody's own application.
func (s *Service) own(ctx context.Context, who *community.Actor, f func(*storage.DB, *community.Admission) error) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		known, err := tx.AdmissionOf(ctx, who.ID)
		if err != nil {
			return noAdmission(err)
		}
		a, err := tx.HoldAdmission(ctx, known.ID)
		if err != nil {
			return err
		}
		return f(tx, a)
	})
}
