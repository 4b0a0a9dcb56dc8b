package accounts

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// People lists the accounts of this server, newest first, and returns the
// cursor of the next page. words is part of a name, or a whole mail address.
func (s *Service) People(ctx context.Context, words string, page community.Page) (_ []*community.AccountView, next string, err error) {
	defer fault.Wrap(&err, "accounts.People")
	views, next, err := s.DB.AccountViews(ctx, strings.TrimPrefix(strings.TrimSpace(words), "@"), page)
	for _, v := range views { // what this server does not take opens nothing
		v.Ways.Password = v.Ways.Password && !s.PasswordsOff
		v.Ways.Company = v.Ways.Company && s.Provider != nil
	}
	return views, next, err
}

// SetAdmin lets somebody administer the server, or no longer. by is nil for
// whoever runs the server. It is a Conflict for the last administrator.
func (s *Service) SetAdmin(ctx context.Context, by, of *Who, admin bool) (err error) {
	defer fault.Wrap(&err, "accounts.SetAdmin(%d, %v)", of.Account.ID, admin)
	if by != nil {
		if err := by.Account.Needs(community.SiteAdmins, s.now()); err != nil {
			return err
		}
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		if err := tx.HoldLeaving(ctx); err != nil {
			return err
		}
		account, err := tx.HoldAccount(ctx, of.Account.ID)
		if err != nil {
			return err
		}
		if account.Admin == admin {
			return nil
		}
		others, err := tx.OtherAdmins(ctx, account.ID)
		if err != nil {
			return err
		}
		if !admin && !others {
			return fault.New(fault.Conflict, "%s is the only administrator of this server. Make somebody else one first.", of.Actor.Name)
		}
		account.Admin = admin
		if err := tx.SaveAccount(ctx, account); err != nil {
			return err
		}
		of.Account = account
		what := community.AdminEnded
		if admin {
			what = community.AdminMade
		}
		return s.changed(ctx, tx, of, what, "")
	})
}
