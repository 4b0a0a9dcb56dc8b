package clients

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// A Token is what a client may learn of a token of its own.
type Token struct {
	Person    *community.Actor // whom it acts for
	Scopes    community.Scopes
	Refresh   bool
	CreatedAt time.Time // zero: not told
	ExpiresAt time.Time
}

// find returns the authorization that a token of the client's came of, with
// what is to be said of the token; NotFound where it is good for nothing, or
// is another client's.
func (s *Service) find(ctx context.Context, client *community.Client, token string) (*storage.Allowed, *Token, error) {
	gone := fault.New(fault.NotFound, "no such token")
	about := new(Token)
	var a *storage.Allowed
	var err error
	if strings.HasPrefix(token, refreshPrefix) {
		family, last, _ := strings.Cut(token, ".")
		if a, err = s.DB.AllowedByFamily(ctx, community.HashSecret(family)); err != nil {
			return nil, nil, err
		}
		if subtle.ConstantTimeCompare(a.RefreshHash, community.HashSecret(last)) != 1 {
			return nil, nil, gone
		}
		about.Refresh, about.Scopes, about.ExpiresAt = true, a.Scopes, a.ExpiresAt
	} else {
		session, err := s.DB.SessionByHash(ctx, community.ClientSession, community.HashSecret(token))
		if err != nil {
			return nil, nil, err
		}
		if a, err = s.DB.Allowed(ctx, session.AuthorizationID); err != nil {
			return nil, nil, err
		}
		about.Scopes, about.CreatedAt, about.ExpiresAt = session.Scopes, session.CreatedAt, session.ExpiresAt
	}
	if a.ClientID != client.ID || !s.now().Before(about.ExpiresAt) {
		return nil, nil, gone
	}
	return a, about, nil
}

// Revoke ends the sign-in that a token of the client's came of, with all its
// tokens: who signs out wants to be out. A token that is good for nothing, or
// is another client's, changes nothing and is no error (RFC 7009 section
// 2.2): nobody learns which tokens there are.
func (s *Service) Revoke(ctx context.Context, client *community.Client, token string) (err error) {
	defer fault.Wrap(&err, "clients.Revoke(%d)", client.ID)
	a, _, err := s.find(ctx, client, token)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.DB.DeleteAuthorization(ctx, a.ID)
}

// Introspect tells a client about a token of its own; nil where it is good
// for nothing, or is not the client's.
func (s *Service) Introspect(ctx context.Context, client *community.Client, token string) (_ *Token, err error) {
	defer fault.Wrap(&err, "clients.Introspect(%d)", client.ID)
	a, about, err := s.find(ctx, client, token)
	if err == nil {
		about.Person, err = s.person(ctx, a.AccountID)
	}
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return about, nil
}

// person is whose an account is, NotFound when they are gone.
func (s *Service) person(ctx context.Context, id community.AccountID) (*community.Actor, error) {
	account, err := s.DB.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	actor, err := s.DB.Actor(ctx, account.ActorID)
	if err == nil && actor.Gone() {
		err = fault.New(fault.NotFound, "deleted")
	}
	return actor, err
}
