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

// Credentials are how a client says who it is.
type Credentials struct {
	Key    string
	Secret string
}

// Tokens are what a client gets.
type Tokens struct {
	Access  string
	Refresh string
	Scopes  community.Scopes
	Life    time.Duration // the access token's
}

// Client returns who shows these credentials. A client that has a secret must
// show it, and one that has none must show none. Anything else is a Refusal
// in the same words.
func (s *Service) Client(ctx context.Context, shown Credentials) (_ *community.Client, err error) {
	defer fault.Wrap(&err, "clients.Client(%.60s)", shown.Key)
	unknown := refuse(InvalidClient, "The client is not known here, or its secret is wrong.")
	client, err := s.DB.ClientByKey(ctx, shown.Key)
	if fault.Is(err, fault.NotFound) {
		return nil, unknown
	}
	if err != nil {
		return nil, err
	}
	if !client.Confidential() && shown.Secret == "" {
		return client, nil
	}
	if subtle.ConstantTimeCompare(client.SecretHash, community.HashSecret(shown.Secret)) != 1 {
		return nil, unknown
	}
	return client, nil
}

// Exchange gives a client tokens for a code. A code has one chance: whatever
// is wrong ends it, and whoever shows it again ends all that came of it.
func (s *Service) Exchange(ctx context.Context, client *community.Client, code, verifier, redirect string) (_ *Tokens, err error) {
	defer fault.Wrap(&err, "clients.Exchange(%d)", client.ID)
	var tokens *Tokens
	var refusal *Refusal
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		tokens, refusal = nil, nil
		a, err := tx.HoldByCode(ctx, community.HashSecret(code))
		if fault.Is(err, fault.NotFound) {
			refusal = refuse(InvalidGrant, "The code is not known here, or not any more.")
			return nil
		}
		if err != nil {
			return err
		}
		if refusal = s.wrongCode(a, client, verifier, redirect); refusal != nil {
			return tx.DeleteAuthorization(ctx, a.ID)
		}
		a.RedeemedAt = s.now()
		tokens, err = s.issue(ctx, tx, a, client, community.NewSecret(refreshPrefix), a.Scopes)
		return err
	})
	if err == nil && refusal != nil {
		return nil, refusal
	}
	return tokens, err
}

// wrongCode says why a client gets nothing for a code.
func (s *Service) wrongCode(a *storage.Allowed, client *community.Client, verifier, redirect string) *Refusal {
	switch {
	case !a.RedeemedAt.IsZero():
		return refuse(InvalidGrant, "The code was used before, so somebody else may have it. All that came of it was revoked.")
	case a.Expired(s.now()):
		return refuse(InvalidGrant, "The code is too old.")
	case a.ClientID != client.ID:
		return refuse(InvalidGrant, "The code is another client's.")
	case redirect != "" && redirect != a.Redirect:
		return refuse(InvalidGrant, "redirect_uri: it is not the one that the code was sent to.")
	case !a.Answers(verifier):
		return refuse(InvalidGrant, "code_verifier: it does not fit the code_challenge.")
	}
	return nil
}

// Refresh gives a client new tokens for a refresh token, which is then used
// up. scope narrows what the access token is for; empty, it is all that was
// agreed to. A refresh token that was used before is in two hands: everything
// that came of that sign-in ends.
func (s *Service) Refresh(ctx context.Context, client *community.Client, token, scope string) (_ *Tokens, err error) {
	defer fault.Wrap(&err, "clients.Refresh(%d)", client.ID)
	var tokens *Tokens
	var refusal *Refusal
	family, last, _ := strings.Cut(token, ".")
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		tokens, refusal = nil, nil
		a, err := tx.HoldByFamily(ctx, community.HashSecret(family))
		if fault.Is(err, fault.NotFound) {
			refusal = refuse(InvalidGrant, "The refresh token is not known here, or not any more.")
			return nil
		}
		if err != nil {
			return err
		}
		if refusal = s.wrongRefresh(a, client, last); refusal != nil {
			return tx.DeleteAuthorization(ctx, a.ID)
		}
		var scopes community.Scopes
		if scopes, refusal = narrowed(a.Scopes, scope); scopes == "" {
			return nil
		}
		tokens, err = s.issue(ctx, tx, a, client, family, scopes)
		return err
	})
	if err == nil && refusal != nil {
		return nil, refusal
	}
	return tokens, err
}

// wrongRefresh says why a client gets nothing for a refresh token that ends
// with last.
func (s *Service) wrongRefresh(a *storage.Allowed, client *community.Client, last string) *Refusal {
	switch {
	case subtle.ConstantTimeCompare(a.RefreshHash, community.HashSecret(last)) != 1:
		return refuse(InvalidGrant, "The refresh token was used before, so somebody else may have it. All that came of it was revoked.")
	case a.ClientID != client.ID:
		return refuse(InvalidGrant, "The refresh token is another client's.")
	case a.Expired(s.now()):
		return refuse(InvalidGrant, "The refresh token was not used for too long.")
	}
	return nil
}

// narrowed is what a client asks for of what it has.
func narrowed(has community.Scopes, scope string) (community.Scopes, *Refusal) {
	if scope == "" {
		return has, nil
	}
	scopes, err := community.ParseScopes(scope)
	if err != nil {
		return "", refuse(InvalidScope, "scope: "+said(err))
	}
	if !has.Cover(scopes) {
		return "", refuse(InvalidScope, "scope: nobody agreed to so much.")
	}
	return scopes, nil
}

// issue makes an access token and the next refresh token of a family.
func (s *Service) issue(ctx context.Context, tx *storage.DB, a *storage.Allowed, client *community.Client, family string, scopes community.Scopes) (*Tokens, error) {
	now := s.now()
	last, access := community.NewSecret(""), community.NewSecret(community.AccessPrefix)
	a.FamilyHash, a.RefreshHash, a.ExpiresAt = community.HashSecret(family), community.HashSecret(last), now.Add(community.RefreshLife)
	if err := tx.SaveAuthorization(ctx, &a.Authorization); err != nil {
		return nil, err
	}
	err := tx.AddSession(ctx, &community.Session{
		AccountID: a.AccountID, Kind: community.ClientSession, Name: client.Name, Hash: community.HashSecret(access),
		CreatedAt: now, ExpiresAt: now.Add(community.AccessLife), Scopes: scopes, AuthorizationID: a.ID,
	})
	if err != nil {
		return nil, err
	}
	return &Tokens{Access: access, Refresh: family + "." + last, Scopes: scopes, Life: community.AccessLife}, tx.TouchPermit(ctx, a.ID, now)
}
