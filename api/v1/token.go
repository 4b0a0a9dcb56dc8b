package v1

import (
	"context"
	"time"

	"drystone/community"
)

// A Token lets a program act for the caller. Its secret is told once.
type Token struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name" doc:"What it is for." example:"backup script"`
	Token      string     `json:"token,omitempty" doc:"The secret: only in the answer to the call that made it."`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
}

func tokenOf(s *community.Session) Token {
	return Token{ID: int64(s.ID), Name: s.Name, CreatedAt: instant(s.CreatedAt), LastUsedAt: maybe(s.LastUsedAt)}
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
	Name string `json:"name" example:"backup script"`
}

func (a *API) createToken(ctx context.Context, c *Caller, req *createTokenRequest) (Token, error) {
	secret, session, err := a.Accounts.CreateToken(ctx, c.Who, req.Body.Name)
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
