package accounts

import (
	"context"

	"drystone/community"
	"drystone/fault"
)

// A Proof shows that it is really the owner of an account who asks: their
// password, a code of their app or for recovery, or what their passkey
// answered to BeginConfirm.
type Proof struct {
	Password   string
	Code       string
	Ceremony   string
	Credential []byte
}

// BeginConfirm begins to prove with a passkey who is there. It is Forbidden
// for an account that has none.
func (s *Service) BeginConfirm(ctx context.Context, who *Who) (_ *Begun, err error) {
	defer fault.Wrap(&err, "accounts.BeginConfirm(%d)", who.Account.ID)
	web, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	p, err := s.owner(ctx, who)
	if err != nil {
		return nil, err
	}
	if len(p.credentials) == 0 {
		return nil, fault.New(fault.Forbidden, "Your account has no passkey. Confirm this with your password.")
	}
	options, session, err := web.BeginLogin(p)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, community.Ceremony{Kind: confirmCeremony, AccountID: who.Account.ID}, session, options)
}

// Confirm notes that the owner of a browser's session proved that it is them,
// which is good for community.ConfirmationLife. The session gets a new secret,
// which is returned, so that a secret that somebody else learned or planted
// before gains nothing. A proof that does not hold is Forbidden, and so is a
// token: it cannot prove who holds it.
func (s *Service) Confirm(ctx context.Context, who *Who, proof Proof) (secret string, _ *community.Session, err error) {
	defer fault.Wrap(&err, "accounts.Confirm(%d)", who.Account.ID)
	if who.Session == nil || who.Session.Kind != community.BrowserSession {
		return "", nil, fault.New(fault.Forbidden, "A token cannot prove who holds it. Sign in with a browser.")
	}
	if err := s.prove(ctx, who, proof); err != nil {
		return "", nil, err
	}
	renewed, now := *who.Session, s.now()
	secret = newSecret("")
	renewed.Hash = hashSecret(secret)
	renewed.LastUsedAt, renewed.ConfirmedAt, renewed.ExpiresAt = now, now, now.Add(community.SessionLife)
	if err := s.DB.RenewSession(ctx, &renewed); err != nil {
		return "", nil, signedOut(err)
	}
	return secret, &renewed, nil
}

// prove reports, as Forbidden, that a proof does not open who's account.
func (s *Service) prove(ctx context.Context, who *Who, proof Proof) error {
	if proof.Ceremony != "" {
		return s.provePasskey(ctx, who, proof)
	}
	if proof.Code != "" {
		return s.proveCode(ctx, who, proof.Code)
	}
	if proof.Password == "" {
		return fault.Field("password", "Confirm this with your password, a passkey or a code.")
	}
	if err := s.takesPasswords(); err != nil {
		return err
	}
	account, err := s.DB.Account(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	if account.PasswordHash == "" {
		return fault.Field("password", "Your account has no password. Confirm this with a passkey.")
	}
	match, err := s.fits(ctx, proof.Password, account.PasswordHash)
	if err == nil && !match {
		err = fault.New(fault.Forbidden, "The password is wrong.")
	}
	return err
}

func (s *Service) proveCode(ctx context.Context, who *Who, code string) error {
	app, err := codesOn(ctx, s.DB, who.Account.ID)
	if err != nil {
		return err
	}
	good, err := s.useCode(ctx, who, app, code)
	if err == nil && !good {
		err = fault.New(fault.Forbidden, "The code is wrong, or was used before.")
	}
	return err
}

func (s *Service) provePasskey(ctx context.Context, who *Who, proof Proof) error {
	c, session, err := s.take(ctx, confirmCeremony, proof.Ceremony, proof.Credential)
	if err != nil {
		return err
	}
	if c.AccountID != who.Account.ID {
		return fault.New(fault.Invalid, "Somebody else began this. Start again.")
	}
	owner, err := s.signed(ctx, session, proof.Credential)
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return fault.Because(err, fault.Forbidden, "This passkey does not open your account.")
	case err != nil:
		return err
	case owner.Account.ID != who.Account.ID:
		return fault.New(fault.Forbidden, "This passkey opens another account.")
	}
	return nil
}
