package accounts

import (
	"context"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Security is how an account is guarded.
type Security struct {
	Passwords     bool      // whether this server takes passwords
	Password      bool      // whether the account has one
	Codes         bool      // whether the password needs a code beside it
	CodesSince    time.Time // zero: it does not
	RecoveryCodes int       // how many are left
	RecoverySince time.Time // when they were made; zero: never
	Passkeys      int
}

// Security tells how who's account is guarded.
func (s *Service) Security(ctx context.Context, who *Who) (_ *Security, err error) {
	defer fault.Wrap(&err, "accounts.Security(%d)", who.Account.ID)
	is := &Security{Passwords: !s.PasswordsOff, Password: who.Account.PasswordHash != ""}
	app, err := codesOn(ctx, s.DB, who.Account.ID)
	if err != nil {
		return nil, err
	}
	if app != nil {
		is.Codes, is.CodesSince = true, app.ConfirmedAt
	}
	codes, err := s.DB.RecoveryCodes(ctx, who.Account.ID)
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		is.RecoverySince = code.CreatedAt
		if code.UsedAt.IsZero() {
			is.RecoveryCodes++
		}
	}
	passkeys, err := s.DB.Passkeys(ctx, who.Account.ID)
	is.Passkeys = len(passkeys)
	return is, err
}

// changed tells the owner of an account, by mail, what was changed about the
// ways into it; the gravest they also find among their notifications. name is
// that of a passkey, or empty.
func (s *Service) changed(ctx context.Context, tx *storage.DB, who *Who, what, name string) error {
	return s.changedAndEnded(ctx, tx, who, what, name, Ends{})
}

// changedAndEnded is changed, and says what ended with it.
func (s *Service) changedAndEnded(ctx context.Context, tx *storage.DB, who *Who, what, name string, ends Ends) error {
	words := map[string]string{"what": what}
	if name != "" {
		words["name"] = name
	}
	if ended := ends.word(); ended != "" {
		words["ended"] = ended
	}
	now := s.now()
	if err := tx.PostLetter(ctx, community.Letter{Kind: community.AccessChanged, AccountID: who.Account.ID, Words: words, At: now}); err != nil {
		return err
	}
	return tx.Record(ctx, community.Fact{Kind: community.WayInChanged, ActorID: who.Actor.ID, TargetID: who.Actor.ID, Reason: what, At: now})
}

// Ends is what ends when a password is changed.
type Ends struct {
	Browsers bool // all but the one that asks are signed out
	Apps     bool // tokens, and whatever else programs were let do
}

// word is what the owner's letter says of it.
func (e Ends) word() string {
	switch e {
	case Ends{Browsers: true, Apps: true}:
		return "all"
	case Ends{Browsers: true}:
		return "browsers"
	case Ends{Apps: true}:
		return "apps"
	}
	return ""
}

// SetPassword gives an account another password, or its first, and ends what
// the owner wants ended. Codes and passkeys stay as they are.
func (s *Service) SetPassword(ctx context.Context, by *Who, password string, ends Ends) (err error) {
	defer fault.Wrap(&err, "accounts.SetPassword(%d)", by.Account.ID)
	if err := s.takesPasswords(); err != nil {
		return err
	}
	if err := s.checkPassword(by.Actor.Name, by.Account.Email, password); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, by.Account.ID)
		if err != nil {
			return err
		}
		account.PasswordHash = hash
		if err := tx.SaveAccount(ctx, account); err != nil {
			return err
		}
		if ends.Browsers {
			if _, err := tx.EndOtherSessions(ctx, account.ID, sessionOf(by)); err != nil {
				return err
			}
		}
		if ends.Apps {
			if err := tx.EndApps(ctx, account.ID); err != nil {
				return err
			}
		}
		return s.changedAndEnded(ctx, tx, by, community.PasswordChanged, "", ends)
	})
}

// RemovePassword leaves passkeys as the only way into an account. The app for
// codes goes with the password. It is Forbidden without a passkey, and
// NotFound without a password.
func (s *Service) RemovePassword(ctx context.Context, by *Who) (err error) {
	defer fault.Wrap(&err, "accounts.RemovePassword(%d)", by.Account.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, by.Account.ID)
		if err != nil {
			return err
		}
		if account.PasswordHash == "" {
			return fault.New(fault.NotFound, "Your account has no password.")
		}
		account.PasswordHash = ""
		if err := s.hasWayIn(ctx, tx, account); err != nil {
			return err
		}
		if err := tx.SaveAccount(ctx, account); err != nil {
			return err
		}
		if _, err := tx.DropAuthenticator(ctx, account.ID); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, community.PasswordRemoved, "")
	})
}

// takesPasswords reports, as Forbidden, that the operator turned them off.
func (s *Service) takesPasswords() error {
	if s.PasswordsOff {
		return fault.New(fault.Forbidden, "This server takes no passwords. Use a passkey.")
	}
	return nil
}

// checkPassword reports why somebody cannot have a password.
func (s *Service) checkPassword(name, email, password string) error {
	return community.CheckPassword(name, password, email, s.Name, domainOf(s.Host))
}

// EndOtherSessions signs out every browser of who's but the one that asks, and
// returns how many.
func (s *Service) EndOtherSessions(ctx context.Context, who *Who) (ended int64, err error) {
	defer fault.Wrap(&err, "accounts.EndOtherSessions(%d)", who.Account.ID)
	return s.DB.EndOtherSessions(ctx, who.Account.ID, sessionOf(who))
}

// sessionOf is the session that somebody asks with, or 0.
func sessionOf(who *Who) community.SessionID {
	if who.Session == nil {
		return 0
	}
	return who.Session.ID
}

// RenamePasskey gives a passkey another name. One that is not who's is
// NotFound.
func (s *Service) RenamePasskey(ctx context.Context, who *Who, id community.PasskeyID, name string) (_ *community.Passkey, err error) {
	defer fault.Wrap(&err, "accounts.RenamePasskey(%d)", id)
	if name, err = checkLabel("name", name, ""); err != nil {
		return nil, err
	}
	renamed, err := s.DB.RenamePasskey(ctx, &community.Passkey{ID: id, AccountID: who.Account.ID, Name: name})
	if err != nil {
		return nil, err
	}
	if !renamed {
		return nil, fault.New(fault.NotFound, "There is no such passkey.")
	}
	list, err := s.DB.Passkeys(ctx, who.Account.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such passkey.")
}
