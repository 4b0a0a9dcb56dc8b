package accounts

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Email is where an account's mail goes.
type Email struct {
	Address  string // empty: nowhere
	Verified bool   // its owner showed that they read it
	Pending  string // what it becomes when that is shown of it; may be empty
	Works    bool   // whether this server can send mail
}

// Email returns where who's mail goes.
func (s *Service) Email(ctx context.Context, who *Who) (_ Email, err error) {
	defer fault.Wrap(&err, "accounts.Email(%d)", who.Account.ID)
	account, err := s.DB.Account(ctx, who.Account.ID)
	if err != nil {
		return Email{}, err
	}
	email := Email{Address: account.Email, Verified: account.VerifiedEmail() != "", Works: s.DB.SendsLetters()}
	links, err := s.DB.Links(ctx, account.ID, community.VerifyLink, s.now())
	if err != nil || len(links) == 0 {
		return email, err
	}
	if newest := links[0].Address; newest != account.Email {
		email.Pending = newest
	}
	return email, nil
}

// AskAgain sends the letter again that asks whether an address is who's: the
// one that their address is to become, else the one that it is.
func (s *Service) AskAgain(ctx context.Context, who *Who) (err error) {
	defer fault.Wrap(&err, "accounts.AskAgain(%d)", who.Account.ID)
	email, err := s.Email(ctx, who)
	if err != nil {
		return err
	}
	address := email.Pending
	if address == "" && !email.Verified {
		address = email.Address
	}
	switch {
	case !email.Works:
		return noMail()
	case address == "":
		return fault.New(fault.Conflict, "There is no address to confirm.")
	}
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, who.Account.ID)
		if err != nil {
			return err
		}
		return s.askToConfirm(ctx, tx, account, address)
	})
}

func noMail() error {
	return fault.New(fault.Conflict, "This server cannot send mail. Ask its administrators.")
}

// changeEmail writes down another address, and has its owner asked whether it
// is theirs. A verified address stays until the other one is, and hears of it.
func (s *Service) changeEmail(ctx context.Context, tx *storage.DB, id community.AccountID, address string) (*community.Account, error) {
	account, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return nil, err
	}
	if address = strings.TrimSpace(address); address == account.Email {
		// Whatever it was to become, it does not.
		return account, tx.EndLinks(ctx, id, community.VerifyLink)
	}
	if err := community.CheckEmail(address); err != nil {
		return nil, err
	}
	if address == "" {
		owner, err := tx.Actor(ctx, account.ActorID)
		if err != nil {
			return nil, err
		}
		if owner.Kind == community.Newcomer {
			return nil, needsMail()
		}
	}
	before := account.VerifiedEmail()
	if before == "" || address == "" || !tx.SendsLetters() {
		account.SetEmail(address, time.Time{})
		if err := tx.SaveAccount(ctx, account); err != nil {
			return nil, err
		}
	}
	if address == "" {
		if err := tx.EndLinks(ctx, id, community.VerifyLink); err != nil {
			return nil, err
		}
		return account, s.tellOldAddress(ctx, tx, account.ID, before, "removed")
	}
	if err := s.askToConfirm(ctx, tx, account, address); err != nil {
		return nil, err
	}
	return account, s.tellOldAddress(ctx, tx, account.ID, before, "asked")
}

// tellOldAddress tells a verified address what becomes of it: that somebody
// asked for another ("asked"), that another took its place ("changed"), or
// that it was taken away ("removed").
func (s *Service) tellOldAddress(ctx context.Context, tx *storage.DB, id community.AccountID, address, what string) error {
	if address == "" {
		return nil
	}
	return tx.PostLetter(ctx, community.Letter{
		Kind: community.AddressChanged, AccountID: id, To: address, Words: map[string]string{what: "yes"}, At: s.now(),
	})
}

