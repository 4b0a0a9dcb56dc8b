package accounts

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// maxPasskeys is how many passkeys one account may have.
const maxPasskeys = 50

// BeginSignUp begins to make an account that a passkey opens. It answers as
// SignUp does, about all but the passkey; its password is not heeded.
func (s *Service) BeginSignUp(ctx context.Context, ask SignUp) (_ *Begun, err error) {
	defer fault.Wrap(&err, "accounts.BeginSignUp(%s)", ask.Name)
	web, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	if err := s.tidy(ctx, &ask); err != nil {
		return nil, err
	}
	k := ask.knock()
	w, err := s.way(ctx, s.DB, k, ask.Work)
	if err != nil {
		return nil, err
	}
	k.Proven = w.work != nil
	said, err := k.kept()
	if err != nil {
		return nil, err
	}
	options, session, err := web.BeginRegistration(person{handle: drawn(64), name: ask.Name, title: ask.Name})
	if err != nil {
		return nil, err
	}
	if err := s.spend(ctx, s.DB, w.work); err != nil {
		return nil, err
	}
	return s.begin(ctx, community.Ceremony{Kind: signUpCeremony, Name: ask.Name, Ask: said}, session, options)
}

// FinishSignUp makes the account. credential is the browser's answer, as its
// toJSON gives it; passkeyName may be empty. Whether they may come in is asked
// again: an invitation may be used up meanwhile.
func (s *Service) FinishSignUp(ctx context.Context, ceremony string, credential []byte, passkeyName string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.FinishSignUp")
	if passkeyName, err = checkLabel("passkey_name", passkeyName, "Passkey"); err != nil {
		return nil, err
	}
	c, session, err := s.take(ctx, signUpCeremony, ceremony, credential)
	if err != nil {
		return nil, err
	}
	var k knock
	if err := json.Unmarshal(c.Ask, &k); err != nil {
		return nil, err
	}
	made, err := s.registered(person{handle: session.UserID}, session, credential)
	if err != nil {
		return nil, err
	}
	door := func(db *storage.DB) (*way, error) { return s.way(ctx, db, k, nil) }
	return s.add(ctx, SignUp{Name: k.Name, Title: k.Title, Email: k.Email, Entry: Entry{Listed: k.Listed, Searched: k.Searched}}, "", door, func(tx *storage.DB, who *Who) error {
		_, err := s.addPasskey(ctx, tx, who, session.UserID, made, passkeyName)
		return err
	})
}

// BeginPasskey begins to add a passkey to an account.
func (s *Service) BeginPasskey(ctx context.Context, who *Who) (_ *Begun, err error) {
	defer fault.Wrap(&err, "accounts.BeginPasskey(%d)", who.Account.ID)
	web, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	p, err := s.owner(ctx, who)
	if err != nil {
		return nil, err
	}
	if n := len(p.credentials); n >= maxPasskeys {
		return nil, fault.New(fault.Forbidden, "You have %d passkeys. Remove one that you no longer use.", n)
	}
	if p.handle == nil {
		p.handle = drawn(64)
	}
	options, session, err := web.BeginRegistration(p,
		webauthn.WithExclusions(webauthn.Credentials(p.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, community.Ceremony{Kind: passkeyCeremony, AccountID: who.Account.ID}, session, options)
}

// owner is somebody with all their passkeys.
func (s *Service) owner(ctx context.Context, who *Who) (person, error) {
	p := person{name: who.Actor.Name, title: who.Actor.DisplayName()}
	known, err := s.DB.Passkeys(ctx, who.Account.ID)
	if err != nil {
		return p, err
	}
	for _, passkey := range known {
		r, err := readRecord(passkey)
		if err != nil {
			return p, err
		}
		p.handle, p.credentials = r.Handle, append(p.credentials, r.Credential)
	}
	return p, nil
}

// FinishPasskey adds the passkey that the browser made. A ceremony that
// somebody else began is Invalid, a passkey that is known already a Conflict.
func (s *Service) FinishPasskey(ctx context.Context, who *Who, ceremony string, credential []byte, name string) (_ *community.Passkey, err error) {
	defer fault.Wrap(&err, "accounts.FinishPasskey(%d)", who.Account.ID)
	if name, err = checkLabel("name", name, "Passkey"); err != nil {
		return nil, err
	}
	c, session, err := s.take(ctx, passkeyCeremony, ceremony, credential)
	if err != nil {
		return nil, err
	}
	if c.AccountID != who.Account.ID {
		return nil, fault.New(fault.Invalid, "Somebody else began this. Start again.")
	}
	made, err := s.registered(person{handle: session.UserID}, session, credential)
	if err != nil {
		return nil, err
	}
	var added *community.Passkey
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if added, err = s.addPasskey(ctx, tx, who, session.UserID, made, name); err != nil {
			return err
		}
		return s.changed(ctx, tx, who, community.PasskeyAdded, name)
	})
	return added, err
}

