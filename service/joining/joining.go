// Package joining is what happens around the door of the server: the work that
// browsers do before they knock, who applies and what becomes of it, and who
// invites whom.
//
// Making the account belongs to service/accounts, which asks the same rules of
// community; how people may come in at all is settled in service/instance.
package joining

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Service holds what the use cases need.
type Service struct {
	DB  *storage.DB
	Now func() time.Time
	// Joining tells how people come here.
	Joining func(ctx context.Context, db *storage.DB) (*community.Joining, error)
}

func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Settled returns how people come here.
func (s *Service) Settled(ctx context.Context) (_ *community.Joining, err error) {
	defer fault.Wrap(&err, "joining.Settled")
	return s.Joining(ctx, s.DB)
}

// Challenge returns work for a browser that is about to make an account. The
// more accounts were made in the last hour, the more it is.
func (s *Service) Challenge(ctx context.Context) (_ *community.Challenge, err error) {
	defer fault.Wrap(&err, "joining.Challenge")
	j, err := s.Joining(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	made, err := s.DB.Arrivals(ctx, s.now().Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	key, err := s.DB.DoorKey(ctx, s.now())
	if err != nil {
		return nil, err
	}
	c := community.NewChallenge(key, drawn(18), community.Hardened(j.Proof, made), s.now())
	return &c, nil
}

// Forget ends what is kept for some time only: refused applicants with all
// that is theirs, what accepted ones answered, and where people came from.
func (s *Service) Forget(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "joining.Forget")
	if err := s.DB.DropArrivals(ctx, s.now().Add(-community.ArrivalLife)); err != nil {
		return err
	}
	const most = 100
	for {
		old, err := s.DB.OldAdmissions(ctx, s.now().Add(-community.AdmissionKept), most)
		if err != nil {
			return err
		}
		for _, a := range old {
			if err := s.forget(ctx, a.ID); err != nil {
				return err
			}
		}
		if len(old) < most {
			return nil
		}
	}
}

func (s *Service) forget(ctx context.Context, id community.AdmissionID) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		a, err := tx.HoldAdmission(ctx, id)
		if fault.Is(err, fault.NotFound) {
			return nil // another process was faster
		}
		switch {
		case err != nil:
			return err
		case a.State == community.AdmissionRefused:
			return drop(ctx, tx, a)
		case a.State == community.AdmissionAccepted:
			return tx.DropAdmission(ctx, a.ID)
		}
		return nil
	})
}

// drop forgets an applicant.
func drop(ctx context.Context, tx *storage.DB, a *community.Admission) error {
	account, err := tx.AccountOf(ctx, a.ActorID)
	if err != nil {
		return err
	}
	return tx.DropApplicant(ctx, a.ActorID, account.ID)
}

// mayReview reports why by may not decide who comes in, nor see who applied.
// It is the one place that says who may.
func (s *Service) mayReview(ctx context.Context, db *storage.DB, by *community.Actor) error {
	return s.needs(ctx, db, by, community.SiteApplications)
}

// needs reports that somebody is not trusted with something.
func (s *Service) needs(ctx context.Context, db *storage.DB, by *community.Actor, p community.Permission) error {
	account, err := db.AccountOf(ctx, by.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return account.Needs(p, s.now())
}

// drawn returns n random bytes.
func drawn(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// newCode draws the code of an invitation: 144 bits, so that nobody finds one
// by trying.
func newCode() string { return base64.RawURLEncoding.EncodeToString(drawn(18)) }

// hashCode is the form in which a code is stored.
func hashCode(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
