// Package accounts is how people come in: they sign up with a password or a
// passkey, sign in, stay signed in, make tokens for their programs, and edit
// what others see of them. It also keeps the instance's own actor.
//
// Only hashes of secrets are stored: argon2id for passwords, SHA-256 for
// secrets that we drew ourselves. Rates are limited by the API, cookies are
// its business; what people may do once they are in belongs to the other
// services.
package accounts

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/sync/semaphore"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// Who is somebody of this server who is signed in, or about to be.
type Who struct {
	Actor   *community.Actor   // what others see
	Account *community.Account // what is theirs
	Session *community.Session // how they are signed in; nil outside of BySecret
	Via     string             // by whose word they come in; empty: by what only they have
}

// Options are what a Service needs. All fields but Provider, Joining and Enter
// are required.
type Options struct {
	DB     *storage.DB
	Origin string // scheme://host, without a slash at the end
	Host   string // the public name, with a port only in development
	Name   string // the title of the instance
	// PasswordsOff has nobody sign in, sign up or come back by a password.
	PasswordsOff bool
	// PasswordCost is what a hash of a password costs; zero: what keeps those
	// of people safe. Only tests, which hash by the hundred, ask for less.
	PasswordCost Cost
	Now          func() time.Time
	// NewKey makes the key pair with which a new actor signs.
	NewKey func() (privatePEM, publicPEM string, err error)
	// Provider is another way to sign in; nil where there is none.
	Provider *Provider
	// Joining tells how people come here; nil: everybody may.
	Joining func(ctx context.Context, db *storage.DB) (*community.Joining, error)
	// Enter makes somebody new a member of a group of this server, where an
	// invitation says so; nil: it does not.
	Enter func(ctx context.Context, tx *storage.DB, newcomer, group, inviter *community.Actor) error
}

// A Service is the use cases around accounts. Make one with New.
type Service struct {
	Options
	web     *webauthn.WebAuthn // nil where the host cannot have passkeys
	hash    *argon2id.Params
	hashers *semaphore.Weighted
	hashed  atomic.Int64 // hashes computed
	nobody  string       // a hash that no password has, by the same parameters
}

// New returns a Service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Origin == "" || o.Host == "" || o.Now == nil || o.NewKey == nil {
		return nil, errors.New("accounts: DB, Origin, Host, Now and NewKey are required")
	}
	if o.Name == "" {
		o.Name = o.Host
	}
	s := &Service{Options: o, hash: o.PasswordCost.params(), hashers: semaphore.NewWeighted(maxHashers)}
	s.nobody = hashOfNothing(s.hash)
	if rpID := domainOf(o.Host); net.ParseIP(rpID) == nil {
		web, err := newWebAuthn(o, rpID)
		if err != nil {
			return nil, err
		}
		s.web = web
	}
	return s, nil
}

// domainOf is a host without its port.
func domainOf(host string) string {
	if domain, _, err := net.SplitHostPort(host); err == nil {
		return domain
	}
	return host
}

// now is the time as it is stored.
func (s *Service) now() time.Time { return community.Timestamp(s.Now()) }

// Find returns a local account by its name, without regard to case, and of who
// is not let in yet too. It is NotFound where there is none, or none any more.
func (s *Service) Find(ctx context.Context, name string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.Find(%s)", name)
	actor, err := s.DB.ActorByHandle(ctx, community.Handle{Name: name}, community.Person, community.Applicant, community.Newcomer)
	if err != nil {
		return nil, nobodyCalled(err, name)
	}
	account, err := s.DB.AccountOf(ctx, actor.ID)
	if err != nil {
		return nil, nobodyCalled(err, name)
	}
	if actor.Gone() {
		return nil, nobodyCalled(fault.New(fault.NotFound, "deleted"), name)
	}
	return &Who{Actor: actor, Account: account}, nil
}

// Person returns somebody, here or on another server, as far as we know them.
// It is NotFound for those we do not know and those who are gone.
func (s *Service) Person(ctx context.Context, handle community.Handle) (_ *community.Actor, err error) {
	defer fault.Wrap(&err, "accounts.Person(%s)", handle)
	actor, err := s.DB.ActorByHandle(ctx, handle, community.Person, community.Service)
	if err == nil && (actor.Gone() || actor.Leaving()) {
		err = fault.New(fault.NotFound, "deleted")
	}
	if err != nil {
		return nil, nobodyCalled(err, handle.String())
	}
	return actor, nil
}

// nobodyCalled says in plain words that a name was not found; other errors
// stay as they are.
func nobodyCalled(err error, name string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(err, fault.NotFound, "There is nobody called %q here.", name)
	}
	return err
}

// who loads an account with its actor, in a transaction or outside. Somebody
// who is gone is NotFound.
func who(ctx context.Context, db *storage.DB, id community.AccountID) (*Who, error) {
	account, err := db.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	actor, err := db.Actor(ctx, account.ActorID)
	if err != nil {
		return nil, err
	}
	if actor.Gone() {
		return nil, fault.New(fault.NotFound, "This account was deleted.")
	}
	return &Who{Actor: actor, Account: account}, nil
}