// askToConfirm asks whoever reads an address whether it is the account's. One
// that was shown to be somebody else's stays theirs: then they are told
// instead, and whoever asked sees no difference.
func (s *Service) askToConfirm(ctx context.Context, tx *storage.DB, account *community.Account, address string) error {
	if !tx.SendsLetters() {
		return nil
	}
	now := s.now()
	mine, err := tx.Links(ctx, account.ID, community.VerifyLink, now)
	if err != nil {
		return err
	}
	theirs, err := tx.CountLinksTo(ctx, community.VerifyLink, address, now)
	if err != nil {
		return err
	}
	if len(mine) >= community.MaxVerifies || theirs >= community.MaxVerifiesFor {
		return fault.New(fault.RateLimited, "We have written to this address several times already. Look for our letters there, or try again in a few days.")
	}
	link := &community.AccountLink{
		Kind: community.VerifyLink, AccountID: account.ID, Address: address, CreatedAt: now, ExpiresAt: now.Add(community.VerifyLife),
	}
	if err := tx.AddLink(ctx, link); err != nil {
		return err
	}
	letter := community.Letter{Kind: community.ConfirmAddress, AccountID: account.ID, To: address, LinkID: link.ID, At: now, Until: link.ExpiresAt}
	if newcomer, err := tx.Actor(ctx, account.ActorID); err != nil {
		return err
	} else if newcomer.Kind == community.Newcomer {
		letter.Words = map[string]string{"joins": "yes"}
	}
	owner, err := tx.AccountByEmail(ctx, address)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && owner.ID == account.ID:
	case err != nil:
		return err
	default:
		letter = community.Letter{Kind: community.AddressTaken, AccountID: owner.ID, At: now}
	}
	return tx.PostLetter(ctx, letter)
}

// A Proved link is one that is still good, and whose it is.
type Proved struct {
	*Who
	Link *community.AccountLink
	Code bool // it opens the account only with a code beside it
}

// Link returns what a link is good for, without using it. One that is over, or
// never was, is NotFound.
func (s *Service) Link(ctx context.Context, kind community.LinkKind, secret string) (_ *Proved, err error) {
	defer fault.Wrap(&err, "accounts.Link(%s)", kind)
	link, err := s.DB.LinkByHash(ctx, kind, hashSecret(secret))
	proved, err := s.proved(ctx, s.DB, link, err)
	if err != nil || kind != community.ResetLink || !link.Mailed() {
		return proved, err
	}
	app, err := codesOn(ctx, s.DB, link.AccountID)
	proved.Code = app != nil
	return proved, err
}

// takeLink returns what a link is good for, and uses it up.
func (s *Service) takeLink(ctx context.Context, tx *storage.DB, kind community.LinkKind, secret string) (*Proved, error) {
	link, err := tx.TakeLink(ctx, kind, hashSecret(secret))
	return s.proved(ctx, tx, link, err)
}

func (s *Service) proved(ctx context.Context, db *storage.DB, link *community.AccountLink, err error) (*Proved, error) {
	var owner *Who
	if err == nil {
		owner, err = who(ctx, db, link.AccountID)
	}
	if err == nil && !s.now().Before(link.ExpiresAt) {
		err = fault.New(fault.NotFound, "expired")
	}
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Because(err, fault.NotFound, "This link is no longer good: it was used, or is too old. Ask for a new one.")
	}
	if err != nil {
		return nil, err
	}
	return &Proved{Who: owner, Link: link}, nil
}

// Verify makes the address of a link the address of its account: whoever has
// the link reads mail there. It is a Conflict when somebody else showed that
// before.
func (s *Service) Verify(ctx context.Context, secret string) (_ *Proved, err error) {
	defer fault.Wrap(&err, "accounts.Verify")
	var proved *Proved
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if proved, err = s.takeLink(ctx, tx, community.VerifyLink, secret); err != nil {
			return err
		}
		account, err := tx.HoldAccount(ctx, proved.Account.ID)
		if err != nil {
			return err
		}
		before := account.VerifiedEmail()
		account.SetEmail(proved.Link.Address, s.now())
		if err := tx.SaveAccount(ctx, account); err != nil {
			if fault.Is(err, fault.Conflict) {
				return fault.Because(err, fault.Conflict, "This address belongs to another account here.")
			}
			return err
		}
		proved.Account = account
		if err := tx.EndLinks(ctx, account.ID, community.VerifyLink); err != nil {
			return err
		}
		if err := s.verified(ctx, tx, proved.Actor); err != nil {
			return err
		}
		if community.FoldEmail(before) == account.EmailKey {
			return nil
		}
		return s.tellOldAddress(ctx, tx, account.ID, before, "changed")
	})
	if err != nil {
		return nil, err
	}
	return proved, s.placeAgain(ctx, proved.Who)
}
