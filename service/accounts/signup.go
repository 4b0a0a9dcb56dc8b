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

	Entry // of which Create heeds what they agree to, and nothing else
}

// SignUp makes an account for somebody who asks for one. It is Forbidden
// where nobody may come in like this, Invalid with a field for what cannot be
// accepted, a Conflict about "name" for a name that is taken, RateLimited where
// too many came from the same address. Where people apply, the account is an
// applicant's. The first account of a server is its administrator's.
func (s *Service) SignUp(ctx context.Context, ask SignUp) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.SignUp(%s)", ask.Name)
	ask.Admin = false
	if err := s.takesPasswords(); err != nil {
		return nil, err
	}
	if err := s.checkPassword(ask.Name, ask.Email, ask.Password); err != nil {
		return nil, err
	}
	if err := s.tidy(ctx, &ask); err != nil {
		return nil, err
	}
	door := func(db *storage.DB) (*way, error) { return s.way(ctx, db, ask.knock(), ask.Work) }
	if _, err := door(s.DB); err != nil { // before the hash, which costs us most
		return nil, err
	}
	hash, err := s.hashPassword(ctx, ask.Password)
	if err != nil {
		return nil, err
	}
	return s.add(ctx, ask, hash, door, nil)
}

// Create makes an account on behalf of whoever runs the server, whether or
// not anybody may come in. Without a password, recovery codes and tokens are the
// only ways in.
func (s *Service) Create(ctx context.Context, ask SignUp) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.Create(%s)", ask.Name)
	if ask.Password != "" {
		if err := s.takesPasswords(); err != nil {
			return nil, err
		}
		if err := s.checkPassword(ask.Name, ask.Email, ask.Password); err != nil {
			return nil, err
		}
	}
	if err := s.tidy(ctx, &ask); err != nil {
		return nil, err
	}
	hash, err := s.hashPassword(ctx, ask.Password)
	if err != nil {
		return nil, err
	}
	return s.add(ctx, ask, hash, atOnce, nil)
}

// atOnce is the way in of those for whom somebody answers: whoever runs the
// server, or the company whose people they are.
func atOnce(*storage.DB) (*way, error) { return new(way), nil }

// tidy brings what somebody says of themselves into the form that is kept, or
// reports what cannot be.
func (s *Service) tidy(ctx context.Context, ask *SignUp) error {
	ask.Title, ask.Email = strings.TrimSpace(ask.Title), strings.TrimSpace(ask.Email)
	if err := s.checkName(ctx, ask.Name); err != nil {
		return err
	}
	if err := community.CheckProfile(ask.Title, ""); err != nil {
		return err
	}
	return community.CheckEmail(ask.Email)
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

// add stores a person, their key and their account, how door lets them in, and
// what else also does with them (nil: nothing), in one transaction.
func (s *Service) add(ctx context.Context, ask SignUp, hash string, door func(*storage.DB) (*way, error), also func(*storage.DB, *Who) error) (*Who, error) {
	private, public, err := s.NewKey()
	if err != nil {
		return nil, err
	}
	var made *Who
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		first, err := tx.NoAccounts(ctx)
		if err != nil {
			return err
		}
		w, err := door(tx)
		if err != nil {
			return err
		}
		// Both are made here, in case the transaction is tried again.
		made = &Who{Actor: s.newPerson(ask, public), Account: &community.Account{
			Email: ask.Email, PasswordHash: hash, Admin: ask.Admin || first, CreatedAt: s.now(),
		}}
		if err := s.standing(ctx, tx, w, made); err != nil {
			return err
		}
		if err := addWho(ctx, tx, made, private); err != nil {
			return err
		}
		if err := noteFlags(ctx, tx, new(community.Actor), made.Actor, community.FromJoining); err != nil {
			return err
		}
		if err := s.spend(ctx, tx, w.work); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, w, made); err != nil {
			return err
		}
		if err := s.askNewcomer(ctx, tx, made); err != nil || also == nil {
			return err
		}
		return also(tx, made)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// addWho stores somebody new.
func addWho(ctx context.Context, tx *storage.DB, made *Who, private string) error {
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
	return tx.AddAccount(ctx, made.Account)
}

// newPerson is the actor of a new account. Nobody is listed, and what nobody
// wrote is searched, who was not asked and said yes.
func (s *Service) newPerson(ask SignUp, publicPEM string) *community.Actor {
	now, iri := s.now(), s.Origin+"/u/"+ask.Name
	return &community.Actor{
		Kind: community.Person, Name: ask.Name, Title: ask.Title,
		IRI: iri, URL: iri,
		Inbox: iri + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers", SharedInbox: s.Origin + "/inbox",
		KeyID: iri + "#main-key", PublicKey: publicPEM,
		Discoverable: ask.Listed, Indexable: ask.Searched,
		CreatedAt: now, UpdatedAt: now,
	}
}
