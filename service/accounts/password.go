package accounts

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"drystone/community"
	"drystone/fault"
)

// passwordCost is what a hash costs: 64 MiB and about a tenth of a second.
// Hashes carry their parameters, so that old ones stay good when it changes.
var passwordCost = &argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// A Cost is what a hash of a password takes.
type Cost struct {
	Memory uint32 // KiB
	Rounds uint32
}

func (c Cost) params() *argon2id.Params {
	p := *passwordCost
	if c != (Cost{}) {
		p.Memory, p.Iterations, p.Parallelism = c.Memory, c.Rounds, 1
	}
	return &p
}

const (
	// maxHashers bounds the hashes computed at once: 256 MiB of memory.
	maxHashers = 4
	// hasherPatience is how long somebody waits for their turn.
	hasherPatience = 10 * time.Second
)

// hashOfNothing returns a hash in PHC form that no known password has. It is
// drawn, not computed.
func hashOfNothing(p *argon2id.Params) string {
	random := drawn(int(p.SaltLength + p.KeyLength))
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Iterations, p.Parallelism,
		b64(random[:p.SaltLength]), b64(random[p.SaltLength:]))
}

// hashing runs f when there is memory for one more hash. It is Unavailable
// when that takes too long.
func (s *Service) hashing(ctx context.Context, f func() error) error {
	waiting, cancel := context.WithTimeout(ctx, hasherPatience)
	defer cancel()
	if err := s.hashers.Acquire(waiting, 1); err != nil {
		return fault.Because(err, fault.Unavailable, "Too many people are signing in at once. Try again in a moment.")
	}
	defer s.hashers.Release(1)
	s.hashed.Add(1)
	return f()
}

// hashPassword returns a password's hash in PHC form, or "" for none.
func (s *Service) hashPassword(ctx context.Context, password string) (hash string, err error) {
	if password == "" {
		return "", nil
	}
	err = s.hashing(ctx, func() error {
		hash, err = argon2id.CreateHash(password, s.hash)
		return err
	})
	return hash, err
}

// SignIn is SignInWithCode for an account that needs none.
func (s *Service) SignIn(ctx context.Context, name, password string) (*Who, error) {
	return s.SignInWithCode(ctx, name, password, "")
}

// SignInWithCode returns who has this name and password, and code, where the
// account has an app that shows them. Whatever is wrong with name or password,
// it is Unauthenticated with the same words after the same work, so that
// nobody learns which names exist. Only whoever has the password learns that
// it needs a code: without one, it is CodeRequired.
func (s *Service) SignInWithCode(ctx context.Context, name, password, code string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.SignInWithCode(%s)", name)
	if err := s.takesPasswords(); err != nil {
		return nil, err
	}
	found, err := s.byName(ctx, name)
	if err != nil {
		return nil, err
	}
	hash := ""
	if found != nil {
		hash = found.Account.PasswordHash
	}
	match, err := s.fits(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	if !match || found == nil {
		return nil, fault.New(fault.Unauthenticated, "The name or the password is wrong.")
	}
	if err := s.second(ctx, found, code); err != nil {
		return nil, err
	}
	return found, nil
}

// RecoverByCode returns who has this name and recovery code, and password, if they
// have one. It is the way in for somebody who lost their passkey or their app.
// The code is used up. Whatever is wrong, it is Unauthenticated with the same
// words after the same work.
func (s *Service) RecoverByCode(ctx context.Context, name, password, code string) (_ *Who, err error) {
	defer fault.Wrap(&err, "accounts.RecoverByCode(%s)", name)
	found, err := s.byName(ctx, name)
	if err != nil {
		return nil, err
	}
	hash := ""
	if found != nil {
		hash = found.Account.PasswordHash
	}
	match, err := s.fits(ctx, password, hash)
	if err != nil {
		return nil, err
	}
	needless := hash == "" || s.PasswordsOff
	good := found != nil && (match || needless)
	if good {
		if good, err = s.useRecoveryCode(ctx, found, community.FoldCode(code)); err != nil {
			return nil, err
		}
	}
	if !good {
		return nil, fault.New(fault.Unauthenticated, "The name, the password or the code is wrong, or the code was used before.")
	}
	return found, nil
}

// fits reports whether a password is the one that was hashed. It takes as long
// where there is no hash.
func (s *Service) fits(ctx context.Context, password, hash string) (match bool, err error) {
	if len(password) > community.MaxPassword {
		password = ""
	}
	if hash == "" {
		hash = s.nobody
	}
	err = s.hashing(ctx, func() error {
		match, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return match, err
}

// byName returns the account that somebody means who writes name, or nil.
func (s *Service) byName(ctx context.Context, name string) (*Who, error) {
	handle, ok := community.ParseHandle(name, s.Host)
	if !ok || handle.Host != "" {
		handle = community.Handle{} // nobody, found by the same question
	}
	found, err := s.Find(ctx, handle.Name)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return found, err
}
