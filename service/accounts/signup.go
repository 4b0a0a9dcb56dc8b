package accounts

import (
	"context"
	"strings"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A SignUp is what somebody says who wants an account.
type SignUp struct {
	Name     string
	Title    string // the name shown to people; may be empty
	Password string // required by SignUp; Create accepts none
	Email    string // may be empty
	Admin    bool   // only Create heeds it
}

// SignUp makes an account for somebody who asks for one. It is Forbidden
// where registrations are closed, Invalid with a field for what cannot be
// accepted, and a Conflict about "name" for a name that is taken. The first
// account of a server is its administrator's.
func (s *Service) SignUp(ctx context.Context, ask SignUp) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.SignUp(%s)", ask.Name)
	if err := s.isOpen(); err != nil {
		return nil, err
	}
	ask.Admin = false
	if err := community.CheckPassword(ask.Name, ask.Password); err != nil {
		return nil, err
	}
	return s.create(ctx, ask)
}

// Create makes an account on behalf of whoever runs the server, whether or
// not registrations are open. Without a password, tokens are the only way in.
func (s *Service) Create(ctx context.Context, ask SignUp) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.Create(%s)", ask.Name)
	if ask.Password != "" {
		if err := community.CheckPassword(ask.Name, ask.Password); err != nil {
			return nil, err
		}
	}
	return s.create(ctx, ask)
}

func (s *Service) isOpen() error {
	if !s.Open {
		return fault.New(fault.Forbidden, "This server does not take new registrations.")
	}
	return nil
}

// create makes an account of what was said, once the password is known to be
// good enough.
func (s *Service) create(ctx context.Context, ask SignUp) (*Who, error) {
	ask.Title, ask.Email = strings.TrimSpace(ask.Title), strings.TrimSpace(ask.Email)
	if err := s.checkName(ctx, ask.Name); err != nil {
		return nil, err
	}
	if err := community.CheckProfile(ask.Title, ""); err != nil {
		return nil, err
	}
	if err := community.CheckEmail(ask.Email); err != nil {
		return nil, err
	}
	hash, err := s.hashPassword(ctx, ask.Password)
	if err != nil {
		return nil, err
	}
	return s.add(ctx, ask, hash, nil)
}

// checkName reports why a name cannot be had. It is the early answer; add
// gives the last one.
func (s *Service) checkName(ctx context.Context, name string) error {
	if err := community.CheckName(name); err != nil {
		return err
	}
	other, err := s.DB.Namesake(ctx, name)
	switch {
	case err == nil:
		return community.NameTaken(name, other.Name, nil)
	case !fault.Is(err, fault.NotFound):
		return err
	}
	return checkFace(ctx, s.DB, nil, &community.Actor{Kind: community.Person, Name: name})
}

// checkFace reports that somebody would be taken for those who look after the
// server. by is who wants to look so, nil for somebody new.
func checkFace(ctx context.Context, db *storage.DB, by, actor *community.Actor) error {
	staff, err := db.Staff(ctx)
	if err != nil {
		return err
	}
	return staff.CheckFace(by, actor)
}

// add stores a person, their key and their account, and what else also does
// with them, in one transaction.
func (s *Service) add(ctx context.Context, ask SignUp, hash string, also func(*storage.DB, *Who) error) (*Who, error) {
	private, public, err := s.NewKey()
	if err != nil {
		return nil, err
	}
	var made *Who
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		now := s.now()
		first, err := tx.NoAccounts(ctx)
		if err != nil {
			return err
		}
		// Both are made here, in case the transaction is tried again.
		made = &Who{Actor: s.newPerson(ask.Name, ask.Title, public), Account: &community.Account{
			Email: ask.Email, PasswordHash: hash, Admin: ask.Admin || first, CreatedAt: now,
		}}
		if err := tx.AddActor(ctx, made.Actor); err != nil {
			return err
		}
		if err := checkFace(ctx, tx, nil, made.Actor); err != nil && !made.Account.Admin {
			return err
		}
		if err := tx.AddKey(ctx, made.Actor.ID, private); err != nil {
			return err
		}
		made.Account.ActorID = made.Actor.ID
		if err := tx.AddAccount(ctx, made.Account); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx, made); err != nil {
				return err
			}
		}
		return tx.Record(ctx, community.Fact{Kind: community.PersonJoined, ActorID: made.Actor.ID, At: now})
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// newPerson is the actor of a new account.
func (s *Service) newPerson(name, title, publicPEM string) *community.Actor {
	now, iri := s.now(), s.Origin+"/u/"+name
	return &community.Actor{
		Kind: community.Person, Name: name, Title: title,
		IRI: iri, URL: iri,
		Inbox: iri + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers", SharedInbox: s.Origin + "/inbox",
		KeyID: iri + "#main-key", PublicKey: publicPEM,
		Discoverable: true, Indexable: true,
		CreatedAt: now, UpdatedAt: now,
	}
}
