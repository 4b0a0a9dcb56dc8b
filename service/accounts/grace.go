package accounts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Leave has who's account deleted after a grace, with all that they wrote where
// that is wanted. At once they are signed out everywhere, and nobody meets them
// any more. Who signs in until then can come back; see Return.
//
// Nobody ever met who is not let in yet, so all of them goes at once.
//
// It is a Conflict where Delete is.
func (s *Service) Leave(ctx context.Context, by *Who, all bool) (err error) {
	defer fault.Wrap(&err, "accounts.Leave(%s)", by.Actor.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		leaving, err := s.hold(ctx, tx, by.Account.ID)
		if err != nil {
			return err
		}
		if leaving.Actor.Leaving() {
			return leaving.Actor.Parting()
		}
		if err := mayLeave(ctx, tx, leaving); err != nil {
			return err
		}
		if leaving.Actor.Held() != nil {
			return tx.DropApplicant(ctx, leaving.Actor.ID, leaving.Account.ID)
		}
		now := s.now()
		leaving.Actor.LeavesAt, leaving.Actor.UpdatedAt = now.Add(community.LeaveGrace), now
		leaving.Account.LeavesAll, leaving.Account.LeaveReminded = all, false
		if err := tx.SetLeaving(ctx, leaving.Actor, leaving.Account); err != nil {
			return err
		}
		if err := tx.SignOutEverywhere(ctx, leaving.Account.ID); err != nil {
			return err
		}
		if err := tx.PostLetter(ctx, farewellLetter(leaving, now, false)); err != nil {
			return err
		}
		return tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: leaving.Actor.ID, At: now})
	})
}

// hold loads an account that may end, and makes others that end one wait.
func (s *Service) hold(ctx context.Context, tx *storage.DB, id community.AccountID) (*Who, error) {
	if err := tx.HoldLeaving(ctx); err != nil {
		return nil, err
	}
	account, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return nil, err
	}
	return who(ctx, tx, account.ID)
}

func farewellLetter(leaving *Who, now time.Time, again bool) community.Letter {
	words := map[string]string{"until": leaving.Actor.LeavesAt.UTC().Format(community.LetterDay)}
	if again {
		words["again"] = "yes"
	}
	return community.Letter{Kind: community.LeavingSoon, AccountID: leaving.Account.ID, Words: words, At: now}
}

// Return has somebody who was leaving stay. Who was not stays as well.
func (s *Service) Return(ctx context.Context, by *Who) (err error) {
	defer fault.Wrap(&err, "accounts.Return(%s)", by.Actor.Handle())
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		back, err := s.hold(ctx, tx, by.Account.ID)
		if err != nil || !back.Actor.Leaving() {
			return err
		}
		now := s.now()
		back.Actor.LeavesAt, back.Actor.UpdatedAt = time.Time{}, now
		back.Account.LeavesAll, back.Account.LeaveReminded = false, false
		if err := tx.SetLeaving(ctx, back.Actor, back.Account); err != nil {
			return err
		}
		by.Actor.LeavesAt = time.Time{}
		return tx.Record(ctx, community.Fact{Kind: community.PersonEdited, ActorID: back.Actor.ID, At: now})
	})
}

// leaveOnce bounds how many accounts end in one run.
const leaveOnce = 100

// EndGraces deletes the accounts whose grace is over, and reminds those who
// have only a little of it left.
func (s *Service) EndGraces(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "accounts.EndGraces")
	now := s.now()
	due, err := s.DB.LeavingBefore(ctx, now, false, leaveOnce)
	if err != nil {
		return err
	}
	var failed error
	for _, account := range due {
		// One who cannot go by now (everybody else who looks after a group
		// went) keeps nobody else.
		if err := s.endGrace(ctx, account); err != nil {
			failed = err
		}
	}
	if failed != nil {
		return failed
	}
	return s.remind(ctx, now)
}

func (s *Service) endGrace(ctx context.Context, account *community.Account) error {
	leaving, err := who(ctx, s.DB, account.ID)
	if err != nil {
		return err
	}
	return s.Delete(ctx, leaving, account.LeavesAll)
}

func (s *Service) remind(ctx context.Context, now time.Time) error {
	soon, err := s.DB.LeavingBefore(ctx, now.Add(community.LeaveReminder), true, leaveOnce)
	if err != nil {
		return err
	}
	for _, account := range soon {
		err := s.DB.InTx(ctx, func(tx *storage.DB) error {
			leaving, err := s.hold(ctx, tx, account.ID)
			if err != nil || !leaving.Actor.Leaving() || leaving.Account.LeaveReminded {
				return err
			}
			leaving.Account.LeaveReminded = true
			if err := tx.SetLeaving(ctx, leaving.Actor, leaving.Account); err != nil {
				return err
			}
			return tx.PostLetter(ctx, farewellLetter(leaving, now, true))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