func (s *Service) addPasskey(ctx context.Context, db *storage.DB, who *Who, handle []byte,
	made *webauthn.Credential, name string,
) (*community.Passkey, error) {
	// What the attestation said is of no use once it was checked.
	made.Attestation = webauthn.CredentialAttestation{}
	data, err := json.Marshal(record{Handle: handle, Credential: *made})
	if err != nil {
		return nil, err
	}
	p := &community.Passkey{
		AccountID: who.Account.ID, CredentialID: made.ID, Name: name, Credential: data, CreatedAt: s.now(),
	}
	if err := db.AddPasskey(ctx, p); err != nil {
		if fault.Is(err, fault.Conflict) {
			return nil, fault.Because(err, fault.Conflict, "This passkey is in use already.")
		}
		return nil, err
	}
	return p, nil
}

// BeginSignIn begins to sign somebody in whose name we do not know yet: the
// passkey will tell.
func (s *Service) BeginSignIn(ctx context.Context) (_ *Begun, err error) {
	defer fault.Wrap(&err, "accounts.BeginSignIn")
	web, err := s.passkeys()
	if err != nil {
		return nil, err
	}
	options, session, err := web.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, community.Ceremony{Kind: signInCeremony}, session, options)
}

// FinishSignIn returns whose passkey signed. It is Invalid for a ceremony
// that is over, and Unauthenticated for a passkey that does not open
// anything here, or that somebody seems to have copied.
func (s *Service) FinishSignIn(ctx context.Context, ceremony string, credential []byte) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.FinishSignIn")
	_, session, err := s.take(ctx, signInCeremony, ceremony, credential)
	if err != nil {
		return nil, err
	}
	return s.signed(ctx, session, credential)
}

// signed returns whose passkey signed, and notes that it was used.
func (s *Service) signed(ctx context.Context, session webauthn.SessionData, credential []byte) (*Who, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return nil, noEntry(err)
	}
	var signedIn *Who
	var copied *community.Passkey
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		copied = nil
		passkey, err := s.verify(ctx, tx, session, parsed)
		if errors.Is(err, errCopied) {
			copied = passkey
		}
		if err != nil {
			return err
		}
		if err := tx.SavePasskey(ctx, passkey); err != nil {
			return err
		}
		if signedIn, err = who(ctx, tx, passkey.AccountID); fault.Is(err, fault.NotFound) {
			return noEntry(err)
		}
		return err
	})
	if copied != nil {
		return nil, errors.Join(err, s.tellOfCopy(ctx, copied))
	}
	if err != nil {
		return nil, err
	}
	return signedIn, nil
}

// tellOfCopy tells the owner of a passkey that somebody has a copy of it.
func (s *Service) tellOfCopy(ctx context.Context, passkey *community.Passkey) error {
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		owner, err := who(ctx, tx, passkey.AccountID)
		if err != nil {
			return err
		}
		return s.changed(ctx, tx, owner, community.PasskeyCopied, passkey.Name)
	})
}

