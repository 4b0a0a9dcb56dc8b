package accounts

import (
	"context"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Where the host asks that newcomers confirm their mail address, their actor is
// a community.Newcomer until they did: somebody with an account whom nobody
// meets, like an applicant. Who was here before is not asked.

func needsMail() error { return fault.Field("email", "This server asks for a mail address.") }

// byProvider is the way in of those whom a company vouches for. Where it says
// that the mail address is theirs, nobody asks again.
func (s *Service) byProvider(ctx context.Context) func(*storage.DB) (*way, error) {
	return func(tx *storage.DB) (*way, error) {
		j, err := s.joinings(ctx, tx)
		if err != nil {
			return nil, err
		}
		return &way{verify: j.NeedsMail(tx.SendsLetters()), vouched: true}, nil
	}
}

// placeAgain brings somebody, now that they are let in, into the groups that
// they were kept out of before.
func (s *Service) placeAgain(ctx context.Context, who *Who) error {
	if s.Provider == nil || who.Actor.Kind != community.Person {
		return nil
	}
	names, err := s.DB.Enrolments(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := s.Provider.Enrol(ctx, who.Actor, name)
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Forbidden) {
			return err
		}
	}
	return nil
}

// standing settles what is waited for before somebody new is let in.
func (s *Service) standing(ctx context.Context, tx *storage.DB, w *way, made *Who) error {
	if w.vouched && made.Account.Email != "" {
		_, err := tx.AccountByEmail(ctx, made.Account.Email)
		switch {
		case fault.Is(err, fault.NotFound):
			made.Account.EmailVerifiedAt = s.now()
		case err != nil:
			return err
		}
	}
	switch {
	case w.verify && made.Account.VerifiedEmail() == "":
		made.Actor.Kind = community.Newcomer
	case w.admit != nil:
		made.Actor.Kind = community.Applicant
	}
	return nil
}

// askNewcomer asks somebody who joins whether the address that they gave is
// theirs.
func (s *Service) askNewcomer(ctx context.Context, tx *storage.DB, made *Who) error {
	if made.Account.Email == "" || made.Account.VerifiedEmail() != "" {
		return nil
	}
	err := s.askToConfirm(ctx, tx, made.Account, made.Account.Email)
	if fault.Is(err, fault.RateLimited) {
		return nil // which is no reason to turn them away
	}
	return err
}

// verified lets somebody in who was only waited for because of their address.
// Who also applied waits on, unless they were accepted meanwhile.
func (s *Service) verified(ctx context.Context, tx *storage.DB, actor *community.Actor) error {
	if err := tx.HoldStanding(ctx, actor.ID); err != nil {
		return err
	}
	now, err := tx.Actor(ctx, actor.ID)
	if err != nil || now.Kind != community.Newcomer {
		return err
	}
	admission, err := tx.AdmissionOf(ctx, actor.ID)
	switch {
	case err == nil && admission.State != community.AdmissionAccepted:
		actor.Kind = community.Applicant
	case err == nil || fault.Is(err, fault.NotFound):
		actor.Kind = community.Person
	default:
		return err
	}
	if err := tx.SetStanding(ctx, actor.ID, actor.Kind, s.now()); err != nil || actor.Held() != nil {
		return err
	}
	return s.comeIn(ctx, tx, actor)
}

// EndWaits forgets who did not confirm their address for
// community.UnverifiedKept. Where nobody has to any more, because the host
// changed their mind or the server sends no mail now, all are let in instead.
func (s *Service) EndWaits(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "accounts.EndWaits")
	j, err := s.joinings(ctx, s.DB)
	if err != nil {
		return err
	}
	needed := j.NeedsMail(s.DB.SendsLetters())
	before := s.now()
	if needed {
		before = before.Add(-community.UnverifiedKept)
	}
	const most = 100
	for {
		list, err := s.DB.Newcomers(ctx, before, most)
		if err != nil {
			return err
		}
		for _, account := range list {
			if err := s.endWait(ctx, account.ID, needed); err != nil {
				return err
			}
		}
		if len(list) < most {
			return nil
		}
	}
}

func (s *Service) endWait(ctx context.Context, id community.AccountID, needed bool) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return nil // another process was faster
		}
		if err != nil {
			return err
		}
		actor, err := tx.Actor(ctx, account.ActorID)
		switch {
		case err != nil || actor.Kind != community.Newcomer:
			return err
		case needed:
			return tx.DropApplicant(ctx, actor.ID, account.ID)
		}
		return s.verified(ctx, tx, actor)
	})
}
