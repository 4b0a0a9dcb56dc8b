package accounts

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// JobRecover is the job that lets somebody back into their account by mail.
// Its body is the name or address that was asked for.
const JobRecover = "recover"

// maxAsked is the longest name or address that is looked for, in bytes.
const maxAsked = 320

// AskRecovery has a link sent to whoever owns the account that is meant by a
// name or an address. Whether there is one is found out later, by SendWayIn, so
// that the answer, and the time that it takes, tell nothing. It is a Conflict
// where no mail is sent.
func (s *Service) AskRecovery(ctx context.Context, asked string) (err error) {
	defer fault.Wrap(&err, "accounts.AskRecovery")
	asked = strings.TrimSpace(asked)
	switch {
	case !s.DB.SendsLetters():
		return noMail()
	case asked == "":
		return fault.Field("name", "Write your name here, or your mail address.")
	case len(asked) > maxAsked || label(asked, maxAsked) != asked:
		return fault.Field("name", "That is neither a name nor a mail address.")
	}
	now := s.now()
	_, err = s.DB.AddJobs(ctx, []*community.Job{{
		Kind: JobRecover, Lane: community.LetterLane, Body: []byte(asked), RunAt: now, CreatedAt: now,
	}})
	return err
}

// SendWayIn is the job behind AskRecovery. Only an address that its owner
// verified is written to, and only so often.
func (s *Service) SendWayIn(ctx context.Context, job *community.Job) (err error) {
	defer fault.Wrap(&err, "accounts.SendWayIn")
	account, err := s.meant(ctx, string(job.Body))
	if err != nil || account == nil || account.VerifiedEmail() == "" {
		return err
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, account.ID)
		if err != nil {
			return err
		}
		now := s.now()
		links, err := tx.Links(ctx, account.ID, community.ResetLink, now)
		if err != nil {
			return err
		}
		asked := 0
		for _, link := range links {
			if link.Mailed() {
				asked++
			}
		}
		if asked >= community.MaxResets {
			return nil
		}
		link := &community.AccountLink{
			Kind: community.ResetLink, AccountID: account.ID, Address: account.Email, CreatedAt: now, ExpiresAt: now.Add(community.ResetLife),
		}
		if err := tx.AddLink(ctx, link); err != nil {
			return err
		}
		return tx.PostLetter(ctx, community.Letter{
			Kind: community.ResetAccess, AccountID: account.ID, LinkID: link.ID, At: now, Until: link.ExpiresAt,
		})
	})
}

// meant returns the account that somebody means by a name or an address, or
// nil.
func (s *Service) meant(ctx context.Context, asked string) (*community.Account, error) {
	if strings.Contains(asked, "@") {
		account, err := s.DB.AccountByEmail(ctx, asked)
		if !fault.Is(err, fault.NotFound) {
			return account, err
		}
	}
	found, err := s.byName(ctx, asked)
	if err != nil || found == nil {
		return nil, err
	}
	return found.Account, nil
}

// Reset lets whoever has a link choose a new password. A link that came by
// mail needs a code beside it where the account has an app that shows them.
// Everybody who is signed in is signed out, tokens included, and the owner is
// told.
func (s *Service) Reset(ctx context.Context, secret, password, code string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.Reset")
	if err := s.takesPasswords(); err != nil {
		return nil, err
	}
	proved, err := s.Link(ctx, community.ResetLink, secret)
	if err != nil {
		return nil, err
	}
	if err := s.checkPassword(proved.Actor.Name, proved.Account.Email, password); err != nil {
		return nil, err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return nil, err
	}
	if err := s.alsoCode(ctx, proved, code); err != nil {
		return nil, err
	}
	return s.useLink(ctx, secret, community.PasswordChanged, func(tx *storage.DB, account *community.Account) error {
		account.PasswordHash = hash
		return tx.SaveAccount(ctx, account)
	})
}

// alsoCode asks for the code that a link needs beside it.
func (s *Service) alsoCode(ctx context.Context, proved *Proved, code string) error {
	if !proved.Code {
		return nil
	}
	return s.second(ctx, proved.Who, code)
}

// ComeInByLink lets whoever has a link, and a code where Reset needs one, in
// once, to add a passkey. Everybody else who is signed in is signed out,
// tokens included, and the owner is told.
func (s *Service) ComeInByLink(ctx context.Context, secret, code string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.ComeInByLink")
	proved, err := s.Link(ctx, community.ResetLink, secret)
	if err != nil {
		return nil, err
	}
	if err := s.alsoCode(ctx, proved, code); err != nil {
		return nil, err
	}
	return s.useLink(ctx, secret, community.LinkUsed, func(*storage.DB, *community.Account) error { return nil })
}

// useLink uses a link up: all that was open is shut, and all other links into
// the account end.
func (s *Service) useLink(ctx context.Context, secret, what string, change func(*storage.DB, *community.Account) error) (*Who, error) {
	var proved *Proved
	err := s.DB.InTx(ctx, func(tx *storage.DB) (err error) {
		if proved, err = s.takeLink(ctx, tx, community.ResetLink, secret); err != nil {
			return err
		}
		if proved.Account, err = tx.HoldAccount(ctx, proved.Account.ID); err != nil {
			return err
		}
		if err := change(tx, proved.Account); err != nil {
			return err
		}
		if err := tx.EndSessions(ctx, proved.Account.ID); err != nil {
			return err
		}
		if err := tx.EndLinks(ctx, proved.Account.ID, community.ResetLink); err != nil {
			return err
		}
		return s.changedAndEnded(ctx, tx, proved.Who, what, "", Ends{Browsers: true, Apps: true})
	})
	if err != nil {
		return nil, err
	}
	return proved.Who, nil
}

// HandOut makes a link that lets whoever has it into an account, for an
// administrator to hand to its owner. It is shown once. The owner is told by
// mail, where they have any. by is nil for whoever runs the server.
func (s *Service) HandOut(ctx context.Context, by, to *Who) (url string, until time.Time, err error) {
	defer fault.Wrap(&err, "accounts.HandOut(%d)", to.Account.ID)
	now, secret := s.now(), newSecret("")
	link := &community.AccountLink{
		Kind: community.ResetLink, AccountID: to.Account.ID, Hash: hashSecret(secret), CreatedAt: now, ExpiresAt: now.Add(community.HandedLife),
	}
	if by != nil {
		if err := by.Account.MayLetIn(to.Account, now); err != nil {
			return "", time.Time{}, err
		}
		link.ByID = by.Actor.ID
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if _, err := tx.HoldAccount(ctx, to.Account.ID); err != nil {
			return err
		}
		if err := tx.AddLink(ctx, link); err != nil {
			return err
		}
		return s.changed(ctx, tx, to, community.LinkMade, "")
	})
	return s.Origin + link.Path(secret), link.ExpiresAt, err
}