// passkeyName is what a passkey of an account is called, if there is one.
func passkeyName(ctx context.Context, db *storage.DB, account community.AccountID, id community.PasskeyID) (string, error) {
	list, err := db.Passkeys(ctx, account)
	for _, p := range list {
		if p.ID == id {
			return p.Name, nil
		}
	}
	return "", err
}

// verify returns the passkey that signed, with its record brought up to date.
func (s *Service) verify(ctx context.Context, tx *storage.DB, session webauthn.SessionData,
	parsed *protocol.ParsedCredentialAssertionData,
) (*community.Passkey, error) {
	passkey, err := tx.PasskeyByCredential(ctx, parsed.RawID)
	if fault.Is(err, fault.NotFound) {
		return nil, noEntry(err)
	}
	if err != nil {
		return nil, err
	}
	known, err := readRecord(passkey)
	if err != nil {
		return nil, err
	}
	owner := person{handle: known.Handle, credentials: []webauthn.Credential{known.Credential}}
	used, err := s.validate(owner, session, parsed)
	if err != nil {
		return nil, noEntry(err)
	}
	if used.Authenticator.CloneWarning {
		return passkey, noEntry(errCopied)
	}
	passkey.Credential, err = json.Marshal(record{Handle: known.Handle, Credential: *used})
	passkey.LastUsedAt = s.now()
	return passkey, err
}

// validate checks what a passkey of owner signed: for a ceremony that asked
// anybody's, or for one that asked owner's.
func (s *Service) validate(owner person, session webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if len(session.UserID) > 0 {
		return s.web.ValidateLogin(owner, session, parsed)
	}
	return s.web.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return owner, nil }, session, parsed)
}

// errCopied says that a passkey's counter went back: two authenticators have
// it, and nobody knows which one is whose.
var errCopied = errors.New("its counter went back: there is a copy")

func noEntry(err error) error {
	return fault.Because(details(err), fault.Unauthenticated, "This passkey does not sign you in here.")
}

// Passkeys lists the passkeys of an account, oldest first.
func (s *Service) Passkeys(ctx context.Context, who *Who) (_ []*community.Passkey, err error) {
	defer fault.Wrap(&err, "accounts.Passkeys(%d)", who.Account.ID)
	return s.DB.Passkeys(ctx, who.Account.ID)
}

// DeletePasskey removes a passkey. One that is not who's is NotFound; the
// only way into an account is Forbidden to go.
func (s *Service) DeletePasskey(ctx context.Context, by *Who, id community.PasskeyID) (err error) {
	defer fault.Wrap(&err, "accounts.DeletePasskey(%d)", id)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, by.Account.ID)
		if err != nil {
			return err
		}
		name, err := passkeyName(ctx, tx, account.ID, id)
		if err != nil {
			return err
		}
		removed, err := tx.DeletePasskey(ctx, account.ID, id)
		if err != nil {
			return err
		}
		if !removed {
			return fault.New(fault.NotFound, "There is no such passkey.")
		}
		if err := s.hasWayIn(ctx, tx, account); err != nil {
			return err
		}
		return s.changed(ctx, tx, by, community.PasskeyRemoved, name)
	})
}

// hasWayIn reports, as Forbidden, that nothing opens an account any more.
func (s *Service) hasWayIn(ctx context.Context, tx *storage.DB, account *community.Account) error {
	if account.PasswordHash != "" && !s.PasswordsOff {
		return nil
	}
	passkeys, err := tx.Passkeys(ctx, account.ID)
	if err != nil || len(passkeys) > 0 {
		return err
	}
	identities, err := tx.Identities(ctx, account.ID)
	if err != nil || len(identities) > 0 {
		return err
	}
	return fault.New(fault.Forbidden, "This is the only way into your account. Add a passkey first.")
}
