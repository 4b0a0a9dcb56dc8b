package accounts

import (
	"context"

	"drystone/fault"
)

// FirstAdmin returns who administers the server the longest. It is NotFound
// where nobody does yet.
func (s *Service) FirstAdmin(ctx context.Context) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.FirstAdmin")
	account, err := s.DB.FirstAdmin(ctx)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.NotFound, "Nobody administers this server yet. Make an account first.")
	}
	if err != nil {
		return nil, err
	}
	actor, err := s.DB.Actor(ctx, account.ActorID)
	if err != nil {
		return nil, err
	}
	return &Who{Actor: actor, Account: account}, nil
}
