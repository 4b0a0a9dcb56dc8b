package v1

import (
	"context"
	"strings"
	"time"

	"drystone/community"
	"drystone/service/accounts"
)

// A Token lets a program act for the caller. Its secret is told once. It is an
// app password at the same time: programs that know only names and passwords
// send it as the password.
type Token struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name" doc:"What it is for." example:"backup script"`
	Scopes     []string   `json:"scopes" nullable:"false" doc:"What it may do." example:"[\"read\"]"`
	Token      string     `json:"token,omitempty" doc:"The secret: only in the answer to the call that made it."`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	ExpiresAt  *time.Time `json:"expires_at" doc:"When it ends by itself; null: when it is revoked."`
}

func tokenOf(s *community.Session) Token {
	return Token{ID: int64(s.ID), Name: s.Name, Scopes: strings.Fields(string(s.Scopes)), CreatedAt: instant(s.CreatedAt), LastUsedAt: maybe(s.LastUsedAt), ExpiresAt: maybe(s.ExpiresAt)}
}

func (a *API) tokens(ctx context.Context, c *Caller, _ *None) (List[Token], error) {
	rows, err := a.Accounts.Sessions(ctx, c.Who, community.TokenSession)
	return listOf(rows, "", tokenOf), err
}

type createTokenRequest struct {
	Body TokenDraft
}

// TokenDraft names a new token.
type TokenDraft struct {
	Name      string    `json:"name" example:"backup script"`
	ExpiresAt time.Time `json:"expires_at,omitzero" doc:"When it is to end by itself; left out: when it is revoked."`
	Scopes    []string  `json:"scopes,omitempty" enum:"read,write,messages,moderate,administer,account" doc:"What it may do; all that the caller may, where this is left out. A token makes none that may do more than itself."`
}

func (a *API) createToken(ctx context.Context, c *Caller, req *createTokenRequest) (Token, error) {
	scopes := c.Who.Session.Powers()
	if req.Body.Scopes != nil {
		var err error
		if scopes, err = community.ScopesOf(req.Body.Scopes); err != nil {
			return Token{}, err
		}
	}
	secret, session, err := a.Accounts.CreateToken(ctx, c.Who, accounts.TokenDraft{Name: req.Body.Name, Scopes: scopes, Expires: req.Body.ExpiresAt})
	if err != nil {
		return Token{}, err
	}
	token := tokenOf(session)
	token.Token = secret
	return token, nil
}

func (a *API) endToken(ctx context.Context, c *Caller, req *sessionRequest) error {
	return a.Accounts.EndSession(ctx, c.Who, community.SessionID(req.ID))
}
